"""Which tokens are pieces of one word."""

import numpy as np
from numpy.typing import NDArray


def first_pieces(text: str, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Indexes of the tokens that do not go on with the letters and digits of the one before."""
    follows = [
        bool(before[1] == here[0] and text[here[0] - 1 : here[0]].isalnum() and text[here[0] : here[0] + 1].isalnum())
        for before, here in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ]
    return np.flatnonzero([True, *(not each for each in follows)] if len(offsets) else [])


def word_offsets(offsets: NDArray[np.int64], first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Start and end of each word.

    Args:
        offsets: Of the tokens. Shape: [tokens, 2].
        first: Indexes of each word's first token. Shape: [words].

    Returns:
        Shape: [words, 2].
    """
    if not len(first):
        return offsets
    last = np.append(first[1:], len(offsets)) - 1
    return np.stack([offsets[first, 0], offsets[last, 1]], axis=1)
