"""Dates that a happening can have: what its article's time expressions mean, and what can be made of them.

Each candidate carries named features for ``date_ranking`` to weigh.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Final

import msgspec

from pipeline.incidents.date_calendar import Days, month_days
from pipeline.incidents.date_features import AGE_DAYS, Happening, describe, name_foreign, name_own, name_surroundings
from pipeline.incidents.date_reading import Reading, Told, settled
from pipeline.incidents.date_words import read_number
from pipeline.incidents.reach import within_reach

_COUNTED_SENTENCES: Final = 6
_MAX_COUNT: Final = 400
_NIGHT_CHARACTERS: Final = (25, 14)
"""How far before and behind a day the word for its night may stand."""
_NIGHT: Final = re.compile(r"\b(?:night|midnight|overnight|dusk|evening)\b", re.I)
_TO_NIGHT: Final = re.compile(r"night (?:tying )?(?:\w+ )?(?:in)?to\b", re.I)
_DAWN: Final = re.compile(r"\b(?:dawn|small hours|early hours|daybreak|sunrise|morning|first light)\b", re.I)
_COUNTED: Final = re.compile(
    r"\b(?P<count>\d{1,3}(?:st|nd|rd|th)?|[a-z]+(?:-[a-z]+)?) (?:consecutive |straight |successive )?"
    r"(?P<unit>day|night|week)s?\b(?: (?P<way>ago|later|after|on|since|earlier|before|ha(?:s|ve) (?:passed|gone)))?",
    re.I,
)


class Candidate(msgspec.Struct, frozen=True):
    """Days, or None for no date, the expressions that they are made of, and what speaks for or against them."""

    days: Days | None
    told: tuple[Told, ...]
    features: frozenset[str]


_Proposal = tuple[Days | None, tuple[Told, ...], list[str]]
"""A candidate before its features are gathered into a set."""


def find_candidates(reading: Reading, kind: str, members: Collection[int]) -> list[Candidate]:
    """Every date that the happening told in some sentences of an article can have.

    Args:
        reading: The article.
        kind: Event type of the happening.
        members: Indexes of its sentences; others than the article's are passed over.

    Returns:
        Candidates, of which several can mean the same days.
    """
    record = describe(reading, kind, sorted({index for index in members if 0 <= index < len(reading.sentences)}))
    return [
        Candidate(days, told, frozenset(names))
        for source in (_from_expressions, _from_pairs, _from_counts, _from_publication)
        for days, told, names in source(record)
        if _possible(days, reading.clock.latest)
    ]


def _possible(days: Days | None, latest: date | None) -> bool:
    return days is None or days.start is None or latest is None or days.start <= latest


def _from_expressions(record: Happening) -> Iterator[_Proposal]:
    """What each expression of the article means by itself, and what it can mean for this happening."""
    orders: Counter[str | int] = Counter()
    near = within_reach(record.members, len(record.reading.sentences))
    for told, days in (each for index in near for each in settled(record.reading.told_in[index])):
        inside = record.distance(told.sentence) == 0
        names = name_surroundings(record, told, days)
        names += name_own(record, told, days, orders) if inside else name_foreign(record, told, days, orders)
        orders[told.sentence] += 1
        orders["own" if inside else "foreign"] += told.marked
        yield days, (told,), [*names, "plain", f"plain {record.length} {record.place}"]
        for other, shape in _shapes(record, told, days):
            yield other, (told,), [*names, *shape]


def _shapes(record: Happening, told: Told, days: Days) -> Iterator[tuple[Days, list[str]]]:
    """What else an expression can stand for: a night of two days, the beginning of something that goes on."""
    today, latest = record.reading.clock.today, record.reading.clock.latest
    if told.since and isinstance(told.bare, Days):
        yield told.bare, ["bare", f"bare {record.length}"]
    if days.start is None or days.end is None:
        return
    if days.precision == "day" and days.start == days.end:
        yield from _nights(record, told, days.start)
        if today and days.start < today:
            names = ["ongoing", f"ongoing {record.length} {record.place}", f"ongoing {record.kind}"]
            yield Days(days.start, today), names
        if record.distance(told.sentence) == 0:
            for low, high, name in _counted(record.words(told.sentence), days.start):
                yield Days(low, high), [name, f"{name} {record.length}"]
    elif days.precision != "day":
        if today and days.end < today:
            yield Days(days.start, today, days.precision), [f"wide ongoing {record.length} {days.precision}"]
        if days.end == latest and not told.since and days.start < days.end:
            yield Days(days.start, days.end - timedelta(days=1), days.precision), ["before publication"]
            if told.kind == "month" and days.precision == "month":
                yield month_days(days.start.year, days.start.month), ["whole month"]


def _nights(record: Happening, told: Told, day: date) -> Iterator[tuple[Days, list[str]]]:
    sentence = record.sentence(told.sentence)
    around = record.reading.text[
        max(sentence.start, told.start - _NIGHT_CHARACTERS[0]) : min(sentence.end, told.end + _NIGHT_CHARACTERS[1])
    ]
    dawn = bool(_DAWN.search(around))
    if night := bool(_NIGHT.search(around)):
        yield Days(day, _moved(day, 1)), ["night into next day"]
    if night and _TO_NIGHT.search(around):
        yield Days(_moved(day, -1), day), ["night to"]
    elif night or dawn:
        yield Days(_moved(day, -1), day), ["dawn after night" if dawn else "night before"]


def _moved(day: date, count: int) -> date:
    """A day so many days away, or the last one that the calendar has."""
    try:
        return day + timedelta(days=count)
    except OverflowError:
        return date.max if count > 0 else date.min


def _counted(words: str, day: date) -> Iterator[tuple[date, date, str]]:
    """Days that a number of days, nights or weeks in ``words`` leads to from a day."""
    for match in _COUNTED.finditer(words):
        count, ordinal = read_number(match["count"])
        span = min(count or 0, _MAX_COUNT) * (7 if match["unit"].lower() == "week" else 1)
        if span <= (0 if match["way"] else 1):
            continue
        if match["way"]:
            way = match["way"].lower().split()[0]
            yield _moved(day, -span), _moved(day, -span), f"counted {way}"
        elif ordinal:
            yield _moved(day, 1 - span), day, "counted nth"
        else:
            yield _moved(day, 1 - span), day, "counted through"
            yield _moved(day, -span), day, "counted back"
            yield day, _moved(day, span - 1), "counted on"


def _from_pairs(record: Happening) -> Iterator[_Proposal]:
    """Ranges from one of the happening's own days to another."""
    own = [
        (told, days.start, days.end) for told, days in record.own if days.precision == "day" and days.start and days.end
    ]
    if len(own) < 2:
        return
    told = tuple(each[0] for each in own)
    pairs = {
        "all days": (min(start for _, start, _ in own), max(end for _, _, end in own)),
        "first two days": (own[0][1], own[1][2]),
        "first two days turned": (own[1][1], own[0][2]),
    }
    for name, (start, end) in pairs.items():
        if start < end:
            length = next((str(limit) for limit in AGE_DAYS if (end - start).days <= limit), "more")
            names = [name, f"{name} {record.length} {record.place}", f"{name} {record.kind}", f"{name} length {length}"]
            yield Days(start, end), told if name == "all days" else told[:2], names


