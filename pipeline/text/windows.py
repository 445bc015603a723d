"""Windows: the pieces in which the encoder reads sentences. The one place where text could be cut, and is not.

A sentence that fits is one window. A longer one is read in several windows that overlap; each token is kept from
exactly one of them, the one in which it stands furthest from a cut.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray


class Window(msgspec.Struct, frozen=True):
    """A range of a sentence's tokens, special tokens not counted, end-exclusive.

    Of ``start`` to ``end``, which are read, ``keep_start`` to ``keep_end`` are this window's to answer for.
    """

    sentence: int
    start: int
    end: int
    keep_start: int
    keep_end: int


def plan_windows(token_counts: Sequence[int], size: int, overlap: int) -> list[Window]:
    """Cover every sentence with windows.

    Args:
        token_counts: Tokens of each sentence.
        size: Most tokens a window can hold.
        overlap: Tokens that neighbouring windows of a long sentence share.

    Returns:
        Windows ordered by sentence and position. The kept ranges of a sentence follow each other without gap
        or overlap from 0 to its token count. A sentence without tokens has one empty window.

    Raises:
        ValueError: When ``overlap`` leaves no step forward.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"overlap_tokens {overlap} must be at least 0 and less than the window of {size} tokens")
    return [
        window for sentence, count in enumerate(token_counts) for window in _sentence(sentence, count, size, overlap)
    ]


def _sentence(sentence: int, count: int, size: int, overlap: int) -> list[Window]:
    step = size - overlap
    starts = [0, *range(step, max(count - overlap, step), step)] if count > size else [0]
    ends = [min(start + size, count) for start in starts]
    cuts = [(end + following) // 2 for end, following in zip(ends, starts[1:], strict=False)]
    keeps = zip([0, *cuts], [*cuts, count], strict=True)
    return [
        Window(sentence, start, end, keep_start, keep_end)
        for start, end, (keep_start, keep_end) in zip(starts, ends, keeps, strict=True)
    ]


def pooling_weights(windows: Sequence[Window], sentences: int) -> NDArray[np.float32]:
    """How much each window counts in its sentence's vector: its share of the tokens kept.

    Returns:
        Rows sum to 1. Shape: [sentences, windows].
    """
    weights = np.zeros((sentences, len(windows)), dtype=np.float32)
    for column, window in enumerate(windows):
        weights[window.sentence, column] = max(window.keep_end - window.keep_start, 1e-6)
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
