"""Counts over documents: what the corpus holds, by split and key."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import Document
from pipeline.text.sentences import split_sentences


def count_documents(documents: Sequence[Document]) -> dict[str, Any]:
    """Sizes and label counts of a set of documents; counts are of sentences, spans of spans."""
    sentences = [sentence for document in documents for sentence in document.sentences]
    events = Counter(key for sentence in sentences for key in sentence.events)
    responsibility = Counter(key for sentence in sentences for key in sentence.responsibility)
    sources = Counter(sentence.source for sentence in sentences)
    roles = Counter(span.role for sentence in sentences for span in sentence.spans)
    return {
        "documents": len(documents),
        "families": len({document.family or document.id for document in documents}),
        "sentences": len(sentences),
        "words": sum(len(document.text.split()) for document in documents),
        "incidents": sum(len(document.incidents) for document in documents),
        "without_events": sum(not any(s.events for s in document.sentences) for document in documents),
        "events": {key: events[key] for key in EVENT_TYPES},
        "responsibility": {key: responsibility[key] for key in RESPONSIBILITY},
        "sources": {key: sources[key] for key in SOURCES},
        "roles": {key: roles[key] for key in ROLES},
        "styles": dict(sorted(Counter(document.style for document in documents if document.style).items())),
    }


def segmentation_f1(documents: Sequence[Document]) -> float:
    """F1 of the sentence splitter against the annotated sentences, both ends exact."""
    wanted = {(d.id, s.start, s.end) for d in documents for s in d.sentences}
    given = {(d.id, start, end) for d in documents for start, end in split_sentences(d.text)}
    return round(2 * len(wanted & given) / max(1, len(wanted) + len(given)), 4)
