"""What is learned from: annotated documents as they are read, and the mentions with the records that they tell."""

from collections.abc import Sequence
from random import Random
from typing import Final

import msgspec

from pipeline.incidents.linking import mentions_by_type
from pipeline.incidents.mentions import Facts, read_facts
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.schema import Document, DocumentResult, Incident, ScoredSentence, ScoredSpan, Sentence

LONGEST_OPENING: Final = 4
"""Sentences that ``opening`` keeps, at most."""


class Reading(msgspec.Struct, frozen=True):
    """An annotated document, and its sentences as somebody or something read them, one for each annotated one."""

    document: Document
    sentences: tuple[ScoredSentence, ...]


class Told(msgspec.Struct, frozen=True):
    """All mentions of one type in a reading (sentence indexes, ascending), and the annotated records of that type."""

    family: str
    facts: list[Facts]
    kind: str
    indexes: list[int]
    records: tuple[Incident, ...]

    def owners(self) -> list[frozenset[int]]:
        """For each mention, which of the records it tells."""
        return [frozenset(n for n, record in enumerate(self.records) if i in record.sentences) for i in self.indexes]


def cases(reading: Reading) -> list[Told]:
    """The incident types that the sentences of a document mention, as they were read."""
    document = reading.document
    facts = read_facts(document.text, document.published, reading.sentences)
    return [
        Told(
            document.family or document.id,
            facts,
            kind,
            indexes,
            tuple(record for record in document.incidents if record.type == kind),
        )
        for kind, indexes in mentions_by_type(reading.sentences).items()
    ]


def annotated(document: Document) -> Reading:
    """The document read without a mistake."""
    return Reading(document, as_scored(document.sentences))


def opening(reading: Reading) -> Reading:
    """The first sentences of the document, as many as its id alone says, with what they tell of the records.

    Reports of the corpus are of some length; what users bring may be a line from a wire.
    """
    document = reading.document
    kept = Random(document.id).randint(1, LONGEST_OPENING)
    told = (
        msgspec.structs.replace(incident, sentences=tuple(index for index in incident.sentences if index < kept))
        for incident in document.incidents
    )
    sentences = document.sentences[:kept]
    shortened = msgspec.structs.replace(
        document,
        text=document.text[: sentences[-1].end if sentences else 0],
        sentences=sentences,
        incidents=tuple(incident for incident in told if incident.sentences),
    )
    return Reading(shortened, reading.sentences[:kept])


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
