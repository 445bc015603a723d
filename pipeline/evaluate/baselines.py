"""What simpler methods reach on the same sentences: the floor that the encoder has to rise above.

Each baseline is fitted on the annotated sentences of ``train`` and reads raw text through the same sentence
splitter as the extractor, so that all figures compare.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import FunctionTransformer

from pipeline.config import BaselinesParams
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.schema import Document, ScoredSentence
from pipeline.text.sentences import split_sentences
from pipeline.weak.baseline import LabellingFunctionsBaseline

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
_ITERATIONS = 2000


class Classifier(Protocol):
    """What scikit-learn's classifiers have in common."""

    def fit(self, features: Any, labels: NDArray) -> "Classifier":
        """Learn."""

    def predict(self, features: Any) -> NDArray:
        """Decide."""


class Features(Protocol):
    """What scikit-learn's transformers of texts have in common."""

    def fit_transform(self, texts: Sequence[str]) -> Any:
        """Learn what the texts hold, and turn them into features."""

    def transform(self, texts: Sequence[str]) -> Any:
        """Turn texts into features."""


class Baseline:
    """One classifier a task over single sentences; it marks no spans."""

    def __init__(self, features: Features, make: Callable[[], Classifier]) -> None:
        """Set up.

        Args:
            features: Turns sentences into what the classifiers read.
            make: Gives a fresh classifier for single-label targets.
        """
        self._features = features
        self._events = OneVsRestClassifier(make())
        self._responsibility = OneVsRestClassifier(make())
        self._source = make()

    def fit(self, documents: Sequence[Document]) -> "Baseline":
        """Learn from annotated documents."""
        sentences = [sentence for document in documents for sentence in document.sentences]
        inputs = self._features.fit_transform([d.text[s.start : s.end] for d in documents for s in d.sentences])
        self._events.fit(inputs, _multi_hot([s.events for s in sentences], EVENT_TYPES))
        self._responsibility.fit(inputs, _multi_hot([s.responsibility for s in sentences], RESPONSIBILITY))
        self._source.fit(inputs, np.array([SOURCES.index(s.source) for s in sentences]))
        return self

    def predict(self, documents: Sequence[Document]) -> list[tuple[ScoredSentence, ...]]:
        """Decide the sentences of raw texts, all in one go; scores are 0 or 1."""
        split = [split_sentences(document.text) for document in documents]
        texts = [d.text[start:end] for d, spans in zip(documents, split, strict=True) for start, end in spans]
        inputs = self._features.transform(texts)
        decided = zip(
            self._events.predict(inputs),
            self._responsibility.predict(inputs),
            np.eye(len(SOURCES))[self._source.predict(inputs)],
            strict=True,
        )
        return [tuple(_scored(start, end, *next(decided)) for start, end in spans) for spans in split]


class Predictor(Protocol):
    """What all baselines have in common."""

    def fit(self, documents: Sequence[Document]) -> Any:
        """Learn from annotated documents."""

    def predict(self, documents: Sequence[Document]) -> list[tuple[ScoredSentence, ...]]:
        """Decide the sentences of raw texts."""


def make_baselines(params: BaselinesParams, encode: Encode) -> dict[str, Predictor]:
    """The baselines by name.

    Args:
        params: Settings of the TF-IDF and of the regressions.
        encode: Sentence vectors of the encoder before any training. Shape of its result: [sentences, width].
    """

    def regression() -> LogisticRegression:
        return LogisticRegression(
            C=params.regularisation, class_weight="balanced", max_iter=_ITERATIONS, random_state=params.seed
        )

    def words() -> TfidfVectorizer:
        return TfidfVectorizer(ngram_range=(1, params.ngrams), sublinear_tf=True, min_df=2)

    return {
        "majority": Baseline(words(), lambda: DummyClassifier(strategy="most_frequent")),
        "labelling_functions": LabellingFunctionsBaseline(),
        "tfidf_logreg": Baseline(words(), regression),
        "frozen_encoder_logreg": Baseline(FunctionTransformer(encode), regression),
    }


def _scored(start: int, end: int, events: NDArray, responsibility: NDArray, source: NDArray) -> ScoredSentence:
    return ScoredSentence(
        start=start,
        end=end,
        events=_given(events, EVENT_TYPES),
        event_scores=_named(events, EVENT_TYPES),
        responsibility=_given(responsibility, RESPONSIBILITY),
        responsibility_scores=_named(responsibility, RESPONSIBILITY),
        attribution_source=_given(source, SOURCES)[0],
        attribution_source_scores=_named(source, SOURCES),
        spans=(),
    )


def _multi_hot(labels: Sequence[Sequence[str]], keys: Sequence[str]) -> NDArray[np.int64]:
    return np.array([[key in found for key in keys] for found in labels], dtype=np.int64)


def _given(row: NDArray, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(key for key, value in zip(keys, row, strict=True) if value)


def _named(row: NDArray, keys: Sequence[str]) -> dict[str, float]:
    return {key: float(value) for key, value in zip(keys, row, strict=True)}
