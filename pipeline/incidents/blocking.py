"""Pairs of incident records that are worth comparing, found in time that grows with the number of records.

Records that share a key stand in one block: each of a record's rarest names, each of its article's, and its country.
Within a block the records are sorted by day and each is paired with its nearest neighbours only (sorted neighbourhood,
Hernández and Stolfo 1995), so that a block of n records gives at most n times the window of pairs, however large it is.
No single key is relied on: a record without a date is sorted by its publication, one without a country meets others by
its names, one without names by those that its article gives to other happenings.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from pipeline.incidents.table import FOREVER, NEVER, RecordTable
from pipeline.labels import INCIDENT_TYPES

_LONGEST_SORTED: Final = 31
"""Dates of more days than this are sorted by the publication instead."""

Pairs = NDArray[np.int64]
"""Rows of two records each, shape (pairs, 2), the first below the second, sorted, none twice."""


def candidate_pairs(
    table: RecordTable, confusable: Iterable[tuple[str, str]], slack_days: int, names: int, window: int
) -> Pairs:
    """Pairs of records of different documents whose types and dates may be those of one happening.

    Args:
        table: The records.
        confusable: Pairs of types that reports give to one happening, beside equal ones.
        slack_days: Days by which two date ranges may miss each other.
        names: How many of its rarest names put a record into blocks.
        window: How many neighbours a record is compared with in each block.
    """
    allowed = _allowed_types(confusable)
    group = type_groups(allowed)[table.type]
    order_day = _order_day(table)
    kept = []
    for block, record in _blocks(table, group, names):
        order = np.lexsort((record, order_day[record], block))
        block, record = block[order], record[order]
        for step in range(1, min(window, max(0, len(record) - 1)) + 1):
            near = block[step:] == block[:-step]
            first, second = record[:-step][near], record[step:][near]
            possible = _possible(table, allowed, slack_days, first, second)
            first, second = first[possible], second[possible]
            kept.append(np.minimum(first, second) * len(table.document) + np.maximum(first, second))
    codes = np.unique(np.concatenate(kept)) if kept else np.zeros(0, dtype=np.int64)
    return np.stack(np.divmod(codes, max(1, len(table.document))), axis=1)


def type_groups(allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number of the group of each type; types that may be confused, directly or over others, share one."""
    return connected_components(coo_array(allowed), directed=False)[1].astype(np.int64)


def _allowed_types(confusable: Iterable[tuple[str, str]]) -> NDArray[np.bool_]:
    """Which types may be those of one happening; one more row than there are types stands for unknown types."""
    numbers = {kind: number for number, kind in enumerate(INCIDENT_TYPES)}
    allowed = np.eye(len(INCIDENT_TYPES) + 1, dtype=bool)
    for first, second in confusable:
        allowed[numbers[first], numbers[second]] = allowed[numbers[second], numbers[first]] = True
    return allowed


def _order_day(table: RecordTable) -> NDArray[np.int64]:
    days = table.days
    settled = days.dated & (days.end - days.start < _LONGEST_SORTED)
    fallback = np.where(days.published > NEVER, days.published, np.where(days.start > NEVER, days.start, FOREVER))
    return np.where(settled, days.start, fallback)


def _blocks(
    table: RecordTable, group: NDArray[np.int64], names: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Block number and record, as two arrays of the same length, once for names and once for countries."""
    for matrix in (table.names, table.context):
        record, word = _rarest(matrix, names)
        yield group[record] * matrix.shape[1] + word, record
    record = np.flatnonzero(table.country >= 0)
    yield group[record] * (table.country.max(initial=0) + 1) + table.country[record], record


def _rarest(matrix: csr_array, words: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each record the words that are rarest among those that another record shares, as pairs of record and word."""
    record = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    word = matrix.indices.astype(np.int64)
    frequency = np.bincount(word, minlength=matrix.shape[1])
    shared = frequency[word] > 1
    record, word = record[shared], word[shared]
    order = np.lexsort((word, frequency[word], record))
    record, word = record[order], word[order]
    begin = np.searchsorted(record, record, side="left")
    rarest = np.arange(len(record)) - begin < words
    return record[rarest], word[rarest]


def _possible(
    table: RecordTable,
    allowed: NDArray[np.bool_],
    slack_days: int,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> NDArray[np.bool_]:
    days = table.days
    gap = np.maximum(days.start[first], days.start[second]) - np.minimum(days.end[first], days.end[second])
    return (
        (table.document[first] != table.document[second])
        & allowed[table.type[first], table.type[second]]
        & (gap <= slack_days)
    )
