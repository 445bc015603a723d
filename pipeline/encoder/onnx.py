"""Exporting the two halves of the model as ONNX, the encoder in 8 bits.

The encoder's graph is fused by onnxruntime's transformer optimiser and its weights are quantised per channel,
activations while it runs. The context graph is a hundredth of the work and stays in 32 bits.
"""

import logging
import re
import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.optimizer import optimize_model

from pipeline.config import ExportParams
from pipeline.encoder.model import ConflictModel
from pipeline.errors import ExportError
from pipeline.text.features import SENTENCE_FEATURES

_QUANTISED = ["MatMul", "Attention", "Gather", "EmbedLayerNormalization"]


def export_encoder(model: ConflictModel, path: Path, params: ExportParams) -> None:
    """Write the sentence encoder as fused int8 ONNX.

    Inputs ``input_ids`` and ``attention_mask`` [W, T] (int64); outputs ``vectors`` [W, D] and ``role_logits``
    [W, T, R * TAGS].
    """
    base = model.sentence_encoder.base.config
    attention = base._attn_implementation
    model.sentence_encoder.base.set_attn_implementation("eager")  # the optimiser fuses attention that is written out
    ids = torch.ones(2, 8, dtype=torch.int64)
    with tempfile.TemporaryDirectory() as folder:
        plain, fused = Path(folder) / "plain.onnx", Path(folder) / "fused.onnx"
        _export(
            model.sentence_encoder,
            (ids, ids),
            plain,
            {"input_ids": ["windows", "tokens"], "attention_mask": ["windows", "tokens"]},
            {"vectors": ["windows"], "role_logits": ["windows", "tokens"]},
            params.opset,
        )
        optimised = optimize_model(
            str(plain), model_type="bert", num_heads=base.num_attention_heads, hidden_size=base.hidden_size
        )
        optimised.save_model_to_file(str(fused))
        logging.disable(logging.WARNING)  # it recommends a pre-processing that the optimiser has done
        quantize_dynamic(
            fused,
            path,
            op_types_to_quantize=_QUANTISED,
            per_channel=True,
            reduce_range=params.reduce_range,
            nodes_to_exclude=_matching(fused, params.float_nodes),
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
        logging.disable(logging.NOTSET)
    model.sentence_encoder.base.set_attn_implementation(attention)


def _matching(path: Path, pattern: str) -> list[str]:
    """Names of a graph's nodes in which a regular expression is found."""
    return [node.name for node in onnx.load(str(path)).graph.node if re.search(pattern, node.name)]


def export_context(model: ConflictModel, path: Path, params: ExportParams) -> None:
    """Write the layers over sentences as fp32 ONNX.

    Inputs ``vectors`` [S, D] and ``features`` [S, F]; outputs ``events``, ``responsibility``, ``source`` and
    ``role_shift``, each [S, keys].
    """
    width = model.sentence_encoder.base.config.hidden_size
    outputs = ("events", "responsibility", "source", "role_shift")
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
