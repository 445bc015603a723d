"""What a matched time expression means, counted from the day of publication or from the date told before it."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from dateutil.easter import easter
from dateutil.parser import parse
from dateutil.relativedelta import relativedelta

from pipeline.incidents.date_calendar import (
    FUTURE,
    NO_ANCHOR,
    NO_PUBLICATION,
    Clock,
    Days,
    Meaning,
    days_back,
    month_days,
    one_day,
    recent_year,
    season_days,
    shift_days,
    third_of_month,
    until,
    week_days,
    weekend_days,
    year_days,
)
from pipeline.incidents.date_words import ORDINALS, SEASONS, WEEKDAYS, day_number, exact_number, month_number


def mean_day_of_month(match: re.Match[str], clock: Clock) -> Meaning:
    """For "3 May", "May the third, 1999"; without a year the last one that has passed."""
    day, month = day_number(match), month_number(match["month"])
    if match["year"]:
        return one_day(date(int(match["year"]), month, day))
    if clock.latest is None:
        return NO_PUBLICATION
    found = date(recent_year(month, clock.latest), month, day)
    return one_day(found if found <= clock.latest else found - relativedelta(years=1))


def mean_two_days(match: re.Match[str], clock: Clock) -> Meaning:
    """For "3 to 5 May"."""
    month = month_number(match["month"])
    first, last = int(match["first"]), int(match["last"])
    year = int(match["year"]) if match["year"] else None
    if year is None and clock.latest is None:
        return NO_PUBLICATION
    if year is None:
        assert clock.latest is not None
        year = recent_year(month, clock.latest)
    return Days(date(year, month, first), date(year, month, last))


def mean_month(match: re.Match[str], clock: Clock) -> Meaning:
    """For "May", "last May", "May last year", "late May 1999"."""
    month, which = month_number(match["month"]), (match["which"] or match["whose"] or "").lower()
    if match["year"]:
        year = int(match["year"])
    elif clock.latest is None:
        return NO_PUBLICATION
    elif which in ("next", "coming"):
        return FUTURE
    elif (match["whose"] and which in ("last", "the previous", "previous")) or (
        which in ("last", "past") and month == clock.latest.month
    ):
        year = clock.latest.year - 1
    elif which == "that" and match["whose"] and clock.anchor and clock.anchor.start:
        year = clock.anchor.start.year
    else:
        year = recent_year(month, clock.latest)
    return until(third_of_month(month_days(year, month), match["part"]), clock.latest)


def mean_week_of_month(match: re.Match[str], clock: Clock) -> Meaning:
    """For "the last week of May", "the second week of the month"."""
    if match["month"]:
        month = mean_month(match, clock)
    elif clock.latest is None:
        return NO_PUBLICATION
    else:
        month = month_days(clock.latest.year, clock.latest.month)
    if isinstance(month, str) or month.start is None:
        return month
    whole = month_days(month.start.year, month.start.month)
    assert whole.start is not None
    assert whole.end is not None
    if match["nth"].lower() == "last":
        return Days(whole.end - timedelta(days=6), whole.end, "week")
    first = whole.start + timedelta(days=7 * (ORDINALS[match["nth"].lower()] - 1))
    return Days(first, first + timedelta(days=6), "week")


def mean_weekday_of_month(match: re.Match[str], clock: Clock) -> Meaning:
    """For "the last Saturday of October 2006"."""
    week = mean_week_of_month(match, clock)
    if isinstance(week, str) or week.start is None:
        return week
    return one_day(week.start + timedelta(days=(WEEKDAYS[match["weekday"].lower()[:3]] - week.start.weekday()) % 7))


def mean_ordinal_day(match: re.Match[str], clock: Clock) -> Meaning:
    """For "the 14th": the last one that has passed."""
    if clock.latest is None:
        return NO_PUBLICATION
    day = day_number(match)
    month = clock.latest.replace(day=1)
    if day > clock.latest.day:
        month -= timedelta(days=1)
    return one_day(month.replace(day=day))


def mean_year(match: re.Match[str], clock: Clock) -> Meaning:
    """For "1999"."""
    return until(year_days(int(match["year"])), clock.latest)


def mean_decade(match: re.Match[str], clock: Clock) -> Meaning:
    """For "the early 1990s"."""
    first, part = int(match["decade"]), (match["part"] or "").lower()
    low, high = {"early": (0, 3), "mid": (4, 6), "late": (7, 9)}.get(part, (0, 9))
    return until(Days(date(first + low, 1, 1), date(first + high, 12, 31), "year"), clock.latest)


def mean_weekday(match: re.Match[str], clock: Clock) -> Meaning:
    """For "Tuesday", "last Tuesday", "that Tuesday", "Tuesday of last week"; the day of publication counts."""
    which, week = (match["which"] or "").lower(), (match["week"] or "").lower()
    if clock.today is None:
        return NO_PUBLICATION
    if which in ("next", "coming"):
        return FUTURE
    wanted = WEEKDAYS[match["weekday"].lower()[:3]]
    if "last" in week or "previous" in week:
        return one_day(clock.today - timedelta(days=clock.today.weekday() + 7 - wanted))
    if which == "that" and clock.anchor and clock.anchor.start and clock.anchor.start == clock.anchor.end:
        return one_day(clock.anchor.start + timedelta(days=(wanted - clock.anchor.start.weekday()) % 7))
    back = (clock.today.weekday() - wanted) % 7
    return one_day(clock.today - timedelta(days=7 if back == 0 and which in ("last", "previous") else back))


def mean_deictic(match: re.Match[str], clock: Clock) -> Meaning:
    """For "today", "last night", "the day before yesterday"."""
    if clock.today is None:
        return NO_PUBLICATION
    words = " ".join(match[0].lower().split())
    if "before yesterday" in words:
        return one_day(clock.today - timedelta(days=2))
    if "yesterday" in words or words.startswith("last"):
        return one_day(clock.today - timedelta(days=1))
    if words.startswith("tomorrow"):
        return FUTURE
    return one_day(clock.today)


def mean_overnight(match: re.Match[str], clock: Clock) -> Meaning:
    """For "overnight": the day before publication and the day itself."""
    if clock.today is None:
        return NO_PUBLICATION
    return Days(clock.today - timedelta(days=1), clock.today)


def mean_calendar_unit(match: re.Match[str], clock: Clock) -> Meaning:
    """For "this week", "last month", "early this year"."""
    which, unit = match["which"].lower(), match["unit"].lower()
    if clock.latest is None or (clock.today is None and unit in ("week", "weekend", "fortnight")):
        return NO_PUBLICATION
    if which in ("next", "coming"):
        return FUTURE
    day = clock.today or clock.latest
    if unit == "weekend":
        return weekend_days(day)
    back = 0 if which in ("this", "the current") else 1
    if unit == "week":
        return until(week_days(day - timedelta(days=7 * back)), clock.latest)
    if unit == "month":
        other = day - relativedelta(months=back)
        return until(third_of_month(month_days(other.year, other.month), match["part"]), clock.latest)
    return until(year_days(day.year - back), clock.latest)


def mean_the_weekend(match: re.Match[str], clock: Clock) -> Meaning:
    """For "the weekend"."""
    return NO_PUBLICATION if clock.today is None else weekend_days(clock.today)


def mean_ago(match: re.Match[str], clock: Clock) -> Meaning:
    """For "two weeks ago": days and weeks to the day, months and years as a whole."""
    unit = match["unit"].lower()
    if unit in ("minute", "hour"):
        return NO_PUBLICATION if clock.today is None else one_day(clock.today)
    if clock.today is None and (unit != "year" or clock.latest is None):
        return NO_PUBLICATION
    day = clock.today or clock.latest
    assert day is not None
    return days_back(day, exact_number(match["number"]), unit)


def mean_seasons_ago(match: re.Match[str], clock: Clock) -> Meaning:
    """For "two winters ago"."""
    if clock.latest is None:
        return NO_PUBLICATION
    last = season_days(SEASONS[match["season"].lower()], clock.latest, clock.southern)
    assert last.start is not None
    assert last.end is not None
    back = relativedelta(years=exact_number(match["number"]) - (last.end < clock.latest))
    return Days(last.start - back, last.end - back, "month")


def mean_season(match: re.Match[str], clock: Clock) -> Meaning:
    """For "spring", "last spring", "the spring of 1962"."""
    month, which = SEASONS[match["season"].lower()], (match["which"] or "").lower()
    if match["year"]:
        return season_days(month, date(int(match["year"]), 12, 31), clock.southern)
    if clock.latest is None:
        return NO_PUBLICATION
    if which in ("next", "coming"):
        return FUTURE
    days = season_days(month, clock.latest, clock.southern)
    assert days.start is not None
    assert days.end is not None
    if which in ("last", "previous") and days.end >= clock.latest:
        year = relativedelta(years=1)
        days = Days(days.start - year, days.end - year, "month")
    return until(days, clock.latest)


def mean_later(match: re.Match[str], clock: Clock) -> Meaning:
    """For "two days later", "a week earlier": counted from the anchor."""
    if clock.anchor is None:
        return NO_ANCHOR
    earlier = match["way"].lower() in ("earlier", "before", "previously")
    count = exact_number(match["number"] or "1")
    return shift_days(clock.anchor, -count if earlier else count, match["unit"].lower())


def mean_neighbour(match: re.Match[str], clock: Clock) -> Meaning:
    """For "the next morning", "the day before", "the following week"."""
    if clock.anchor is None:
        return NO_ANCHOR
    words = match[0].lower()
    unit = next((unit for unit in ("week", "month", "year") if unit in words), "day")
    return shift_days(clock.anchor, -1 if re.search("before|previous|eve of", words) else 1, unit)


def mean_same(match: re.Match[str], clock: Clock) -> Meaning:
    """For "that night", "the same day"."""
    return clock.anchor or NO_ANCHOR


def mean_past(match: re.Match[str], clock: Clock) -> Meaning:
    """For "the past five months": up to publication."""
    if clock.today is None:
        return NO_PUBLICATION
    count, unit = exact_number(match["number"] or "1"), match["unit"].lower()
    if unit == "decade":
        count, unit = 10 * count, "year"
    step = {
        "night": relativedelta(days=count),
        "day": relativedelta(days=count),
        "evening": relativedelta(days=count),
        "week": relativedelta(weeks=count),
        "fortnight": relativedelta(weeks=2 * count),
        "month": relativedelta(months=count),
        "year": relativedelta(years=count),
    }[unit]
    return Days(clock.today - step, clock.today, "day")


FEASTS: Final[dict[str, Callable[[int], date]]] = {
    "christmas eve": lambda year: date(year, 12, 24),
    "boxing day": lambda year: date(year, 12, 26),
    "christmas": lambda year: date(year, 12, 25),
    "new year's eve": lambda year: date(year, 12, 31),
    "new year": lambda year: date(year, 1, 1),
    "may day": lambda year: date(year, 5, 1),
    "halloween": lambda year: date(year, 10, 31),
    "all souls": lambda year: date(year, 11, 2),
    "all saints": lambda year: date(year, 11, 1),
    "palm sunday": lambda year: easter(year) - timedelta(days=7),
    "maundy thursday": lambda year: easter(year) - timedelta(days=3),
    "good friday": lambda year: easter(year) - timedelta(days=2),
    "easter saturday": lambda year: easter(year) - timedelta(days=1),
    "easter monday": lambda year: easter(year) + timedelta(days=1),
    "easter": easter,
}


def mean_feast(match: re.Match[str], clock: Clock) -> Meaning:
    """For "Christmas Eve", "Easter 1999"."""
    day_in = FEASTS[match["feast"].lower().replace("’", "'")]
    if match["year"]:
        return one_day(day_in(int(match["year"])))
    if clock.latest is None:
        return NO_PUBLICATION
    if match["whose"]:
        return one_day(day_in(clock.latest.year - 1))
    this = day_in(clock.latest.year)
    return one_day(this if this <= clock.latest else day_in(clock.latest.year - 1))


def mean_numeric(match: re.Match[str], clock: Clock) -> Meaning:
    """For "2019-06-01", "12.05.2019", the day first where the year stands last."""
    words = match[0]
    return one_day(date.fromisoformat(words) if "-" in words else parse(words, dayfirst=True).date())
