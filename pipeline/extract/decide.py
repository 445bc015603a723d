"""From scores to decisions; thresholds are chosen on ``dev`` and stored in the model folder."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet
from pipeline.schema import ScoredSentence, ScoredSpan, Sentence
from pipeline.text.align import OUTSIDE, tag_runs

_GRID: Final = tuple(round(0.05 * step, 2) for step in range(4, 17))
_DIGITS: Final = 4


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The score from which on a key is given."""

    events: dict[str, float]
    responsibility: dict[str, float]


def decide(
    scores: DocumentScores,
    sentences: Sequence[tuple[int, int]],
    offsets: Sequence[NDArray[np.int64]],
    labels: LabelSet,
    thresholds: Thresholds,
) -> tuple[ScoredSentence, ...]:
    """Turn an article's scores into labels and spans, the scores kept beside them.

    Args:
        scores: Of the article.
        sentences: (start, end) offsets of its sentences.
        offsets: Token offsets of each sentence. Shapes: [tokens, 2].
        labels: Keys in the order of the scores.
        thresholds: Of the label sets; the source is the key with the highest score.
    """
    return tuple(
        ScoredSentence(
            start=start,
            end=end,
            events=_above(scores.events[index], labels.events, thresholds.events),
            event_scores=_named(scores.events[index], labels.events),
            responsibility=_above(scores.responsibility[index], labels.responsibility, thresholds.responsibility),
            responsibility_scores=_named(scores.responsibility[index], labels.responsibility),
            attribution_source=labels.sources[int(scores.source[index].argmax())],
            attribution_source_scores=_named(scores.source[index], labels.sources),
            spans=spans_of(scores.tags[index], offsets[index], labels.roles),
        )
        for index, (start, end) in enumerate(sentences)
    )


def choose_thresholds(
    scores: Sequence[DocumentScores], sentences: Sequence[Sequence[Sentence]], labels: LabelSet
) -> Thresholds:
    """The one threshold per task that gives the best micro-F1 over annotated articles.

    Args:
        scores: Of ``dev`` articles.
        sentences: Their annotated sentences, in the same order.
        labels: Keys in the order of the scores.
    """
    annotated = [sentence for document in sentences for sentence in document]
    events = _best_threshold(
        np.concatenate([found.events for found in scores]), [s.events for s in annotated], labels.events
    )
    responsibility = _best_threshold(
        np.concatenate([found.responsibility for found in scores]),
        [s.responsibility for s in annotated],
        labels.responsibility,
    )
    return Thresholds(
        events=dict.fromkeys(labels.events, events),
        responsibility=dict.fromkeys(labels.responsibility, responsibility),
    )


def _best_threshold(scores: NDArray[np.float32], labels: Sequence[Sequence[str]], keys: Sequence[str]) -> float:
    truth = np.array([[key in found for key in keys] for found in labels])

    def micro_f1(threshold: float) -> float:
        given = scores >= threshold
        return float(2 * (given & truth).sum() / max(1, given.sum() + truth.sum()))

    return max(_GRID, key=lambda threshold: (micro_f1(threshold), -abs(threshold - 0.5)))


def _above(row: NDArray[np.float32], keys: Sequence[str], thresholds: dict[str, float]) -> tuple[str, ...]:
    return tuple(key for key, score in zip(keys, row, strict=True) if score >= thresholds[key])


def _named(row: NDArray[np.float32], keys: Sequence[str]) -> dict[str, float]:
    return {key: round(float(score), _DIGITS) for key, score in zip(keys, row, strict=True)}


def spans_of(tags: NDArray[np.float32], offsets: NDArray[np.int64], roles: Sequence[str]) -> tuple[ScoredSpan, ...]:
    """Spans of the likeliest tags; a span's score is the mean, over its tokens, of not being outside.

    Shapes: tags [tokens, R, TAGS] (shares that sum to 1), offsets [tokens, 2]. Spans are ordered by start, longer
    ones first.
    """
    best = tags.argmax(axis=-1)
    spans = [
        ScoredSpan(
            role=role,
            start=int(offsets[first, 0]),
            end=int(offsets[last, 1]),
            score=round(float(1.0 - tags[first : last + 1, column, OUTSIDE].mean()), _DIGITS),
        )
        for column, role in enumerate(roles)
        for first, last in tag_runs(best[:, column])
    ]
    return tuple(sorted(spans, key=lambda span: (span.start, -span.end, roles.index(span.role))))
