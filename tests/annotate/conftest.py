"""A model folder that needs no training."""

import numpy as np
import pytest

from pipeline import __version__
from pipeline.config import load_params
from pipeline.encoder.onnx import export_context, export_encoder
from pipeline.extract.decide import Thresholds
from pipeline.extract.folder import CARD, CONTEXT, ENCODER, FORMAT, TOKENIZER, ModelCard
from pipeline.labels import LABELS
from pipeline.records import write_json
from tests.conftest import ROOT, tiny_model


@pytest.fixture
def model_folder(tmp_path, tokenizer):
    """A tiny model with random weights, as ``dvc repro`` would export it."""
    folder = tmp_path / "model"
    folder.mkdir()
    params = load_params(ROOT / "params.yaml").export
    ids = np.arange(4, 52).reshape(4, 12)
    export_encoder(tiny_model(), folder / ENCODER, params, [(ids, np.ones_like(ids))])
    export_context(tiny_model(), folder / CONTEXT, params)
    tokenizer.save(folder / TOKENIZER)
    half = Thresholds(dict.fromkeys(LABELS.events, 0.5), dict.fromkeys(LABELS.responsibility, 0.5))
    write_json(folder / CARD, ModelCard(FORMAT, "tiny", LABELS, half, 24, 6, __version__))
    return folder
