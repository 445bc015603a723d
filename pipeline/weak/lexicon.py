"""Named lists of words and phrases, and where they occur in a sentence.

An entry is one or more words. ``*`` at the end of a word stands for any ending (``kidnap*``), ``_`` alone for any one
word (``a _ official``), ``/`` between words for either (``tear/cs gas``). Case and hyphens do not count.
"""

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from pipeline.errors import InputError
from pipeline.weak.words import Words, read_words

Hits = dict[str, list[tuple[int, int]]]
"""For each lexicon that occurs, the places: first word and the word after the last, as indexes."""

_ANY_WORD: Final = "_"
_ANY_ENDING: Final = "*"
_LEAST_STEM: Final = 2


class LexiconError(InputError):
    """A file of lexicons or of labelling functions breaks their format's rules."""


class _Node:
    """A word position in the tree of all entries."""

    __slots__ = ("anything", "ends", "stems", "words")

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.stems: dict[str, _Node] = {}
        self.anything: _Node | None = None
        self.ends: set[str] = set()

    def add(self, pattern: str) -> "_Node":
        """The node below for one word of an entry."""
        if pattern == _ANY_WORD:
            self.anything = self.anything or _Node()
            return self.anything
        if pattern.endswith(_ANY_ENDING):
            return self.stems.setdefault(pattern.removesuffix(_ANY_ENDING), _Node())
        return self.words.setdefault(pattern, _Node())

    def below(self, token: str) -> "Iterable[_Node]":
        """Nodes that a word of the text leads to."""
        if token in self.words:
            yield self.words[token]
        if self.stems:
            for length in range(_LEAST_STEM, len(token) + 1):
                if token[:length] in self.stems:
                    yield self.stems[token[:length]]
        if self.anything is not None:
            yield self.anything


class Lexicons:
    """All lexicons in one tree, so that a sentence is read once for all of them."""

    def __init__(self, entries: Mapping[str, Iterable[str]]) -> None:
        """Build the tree.

        Args:
            entries: The entries of each lexicon, in the notation of this module.

        Raises:
            LexiconError: When an entry is not in that notation.
        """
        self.names = frozenset(entries)
        self._root = _Node()
        for name, phrases in entries.items():
            for phrase in phrases:
                for patterns in _spelled_out(phrase):
                    node = self._root
                    for pattern in patterns:
                        node = node.add(pattern)
                    node.ends.add(name)

    def find(self, words: Words) -> Hits:
        """Where each lexicon occurs in a sentence; entries may overlap."""
        found: Hits = {}
        for start in range(len(words.tokens)):
            self._walk(self._root, words.tokens, start, start, found)
        return found

    def _walk(self, node: _Node, tokens: tuple[str, ...], start: int, position: int, found: Hits) -> None:
        for name in node.ends:
            places = found.setdefault(name, [])
            if (start, position) not in places:
                places.append((start, position))
        if position < len(tokens):
            for below in node.below(tokens[position]):
                self._walk(below, tokens, start, position + 1, found)


def read_lexicons(path: Path) -> Lexicons:
    """Read a YAML file of lexicons: a name, and below it a list of entries.

    Raises:
        LexiconError: When the file is not of that form, a lexicon or an entry is empty or stands there twice; with the
            file and the line.
    """
    entries: dict[str, list[str]] = {}
    for name, node in _mapping(path, compose(path)):
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise _error(path, node, f"lexicon {name!r} is not a list of entries; write `{name}: [entry, ...]`")
        entries[name] = _entries(path, name, node)
    return Lexicons(entries)


def compose(path: Path) -> yaml.Node:
    """The nodes of a YAML file, which know their lines; no name may stand twice in a mapping.

    Raises:
        LexiconError: When the file is missing, empty or no YAML, or a name stands twice.
    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise LexiconError(f"{path} is missing; it is part of the package") from None
    except yaml.YAMLError as error:
        raise LexiconError(f"{path}: not YAML: {error}") from None
    if root is None:
        raise LexiconError(f"{path} is empty; it must hold at least one entry")
    _refuse_twice(path, root)
    return root


def _refuse_twice(path: Path, node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: dict[Any, int] = {}
        for key, value in node.value:
            if key.value in seen:
                raise _error(path, key, f"{key.value!r} stands in line {seen[key.value]} already; remove one of them")
            seen[key.value] = _line(key)
            _refuse_twice(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_twice(path, value)


def _mapping(path: Path, node: yaml.Node) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _error(path, node, "expected names with lists of entries below them")
    return [(key.value, value) for key, value in node.value]


def _entries(path: Path, name: str, node: yaml.SequenceNode) -> list[str]:
    seen: dict[tuple[str, ...], int] = {}
    for item in node.value:
        if not isinstance(item, yaml.ScalarNode) or not item.value.strip():
            raise _error(path, item, f"empty or nested entry in lexicon {name!r}; write a word or a phrase")
        try:
            spelled = _spelled_out(item.value)
        except LexiconError as error:
            raise _error(path, item, f"lexicon {name!r}: {error}") from None
        for patterns in spelled:
            if patterns in seen:
                phrase = " ".join(patterns)
                raise _error(path, item, f"{phrase!r} stands in lexicon {name!r} already, in line {seen[patterns]}")
            seen[patterns] = _line(item)
    return [item.value for item in node.value]


def _spelled_out(phrase: str) -> list[tuple[str, ...]]:
    """The entry without ``/``: every combination of its alternatives."""
    options = [[_pattern(word, phrase) for word in part.split("/")] for part in phrase.replace("-", " ").split()]
    return [tuple(word for words in chosen for word in words) for chosen in itertools.product(*options)]


def _pattern(word: str, phrase: str) -> tuple[str, ...]:
    if word == _ANY_WORD:
        return (word,)
    ending = _ANY_ENDING if word.endswith(_ANY_ENDING) else ""
    tokens = read_words(word.removesuffix(_ANY_ENDING)).tokens
    if not tokens or _ANY_ENDING in tokens or (ending and len(tokens[-1]) < _LEAST_STEM):
        raise LexiconError(
            f"{word!r} in {phrase!r} is no word; `*` stands at the end of a word of at least {_LEAST_STEM} letters, "
            "`/` between two words"
        )
    return (*tokens[:-1], tokens[-1] + ending)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _error(path: Path, node: yaml.Node, message: str) -> LexiconError:
    return LexiconError(f"{path}:{_line(node)}: {message}")
