"""How likely two incident records tell one happening: features of the pair, weighed by a logistic regression.

A missing value never counts as a difference: each feature of agreement stands beside one that tells whether both
records say anything at all.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from pipeline.incidents.blocking import Pairs
from pipeline.incidents.table import NEVER, RecordTable
from pipeline.schema import Record

FEATURES: Final = (
    "type_same",
    "date_same",
    "date_meets",
    "date_narrow",
    "date_misses",
    "country_same",
    "country_differs",
    "place_words",
    "place_letters",
    "place_differs",
    "target_words",
    "target_differs",
    "actor_words",
    "actor_differs",
    "weapon_words",
    "weapon_differs",
    "names_rare",
    "place_is_target",
    "killed_agrees",
    "killed_differs",
    "injured_agrees",
    "injured_differs",
    "weaponcount_agrees",
    "weaponcount_differs",
    "main_both",
    "main_one",
    "aggregate_one",
    "aggregate_both",
    "publication_near",
    "publication_gap",
    "publication_off",
    "context_words",
)
"""Features of a pair, in the order of the columns; the word before the first ``_`` says which fact it is about."""

_CHUNK: Final = 100_000
_EXACT_DAYS: Final = 3
_LONGEST_GAP: Final = 10_000
_NEAR_DAYS: Final = 10


class MergerParameters(Record, frozen=True):
    """What merging learned from the corpus's families, as plain JSON.

    ``weights`` and ``intercept`` are those of the regression; a pair joins when its log-odds exceed ``threshold``.
    ``slack_days`` is by how much two date ranges may miss each other, ``confusable`` are pairs of types that reports
    give to one happening. ``names`` and ``window`` bound the pairs that are compared (``candidate_pairs``).
    ``document_frequency`` says in how many of ``documents`` a word occurs; rarer words than it lists count as none.
    """

    intercept: float
    weights: dict[str, float]
    threshold: float
    slack_days: int
    confusable: tuple[tuple[str, str], ...]
    names: int
    window: int
    documents: int
    document_frequency: dict[str, int]


def log_odds(features: NDArray[np.float64], merger: MergerParameters) -> NDArray[np.float64]:
    """Log-odds that each pair is one happening. Shape: (pairs, features) -> (pairs,)."""
    weights = np.array([merger.weights.get(name, 0.0) for name in FEATURES])
    return features @ weights + merger.intercept


def pair_features(table: RecordTable, pairs: Pairs) -> NDArray[np.float64]:
    """Features of pairs. Shape: (pairs, 2) -> (pairs, features)."""
    parts = [_chunk(table, pairs[at : at + _CHUNK]) for at in range(0, len(pairs), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, len(FEATURES)))


def _chunk(table: RecordTable, pairs: Pairs) -> NDArray[np.float64]:
    first, second = pairs[:, 0], pairs[:, 1]
    values: dict[str, NDArray] = {"type_same": table.type[first] == table.type[second]}
    for part in (_dates, _places, _words, _counts, _roles_in_article):
        values |= part(table, first, second)
    return np.stack([np.asarray(values[name], dtype=np.float64) for name in FEATURES], axis=1)


def _dates(table: RecordTable, first: NDArray[np.int64], second: NDArray[np.int64]) -> dict[str, NDArray]:
    days = table.days
    both = days.dated[first] & days.dated[second]
    begin = np.maximum(days.start[first], days.start[second])
    end = np.minimum(days.end[first], days.end[second])
    spread = np.maximum(days.end[first], days.end[second]) - np.minimum(days.start[first], days.start[second]) + 1
    shared = np.maximum(end - begin + 1, 0)
    same = both & (shared > 0) & (spread <= _EXACT_DAYS)
    return {
        "date_same": same,
        "date_meets": both & (shared > 0) & ~same,
        "date_narrow": np.where(both, np.sqrt(shared / np.maximum(spread, 1)), 0.0),
        "date_misses": both & (shared == 0),
        "publication_near": _publication_gap(table, first, second) <= _NEAR_DAYS,
        "publication_gap": _log_days(_publication_gap(table, first, second, missing=0)),
        "publication_off": np.where(both, 0.0, _log_days(_days_off(table, first, second))),
    }


def _days_off(table: RecordTable, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days between two records of which one has no date, when it is taken to be news on the day of publication."""
    days = table.days
    start = np.where(days.dated, days.start, days.published)
    end = np.where(days.dated, days.end, days.published)
    off = np.maximum(np.maximum(start[first], start[second]) - np.minimum(end[first], end[second]), 0)
    return np.where((start[first] == NEVER) | (start[second] == NEVER), 0, off)


