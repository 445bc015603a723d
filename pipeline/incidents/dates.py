"""When things happened: the date of a happening out of the time expressions of its article."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Final

import msgspec

from pipeline.incidents.date_calendar import NO_PUBLICATION, Clock, Days
from pipeline.incidents.date_candidates import find_candidates
from pipeline.incidents.date_ranking import as_range, choose
from pipeline.incidents.date_reading import Reading, parse_day, read_article
from pipeline.incidents.date_rules import find_mentions
from pipeline.incidents.learned import DATES, read_learned
from pipeline.schema import DateRange, ScoredSentence

NO_EXPRESSION: Final = "no time expression"
FROM_PUBLICATION: Final = "from the article's publication"
"""The reason of a date that no words of the article tell; on ``dev`` three of four such are wrong."""


class DateFinding(msgspec.Struct, frozen=True):
    """When something happened, how exactly, and why.

    ``precision`` is day, week, month or year, null without a date; ``reason`` names what settled the date or why
    nothing did; ``score`` is the date's probability among those possible, 0 to 1; ``expressions`` are offsets
    (start, end) into the article of the words used, empty where only the day of publication speaks.
    """

    range: DateRange | None
    precision: str | None
    reason: str
    score: float
    expressions: tuple[tuple[int, int], ...] = ()


class DateFinder:
    """An article prepared once, to be asked for the date of each of its happenings."""

    def __init__(self, reading: Reading, weights: Mapping[str, float]) -> None:
        self.reading = reading
        self._weights = weights

    def date_of(self, kind: str, members: Collection[int]) -> DateFinding:
        """The likeliest date of a happening.

        Args:
            kind: Its event type.
            members: Indexes of the sentences that tell it, in any order.
        """
        choice = choose(find_candidates(self.reading, kind, members), self._weights)
        if choice is None or choice.range is None or choice.candidate.days is None:
            return DateFinding(None, None, self._why_none(members), 1.0 if choice is None else choice.probability)
        told = choice.candidate.told
        words = ", ".join(self.reading.text[each.start : each.end] for each in told)
        return DateFinding(
            range=choice.range,
            precision=choice.candidate.days.precision,
            reason=words or FROM_PUBLICATION,
            score=choice.probability,
            expressions=tuple((each.start, each.end) for each in told),
        )

    def _why_none(self, members: Collection[int]) -> str:
        """The reason given for the first of the happening's own expressions that is not settled."""
        indexes = sorted({index for index in members if 0 <= index < len(self.reading.sentences)})
        reasons = (told.meaning for index in indexes for told in self.reading.told_in[index])
        unsettled = next((reason for reason in reasons if isinstance(reason, str)), None)
        return unsettled or (NO_EXPRESSION if self.reading.clock.today else NO_PUBLICATION)


def resolve_dates(
    text: str,
    published: str | None,
    sentences: Sequence[ScoredSentence],
    *,
    southern: bool = False,
    weights: Mapping[str, float] | None = None,
) -> DateFinder:
    """Prepare an article: every time expression in it is settled as far as its text and its date do.

    Args:
        text: The article.
        published: Its ISO date, or None; then a date in its first lines takes its place.
        sentences: Its labelled sentences, in order.
        southern: Whether "summer" there is December to February.
        weights: What ``fit_dates.fit_weights`` learned; None is what ships with the package.
    """
    return DateFinder(
        read_article(text, published, sentences, southern), _default_weights() if weights is None else weights
    )


@cache
def _default_weights() -> dict[str, float]:
    return read_learned(DATES, dict[str, float])


def parse_date(expression: str, published: str | None) -> DateRange | None:
    """The days that a time expression means by itself.

    Args:
        expression: As the text writes it ("Tuesday", "March 3", "last year").
        published: ISO date that relative expressions count from; without it only expressions with a year stand.

    Returns:
        None when the expression is not understood or nothing settles it.
    """
    today = parse_day(published)
    meanings = (mention.meaning(Clock(today, today)) for mention in find_mentions(expression))
    return as_range(next((meaning for meaning in meanings if isinstance(meaning, Days)), None))
