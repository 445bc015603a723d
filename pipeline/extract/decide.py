"""From scores to decisions; thresholds and temperatures are chosen on ``dev`` and stored in the model folder."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet
from pipeline.schema import ScoredSentence, ScoredSpan, Sentence
from pipeline.text.align import OUTSIDE, tag_runs

_GRID: Final = tuple(round(0.05 * step, 2) for step in range(4, 17))
_DIGITS: Final = 4

_ROUNDS: Final = 3

DEPARTURE: Final = 0.02
"""What it must gain in micro-F1 that a key's threshold lies by one away from that of all keys.

A threshold of its own suits a rare key's few sentences on ``dev`` better than others: in cross-validation on ``dev``
thresholds that are free gain no more, and lose macro-F1.
"""

SURE: Final = 1e-6
"""Nearest that a probability comes to 0 or 1 before its logit is taken."""


Scores = NDArray[np.floating[Any]]


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The score from which on a key is given."""

    events: dict[str, float]
    responsibility: dict[str, float]


class Temperatures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the logits of each task are divided by, so that a score is a probability; 1 leaves them as they are."""

    events: float = 1.0
    responsibility: float = 1.0
    source: float = 1.0


def calibrated(scores: DocumentScores, temperatures: Temperatures) -> DocumentScores:
    """The article's scores at these temperatures; those of tags are not changed."""
    return DocumentScores(
        events=tempered(scores.events, temperatures.events),
        responsibility=tempered(scores.responsibility, temperatures.responsibility),
        source=tempered_shares(scores.source, temperatures.source),
        tags=scores.tags,
    )


def tempered(scores: Scores, temperature: float) -> Scores:
    """Probabilities of yes with their logits divided."""
    kept = np.clip(scores.astype(np.float64), SURE, 1.0 - SURE)
    return (1.0 / (1.0 + ((1.0 - kept) / kept) ** (1.0 / temperature))).astype(scores.dtype)


def tempered_shares(scores: Scores, temperature: float) -> Scores:
    """Rows of probabilities that sum to 1, with their logits divided. Shape: [sentences, keys]."""
    powers = np.maximum(scores.astype(np.float64), SURE) ** (1.0 / temperature)
    return (powers / powers.sum(axis=-1, keepdims=True)).astype(scores.dtype)


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
    """The thresholds that give the best micro-F1 over annotated articles.

    All keys of a task have the same, but for a key whose own pays (``DEPARTURE``).

    Args:
        scores: Of ``dev`` articles.
        sentences: Their annotated sentences, in the same order.
        labels: Keys in the order of the scores.
    """
    annotated = [sentence for document in sentences for sentence in document]
    events = _best_thresholds(
        np.concatenate([found.events for found in scores]), [s.events for s in annotated], labels.events
    )
    responsibility = _best_thresholds(
        np.concatenate([found.responsibility for found in scores]),
        [s.responsibility for s in annotated],
        labels.responsibility,
    )
    return Thresholds(events=events, responsibility=responsibility)


def _best_thresholds(
    scores: NDArray[np.float32], labels: Sequence[Sequence[str]], keys: Sequence[str]
) -> dict[str, float]:
    """Start from the best threshold for all keys, then move that of one key after the other while that pays."""
    truth = np.array([[key in found for key in keys] for found in labels])
    given, right = (
        np.array([(side & (scores >= threshold)).sum(axis=0) for threshold in _GRID]) for side in (True, truth)
    )
    columns = np.arange(len(keys))

    def micro_f1(steps: NDArray[np.int64]) -> float:
        return float(2 * right[steps, columns].sum() / max(1, given[steps, columns].sum() + truth.sum()))

    every = [np.full(len(keys), step) for step in range(len(_GRID))]
    common = max(every, key=lambda steps: (micro_f1(steps), -abs(_GRID[steps[0]] - 0.5)))[0]

    def worth(steps: NDArray[np.int64]) -> float:
        return micro_f1(steps) - DEPARTURE * float(np.abs(np.take(_GRID, steps) - _GRID[common]).sum())

    best = every[common]
    for _ in range(_ROUNDS):
        for column in columns:
            moved = [np.where(columns == column, step, best) for step in range(len(_GRID))]
            best = max([best, *moved], key=worth)
    return {key: _GRID[step] for key, step in zip(keys, best.tolist(), strict=True)}


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