def _log_days(days: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.log1p(np.minimum(days, _LONGEST_GAP).astype(np.float64))


def _publication_gap(
    table: RecordTable, first: NDArray[np.int64], second: NDArray[np.int64], missing: int = -NEVER
) -> NDArray[np.int64]:
    """Days between the publications; ``missing`` where one is unknown."""
    one, other = table.days.published[first], table.days.published[second]
    return np.where((one == NEVER) | (other == NEVER), missing, np.abs(one - other))


def _places(table: RecordTable, first: NDArray[np.int64], second: NDArray[np.int64]) -> dict[str, NDArray]:
    one, other = table.country[first], table.country[second]
    known = (one >= 0) & (other >= 0)
    place, target = table.words["place"], table.words["targets"]
    letters = table.place_letters
    even = np.ones(letters.shape[1])
    crossed = np.maximum(
        _overlap(place[first], target[second], table.rarity), _overlap(target[first], place[second], table.rarity)
    )
    alike = _overlap(letters[first], letters[second], even)
    return {
        "country_same": known & (one == other),
        "country_differs": known & (one != other),
        "place_words": _overlap(place[first], place[second], table.rarity),
        "place_letters": alike,
        "place_differs": _both(place, first, second) * (1.0 - alike),
        "place_is_target": crossed,
    }


def _words(table: RecordTable, first: NDArray[np.int64], second: NDArray[np.int64]) -> dict[str, NDArray]:
    found: dict[str, NDArray] = {}
    for name, role in (("target", "targets"), ("actor", "actors"), ("weapon", "weapons")):
        matrix = table.words[role]
        share = _overlap(matrix[first], matrix[second], table.rarity)
        found[f"{name}_words"] = share
        found[f"{name}_differs"] = _both(matrix, first, second) * (1.0 - share)
    common = table.names[first].multiply(table.names[second]) @ table.rarity
    return found | {
        "names_rare": np.log1p(common),
        "context_words": _overlap(table.context[first], table.context[second], table.rarity),
    }


def _counts(table: RecordTable, first: NDArray[np.int64], second: NDArray[np.int64]) -> dict[str, NDArray]:
    found: dict[str, NDArray] = {}
    for fact, bounds in table.counts.items():
        low = np.maximum(bounds[first, 0], bounds[second, 0])
        high = np.minimum(bounds[first, 1], bounds[second, 1])
        known = ~np.isnan(low)
        low, high = np.where(known, low, 0.0), np.where(known, high, 0.0)
        meets = low <= high
        name = fact.replace("_", "")
        found[f"{name}_agrees"] = np.where(known & meets, np.log1p(np.minimum(low, 30.0)) + 0.5, 0.0)
        found[f"{name}_differs"] = np.where(known & ~meets, np.log1p(low) - np.log1p(np.minimum(high, low)), 0.0)
    return found


def _roles_in_article(table: RecordTable, first: NDArray[np.int64], second: NDArray[np.int64]) -> dict[str, NDArray]:
    return {
        "main_both": table.main[first] & table.main[second],
        "main_one": table.main[first] ^ table.main[second],
        "aggregate_one": table.aggregate[first] ^ table.aggregate[second],
        "aggregate_both": table.aggregate[first] & table.aggregate[second],
    }


def _both(matrix: csr_array, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.bool_]:
    filled = np.diff(matrix.indptr) > 0
    return filled[first] & filled[second]


def _overlap(one: csr_array, other: csr_array, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight of the shared columns over that of the lighter row (overlap coefficient), 0 to 1. Shape: (pairs,)."""
    lighter = np.minimum(one @ weights, other @ weights)
    common = one.multiply(other) @ weights
    return np.where(lighter > 0, common / np.where(lighter > 0, lighter, 1.0), 0.0)
