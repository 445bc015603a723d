"""Fitting logistic models on annotated cases with scikit-learn; families of reports are never on both sides."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import floor
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, precision_recall_curve
from sklearn.model_selection import GroupKFold

from pipeline.errors import CorpusError
from pipeline.incidents.logistic import Logistic, probability

STRENGTHS: Final = (0.1, 0.3, 1.0)
"""Inverse strengths of regularisation that cross-validation chooses from."""

FOLDS: Final = 4

_STEPS: Final = 10_000
"""Steps of a threshold from 0 to 1."""

CERTAIN: Final = 4.0
"""Log-odds of what all cases agree on."""


class Fitted(msgspec.Struct, frozen=True):
    """A fitted model, what it says of each case when it has not seen its family, and the chosen strength."""

    model: Logistic
    unseen: NDArray[np.float64]
    strength: float


def fit_logistic(
    features: Sequence[Mapping[str, float]],
    wanted: NDArray[np.bool_],
    families: Sequence[str],
    least: int,
    prefix: str = "",
) -> Fitted:
    """Fit on features by name; those that begin with ``prefix`` are left out when fewer than ``least`` cases have them.

    For the rest see ``fit_table``.
    """
    cases = Counter(name for row in features for name in row if name.startswith(prefix))
    kept = [
        {name: v for name, v in row.items() if not name.startswith(prefix) or cases[name] >= least} for row in features
    ]
    vectorizer = DictVectorizer()
    table = vectorizer.fit_transform(kept)
    table.indices, table.indptr = table.indices.astype(np.int32), table.indptr.astype(np.int32)  # all liblinear takes
    return fit_table(list(vectorizer.feature_names_), table, wanted, families, np.ones(len(wanted)))


def fit_table(
    names: Sequence[str], table: Any, wanted: NDArray[np.bool_], families: Sequence[str], weights: NDArray[np.float64]
) -> Fitted:
    """Choose the strength of regularisation by log loss on unseen families, then fit on all.

    Args:
        names: Of the columns.
        table: Features, dense or sparse with 32-bit indexes. Shape: (cases, columns).
        wanted: What each case is. Shape: (cases,).
        families: Whose cases are never on both sides.
        weights: Of the cases. Shape: (cases,).

    Raises:
        CorpusError: When there are fewer families than ``FOLDS``.
    """
    best: tuple[float, float, NDArray[np.float64]] | None = None
    for strength in STRENGTHS:
        found = unseen(strength, table, wanted, families, weights)
        loss = log_loss(wanted, found, sample_weight=weights, labels=[False, True])
        if best is None or loss < best[0]:
            best = loss, strength, found
    assert best is not None
    intercept, fitted = fit_once(best[1], table, wanted, weights)
    rounded = {name: round(float(w), 5) for name, w in zip(names, fitted, strict=True)}
    model = Logistic(round(intercept, 5), {name: w for name, w in rounded.items() if w})
    return Fitted(model, best[2], best[1])


def unseen(
    strength: float, table: Any, wanted: NDArray[np.bool_], families: Sequence[str], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The probability of each case by a model that did not see its family; for the arguments see ``fit_table``.

    Raises:
        CorpusError: When there are fewer families than ``FOLDS``.
    """
    if len(set(families)) < FOLDS:
        raise CorpusError(
            f"{len(set(families))} families of reports show what is to be learned, at least {FOLDS} are needed: "
            "annotate more reports"
        )
    found = np.empty(len(wanted))
    for seen, held in GroupKFold(FOLDS).split(table, groups=families):
        intercept, fitted = fit_once(strength, table[seen], wanted[seen], weights[seen])
        found[held] = probability(intercept + table[held] @ fitted)
    return found


def fit_once(
    strength: float, table: Any, wanted: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Intercept and weights, the latter of shape (columns,).

    Cases of one kind only, as in a small corpus, teach that all are of that kind.
    """
    if wanted.all() or not wanted.any():
        return (CERTAIN if wanted.all() else -CERTAIN), np.zeros(table.shape[1])
    model = LogisticRegression(C=strength, solver="liblinear", max_iter=500, random_state=0)
    fitted = model.fit(table, wanted, sample_weight=weights)
    return float(fitted.intercept_[0]), fitted.coef_[0]


def best_threshold(wanted: NDArray[np.bool_], unseen: NDArray[np.float64]) -> float:
    """The probability from which saying yes gives the best F1."""
    if not wanted.any():
        return 1.0
    precision, recall, thresholds = precision_recall_curve(wanted, unseen)
    f1 = 2 * precision * recall / np.maximum(1e-9, precision + recall)
    return floor(float(thresholds[int(np.argmax(f1[:-1]))]) * _STEPS) / _STEPS  # rounded up it would lose the case
