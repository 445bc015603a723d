"""Making scores mean what they say: one temperature per task, chosen on ``dev``, and how far scores are off.

Guo et al. 2017, "On Calibration of Modern Neural Networks".
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from pipeline.evaluate.match import Pair
from pipeline.extract.decide import SURE, Temperatures, tempered, tempered_shares
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet
from pipeline.schema import Sentence

_RANGE: Final = (0.25, 4.0)
_BINS: Final = 10
_DIGITS: Final = 4

Scores = NDArray[np.floating[Any]]


def choose_temperatures(
    scores: Sequence[DocumentScores], sentences: Sequence[Sequence[Sentence]], labels: LabelSet
) -> Temperatures:
    """The temperatures under which annotated sentences are likeliest.

    Args:
        scores: Of ``dev`` articles, as the network gives them.
        sentences: Their annotated sentences, in the same order.
        labels: Keys in the order of the scores.
    """
    annotated = [sentence for document in sentences for sentence in document]
    found: dict[str, float] = {}
    for layer, keys in (("events", labels.events), ("responsibility", labels.responsibility)):
        truth = np.array([[key in getattr(sentence, layer) for key in keys] for sentence in annotated])
        given = np.concatenate([getattr(document, layer) for document in scores])
        found[layer] = _likeliest(partial(_of_truth, given, truth))
    source = np.concatenate([document.source for document in scores])
    rows, columns = np.arange(len(annotated)), [labels.sources.index(sentence.source) for sentence in annotated]
    found["source"] = _likeliest(lambda t: tempered_shares(source, t)[rows, columns])
    return Temperatures(**found)


def calibration_figures(pairs: Sequence[Pair], temperatures: Temperatures) -> dict[str, dict[str, float]]:
    """How far the scores are off as they are given, and how far they were before they were calibrated.

    Args:
        pairs: Annotated sentences with predicted ones; those without count for nothing.
        temperatures: Of the predicted scores.
    """
    both = [(sentence, found) for sentence, found in pairs if found is not None]
    figures = {}
    for layer, scores_of in (("events", "event_scores"), ("responsibility", "responsibility_scores")):
        scores = np.array([list(getattr(found, scores_of).values()) for _, found in both])
        truth = np.array(
            [[key in getattr(sentence, layer) for key in getattr(found, scores_of)] for sentence, found in both]
        )
        before = tempered(scores, 1.0 / getattr(temperatures, layer))
        figures[layer] = _errors(scores, before, truth)
    scores = np.array([list(found.attribution_source_scores.values()) for _, found in both])
    truth = np.array([[key == sentence.source for key in found.attribution_source_scores] for sentence, found in both])
    figures["attribution_source"] = _errors(scores, tempered_shares(scores, 1.0 / temperatures.source), truth)
    return figures


def _errors(scores: Scores, before: Scores, truth: NDArray[np.bool_]) -> dict[str, float]:
    return {"error": calibration_error(scores, truth), "error_before": calibration_error(before, truth)}


def calibration_error(scores: Scores, truth: NDArray[np.bool_]) -> float:
    """Expected calibration error: the mean gap between score and share of what is true, over ten bins by size.

    Args:
        scores: Probabilities.
        truth: Whether what each is the probability of is so. Shape: that of ``scores``.
    """
    given, true = scores.ravel(), truth.ravel()
    bins = np.minimum((given * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=given, minlength=_BINS) - np.bincount(bins, weights=true, minlength=_BINS)
    return round(float(np.abs(gaps).sum() / len(given)), _DIGITS)


def _of_truth(scores: Scores, truth: NDArray[np.bool_], temperature: float) -> Scores:
    """Probability of what is annotated, yes or no."""
    found = tempered(scores, temperature)
    return np.where(truth, found, 1.0 - found)


def _likeliest(probabilities: Callable[[float], Scores]) -> float:
    """The temperature that gives what is true the highest likelihood."""

    def surprise(log: float) -> float:
        return float(-np.log(np.maximum(probabilities(float(np.exp(log))), SURE)).mean())

    found = minimize_scalar(surprise, bounds=tuple(np.log(_RANGE)), method="bounded")
    return round(float(np.exp(found.x)), _DIGITS)
