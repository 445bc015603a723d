"""Making scores mean what they say: one temperature per task, chosen on ``dev``, and how far scores are off.

Guo et al. 2017, "On Calibration of Modern Neural Networks".
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from pipeline.evaluate.match import Pair
from pipeline.evaluate.thresholds import Answers, Known, known_answers
from pipeline.extract.decide import (
    SURE,
    Temperatures,
    at_temperature,
    tempered,
    tempered_shares,
)
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer

_RANGE: Final = (0.25, 4.0)
_BINS: Final = 10
_DIGITS: Final = 4

Scores = NDArray[np.floating[Any]]


def choose_temperatures(
    scores: Sequence[DocumentScores], answers: Mapping[str, Answers], labels: LabelSet
) -> Temperatures:
    """The temperatures under which annotated units are likeliest; 1 for a layer that nobody annotated.

    Args:
        scores: Of ``dev`` articles, as the network gives them.
        answers: Of all their units one after the other, by layer; None where it is not known.
        labels: Keys in the order of the scores.
    """
    found = {}
    for layer in labels.layers:
        known = known_answers(layer, scores, answers[layer.name])
        counts = known.truth if layer.choice == "one" else known.known
        found[layer.name] = _likeliest(partial(_of_truth, layer, known)) if counts.any() else 1.0
    return found


def surprise(layer: Layer, answers: Known) -> float:
    """Mean negative log-likelihood of what is annotated, at the temperature under which it is likeliest."""
    probabilities = partial(_of_truth, layer, answers)
    return _surprise(probabilities, _likeliest(probabilities))


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
        before = tempered(scores, 1.0 / temperatures[layer])
        figures[layer] = _errors(scores, before, truth)
    scores = np.array([list(found.attribution_source_scores.values()) for _, found in both])
    truth = np.array([[key == sentence.source for key in found.attribution_source_scores] for sentence, found in both])
    figures["attribution_source"] = _errors(scores, tempered_shares(scores, 1.0 / temperatures["source"]), truth)
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


def _of_truth(layer: Layer, answers: Known, temperature: float) -> Scores:
    """Probability of what is annotated: yes or no on each key, or the one key."""
    found = at_temperature(layer, answers.scores, temperature)
    if layer.choice == "one":
        return found[answers.truth]
    return np.where(answers.truth, found, 1.0 - found)[answers.known]


def _likeliest(probabilities: Callable[[float], Scores]) -> float:
    """The temperature that gives what is true the highest likelihood."""
    found = minimize_scalar(
        lambda log: _surprise(probabilities, float(np.exp(log))), bounds=tuple(np.log(_RANGE)), method="bounded"
    )
    return round(float(np.exp(found.x)), _DIGITS)


def _surprise(probabilities: Callable[[float], Scores], temperature: float) -> float:
    return float(-np.log(np.maximum(probabilities(temperature), SURE)).mean())
