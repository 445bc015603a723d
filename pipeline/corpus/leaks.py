"""Runs of words that occur in two places that must not share any.

A report must share no run with a gold article, and none with a report of another family: what a model has read
in training would be scored as if it were new.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from pipeline.schema import Document

_WORD: Final = re.compile(r"\w+(?:['’]\w+)*")


class Leak(msgspec.Struct, frozen=True):
    """The same run of words in two documents, with the offset of its first word in each."""

    words: str
    first: str
    first_start: int
    second: str
    second_start: int

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.first}@{self.first_start} and {self.second}@{self.second_start}: {self.words!r}"


def find_leaks(documents: Iterable[Document], gold: Iterable[Document], length: int) -> list[Leak]:
    """Every run of ``length`` words that two families, or a report and a gold article, share.

    Case and punctuation do not count. Of a longer shared run only the first ``length`` words are named.
    """
    seen: dict[str, tuple[str, str, int]] = {}
    leaks: dict[tuple[str, str], Leak] = {}
    groups = [(f"gold:{document.id}", document) for document in gold]
    groups += [(document.family or document.id, document) for document in documents]
    for group, document in groups:
        for run, start in word_runs(document.text, length):
            other_group, other, other_start = seen.setdefault(run, (group, document.id, start))
            both_gold = group.startswith("gold:") and other_group.startswith("gold:")
            if other_group != group and not both_gold:
                leaks.setdefault((other, document.id), Leak(run, other, other_start, document.id, start))
    return list(leaks.values())


def word_runs(text: str, length: int) -> Iterator[tuple[str, int]]:
    """Each run of ``length`` words, lower-cased and joined by spaces, with the offset where it begins."""
    words = [(match[0].lower(), match.start()) for match in _WORD.finditer(text)]
    for position in range(len(words) - length + 1):
        run = words[position : position + length]
        yield " ".join(word for word, _ in run), run[0][1]
