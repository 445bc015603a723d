import sys

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from pipeline.config import load_params
from pipeline.encoder.base import check_weights, load_base, locate
from pipeline.encoder.onnx import export_context, export_encoder
from pipeline.encoder.quantise import measure_peaks, quantise
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
    export_encoder(model, tmp_path / ENCODER, PARAMS.export, calibration_batches())
    export_context(model, tmp_path / CONTEXT, PARAMS.export)
    torch_backend, onnx_backend = TorchBackend(model), OnnxBackend(tmp_path)
    generator = np.random.default_rng(0)
    ids = generator.integers(4, 200, (5, 11))
    mask = np.ones_like(ids)
    mask[0, 4:] = 0
    for wanted, found in zip(torch_backend.encode(ids, mask), onnx_backend.encode(ids, mask), strict=True):
        assert wanted.shape == found.shape
        assert np.abs(wanted - found).max() < 0.05 * np.abs(wanted).max()
    for sentences in (1, 7, 40):
        vectors = generator.normal(size=(sentences, 32)).astype(np.float32)
        features = generator.random((sentences, len(SENTENCE_FEATURES))).astype(np.float32)
        outputs = (backend.contextualise(vectors, features) for backend in (torch_backend, onnx_backend))
        for wanted, found in zip(*outputs, strict=True):
            np.testing.assert_allclose(wanted, found, atol=1e-4)


def test_large_channels_do_not_take_the_steps_of_the_small_ones(tmp_path):
    width, outputs, channels = 64, 48, 4
    generator = np.random.default_rng(1)
    weights = generator.normal(size=(width, outputs)).astype(np.float32)
    values = generator.normal(size=(2, 9, width)).astype(np.float32)
    values[..., [3, 17, 40, 63]] *= 100.0
    graph = product_of(weights)
    peaks = {"input": np.abs(values).max(axis=(0, 1))}
    errors = {}
    for kept in (0, channels):
        quantise(graph, peaks, kept, tmp_path / f"{kept}.onnx")
        session = onnxruntime.InferenceSession(str(tmp_path / f"{kept}.onnx"))
        (found,) = session.run(None, {"input": values})
        errors[kept] = np.abs(found - values @ weights).mean()
    assert errors[channels] < errors[0] / 20


def test_peaks_are_the_largest_magnitude_of_each_channel_over_all_batches():
    graph = product_of(np.eye(3, dtype=np.float32), lookup=True)
    ids = [np.array([[0, 1]]), np.array([[2, 2]])]
    peaks = measure_peaks(graph, [(found, np.ones_like(found)) for found in ids])
    assert {name: peak.tolist() for name, peak in peaks.items()} == {"looked_up": [1.0, 20.0, 300.0]}


def test_a_large_table_is_stored_in_8_bits_with_a_scale_per_row(tmp_path):
    table = np.random.default_rng(2).normal(size=(2000, 8)).astype(np.float32)
    table[5] *= 1000.0
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "ids"], ["output"], name="words")],
        "table",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["rows"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["rows", 8])],
        [numpy_helper.from_array(table, "table")],
    )
    quantise(as_model(graph), {}, 0, tmp_path / "table.onnx")
    assert (tmp_path / "table.onnx").stat().st_size < table.nbytes / 2
    (found,) = onnxruntime.InferenceSession(str(tmp_path / "table.onnx")).run(None, {"ids": np.arange(2000)})
    assert (np.abs(found - table) <= np.abs(table).max(axis=1, keepdims=True) / 254 + 1e-6).all()


def calibration_batches():
    ids = np.random.default_rng(3).integers(4, 200, (4, 12))
    return [(ids, np.ones_like(ids))]


def product_of(weights, lookup=False):
    """A graph of one product; with ``lookup`` its input is a row of a fixed table."""
    inputs = [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["a", "b", weights.shape[0]])]
    nodes = [helper.make_node("MatMul", ["looked_up" if lookup else "input", "weights"], ["output"], name="product")]
    tensors = [numpy_helper.from_array(weights, "weights")]
    if lookup:
        inputs = [
            helper.make_tensor_value_info(n, TensorProto.INT64, ["a", "b"]) for n in ("input_ids", "attention_mask")
        ]
        table = np.array([[1.0, -2.0, 3.0], [-1.0, 20.0, 30.0], [0.0, 10.0, -300.0]], dtype=np.float32)
        nodes.insert(0, helper.make_node("Gather", ["table", "input_ids"], ["looked_up"], name="words"))
        tensors.append(numpy_helper.from_array(table, "table"))
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["a", "b", weights.shape[1]])
    return as_model(helper.make_graph(nodes, "product", inputs, [output], tensors))


def as_model(graph):
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


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
