"""Choosing among a happening's possible dates by the weights that ``fit_dates`` learned."""

import math
from collections.abc import Mapping, Sequence

import msgspec

from pipeline.incidents.date_calendar import Days
from pipeline.incidents.date_candidates import Candidate
from pipeline.schema import DateRange


class Choice(msgspec.Struct, frozen=True):
    """The date chosen, its probability among the candidates, and the best candidate that means it."""

    range: DateRange | None
    probability: float
    candidate: Candidate


def as_range(days: Days | None) -> DateRange | None:
    """Days as ISO dates; None when they are open on both sides."""
    if days is None or (days.start is None and days.end is None):
        return None
    return DateRange(*(day.isoformat() if day else None for day in (days.start, days.end)))


def choose(candidates: Sequence[Candidate], weights: Mapping[str, float]) -> Choice | None:
    """The likeliest date; None without candidates. Of equal ones the first wins.

    The odds of candidates that mean the same days add up, so that independent signs of a date support each other.
    """
    if not candidates:
        return None
    scores = [sum([weights[name] for name in sorted(each.features) if name in weights]) for each in candidates]
    ranges = [as_range(each.days) for each in candidates]
    top = max(scores)
    odds: dict[DateRange | None, float] = {}
    for days, score in zip(ranges, scores, strict=True):
        odds[days] = odds.get(days, 0.0) + math.exp(score - top)
    best = max(odds, key=lambda days: odds[days])
    _, first = max((score, -place) for place, score in enumerate(scores) if ranges[place] == best)
    return Choice(best, odds[best] / sum(odds.values()), candidates[-first])
