"""Reading the time expressions of an article in order, so that each can count from the one before."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Final

import msgspec

from pipeline.incidents.date_calendar import FUTURE, Clock, Days, Meaning
from pipeline.incidents.date_rules import Mention, find_mentions
from pipeline.labels import INCIDENT_TYPES
from pipeline.schema import ScoredSentence

_HEAD_SENTENCES: Final = 3
_HEAD_CHARACTERS: Final = 150
_LEFT_CHARACTERS: Final = 40

_SINCE: Final = re.compile(r"\b(?:since|starting|began|begun)(?: (?:at|on|in|late|early|from|the|last))*\W*$", re.I)
_JOINED: Final = re.compile(
    r"\s*(?:(?:night|morning|evening|afternoon|noon|dusk|dawn)\s*)?(?:to|and|until|till|into|through|-|–)\s*"
    r"(?:(?:part of|most of|on|the)\s+)*",
    re.I,
)


class Told(msgspec.Struct, frozen=True):
    """A time expression where it stands, and the days that it means or the reason why it means none.

    ``sentence`` is an index, ``start`` and ``end`` count in the article; ``marked`` when the sentence's labels make it
    the time of an event; ``bare`` are the days without a "since" before them.
    """

    sentence: int
    start: int
    end: int
    kind: str
    meaning: Meaning
    bare: Meaning
    marked: bool

    @property
    def since(self) -> bool:
        """Whether the expression only begins the days."""
        return self.meaning != self.bare


class Reading(msgspec.Struct, frozen=True, dict=True):
    """An article with its time expressions in the order of the text."""

    text: str
    sentences: tuple[ScoredSentence, ...]
    clock: Clock
    told: tuple[Told, ...]

    @cached_property
    def told_in(self) -> list[list[Told]]:
        """The expressions of each sentence."""
        found: list[list[Told]] = [[] for _ in self.sentences]
        for told in self.told:
            found[told.sentence].append(told)
        return found

    @cached_property
    def first_happening(self) -> int:
        """The first sentence that tells a happening; 0 where none does."""
        return next((index for index, sentence in enumerate(self.sentences) if happenings(sentence)), 0)

    @cached_property
    def story(self) -> Days | None:
        """The first day on which the article says that something happened."""
        times = (days for told, days in settled(self.told) if told.marked and happenings(self.sentences[told.sentence]))
        return next((days for days in times if days.precision == "day"), None)

    @cached_property
    def popular(self) -> Counter[tuple[date | None, date | None]]:
        """How often each range of days is meant."""
        return Counter((days.start, days.end) for told, days in settled(self.told) if told.marked)


def happenings(sentence: ScoredSentence) -> list[str]:
    """The types of happenings that a sentence carries."""
    return [event for event in sentence.events if event in INCIDENT_TYPES]


def read_article(
    text: str, published: str | None, sentences: Sequence[ScoredSentence], southern: bool = False
) -> Reading:
    """Settle every time expression of an article as far as its text and its date do.

    Args:
        text: The article.
        published: Its ISO date; anything else counts as unknown.
        sentences: Its labelled sentences.
        southern: Whether its seasons are those of the southern hemisphere.
    """
    today = parse_day(published)
    head = None if today else _date_in_head(text, sentences)
    if head is not None and head.start == head.end:
        today = head.end
    clock = Clock(today, today or (head.end if head else None), None, southern)
    told = _read(text, sentences, clock, head if today is None else None)
    return Reading(text, tuple(sentences), clock, tuple(told))


def parse_day(iso: str | None) -> date | None:
    """An ISO date as a day, None for anything else."""
    try:
        return date.fromisoformat(iso) if iso else None
    except ValueError:
        return None


def _date_in_head(text: str, sentences: Sequence[ScoredSentence]) -> Days | None:
    """The day or month with its year in a dateline or in a line of metadata."""
    for sentence in sentences[:_HEAD_SENTENCES]:
        for mention in find_mentions(text[sentence.start : min(sentence.end, sentence.start + _HEAD_CHARACTERS)]):
            meaning = mention.meaning(Clock(None, None))
            if mention.kind in ("date", "month") and isinstance(meaning, Days):
                return meaning
    return None


def _read(text: str, sentences: Sequence[ScoredSentence], clock: Clock, written: Days | None) -> list[Told]:
    """All expressions; one that counts from an unknown day of publication means all days of ``written``."""
    told: list[Told] = []
    anchor: Days | None = None
    for index, sentence in enumerate(sentences):
        times = [(span.start, span.end) for span in sentence.spans if span.role == "time"]
        words = text[sentence.start : sentence.end]
        for mention in find_mentions(words):
            found = _settle(index, sentence.start, words, mention, msgspec.structs.replace(clock, anchor=anchor), times)
            if written is not None and isinstance(found.meaning, str) and found.meaning != FUTURE:
                found = msgspec.structs.replace(found, meaning=written, bare=written)
            if found.marked and isinstance(found.meaning, Days) and found.meaning.precision == "day":
                anchor = found.meaning
            if told and (range_ := _join(text, told[-1], found)):
                told[-1] = range_
            else:
                told.append(found)
    return told


def _settle(
    index: int, offset: int, words: str, mention: Mention, clock: Clock, times: Sequence[tuple[int, int]]
) -> Told:
    start, end = offset + mention.start, offset + mention.end
    bare = meaning = mention.meaning(clock)
    if isinstance(bare, Days) and _SINCE.search(words[max(0, mention.start - _LEFT_CHARACTERS) : mention.start]):
        meaning = _begun(bare, clock.latest)
    marked = any(start < last and first < end for first, last in times)
    return Told(index, start, end, mention.kind, meaning, bare, marked)


def _begun(days: Days, latest: date | None) -> Days:
    """From the first of some days to the last on which the article can have been written."""
    if days.start is None or latest is None or days.start >= latest:
        return days
    return Days(days.start, latest, days.precision)


def _join(text: str, first: Told, last: Told) -> Told | None:
    """The range of "Monday to Wednesday"."""
    if first.sentence != last.sentence or first.kind != last.kind or not last.marked:
        return None
    if not isinstance(first.meaning, Days) or not isinstance(last.meaning, Days):
        return None
    if not _JOINED.fullmatch(text[first.end : last.start]):
        return None
    days = Days(first.meaning.start, last.meaning.end, last.meaning.precision)
    if days.start is None or days.end is None or days.start > days.end:
        return None
    return Told(first.sentence, first.start, last.end, last.kind, days, days, True)


def settled(told: Sequence[Told]) -> Iterator[tuple[Told, Days]]:
    """The expressions that mean days, with the days."""
    for each in told:
        if isinstance(each.meaning, Days):
            yield each, each.meaning
