"""Logistic models over named features, as plain numbers."""

from collections.abc import Mapping
from math import exp, log
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

CLIP: Final = 6.0
"""Largest log-odds that a later model is told of."""

_TINY: Final = 1e-9


class Logistic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model over named features; a feature that it does not know weighs nothing."""

    intercept: float
    weights: dict[str, float]

    def logit(self, features: Mapping[str, float]) -> float:
        """Log-odds for one case."""
        weights = self.weights
        return self.intercept + sum([weights[name] * value for name, value in features.items() if name in weights])


def probability(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logistic function, elementwise; far-off values stay finite."""
    return 1 / (1 + np.exp(-np.clip(logit, -50, 50)))


def clipped(logit: float) -> float:
    """Log-odds without the extremes, which one odd sentence must not reach."""
    return max(-CLIP, min(CLIP, logit))


def log_odds(score: float) -> float:
    """What ``sigmoid`` gives the score for; a score of 0 or 1 stays finite."""
    return log(max(score, _TINY) / max(1 - score, _TINY))


def sigmoid(logit: float) -> float:
    """``probability`` of a single case."""
    return 1 / (1 + exp(-max(-50.0, min(50.0, logit))))
