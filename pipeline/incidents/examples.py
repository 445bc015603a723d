"""What the linker learns from: the mentions of annotated documents with the records that they belong to."""

from collections.abc import Sequence
from random import Random
from typing import Final

import msgspec

from pipeline.incidents.linking import mentions_by_type
from pipeline.incidents.mentions import Facts, read_facts
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.schema import Document, DocumentResult, Incident, ScoredSentence, ScoredSpan, Sentence

LOST_EVENTS: Final = 0.15
LOST_RESPONSIBILITY: Final = 0.25
LOST_SPANS: Final = 0.3
"""Shares of labels and spans that ``blurred`` leaves out, near what a sentence model misses on unseen reports."""

LONGEST_OPENING: Final = 4
"""Sentences that ``opening`` keeps, at most."""


class Told(msgspec.Struct, frozen=True):
    """All mentions of one type in a document (sentence indexes, ascending), and the annotated records of that type."""

    family: str
    facts: list[Facts]
    kind: str
    indexes: list[int]
    records: tuple[Incident, ...]

    def owners(self) -> list[frozenset[int]]:
        """For each mention, which of the records it tells."""
        return [frozenset(n for n, record in enumerate(self.records) if i in record.sentences) for i in self.indexes]


def cases(document: Document) -> list[Told]:
    """The incident types that an annotated document mentions."""
    facts = read_facts(document.text, document.published, as_scored(document.sentences))
    return [
        Told(
            document.family or document.id,
            facts,
            kind,
            indexes,
            tuple(record for record in document.incidents if record.type == kind),
        )
        for kind, indexes in mentions_by_type([fact.sentence for fact in facts]).items()
    ]


def blurred(document: Document) -> Document:
    """The document as a sentence model might see it: labels and spans left out at random, by its id alone."""
    random = Random(document.id)

    def kept(values: Sequence, lost: float) -> tuple:
        return tuple(value for value in values if random.random() >= lost)

    return msgspec.structs.replace(
        document,
        sentences=tuple(
            msgspec.structs.replace(
                sentence,
                events=kept(sentence.events, LOST_EVENTS),
                responsibility=kept(sentence.responsibility, LOST_RESPONSIBILITY),
                spans=kept(sentence.spans, LOST_SPANS),
            )
            for sentence in document.sentences
        ),
    )


def opening(document: Document) -> Document:
    """The first sentences of the document, as many as its id alone says, with what they tell of the records.

    Reports of the corpus are of some length; what users bring may be a line from a wire.
    """
    kept = Random(document.id).randint(1, LONGEST_OPENING)
    told = (
        msgspec.structs.replace(incident, sentences=tuple(index for index in incident.sentences if index < kept))
        for incident in document.incidents
    )
    sentences = document.sentences[:kept]
    return msgspec.structs.replace(
        document,
        text=document.text[: sentences[-1].end if sentences else 0],
        sentences=sentences,
        incidents=tuple(incident for incident in told if incident.sentences),
    )


def as_scored(sentences: Sequence[Sentence]) -> tuple[ScoredSentence, ...]:
    """Annotated sentences as a sentence model without a doubt would give them."""
    return tuple(
        ScoredSentence(
            start=sentence.start,
            end=sentence.end,
            events=sentence.events,
            event_scores={key: float(key in sentence.events) for key in EVENT_TYPES},
            responsibility=sentence.responsibility,
            responsibility_scores={key: float(key in sentence.responsibility) for key in RESPONSIBILITY},
            attribution_source=sentence.source,
            attribution_source_scores={key: float(key == sentence.source) for key in SOURCES},
            spans=tuple(ScoredSpan(span.role, span.start, span.end, 1.0) for span in sentence.spans),
        )
        for sentence in sentences
    )


def as_result(document: Document, incidents: tuple[Incident, ...]) -> DocumentResult:
    """What extraction would give of a document with these records, and sentences as annotated."""
    return DocumentResult(
        id=document.id,
        published=document.published,
        source=document.source,
        title=document.title,
        text_sha256="",
        sentences=as_scored(document.sentences),
        incidents=incidents,
        warnings=(),
    )
