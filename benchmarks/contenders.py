"""What ``benchmarks.throughput`` compares; each contender is built and run in a process of its own.

A builder takes a ``Setup`` and returns what does one pass over the articles. torch is imported by those that need it
only, so that the memory of the others is theirs.
"""

import hashlib
import resource
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import TOKENIZER
from pipeline.extract.onnx_backend import OnnxBackend
from pipeline.extract.scoring import score_document
from pipeline.labels import LABELS
from pipeline.schema import Document
from pipeline.text.sentences import split_sentences
from pipeline.text.tokens import ArticleTokenizer

SIDE: Final = 1536
"""Rows and columns of the matrices whose product is the machine's peak."""

PRODUCTS: Final = 8
"""How many such products one pass makes."""

_KIBIBYTES: Final = 1024


class Setup(msgspec.Struct, frozen=True):
    """What a contender runs on: the articles, the folders of the models, and threads within an operator."""

    articles: tuple[Document, ...]
    trained: Path
    int8: Path
    fp32: Path
    base: str
    threads: int

    def texts(self) -> Iterator[tuple[str, list[tuple[int, int]]]]:
        """Each article's text and the offsets of its sentences."""
        for article in self.articles:
            yield article.text, split_sentences(article.text)


Pass = Callable[[], Any]


class Recorder:
    """A backend that keeps what it was asked, to ask again without anything around it."""

    def __init__(self, backend: OnnxBackend) -> None:
        self._backend = backend
        self.encoded: list[tuple[Any, Any]] = []
        self.contextualised: list[tuple[Any, Any]] = []

    def encode(self, input_ids: Any, attention_mask: Any) -> Any:
        """Keep the arguments and pass them on."""
        self.encoded.append((input_ids, attention_mask))
        return self._backend.encode(input_ids, attention_mask)

    def contextualise(self, vectors: Any, features: Any) -> Any:
        """Keep the arguments and pass them on."""
        self.contextualised.append((vectors, features))
        return self._backend.contextualise(vectors, features)


def serve(connection: Connection, name: str, setup: Setup) -> None:
    """Build a contender, then make one pass for each message; ``None`` ends it, and its peak memory is the answer."""
    run = CONTENDERS[name](setup)
    run()
    connection.send(None)
    while connection.recv() is not None:
        connection.send(run())
    connection.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIBIBYTES)


def _naive(setup: Setup) -> Pass:
    """Four models, one for each task, each called by Hugging Face's ``pipeline`` on one sentence after the other.

    The heads have random weights: their speed is what is measured.
    """
    import torch
    from transformers import (
        AutoModelForSequenceClassification,
        AutoModelForTokenClassification,
        AutoTokenizer,
        pipeline,
    )
    from transformers.utils import logging

    from pipeline.encoder.base import locate

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.set_num_threads(setup.threads)
    base = locate(setup.base)
    tokenizer = AutoTokenizer.from_pretrained(base)
    tasks = (
        ("multi_label_classification", LABELS.keys("events")),
        ("multi_label_classification", LABELS.keys("responsibility")),
        ("single_label_classification", LABELS.keys("source")),
    )
    classifiers = [
        AutoModelForSequenceClassification.from_pretrained(base, num_labels=len(keys), problem_type=problem)
        for problem, keys in tasks
    ]
    tagger = AutoModelForTokenClassification.from_pretrained(base, num_labels=2 * len(LABELS.roles) + 1)
    called = [pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None) for model in classifiers]
    called.append(pipeline("token-classification", model=tagger, tokenizer=tokenizer, aggregation_strategy="simple"))

    def run() -> None:
        for text, sentences in setup.texts():
            for start, end in sentences:
                for call in called:
                    call(text[start:end])

    return run


def _labels(extractor: Extractor, setup: Setup) -> Pass:
    def run() -> None:
        for text, sentences in setup.texts():
            extractor.label_sentences(text, sentences)

    return run


def _torch(setup: Setup, precision: Any) -> Pass:
    import torch

    from pipeline.extract.from_torch import load_torch

    torch.set_num_threads(setup.threads)
    return _labels(load_torch(setup.trained, setup.int8, precision), setup)


def _onnx(setup: Setup, folder: Path) -> Pass:
    return _labels(Extractor.from_pretrained(folder, setup.threads), setup)


def _calls(setup: Setup) -> Pass:
    """Nothing but the model, on the batches that the extractor makes."""
    recorder = Recorder(OnnxBackend(setup.int8, setup.threads))
    card = Extractor.from_pretrained(setup.int8, setup.threads).card
    tokenizer = ArticleTokenizer.from_file(setup.int8 / TOKENIZER, card.max_tokens, card.overlap_tokens)
    for text, sentences in setup.texts():
        score_document(recorder, tokenizer, tokenizer.tokenize(text, sentences), card.labels)
    backend = OnnxBackend(setup.int8, setup.threads)

    def run() -> None:
        for arrays in recorder.encoded:
            backend.encode(*arrays)
        for arrays in recorder.contextualised:
            backend.contextualise(*arrays)

    return run


def _whole(setup: Setup) -> Pass:
    """Text in, rows of ``documents.jsonl`` out; the answer is a checksum of each row."""
    extractor, encoder = Extractor.from_pretrained(setup.int8, setup.threads), msgspec.json.Encoder()

    def run() -> list[str]:
        return [hashlib.sha256(encoder.encode(found)).hexdigest() for found in extractor(setup.articles)]

    return run


def _peak_fp32(setup: Setup) -> Pass:
    import torch

    torch.set_num_threads(setup.threads)
    first, second = (torch.rand(SIDE, SIDE) for _ in range(2))

    def run() -> None:
        for _ in range(PRODUCTS):
            torch.mm(first, second)

    return run


def _peak_int8(setup: Setup) -> Pass:
    """``MatMulInteger`` of unsigned matrices, the second one constant, as in the shipped graph."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    first, second = (rng.integers(0, 256, (SIDE, SIDE), dtype=np.uint8) for _ in range(2))
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b"], ["c"])],
        "peak",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [SIDE, SIDE])],
        [helper.make_tensor_value_info("c", TensorProto.INT32, [SIDE, SIDE])],
        [numpy_helper.from_array(second, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = setup.threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def run() -> None:
        for _ in range(PRODUCTS):
            session.run(None, {"a": first})

    return run


CONTENDERS: Final[dict[str, Callable[[Setup], Pass]]] = {
    "naive": _naive,
    "torch fp32": lambda setup: _torch(setup, "fp32"),
    "torch bf16": lambda setup: _torch(setup, "bf16"),
    "onnx fp32": lambda setup: _onnx(setup, setup.fp32),
    "onnx int8": lambda setup: _onnx(setup, setup.int8),
    "int8 model call": _calls,
    "int8 text to records": _whole,
    "peak fp32": _peak_fp32,
    "peak int8": _peak_int8,
}
