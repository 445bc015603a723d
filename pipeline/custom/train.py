"""From a config to a model folder: what ``conflict-events train`` does."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import torch
from transformers.utils import logging as transformers_logging

from pipeline.config import ExportParams, Params
from pipeline.custom.config import Config, read_config, settings
from pipeline.custom.fit import Fitted, Texts, decided_card, fit
from pipeline.custom.texts import LabelledText, read_labelled
from pipeline.encoder.checkpoint import save_checkpoint
from pipeline.encoder.onnx import calibration_batches, export_context, export_encoder, export_encoder_fp32
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.encoder.train import Progress
from pipeline.errors import InputError
from pipeline.evaluate.parity import Disagreement, compare_decisions
from pipeline.extract.decide import calibrated
from pipeline.extract.folder import CARD, CONTEXT, ENCODER, GRAPHS, TOKENIZER, ModelCard
from pipeline.extract.ngrams import NGRAMS, write_ngrams
from pipeline.extract.onnx_backend import OnnxBackend
from pipeline.extract.scoring import DocumentScores
from pipeline.records import write_json, write_jsonl
from pipeline.schema import Failure
from pipeline.text.tokens import ArticleTokenizer

FAILURES: Final = "failures.jsonl"
METRICS: Final = "metrics.json"


class Summary(msgspec.Struct, frozen=True):
    """What was learned: number of texts, of rows that could not be used, and figures of the written model on ``dev``.

    ``ngrams``: how many runs of word pieces are counted, by layer; ``bits``: those of the encoder's graph.
    """

    learned_from: int
    chosen_on: int
    failed: int
    epochs: int
    dev: dict[str, float]
    ngrams: dict[str, int]
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
    fitted = fit(learn, choose, config.labels, chosen, folder, config.goal, ended, advance)
    save_checkpoint(folder, fitted.model, fitted.spec)
    bits, found = _export(fitted, folder, chosen.export, learn)
    runs = {name: len(layer.runs) for name, layer in fitted.ngrams.items()}
    counts = (len(learn), len(choose), len(failures), len(epochs))
    summary = Summary(*counts, found.dev, runs, bits, found.disagreement)
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


class _Exported(NamedTuple):
    """The card, what the graphs reach on ``dev``, and where they decide otherwise than torch."""

    card: ModelCard
    dev: dict[str, float]
    disagreement: dict[str, Disagreement]


def _export(fitted: Fitted, folder: Path, params: ExportParams, learn: Sequence[LabelledText]) -> tuple[int, _Exported]:
    """Write the graphs, what is added to them and the card; give the bits of the encoder, and what they reach."""
    model, spec, ngrams, texts = fitted
    graphs = folder / GRAPHS
    graphs.mkdir(exist_ok=True)
    tokenizer = ArticleTokenizer.from_file(folder / TOKENIZER, spec.max_tokens, spec.overlap_tokens)
    tokenizer.save(graphs / TOKENIZER)
    if ngrams:
        write_ngrams(graphs / NGRAMS, ngrams)
    sample = Texts(learn[:: max(1, len(learn) // params.calibration_articles)], tokenizer, spec.labels).tokenized
    export_context(model, graphs / CONTEXT, params)
    exact = texts.scores(TorchBackend(model), ngrams)
    export_encoder(model, graphs / ENCODER, params, calibration_batches(sample, tokenizer, len(sample)))
    bits, found = 8, _exported(fitted, exact, graphs)
    if any(each.share > params.max_disagreement for name, each in found.disagreement.items() if name != "sentences"):
        export_encoder_fp32(model, graphs / ENCODER, params)
        bits, found = 32, _exported(fitted, exact, graphs)
    write_json(graphs / CARD, found.card)
    return bits, found


def _exported(fitted: Fitted, exact: Sequence[DocumentScores], graphs: Path) -> _Exported:
    """What suits the graphs, seen beside the scores of torch."""
    _, spec, ngrams, texts = fitted
    scores = texts.scores(OnnxBackend(graphs), ngrams)
    card = decided_card(fitted, scores)
    first, second = ([calibrated(found, spec.labels, card.temperatures) for found in each] for each in (exact, scores))
    disagreement = compare_decisions(first, second, spec.labels, card.thresholds)
    return _Exported(card, texts.figures(second, card.thresholds), disagreement)
