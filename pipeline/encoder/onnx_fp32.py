"""The encoder as ONNX in 32 bits: for processors that are slow at 8, and to compare with.

The graph is the one that ``pipeline.encoder.onnx`` quantises, fused by onnxruntime's transformer optimiser.
"""

import tempfile
from pathlib import Path

import torch
from onnxruntime.transformers.optimizer import optimize_model

from pipeline.config import ExportParams
from pipeline.encoder.model import ConflictModel
from pipeline.encoder.onnx import _export, _fusions


def export_encoder_fp32(model: ConflictModel, path: Path, params: ExportParams) -> None:
    """Write the sentence encoder as fused fp32 ONNX; inputs and outputs as ``pipeline.encoder.onnx.export_encoder``."""
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
            params.opset,
        )
        fused = optimize_model(
            str(plain),
            model_type="bert",
            num_heads=base.config.num_attention_heads,
            hidden_size=base.config.hidden_size,
            optimization_options=_fusions(),
        )
    fused.save_model_to_file(str(path))
    base.set_attn_implementation(attention)
