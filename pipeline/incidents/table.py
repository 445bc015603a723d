"""Incident records of many documents as columns, so that pairs of them can be compared without a loop.

Words are compared in lower case, without accents and plural s. How much a shared word says depends on how rare it is
among the documents at hand and those that the merger was fitted on.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from pipeline.incidents.dates import FROM_PUBLICATION
from pipeline.labels import INCIDENT_TYPES
from pipeline.schema import CountRange, DateRange, DocumentResult, Incident

NEVER: Final = -1_000_000
"""Day number before every date: an open beginning."""

FOREVER: Final = 5_000_000
"""Day number after every date: an open end."""

ROLES: Final = ("place", "targets", "actors", "weapons")
"""Fields of a record that hold words."""

_NEIGHBOURS: Final = 32
"""Records of a document on either side of one whose names are its context."""

_ISO_DATE: Final = 10
_SHORTEST_WORD: Final = 3
_LONGEST_KEPT_S: Final = 4
_LARGEST_COUNT: Final = 2**53
_SUPERSCRIPT_S: Final = re.compile(r"['’]s?\b")
_WORD: Final = re.compile(r"[^\W_]+")


class Entry(NamedTuple):
    """One incident record and the document that it comes from."""

    document: DocumentResult
    incident: Incident


class Days(msgspec.Struct, frozen=True):
    """What is known of when, as day numbers; each array is int64 of shape (records,).

    ``start`` and ``end`` are the first and last day possible, as far as the record's date and the publication settle
    it. ``dated`` tells records whose own date has both ends. ``published`` is ``NEVER`` where it is not known.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    dated: NDArray[np.bool_]
    published: NDArray[np.int64]


class RecordTable(msgspec.Struct, frozen=True):
    """Columns over incident records, in the order of ``entries``.

    ``document`` numbers the documents; ``type`` counts in ``INCIDENT_TYPES`` (beyond it: an unknown type); ``country``
    is -1 where unknown. ``counts`` has shape (records, 2) per fact: lowest and highest, NaN where unknown.
    ``words`` holds a binary matrix (records, vocabulary) per role; ``names`` unites place, targets and actors,
    ``context`` the names of the document's records, of the nearest ones where it has many; ``place_letters`` (records,
    trigrams) is of the place's letters. ``rarity`` (vocabulary,) is 0 for a word of every document and 1 for one of a
    single document.
    """

    entries: tuple[Entry, ...]
    document: NDArray[np.int64]
    type: NDArray[np.int64]
    country: NDArray[np.int64]
    main: NDArray[np.bool_]
    aggregate: NDArray[np.bool_]
    days: Days
    counts: dict[str, NDArray[np.float64]]
    vocabulary: tuple[str, ...]
    rarity: NDArray[np.float64]
    words: dict[str, csr_array]
    names: csr_array
    context: csr_array
    place_letters: csr_array


def record_table(
    entries: Sequence[Entry], slack_days: int, documents: int = 0, document_frequency: Mapping[str, int] | None = None
) -> RecordTable:
    """Lay out records as columns.

    Args:
        entries: Records with their documents; one document's records all hold the same document id.
        slack_days: By how much a publication may precede what it reports (time zones, slips).
        documents: Number of other documents that ``document_frequency`` was counted over.
        document_frequency: In how many of those documents a word occurs.
    """
    words = {role: [words_of(_texts(entry.incident, role)) for entry in entries] for role in ROLES}
    names = [place | targets | actors for place, targets, actors, _ in zip(*words.values(), strict=True)]
    numbers = _numbers([entry.document.id for entry in entries])
    told: list[set[str]] = [set() for _ in range(max(numbers, default=-1) + 1)]
    for row, number in enumerate(numbers):
        told[number] |= names[row] | words["weapons"][row]
    frequency = Counter(word for found in told for word in found)
    vocabulary = {word: column for column, word in enumerate(sorted(frequency))}
    incidents = [entry.incident for entry in entries]
    types = {kind: number for number, kind in enumerate(INCIDENT_TYPES)}
    codes = {code: number for number, code in enumerate(sorted({i.country for i in incidents if i.country}))}
    letters = [_trigrams(incident.place) for incident in incidents]
    trigrams = {trigram: column for column, trigram in enumerate(sorted(set().union(*letters)))}
    return RecordTable(
        entries=tuple(entries),
        document=np.array(numbers, dtype=np.int64),
        type=np.array([types.get(incident.type, len(types)) for incident in incidents], dtype=np.int64),
        country=np.array([codes.get(incident.country or "", -1) for incident in incidents], dtype=np.int64),
        main=np.array([incident.main for incident in incidents], dtype=bool),
        aggregate=np.array([incident.aggregate for incident in incidents], dtype=bool),
        days=_days(entries, slack_days),
        counts={
            fact: np.array([_bounds(getattr(i, fact)) for i in incidents], dtype=np.float64).reshape(-1, 2)
            for fact in ("killed", "injured", "weapon_count")
        },
        vocabulary=tuple(vocabulary),
        rarity=_rarity(vocabulary, frequency, len(told), documents, document_frequency or {}),
        words={role: _matrix(found, vocabulary) for role, found in words.items()},
        names=_matrix(names, vocabulary),
        context=_matrix(_context(names, numbers), vocabulary),
        place_letters=_matrix(letters, trigrams),
    )


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words by which names are compared."""
    return frozenset().union(*map(_words, texts))


def day_number(day: str | None) -> int | None:
    """Days since 0001-01-01 of an ISO date or time; None for what is none."""
    try:
        return date.fromisoformat(day[:_ISO_DATE]).toordinal() if day else None
    except ValueError:
        return None


def day_range(value: DateRange | None) -> tuple[int, int]:
    """First and last day number, open ends as ``NEVER`` and ``FOREVER``; both open when the date makes no sense."""
    start, end = (day_number(value.start), day_number(value.end)) if value else (None, None)
    first, last = NEVER if start is None else start, FOREVER if end is None else end
    return (first, last) if first <= last else (NEVER, FOREVER)


@lru_cache(maxsize=65536)
def _words(text: str) -> frozenset[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text).lower() if not unicodedata.combining(c))
    found = (word for word in _WORD.findall(_SUPERSCRIPT_S.sub("", plain)) if len(word) >= _SHORTEST_WORD)
    return frozenset(word.removesuffix("s") if len(word) > _LONGEST_KEPT_S else word for word in found)


def told_date(incident: Incident) -> DateRange | None:
    """A record's date where words of its article tell it: a guess must not part reports of one happening."""
    return None if incident.date_reason == FROM_PUBLICATION else incident.date


