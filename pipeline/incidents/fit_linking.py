"""Fitting the linker on annotated documents, with scikit-learn; what comes out is plain numbers.

Every choice is made by families: reports of the same happenings are never on both sides. The likelihood of being
background, which the later models build on, is predicted for each document by a model that did not see its family.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.incidents.examples import Reading, Told, cases
from pipeline.incidents.fit_logistic import Fitted, best_threshold, fit_logistic, fit_table
from pipeline.incidents.linking import LinkerModel, cluster_features, labelled_sentences
from pipeline.incidents.mentions import WORD_PREFIX, mention_features, word_counts
from pipeline.incidents.pairs import LONG, length_share, pair_features
from pipeline.schema import Incident

LEAST_CASES: Final = 80
"""A word counts as a feature when so many cases have it."""


class _Annotated(msgspec.Struct, frozen=True):
    """A cluster of mentions that annotators made, or a mention that they put into no record."""

    family: str
    features: dict[str, float]
    record: Incident | None


def fit_linker(readings: Sequence[Reading]) -> tuple[LinkerModel, dict[str, Any]]:
    """Fit all models.

    Args:
        readings: Of documents of at least as many families as there are folds.

    Returns:
        The model, in which two mentions are linked from a probability of one half on; and for each of its models the
        chosen strength and the number of features.

    Raises:
        CorpusError: When fewer families than there are folds tell of incidents.
    """
    told = [case for reading in readings for case in cases(reading)]
    background = _fit_background(told)
    starts = np.cumsum([0, *(len(case.indexes) for case in told)])
    odds = [
        dict(zip(case.indexes, _logit(background.unseen[start:end]), strict=True))
        for case, start, end in zip(told, starts, starts[1:], strict=False)
    ]
    link = _fit_link(told, odds)
    clusters = [cluster for case, own in zip(told, odds, strict=True) for cluster in _clusters(case, own)]
    records = [cluster for cluster in clusters if cluster.record]
    is_record = np.array([cluster.record is not None for cluster in clusters])
    is_main = np.array([bool(cluster.record and cluster.record.main) for cluster in records])
    is_aggregate = np.array([bool(cluster.record and cluster.record.aggregate) for cluster in records])
    record, main, aggregate = (
        _fit([cluster.features for cluster in rows], wanted, [cluster.family for cluster in rows])
        for rows, wanted in ((clusters, is_record), (records, is_main), (records, is_aggregate))
    )
    model = LinkerModel(
        background=background.model,
        link=link.model,
        record=record.model,
        main=main.model,
        aggregate=aggregate.model,
        link_threshold=0.5,
        record_threshold=best_threshold(is_record, record.unseen),
        main_threshold=best_threshold(is_main, main.unseen),
        aggregate_threshold=best_threshold(is_aggregate, aggregate.unseen),
    )
    fitted = {"background": background, "link": link, "record": record, "main": main, "aggregate": aggregate}
    return model, {
        name: {"strength": found.strength, "features": len(found.model.weights)} for name, found in fitted.items()
    }


def _fit_background(told: Sequence[Told]) -> Fitted:
    """Background is what tells another happening than the record with the most sentences, the earliest of equals."""
    features: list[dict[str, float]] = []
    wanted, families = [], []
    for case in told:
        largest = max(
            range(len(case.records)),
            key=lambda n: (len(case.records[n].sentences), [-index for index in case.records[n].sentences[:1]]),
            default=None,
        )
        features += mention_features(case.facts, case.indexes)
        for owners in case.owners():
            wanted.append(bool(owners) and largest not in owners)
            families.append(case.family)
    return _fit(features, np.array(wanted), families)


def _fit_link(told: Sequence[Told], odds: Sequence[Mapping[int, float]]) -> Fitted:
    """Pairs weigh one over the mentions of their type, so that long articles do not drown short ones.

    Each feature is there twice, the second time as far as the article is long.
    A mention that no record tells is left out.
    """
    names: tuple[str, ...] = ()
    rows, wanted, families, weights = [], [], [], []
    for case, own in zip(told, odds, strict=True):
        owners = case.owners()
        known = [position for position, found in enumerate(owners) if found]
        first, second = np.array(list(combinations(known, 2)), dtype=np.int64).reshape(-1, 2).T
        names, values = zip(
            *pair_features(case.facts, case.kind, case.indexes, own, word_counts(case.facts)), strict=True
        )
        found = np.stack([matrix[first, second] for matrix in values], axis=1)
        rows.append(np.concatenate([found, length_share(len(case.facts)) * found], axis=1))
        wanted += [bool(owners[a] & owners[b]) for a, b in zip(first, second, strict=True)]
        families += [case.family] * len(first)
        weights += [1 / len(owners)] * len(first)
    table = np.concatenate(rows)
    both = [*names, *(LONG + name for name in names)]
    return fit_table(both, table, np.array(wanted), families, np.array(weights))


def _clusters(case: Told, odds: Mapping[int, float]) -> list[_Annotated]:
    """The annotated clusters of a type, and each mention without a record as a cluster that is none."""
    labelled = labelled_sentences(case.facts)
    told = [(tuple(i for i in case.indexes if i in record.sentences), record) for record in case.records]
    astray = [((i,), None) for i, owners in zip(case.indexes, case.owners(), strict=True) if not owners]
    return [
        _Annotated(case.family, cluster_features(case.facts, case.kind, members, odds, labelled), record)
        for members, record in (*told, *astray)
        if members
    ]


def _fit(features: Sequence[Mapping[str, float]], wanted: NDArray[np.bool_], families: Sequence[str]) -> Fitted:
    return fit_logistic(features, wanted, families, LEAST_CASES, WORD_PREFIX)


def _logit(values: NDArray[np.float64]) -> list[float]:
    return [float(v) for v in np.log(values / (1 - values))]
