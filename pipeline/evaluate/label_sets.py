"""Figures of texts whose labels are sets of keys, whatever the label set; a single label is a set of one.

All ratios are 0 to 1. The bootstrap draws groups (documents, or texts that occur several times) with replacement, all
units of a group together, because the units of one document are not independent.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.intervals import Resampler
from pipeline.evaluate.metrics import Floats, macro_f1, micro_f1, per_key, rounded

FIGURES = ("micro_f1", "macro_f1", "accuracy", "example_f1")
"""Names of the figures that `label_figures` and `mean_figures` give."""

_SUMS = 4
"""Columns beside the counts: rows, rows that are right as a set, rows with any label, their sum of example F1."""


def label_figures(
    gold: Sequence[Collection[str]],
    predicted: Sequence[Collection[str]],
    keys: Sequence[str],
    groups: Sequence[str],
    resamples: int,
    seed: int,
    macro_keys: Sequence[str] | None = None,
) -> dict[str, Any]:
    """All figures of one prediction.

    Args:
        gold: The right labels of each row.
        predicted: The labels given to each row, in the same order.
        keys: The label set.
        groups: What each row belongs to, for example its document.
        resamples: Bootstrap resamples of the groups.
        seed: Of the bootstrap.
        macro_keys: The macro average is over those of these keys that gold has; default all keys.

    Returns:
        ``micro_f1``, ``macro_f1``, ``accuracy`` (the whole set is right), ``example_f1`` (mean F1 of the rows' sets;
        rows without any gold or predicted label left out), ``ci95`` with [low, high] of each, and ``per_label``.

    Raises:
        ValueError: At rows that do not pair up, or at a label that is no key.
    """
    units, macro = _group_sums([predicted], gold, keys, groups), _columns(keys, macro_keys)
    resampler = Resampler(np.zeros(len(units), dtype=np.int64), resamples, seed)
    figures, drawn = _figures(units.sum(0), macro), _figures(resampler.sums(units), macro)
    return {
        **{name: rounded(figures[name][0]) for name in FIGURES},
        "ci95": {name: resampler.interval(drawn[name][:, 0]) for name in FIGURES},
        "per_label": per_key(units.sum(0)[0, :-_SUMS].reshape(-1, 3), keys),
    }


def mean_figures(
    gold: Sequence[Collection[str]],
    runs: Sequence[Sequence[Collection[str]]],
    keys: Sequence[str],
    groups: Sequence[str],
    resamples: int,
    seed: int,
    macro_keys: Sequence[str] | None = None,
) -> dict[str, dict[str, Any]]:
    """Each figure over several predictions of the same rows, as of training with several seeds.

    Args:
        gold: As for `label_figures`.
        runs: The predictions of each run.
        keys: As for `label_figures`, like all that follows.
        groups: What each row belongs to.
        resamples: Bootstrap resamples of the groups.
        seed: Of the bootstrap.
        macro_keys: Keys of the macro average.

    Returns:
        For each figure ``mean``, ``low`` and ``high`` over the runs, and ``ci95`` of the mean: the same groups are
        drawn for all runs.

    Raises:
        ValueError: As for `label_figures`, or without a run.
    """
    if not runs:
        raise ValueError("no run to average")
    units, macro = _group_sums(runs, gold, keys, groups), _columns(keys, macro_keys)
    resampler = Resampler(np.zeros(len(units), dtype=np.int64), resamples, seed)
    figures, drawn = _figures(units.sum(0), macro), _figures(resampler.sums(units), macro)
    return {
        name: {
            "mean": rounded(figures[name].mean()),
            "low": rounded(figures[name].min()),
            "high": rounded(figures[name].max()),
            "ci95": resampler.interval(drawn[name].mean(-1)),
        }
        for name in FIGURES
    }


def matrix_figures(
    right: NDArray[np.int64], given: NDArray[np.int64], macro_columns: Sequence[int] | None = None
) -> dict[str, float]:
    """The figures alone, not rounded: quick enough to choose thresholds by. Shapes: [rows, keys]."""
    macro = range(right.shape[1]) if macro_columns is None else macro_columns
    return {name: float(figure) for name, figure in _figures(_row_sums(right, given).sum(0), list(macro)).items()}


def multi_hot(labels: Sequence[Collection[str]], keys: Sequence[str]) -> NDArray[np.int64]:
    """Which row has which key. Shape: [rows, keys].

    Raises:
        ValueError: At a label that is no key.
    """
    column = {key: index for index, key in enumerate(keys)}
    found = np.zeros((len(labels), len(keys)), dtype=np.int64)
    for index, row in enumerate(labels):
        for label in row:
            if label not in column:
                raise ValueError(f"row {index} has the label {label!r}; expected one of {', '.join(keys)}")
            found[index, column[label]] = 1
    return found


def _group_sums(
    runs: Sequence[Sequence[Collection[str]]],
    gold: Sequence[Collection[str]],
    keys: Sequence[str],
    groups: Sequence[str],
) -> Floats:
    """What the figures need, added up within groups. Shape: [groups, runs, 3 · keys + 4]."""
    for others in (*runs, groups):
        if len(others) != len(gold):
            raise ValueError(f"{len(gold)} gold rows, but {len(others)} predictions or groups")
    right = multi_hot(gold, keys)
    rows = np.stack([_row_sums(right, multi_hot(run, keys)) for run in runs], axis=1)
    _, place = np.unique(np.asarray(list(groups), dtype=str), return_inverse=True)
    sums = np.zeros((place.max(initial=-1) + 1, *rows.shape[1:]))
    np.add.at(sums, place, rows)
    return sums


def _row_sums(right: NDArray[np.int64], given: NDArray[np.int64]) -> Floats:
    """Counts (true positive, false positive, false negative) by key, then `_SUMS`. Shape: [rows, 3 · keys + 4]."""
    hit = right * given
    counts = np.stack([hit, given - hit, right - hit], axis=-1)
    size = (right + given).sum(-1)
    f1 = np.divide(2 * hit.sum(-1), size, out=np.zeros(len(size)), where=size > 0)
    others = np.stack([np.ones(len(size)), (right == given).all(-1), size > 0, f1], axis=-1)
    return np.concatenate([counts.reshape(len(size), 3 * right.shape[1]), others], axis=-1)


def _figures(sums: Floats, macro: Sequence[int]) -> dict[str, Floats]:
    """The figures of summed columns. Shapes: [..., 3 · keys + 4] to [...]."""
    counts = sums[..., :-_SUMS].reshape(*sums.shape[:-1], -1, 3)
    rows, exact, labelled, example = (sums[..., column] for column in range(-_SUMS, 0))
    return {
        "micro_f1": micro_f1(counts),
        "macro_f1": macro_f1(counts[..., macro, :]),
        "accuracy": exact / np.maximum(rows, 1),
        "example_f1": example / np.maximum(labelled, 1),
    }


def _columns(keys: Sequence[str], macro_keys: Sequence[str] | None) -> list[int]:
    return [keys.index(key) for key in (keys if macro_keys is None else macro_keys)]
