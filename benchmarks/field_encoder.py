"""The project's encoder on a benchmark: its trainer, its extractor, and a config like any user's."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import torch
from transformers.utils import logging as transformers_logging

from benchmarks.field_data import Benchmark
from benchmarks.field_rows import Row, inner_split
from pipeline.config import load_params
from pipeline.custom.config import settings
from pipeline.custom.fit import as_extractor, fit
from pipeline.custom.texts import LabelledText, as_labelled
from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import TOKENIZER
from pipeline.labels import LabelSet, Layer
from pipeline.progress import progress
from pipeline.schema import Document

CHANGES: Final = Path(__file__).with_name("field_encoder.yaml")
"""What each benchmark changes of ``params.yaml``; chosen on parts of ``train``."""

_LAYER: Final = "label"
_MARK: Final = "@"


class EncoderPredictor:
    """A trained encoder."""

    def __init__(self, extractor: Extractor) -> None:
        """Wrap the extractor over it."""
        self._extractor = extractor

    def predict(self, rows: Sequence[Row]) -> list[tuple[str, ...]]:
        """The labels of each row."""
        found = []
        with progress("classifying", len(rows)) as advance:
            for row in rows:
                found.append(self._extractor.classify(Document(id=row.id, text=marked(row))).labels[_LAYER])
                advance(1)
        return found


class EncoderLearner:
    """Fine-tunes the encoder on rows as texts with one layer of documents."""

    name = "encoder"
    seeded = True

    def __init__(self, benchmark: Benchmark) -> None:
        """Read what the benchmark changes of the project's settings."""
        changes: dict[str, dict[str, Any]] = msgspec.yaml.decode(CHANGES.read_bytes())
        self._settings = settings(load_params(), changes[benchmark.name])

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
            texts = (_labelled(learn, labels), _labelled(choose, labels))
            model, spec, decided_on = fit(*texts, labels, chosen, folder, advance=advance)
            return EncoderPredictor(as_extractor(model, spec, decided_on, folder / TOKENIZER))


def marked(row: Row) -> str:
    """The row's text; where its labels are about somebody, every name of theirs stands between marks."""
    names = sorted(filter(None, row.names), key=len, reverse=True)
    if not names:
        return row.text
    found = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names), re.IGNORECASE)
    return found.sub(lambda name: f"{_MARK} {name[0]} {_MARK}", row.text)


def _labelled(rows: Sequence[Row], labels: LabelSet) -> list[LabelledText]:
    return [as_labelled({"id": row.id, "text": marked(row), _LAYER: list(row.labels)}, labels, row.id) for row in rows]
