"""The exported model run by onnxruntime."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from pipeline.errors import ModelError
from pipeline.extract.folder import CONTEXT, ENCODER

Array = NDArray[np.float32]


class OnnxBackend:
    """Runs the two graphs of a model folder on the CPU."""

    def __init__(self, folder: Path, threads: int = 0) -> None:
        """Load the graphs.

        Args:
            folder: The model folder.
            threads: Threads within an operator; 0 leaves the choice to onnxruntime.

        Raises:
            ModelError: When a graph is missing or cannot be loaded.
        """
        self._encoder = _session(folder / ENCODER, threads)
        self._context = _session(folder / CONTEXT, threads)

    def encode(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """See ``pipeline.extract.scoring.Backend``."""
        vectors, logits = self._encoder.run(None, {"input_ids": input_ids, "attention_mask": attention_mask})
        return vectors, logits

    def contextualise(self, vectors: Array, features: Array) -> Sequence[Array]:
        """See ``pipeline.extract.scoring.Backend``."""
        wanted = {node.name for node in self._context.get_inputs()}
        given = {"vectors": vectors, "features": features}
        return self._context.run(None, {name: given[name] for name in wanted})


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    if not path.is_file():
        raise ModelError(f"{path} is missing; train a model with `make repro`, or name its folder with --model")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exception classes share no public base
        raise ModelError(f"{path} cannot be loaded by onnxruntime {onnxruntime.__version__}: {error}") from error
