"""Choosing the score from which on a key is given."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.extract.decide import Scores, Thresholds
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer

_GRID: Final = tuple(round(0.05 * step, 2) for step in range(4, 17))
_ROUNDS: Final = 3
_HALF: Final = 0.5

Steps = NDArray[np.int64]
"""Where on the grid each key's threshold lies. Shape: [keys]."""

DEPARTURE: Final = 0.02
"""What the goal must gain that a key's threshold lies by one away from that of all keys.

A threshold of its own suits a rare key's few sentences on ``dev`` better than others: in cross-validation on ``dev``
thresholds that are free gain no more, and lose macro-F1.
"""

Answers = Sequence[Sequence[str] | Mapping[str, float] | None]
"""Keys of each unit; or probabilities of those keys that are known; or None where nobody annotated it."""

Goal = Literal["micro_f1", "macro_f1", "example_f1"]
"""What thresholds are to make best: F1 over all decisions, its mean over keys, or its mean over units with any key."""


class Known(NamedTuple):
    """Scores and truth of the units of which anything is annotated, and of which keys it is. Shapes: [units, keys]."""

    scores: Scores
    truth: NDArray[np.bool_]
    known: NDArray[np.bool_]


def choose_thresholds(
    scores: Sequence[DocumentScores],
    answers: Mapping[str, Answers],
    labels: LabelSet,
    goal: Goal = "micro_f1",
) -> Thresholds:
    """The thresholds that serve the goal best over annotated articles.

    All keys of a layer have the same, but for a key whose own pays (``DEPARTURE``).

    Args:
        scores: Of ``dev`` articles.
        answers: Of all their units one after the other, by layer; None where it is not known.
        labels: Keys in the order of the scores.
        goal: Of each layer.
    """
    return {
        layer.name: _best_thresholds(known_answers(layer, scores, answers[layer.name]), layer.keys, goal)
        for layer in labels.layers
        if layer.choice == "any"
    }


def known_answers(layer: Layer, scores: Sequence[DocumentScores], answers: Answers) -> Known:
    """What is annotated of a layer; a key whose probability is one half or more is true."""
    rows = [row for row, answer in enumerate(answers) if answer is not None]
    found = [answer for answer in answers if answer is not None]
    truth = [[_is_true(answer, key) for key in layer.keys] for answer in found]
    known = [[not isinstance(answer, Mapping) or key in answer for key in layer.keys] for answer in found]
    given = np.concatenate(
        [np.empty((0, len(layer.keys)), dtype=np.float32), *(each.layers[layer.name] for each in scores)]
    )
    shape = (len(rows), len(layer.keys))
    return Known(
        given[rows], np.array(truth, dtype=np.bool_).reshape(shape), np.array(known, dtype=np.bool_).reshape(shape)
    )


def _is_true(answer: Sequence[str] | Mapping[str, float], key: str) -> bool:
    return answer.get(key, 0.0) >= _HALF if isinstance(answer, Mapping) else key in answer


def _best_thresholds(found: Known, keys: Sequence[str], goal: Goal) -> dict[str, float]:
    """Start from the best threshold for all keys, then move that of one key after the other while that pays."""
    reached = _example_f1(found) if goal == "example_f1" else _counted_f1(found, goal)
    columns = np.arange(len(keys))
    every = [np.full(len(keys), step) for step in range(len(_GRID))]
    common = max(every, key=lambda steps: (reached(steps), -abs(_GRID[steps[0]] - _HALF)))[0]

    def worth(steps: Steps) -> float:
        return reached(steps) - DEPARTURE * float(np.abs(np.take(_GRID, steps) - _GRID[common]).sum())

    best = every[common]
    for _ in range(_ROUNDS):
        for column in columns:
            moved = [np.where(columns == column, step, best) for step in range(len(_GRID))]
            best = max([best, *moved], key=worth)
    return {key: _GRID[step] for key, step in zip(keys, best.tolist(), strict=True)}


def _counted_f1(found: Known, goal: Goal) -> Callable[[Steps], float]:
    """Micro-F1 or macro-F1 of each key's step on the grid."""
    scores, truth, known = found
    given, right = (
        np.array([(side & (scores >= threshold)).sum(axis=0) for threshold in _GRID]) for side in (known, truth)
    )
    true, columns = truth.sum(axis=0), np.arange(truth.shape[1])

    def reached(steps: Steps) -> float:
        doubled, counted = 2 * right[steps, columns], given[steps, columns] + true
        if goal == "micro_f1":
            return float(doubled.sum() / max(1, counted.sum()))
        return float((doubled / np.maximum(1, counted)).mean())

    return reached


def _example_f1(found: Known) -> Callable[[Steps], float]:
    """Mean F1 of the units that have any key, or are given one."""
    scores, truth, known = found
    grid = np.array(_GRID)

    def reached(steps: Steps) -> float:
        given = known & (scores >= grid[steps])
        size = (given.sum(axis=1) + truth.sum(axis=1)).astype(np.float64)
        of = size > 0
        return float((2 * (given & truth).sum(axis=1)[of] / size[of]).mean()) if of.any() else 0.0

    return reached
