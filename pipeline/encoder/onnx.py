"""Exporting the two halves of the model as ONNX, the encoder in 8 bits or in 32.

The encoder's graph is fused by onnxruntime's transformer optimiser. What ships is then quantised
(``pipeline.encoder.quantise``); in 32 bits it is for processors that are slow at 8, and to compare with. The context
graph is a hundredth of the work and stays in 32 bits.
"""

import logging
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.onnx_model import OnnxModel
from onnxruntime.transformers.optimizer import optimize_model

from pipeline.config import ExportParams
from pipeline.encoder.model import ConflictModel
from pipeline.encoder.quantise import measure_peaks, quantise
from pipeline.errors import ExportError
from pipeline.text.batches import batches_by_tokens, pad
from pipeline.text.features import SENTENCE_FEATURES
from pipeline.text.tokens import ArticleTokenizer, TokenizedDocument

_CALIBRATION_TOKENS = 2048


def export_encoder(
    model: ConflictModel,
    path: Path,
    params: ExportParams,
    calibration: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> None:
    """Write the sentence encoder as fused int8 ONNX.

    Inputs ``input_ids`` and ``attention_mask`` [W, T] (int64); outputs ``vectors`` [W, D] and ``role_logits``
    [W, T, R * TAGS].

    Args:
        model: The trained model.
        path: Where to write.
        params: ``opset``, and how many channels stay in 32 bits.
        calibration: Batches of both inputs on which those channels are found.
    """
    fused = _fused_encoder(model, params.opset).model
    quantise(fused, measure_peaks(fused, calibration), params.outlier_channels, path)


def calibration_batches(
    documents: Sequence[TokenizedDocument], tokenizer: ArticleTokenizer, articles: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Padded windows, ids and mask, of so many articles taken evenly over all. Shapes: [W, T]."""
    for document in documents[:: max(1, len(documents) // articles)][:articles]:
        rows = [tokenizer.window_ids(document, window) for window in document.windows]
        for batch in batches_by_tokens([len(row) for row in rows], _CALIBRATION_TOKENS):
            yield pad([rows[index] for index in batch], tokenizer.padding_id)


def export_encoder_fp32(model: ConflictModel, path: Path, params: ExportParams) -> None:
    """Write the sentence encoder as fused fp32 ONNX; inputs and outputs are those of ``export_encoder``."""
    _fused_encoder(model, params.opset).save_model_to_file(str(path))


def _fused_encoder(model: ConflictModel, opset: int) -> OnnxModel:
    """The sentence encoder's graph in 32 bits, as onnxruntime's transformer optimiser joins it."""
    base = model.sentence_encoder.base
    attention = base.config._attn_implementation
    base.set_attn_implementation("eager")  # the optimiser fuses attention that is written out
    ids = torch.ones(2, 8, dtype=torch.int64)
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        _export(
            model.sentence_encoder,
            (ids, ids),
            plain,
            {"input_ids": ["windows", "tokens"], "attention_mask": ["windows", "tokens"]},
            {"vectors": ["windows"], "role_logits": ["windows", "tokens"]},
            opset,
        )
        fused = optimize_model(
            str(plain),
            model_type="bert",
            num_heads=base.config.num_attention_heads,
            hidden_size=base.config.hidden_size,
            optimization_options=_fusions(),
        )
    base.set_attn_implementation(attention)
    return fused


def _fusions() -> FusionOptions:
    """What the optimiser joins: not the embeddings nor the products of attention, which are quantised apart."""
    options = FusionOptions("bert")
    options.use_multi_head_attention = True
    options.enable_embed_layer_norm = False
    return options


def export_context(model: ConflictModel, path: Path, params: ExportParams) -> None:
    """Write the layers over sentences as fp32 ONNX.

    Inputs ``vectors`` [S, D] and ``features`` [S, F]; outputs are named as the layers, each [S, outputs of the layer],
    and last ``role_shift`` [S, R * TAGS].
    """
    width = model.sentence_encoder.base.config.hidden_size
    outputs = (*(layer.name for layer in model.article_context.labels.layers), "role_shift")
    inputs = (torch.rand(5, width), torch.rand(5, len(SENTENCE_FEATURES)))
    _export(
        model.article_context,
        inputs,
        path,
        {"vectors": ["sentences"], "features": ["sentences"]},
        {name: ["sentences"] for name in outputs},
        params.opset,
    )


def _export(
    module: torch.nn.Module,
    arguments: tuple[torch.Tensor, ...],
    path: Path,
    inputs: dict[str, list[str]],
    outputs: dict[str, list[str]],
    opset: int,
) -> None:
    """Trace a module; ``inputs`` and ``outputs`` name the dynamic leading dimensions.

    The tracing exporter is used because onnxruntime's optimiser knows its graphs; those of the newer exporter
    are fused less and run slower.

    Raises:
        ExportError: When torch cannot export the module.
    """
    names = {**inputs, **outputs}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module.eval(),
                arguments,
                str(path),
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_axes={name: dict(enumerate(axes)) for name, axes in names.items()},
                opset_version=opset,
                dynamo=False,
            )
    except (RuntimeError, ValueError) as error:
        raise ExportError(f"torch cannot export {type(module).__name__} at opset {opset}: {error}") from error
