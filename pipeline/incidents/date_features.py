"""What speaks for or against an expression as the date of a happening."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

from pipeline.incidents.date_calendar import Days
from pipeline.incidents.date_reading import Reading, Told, settled
from pipeline.labels import INCIDENT_TYPES
from pipeline.schema import ScoredSentence

LASTING_TYPES: Final = frozenset({"armed_clash", "abduction", "protest", "riot", "repression"})
"""Types of happenings that often go on for days."""

_LEAD: Final = 2
"""A record that begins within this many sentences of the article's first happening can be its news."""
_MANY_SENTENCES: Final = 4
_NEAR_DAYS: Final = 4
_LEFT_CHARACTERS: Final = 40
_VERB_CHARACTERS: Final = 25
_RIGHT_CHARACTERS: Final = 30
AGE_DAYS: Final = (0, 1, 2, 6, 13, 31, 92, 366)
"""Upper ends of the classes that numbers of days fall into."""
_PREPOSITION: Final = re.compile(
    r"\b(on|in|since|until|till|by|from|between|before|after|for|late|early|during|of|and|to|at|the|last|said|told|"
    r"every|each|through|over|into|next|within|only|that)\W*$",
    re.I,
)
_VERBAL: Final = re.compile(
    r"\b(?:said|told|says|announced|reported|stated|confirmed|denied|published|according|statement|accused|blamed|"
    r"condemned|arrested|detained|charged|court|trial|will|would)\b",
    re.I,
)
_PLANNED: Final = re.compile(r"\b(?:will|would|until|till|by|due|planned|scheduled|unless|next|to be|from)\b", re.I)
_CLAUSE: Final = re.compile(r"\W{0,3}(?:when|after|in which|where|as)\b", re.I)


class Happening(msgspec.Struct, frozen=True):
    """What is known of the happening whose date is asked for.

    ``members`` are its sentences; ``place`` is lead, long or short, by where they begin and how many they are;
    ``length`` is lasting or brief, by its type; ``own`` are the times in its sentences; ``story`` is the first day of
    an event in the article; ``popular`` counts how often each range of days is meant.
    """

    reading: Reading
    kind: str
    members: tuple[int, ...]
    place: str
    length: str
    own: tuple[tuple[Told, Days], ...]
    story: Days | None
    popular: Counter[tuple[date | None, date | None]]

    def sentence(self, index: int) -> ScoredSentence:
        """A sentence of the article."""
        return self.reading.sentences[index]

    def words(self, index: int) -> str:
        """What a sentence says."""
        sentence = self.reading.sentences[index]
        return self.reading.text[sentence.start : sentence.end]


def describe(reading: Reading, kind: str, members: Sequence[int]) -> Happening:
    """Gather what candidates and features ask for; ``members`` in ascending order."""
    inside = set(members)
    telling = next((index for index, sentence in enumerate(reading.sentences) if _physical(sentence)), 0)
    many = len(members) >= _MANY_SENTENCES
    lead = bool(members) and members[0] < telling + _LEAD
    marked = [(told, days) for told, days in settled(reading.told) if told.marked]
    return Happening(
        reading=reading,
        kind=kind,
        members=tuple(members),
        place="lead" if lead and many else "long" if many else "short",
        length="lasting" if kind in LASTING_TYPES else "brief",
        own=tuple((told, days) for told, days in marked if told.sentence in inside),
        story=next(
            (days for told, days in marked if days.precision == "day" and _physical(reading.sentences[told.sentence])),
            None,
        ),
        popular=Counter((days.start, days.end) for _, days in marked),
    )


def _physical(sentence: ScoredSentence) -> list[str]:
    return [event for event in sentence.events if event in INCIDENT_TYPES]


