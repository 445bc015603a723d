"""The sum of the tasks' losses."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from pipeline.config import TaskWeights
from pipeline.encoder.model import SentenceLogits
from pipeline.encoder.targets import Targets
from pipeline.text.align import TAGS


class MultiTaskLoss:
    """Binary cross-entropy for the label sets, cross-entropy for the source and for the tags of each role.

    What is not known of an article adds nothing; it does not make the rest weigh more.
    """

    def __init__(self, weights: TaskWeights, label_smoothing: float, span_weight: float) -> None:
        """``span_weight`` weighs tokens inside spans against those outside, of which there are far more."""
        self._weights = weights
        self._smoothing = label_smoothing
        self._tag_weights = torch.tensor([1.0, span_weight, span_weight])

    def __call__(self, logits: SentenceLogits, tag_logits: Tensor, targets: Targets) -> Tensor:
        """Loss of an article, not yet weighed by it.

        Args:
            logits: Of its sentences.
            tag_logits: Of all its tokens in order. Shape: [tokens, R * TAGS].
            targets: What the model should say.
        """
        loss = self._sentences(logits, targets)
        if targets.tags is None:
            return loss
        return loss + self._spans(tag_logits, torch.cat([torch.from_numpy(found) for found in targets.tags]))

    def _sentences(self, logits: SentenceLogits, targets: Targets) -> Tensor:
        """Per sentence the sum over keys, then the mean over sentences."""
        return (
            self._weights.events * _binary(logits.events, targets.events, targets.events_known)
            + self._weights.responsibility
            * _binary(logits.responsibility, targets.responsibility, targets.responsibility_known)
            + self._weights.source * self._source(logits.source.float(), targets)
        )

    def _source(self, logits: Tensor, targets: Targets) -> Tensor:
        source = torch.from_numpy(targets.source)
        if not source.is_floating_point():
            return functional.cross_entropy(logits, source, label_smoothing=self._smoothing)
        # Probabilities are smooth already.
        loss = functional.cross_entropy(logits, source, reduction="none")
        return (loss * torch.from_numpy(targets.source_known)).mean()

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
        return self._weights.spans * loss / tokens


def _binary(logits: Tensor, targets: NDArray[np.float32], known: NDArray[np.bool_]) -> Tensor:
    loss = functional.binary_cross_entropy_with_logits(logits.float(), torch.from_numpy(targets), reduction="none")
    return (loss * torch.from_numpy(known)).sum(-1).mean()
