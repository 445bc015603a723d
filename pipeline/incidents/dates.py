"""Time expressions as days, by ``dateparser``."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from dateparser.date import DateDataParser

from pipeline.schema import DateRange

_YEAR_DIGITS: Final = 4
_WEEKDAY: Final = re.compile(r"\b(mon|tues|wednes|thurs|fri|satur|sun)day\b", re.IGNORECASE)


def parse_date(expression: str, published: str | None) -> DateRange | None:
    """The days that a time expression allows.

    Args:
        expression: As the text writes it ("Tuesday", "March 3", "last year").
        published: ISO date that relative expressions count from; without it only expressions with a year stand.

    Returns:
        None when the expression is not understood or nothing settles its year.
    """
    has_year = any(word.strip(".,").isdigit() and len(word.strip(".,")) == _YEAR_DIGITS for word in expression.split())
    if published is None and not has_year:
        return None
    base = date.fromisoformat(published or "2000-01-01")
    if _WEEKDAY.search(expression):
        base += timedelta(days=1)  # a weekday that an article names can be the day on which it appears
    found = _parser(base).get_date_data(expression)
    if found.date_obj is None:
        return None
    day = found.date_obj.date()
    if published is not None and day > date.fromisoformat(published) and not has_year:
        return None
    return _widen(day, found.period or "day")


def _widen(day: date, period: str) -> DateRange:
    if period == "year":
        return DateRange(f"{day.year}-01-01", f"{day.year}-12-31")
    if period == "month":
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return DateRange(day.replace(day=1).isoformat(), (following - timedelta(days=1)).isoformat())
    if period == "week":
        monday = day - timedelta(days=day.weekday())
        return DateRange(monday.isoformat(), (monday + timedelta(days=6)).isoformat())
    return DateRange(day.isoformat(), day.isoformat())


@lru_cache(maxsize=64)
def _parser(base: date) -> DateDataParser:
    return DateDataParser(
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime.combine(base, time.min),
            "PREFER_DATES_FROM": "past",
            "RETURN_TIME_AS_PERIOD": False,
        },
    )
