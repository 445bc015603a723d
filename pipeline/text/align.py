"""Between spans of characters and tags of tokens, one layer of tags per role.

Roles are tagged apart, so that one text may carry two roles and spans of different roles may nest. Of spans of
one role that overlap, the longer is kept: a layer of tags cannot hold both.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.schema import Span

OUTSIDE: Final = 0
BEGIN: Final = 1
INSIDE: Final = 2
TAGS: Final = 3
"""Number of tags per role."""


def spans_to_tags(spans: Iterable[Span], offsets: NDArray[np.int64], roles: Sequence[str]) -> NDArray[np.int64]:
    """Tag the tokens that spans cover.

    Args:
        spans: Spans with offsets into the same text as ``offsets``.
        offsets: Start and end of each token. Shape: [tokens, 2].
        roles: Roles in the order of the result's columns.

    Returns:
        Tags. A token that a span touches in part belongs to it. Shape: [tokens, roles].
    """
    tags = np.full((len(offsets), len(roles)), OUTSIDE, dtype=np.int64)
    for span in sorted(spans, key=lambda span: span.start - span.end):
        covered = np.flatnonzero((offsets[:, 0] < span.end) & (offsets[:, 1] > span.start))
        column = tags[:, roles.index(span.role)]
        if len(covered) and not column[covered].any():
            column[covered] = INSIDE
            column[covered[0]] = BEGIN
    return tags


def tag_runs(tags: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and last token of each span of one role: each BEGIN with the INSIDE that follow it.

    An INSIDE that follows nothing begins a span. Shape of ``tags``: [tokens].
    """
    runs: list[tuple[int, int]] = []
    inside = False
    for position, tag in enumerate(tags.tolist()):
        if tag == BEGIN or (tag == INSIDE and not inside):
            runs.append((position, position))
        elif tag == INSIDE:
            runs[-1] = (runs[-1][0], position)
        inside = tag != OUTSIDE
    return runs
