"""Number expressions of people killed or hurt as ranges (GUIDELINES section 5)."""

import re
from collections.abc import Iterable
from typing import Final

from text_to_num import alpha2digit

from pipeline.schema import CountRange

_NOBODY: Final = re.compile(
    r"\b(none|nobody|no[- ]one|zero|without|not (?:one|an?|any)|no(?! (?:fewer|less|more)\b))\b"
)
_DIGITS: Final = re.compile(r"\d+(?:[,.\s]\d{3}(?!\d))*(?!\d|st\b|nd\b|rd\b|th\b)")
_OPEN_ABOVE: Final = re.compile(r"\b(more than|over|upwards? of|in excess of)\b|\+", re.IGNORECASE)
_DOZEN: Final = re.compile(r"\b(?:(?P<count>\d+|half|half an?|couple of) )?dozen\b")
_DOZENS: Final = {"half": 6, "half a": 6, "half an": 6, "couple of": 24}
_PLURALS: Final = {"dozens": 24, "scores": 40, "hundreds": 200, "thousands": 2000}
_MOST_DIGITS: Final = 9
"""More people than that there are not; Python refuses to read numbers of thousands of digits."""

_SMALL: Final = {"a": 1, "an": 1, "both": 2}


def parse_count(expression: str) -> CountRange | None:
    """The range that a number expression stands for.

    "About", "nearly" and "at least N" are N to N, "more than N" has no upper bound, "dozens" is 24 without one,
    "no one" is 0.

    Returns:
        None when the expression holds no number ("several", "a third", "the driver").
    """
    lowered = expression.lower()
    if _NOBODY.search(lowered):
        return CountRange(0, 0)
    for plural, least in _PLURALS.items():
        if re.search(rf"\b{plural}\b", lowered):
            return CountRange(least, None)
    spelled = _DOZEN.sub(_dozen, alpha2digit(lowered, "en", threshold=0))
    digits = [re.sub(r"\D", "", found) for found in _DIGITS.findall(spelled)]
    numbers = [int(number) for number in digits if len(number) <= _MOST_DIGITS]
    if numbers:
        return CountRange(min(numbers), None if _OPEN_ABOVE.search(lowered) else max(numbers))
    small = next((_SMALL[word] for word in lowered.split() if word in _SMALL), None)
    return None if small is None else CountRange(small, small)


def join_counts(counts: Iterable[CountRange | None]) -> CountRange | None:
    """The range over all that a document reports, from the lowest to the highest; None when it reports nothing."""
    found = [count for count in counts if count is not None]
    if not found:
        return None
    lowest = [count.min for count in found if count.min is not None]
    highest = [count.max for count in found if count.max is not None]
    return CountRange(min(lowest, default=None), max(highest) if len(highest) == len(found) else None)


def _dozen(match: re.Match[str]) -> str:
    count = match["count"] or ""
    return str(12 * int(count) if count.isdigit() else _DOZENS.get(count, 12))
