"""Runs made up from annotated reports: predictions that are right but for the errors that a test asks for."""

import hashlib
from collections.abc import Sequence

import msgspec
import numpy as np

from pipeline.corpus.format import read_report
from pipeline.labels import EVENT_TYPES, LABELS, RESPONSIBILITY, SOURCES
from pipeline.schema import Document, DocumentResult, ScoredSentence, ScoredSpan, Sentence
from tests.conftest import ROOT
from tests.results import extracted


def read_reports(count: int) -> list[Document]:
    """The first annotated reports of ``dev``."""
    found = [read_report(path)[0] for path in sorted((ROOT / "data/corpus/dev").glob("*.txt"))[:count]]
    return [report.document for report in found if report is not None]


def perfect(sentence: Sentence) -> ScoredSentence:
    """What a flawless model gives for a sentence."""
    return ScoredSentence(
        sentence.start,
        sentence.end,
        sentence.events,
        {key: float(key in sentence.events) for key in LABELS.keys("events")},
        sentence.responsibility,
        {key: float(key in sentence.responsibility) for key in LABELS.keys("responsibility")},
        sentence.source,
        {key: float(key == sentence.source) for key in LABELS.keys("source")},
        tuple(ScoredSpan(span.role, span.start, span.end, 1.0) for span in sentence.spans),
    )


def faulty_run(documents: Sequence[Document], rate: float, seed: int) -> list[DocumentResult]:
    """Predictions with a share of the labels, spans and records wrong, and of the sentences cut in two."""
    generator = np.random.default_rng(seed)
    return [_faulty(document, rate, generator) for document in documents]


def without_labels(results: Sequence[DocumentResult]) -> list[DocumentResult]:
    """The same runs with every label, span and record gone."""
    return [
        msgspec.structs.replace(
            result,
            incidents=(),
            sentences=tuple(
                msgspec.structs.replace(s, events=(), responsibility=(), attribution_source="", spans=())
                for s in result.sentences
            ),
        )
        for result in results
    ]


def _faulty(document: Document, rate: float, generator: np.random.Generator) -> DocumentResult:
    sentences: list[ScoredSentence] = []
    index_of = []
    for sentence in document.sentences:
        found = perfect(sentence)
        if generator.random() < rate:
            found = msgspec.structs.replace(found, events=_toggled(found.events, EVENT_TYPES, generator))
        if generator.random() < rate:
            found = msgspec.structs.replace(
                found, responsibility=_toggled(found.responsibility, RESPONSIBILITY, generator)
            )
        if generator.random() < rate:
            found = msgspec.structs.replace(found, attribution_source=str(generator.choice(SOURCES)))
        found = msgspec.structs.replace(found, spans=tuple(s for s in found.spans if generator.random() >= rate))
        index_of.append(len(sentences))
        if generator.random() < rate / 4:
            middle = (found.start + found.end) // 2
            sentences.append(msgspec.structs.replace(found, end=middle))
            found = msgspec.structs.replace(found, start=middle, spans=())
        sentences.append(found)
    records = []
    for record in document.incidents:
        moved = tuple(index_of[index] for index in record.sentences)
        kind = "riot" if generator.random() < rate else record.type
        records.append(msgspec.structs.replace(record, sentences=moved, type=kind))
    digest = hashlib.sha256(document.text.encode()).hexdigest()
    return extracted(document.id, *records, text_sha256=digest, sentences=tuple(sentences))


def _toggled(keys: Sequence[str], choices: Sequence[str], generator: np.random.Generator) -> tuple[str, ...]:
    return tuple(sorted(set(keys) ^ {str(generator.choice(choices))}))
