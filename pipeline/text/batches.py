"""Grouping windows into arrays: padded batches to read them, rows of windows side by side to learn from them."""

import math
from collections.abc import Sequence
from typing import NamedTuple

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


class Rows(NamedTuple):
    """Windows side by side in rows, with next to no padding. Shape of each: [rows, longest].

    ``segments`` numbers the windows of a row from 1, 0 is padding; ``positions`` counts the tokens of each from 0.
    """

    input_ids: NDArray[np.int64]
    segments: NDArray[np.int64]
    positions: NDArray[np.int64]


def side_by_side(articles: Sequence[Sequence[NDArray[np.int64]]], size: int, padding: int) -> Rows:
    """Lay the windows of articles out in rows of about ``size`` tokens.

    A row holds windows of one article, so that it is the same whatever articles come together. Of an article's rows,
    which are about as long as each other, a window is in the one in which its middle lies; with ``size`` 0 it is alone.
    """
    rows: list[list[NDArray[np.int64]]] = []
    for windows in articles:
        lengths = np.array([len(window) for window in windows])
        count = math.ceil(lengths.sum() / size) if size else len(windows)
        middles = np.cumsum(lengths) - lengths / 2
        places = (middles * count // lengths.sum()).astype(int) if size else np.arange(count)
        found: list[list[NDArray[np.int64]]] = [[] for _ in range(count)]
        for window, place in zip(windows, places, strict=True):
            found[place].append(window)
        rows += [row for row in found if row]
    longest = max(sum(map(len, row)) for row in rows)
    ids, segments, positions = (np.full((len(rows), longest), value, dtype=np.int64) for value in (padding, 0, 0))
    for index, row in enumerate(rows):
        filled = sum(map(len, row))
        ids[index, :filled] = np.concatenate(row)
        segments[index, :filled] = np.repeat(np.arange(1, len(row) + 1), list(map(len, row)))
        positions[index, :filled] = np.concatenate([np.arange(len(window)) for window in row])
    return Rows(ids, segments, positions)
