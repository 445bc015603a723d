"""What speaks for or against an expression as the date of a happening."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from pipeline.incidents.date_calendar import Days
from pipeline.incidents.date_reading import Reading, Told, happenings, settled
from pipeline.incidents.reach import distance
from pipeline.schema import ScoredSentence

LASTING_TYPES: Final = frozenset({"armed_clash", "abduction", "protest", "riot", "repression"})
"""Types of happenings that often go on for days."""

_LEAD: Final = 2
"""A record that begins within this many sentences of the article's first happening can be its news."""
_MANY_SENTENCES: Final = 4
_FAR_SENTENCES: Final = 4
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

    ``members`` are its sentences, ascending; ``place`` is lead, long or short, by where they begin and how many they
    are; ``length`` is lasting or brief, by its type; ``own`` are the times in its sentences, ``own_kinds`` their kinds
    and days, each once.
    """

    reading: Reading
    kind: str
    members: tuple[int, ...]
    place: str
    length: str
    own: tuple[tuple[Told, Days], ...]
    own_kinds: tuple[tuple[str, Days], ...]

    def sentence(self, index: int) -> ScoredSentence:
        """A sentence of the article."""
        return self.reading.sentences[index]

    def words(self, index: int) -> str:
        """What a sentence says."""
        sentence = self.reading.sentences[index]
        return self.reading.text[sentence.start : sentence.end]

    def distance(self, index: int) -> int:
        """Sentences from one to the nearest of its own; many when it has none."""
        found = distance(index, self.members)
        return _FAR_SENTENCES if found is None else found


def describe(reading: Reading, kind: str, members: Sequence[int]) -> Happening:
    """Gather what candidates and features ask for; ``members`` in ascending order."""
    many = len(members) >= _MANY_SENTENCES
    lead = bool(members) and members[0] < reading.first_happening + _LEAD
    own = tuple((told, days) for index in members for told, days in settled(reading.told_in[index]) if told.marked)
    return Happening(
        reading=reading,
        kind=kind,
        members=tuple(members),
        place="lead" if lead and many else "long" if many else "short",
        length="lasting" if kind in LASTING_TYPES else "brief",
        own=own,
        own_kinds=tuple(dict.fromkeys((told.kind, days) for told, days in own)),
    )


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
        f"meant {min(record.reading.popular[days.start, days.end], 3)} times",
    ]
    if _VERBAL.search(left[-_VERB_CHARACTERS:]):
        names.append("verbal before")
    if _PLANNED.search(left):
        names.append("planned before")
    if _CLAUSE.match(right):
        names.append("since clause after" if told.since else "clause after")
    if record.reading.story == days:
        names.append(f"story {record.place if record.distance(told.sentence) else 'own'}")
    if days.precision == "day" and days.start == days.end:
        names += _refining(record, days)
    return names


def _refining(record: Happening, day: Days) -> Iterator[str]:
    """A day that lies within the record's own wider date, or near its rounded one."""
    for kind, days in record.own_kinds:
        if days.start is None or days.end is None or day.start is None or days == day:
            continue
        if days.start < days.end and days.start <= day.start <= days.end:
            yield "refines"
        if kind == "ago" and abs((days.start - day.start).days) <= _NEAR_DAYS:
            yield "near ago"


def _age(record: Happening, days: Days) -> str:
    if record.reading.clock.today is None or days.end is None:
        return "unknown"
    age = (record.reading.clock.today - days.end).days
    return next((str(limit) for limit in AGE_DAYS if age <= limit), "more")


def name_own(record: Happening, told: Told, days: Days, orders: Counter[str | int]) -> list[str]:
    """Features of an expression in the happening's own sentences."""
    sentence, marked = record.sentence(told.sentence), "marked" if told.marked else "unmarked"
    physical = happenings(sentence)
    beside = sum(other.marked for other, _ in settled(record.reading.told_in[told.sentence]))
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
    away = record.distance(told.sentence)
    physical = happenings(sentence)
    names = [
        "foreign",
        f"foreign distance {min(away, _FAR_SENTENCES)} {'before' if before else 'after' if after else 'inside'}",
        f"foreign same type {record.kind in sentence.events} {marked}",
        f"foreign types {min(len(physical), 2)}",
        f"foreign age {_age(record, days)} {record.place} {marked}",
        f"foreign {days.precision}",
        f"foreign own {bool(record.own)}",
        f"foreign order {min(orders['foreign'], 3)}",
    ]
    if told.sentence < _MANY_SENTENCES:
        names.append("foreign top")
    if before and away == 1:
        names.append("foreign just before")
        if told.marked and physical:
            names.append("foreign event just before")
    return names
