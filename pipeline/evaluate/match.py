"""Which predicted thing answers to which annotated one, by the text they share."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pipeline.schema import Document, ScoredSentence, Sentence

Interval = tuple[int, int]
Pair = tuple[Sentence, ScoredSentence | None]


def overlap_lengths(first: Sequence[Interval], second: Sequence[Interval]) -> NDArray[np.int64]:
    """Characters that each pair of intervals shares. Shape: [first, second]."""
    a = np.array(first, dtype=np.int64).reshape(-1, 2)
    b = np.array(second, dtype=np.int64).reshape(-1, 2)
    shared = np.minimum(a[:, None, 1], b[None, :, 1]) - np.maximum(a[:, None, 0], b[None, :, 0])
    return np.maximum(shared, 0)


def match_by_weight(weights: NDArray) -> list[tuple[int, int]]:
    """One-to-one pairs with the greatest sum of weights; pairs of weight 0 are no pairs.

    Args:
        weights: Shape: [rows, columns].

    Returns:
        (row, column) pairs ordered by row.
    """
    rows, columns = linear_sum_assignment(weights, maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if weights[row, column] > 0]


def match_intervals(gold: Sequence[Interval], predicted: Sequence[Interval]) -> list[tuple[int, int]]:
    """One-to-one pairs (gold index, predicted index) with the most characters shared."""
    return match_by_weight(overlap_lengths(gold, predicted))


def answered(gold: Sequence[Document], predicted: Sequence[Sequence[ScoredSentence]]) -> list[Pair]:
    """Every annotated sentence with the predicted one that answers to it, None where none does.

    Args:
        gold: Annotated documents.
        predicted: Predicted sentences of each document, in the same order.
    """
    pairs: list[Pair] = []
    for document, found in zip(gold, predicted, strict=True):
        spans = [[(s.start, s.end) for s in side] for side in (document.sentences, found)]
        answers = dict(match_intervals(*spans))
        pairs += [
            (sentence, found[answers[index]] if index in answers else None)
            for index, sentence in enumerate(document.sentences)
        ]
    return pairs
