"""One table of units for two runs, so that a draw takes the same sentences, or records, of both.

Units are those of the metrics: what gold has, and what a run predicted that answers to nothing in gold. Gold is common
to the runs. What is spurious in both and answers to each other is one unit; the rest is a unit with zeros in the
other run. Where both runs predict the same sentences, the table and so its draws are those of the metrics files.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.match import match_intervals
from pipeline.evaluate.metrics import Floats
from pipeline.evaluate.records import MatchedRecords, match_records, spurious_records, tally_records
from pipeline.evaluate.tally import tally
from pipeline.schema import Document, DocumentResult, ScoredSentence, Sentence

Place = tuple[Any, ...]
"""What puts the spurious units of a document in an order that does not depend on which run is named first."""


class PairedCounts(msgspec.Struct, frozen=True):
    """Counts of two runs over the same units.

    ``first``, ``second``: per block, units by true positive, false positive, false negative. Shape: [U, ..., 3]. They
    are whole numbers held as floats: numpy multiplies matrices of floats thirty times as fast as those of integers.
    ``document``: index of each unit's document. Shape: [U].
    """

    first: dict[str, Floats]
    second: dict[str, Floats]
    document: NDArray[np.int64]


def pair_sentences(
    gold: Sequence[Document], first: Sequence[DocumentResult], second: Sequence[DocumentResult]
) -> PairedCounts:
    """Tally two runs' sentences over common units; all three are in the same order of documents."""
    layouts = [_sentence_layout(*documents) for documents in zip(gold, first, second, strict=True)]
    counts = [tally(gold, [result.sentences for result in run]).counts for run in (first, second)]
    return _pair(counts[0], counts[1], layouts)


def pair_records(
    gold: Sequence[Document], first: Sequence[DocumentResult], second: Sequence[DocumentResult]
) -> PairedCounts:
    """Tally two runs' incident records over common units; all three are in the same order of documents."""
    matched = [[match_records(*pair) for pair in zip(gold, run, strict=True)] for run in (first, second)]
    layouts = [_record_layout(*documents) for documents in zip(*matched, strict=True)]
    counts = [tally_records(run).counts for run in matched]
    return _pair(counts[0], counts[1], layouts)


class _Layout(msgspec.Struct, frozen=True):
    """Where the units of a document stand in the common table: the rows of either run, and how many there are."""

    first: list[int]
    second: list[int]
    size: int


def _sentence_layout(gold: Document, first: DocumentResult, second: DocumentResult) -> _Layout:
    spare = [_spurious_sentences(gold, run.sentences) for run in (first, second)]
    return _layout(len(gold.sentences), spare[0], spare[1], match_intervals(spare[0], spare[1]))


def _spurious_sentences(gold: Document, predicted: Sequence[ScoredSentence]) -> list[tuple[int, int]]:
    found = [(s.start, s.end) for s in predicted]
    used = {index for _, index in match_intervals([(s.start, s.end) for s in gold.sentences], found)}
    return [place for index, place in enumerate(found) if index not in used]


def _record_layout(first: MatchedRecords, second: MatchedRecords) -> _Layout:
    spare = [spurious_records(run) for run in (first, second)]
    as_gold = Document(
        id=first.gold.id,
        text=first.gold.text,
        sentences=tuple(Sentence(s.start, s.end) for s in first.predicted.sentences),
        incidents=spare[0],
    )
    pairs = match_records(as_gold, msgspec.structs.replace(second.predicted, incidents=spare[1])).pairs
    places = [[(record.sentences, record.type) for record in side] for side in spare]
    return _layout(len(first.gold.incidents), places[0], places[1], pairs)


def _layout(gold: int, first: Sequence[Place], second: Sequence[Place], pairs: Sequence[tuple[int, int]]) -> _Layout:
    """Rows of gold units, then of the spurious ones of both runs in the order of their places."""
    partner = dict(pairs)
    alone = sorted(set(range(len(second))) - set(partner.values()))
    spare: list[tuple[Place, int | None, int | None]] = [
        *((min(first[a], second[partner[a]]), a, partner[a]) for a in partner),
        *((place, a, None) for a, place in enumerate(first) if a not in partner),
        *((second[b], None, b) for b in alone),
    ]
    spare.sort(key=lambda unit: unit[0])
    rows_first, rows_second = ({index: index for index in range(gold)} for _ in range(2))
    for row, (_, a, b) in enumerate(spare, start=gold):
        if a is not None:
            rows_first[gold + a] = row
        if b is not None:
            rows_second[gold + b] = row
    return _Layout(_in_order(rows_first), _in_order(rows_second), gold + len(spare))


def _in_order(rows: Mapping[int, int]) -> list[int]:
    return [rows[unit] for unit in sorted(rows)]


def _pair(
    first: Mapping[str, NDArray[np.int64]], second: Mapping[str, NDArray[np.int64]], layouts: Sequence[_Layout]
) -> PairedCounts:
    sizes = [layout.size for layout in layouts]
    starts = list(accumulate(sizes, initial=0))[:-1]
    rows = [
        np.array([start + row for start, units in zip(starts, side, strict=True) for row in units], dtype=np.int64)
        for side in ([layout.first for layout in layouts], [layout.second for layout in layouts])
    ]
    return PairedCounts(
        _spread(first, rows[0], sum(sizes)),
        _spread(second, rows[1], sum(sizes)),
        np.repeat(np.arange(len(sizes)), sizes),
    )


def _spread(counts: Mapping[str, NDArray[np.int64]], rows: NDArray[np.int64], size: int) -> dict[str, Floats]:
    table = {name: np.zeros((size, *values.shape[1:])) for name, values in counts.items()}
    for name, values in counts.items():
        table[name][rows] = values
    return table
