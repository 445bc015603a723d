"""What all annotation tools have in common: a stretch of text with a label.

The keys of the label set are all different, so that one kind of mark holds everything: a mark with a role is a span, a
mark with any other key says it of the sentence that it lies in, and a mark ``sentence`` is a sentence.
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import Final

import msgspec

from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import ScoredSentence

SENTENCE: Final = "sentence"
"""The label that marks a sentence as such."""

MARK_LABELS: Final = (SENTENCE, *EVENT_TYPES, *RESPONSIBILITY, *SOURCES, *ROLES)
"""Every label that a mark may have."""

_SHOWN: Final = 40
_UNSEEN: Final = re.compile(r"\\n|\s")


class Unit(StrEnum):
    """What a tool's offsets count."""

    CODE_POINTS = "code-points"
    UTF_16 = "utf-16"


class Mark(msgspec.Struct, frozen=True):
    """A labelled stretch of text, end-exclusive; offsets are code points unless said otherwise.

    ``region`` is the tool's own name of it, ``quote`` the text that the tool says it covers.
    """

    start: int
    end: int
    label: str
    region: str | None = None
    quote: str | None = None


class Flaw(msgspec.Struct, frozen=True):
    """Why an annotation cannot be kept as it is: the stretch that it is about, the finding and the mend."""

    where: str
    message: str
    mend: str


def flaw_of(text: str, mark: Mark, message: str, mend: str) -> Flaw:
    """A flaw of one mark, which it names by label, tool's id, offsets and words."""
    shown = shortened(text[max(mark.start, 0) : max(mark.end, 0)], _SHOWN)
    region = f" (region {mark.region})" if mark.region else ""
    return Flaw(f"`{mark.label}` [{mark.start}, {mark.end}) {shown!r}{region}", message, mend)


def shortened(words: str, most: int) -> str:
    """The words, with an ellipsis for what goes beyond so many characters."""
    return words if len(words) <= most else f"{words[: most - 1]}…"


def marks_of(sentence: ScoredSentence) -> Iterator[Mark]:
    """What the model says of a sentence, as marks."""
    keys = (SENTENCE, *sentence.events, *sentence.responsibility, sentence.attribution_source)
    yield from (Mark(sentence.start, sentence.end, key) for key in keys)
    yield from (Mark(span.start, span.end, span.role) for span in sentence.spans)


def in_code_points(text: str, marks: Sequence[Mark], units: Sequence[Unit]) -> tuple[list[Mark], list[Flaw]]:
    """The marks with offsets in code points.

    Tools count in what their language counts in, and change it between versions. So the unit is the first of
    ``units`` in which every mark lies within the text and covers the words that it quotes.

    Args:
        text: The annotated text.
        marks: With offsets in one of the units.
        units: Units to try, the likeliest first.

    Returns:
        The marks, and no flaw; or no mark, and what is wrong with each in the first unit.
    """
    flaws: list[Flaw] = []
    for unit in units:
        converted, found = _converted(text, marks, unit)
        if not found:
            return converted, []
        flaws = flaws or found
    return [], flaws


def utf16_offsets(text: str) -> list[int]:
    """For each code point of the text, and for its end, where it begins in UTF-16 code units."""
    return [0, *accumulate(2 if char > "\uffff" else 1 for char in text)]


def _converted(text: str, marks: Sequence[Mark], unit: Unit) -> tuple[list[Mark], list[Flaw]]:
    counted = range(len(text) + 1) if unit is Unit.CODE_POINTS else utf16_offsets(text)
    places = {offset: place for place, offset in enumerate(counted)}
    converted: list[Mark] = []
    flaws: list[Flaw] = []
    for mark in marks:
        start, end = places.get(mark.start), places.get(mark.end)
        if start is None or end is None or start >= end:
            message = f"offsets outside the text of {counted[-1]} {unit} or within a character"
            flaws.append(flaw_of(text, mark, message, "mark the words anew"))
        elif mark.quote is not None and _seen(mark.quote) != _seen(text[start:end]):
            message = f"the region quotes {mark.quote[:_SHOWN]!r}, the text has other words there"
            flaws.append(flaw_of(text, mark, message, "import the articles into the tool as they were exported"))
        else:
            converted.append(msgspec.structs.replace(mark, start=start, end=end))
    return converted, flaws


def _seen(words: str) -> str:
    """The words without white space: tools collapse it, and Label Studio writes a line break as a backslash and n."""
    return _UNSEEN.sub("", words)
