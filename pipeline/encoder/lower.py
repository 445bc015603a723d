"""What the frozen layers make of a text, worked out once.

Layers whose weights are kept give the same states for the same tokens in every epoch; only the first pays for them.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from pipeline.encoder.model import SentenceEncoder, transformer_layers


class LowerLayers:
    """The lowest layers of a sentence encoder, and what they gave for every row of windows so far.

    States are kept in 16 bits, which hold more of their digits than training needs: at 32 those of a thousand reports
    would take a gigabyte.
    """

    def __init__(self, encoder: SentenceEncoder, count: int) -> None:
        """Take the lowest ``count`` layers, at least one; their weights must not change any more."""
        self._encoder = encoder
        layers = transformer_layers(encoder.base)
        self._own, self._upper = layers[:count], layers[count:]
        self._known: dict[bytes, Tensor] = {}

    @contextmanager
    def left_out(self, input_ids: Tensor, segments: Tensor, positions: Tensor) -> Iterator[None]:
        """Within this, the encoder runs only what is above the layers, and only on these rows (``run_rows``).

        Shapes: [B, T].
        """
        lengths = (segments > 0).sum(1).tolist()
        keys = [ids[:length].numpy().tobytes() for ids, length in zip(input_ids, lengths, strict=True)]
        if not all(key in self._known for key in keys):
            found = self._states(input_ids, segments, positions)
            self._known.update((key, row[:n].clone()) for key, row, n in zip(keys, found, lengths, strict=True))
        states = pad_sequence([self._known[key] for key in keys], batch_first=True).float()
        with ExitStack() as stack:
            for layer in self._own:
                stack.enter_context(_giving(layer, states))
            yield

    @torch.no_grad()
    def _states(self, *rows: Tensor) -> Tensor:
        """What enters the layer above, without dropout. Shape: [B, T, D]."""
        seen: list[Tensor] = []
        base, training = self._encoder.base, self._encoder.base.training
        base.eval()
        with ExitStack() as stack:
            stack.callback(base.train, training)
            hook = self._own[-1].register_forward_hook(lambda layer, given, states: seen.append(states))
            stack.callback(hook.remove)
            for layer in self._upper:
                stack.enter_context(_giving(layer, None))
            self._encoder.run_rows(*rows)
        return seen[0].half()


@contextmanager
def _giving(layer: nn.Module, states: Tensor | None) -> Iterator[None]:
    """Within this, a layer computes nothing and returns ``states``, or with None what it is given."""
    layer.forward = lambda hidden, *_, **__: hidden if states is None else states
    try:
        yield
    finally:
        del layer.forward
