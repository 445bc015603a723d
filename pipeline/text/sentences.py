"""Splitting a text into sentences (GUIDELINES section 0).

A sentence never crosses a line break. Within a line the rules are those of ``sentencex`` (Wikimedia), which
keeps every character and knows abbreviations; a metadata prefix (``date 2020-01-27``) is a unit of its own.
"""

import re
from collections.abc import Iterator
from typing import Final

import sentencex

from pipeline.text.characters import readable

_METADATA: Final = re.compile(r"date \d{4}-\d{2}-\d{2}(?=\s|$)")
_ENUMERATOR: Final = re.compile(r"(\(?\w{1,3}[.)]|[–—•*-])$")
_TO_LAST_BLANK: Final = re.compile(r".*\s", re.DOTALL)
_LANGUAGE: Final = "en"

LONGEST: Final = 2000
"""Characters of a sentence, at most; the work on a table or a list without a full stop grows with their square."""


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Sentences of a text as (start, end) offsets, in order, without surrounding white space.

    Every character that is not white space lies in exactly one sentence.
    """
    return [
        span
        for number, (start, end) in enumerate(_lines(text))
        for span in _split_line(text, start, end, opens=number == 0)
    ]


def metadata_date(text: str) -> str | None:
    """The ISO date of a leading ``date YYYY-MM-DD``, or None."""
    match = _METADATA.match(text.lstrip())
    return match[0].removeprefix("date ") if match else None


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Lines with the white space around them taken off; empty ones are left out."""
    for match in re.finditer(r"[^\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", text):
        yield from _stripped(text, match.start(), match.end())


def _split_line(text: str, start: int, end: int, opens: bool) -> Iterator[tuple[int, int]]:
    """Sentences of one line, which ``opens`` the text or not."""
    prefix = _METADATA.match(text, start, end) if opens else None
    if prefix:
        yield prefix.span()
        start = prefix.end()
    pending = start
    for boundary in [*_boundaries(text[start:end], start), end]:
        for begin, stop in _stripped(text, pending, boundary):
            if boundary < end and _ENUMERATOR.fullmatch(text, begin, stop):
                break
            yield from _cut(text, begin, stop)
            pending = boundary


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A stretch in which no sentence ends, in pieces of at most ``LONGEST`` characters, cut at white space if any."""
    while end - start > LONGEST:
        blank = _TO_LAST_BLANK.match(text, start, start + LONGEST)
        cut = blank.end() if blank else start + LONGEST
        yield from _stripped(text, start, cut)
        start = cut
    yield from _stripped(text, start, end)


def _boundaries(line: str, offset: int) -> Iterator[int]:
    """Offsets at which a sentence other than the line's first begins."""
    position = 0
    line = readable(line)
    for sentence in sentencex.segment(_LANGUAGE, line):
        words = sentence.strip()
        found = line.find(words, position) if words else -1
        if found > 0:
            yield offset + found
        position = max(position, found + len(words))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
