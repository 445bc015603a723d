"""The ledger of a merged incident: who says what about each fact, where, and whether the voices agree."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

from pipeline.incidents.reprints import Taken, taken_sentences
from pipeline.incidents.table import FOREVER, Entry, day_range, told_date, words_of
from pipeline.labels import ATTRIBUTION_STRENGTH
from pipeline.schema import (
    Attribution,
    Claim,
    CountRange,
    DateRange,
    DocumentResult,
    Fact,
    Incident,
    LedgerEntry,
)
from pipeline.text.counts import join_counts, parse_count

COUNTS: Final = ("killed", "injured", "weapon_count")
"""Facts whose values are ranges of numbers."""

LEDGER_FACTS: Final = ("responsibility", *COUNTS, "damage", "date", "place")
"""Facts of the ledger, in their order."""

_SPAN_ROLES: Final = {"date": "time", "place": "location"}
_LATEST: Final = "9999"


def ledger(members: Sequence[Entry], reprints: Mapping[str, str]) -> dict[str, Fact]:
    """All facts of an incident.

    Args:
        members: Its records.
        reprints: Of each document that reprints another one the id of that one. What a reprint says, or a sentence
            taken over nearly word for word from another member, is listed, but is no voice of its own in what is
            agreed and what is best.
    """
    taken = taken_sentences([member.document for member in members if member.document.id not in reprints])
    return {name: _fact(name, members, reprints, taken) for name in LEDGER_FACTS}


def attribution_history(members: Sequence[Entry], responsibility: Fact) -> tuple[Attribution, ...]:
    """How responsibility was told over time: each status of each actor where it was first told.

    Args:
        members: The incident's records.
        responsibility: What its ledger says of that.

    Returns:
        Steps by day of publication, those without one at the end. Reprints take no step.
    """
    published = {member.document.id: member.document.published for member in members}
    told = [
        Attribution(
            published=published.get(entry.document),
            status=entry.status,
            actor=entry.value if isinstance(entry.value, str) else None,
            source=entry.source,
            source_type=entry.source_type,
            document=entry.document,
            start=entry.start,
            end=entry.end,
        )
        for entry in responsibility.entries
        if entry.status is not None and entry.reprint_of is None
    ]
    told.sort(key=lambda step: (step.published or _LATEST, step.document, step.start or 0))
    steps: list[Attribution] = []
    for step in told:
        if not any(step.status == earlier.status and _same_actor(step.actor, earlier.actor) for earlier in steps):
            steps.append(step)
    return tuple(steps)


def _fact(name: str, members: Sequence[Entry], reprints: Mapping[str, str], taken: Taken) -> Fact:
    entries = tuple(
        entry for member in members for entry in _entries(name, member, reprints.get(member.document.id), taken)
    )
    voices = [entry for entry in entries if entry.reprint_of is None]
    if name in COUNTS:
        return _count_fact(entries, [entry.value for entry in voices if isinstance(entry.value, CountRange)])
    if len(voices) < 2:
        return Fact(entries, None)
    if name == "date":
        told = [date for m in members if m.document.id not in reprints and (date := told_date(m.incident)) is not None]
        return Fact(entries, _dates_agree(told) if len(told) > 1 else None)
    if name == "damage":
        return Fact(entries, len({entry.value == "none" for entry in voices}) == 1)
    return Fact(entries, _statements_agree(voices) if name == "responsibility" else _places_agree(voices))


def _count_fact(entries: tuple[LedgerEntry, ...], counts: Sequence[CountRange]) -> Fact:
    """Counts agree when one number fits all; the best are then the numbers that fit, else all between the extremes."""
    if not counts:
        return Fact(entries, None)
    low = max(count.min or 0 for count in counts)
    tops = [count.max for count in counts if count.max is not None]
    high = min(tops, default=None)
    agree = high is None or low <= high
    return Fact(entries, agree if len(counts) > 1 else None, CountRange(low, high) if agree else join_counts(counts))


def _entries(name: str, member: Entry, reprint_of: str | None, taken: Taken) -> list[LedgerEntry]:
    document, incident = member
    if name in _SPAN_ROLES:
        value = _written(incident.date) if name == "date" else incident.place
        start, end = _evidence(document, incident, _SPAN_ROLES[name])
        origin = reprint_of or _origin(document, start, taken)
        return [LedgerEntry(value, None, None, None, document.id, start, end, origin)] if value else []
    claims = [claim for claim in incident.claims if claim.about == name] or _unclaimed(name, incident)
    return [
        LedgerEntry(
            _count(claim.value) if name in COUNTS else _text(claim.value),
            claim.status,
            claim.source,
            claim.source_type,
            document.id,
            claim.start,
            claim.end,
            reprint_of or _origin(document, claim.start, taken),
        )
        for claim in claims
    ]


def _origin(document: DocumentResult, position: int | None, taken: Taken) -> str | None:
    """The document that the sentence at a position of the text was taken from."""
    if not taken or position is None:
        return None
    inside = bisect_right(document.sentences, position, key=lambda sentence: sentence.start) - 1
    return taken.get((document.id, document.sentences[inside].start)) if inside >= 0 else None


def _unclaimed(name: str, incident: Incident) -> list[Claim]:
    """What the record's own field says where none of its claims is about the fact."""
    if name == "damage":
        return []
    value = incident.attributed_to if name == "responsibility" else getattr(incident, name)
    status = incident.attribution if name == "responsibility" else None
    return [Claim(name, value, status, None, "none", -1)] if value is not None or status is not None else []


