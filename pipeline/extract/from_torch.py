"""From a trained torch model: an extractor over it as it is, and a model folder in 32 bits.

Needs the ``train`` extra; nothing else in ``pipeline.extract`` imports torch.
"""

import shutil
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.config import ExportParams
from pipeline.encoder.checkpoint import load_checkpoint
from pipeline.encoder.onnx import export_context, export_encoder_fp32
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.extract.card import make_card
from pipeline.extract.decide import undecided
from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import CARD, CONTEXT, ENCODER, TOKENIZER, graphs_folder, read_card
from pipeline.extract.ngrams import NGRAMS, read_ngrams
from pipeline.records import write_json
from pipeline.text.tokens import ArticleTokenizer

Array = NDArray[np.float32]


class Bf16Backend(TorchBackend):
    """Runs the sentence encoder's products in bf16; the layers over sentences stay in 32 bits."""

    @torch.inference_mode()
    def encode(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """See ``pipeline.extract.scoring.Backend``."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = self._model.sentence_encoder(torch.from_numpy(input_ids), torch.from_numpy(attention_mask))
        vectors, logits = (output.float().numpy() for output in outputs)
        return vectors, logits


def load_torch(
    trained: str | Path, exported: str | Path | None = None, precision: Literal["fp32", "bf16"] = "fp32"
) -> Extractor:
    """An extractor over a trained torch model; threads are torch's own (``torch.set_num_threads``).

    Args:
        trained: Folder that the stage ``train`` or ``package`` wrote.
        exported: A model folder whose temperatures and thresholds, chosen on ``dev``, decide, and whose counts of
            words are added; by default the one within ``trained`` if it has one, and if it has none a key is given
            from .5 on.
        precision: bf16 is fast where the processor has instructions for it, and slow elsewhere.

    Raises:
        ModelError: When a folder holds no model.
    """
    trained = Path(trained)
    model, spec = load_checkpoint(trained)
    tokenizer = ArticleTokenizer.from_file(trained / TOKENIZER, spec.max_tokens, spec.overlap_tokens)
    if exported is None and graphs_folder(trained) != trained:
        exported = graphs_folder(trained)
    if exported is None:
        card, ngrams = make_card(spec, *undecided(spec.labels)), {}
    else:
        decided = read_card(Path(exported))
        card = make_card(spec, decided.temperatures, decided.thresholds, decided.ngrams)
        ngrams = read_ngrams(Path(exported) / NGRAMS, spec.labels, decided.ngrams)
    return Extractor((Bf16Backend if precision == "bf16" else TorchBackend)(model), tokenizer, card, ngrams)


def export_fp32(trained: Path, exported: Path, folder: Path, params: ExportParams) -> None:
    """Write a trained model as a model folder in 32 bits, which ``Extractor.from_pretrained`` loads as any other.

    Args:
        trained: Folder that the stage ``train`` wrote.
        exported: The model folder that was made from it; its labels, temperatures and thresholds are taken over.
        folder: Where to write; made when it is missing.
        params: ``opset`` is used.

    Raises:
        ModelError: When one of the two models is missing or incomplete.
        ExportError: When torch cannot export the model.
    """
    model, _ = load_checkpoint(trained)
    card = read_card(exported)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(exported / TOKENIZER, folder / TOKENIZER)
    export_encoder_fp32(model, folder / ENCODER, params)
    export_context(model, folder / CONTEXT, params)
    if card.ngrams:
        shutil.copyfile(exported / NGRAMS, folder / NGRAMS)
    write_json(folder / CARD, card)