def _trigrams(place: str | None) -> frozenset[str]:
    return frozenset(f" {word} "[at : at + 3] for word in _words(place or "") for at in range(len(word)))


def _texts(incident: Incident, role: str) -> Sequence[str]:
    if role == "place":
        return [incident.place] if incident.place else []
    texts: Sequence[str] = getattr(incident, role)
    return texts


def _context(names: Sequence[frozenset[str]], numbers: Sequence[int]) -> list[frozenset[str]]:
    """For each record the names of its document's records, of those nearest to it where there are many."""
    rows: dict[int, list[int]] = {}
    for row, number in enumerate(numbers):
        rows.setdefault(number, []).append(row)
    found: list[frozenset[str]] = [frozenset()] * len(names)
    for own in rows.values():
        whole = frozenset().union(*(names[row] for row in own[: _NEIGHBOURS + 1]))
        for position, row in enumerate(own):
            near = own[max(0, position - _NEIGHBOURS) : position + _NEIGHBOURS + 1]
            found[row] = whole if len(own) <= _NEIGHBOURS + 1 else frozenset().union(*(names[row] for row in near))
    return found


def _numbers(keys: Sequence[str]) -> list[int]:
    known: dict[str, int] = {}
    return [known.setdefault(key, len(known)) for key in keys]


def _days(entries: Sequence[Entry], slack_days: int) -> Days:
    ranges = [day_range(told_date(entry.incident)) for entry in entries]
    start, end = np.array(ranges, dtype=np.int64).reshape(-1, 2).T
    published = np.array(
        [NEVER if (day := day_number(entry.document.published)) is None else day for entry in entries], dtype=np.int64
    )
    bounded = np.where(published + slack_days >= start, np.minimum(end, published + slack_days), end)
    return Days(start, np.where(published == NEVER, end, bounded), (start > NEVER) & (end < FOREVER), published)


def _bounds(count: CountRange | None) -> tuple[float, float]:
    if count is None or (count.min is None and count.max is None):
        return math.nan, math.nan
    low, high = count.min or 0, math.inf if count.max is None else count.max
    return float(min(max(low, 0), _LARGEST_COUNT)), float(min(max(low, high), _LARGEST_COUNT))


def _rarity(
    vocabulary: Mapping[str, int],
    frequency: Mapping[str, int],
    told: int,
    documents: int,
    document_frequency: Mapping[str, int],
) -> NDArray[np.float64]:
    total = told + documents
    counts = [frequency[word] + document_frequency.get(word, 0) for word in vocabulary] or [total]  # never 0 columns
    seen = np.array(counts, dtype=np.float64)
    return np.clip(1.0 - np.log(np.maximum(seen, 1)) / math.log(max(2, total)), 0.0, 1.0)


def _matrix(rows: Sequence[Iterable[str]], columns: Mapping[str, int]) -> csr_array:
    found = [sorted(map(columns.__getitem__, row)) for row in rows]
    ends = np.cumsum([0, *map(len, found)])
    flat = np.fromiter(chain.from_iterable(found), dtype=np.int32, count=int(ends[-1]))
    return csr_array((np.ones(len(flat)), flat, ends), shape=(len(rows), max(1, len(columns))))
