"""Days, weeks, months, seasons and years as ranges of days."""

import calendar
from datetime import date, timedelta
from typing import Final

import msgspec
from dateutil.relativedelta import relativedelta

NO_PUBLICATION: Final = "no publication date to count from"
NO_ANCHOR: Final = "no other date to count from"
FUTURE: Final = "lies after publication"
IMPOSSIBLE: Final = "no such day"


class Days(msgspec.Struct, frozen=True):
    """First and last day, both included, null is open; ``precision`` is day, week, month or year."""

    start: date | None
    end: date | None
    precision: str = "day"


class Clock(msgspec.Struct, frozen=True):
    """What relative expressions count from.

    ``today`` is the day of publication; ``latest`` the last day on which the article can have been written, which
    may be known (from "July 2009" in its head) where ``today`` is not; ``anchor`` is the date told before.
    """

    today: date | None
    latest: date | None
    anchor: Days | None = None
    southern: bool = False


Meaning = Days | str
"""Days, or the reason why nothing settles them."""


def one_day(day: date) -> Days:
    """A single day."""
    return Days(day, day)


def month_days(year: int, month: int) -> Days:
    """All days of a month."""
    return Days(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), "month")


def year_days(year: int) -> Days:
    """All days of a year."""
    return Days(date(year, 1, 1), date(year, 12, 31), "year")


def week_days(day: date) -> Days:
    """Monday to Sunday around a day."""
    monday = day - timedelta(days=day.weekday())
    return Days(monday, monday + timedelta(days=6), "week")


def until(days: Days, latest: date | None) -> Days:
    """What is left of days when nothing told can lie after ``latest``."""
    if latest is None or days.start is None or days.start > latest or (days.end and days.end <= latest):
        return days
    return Days(days.start, latest, days.precision)


def recent_year(month: int, latest: date) -> int:
    """The year of the last such month that has begun."""
    return latest.year if month <= latest.month else latest.year - 1


def season_days(month: int, latest: date, southern: bool) -> Days:
    """The last season that has begun; it starts in the given month of the northern hemisphere."""
    first = (month + 5) % 12 + 1 if southern else month
    start = date(recent_year(first, latest), first, 1)
    return Days(start, start + relativedelta(months=3) - timedelta(days=1), "month")


def weekend_days(day: date) -> Days:
    """The last weekend that has begun."""
    saturday = day - timedelta(days=(day.weekday() - 5) % 7)
    return until(Days(saturday, saturday + timedelta(days=1)), day)


def days_back(day: date, count: int, unit: str) -> Days:
    """The day, week, month or year that lies so many units before a day."""
    if unit in ("day", "night"):
        return one_day(day - timedelta(days=count))
    if unit in ("week", "fortnight"):
        return one_day(day - timedelta(days=count * (14 if unit == "fortnight" else 7)))
    if unit == "month":
        other = day - relativedelta(months=count)
        return month_days(other.year, other.month)
    return year_days(day.year - count)


def shift_days(days: Days, count: int, unit: str) -> Meaning:
    """Days moved by a signed number of units."""
    if days.start is None or days.end is None:
        return NO_ANCHOR
    if unit in ("minute", "hour"):
        return days
    if days.precision != "day":
        return NO_ANCHOR if unit in ("day", "night", "week", "fortnight") else days_back(days.start, -count, unit)
    if unit in ("month", "year"):
        return days_back(days.start, -count, unit)
    span = timedelta(days=count * {"week": 7, "fortnight": 14}.get(unit, 1))
    if unit in ("day", "night") and days.start < days.end:
        edge = days.end if count > 0 else days.start
        return one_day(edge + span)
    return Days(days.start + span, days.end + span, "day")


def third_of_month(days: Days, part: str | None) -> Days:
    """The third of a month that "early", "mid" or "late" names."""
    if part is None or days.start is None or days.end is None or days.precision != "month":
        return days
    word = part.lower()
    if word in ("mid", "middle"):
        return Days(days.start.replace(day=11), days.start.replace(day=20), "week")
    if word in ("late", "end", "last days"):
        return Days(days.start.replace(day=21), days.end, "week")
    return Days(days.start, days.start.replace(day=10), "week")
