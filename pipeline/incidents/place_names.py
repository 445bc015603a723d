"""Where a text names places and countries: names, adjectives ("Syrian army"), capitals, towns and provinces.

Letters' case decides what is looked at: a name starts with a capital. Outside spans that the model marked as
locations a town's name can be a person's or a sentence's first word, so only names that are well known or stand
apart count there.
"""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import msgspec

from pipeline.incidents.gazetteer import Candidate, Gazetteer, fold, population_weight
from pipeline.schema import ScoredSentence

KINDS: Final = ("country", "adjective", "capital", "place", "region")
"""How a mention speaks of a country."""

_WORD: Final = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W\d_]+(?:['’ʻ`.-][^\W\d_]+)*")
_PART: Final = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*")
_WORD_BEFORE: Final = re.compile(r"([^\W\d_]+) $")
_WORD_AFTER: Final = re.compile(r" ([^\W\d_]+)")
_LONGEST_NAME: Final = 5
_DOUBT: Final = 200_000
_FAR: Final = 30
_WELL_KNOWN: Final = 200_000
_LARGE: Final = 15_000
_POSSESSIVE: Final = re.compile(r"['’]s?$")


class Mention(msgspec.Struct, frozen=True):
    """A name in the text.

    ``start`` and ``end`` are offsets into the text, ``sentence`` is an index, ``kind`` is one of ``KINDS``, ``role`` is
    that of the smallest span around it or None. ``fragment``: other capitalised words stand beside it. ``shares`` says
    which countries it can stand for and how likely; they sum to 1, to less where it may be no place at all.
    """

    start: int
    end: int
    sentence: int
    kind: str
    role: str | None
    name: str
    fragment: bool
    shares: dict[str, float]
    candidates: tuple[Candidate, ...] = ()


def find_mentions(text: str, sentences: Sequence[ScoredSentence], gazetteer: Gazetteer) -> list[Mention]:
    """Every mention, in the order of the text; the longest name that is known wins, and none overlap."""
    reader = _Reader(text, gazetteer)
    return [mention for index, sentence in enumerate(sentences) for mention in reader.mentions(sentence, index)]


class _Reader:
    """One text, read sentence by sentence."""

    def __init__(self, text: str, gazetteer: Gazetteer) -> None:
        self._text = text
        self._gazetteer = gazetteer
        self._common = {word for word in _WORD.findall(text) if word.islower()}

    def mentions(self, sentence: ScoredSentence, index: int) -> Iterator[Mention]:
        words = [match.span() for match in _WORD.finditer(self._text, sentence.start, sentence.end)]
        position = 0
        while position < len(words):
            taken = 1
            start, end = words[position]
            if self._text[start:end].islower():  # neither a capital nor a part that names a country
                position += 1
                continue
            for length in range(self._longest(words, position), 0, -1):
                found = self._read(words[position][0], words[position + length - 1][1], position == 0, sentence, index)
                if found is not None:
                    yield found
                    taken = length
                    break
            else:
                yield from self._compound(words[position], sentence, index)
            position += taken

    def _longest(self, words: Sequence[tuple[int, int]], first: int) -> int:
        """How many words from ``first`` on may be one name: only blanks between them, first and last capitalised."""
        if not self._text[words[first][0]].isupper():
            return 0
        longest = 1
        for number in range(1, min(_LONGEST_NAME, len(words) - first)):
            before, after = words[first + number - 1], words[first + number]
            if self._text[before[1] : after[0]].strip(" \u00a0"):
                break
            if self._text[after[0]].isupper():
                longest = number + 1
        return longest

    def _read(self, start: int, end: int, opens: bool, sentence: ScoredSentence, index: int) -> Mention | None:
        name = _POSSESSIVE.sub("", self._text[start:end])
        end = start + len(name)
        nations = self._gazetteer.country_words.get(name)
        codes = nations or self._gazetteer.adjectives.get(name)
        if codes:
            role = _role(sentence, start, end)
            return Mention(start, end, index, "country" if nations else "adjective", role, name, False, _evenly(codes))
        if name.lower() in self._common:
            return None
        candidates = self._gazetteer.lookup(name)
        if not candidates:
            return None
        role = _role(sentence, start, end)
        largest = max(candidate.population for candidate in candidates)
        if role != "location" and candidates[0].precision != "country" and largest < (_WELL_KNOWN if opens else _LARGE):
            return None
        fragment = self._is_fragment(start, end)
        kind = "capital" if fold(name) in self._gazetteer.capitals else candidates[0].precision
        doubt = 0 if role == "location" and not fragment else _DOUBT
        return Mention(start, end, index, kind, role, name, fragment, shares(candidates, doubt), candidates)

    def _compound(self, word: tuple[int, int], sentence: ScoredSentence, index: int) -> Iterator[Mention]:
        """Countries in compounds: "Iran-backed", "US-led"."""
        for part in _PART.finditer(self._text, *word):
            name = part[0]
            codes = self._gazetteer.country_words.get(name) or self._gazetteer.adjectives.get(name)
            if codes:
                role = _role(sentence, part.start(), part.end())
                yield Mention(part.start(), part.end(), index, "adjective", role, name, False, _evenly(codes))

    def _is_fragment(self, start: int, end: int) -> bool:
        """Whether another capitalised word stands beside a name: "Lange Strasse" is not the town of Lange."""
        beside = (
            _WORD_BEFORE.search(self._text[max(0, start - _FAR) : start]),
            _WORD_AFTER.match(self._text, end),
        )
        return any(word and word[1][0].isupper() and word[1].lower() not in self._common for word in beside)


def _role(sentence: ScoredSentence, start: int, end: int) -> str | None:
    """The role of the smallest span that holds the stretch; a location before others of its size."""
    around = [span for span in sentence.spans if span.start <= start and end <= span.end]
    smallest = min(around, key=lambda span: (span.end - span.start, span.role != "location", span.role), default=None)
    return smallest.role if smallest else None


def _evenly(codes: Collection[str]) -> dict[str, float]:
    return dict.fromkeys(sorted(codes), 1 / len(codes))


def shares(candidates: Sequence[Candidate], doubt: int = 0) -> dict[str, float]:
    """How likely each country is meant: by the square root of the population of its largest candidate.

    ``doubt`` is the population that "no place at all" weighs; with it the shares sum to less than 1.
    """
    weights: dict[str, float] = {}
    for candidate in candidates:
        weight = population_weight(candidate.population)
        weights[candidate.country] = max(weight, weights.get(candidate.country, 0.0))
    total = sum(weights.values()) + math.sqrt(doubt)
    return {country: weight / total for country, weight in weights.items()}
