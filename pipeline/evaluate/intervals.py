"""Bootstrap intervals (Efron 1979): how far a figure moves when the units within documents are drawn again."""

import numpy as np
from numpy.typing import NDArray

_DIGITS = 4


class Resampler:
    """Draws units with replacement, each document keeping its number of units.

    The documents themselves are not drawn again: with five gold articles that would measure little but which of
    them was drawn twice. An interval thus speaks of these articles' sentences, not of news at large.
    """

    def __init__(self, document: NDArray[np.int64], resamples: int, seed: int) -> None:
        """Draw.

        Args:
            document: Index of each unit's document. Shape: [units].
            resamples: Number of draws.
            seed: Of the random generator.
        """
        generator = np.random.default_rng(seed)
        # Whole numbers, but in floats: numpy multiplies those thirty times as fast, and exactly below 2^53.
        self.weights = np.zeros((resamples, len(document)))
        """How often each unit was drawn. Shape: [resamples, units]."""
        for index in np.unique(document):
            units = np.flatnonzero(document == index)
            self.weights[:, units] = generator.multinomial(len(units), np.full(len(units), 1 / len(units)), resamples)

    def sums(self, values: NDArray) -> NDArray:
        """Sum of per-unit values over each draw. Shapes: [units, ...] to [resamples, ...]."""
        return np.tensordot(self.weights, values.astype(np.float64), axes=(1, 0))

    def interval(self, figures: NDArray[np.float64]) -> list[float]:
        """The 2.5th and 97.5th percentile of a figure over the draws. Shape: [resamples]."""
        return [round(float(bound), _DIGITS) for bound in np.percentile(figures, (2.5, 97.5))]
