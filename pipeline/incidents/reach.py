"""How far a happening is told: the sentences of an article that can say something of it."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

REACH: Final = 128
"""Sentences before and behind each sentence of a happening that its place and date are looked for in.

About as many as see each other in the sentence model. It makes the time for an article grow with its length, not with
the product of its happenings and its length.
"""


def within_reach(members: Sequence[int], sentences: int) -> Sequence[int]:
    """The sentences of an article that can tell of a happening.

    Args:
        members: Indexes of the happening's own sentences, ascending.
        sentences: How many the article has.

    Returns:
        Indexes, ascending, each once; all of the article when the happening has no sentence.
    """
    if not members:
        return range(sentences)
    found: list[int] = []
    for member in members:
        begin = max(member - REACH, found[-1] + 1 if found else 0)
        found += range(begin, min(member + REACH + 1, sentences))
    return found


def distance(index: int, members: Sequence[int]) -> int | None:
    """Sentences from one to the nearest of some others, given in ascending order; None where there are none."""
    behind = bisect_left(members, index)
    return min((abs(index - member) for member in members[max(0, behind - 1) : behind + 1]), default=None)
