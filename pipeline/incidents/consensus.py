"""What a merged incident is called, from its members' votes; a record of what an article is about has two."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from pipeline.incidents.table import FOREVER, NEVER, Entry, day_range, words_of
from pipeline.schema import DateRange

_MAIN_VOTES: Final = 2.0
_OTHER_VOTES: Final = 1.0
_LATEST: Final = "9999"
_DIGITS: Final = 9


def voted(members: Sequence[Entry], value: Callable[[Entry], str | None]) -> str | None:
    """The value with the most votes; of equal ones that of the earliest publication."""
    votes: dict[str, float] = defaultdict(float)
    for member in _by_publication(members):
        told = value(member)
        if told is not None:
            votes[told] += _votes(member)
    return max(votes, key=votes.__getitem__, default=None)


def voted_place(members: Sequence[Entry]) -> str | None:
    """The place whose words most votes name; of equal ones the more often and the earlier written one."""
    named = [member for member in _by_publication(members) if member.incident.place]
    written: dict[str, float] = defaultdict(float)
    shared: dict[str, float] = defaultdict(float)
    for member in named:
        written[member.incident.place or ""] += _votes(member)
        for word in words_of([member.incident.place or ""]):
            shared[word] += _votes(member)
    support = {place: max((shared[word] for word in words_of([place])), default=0.0) for place in written}
    return max(written, key=lambda place: (support[place], written[place]), default=None)


def voted_date(members: Sequence[Entry]) -> DateRange | None:
    """The days that most votes allow; of equally many the narrower, then the earlier ones."""
    ranges = [(*day_range(member.incident.date), _votes(member)) for member in members]
    known = [(start, end, votes) for start, end, votes in ranges if start > NEVER or end < FOREVER]
    best = min(_segments(known), key=lambda found: (-found[2], found[1] - found[0], found[0]), default=None)
    return None if best is None else DateRange(_iso(best[0], NEVER), _iso(best[1], FOREVER))


def _segments(ranges: Sequence[tuple[int, int, float]]) -> Iterable[tuple[int, int, float]]:
    """First and last day and votes of each stretch of days that the same ranges allow, between two of their ends."""
    changes: dict[int, float] = defaultdict(float)
    for start, end, votes in ranges:
        changes[start] += votes
        changes[end + 1] -= votes
    days = sorted(changes)
    total = 0.0
    for day, following in pairwise(days):
        total += changes[day]
        yield day, following - 1, round(total, _DIGITS)


def _iso(day: int, unknown: int) -> str | None:
    return None if day == unknown else date.fromordinal(day).isoformat()


def _votes(member: Entry) -> float:
    certainty = 1.0 if member.incident.score is None else member.incident.score
    return certainty * (_MAIN_VOTES if member.incident.main else _OTHER_VOTES)


def _by_publication(members: Sequence[Entry]) -> list[Entry]:
    return sorted(members, key=lambda m: (m.document.published or _LATEST, m.document.id, m.incident.id))
