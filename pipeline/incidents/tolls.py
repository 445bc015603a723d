"""How many people a record counts as killed and injured, and how many weapons it counts.

The classifier marks number expressions (roles ``killed`` and ``injured``), persons without a number (``target``)
and weapons; here they become figures, and the figures of a record's sentences one range (GUIDELINES section 5).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from pipeline.incidents.nouns import MASS_NOUNS, is_singular, lexicon
from pipeline.incidents.victims import follows_harm, is_listed, tells_one_death, victims
from pipeline.labels import INCIDENT_TYPES, VIOLENT_TYPES
from pipeline.schema import CountRange, ScoredSentence, ScoredSpan
from pipeline.text.counts import join_counts, parse_count

COUNTED_KINDS: Final = frozenset({"shelling_missile", "air_drone_strike", "explosive_device"})
"""Happenings whose weapons are counted; elsewhere a text gives the number of weapons by chance."""

BESIDE: Final = 2
"""Sentences from a figure to the happening that it may be of. Chosen on ``dev`` and simulated readings of ``train``."""

_ONE: Final = CountRange(1, 1)
_NOBODY: Final = CountRange(0, 0)
_LONGEST: Final = 80
"""Characters of a number expression, and before a weapon, that are read."""

_ORDINALS: Final = lexicon("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
_ORDINAL: Final = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})\b", re.IGNORECASE)
_VAGUE: Final = {"several": CountRange(3, None), "some": CountRange(1, None), "another": _ONE, "single": _ONE}
_OR_MORE: Final = re.compile(r"\b(?:or|and|possibly|perhaps) more\b")
_UNHARMED: Final = re.compile(r"\b(?:anybody|anyone|any|nil|un(?:hurt|harmed|scathed|injured))\b")
_ZERO_OF_ALL: Final = re.compile(
    r"(?:no[- ]?(?:one|body)|any(?:one|body)|none(?! (?:of|on|among)\b)|nil|zero|not|un\w+|(?:no|without|any)"
    r"(?: (?:further|loss of))? (?:casualt|death|dead|injur|wound|loss|person|people|li[fv]e|fatalit|victim))",
    re.IGNORECASE,
)
_PART_BEFORE: Final = re.compile(
    r"\b(?:including|includes?|among (?:them|those|the \w+)|of (?:whom|which|these|those|them))(?: \w+){0,2}[\s:]*$",
    re.IGNORECASE,
)
_PART_BEHIND: Final = re.compile(
    r"(?: \w+)? (?:of|from among) "
    r"(?:whom|which|them|these|those|the (?:\w+ )?(?:dead|killed|victims|wounded|injured|hurt))\b"
    r"| in uniform| (?:seriously|critically|gravely|badly)\b",
    re.IGNORECASE,
)
_RIVAL: Final = re.compile(
    r"\b(?:accord\w*|count\w*|said|says?|puts?|not|rather|instead|against|then|later|toll|total|bring\w*|brought|but|"
    r"rais\w+|lower\w*|from|earlier|since|year|month|while|although)\b",
    re.IGNORECASE,
)
"""Words between two figures that make them rivals, not items of a list."""

_NUMBER_WORD: Final = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|dozens?|scores"
    r"|both)\b"
)
_COUNT_BEFORE: Final = re.compile(
    rf"(?:(?P<number>(?<![\d.:/-])(?:\d{{1,3}}(?:,\d{{3}})*(?![\d.:/-]|[ -]?(?:mm|millim|kilo|kg))|\b{_NUMBER_WORD}"
    rf"|\b(?:one|an?) (?=hundred|thousand|dozen))(?:(?:[ -]|(?<= ))(?:and )?(?:{_NUMBER_WORD}|one\b))*)"
    r"|\b(?:an?|one|single|the|this|that|its|his|her|our|their|[\w-]+['’]s))"
    r"(?: (?!(?:of|in|with|from|by|on|at|to|and|or|after|before|that|when|days?|weeks?|hours?|years?|men|people)\b)"
    r"[\w.'’-]+){0,2} [“\"]?$",
    re.IGNORECASE,
)
"""A number or a determiner and at most two more words before a weapon; calibres and dates are no numbers."""


class Figure(msgspec.Struct, frozen=True):
    """A count that a sentence states; ``start`` and ``end`` quote its words in the text.

    ``part`` marks a share of another figure ("two of them children"), which says nothing of the whole; ``person``
    victims who are told without a number; ``single`` one weapon by its determiner ("a bomb").
    """

    count: CountRange
    start: int
    end: int
    part: bool = False
    person: bool = False
    single: bool = False


class Figures:
    """The figures of an article's sentences, each read once, however many records ask for it.

    Args:
        text: The article.
        sentences: Its labelled sentences.
    """

    def __init__(self, text: str, sentences: Sequence[ScoredSentence]) -> None:
        self.text = text
        self.sentences = sentences
        self._read: dict[tuple[int, bool, str], tuple[Figure, ...]] = {}

    def of(self, index: int, kind: str, role: str) -> tuple[Figure, ...]:
        """See `figures_of`, which looks at a type only to tell protests from others."""
        key = index, kind == "protest", role
        if key not in self._read:
            self._read[key] = figures_of(self.text, self.sentences[index], kind, role)
        return self._read[key]

    def goes_on_with(self, index: int) -> int | None:
        """The sentence that one without any incident type belongs to: the nearest before it that has one, else behind.

        None for other sentences, and where there is none within ``BESIDE``.
        """
        if not 0 <= index < len(self.sentences) or self._tells(index):
            return None
        steps = (*range(-1, -BESIDE - 1, -1), *range(1, BESIDE + 1))
        return next((index + step for step in steps if self._tells(index + step)), None)

    def _tells(self, index: int) -> bool:
        return 0 <= index < len(self.sentences) and any(key in INCIDENT_TYPES for key in self.sentences[index].events)


def counted_in(figures: Figures, kind: str, members: Sequence[int], role: str) -> list[int]:
    """The sentences whose figures are a record's: its own, or where they have none, those beside them as well.

    "Three were killed." goes on with what was told before, and is often not seen to tell of it. Beside is a sentence of
    no incident type whose nearest one of any, at most ``BESIDE`` before it or else behind it, is the record's.

    Args:
        figures: Of the article.
        kind: The record's type.
        members: Indexes of its sentences.
        role: ``killed`` or ``injured``.
    """
    own = set(members)
    if any(figures.of(index, kind, role) for index in own):
        return sorted(own)
    near = {index + step for index in own for step in range(-BESIDE, BESIDE + 1)}
    return sorted({*own, *(index for index in near if figures.goes_on_with(index) in own)})


def toll(figures: Figures, kind: str, members: Sequence[int], role: str) -> CountRange | None:
    """The range of people killed or injured that a record's sentences report.

    Args:
        figures: Of the article.
        kind: The record's type.
        members: Indexes of its sentences.
        role: ``killed`` or ``injured``.

    Returns:
        From the lowest to the highest figure for the whole, in the sentences that ``counted_in`` gives: numbers where
        there are any, those of sentences that tell no other type before others, else persons; None when the sentences
        tell of nobody.
    """
    within = counted_in(figures, kind, members, role)
    by_sentence = {index: figures.of(index, kind, role) for index in within}
    found = [figure for told in by_sentence.values() for figure in told]
    numbers = _without_partial_zeros([figure for figure in found if not figure.person], figures.text)
    whole = [figure for figure in numbers if not figure.part]
    alone = {figure for index in within if _tells_one_type(figures.sentences[index]) for figure in by_sentence[index]}
    best = [figure for figure in whole if figure in alone] or whole or numbers or found
    if best:
        return _range([figure.count for figure in best])
    if role != "killed" or kind not in VIOLENT_TYPES:
        return None
    return _ONE if tells_one_death(figures.text, [figures.sentences[index] for index in within]) else None


def _tells_one_type(sentence: ScoredSentence) -> bool:
    """Whether a sentence's figures are of one type of happening; in others they may be of another, or of all."""
    return sum(key in INCIDENT_TYPES for key in sentence.events) < 2


