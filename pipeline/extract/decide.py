"""From scores to decisions; thresholds and temperatures are chosen on ``dev`` and stored in the model folder."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer
from pipeline.schema import ScoredSentence, ScoredSpan
from pipeline.text.align import OUTSIDE, tag_runs
from pipeline.text.transitions import Transitions, likeliest_tags

_DIGITS: Final = 4
_HALF: Final = 0.5

SURE: Final = 1e-6
"""Nearest that a probability comes to 0 or 1 before its logit is taken."""


Scores = NDArray[np.floating[Any]]

Thresholds = dict[str, dict[str, float]]
"""By layer that gives any keys, the score from which on each key is given."""

Temperatures = dict[str, float]
"""By layer, what its logits are divided by, so that a score is a probability; 1 leaves them as they are."""


def undecided(labels: LabelSet) -> tuple[Temperatures, Thresholds]:
    """Those that nobody chose: scores as they are, and a key is given from one half on."""
    thresholds = {layer.name: dict.fromkeys(layer.keys, _HALF) for layer in labels.layers if layer.choice == "any"}
    return {layer.name: 1.0 for layer in labels.layers}, thresholds


def calibrated(scores: DocumentScores, labels: LabelSet, temperatures: Temperatures) -> DocumentScores:
    """The article's scores at these temperatures; those of tags are not changed."""
    layers = {
        layer.name: at_temperature(layer, scores.layers[layer.name], temperatures[layer.name])
        for layer in labels.layers
    }
    return DocumentScores(layers, scores.tags)


def at_temperature(layer: Layer, scores: Scores, temperature: float) -> Scores:
    """A layer's probabilities with their logits divided. Shape: [units, keys]."""
    return (tempered if layer.choice == "any" else tempered_shares)(scores, temperature)


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
    transitions: Transitions,
) -> tuple[ScoredSentence, ...]:
    """Turn an article's scores into labels and spans, the scores kept beside them.

    Args:
        scores: Of the article and its words (``pipeline.extract.words``).
        sentences: (start, end) offsets of its sentences.
        offsets: Word offsets of each sentence. Shapes: [words, 2].
        labels: Those of the guidelines; keys in the order of the scores.
        thresholds: Of the label sets; the source is the key with the highest score.
        transitions: Of the roles' tags.
    """
    given = {layer.name: given_keys(layer, scores, thresholds) for layer in labels.layers}
    named = {layer.name: named_scores(layer, scores) for layer in labels.layers}
    return tuple(
        ScoredSentence(
            start=start,
            end=end,
            events=given["events"][index],
            event_scores=named["events"][index],
            responsibility=given["responsibility"][index],
            responsibility_scores=named["responsibility"][index],
            attribution_source=given["source"][index][0],
            attribution_source_scores=named["source"][index],
            spans=spans_of(scores.tags[index], offsets[index], labels.roles, transitions),
        )
        for index, (start, end) in enumerate(sentences)
    )


def given_keys(layer: Layer, scores: DocumentScores, thresholds: Thresholds) -> list[tuple[str, ...]]:
    """What is given to each unit: all keys from their thresholds on, or the one with the highest score."""
    return [
        tuple(key for key, given in zip(layer.keys, row, strict=True) if given)
        for row in decisions(layer, scores.layers[layer.name], thresholds)
    ]


def decisions(layer: Layer, scores: Scores, thresholds: Thresholds) -> NDArray[np.bool_]:
    """Yes or no on each key of each unit. Shapes: [units, keys] to [units, keys]."""
    if layer.choice == "one":
        return np.arange(len(layer.keys)) == scores.argmax(axis=-1)[:, None]
    return scores >= np.array([thresholds[layer.name][key] for key in layer.keys], dtype=scores.dtype)


def named_scores(layer: Layer, scores: DocumentScores) -> list[dict[str, float]]:
    """Each unit's scores by key."""
    return [
        {key: round(float(score), _DIGITS) for key, score in zip(layer.keys, row, strict=True)}
        for row in scores.layers[layer.name]
    ]


def spans_of(
    tags: NDArray[np.float32], offsets: NDArray[np.int64], roles: Sequence[str], transitions: Transitions
) -> tuple[ScoredSpan, ...]:
    """Spans of the likeliest tags; a span's score is the mean, over its words, of not being outside.

    Shapes: tags [words, R, TAGS] (shares that sum to 1), offsets [words, 2]. Spans are ordered by start, longer
    ones first.
    """
    best = likeliest_tags(tags, roles, transitions)
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
