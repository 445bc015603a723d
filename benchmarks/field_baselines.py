"""What simple methods reach on a benchmark: the most frequent labels, and TF-IDF with logistic regression."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.field_data import Benchmark
from benchmarks.field_muc import naming_sentences
from benchmarks.field_rows import Row, group_folds
from pipeline.evaluate.label_sets import matrix_figures, multi_hot

NGRAMS: Final = (1, 2)
INVERSE_REGULARISATION: Final = (1.0, 3.0, 10.0, 30.0, 100.0)
THRESHOLDS: Final = tuple(round(0.05 * step, 2) for step in range(2, 19))

_HALF: Final = 0.5
_INNER_FOLDS: Final = 3
_ITERATIONS: Final = 2000
_STAND_IN: Final = "organizationname"


class Majority:
    """The label set that most rows of ``train`` with any label have; the first by name among equals.

    Rows without a label have no say: predicting nothing scores 0 by every figure but accuracy.
    """

    name = "majority"
    seeded = False

    def __init__(self) -> None:
        self._labels: tuple[str, ...] = ()

    def fit(
        self, train: Sequence[Row], keys: Sequence[str], single: bool, seed: int, dev: Sequence[Row] = ()
    ) -> "Majority":
        """Count label sets."""
        counted = Counter(tuple(sorted(row.labels)) for row in train if row.labels)
        self._labels = min(counted, key=lambda labels: (-counted[labels], labels), default=())
        return self

    def predict(self, rows: Sequence[Row]) -> list[tuple[str, ...]]:
        """The same labels for every row."""
        return [self._labels] * len(rows)


class Choice(NamedTuple):
    """What is chosen: words only or pairs too, scikit-learn's ``C``, the probability from which on a key is given."""

    ngrams: int
    strength: float
    threshold: float


class TfidfLogreg:
    """Weights of words (and word pairs) with a logistic regression, and one threshold for all keys.

    The choice is the one with the best primary figure on ``dev``, or else over folds of ``train``. A row says nothing
    about a key that is not scored in it, neither when learning nor when choosing.
    """

    name = "tfidf_logreg"
    seeded = False

    def __init__(self, benchmark: Benchmark) -> None:
        self._primary = benchmark.primary
        self._macro = [benchmark.keys.index(key) for key in benchmark.macro_keys or benchmark.keys]

    def fit(
        self, train: Sequence[Row], keys: Sequence[str], single: bool, seed: int, dev: Sequence[Row] = ()
    ) -> "TfidfPredictor":
        """Choose, then learn from all of ``train``."""
        folds = [(train, dev)] if dev else group_folds(train, _INNER_FOLDS)
        judged = [row for _, left_out in folds for row in left_out]
        right = multi_hot([row.labels for row in judged], keys)
        counts = 1 - multi_hot([row.unscored for row in judged], keys)
        figures = {
            Choice(*settings, threshold): matrix_figures(
                right, _decided(scores, threshold, single) * counts, self._macro
            )[self._primary]
            for settings, scores in _scores_left_out(folds, keys, single).items()
            for threshold in ((_HALF,) if single else THRESHOLDS)
        }
        return TfidfPredictor(train, keys, single, max(figures, key=lambda choice: figures[choice]))


class TfidfPredictor:
    """Learned word weights."""

    def __init__(self, train: Sequence[Row], keys: Sequence[str], single: bool, choice: Choice) -> None:
        self.choice = choice
        self._keys, self._single = keys, single
        self._words = _vectoriser(choice.ngrams)
        self._regressions = _Regressions(self._words.fit_transform(_texts(train)), train, keys, choice.strength, single)

    def predict(self, rows: Sequence[Row]) -> list[tuple[str, ...]]:
        """The labels of each row."""
        scores = self._regressions.scores(self._words.transform(_texts(rows)))
        given = _decided(scores, self.choice.threshold, self._single)
        return [tuple(key for key, flag in zip(self._keys, row, strict=True) if flag) for row in given]


class _Regressions:
    """One regression over all keys if exactly one is right, one for each key otherwise."""

    def __init__(self, inputs: Any, rows: Sequence[Row], keys: Sequence[str], strength: float, single: bool) -> None:
        right, unscored = multi_hot([r.labels for r in rows], keys), multi_hot([r.unscored for r in rows], keys)
        self._width, self._single = len(keys), single
        if single:
            self._models = [_regression(inputs, right.argmax(-1), strength)]
        else:
            kept = [np.flatnonzero(column == 0) for column in unscored.T]
            self._models = [
                _regression(inputs[own], column[own], strength) for own, column in zip(kept, right.T, strict=True)
            ]

    def scores(self, inputs: Any) -> NDArray[np.float64]:
        """Probabilities. Shape: [rows, keys]."""
        if self._single:
            return _probabilities(self._models[0], inputs, self._width)
        return np.stack([_probabilities(model, inputs, 2)[:, 1] for model in self._models], axis=-1)


def _scores_left_out(
    folds: Sequence[tuple[Sequence[Row], Sequence[Row]]], keys: Sequence[str], single: bool
) -> dict[tuple[int, float], NDArray[np.float64]]:
    """Probabilities of the left-out rows of all folds, for each number of words and each regularisation."""
    found: dict[tuple[int, float], list[NDArray[np.float64]]] = defaultdict(list)
    for part, left_out in folds:
        texts, others = _texts(part), _texts(left_out)
        for ngrams in NGRAMS:
            words = _vectoriser(ngrams)
            inputs, asked = words.fit_transform(texts), words.transform(others)
            for strength in INVERSE_REGULARISATION:
                model = _Regressions(inputs, part, keys, strength, single)
                found[ngrams, strength].append(model.scores(asked))
    return {settings: np.concatenate(scores) for settings, scores in found.items()}


def _regression(inputs: Any, target: NDArray[np.int64], strength: float) -> LogisticRegression | int:
    """A fitted regression, or the only value where the target has no other."""
    if len(set(target.tolist())) < 2:
        return int(target.max(initial=0))
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=_ITERATIONS).fit(inputs, target)


def _probabilities(model: LogisticRegression | int, inputs: Any, values: int) -> NDArray[np.float64]:
    """The probability of each of the values 0, 1, …; one that the target never had has 0. Shape: [rows, values]."""
    found = np.zeros((inputs.shape[0], values))
    if isinstance(model, int):
        found[:, model] = 1
    else:
        found[:, model.classes_] = model.predict_proba(inputs)
    return found


def _decided(scores: NDArray[np.float64], threshold: float, single: bool) -> NDArray[np.int64]:
    if single:
        return np.eye(scores.shape[1], dtype=np.int64)[scores.argmax(-1)]
    return (scores >= threshold).astype(np.int64)


def _vectoriser(ngrams: int) -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, ngrams), sublinear_tf=True, min_df=2)


def _texts(rows: Sequence[Row]) -> list[str]:
    """What is read of each row; where the labels are about a name, the sentences that have it."""
    return [" ".join(naming_sentences(row, _STAND_IN)) if row.names else row.text for row in rows]
