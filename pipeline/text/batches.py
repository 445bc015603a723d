"""Grouping windows into padded batches."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def batches_by_tokens(lengths: Sequence[int], max_tokens: int) -> list[list[int]]:
    """Group items of like length, so that little is padding.

    Args:
        lengths: Tokens of each item.
        max_tokens: Most tokens of a batch, padding included; an item longer than that is a batch of its own.

    Returns:
        Indexes of ``lengths``, each in exactly one batch, shortest items first.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: (lengths[index], index)):
        if batches and lengths[index] * (len(batches[-1]) + 1) <= max_tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def pad(rows: Sequence[NDArray[np.int64]], padding: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Stack rows of unlike length.

    Returns:
        Values filled up with ``padding``, and the mask that is 1 where a value is real. Shapes: [rows, longest].
    """
    longest = max(len(row) for row in rows)
    values = np.full((len(rows), longest), padding, dtype=np.int64)
    mask = np.zeros((len(rows), longest), dtype=np.int64)
    for index, row in enumerate(rows):
        values[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return values, mask