def figures_of(text: str, sentence: ScoredSentence, kind: str, role: str) -> tuple[Figure, ...]:
    """The figures of people killed or injured in a happening of type ``kind`` that one sentence states.

    Numbers and persons that are listed together ("two guards and a driver were killed") are one figure. A protest
    has no toll in a sentence that tells of violence as well: the violence has it.
    """
    if kind == "protest" and any(key in VIOLENT_TYPES for key in sentence.events):
        return ()
    spans = sorted((span for span in sentence.spans if span.role == role), key=lambda span: (span.start, span.end))
    numbers = [figure for span in spans if (figure := _number(text, sentence, span)) is not None]
    persons = victims(text, sentence, role, [(span.start, span.end) for span in spans])
    figures = [*numbers, *(Figure(_ONE, start, end, person=True) for start, end in persons)]
    figures.sort(key=lambda figure: (figure.start, figure.end))
    return tuple(_joined(_without_partial_zeros(figures, text), text))


def weapon_count(
    text: str, sentences: Sequence[ScoredSentence], kind: str, members: Sequence[int]
) -> CountRange | None:
    """The range of weapons that a record's sentences count.

    Numbers go before single weapons ("a bomb"), which count where the same weapon is not told in the plural too.
    None where the sentences count nothing, and for happenings whose weapons are not counted.
    """
    if kind not in COUNTED_KINDS and kind != "armed_assault":
        return None
    found = [
        (_head(text, span), weapon_figure(text, sentences[index], span))
        for index in sorted(set(members))
        for span in sentences[index].spans
        if span.role == "weapon"
    ]
    if numbers := [figure.count for _, figure in found if figure is not None and not figure.single]:
        return join_counts(numbers)
    single = {head for head, figure in found if figure is not None}
    if any(head.removesuffix("s") in single and head not in single for head, _ in found):
        return None
    return _ONE if single else None


