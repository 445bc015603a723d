"""Labelled sentences as the arrays that the loss compares with."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.label.soft import SoftSentence
from pipeline.labels import LabelSet, Layer
from pipeline.schema import Sentence
from pipeline.text.align import OUTSIDE, TAGS, spans_to_tags

_UNMARKED: Final = 1000
"""Tokens outside that a role counts as seen where nobody marked spans: it learns nothing and should mark nothing."""


class LayerTargets(msgspec.Struct, frozen=True):
    """What is known of one layer: a row for each sentence, or one for the document.

    Shapes: values [units, keys], 0 to 1, and for a layer of one key rows that sum to 1; known [units, keys], or
    [units, 1] for a layer of one key. What is not known has the value 0.
    """

    values: NDArray[np.float32]
    known: NDArray[np.bool_]


class Targets(msgspec.Struct, frozen=True):
    """What the model should say of one article.

    ``tags``: one array a sentence [tokens, R], or None where nobody marked spans. ``weight`` is that of the article's
    loss.
    """

    sentences: int
    layers: dict[str, LayerTargets]
    tags: list[NDArray[np.int64]] | None
    weight: float = 1.0


Answers = Sequence[Sequence[str] | Mapping[str, float] | None]
"""A layer's answers, one a unit: keys, or the probabilities of those that are known, or None where it is not known."""


def make_targets(
    answers: Mapping[str, Answers],
    labels: LabelSet,
    sentences: int,
    tags: list[NDArray[np.int64]] | None = None,
    weight: float = 1.0,
) -> Targets:
    """Turn a text's labels into targets.

    Args:
        answers: By layer; a layer that is not there is not known of any unit.
        labels: Keys in the order of the model's outputs.
        sentences: Number of the text's sentences.
        tags: See ``Targets``.
        weight: See ``Targets``.
    """
    layers = {}
    for layer in labels.layers:
        units = sentences if layer.level == "sentence" else 1
        layers[layer.name] = _layer_targets(layer, answers.get(layer.name, [None] * units))
    return Targets(sentences, layers, tags, weight)


def answers_of(sentences: Sequence[Sentence | SoftSentence], labels: LabelSet) -> dict[str, Answers]:
    """What labelled sentences say, by layer."""
    return {layer.name: [sentence.labels[layer.name] for sentence in sentences] for layer in labels.layers}


def tags_of(
    sentences: Sequence[Sentence], offsets: Sequence[NDArray[np.int64]], roles: Sequence[str]
) -> list[NDArray[np.int64]]:
    """Role tags of the tokens of annotated sentences; offsets of shapes [tokens, 2] count in the article's text."""
    return [spans_to_tags(sentence.spans, found, roles) for sentence, found in zip(sentences, offsets, strict=True)]


def _layer_targets(layer: Layer, answers: Answers) -> LayerTargets:
    shape = (len(answers), len(layer.keys))
    values, known = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.bool_)
    for row, answer in enumerate(answers):
        if isinstance(answer, Mapping):
            values[row] = [answer.get(key, 0.0) for key in layer.keys]
            known[row] = [key in answer for key in layer.keys]
        elif answer is not None:
            values[row] = [key in answer for key in layer.keys]
            known[row] = True
    if layer.choice == "any":
        return LayerTargets(values, known)
    sums = values.sum(axis=1, keepdims=True)
    return LayerTargets(np.divide(values, sums, out=values, where=sums > 0), known.max(axis=1, keepdims=True))


def label_priors(targets: Sequence[Targets], labels: LabelSet) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """Logits of how frequent each key and tag is where it is known, every key counted once more than it occurs.

    Where no text has spans, all tokens are taken to be outside.

    Returns:
        By layer, shapes [keys]; and of the tags of each role, shape [R * TAGS].

    Raises:
        ValueError: Without any text.
    """
    if not targets:
        raise ValueError("no training article; the train split must hold at least one")
    tags = np.concatenate(
        [np.empty((0, len(labels.roles)), dtype=np.int64), *(t for found in targets for t in found.tags or ())]
    )
    if not len(tags):
        tags = np.full((_UNMARKED, len(labels.roles)), OUTSIDE)
    shares = [_log_shares(np.bincount(column, minlength=TAGS)) for column in tags.T]
    priors = {layer.name: _prior(layer, [found.layers[layer.name] for found in targets]) for layer in labels.layers}
    return priors, torch.cat(shares) if shares else torch.empty(0)


def _prior(layer: Layer, targets: Sequence[LayerTargets]) -> torch.Tensor:
    yes = np.sum([found.values.sum(0, dtype=np.float64) for found in targets], axis=0)
    if layer.choice == "one":
        return _log_shares(yes)
    of = np.sum([found.known.sum(0) for found in targets], axis=0)
    return torch.logit(torch.from_numpy((yes + 1) / (of + 2))).float()


def _log_shares(counts: NDArray) -> torch.Tensor:
    shares = counts + 1.0
    return torch.from_numpy(np.log(shares / shares.sum())).float()
