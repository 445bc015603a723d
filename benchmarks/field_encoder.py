"""The project's encoder on a benchmark: its trainer, its extractor, and a config like any user's."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import torch
from transformers.utils import logging as transformers_logging

from benchmarks.field_data import Benchmark
from benchmarks.field_muc import names_pattern, naming_sentences
from benchmarks.field_rows import Row, inner_split
from pipeline.config import load_params
from pipeline.custom.config import settings
from pipeline.custom.fit import as_extractor, fit
from pipeline.custom.texts import LabelledText, as_labelled
from pipeline.errors import ModelError
from pipeline.evaluate.thresholds import Goal
from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import TOKENIZER
from pipeline.labels import LabelSet, Layer
from pipeline.progress import progress
from pipeline.schema import Document

CHANGES: Final = Path(__file__).with_name("field_encoder.yaml")
"""What each benchmark changes of ``params.yaml``; ``field_remarks.yaml`` tells what else was tried, and where."""

_LAYER: Final = "label"
_SHIPPED: Final = "models/encoder"
_MARK: Final = "@"


class EncoderPredictor:
    """A trained encoder."""

    def __init__(self, extractor: Extractor) -> None:
        """Wrap the extractor over it."""
        self._extractor = extractor

    def predict(self, rows: Sequence[Row]) -> list[tuple[str, ...]]:
        """The labels of each row; none where there is no text."""
        found = []
        with progress("classifying", len(rows)) as advance:
            for row in rows:
                found.append(self._extractor.classify(Document(id=row.id, text=marked(row))).labels.get(_LAYER, ()))
                advance(1)
        return found


class EncoderLearner:
    """Fine-tunes the encoder on rows as texts with one layer of documents."""

    name = "encoder"
    seeded = True

    def __init__(self, benchmark: Benchmark, path: Path = CHANGES) -> None:
        """Read what the benchmark changes of the project's settings.

        Raises:
            ModelError: When it begins as the shipped model, and none has been trained here.
        """
        changes: dict[str, dict[str, Any]] = msgspec.yaml.decode(path.read_bytes())
        self._settings = settings(load_params(), changes[benchmark.name])
        if self._settings.encoder.base == _SHIPPED and not Path(_SHIPPED).is_dir():
            raise ModelError(
                f"{benchmark.name} begins as the encoder in {_SHIPPED}, which is missing; run `dvc repro train` or "
                f"`dvc pull` in the project's root first, or name another `encoder.base` in {path}"
            )
        self._goal: Goal = benchmark.primary

    def fit(
        self, train: Sequence[Row], keys: Sequence[str], single: bool, seed: int, dev: Sequence[Row] = ()
    ) -> EncoderPredictor:
        """Learn from ``train``; epoch, temperature and thresholds are chosen on ``dev``, or on a part of ``train``."""
        transformers_logging.disable_progress_bar()
        learn, choose = (list(train), list(dev)) if dev else inner_split(train, seed)
        labels = LabelSet((Layer(_LAYER, tuple(keys), "one" if single else "any", "document"),))
        chosen = msgspec.structs.replace(self._settings, train=msgspec.structs.replace(self._settings.train, seed=seed))
        torch.set_num_threads(chosen.train.threads)
        with tempfile.TemporaryDirectory() as name, progress("training", chosen.train.epochs * len(learn)) as advance:
            folder = Path(name)
            texts = (as_texts(learn, labels), as_texts(choose, labels))
            fitted = fit(*texts, labels, chosen, folder, self._goal, advance=advance)
            return EncoderPredictor(as_extractor(fitted, folder / TOKENIZER))


def marked(row: Row) -> str:
    """What is read of the row: where its labels are about somebody, the sentences that name them, names between marks.

    These are the sentences that the TF-IDF baseline reads, too.
    """
    found = names_pattern(row.names)
    if found is None:
        return row.text
    return found.sub(lambda name: f"{_MARK} {name[0]} {_MARK}", "\n".join(naming_sentences(row)))


def as_texts(rows: Sequence[Row], labels: LabelSet) -> list[LabelledText]:
    """What is learned from rows that have a text: the one layer, a key that is not scored being unknown."""
    return [
        as_labelled({"id": row.id, "text": marked(row), _LAYER: _answer(row, labels)}, labels, row.id)
        for row in rows
        if row.text.strip()
    ]


def _answer(row: Row, labels: LabelSet) -> list[str] | dict[str, int]:
    """The row's labels; where some keys are not scored, what is known of the others."""
    if not row.unscored:
        return list(row.labels)
    return {key: int(key in row.labels) for key in labels.keys(_LAYER) if key not in row.unscored}
