"""A document as labelling functions read it: words, lexicon hits, who speaks, and what is told where."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec

from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES, VIOLENT_TYPES
from pipeline.weak.lexicon import Hits, Lexicons
from pipeline.weak.words import MARKS, Words, read_words

LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "events": EVENT_TYPES,
    "responsibility": RESPONSIBILITY,
    "source": SOURCES,
}
"""Keys that functions vote on, by layer of the guidelines. No key stands in two layers."""

THEMES: Final[Mapping[str, frozenset[str]]] = {
    "events": frozenset(VIOLENT_TYPES),
    "responsibility": frozenset(),
    "source": frozenset(SOURCES) - {"none"},
}
"""Keys that carry over from one sentence to the next: violence has consequences, a speaker goes on speaking."""

LAYER_OF: Final = {key: layer for layer, keys in LAYERS.items() for key in keys}
"""The layer of each key."""

_LEAD: Final = 3
_LEAD_WEIGHT: Final = 2


class ReadSentence(msgspec.Struct, frozen=True, dict=True):
    """``hits``: where each lexicon occurs, as word indexes."""

    words: Words
    hits: Hits

    def places(self, lexicons: Sequence[str], quoted: bool | None = None) -> list[tuple[int, int]]:
        """Where any of the lexicons occurs, in or outside quotations, or both (None)."""
        found = [place for name in lexicons for place in self.hits.get(name, ())]
        return found if quoted is None else [place for place in found if self.words.quoted[place[0]] == quoted]

    def has(self, lexicons: Sequence[str], quoted: bool | None = None) -> bool:
        """Whether any of the lexicons occurs there."""
        if quoted is None:
            return any(name in self.hits for name in lexicons)
        return bool(self.places(lexicons, quoted))

    @cached_property
    def is_quotation(self) -> bool:
        """Whether all words stand inside quotation marks."""
        return any(self.words.quoted) and all(
            quoted or token in MARKS for token, quoted in zip(self.words.tokens, self.words.quoted, strict=True)
        )


class Reading:
    """A document's sentences, and for each what its own words say it is about."""

    def __init__(self, sentences: Sequence[str], lexicons: Lexicons) -> None:
        """Read the texts of a document's sentences, in their order."""
        self.sentences = [_read(text, lexicons) for text in sentences]
        self.cued: list[frozenset[str]] = [frozenset()] * len(sentences)

    def note_cues(self, cued: Sequence[frozenset[str]]) -> None:
        """Keep, for each sentence, the keys that its own words say; functions that look around read them."""
        self.cued = list(cued)

    @cached_property
    def _counts(self) -> dict[str, int]:
        return {
            key: sum(_LEAD_WEIGHT if index < _LEAD else 1 for index, cued in enumerate(self.cued) if key in cued)
            for key in LAYER_OF
        }

    def count(self, key: str) -> int:
        """In how many sentences of the document the key is cued; the first few count twice."""
        return self._counts[key]

    def leads(self, key: str) -> bool:
        """Whether the key has cues, and no other key of its layer that carries over has more."""
        most = max(self._counts[other] for other in THEMES[LAYER_OF[key]])
        return 0 < self._counts[key] == most

    def last_theme(self, layer: str, index: int, reach: int) -> frozenset[str]:
        """Keys of the nearest sentence before this one, at most ``reach`` back, that has any that carries over."""
        for back in range(index - 1, max(-1, index - 1 - reach), -1):
            if found := self.cued[back] & THEMES[layer]:
                return found
        return frozenset()


def _read(text: str, lexicons: Lexicons) -> ReadSentence:
    words = read_words(text)
    return ReadSentence(words, lexicons.find(words))
