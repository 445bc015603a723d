import sys

import numpy as np
import pytest

from pipeline.config import load_params
from pipeline.encoder.base import check_weights, load_base, locate
from pipeline.encoder.onnx import export_context, export_encoder
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.errors import ModelError
from pipeline.extract.folder import CONTEXT, ENCODER
from pipeline.extract.onnx_backend import OnnxBackend
from pipeline.text.features import SENTENCE_FEATURES
from tests.conftest import ROOT, tiny_model

PARAMS = load_params(ROOT / "params.yaml")


@pytest.mark.parametrize("context_layers", [0, 1, 2])
def test_exported_graphs_say_what_torch_says(tmp_path, context_layers):
    model = tiny_model(context_layers=context_layers)
    export_encoder(model, tmp_path / ENCODER, PARAMS.export)
    export_context(model, tmp_path / CONTEXT, PARAMS.export)
    torch_backend, onnx_backend = TorchBackend(model), OnnxBackend(tmp_path)
    generator = np.random.default_rng(0)
    ids = generator.integers(4, 200, (5, 11))
    mask = np.ones_like(ids)
    mask[0, 4:] = 0
    for wanted, found in zip(torch_backend.encode(ids, mask), onnx_backend.encode(ids, mask), strict=True):
        assert wanted.shape == found.shape
        assert np.abs(wanted - found).max() < 0.15 * np.abs(wanted).max()
    for sentences in (1, 7, 40):
        vectors = generator.normal(size=(sentences, 32)).astype(np.float32)
        features = generator.random((sentences, len(SENTENCE_FEATURES))).astype(np.float32)
        outputs = (backend.contextualise(vectors, features) for backend in (torch_backend, onnx_backend))
        for wanted, found in zip(*outputs, strict=True):
            np.testing.assert_allclose(wanted, found, atol=1e-4)


def test_a_folder_without_graphs_says_what_to_do(tmp_path):
    with pytest.raises(ModelError, match=r"train a model with `make repro`"):
        OnnxBackend(tmp_path)
    (tmp_path / ENCODER).write_bytes(b"not a graph")
    with pytest.raises(ModelError, match="cannot be loaded by onnxruntime"):
        OnnxBackend(tmp_path)


def test_the_pinned_base_loads_without_sentence_transformers():
    base = load_base(PARAMS.encoder.base, PARAMS.encoder.sha256, 0.0)
    assert base.config.hidden_size == 384
    assert "sentence_transformers" not in sys.modules


def test_other_weights_than_the_pinned_are_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"other weights")
    with pytest.raises(ModelError, match=r"`encoder\.sha256` expects"):
        check_weights(path, PARAMS.encoder.sha256 or "")
    with pytest.raises(ModelError, match=r"no installed package 'no_such_package'"):
        locate("package:no_such_package")
    assert locate("some/model") == "some/model"
