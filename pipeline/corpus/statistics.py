"""Counts over documents: what the corpus holds, by split and key, against what it is meant to hold."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import Document
from pipeline.text.sentences import split_sentences

_REPORTS: Final = 1000
_SENTENCES_PER_LABEL: Final = 400
_SENTENCES_PER_SOURCE: Final = 500
_WITHOUT_LABELS: Final = 60
_SECOND_ANNOTATIONS: Final = 100


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


def coverage(documents: Sequence[Document], annotated_twice: int) -> dict[str, dict[str, float | str]]:
    """What ``data/corpus/AUTHORING.md`` asks of the corpus, and what is there.

    Args:
        documents: All reports.
        annotated_twice: Reports with a second, independent annotation.

    Returns:
        By requirement ``wanted`` and ``reached``; of keys the one with the fewest sentences counts and is named.
    """
    counts = count_documents(documents)
    families = Counter(document.family or document.id for document in documents)
    words = sorted(len(document.text.split()) for document in documents)
    quiet = sum(sum(bool(s.events) for s in document.sentences) <= 1 for document in documents)
    return {
        "reports": {"wanted": _REPORTS, "reached": len(documents)},
        "sentences_of_the_rarest_event_type": _rarest(counts["events"], _SENTENCES_PER_LABEL),
        "sentences_of_the_rarest_responsibility": _rarest(counts["responsibility"], _SENTENCES_PER_LABEL),
        "sentences_of_the_rarest_source": _rarest(counts["sources"], _SENTENCES_PER_SOURCE),
        "reports_with_nothing_or_one_label_in_passing": {"wanted": _WITHOUT_LABELS, "reached": quiet},
        "reports_annotated_twice": {"wanted": _SECOND_ANNOTATIONS, "reached": annotated_twice},
        "share_in_families": {
            "wanted": 0.5,
            "reached": _share(sum(n for n in families.values() if n > 1), len(documents)),
        },
        "share_without_publication_date": {
            "wanted": round(1 / 6, 3),
            "reached": _share(sum(document.published is None for document in documents), len(documents)),
        },
        "share_below_150_words": {"wanted": 0.1, "reached": _share(sum(n < 150 for n in words), len(words))},
        "share_above_600_words": {"wanted": 0.1, "reached": _share(sum(n > 600 for n in words), len(words))},
        "mean_words": {"wanted": 300, "reached": round(sum(words) / max(1, len(words)), 1)},
    }


def _rarest(counts: Mapping[str, int], wanted: int) -> dict[str, float | str]:
    key = min(counts, key=lambda key: counts[key])
    return {"wanted": wanted, "reached": counts[key], "key": key}


def _share(part: int, whole: int) -> float:
    return round(part / max(1, whole), 3)
