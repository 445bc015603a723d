"""Fitting the merger on families of reports.

Each family tells the same happenings in several reports, and look-alikes beside them. The pairs to learn from are what
blocking gives over all documents, as when merging: of one happening, or of two. Copies of the documents with values
left out at random stand beside the originals, and so do the records that are made from their sentences, since records
that a model extracts miss more than annotated ones and are wrong where those are right.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from pipeline.incidents.blocking import Pairs, candidate_pairs
from pipeline.incidents.clustering import cluster
from pipeline.incidents.similarity import FEATURES, MergerParameters, pair_features
from pipeline.incidents.table import ROLES, Entry, RecordTable, record_table, words_of
from pipeline.schema import Document, DocumentResult, Incident

SEED: Final = 20
_SLACK_DAYS: Final = 1
_NAMES: Final = 8
_WINDOW: Final = 20
_LEAST_DOCUMENTS: Final = 3
_FOLDS: Final = 5
_LEFT_OUT: Final = (0.0, 0.3)
_OPTIONAL: Final = ("date", "place", "country", "killed", "injured", "weapon_count")
_THRESHOLDS: Final = tuple(np.arange(-2.0, 2.01, 0.25).tolist())
_DIGITS: Final = 4

CERTAIN: Final = 4.0
"""Log-odds of what all pairs agree on."""


class _Sample(msgspec.Struct):
    """One copy of all records, its compared pairs with their features, and which happening each record tells."""

    table: RecordTable
    pairs: Pairs
    features: NDArray[np.float64]
    happening: NDArray[np.int64]
    family: NDArray[np.int64]

    @property
    def same(self) -> NDArray[np.bool_]:
        """Whether each pair is one happening. Shape: (pairs,)."""
        return self.happening[self.pairs[:, 0]] == self.happening[self.pairs[:, 1]]

    @property
    def pair_family(self) -> NDArray[np.int64]:
        """Family of each pair's first record. Shape: (pairs,)."""
        return self.family[self.pairs[:, 0]]


def fit(documents: Sequence[Document], built: Sequence[Document] = ()) -> MergerParameters:
    """Learn which records tell one happening.

    The threshold is the one with the best B-cubed F1 over scores of families that the regression did not see. Where all
    pairs are of one kind, as in a small corpus without two reports of one happening, that is what is learned.

    Args:
        documents: With incident records whose ``incident`` id is shared by records of one happening, and only within
            a family.
        built: The same documents with records that were made from their sentences, given those ids. They show what
            annotated ones do not: how often two records of one happening differ because one of them is wrong.
    """
    frequency = Counter(word for document in documents for word in _document_words(document))
    merger = MergerParameters(
        intercept=0.0,
        weights={},
        threshold=0.0,
        slack_days=_SLACK_DAYS,
        confusable=_confusable(documents),
        names=_NAMES,
        window=_WINDOW,
        documents=len(documents),
        document_frequency={word: count for word, count in sorted(frequency.items()) if count >= _LEAST_DOCUMENTS},
    )
    samples = [_sample(documents, merger, share) for share in _LEFT_OUT]
    if built:
        samples.append(_sample(built, merger, 0.0))
    weights, intercept = _regression(samples)
    return msgspec.structs.replace(
        merger,
        weights=dict(zip(FEATURES, np.round(weights, _DIGITS).tolist(), strict=True)),
        intercept=round(intercept, _DIGITS),
        threshold=_threshold(samples),
    )


def as_results(documents: Sequence[Document]) -> list[DocumentResult]:
    """Annotated documents as if they had been extracted; no record tells which happening it is."""
    return [
        DocumentResult(
            id=document.id,
            published=document.published,
            source=document.source,
            title=document.title,
            text_sha256="",
            sentences=(),
            incidents=tuple(
                msgspec.structs.replace(incident, id=(name := f"{document.id}#{incident.id}"), incident=name)
                for incident in document.incidents
            ),
            warnings=(),
        )
        for document in documents
    ]


def _document_words(document: Document) -> set[str]:
    texts = (text for i in document.incidents for role in ROLES[1:] for text in getattr(i, role))
    return {*words_of(texts), *words_of(incident.place for incident in document.incidents if incident.place)}


