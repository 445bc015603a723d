"""The sum of the tasks' losses."""

import torch
from torch import Tensor
from torch.nn import functional

from pipeline.config import TaskWeights
from pipeline.encoder.model import SentenceLogits
from pipeline.text.align import TAGS


class MultiTaskLoss:
    """Binary cross-entropy for the label sets, cross-entropy for the source and for the tags of each role."""

    def __init__(self, weights: TaskWeights, label_smoothing: float, span_weight: float) -> None:
        """``span_weight`` weighs tokens inside spans against those outside, of which there are far more."""
        self._weights = weights
        self._smoothing = label_smoothing
        self._tag_weights = torch.tensor([1.0, span_weight, span_weight])

    def __call__(self, logits: SentenceLogits, events: Tensor, responsibility: Tensor, source: Tensor) -> Tensor:
        """Loss of the sentence tasks; per sentence it is the sum over keys, then the mean over sentences.

        Shapes: events [S, events], responsibility [S, responsibility], source [S].
        """
        return (
            self._weights.events * _binary(logits.events, events)
            + self._weights.responsibility * _binary(logits.responsibility, responsibility)
            + self._weights.source
            * functional.cross_entropy(logits.source.float(), source, label_smoothing=self._smoothing)
        )

    def spans(self, logits: Tensor, tags: Tensor) -> Tensor:
        """Loss of the role tags: the mean over tokens of the sum over roles.

        Shapes: logits [tokens, R * TAGS], tags [tokens, R].
        """
        tokens, roles = tags.shape
        if not tokens:
            return logits.sum() * 0.0
        loss = functional.cross_entropy(
            logits.float().reshape(tokens * roles, TAGS), tags.reshape(-1), weight=self._tag_weights, reduction="sum"
        )
        return self._weights.spans * loss / tokens


def _binary(logits: Tensor, targets: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits.float(), targets, reduction="none").sum(-1).mean()
