"""Where two runs of a model decide differently."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.extract.decide import Thresholds, decisions
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer


class Disagreement(msgspec.Struct, frozen=True):
    """How many of the decisions of one layer differ."""

    decisions: int
    differing: int
    share: float


def compare_decisions(
    first: Sequence[DocumentScores], second: Sequence[DocumentScores], labels: LabelSet, thresholds: Thresholds
) -> dict[str, Disagreement]:
    """Count differing decisions between two runs over the same texts.

    A decision is yes or no on a key of a unit, or a unit's one key, or (``spans``) the tag of a token in one role.
    ``sentences`` counts the sentences in which a layer differs.
    """
    found = {layer.name: _differing(layer, first, second, thresholds) for layer in labels.layers}
    if labels.roles:
        pairs = [
            pair for one, other in zip(first, second, strict=True) for pair in zip(one.tags, other.tags, strict=True)
        ]
        found["spans"] = np.concatenate([(a.argmax(-1) != b.argmax(-1)).ravel() for a, b in pairs])
    sentences = [found[layer.name].any(axis=1) for layer in labels.layers if layer.level == "sentence"]
    if sentences:
        found["sentences"] = np.any(sentences, axis=0)
    return {name: _disagreement(differ) for name, differ in found.items()}


def _differing(
    layer: Layer, first: Sequence[DocumentScores], second: Sequence[DocumentScores], thresholds: Thresholds
) -> NDArray[np.bool_]:
    """Which decisions differ. Shape: [units, keys], or [units, 1] for a layer of one key."""
    one, other = (
        np.concatenate([decisions(layer, found.layers[layer.name], thresholds) for found in scores])
        for scores in (first, second)
    )
    differ = one != other
    return differ if layer.choice == "any" else differ.any(axis=1, keepdims=True)


def _disagreement(differ: NDArray[np.bool_]) -> Disagreement:
    differing = int(np.count_nonzero(differ))
    return Disagreement(differ.size, differing, round(differing / max(1, differ.size), 6))
