"""A sentence as the words that lexicons know: lower case, possessives apart, and which of them are quoted."""

import re
from typing import Final

import msgspec

_WORD: Final = re.compile(r"[^\W_]+(?:['’](?!s\b)[^\W_]+)*|['’]s\b|[^\w\s-]")
_STRAIGHT_OPENING: Final = re.compile(r'(?<![^\s(\[—–-])"(?=\S)')
_OPENING: Final = frozenset("“«")
_CLOSING: Final = frozenset("”»")
MARKS: Final = _OPENING | _CLOSING
"""Quotation marks; single ones are left out, since most of them are apostrophes."""


class Words(msgspec.Struct, frozen=True):
    """``tokens``: words and marks in order. ``quoted``: for each, whether it stands inside a quotation."""

    tokens: tuple[str, ...]
    quoted: tuple[bool, ...]


def read_words(text: str) -> Words:
    """Split a sentence, or an entry of a lexicon, into words.

    A hyphen parts words, so that ``car-bomb`` and ``car bomb`` are the same. Straight quotation marks become curly
    ones. A sentence whose first quotation mark closes one is the end of a quotation that began earlier.
    """
    curly = _STRAIGHT_OPENING.sub("“", text).replace('"', "”")
    tokens = tuple(_WORD.findall(curly.lower().replace("’", "'")))
    return Words(tokens, _quoted(tokens))


def _quoted(tokens: tuple[str, ...]) -> tuple[bool, ...]:
    first = next((token for token in tokens if token in MARKS), None)
    inside = first in _CLOSING
    found = []
    for token in tokens:
        inside = inside and token not in _CLOSING
        found.append(inside)
        inside = inside or token in _OPENING
    return tuple(found)
