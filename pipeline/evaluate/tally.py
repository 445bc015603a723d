"""Counting right and wrong decisions per sentence, so that every figure and its interval come from one table.

A unit is a gold sentence with the predicted sentence that answers to it, or a predicted sentence that answers to
none. Gold that nothing matched counts as missed, in every layer.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.match import match_intervals
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import Document, ScoredSentence, ScoredSpan, Sentence, Span

Counts = NDArray[np.int64]

BLOCKS = {
    "events": EVENT_TYPES,
    "responsibility": RESPONSIBILITY,
    "attribution_source": SOURCES,
    "spans_exact": ROLES,
    "spans_overlap": ROLES,
    "segmentation": ("sentence",),
}
"""Keys of each block of counts."""

EXACT_BLOCKS = ("events", "responsibility")
"""Blocks of label sets, for which whole sets are compared too."""


class Tally(msgspec.Struct, frozen=True):
    """Counts of a set of documents.

    ``counts``: per block, units by key by (true positive, false positive, false negative). Shape: [U, keys, 3].
    ``exact``: per label set, 1 where the whole set of a gold sentence is right. Shape: [U].
    ``is_gold``: 1 where the unit has a gold sentence. Shape: [U]. ``document``: index of its document. Shape: [U].
    """

    counts: dict[str, Counts]
    exact: dict[str, Counts]
    is_gold: Counts
    document: Counts


def tally(gold: Sequence[Document], predicted: Sequence[Sequence[ScoredSentence]]) -> Tally:
    """Count over documents.

    Args:
        gold: Annotated documents.
        predicted: Predicted sentences of each, in the same order; empty for a document that gave no result.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold documents but {len(predicted)} predictions")
    parts = [_tally_document(document, found) for document, found in zip(gold, predicted, strict=True)]
    return Tally(
        counts={name: np.concatenate([part.counts[name] for part in parts]) for name in BLOCKS},
        exact={name: np.concatenate([part.exact[name] for part in parts]) for name in EXACT_BLOCKS},
        is_gold=np.concatenate([part.is_gold for part in parts]),
        document=np.concatenate([np.full(len(part.is_gold), index) for index, part in enumerate(parts)]),
    )


def _tally_document(gold: Document, predicted: Sequence[ScoredSentence]) -> Tally:
    pairs = match_intervals([(s.start, s.end) for s in gold.sentences], [(s.start, s.end) for s in predicted])
    answer = dict(pairs)
    spare = sorted(set(range(len(predicted))) - set(answer.values()))
    units = len(gold.sentences) + len(spare)
    counts = {name: np.zeros((units, len(keys), 3), dtype=np.int64) for name, keys in BLOCKS.items()}
    exact = {name: np.zeros(units, dtype=np.int64) for name in EXACT_BLOCKS}
    unit_of_prediction = {found: unit for unit, found in pairs}
    for unit, sentence in enumerate(gold.sentences):
        found = predicted[answer[unit]] if unit in answer else None
        _count_labels(counts, exact, unit, sentence, found)
    for unit, index in enumerate(spare, start=len(gold.sentences)):
        unit_of_prediction[index] = unit
        _count_labels(counts, exact, unit, None, predicted[index])
    _count_spans(counts, gold.sentences, predicted, unit_of_prediction)
    is_gold = np.arange(units) < len(gold.sentences)
    return Tally(counts, exact, is_gold.astype(np.int64), np.zeros(units, dtype=np.int64))


def _count_labels(
    counts: dict[str, Counts],
    exact: dict[str, Counts],
    unit: int,
    gold: Sentence | None,
    found: ScoredSentence | None,
) -> None:
    layers = {
        "events": (gold.events if gold else (), found.events if found else ()),
        "responsibility": (gold.responsibility if gold else (), found.responsibility if found else ()),
        "attribution_source": ((gold.source,) if gold else (), (found.attribution_source,) if found and gold else ()),
        "segmentation": (
            ("sentence",) if gold else (),
            ("sentence",) if found and (gold is None or (gold.start, gold.end) == (found.start, found.end)) else (),
        ),
    }
    for name, (wanted, given) in layers.items():
        for column, key in enumerate(BLOCKS[name]):
            counts[name][unit, column] = _outcome(key in wanted, key in given)
    for name in EXACT_BLOCKS:
        wanted, given = layers[name]
        exact[name][unit] = gold is not None and found is not None and set(wanted) == set(given)
    if gold is not None and found is not None and (gold.start, gold.end) != (found.start, found.end):
        counts["segmentation"][unit, 0, 1] = 1


def _outcome(wanted: bool, given: bool) -> tuple[int, int, int]:
    return int(wanted and given), int(given and not wanted), int(wanted and not given)


def _count_spans(
    counts: dict[str, Counts],
    gold: Sequence[Sentence],
    predicted: Sequence[ScoredSentence],
    unit_of_prediction: dict[int, int],
) -> None:
    for column, role in enumerate(ROLES):
        wanted = [(unit, span) for unit, s in enumerate(gold) for span in s.spans if span.role == role]
        given = [
            (unit_of_prediction[index], span)
            for index, s in enumerate(predicted)
            for span in s.spans
            if span.role == role
        ]
        exact = _match_exact([span for _, span in wanted], [span for _, span in given])
        overlap = match_intervals([(s.start, s.end) for _, s in wanted], [(s.start, s.end) for _, s in given])
        for name, matches in (("spans_exact", exact), ("spans_overlap", overlap)):
            hit, used = {row for row, _ in matches}, {index for _, index in matches}
            for row, (unit, _) in enumerate(wanted):
                counts[name][unit, column, 0 if row in hit else 2] += 1
            for index, (unit, _) in enumerate(given):
                counts[name][unit, column, 1] += index not in used


def _match_exact(wanted: Sequence[Span], given: Sequence[ScoredSpan]) -> list[tuple[int, int]]:
    places = {(span.start, span.end): index for index, span in enumerate(given)}
    return [
        (row, places[(span.start, span.end)]) for row, span in enumerate(wanted) if (span.start, span.end) in places
    ]
