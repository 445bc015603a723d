"""Keys, dates and numbers as a reader wants to see them."""

from datetime import timedelta
from typing import Final

from pipeline.bulk.rows import calendar_day
from pipeline.schema import CountRange, DateRange

EVENTS: Final = {
    "shelling_missile": "Shelling or missile",
    "air_drone_strike": "Air or drone strike",
    "explosive_device": "Explosive device",
    "armed_assault": "Armed assault",
    "armed_clash": "Armed clash",
    "abduction": "Abduction",
    "protest": "Protest",
    "riot": "Riot",
    "repression": "Repression",
    "law_enforcement": "Law enforcement",
    "accusation": "Accusation",
    "threat": "Threat",
    "demand": "Demand",
    "diplomacy": "Diplomacy",
    "security_measure": "Security measure",
}
"""Names of event types."""

ATTRIBUTIONS: Final = {
    "claimed": "claimed by the actor",
    "stated": "stated as fact",
    "accused": "accused by others",
    "denied": "denied",
    "unattributed": "said to be unknown",
    "none": "nothing said",
}
"""What each status of responsibility says, strongest first; ``none`` where no report says anything."""

FACTS: Final = {
    "responsibility": "Responsibility",
    "killed": "Killed",
    "injured": "Injured",
    "weapon_count": "Number of weapons",
    "damage": "Damage",
    "date": "Date",
    "place": "Place",
}
"""Names of the ledger's facts."""

GEO_PRECISION: Final = {"place": "", "region": "middle of the region", "country": "middle of the country"}
"""What the coordinates stand for, where they are not the place's own."""


def plain(key: str) -> str:
    """A key of the label set as words."""
    return key.replace("_", " ")


def day_words(text: str | None) -> str:
    """An ISO day as ``11 June 2019``; text that is none as it is."""
    day = calendar_day(text)
    return f"{day.day} {day:%B} {day.year}" if day else text or ""


def date_words(value: DateRange | None) -> str:
    """A range of days in as few words as say it: a day, a month, a year, or both ends."""
    start, end = (calendar_day(value.start), calendar_day(value.end)) if value else (None, None)
    if value is None or (value.start is None and value.end is None):
        return "no date"
    if start is None or end is None:
        return f"{day_words(value.start) or '…'} to {day_words(value.end) or '…'}"
    if start == end:
        return day_words(value.start)
    if start.day == 1 and (end + timedelta(days=1)).day == 1:
        if (start.year, start.month) == (end.year, end.month):
            return f"{start:%B} {start.year}"
        if (start.month, end.month) == (1, 12):
            return str(start.year) if start.year == end.year else f"{start.year} to {end.year}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} to {day_words(value.end)}"
    return f"{day_words(value.start)} to {day_words(value.end)}"


def count_words(value: CountRange | None) -> str:
    """A count as an analyst writes it: 3, 3–9, 24+."""
    if value is None or (value.min is None and value.max is None):
        return ""
    low = value.min or 0
    if value.max is None:
        return f"{low}+"
    return str(low) if low == value.max else f"{low}–{value.max}"


def percent(score: float) -> str:
    """A certainty from 0 to 1 in per cent, without claiming full certainty."""
    return f"{min(99, max(1, round(score * 100)))} %"