def _confusable(documents: Sequence[Document]) -> tuple[tuple[str, str], ...]:
    """Pairs of different types that two reports gave to one happening."""
    types: dict[tuple[str | None, str], set[str]] = {}
    for document in documents:
        for incident in document.incidents:
            types.setdefault((document.family, incident.incident), set()).add(incident.type)
    return tuple(sorted({pair for found in types.values() for pair in combinations(sorted(found), 2)}))


def _sample(documents: Sequence[Document], merger: MergerParameters, left_out: float) -> _Sample:
    rng = np.random.default_rng(SEED)
    told = [
        msgspec.structs.replace(document, incidents=tuple(_thinned(i, left_out, rng) for i in document.incidents))
        for document in sorted(documents, key=lambda document: document.id)
    ]
    entries = [Entry(result, incident) for result in as_results(told) for incident in result.incidents]
    table = record_table(entries, merger.slack_days, merger.documents, merger.document_frequency)
    pairs = candidate_pairs(table, merger.confusable, merger.slack_days, merger.names, merger.window)
    families = [document.family or document.id for document in told for _ in document.incidents]
    happenings = [(document.family or document.id, i.incident) for document in told for i in document.incidents]
    return _Sample(table, pairs, pair_features(table, pairs), _codes(happenings), _codes(families))


def _codes(keys: Sequence[Any]) -> NDArray[np.int64]:
    known: dict[Any, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)


def _thinned(incident: Incident, share: float, rng: np.random.Generator) -> Incident:
    """A record with that share of its values left out."""
    gone = {field: None for field in _OPTIONAL if rng.random() < share}
    words = {role: tuple(t for t in getattr(incident, role) if rng.random() >= share) for role in ROLES[1:]}
    flags = {flag: getattr(incident, flag) and rng.random() >= share for flag in ("main", "aggregate")}
    return msgspec.structs.replace(incident, **gone, **words, **flags)


def _regression(samples: Sequence[_Sample], keep: Sequence[NDArray[np.bool_]] | None = None) -> tuple[NDArray, float]:
    chosen = keep or [np.ones(len(sample.pairs), dtype=bool) for sample in samples]
    features = np.concatenate([sample.features[rows] for sample, rows in zip(samples, chosen, strict=True)])
    same = np.concatenate([sample.same[rows] for sample, rows in zip(samples, chosen, strict=True)])
    if same.all() or not same.any():
        return np.zeros(len(FEATURES)), (CERTAIN if same.any() else -CERTAIN)
    model = LogisticRegression(max_iter=2000).fit(features, same)
    return model.coef_[0], float(model.intercept_[0])


def _threshold(samples: Sequence[_Sample]) -> float:
    """The threshold with the best mean B-cubed F1 over all samples; the lowest of equal ones."""
    evidence = _held_out(samples)
    scores = [
        np.mean([_b_cubed(sample, odds - at) for sample, odds in zip(samples, evidence, strict=True)])
        for at in _THRESHOLDS
    ]
    return _THRESHOLDS[int(np.argmax(np.round(scores, _DIGITS)))]


def _held_out(samples: Sequence[_Sample]) -> list[NDArray[np.float64]]:
    """Log-odds of each pair by a regression that did not see its family; a single one is seen."""
    families = np.unique(np.concatenate([sample.family for sample in samples]))
    if len(families) < 2:
        weights, intercept = _regression(samples)
        return [sample.features @ weights + intercept for sample in samples]
    odds = [np.zeros(len(sample.pairs)) for sample in samples]
    for _, held in GroupKFold(min(_FOLDS, len(families))).split(families, groups=families):
        out = [np.isin(sample.pair_family, families[held]) for sample in samples]
        weights, intercept = _regression(samples, [~rows for rows in out])
        for sample, rows, found in zip(samples, out, odds, strict=True):
            found[rows] = sample.features[rows] @ weights + intercept
    return odds


def _b_cubed(sample: _Sample, evidence: NDArray[np.float64]) -> float:
    groups, _ = cluster(sample.table, sample.pairs, evidence, _SLACK_DAYS)
    group = np.zeros(len(sample.happening), dtype=np.int64)
    for number, rows in enumerate(groups):
        group[rows] = number
    _, cell, shared = np.unique(np.stack([group, sample.happening]), axis=1, return_inverse=True, return_counts=True)
    precision = np.mean(shared[cell.ravel()] / np.bincount(group)[group])
    recall = np.mean(shared[cell.ravel()] / np.bincount(sample.happening)[sample.happening])
    return float(2 * precision * recall / (precision + recall))
