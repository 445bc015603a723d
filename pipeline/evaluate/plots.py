"""Rows for ``dvc plots``: confusion, precision and recall by threshold, calibration."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import precision_recall_curve

from pipeline.evaluate.match import Pair, answered
from pipeline.extract.decide import Temperatures, tempered
from pipeline.labels import ATTRIBUTION_STRENGTH, EVENT_TYPES
from pipeline.schema import Document, ScoredSentence

_NOTHING = "(nothing)"
_POINTS = 50
_BINS = 10


def plot_rows(
    gold: Sequence[Document], predicted: Sequence[Sequence[ScoredSentence]], temperatures: Temperatures
) -> dict[str, list[dict[str, Any]]]:
    """Rows of each plot by its name; sentences that nothing matched count as ``(nothing)`` predicted.

    ``temperatures`` are those of the predicted scores; ``calibration_before`` has what they were without them.
    """
    pairs = answered(gold, predicted)
    truth, scores = _event_scores(pairs)
    return {
        "attribution": [
            {"actual": _strongest(s.responsibility), "predicted": _strongest(f.responsibility if f else ())}
            for s, f in pairs
        ],
        "source": [{"actual": s.source, "predicted": f.attribution_source if f else _NOTHING} for s, f in pairs],
        "precision_recall": list(_precision_recall(truth, scores)),
        "calibration": list(_calibration(truth, scores)),
        "calibration_before": list(_calibration(truth, tempered(scores, 1 / temperatures["events"]))),
    }


def _strongest(keys: Sequence[str]) -> str:
    return next((key for key in ATTRIBUTION_STRENGTH if key in keys), _NOTHING)


def _event_scores(pairs: Sequence[Pair]) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Truth and score of each event type in each gold sentence. Shapes: [sentences, types]."""
    truth = np.array([[key in sentence.events for key in EVENT_TYPES] for sentence, _ in pairs])
    scores = np.array([[found.event_scores[key] if found else 0.0 for key in EVENT_TYPES] for _, found in pairs])
    return truth, scores


def _precision_recall(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> Iterator[dict[str, Any]]:
    for column, key in enumerate(EVENT_TYPES):
        if truth[:, column].any():
            precision, recall, _ = precision_recall_curve(truth[:, column], scores[:, column])
            chosen = np.unique(np.linspace(0, len(precision) - 1, _POINTS).astype(int))
            for index in chosen:
                yield {
                    "event": key,
                    "recall": round(float(recall[index]), 4),
                    "precision": round(float(precision[index]), 4),
                }


def _calibration(truth: NDArray[np.bool_], scores: NDArray[np.floating[Any]]) -> Iterator[dict[str, Any]]:
    observed, given = calibration_curve(truth.ravel(), scores.ravel(), n_bins=_BINS)
    for share, score in zip(observed, given, strict=True):
        yield {"score": round(float(score), 4), "observed": round(float(share), 4)}
