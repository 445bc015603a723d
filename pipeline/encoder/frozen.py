"""Sentence vectors of the base encoder as it comes, without any training."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from pipeline.text.batches import batches_by_tokens, pad

_BATCH_TOKENS = 2048


class FrozenEncoder:
    """Mean-pooled, length-normalised sentence vectors, as the base encoder was trained to give."""

    def __init__(self, base: PreTrainedModel, tokenizer: Path, max_tokens: int) -> None:
        """Wrap a base encoder and its ``tokenizer.json``; longer sentences are cut at ``max_tokens``."""
        self._base = base.eval()
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_tokens)

    @torch.inference_mode()
    def __call__(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Encode sentences. Shape: [sentences, width]."""
        rows = [np.array(found.ids, dtype=np.int64) for found in self._tokenizer.encode_batch(list(sentences))]
        vectors = np.zeros((len(rows), self._base.config.hidden_size), dtype=np.float32)
        for batch in batches_by_tokens([len(row) for row in rows], _BATCH_TOKENS):
            ids, mask = (torch.from_numpy(array) for array in pad([rows[index] for index in batch], 0))
            states = self._base(input_ids=ids, attention_mask=mask).last_hidden_state
            weights = mask.unsqueeze(-1).float()
            pooled = (states * weights).sum(1) / weights.sum(1)
            vectors[batch] = torch.nn.functional.normalize(pooled, dim=-1).numpy()
        return vectors