def name_surroundings(record: Happening, told: Told, days: Days) -> list[str]:
    """Features of an expression wherever it stands: its kind, the words beside it, how often its days are meant."""
    sentence, text = record.sentence(told.sentence), record.reading.text
    left = text[max(sentence.start, told.start - _LEFT_CHARACTERS) : told.start]
    right = text[told.end : min(sentence.end, told.end + _RIGHT_CHARACTERS)]
    preposition = _PREPOSITION.search(left)
    marked = "marked" if told.marked else "unmarked"
    names = [
        f"{told.kind} {marked}",
        f"{preposition[1].lower() if preposition else 'nothing'} before {marked}",
        f"meant {min(record.popular[days.start, days.end], 3)} times",
    ]
    if _VERBAL.search(left[-_VERB_CHARACTERS:]):
        names.append("verbal before")
    if _PLANNED.search(left):
        names.append("planned before")
    if _CLAUSE.match(right):
        names.append("since clause after" if told.since else "clause after")
    if record.story == days:
        names.append(f"story {'own' if told.sentence in record.members else record.place}")
    if days.precision == "day" and days.start == days.end:
        names += _refining(record, days)
    return names


def _refining(record: Happening, day: Days) -> Iterator[str]:
    """A day that lies within the record's own wider date, or near its rounded one."""
    for told, days in record.own:
        if days.start is None or days.end is None or day.start is None or days == day:
            continue
        if days.start < days.end and days.start <= day.start <= days.end:
            yield "refines"
        if told.kind == "ago" and abs((days.start - day.start).days) <= _NEAR_DAYS:
            yield "near ago"


def _age(record: Happening, days: Days) -> str:
    if record.reading.clock.today is None or days.end is None:
        return "unknown"
    age = (record.reading.clock.today - days.end).days
    return next((str(limit) for limit in AGE_DAYS if age <= limit), "more")


def name_own(record: Happening, told: Told, days: Days, orders: Counter[str | int]) -> list[str]:
    """Features of an expression in the happening's own sentences."""
    sentence, marked = record.sentence(told.sentence), "marked" if told.marked else "unmarked"
    physical = _physical(sentence)
    beside = sum(other.sentence == told.sentence for other, _ in record.own)
    names = [
        f"own {marked}",
        "own first" if told.marked and not orders["own"] else "own later",
        f"own order {min(orders['own'], 3)} {record.place}",
        f"own age {_age(record, days)} {record.place} {marked}",
        f"own {days.precision} {record.place} {marked}",
        f"own types {min(len(physical), 3)} {marked}",
        f"own {min(orders[told.sentence], 2)} of {min(beside, 3)}",
    ]
    if told.sentence == record.members[0]:
        names.append(f"own first sentence {record.place}")
    if len(sentence.events) > len(physical):
        names.append(f"own verbal {marked}")
    if "law_enforcement" in sentence.events:
        names.append("own law enforcement")
    return names


def name_foreign(record: Happening, told: Told, days: Days, orders: Counter[str | int]) -> list[str]:
    """Features of an expression in other sentences."""
    sentence, marked = record.sentence(told.sentence), "marked" if told.marked else "unmarked"
    before = bool(record.members) and told.sentence < record.members[0]
    after = bool(record.members) and told.sentence > record.members[-1]
    distance = min((abs(told.sentence - member) for member in record.members), default=4)
    physical = _physical(sentence)
    names = [
        "foreign",
        f"foreign distance {min(distance, 4)} {'before' if before else 'after' if after else 'inside'}",
        f"foreign same type {record.kind in sentence.events} {marked}",
        f"foreign types {min(len(physical), 2)}",
        f"foreign age {_age(record, days)} {record.place} {marked}",
        f"foreign {days.precision}",
        f"foreign own {bool(record.own)}",
        f"foreign order {min(orders['foreign'], 3)}",
    ]
    if told.sentence < _MANY_SENTENCES:
        names.append("foreign top")
    if before and distance == 1:
        names.append("foreign just before")
        if told.marked and physical:
            names.append("foreign event just before")
    return names