def _from_counts(record: Happening) -> Iterator[_Proposal]:
    """Days counted back from publication or from the article's first date ("for the fifth day")."""
    story = record.reading.story
    bases = {"publication": record.reading.clock.today, "story": story.end if story else None}
    if bases["story"] == bases["publication"]:
        del bases["story"]
    for member in record.members[:_COUNTED_SENTENCES]:
        words = record.words(member)
        for base, day in bases.items():
            for low, high, name in _counted(words, day) if day else ():
                names = [
                    f"{name} {base} {member == record.members[0]}",
                    f"{name} {base} {record.length} {record.place}",
                ]
                yield Days(low, high), (), [*names, f"counted own {bool(record.own)}"]


def _from_publication(record: Happening) -> Iterator[_Proposal]:
    """The days around publication; no date where it is unknown."""
    today, own = record.reading.clock.today, f"own {bool(record.own)} {record.place}"
    if today is None:
        known = record.reading.clock.latest is not None
        yield None, (), ["none", f"none {record.place}", f"none {own}", f"none known {known}"]
        return
    yesterday = _moved(today, -1)
    for name, start, end in (
        ("today", today, today),
        ("yesterday", yesterday, yesterday),
        ("two days ago", _moved(today, -2), _moved(today, -2)),
        ("overnight", yesterday, today),
    ):
        yield Days(start, end), (), [name, f"{name} {own}"]
