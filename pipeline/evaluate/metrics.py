"""Figures from counts, each headline figure with its bootstrap interval.

All ratios are 0 to 1. A macro average is over the keys that gold has. Every function takes counts with any
leading dimensions, so that one call serves the figure and all its resamples.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.intervals import Resampler
from pipeline.evaluate.tally import BLOCKS, Tally, tally
from pipeline.schema import Document, ScoredSentence

Floats = NDArray[np.float64]
_DIGITS = 4


def sentence_metrics(
    gold: Sequence[Document], predicted: Sequence[Sequence[ScoredSentence]], resamples: int, seed: int
) -> dict[str, Any]:
    """All figures on sentences and spans.

    Args:
        gold: Annotated documents.
        predicted: Predicted sentences of each document, in the same order.
        resamples: Bootstrap resamples of the sentences within their documents.
        seed: Of the bootstrap.

    Returns:
        The blocks ``events``, ``responsibility``, ``attribution_source``, ``spans`` and ``sentences``. ``ci95`` in
        a block maps a headline figure to its [low, high].
    """
    counted = tally(gold, predicted)
    resampler = Resampler(counted.document, resamples, seed)
    return {
        "events": _label_set_block(counted, "events", resampler),
        "responsibility": _label_set_block(counted, "responsibility", resampler),
        "attribution_source": _source_block(counted, resampler),
        "spans": _span_block(counted, resampler),
        "sentences": _block(
            {"segmentation_f1": lambda sums: micro_f1(sums["segmentation"])},
            {"segmentation": counted.counts["segmentation"]},
            resampler,
        ),
    }


def headline_score(gold: Sequence[Document], predicted: Sequence[Sequence[ScoredSentence]]) -> dict[str, float]:
    """The few figures that choose between models: no intervals, so that it is quick."""
    counted = tally(gold, predicted)
    sums = {name: counts.sum(0) for name, counts in counted.counts.items()}
    return {
        "events_micro_f1": float(micro_f1(sums["events"])),
        "events_macro_f1": float(macro_f1(sums["events"])),
        "responsibility_micro_f1": float(micro_f1(sums["responsibility"])),
        "responsibility_macro_f1": float(macro_f1(sums["responsibility"])),
        "source_accuracy": float(recall(sums["attribution_source"].sum(-2))),
        "spans_overlap_f1": float(micro_f1(sums["spans_overlap"])),
    }


def f1(counts: NDArray) -> Floats:
    """F1 of (true positive, false positive, false negative); 0 where there is nothing at all. Shape: [..., 3]."""
    return _ratio(2 * counts[..., 0], 2 * counts[..., 0] + counts[..., 1] + counts[..., 2])


def precision(counts: NDArray) -> Floats:
    """Share of what was given that is right. Shape: [..., 3]."""
    return _ratio(counts[..., 0], counts[..., 0] + counts[..., 1])


def recall(counts: NDArray) -> Floats:
    """Share of gold that was given. Shape: [..., 3]."""
    return _ratio(counts[..., 0], counts[..., 0] + counts[..., 2])


def micro_f1(counts: NDArray) -> Floats:
    """F1 over all keys together. Shape: [..., keys, 3]."""
    return f1(counts.sum(-2))


def macro_f1(counts: NDArray) -> Floats:
    """Mean of the F1 of those keys that gold has. Shape: [..., keys, 3]."""
    supported = (counts[..., 0] + counts[..., 2]) > 0
    return _ratio((f1(counts) * supported).sum(-1), supported.sum(-1))


def _ratio(part: NDArray, whole: NDArray) -> Floats:
    return np.divide(part, whole, out=np.zeros(np.shape(part), dtype=np.float64), where=np.asarray(whole) > 0)


def _block(
    figures: dict[str, Callable[[dict[str, NDArray]], Floats]], units: dict[str, NDArray], resampler: Resampler
) -> dict[str, Any]:
    """Evaluate figures on the sums over all units, and on those of every resample."""
    sums = {name: values.sum(0) for name, values in units.items()}
    resampled = {name: resampler.sums(values) for name, values in units.items()}
    return {
        **{name: rounded(figure(sums)) for name, figure in figures.items()},
        "ci95": {name: resampler.interval(figure(resampled)) for name, figure in figures.items()},
    }


def _label_set_block(counted: Tally, name: str, resampler: Resampler) -> dict[str, Any]:
    units = {name: counted.counts[name], "exact": counted.exact[name], "gold": counted.is_gold}
    block = _block(
        {
            "micro_f1": lambda sums: micro_f1(sums[name]),
            "macro_f1": lambda sums: macro_f1(sums[name]),
            "exact_match": lambda sums: _ratio(sums["exact"], sums["gold"]),
        },
        units,
        resampler,
    )
    return {**block, "per_label": per_key(counted.counts[name].sum(0), BLOCKS[name])}


def _source_block(counted: Tally, resampler: Resampler) -> dict[str, Any]:
    name = "attribution_source"
    block = _block(
        {
            "accuracy": lambda sums: recall(sums[name].sum(-2)),
            "macro_f1": lambda sums: macro_f1(sums[name]),
        },
        {name: counted.counts[name]},
        resampler,
    )
    return {**block, "per_label": per_key(counted.counts[name].sum(0), BLOCKS[name])}


def _span_block(counted: Tally, resampler: Resampler) -> dict[str, Any]:
    names = ("spans_exact", "spans_overlap")
    block = _block(
        {
            "exact_f1": lambda sums: micro_f1(sums["spans_exact"]),
            "overlap_f1": lambda sums: micro_f1(sums["spans_overlap"]),
        },
        {name: counted.counts[name] for name in names},
        resampler,
    )
    exact, overlap = (counted.counts[name].sum(0) for name in names)
    roles = {
        role: {
            "exact_f1": rounded(f1(exact[column])),
            "overlap_f1": rounded(f1(overlap[column])),
            "overlap_precision": rounded(precision(overlap[column])),
            "overlap_recall": rounded(recall(overlap[column])),
            "support": int(exact[column, 0] + exact[column, 2]),
        }
        for column, role in enumerate(BLOCKS["spans_exact"])
    }
    return {**block, "per_role": roles}


def per_key(counts: NDArray, keys: Sequence[str]) -> dict[str, dict[str, float | int]]:
    """Precision, recall, F1 and gold support of each key. Shape of counts: [keys, 3]."""
    return {
        key: {
            "precision": rounded(precision(row)),
            "recall": rounded(recall(row)),
            "f1": rounded(f1(row)),
            "support": int(row[0] + row[2]),
        }
        for key, row in zip(keys, counts, strict=True)
    }


def rounded(value: Floats | float) -> float:
    """A figure with the digits that the metrics files keep."""
    return round(float(value), _DIGITS)