def weapon_figure(text: str, sentence: ScoredSentence, span: ScoredSpan) -> Figure | None:
    """The count that stands before a weapon ("five {Katyusha rockets}", "a {bomb}"); None when there is none."""
    start = max(sentence.start, span.start - _LONGEST)
    found = _COUNT_BEFORE.search(text[start : span.start])
    head = _head(text, span)
    if found is None or head in MASS_NOUNS:
        return None
    if found["number"] is None:
        return Figure(_ONE, span.start, span.end, single=True) if is_singular(head) else None
    count = parse_count(found["number"])
    return None if count is None or count == _NOBODY else Figure(count, start + found.start("number"), span.end)


def _head(text: str, span: ScoredSpan) -> str:
    """The head noun of a weapon, in lower case."""
    words = text[span.start : span.end].split(" of ")[0].lower().split()
    return words[-1] if words else ""


def _number(text: str, sentence: ScoredSentence, span: ScoredSpan) -> Figure | None:
    count = _parse(text[span.start : span.end])
    if count is None:
        return None
    before = text[max(sentence.start, span.start - _LONGEST) : span.start]
    share = count != _NOBODY and _PART_BEHIND.match(text, span.end, sentence.end) is not None
    part = _PART_BEFORE.search(before) is not None or (share and not follows_harm(before, span.role))
    return Figure(count, span.start, span.end, part)


def _parse(expression: str) -> CountRange | None:
    """`parse_count`, and what only a marked expression may mean: "a third" is the third, "several", "unhurt"."""
    lowered = expression.lower()
    if len(lowered) > _LONGEST:
        return None
    count, words = parse_count(lowered), re.findall(r"\w+", lowered)
    if count is None or count == _ONE:
        ordinal = next((number for number, word in enumerate(_ORDINALS, start=1) if word in words), None)
        count = count if ordinal is None else CountRange(ordinal, ordinal)
    if count is None and _UNHARMED.search(lowered):
        return _NOBODY
    if count is None:
        return next((_VAGUE[word] for word in words if word in _VAGUE), None)
    return CountRange(count.min, None) if _OR_MORE.search(lowered) else count


def _without_partial_zeros(figures: Sequence[Figure], text: str) -> list[Figure]:
    """Beside other figures, "no" counts only where it is said of all ("nobody", not "no civilians")."""
    if all(figure.count == _NOBODY for figure in figures):
        return list(figures)
    return [figure for figure in figures if figure.count != _NOBODY or _ZERO_OF_ALL.match(text, figure.start)]


def _joined(figures: Sequence[Figure], text: str) -> Iterator[Figure]:
    """Figures that stand in one list become one; shares stay apart."""
    yield from (figure for figure in figures if figure.part)
    whole = [figure for figure in figures if not figure.part]
    while whole:
        last = whole.pop()
        while whole and _are_listed(whole[-1], last, text):
            first = whole.pop()
            count = CountRange(_sum(first.count.min, last.count.min), _sum(first.count.max, last.count.max))
            last = Figure(count, first.start, last.end, person=first.person and last.person)
        yield last


def _are_listed(first: Figure, second: Figure, text: str) -> bool:
    """Whether two figures are items of one list; behind a number a comma alone may start an apposition."""
    if _NOBODY in (first.count, second.count) or any(_ORDINAL.search(text, f.start, f.end) for f in (first, second)):
        return False
    between = text[first.end : second.start]
    commas = second.person and (first.person or second.count != _ONE)
    return is_listed(between, commas) and _RIVAL.search(between) is None


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


def _range(counts: Sequence[CountRange]) -> CountRange | None:
    """`join_counts`, where a figure that is open above ("dozens") sets no bound beside a higher one ("66")."""
    highest = max((count.max for count in counts if count.max is not None), default=None)
    return join_counts(
        CountRange(count.min, highest)
        if count.max is None and highest is not None and (count.min or 0) <= highest
        else count
        for count in counts
    )
