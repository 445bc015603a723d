"""Words that occur in two places that must not share them.

A report must share no run with a gold article, and none with a report of another family: what a model has read
in training would be scored as if it were new. Nor may two families tell the same text in slightly other words.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from datasketch import MinHash, MinHashLSH

from pipeline.schema import Document

_WORD: Final = re.compile(r"\w+(?:['’]\w+)*")

_SHINGLE: Final = 5
"""Words of the runs by which near-duplicates are found."""

_PERMUTATIONS: Final = 128


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


class NearDuplicate(msgspec.Struct, frozen=True):
    """Two documents of different families with much of their wording in common.

    ``share`` is the Jaccard similarity of their runs of five words, ``words`` one run that both hold.
    """

    share: float
    words: str
    first: str
    first_start: int
    second: str
    second_start: int

    def __str__(self) -> str:
        """One line for a person."""
        return (
            f"{self.first}@{self.first_start} and {self.second}@{self.second_start}: "
            f"{self.share:.0%} of their runs of {_SHINGLE} words are the same, such as {self.words!r}"
        )


def find_near_duplicates(documents: Iterable[Document], threshold: float) -> list[NearDuplicate]:
    """Pairs of documents of different families whose runs of five words overlap by ``threshold`` or more.

    Candidates are found by MinHash (Broder 1997, "On the resemblance and containment of documents") and then
    compared exactly, so that none is named wrongly; one just above the threshold can be missed.

    Args:
        documents: With their families.
        threshold: Jaccard similarity, above 0 to 1.
    """
    index = MinHashLSH(threshold=threshold, num_perm=_PERMUTATIONS, weights=(0.1, 0.9))
    seen: dict[str, tuple[str, dict[str, int]]] = {}
    found = []
    for document in documents:
        runs: dict[str, int] = {}
        for run, start in word_runs(document.text, _SHINGLE):
            runs.setdefault(run, start)
        if not runs:
            continue
        family = document.family or document.id
        sketch = MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([run.encode() for run in runs])
        for other in sorted(index.query(sketch)):
            other_family, other_runs = seen[other]
            shared = runs.keys() & other_runs.keys()
            share = len(shared) / (len(runs) + len(other_runs) - len(shared))
            if other_family != family and share >= threshold:
                run = min(shared, key=lambda run: runs[run])
                found.append(NearDuplicate(share, run, other, other_runs[run], document.id, runs[run]))
        index.insert(document.id, sketch)
        seen[document.id] = (family, runs)
    return found


def word_runs(text: str, length: int) -> Iterator[tuple[str, int]]:
    """Each run of ``length`` words, lower-cased and joined by spaces, with the offset where it begins."""
    words = [(match[0].lower(), match.start()) for match in _WORD.finditer(text)]
    for position in range(len(words) - length + 1):
        run = words[position : position + length]
        yield " ".join(word for word, _ in run), run[0][1]
