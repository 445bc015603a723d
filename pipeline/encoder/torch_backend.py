"""The model run by torch, behind the interface that the extractor uses."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.encoder.model import ConflictModel

Array = NDArray[np.float32]


class TorchBackend:
    """Runs a ``ConflictModel`` in evaluation mode, without gradients."""

    def __init__(self, model: ConflictModel) -> None:
        """Wrap a model; it is switched to evaluation mode."""
        self._model = model.eval()

    @torch.inference_mode()
    def encode(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """See ``pipeline.extract.scoring.Backend``."""
        vectors, logits = self._model.sentence_encoder(torch.from_numpy(input_ids), torch.from_numpy(attention_mask))
        return vectors.numpy(), logits.numpy()

    @torch.inference_mode()
    def contextualise(self, vectors: Array, features: Array) -> Sequence[Array]:
        """See ``pipeline.extract.scoring.Backend``."""
        outputs = self._model.article_context(torch.from_numpy(vectors), torch.from_numpy(features))
        return [output.numpy() for output in outputs]
