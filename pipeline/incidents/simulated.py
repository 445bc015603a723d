"""Annotated reports as a sentence model reads them that never saw their like.

What is learned from annotated sentences alone believes every label, and a sentence model is wrong about one in four.
Which ones it gets wrong depends on their words, so chance is a poor stand-in. Here a regression over counts of words,
which learns in seconds, reads each report without having seen its family; since it is a weaker reader than the encoder,
some log-odds towards the annotated answer are added to what it finds.
"""

from collections.abc import Iterator, Sequence
from itertools import compress
from random import Random
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from pipeline.incidents.examples import Reading
from pipeline.incidents.fit_logistic import best_threshold, fit_once, unseen
from pipeline.incidents.logistic import probability
from pipeline.labels import LABELS, Layer
from pipeline.schema import Document, ScoredSentence, ScoredSpan, Sentence

HINT: Final = 0.5
"""Log-odds towards the annotated answer. Chosen on ``dev``, by the records made from what the trained encoder reads."""

LOST_SPANS: Final = 0.3
"""Share of the annotated spans that are left out at random, near what the encoder misses on unseen reports."""

_STRENGTH: Final = 10.0
_CALIBRATION: Final = 1000.0
"""Inverse strengths of regularisation, over words and over one number; the latter all but none."""

_LEAST_SENTENCES: Final = 2
_WORDS: Final = 2
"""A run of so many words counts when so many sentences have it."""


def simulate(documents: Sequence[Document]) -> list[Reading]:
    """Read annotated documents, each by regressions that learned from the other families.

    Raises:
        CorpusError: When there are fewer families than folds.
    """
    sentences = [sentence for document in documents for sentence in document.sentences]
    families = [document.family or document.id for document in documents for _ in document.sentences]
    words = TfidfVectorizer(ngram_range=(1, _WORDS), min_df=_LEAST_SENTENCES, sublinear_tf=True)
    table = words.fit_transform([d.text[s.start : s.end] for d in documents for s in d.sentences])
    layers = [
        _layer(layer, table, [sentence.labels[layer.name] for sentence in sentences], families)
        for layer in LABELS.layers
    ]
    read = zip(*layers, strict=True)
    return [
        Reading(document, tuple(_scored(sentence, next(read), random) for sentence in document.sentences))
        for document in documents
        for random in [Random(document.id)]
    ]


_Answer = tuple[dict[str, float], tuple[str, ...]]
"""For one layer a sentence's score of each key, and the keys that it is given."""


def _layer(layer: Layer, table: Any, labels: Sequence[Sequence[str]], families: Sequence[str]) -> Iterator[_Answer]:
    found = [_key(table, np.array([key in own for own in labels]), families) for key in layer.keys]
    scores = np.stack([score for score, _ in found], axis=1)
    given = np.stack([likely for _, likely in found], axis=1)
    if layer.choice == "one":
        scores /= scores.sum(axis=1, keepdims=True)
        given = np.eye(len(layer.keys), dtype=bool)[scores.argmax(axis=1)]
    for row, chosen in zip(scores.tolist(), given, strict=True):
        yield dict(zip(layer.keys, row, strict=True)), tuple(compress(layer.keys, chosen))


def _key(
    table: Any, wanted: NDArray[np.bool_], families: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The probability that each sentence has a key, and whether it is likely enough. Shapes: [sentences]."""
    same = np.ones(len(wanted))
    found = unseen(_STRENGTH, table, wanted, families, same)
    odds = np.log(found / (1 - found)) + HINT * np.where(wanted, 1, -1)
    intercept, weights = fit_once(_CALIBRATION, odds[:, None], wanted, same)
    scores = probability(intercept + odds * weights[0])
    return scores, scores >= best_threshold(wanted, scores)


def _scored(sentence: Sentence, answers: tuple[_Answer, ...], random: Random) -> ScoredSentence:
    (event_scores, events), (responsibility_scores, responsibility), (source_scores, (source,)) = answers
    return ScoredSentence(
        start=sentence.start,
        end=sentence.end,
        events=events,
        event_scores=event_scores,
        responsibility=responsibility,
        responsibility_scores=responsibility_scores,
        attribution_source=source,
        attribution_source_scores=source_scores,
        spans=tuple(
            ScoredSpan(span.role, span.start, span.end, 1.0) for span in sentence.spans if random.random() >= LOST_SPANS
        ),
    )
