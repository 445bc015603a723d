"""Eight bits for the encoder's graph, without losing what a few large channels carry.

Activations are quantised while the graph runs, with one scale for a whole tensor. In transformers a few channels
are ten times as large as the rest and would leave the others only a few of the 256 steps. As in LLM.int8()
(Dettmers et al. 2022, "LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale") the product is split:
those channels are multiplied in 32 bits, all others in 8. Which they are is measured on training articles.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

_TABLE_ROWS: Final = 1024
"""A table with fewer rows is not worth compressing."""

_OUTLIERS: Final = "/outliers"


def measure_peaks(
    model: ModelProto, batches: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> dict[str, NDArray[np.float32]]:
    """Largest magnitude of each channel of what is multiplied by weights.

    Args:
        model: The graph in 32 bits.
        batches: Pairs of ``input_ids`` and ``attention_mask``. Shapes: [W, T].

    Returns:
        Peaks by the name of the product's input. Shape of each: [channels].
    """
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    weights = {tensor.name for tensor in model.graph.initializer}
    names = sorted({node.input[0] for node in model.graph.node if _is_product(node, weights)})
    for name in names:
        watched.graph.node.append(helper.make_node("Abs", [name], [f"{name}/size"]))
        watched.graph.node.append(
            helper.make_node("ReduceMax", [f"{name}/size"], [f"{name}/peak"], axes=[0, 1], keepdims=0)
        )
        watched.graph.output.append(helper.make_tensor_value_info(f"{name}/peak", TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    peaks: dict[str, NDArray[np.float32]] = {}
    for ids, mask in batches:
        found = session.run([f"{name}/peak" for name in names], {"input_ids": ids, "attention_mask": mask})
        for name, peak in zip(names, found, strict=True):
            peaks[name] = np.maximum(peaks[name], peak) if name in peaks else peak
    return peaks


def quantise(model: ModelProto, peaks: dict[str, NDArray[np.float32]], channels: int, path: Path) -> None:
    """Write the graph with 8-bit products and tables.

    Weights have a scale per output channel and are unsigned: signed ones overflow on processors without VNNI.

    Args:
        model: The graph in 32 bits; not changed.
        peaks: From ``measure_peaks``.
        channels: How many of the largest channels of each product stay in 32 bits; 0 for none.
        path: Where to write.
    """
    split = onnx.ModelProto()
    split.CopyFrom(model)
    _split_products(split.graph, peaks, channels)
    _compress_tables(split.graph)
    kept = [node.name for node in split.graph.node if node.name.endswith(_OUTLIERS)]
    logging.disable(logging.WARNING)  # it recommends a pre-processing that the optimiser has done
    try:
        quantize_dynamic(
            split,
            path,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            nodes_to_exclude=kept,
            weight_type=QuantType.QUInt8,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
    finally:
        logging.disable(logging.NOTSET)


def _is_product(node: NodeProto, weights: set[str]) -> bool:
    return node.op_type == "MatMul" and node.input[1] in weights


def _split_products(graph: GraphProto, peaks: dict[str, NDArray[np.float32]], channels: int) -> None:
    """Replace x @ W by (x without its large channels) @ W + (the large channels) @ (their rows of W)."""
    weights = {tensor.name: tensor for tensor in graph.initializer}
    nodes: list[NodeProto] = []
    for node in graph.node:
        if not channels or not _is_product(node, set(weights)) or node.input[0] not in peaks:
            nodes.append(node)
            continue
        values, weight = node.input
        name = node.name or node.output[0]
        peak = peaks[values]
        large = np.sort(np.argsort(-peak, kind="stable")[:channels]).astype(np.int64)
        others = np.ones(len(peak), dtype=np.float32)
        others[large] = 0.0
        rows = np.ascontiguousarray(numpy_helper.to_array(weights[weight])[large])
        graph.initializer.extend(
            [
                numpy_helper.from_array(others, f"{name}/others"),
                numpy_helper.from_array(large, f"{name}/large"),
                numpy_helper.from_array(rows, f"{name}/rows"),
            ]
        )
        nodes += [
            helper.make_node("Mul", [values, f"{name}/others"], [f"{name}/small"], name=f"{name}/mask"),
            helper.make_node("MatMul", [f"{name}/small", weight], [f"{name}/product"], name=f"{name}/rest"),
            helper.make_node("Gather", [values, f"{name}/large"], [f"{name}/picked"], name=f"{name}/pick", axis=-1),
            helper.make_node("MatMul", [f"{name}/picked", f"{name}/rows"], [f"{name}/added"], name=name + _OUTLIERS),
            helper.make_node("Add", [f"{name}/product", f"{name}/added"], list(node.output), name=f"{name}/sum"),
        ]
    del graph.node[:]
    graph.node.extend(nodes)


def _compress_tables(graph: GraphProto) -> None:
    """Store embedding tables in 8 bits with a scale per row; rows are restored when they are looked up."""
    tables = {tensor.name: tensor for tensor in graph.initializer if len(tensor.dims) == 2}
    nodes: list[NodeProto] = []
    for node in graph.node:
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or table.dims[0] < _TABLE_ROWS or table.data_type != TensorProto.FLOAT:
            nodes.append(node)
            continue
        values = numpy_helper.to_array(table)
        scales = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-12).astype(np.float32) / 127.0
        name = node.name or node.output[0]
        graph.initializer.remove(table)
        graph.initializer.extend(
            [
                numpy_helper.from_array(np.rint(values / scales).astype(np.int8), f"{name}/steps"),
                numpy_helper.from_array(scales, f"{name}/scales"),
            ]
        )
        nodes += [
            helper.make_node("Gather", [f"{name}/steps", node.input[1]], [f"{name}/row"], name=f"{name}/look-up"),
            helper.make_node("Gather", [f"{name}/scales", node.input[1]], [f"{name}/scale"], name=f"{name}/scale"),
            helper.make_node("Cast", [f"{name}/row"], [f"{name}/float"], name=f"{name}/cast", to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{name}/float", f"{name}/scale"], list(node.output), name=f"{name}/restore"),
        ]
    del graph.node[:]
    graph.node.extend(nodes)
