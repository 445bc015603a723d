"""Comparing incident records of the same texts: which answer to which, and how far they say the same.

Records are matched one to one within a document, only to records of the same type, by the sentences they share.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.match import match_by_weight, match_intervals
from pipeline.evaluate.metrics import f1, precision, recall, rounded
from pipeline.schema import Document, DocumentResult, Incident


class MatchedRecords(msgspec.Struct, frozen=True):
    """A document's gold records and the predicted ones that answer to them, by index."""

    gold: Document
    predicted: Document | DocumentResult
    pairs: tuple[tuple[int, int], ...]


class RecordTally(msgspec.Struct, frozen=True):
    """Counts of records; a document's units are its gold records and then the predicted ones that answer to none.

    ``counts``: units by (true positive, false positive, false negative), of all records (``all``) and of gold's main
    ones (``main``). Shape: [U, 3]. ``document``: index of each unit's document. Shape: [U].
    """

    counts: dict[str, NDArray[np.int64]]
    document: NDArray[np.int64]


def match_records(gold: Document, predicted: Document | DocumentResult) -> MatchedRecords:
    """Pair records of the same type that share sentences; the more of their sentences they share, the better.

    Predicted sentence indexes are first turned into gold's, by the overlap of the sentences.
    """
    spans = match_intervals([(s.start, s.end) for s in gold.sentences], [(s.start, s.end) for s in predicted.sentences])
    to_gold = {found: wanted for wanted, found in spans}
    weights = np.zeros((len(gold.incidents), len(predicted.incidents)))
    for row, wanted in enumerate(gold.incidents):
        for column, found in enumerate(predicted.incidents):
            if wanted.type == found.type:
                told = {to_gold[index] for index in found.sentences if index in to_gold}
                union = told | set(wanted.sentences)
                weights[row, column] = len(told & set(wanted.sentences)) / max(1, len(union))
    return MatchedRecords(gold, predicted, tuple(match_by_weight(weights)))


def tally_records(matched: Sequence[MatchedRecords]) -> RecordTally:
    """Count found, spurious and missed records, in the order of the documents."""
    rows: list[tuple[int, int, int]] = []
    main: list[tuple[int, int, int]] = []
    document: list[int] = []
    for number, found in enumerate(matched):
        hit = {row for row, _ in found.pairs}
        for row, incident in enumerate(found.gold.incidents):
            rows.append((int(row in hit), 0, int(row not in hit)))
            main.append(rows[-1] if incident.main else (0, 0, 0))
        spurious = len(spurious_records(found))
        rows += [(0, 1, 0)] * spurious
        main += [(0, 0, 0)] * spurious
        document += [number] * (len(rows) - len(document))
    counts = {name: np.array(values, dtype=np.int64).reshape(-1, 3) for name, values in (("all", rows), ("main", main))}
    return RecordTally(counts, np.array(document, dtype=np.int64))


def spurious_records(matched: MatchedRecords) -> tuple[Incident, ...]:
    """Predicted records that answer to no gold one, in their order."""
    used = {column for _, column in matched.pairs}
    return tuple(record for column, record in enumerate(matched.predicted.incidents) if column not in used)


RECORD_FIGURES: Final[dict[str, Callable[[Mapping[str, NDArray]], NDArray]]] = {
    "precision": lambda sums: precision(sums["all"]),
    "recall": lambda sums: recall(sums["all"]),
    "f1": lambda sums: f1(sums["all"]),
    "main_recall": lambda sums: recall(sums["main"]),
}
"""Precision, recall and F1 of records, and the recall of main ones, from sums of a ``RecordTally``'s counts."""


def record_agreement(pairs: Sequence[tuple[Document, Document]]) -> dict[str, Any]:
    """How far two annotators agree on incident records: what a model would reach that knew as much as the second.

    Args:
        pairs: The first and the second annotation of each text.

    Returns:
        The records of ``first`` and of ``second``, ``f1``, ``slots`` and ``slot_records``.
    """
    matched = [match_records(first, second) for first, second in pairs]
    sums = {name: counts.sum(0) for name, counts in tally_records(matched).counts.items()}
    return {
        "first": sum(len(first.incidents) for first, _ in pairs),
        "second": sum(len(second.incidents) for _, second in pairs),
        "f1": rounded(RECORD_FIGURES["f1"](sums)),
        **slot_agreement(matched),
    }


def slot_agreement(matched: Sequence[MatchedRecords]) -> dict[str, dict[str, float | int]]:
    """Mean agreement over matched records, and over how many; a slot that neither side fills is left out."""
    values = {
        name: [
            value
            for found in matched
            for row, column in found.pairs
            if (value := compare(found.gold.incidents[row], found.predicted.incidents[column])) is not None
        ]
        for name, compare in _SLOTS.items()
    }
    return {
        "slots": {name: rounded(float(np.mean(found))) if found else 0.0 for name, found in values.items()},
        "slot_records": {name: len(found) for name, found in values.items()},
    }


def _same(field: str) -> Callable[[Incident, Incident], float | None]:
    def compare(wanted: Incident, found: Incident) -> float | None:
        first, second = getattr(wanted, field), getattr(found, field)
        return None if first is None and second is None else float(first == second)

    return compare


def _same_text(field: str) -> Callable[[Incident, Incident], float | None]:
    def compare(wanted: Incident, found: Incident) -> float | None:
        first, second = getattr(wanted, field), getattr(found, field)
        return None if first is None and second is None else float(_plain(first) == _plain(second))

    return compare


def _text_f1(field: str) -> Callable[[Incident, Incident], float | None]:
    def compare(wanted: Incident, found: Incident) -> float | None:
        first, second = ({_plain(text) for text in getattr(side, field)} for side in (wanted, found))
        return 2 * len(first & second) / (len(first) + len(second)) if first or second else None

    return compare


def _plain(text: str | None) -> str | None:
    return None if text is None else " ".join(text.lower().split())


_SLOTS: dict[str, Callable[[Incident, Incident], float | None]] = {
    "date": _same("date"),
    "place": _same_text("place"),
    "country": _same("country"),
    "targets": _text_f1("targets"),
    "actors": _text_f1("actors"),
    "weapon_count": _same("weapon_count"),
    "killed": _same("killed"),
    "injured": _same("injured"),
    "attribution": _same("attribution"),
    "attributed_to": _same_text("attributed_to"),
}
