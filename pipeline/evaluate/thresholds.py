"""Choosing the score from which on a key is given."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.extract.decide import Scores, Thresholds
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer

_GRID: Final = tuple(round(0.05 * step, 2) for step in range(4, 17))
_ROUNDS: Final = 3

DEPARTURE: Final = 0.02
"""What it must gain in micro-F1 that a key's threshold lies by one away from that of all keys.

A threshold of its own suits a rare key's few sentences on ``dev`` better than others: in cross-validation on ``dev``
thresholds that are free gain no more, and lose macro-F1.
"""

Answers = Sequence[Sequence[str] | None]
"""Keys of each unit, None where nobody annotated it."""


def choose_thresholds(scores: Sequence[DocumentScores], answers: Mapping[str, Answers], labels: LabelSet) -> Thresholds:
    """The thresholds that give the best micro-F1 over annotated articles.

    All keys of a layer have the same, but for a key whose own pays (``DEPARTURE``).

    Args:
        scores: Of ``dev`` articles.
        answers: Of all their units one after the other, by layer; None where it is not known.
        labels: Keys in the order of the scores.
    """
    return {
        layer.name: _best_thresholds(*known_answers(layer, scores, answers[layer.name]), layer.keys)
        for layer in labels.layers
        if layer.choice == "any"
    }


def known_answers(layer: Layer, scores: Sequence[DocumentScores], answers: Answers) -> tuple[Scores, NDArray[np.bool_]]:
    """Scores and truth of the units that are annotated. Shapes: [units, keys] both."""
    rows = [row for row, answer in enumerate(answers) if answer is not None]
    truth = np.array(
        [[key in answer for key in layer.keys] for answer in answers if answer is not None], dtype=np.bool_
    )
    given = np.concatenate(
        [np.empty((0, len(layer.keys)), dtype=np.float32), *(found.layers[layer.name] for found in scores)]
    )
    return given[rows], truth.reshape(-1, len(layer.keys))


def _best_thresholds(scores: Scores, truth: NDArray[np.bool_], keys: Sequence[str]) -> dict[str, float]:
    """Start from the best threshold for all keys, then move that of one key after the other while that pays."""
    given, right = (
        np.array([(side & (scores >= threshold)).sum(axis=0) for threshold in _GRID]) for side in (True, truth)
    )
    columns = np.arange(len(keys))

    def micro_f1(steps: NDArray[np.int64]) -> float:
        return float(2 * right[steps, columns].sum() / max(1, given[steps, columns].sum() + truth.sum()))

    every = [np.full(len(keys), step) for step in range(len(_GRID))]
    common = max(every, key=lambda steps: (micro_f1(steps), -abs(_GRID[steps[0]] - 0.5)))[0]

    def worth(steps: NDArray[np.int64]) -> float:
        return micro_f1(steps) - DEPARTURE * float(np.abs(np.take(_GRID, steps) - _GRID[common]).sum())

    best = every[common]
    for _ in range(_ROUNDS):
        for column in columns:
            moved = [np.where(columns == column, step, best) for step in range(len(_GRID))]
            best = max([best, *moved], key=worth)
    return {key: _GRID[step] for key, step in zip(keys, best.tolist(), strict=True)}
