"""From a config to a model folder: what ``conflict-events train`` does."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
import torch
from transformers.utils import logging as transformers_logging

from pipeline.config import ExportParams, Params
from pipeline.custom.config import Config, read_config, settings
from pipeline.custom.fit import Texts, decided_card, fit
from pipeline.custom.texts import LabelledText, read_labelled
from pipeline.encoder.checkpoint import Spec, save_checkpoint
from pipeline.encoder.model import ConflictModel
from pipeline.encoder.onnx import calibration_batches, export_context, export_encoder, export_encoder_fp32
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.encoder.train import Progress
from pipeline.errors import InputError
from pipeline.evaluate.parity import Disagreement, compare_decisions
from pipeline.extract.decide import calibrated
from pipeline.extract.folder import CARD, CONTEXT, ENCODER, GRAPHS, TOKENIZER, ModelCard
from pipeline.extract.onnx_backend import OnnxBackend
from pipeline.extract.scoring import DocumentScores
from pipeline.records import write_json, write_jsonl
from pipeline.schema import Failure
from pipeline.text.tokens import ArticleTokenizer

FAILURES: Final = "failures.jsonl"
METRICS: Final = "metrics.json"


class Summary(msgspec.Struct, frozen=True):
    """What was learned: number of texts, of rows that could not be used, figures on ``dev``, and bits of the graph."""

    learned_from: int
    chosen_on: int
    failed: int
    epochs: int
    dev: dict[str, float]
    bits: int
    disagreement: dict[str, Disagreement]


def train_config(
    path: Path,
    folder: Path,
    params: Params,
    report: Callable[[Progress], None],
    progress: Callable[[int], Callable[[int], None]],
) -> Summary:
    """Train on a config's texts, and write the model with its graphs, ``metrics.json`` and ``failures.jsonl``.

    The graph of the encoder is in 8 bits; where these change more decisions on ``dev`` than
    ``export.max_disagreement`` allows, in 32.

    Args:
        path: The config.
        folder: Where to write.
        params: The project's settings, which the config changes.
        report: Called after each epoch.
        progress: Called with the number of texts that training will read; gives what is called after each step.

    Raises:
        InputError: When the config or its files cannot be read, or no text can be used.
        ModelError: When the base encoder cannot be loaded.
    """
    config = read_config(path)
    chosen = settings(params, config.params)
    learn, choose, failures = read_parts(path.parent, config, chosen.train.seed)
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(chosen.train.threads)
    folder.mkdir(parents=True, exist_ok=True)
    write_jsonl(folder / FAILURES, failures)
    epochs: list[Progress] = []

    def ended(epoch: Progress) -> None:
        epochs.append(epoch)
        report(epoch)

    advance = progress(chosen.train.epochs * len(learn))
    model, spec, texts = fit(learn, choose, config.labels, chosen, folder, config.goal, ended, advance)
    save_checkpoint(folder, model, spec)
    bits, found = _export(model, spec, texts, folder, chosen.export, learn)
    dev = max(epochs, key=lambda epoch: epoch.score).dev
    summary = Summary(len(learn), len(choose), len(failures), len(epochs), dev, bits, found)
    write_json(folder / METRICS, summary)
    return summary


def read_parts(base: Path, config: Config, seed: int) -> tuple[list[LabelledText], list[LabelledText], list[Failure]]:
    """Texts to learn from, texts to choose on, and the rows that cannot be used.

    Raises:
        InputError: When one of the two is empty.
    """
    learn, failures = _read(base / config.train, config)
    if config.dev is not None:
        choose, more = _read(base / config.dev, config)
        failures += more
    else:
        random.Random(seed).shuffle(learn)
        count = max(1, round(config.dev_share * len(learn)))
        choose, learn = learn[:count], learn[count:]
    for texts, name in ((learn, "train"), (choose, "dev")):
        if not texts:
            why = f"; the first of {len(failures)} failures: {failures[0].message}" if failures else ""
            raise InputError(f"no text for {name} in {base / (config.dev or config.train)}{why}")
    return learn, choose, failures


def _read(path: Path, config: Config) -> tuple[list[LabelledText], list[Failure]]:
    rows = list(read_labelled(path, config.labels))
    return [row for row in rows if isinstance(row, LabelledText)], [row for row in rows if isinstance(row, Failure)]


def _export(
    model: ConflictModel, spec: Spec, texts: Texts, folder: Path, params: ExportParams, learn: Sequence[LabelledText]
) -> tuple[int, dict[str, Disagreement]]:
    """Write the graphs and the card; give the bits of the encoder, and what they changed."""
    graphs = folder / GRAPHS
    graphs.mkdir(exist_ok=True)
    tokenizer = ArticleTokenizer.from_file(folder / TOKENIZER, spec.max_tokens, spec.overlap_tokens)
    tokenizer.save(graphs / TOKENIZER)
    sample = Texts(learn[:: max(1, len(learn) // params.calibration_articles)], tokenizer, spec.labels).tokenized
    export_context(model, graphs / CONTEXT, params)
    exact = texts.scores(TorchBackend(model))
    export_encoder(model, graphs / ENCODER, params, calibration_batches(sample, tokenizer, len(sample)))
    card, found = _compared(spec, texts, exact, graphs)
    bits = 8
    if any(each.share > params.max_disagreement for name, each in found.items() if name != "sentences"):
        bits = 32
        export_encoder_fp32(model, graphs / ENCODER, params)
        card, found = _compared(spec, texts, exact, graphs)
    write_json(graphs / CARD, card)
    return bits, found


def _compared(
    spec: Spec, texts: Texts, exact: Sequence[DocumentScores], graphs: Path
) -> tuple[ModelCard, dict[str, Disagreement]]:
    """The card that suits the graphs, and where they decide otherwise than torch."""
    scores = texts.scores(OnnxBackend(graphs))
    card = decided_card(spec, scores, texts)
    first, second = ([calibrated(found, spec.labels, card.temperatures) for found in each] for each in (exact, scores))
    return card, compare_decisions(first, second, spec.labels, card.thresholds)
