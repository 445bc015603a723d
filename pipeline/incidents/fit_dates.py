"""Learning the weights of dates from annotated reports: a conditional logit over each record's candidates.

Source: McFadden, "Conditional logit analysis of qualitative choice behavior", 1974.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from pipeline.incidents.date_candidates import Candidate, find_candidates
from pipeline.incidents.date_ranking import as_range
from pipeline.incidents.date_reading import Reading, read_article
from pipeline.incidents.examples import as_scored
from pipeline.incidents.places import is_southern, locate
from pipeline.schema import Document

_MIN_RECORDS: Final = 10
"""A feature that fewer records than this show is left out."""
_RIDGE: Final = 2.0
_MAX_STEPS: Final = 300
_TINY: Final = 1e-300
_DIGITS: Final = 3


def fit_weights(documents: Iterable[Document]) -> dict[str, float]:
    """Learn from annotated records what each feature says for or against a date.

    Records whose date is not among their candidates teach nothing. The result does not depend on chance.

    Args:
        documents: With annotated sentences and incidents.

    Returns:
        A weight per feature, in the order of their names.
    """
    records = [record for document in documents for record in _examples(document)]
    shown = Counter(name for candidates, _ in records for name in frozenset().union(*(c.features for c in candidates)))
    names = sorted(name for name, count in shown.items() if count >= _MIN_RECORDS)
    if not records or not names:
        return {}
    features, groups = _matrix([candidates for candidates, _ in records], names)
    weights = _fit(features, groups, np.concatenate([right for _, right in records]))
    return {name: round(float(weight), _DIGITS) for name, weight in zip(names, weights, strict=True)}


def _examples(document: Document) -> Iterator[tuple[list[Candidate], NDArray[np.bool_]]]:
    """Candidates of each record with which of them are right, where any is."""
    sentences = as_scored(document.sentences)

    @cache
    def reading(southern: bool) -> Reading:
        return read_article(document.text, document.published, sentences, southern)

    for incident in document.incidents:
        where = locate(incident.place or "", incident.country)
        candidates = find_candidates(reading(is_southern(where and where[0])), incident.type, incident.sentences)
        right = np.array([as_range(each.days) == incident.date for each in candidates], dtype=bool)
        if right.any():
            yield candidates, right


def _matrix(records: Sequence[Sequence[Candidate]], names: Sequence[str]) -> tuple[csr_matrix, NDArray[np.int64]]:
    """Features of all candidates, shape (candidates, names), and the row at which each record begins."""
    column = {name: number for number, name in enumerate(names)}
    columns: list[int] = []
    ends, begins = [0], []
    for candidates in records:
        begins.append(len(ends) - 1)
        for candidate in candidates:
            columns += [column[name] for name in sorted(candidate.features) if name in column]
            ends.append(len(columns))
    shape = (len(ends) - 1, len(names))
    return csr_matrix((np.ones(len(columns)), columns, ends), shape=shape), np.array(begins, dtype=np.int64)


def _fit(features: csr_matrix, begins: NDArray[np.int64], right: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Minimise the negative log likelihood of the right dates with a ridge; shape (names,)."""
    record = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, features.shape[0])))

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = features @ weights
        odds = np.exp(scores - np.maximum.reduceat(scores, begins)[record])
        every, correct = np.add.reduceat(odds, begins), np.add.reduceat(odds * right, begins)
        correct = np.maximum(correct, _TINY)
        value = float(np.log(every / correct).sum() + _RIDGE / 2 * weights @ weights)
        slope = odds / every[record] - odds * right / correct[record]
        return value, features.T @ slope + _RIDGE * weights

    found = minimize(loss, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": _MAX_STEPS})
    return np.asarray(found.x)