def _text(value: str | int | CountRange | None) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: str | int | CountRange | None) -> CountRange | None:
    if isinstance(value, int):
        return CountRange(value, value)
    return parse_count(value) if isinstance(value, str) else value


def _evidence(document: DocumentResult, incident: Incident, role: str) -> tuple[int | None, int | None]:
    """The record's first sentence that has a span of the role; nothing when none has one."""
    for index in incident.sentences:
        if 0 <= index < len(document.sentences):
            sentence = document.sentences[index]
            if any(span.role == role for span in sentence.spans):
                return sentence.start, sentence.end
    return None, None


def _same_actor(one: str | None, other: str | None) -> bool:
    return one == other or (one is not None and other is not None and bool(words_of([one]) & words_of([other])))


def _may_be_same_actor(one: str | None, other: str | None) -> bool:
    """Whether two texts can mean one actor; one without a name ("gunmen") can be anybody."""
    named = [text is not None and any(letter.isupper() for letter in text) for text in (one, other)]
    return not all(named) or _same_actor(one, other)


def _statements_agree(voices: Sequence[LedgerEntry]) -> bool:
    """Whether the statements on responsibility can all be true.

    They cannot when two name different culprits, when one denies what another says of the same actor, or when one says
    that nobody is known or owned up while another reports a claim or states a culprit as fact.
    """
    return not any(
        _contradict(*sorted(pair, key=lambda entry: _strength(entry.status)))
        for pair in combinations(_kinds(voices), 2)
    )


def _kinds(voices: Sequence[LedgerEntry]) -> list[LedgerEntry]:
    """One voice of each status and actor."""
    return list({(entry.status, entry.value): entry for entry in voices}.values())


def _strength(status: str | None) -> int:
    return ATTRIBUTION_STRENGTH.index(status) if status in ATTRIBUTION_STRENGTH else len(ATTRIBUTION_STRENGTH)


def _contradict(stronger: LedgerEntry, weaker: LedgerEntry) -> bool:
    actors = [entry.value if isinstance(entry.value, str) else None for entry in (stronger, weaker)]
    blaming = ("claimed", "stated", "accused")
    if stronger.status in blaming and weaker.status in blaming:
        return not _may_be_same_actor(*actors)
    if stronger.status in blaming and weaker.status == "denied":
        return _may_be_same_actor(*actors)
    return stronger.status in ("claimed", "stated") and weaker.status == "unattributed"


def _written(date: DateRange | None) -> str | None:
    """A date in the Extended Date/Time Format, as ``LedgerEntry`` has it."""
    if date is None or (date.start is None and date.end is None):
        return None
    return date.start if date.start == date.end else f"{date.start or '..'}/{date.end or '..'}"


def _dates_agree(dates: Sequence[DateRange]) -> bool:
    ranges = [day_range(date) for date in dates]
    return max((start for start, _ in ranges), default=0) <= min((end for _, end in ranges), default=FOREVER)


def _places_agree(voices: Sequence[LedgerEntry]) -> bool:
    """Whether every two names of the place share a word, or are written alike."""
    names = {str(entry.value) for entry in voices}
    return all(_same_actor(one, other) for one, other in combinations(sorted(names), 2))
