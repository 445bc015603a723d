"""The sum of the losses of all layers and of the spans."""

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.encoder.model import ArticleLogits
from pipeline.encoder.targets import LayerTargets, Targets
from pipeline.errors import ParamsError
from pipeline.labels import LabelSet, Layer
from pipeline.text.align import TAGS

SPANS: Final = "spans"
"""Name of the spans' loss among those of the layers."""


class MultiTaskLoss:
    """Binary cross-entropy where a layer gives any keys, cross-entropy where it gives one and for each role's tags.

    What is not known of an article adds nothing; it does not make the rest weigh more.
    """

    def __init__(
        self, labels: LabelSet, weights: Mapping[str, float], label_smoothing: float, span_weight: float
    ) -> None:
        """Set up.

        Args:
            labels: What the model gives.
            weights: Of each layer's loss by its name, and of ``spans``; 1 where it is not named.
            label_smoothing: Of layers that give one key.
            span_weight: Weighs tokens inside spans against those outside, of which there are far more.

        Raises:
            ParamsError: When a weight is that of no layer.
        """
        names = [layer.name for layer in labels.layers]
        for name in weights:
            if name not in (*names, SPANS):
                raise ParamsError(f"train.task_weights names {name!r}; the layers are {', '.join(names)}, and {SPANS}")
        self._labels = labels
        self._weights = weights
        self._smoothing = label_smoothing
        self._tag_weights = torch.tensor([1.0, span_weight, span_weight])

    def __call__(
        self, logits: ArticleLogits, tag_logits: Tensor, targets: Targets, share: float, part: float
    ) -> Tensor:
        """Loss of an article within its step.

        Args:
            logits: Of the article.
            tag_logits: Of all its tokens in order. Shape: [tokens, R * TAGS].
            targets: What the model should say.
            share: What its sentences are of all of the step; weighs what is said of sentences and tokens.
            part: What it is itself of the step's articles; weighs what is said of documents.
        """
        loss = torch.zeros(())
        for layer in self._labels.layers:
            weight = self._weights.get(layer.name, 1.0) * (share if layer.level == "sentence" else part)
            loss = loss + weight * self._layer(layer, logits.layers[layer.name].float(), targets.layers[layer.name])
        if targets.tags is not None and self._labels.roles:
            tags = torch.cat([torch.from_numpy(found) for found in targets.tags])
            loss = loss + self._weights.get(SPANS, 1.0) * share * self._spans(tag_logits, tags)
        return targets.weight * loss

    def _layer(self, layer: Layer, logits: Tensor, targets: LayerTargets) -> Tensor:
        """Per unit the sum over keys, then the mean over units."""
        values, known = torch.from_numpy(targets.values), torch.from_numpy(targets.known)
        if layer.choice == "any":
            loss = functional.binary_cross_entropy_with_logits(logits, values, reduction="none")
        else:
            found = functional.cross_entropy(logits, values, reduction="none", label_smoothing=self._smoothing)
            loss = found.unsqueeze(-1)
        return (loss * known).sum(-1).mean()

    def _spans(self, logits: Tensor, tags: Tensor) -> Tensor:
        """Loss of the role tags: the mean over tokens of the sum over roles.

        Shapes: logits [tokens, R * TAGS], tags [tokens, R].
        """
        tokens, roles = tags.shape
        if not tokens:
            return logits.sum() * 0.0
        loss = functional.cross_entropy(
            logits.float().reshape(tokens * roles, TAGS), tags.reshape(-1), weight=self._tag_weights, reduction="sum"
        )
        return loss / tokens
