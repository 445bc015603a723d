"""Stage ``export``: write the model folder that ships, and prove that it decides as the trained model does."""

import shutil
from pathlib import Path

import torch

from pipeline.config import load_params
from pipeline.encoder.checkpoint import load_checkpoint
from pipeline.encoder.onnx import calibration_batches, export_context, export_encoder
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.encoder.train import make_examples
from pipeline.errors import ExportError
from pipeline.evaluate.calibration import choose_temperatures
from pipeline.evaluate.fit_ngrams import fit_layers
from pipeline.evaluate.parity import compare_decisions
from pipeline.evaluate.validation import Validation
from pipeline.extract.card import make_card
from pipeline.extract.decide import calibrated
from pipeline.extract.folder import CARD, CONTEXT, ENCODER, TOKENIZER
from pipeline.extract.ngrams import NGRAMS, with_ngrams, write_ngrams
from pipeline.extract.onnx_backend import OnnxBackend
from pipeline.label.soft import SoftDocument
from pipeline.label.training import learned_from, take_share
from pipeline.records import read_jsonl, write_json
from pipeline.schema import Document
from pipeline.stages.runner import run, say
from pipeline.text.tokens import ArticleTokenizer


def main(trained: Path, labelled: Path, folder: Path, metrics: Path) -> None:
    """Export ``trained`` into ``folder``; choose temperatures and thresholds and measure parity on dev.

    Raises:
        ExportError: When the decisions of a layer differ in a larger share than ``export.max_disagreement``
            allows; the figures are in ``metrics`` all the same.
    """
    params = load_params()
    torch.set_num_threads(params.train.threads)
    model, spec = load_checkpoint(trained)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(trained / TOKENIZER, folder / TOKENIZER)
    tokenizer = ArticleTokenizer.from_file(folder / TOKENIZER, spec.max_tokens, spec.overlap_tokens)
    annotated = take_share(list(read_jsonl(labelled / "train.jsonl", Document)), params.train.share)
    soft = list(read_jsonl(labelled / "soft.jsonl", SoftDocument))
    learned = make_examples(learned_from(annotated, soft), tokenizer, model)
    documents = [example.document for example in learned]
    calibration = calibration_batches(documents, tokenizer, params.export.calibration_articles)
    export_encoder(model, folder / ENCODER, params.export, calibration)
    export_context(model, folder / CONTEXT, params.export)
    dev = list(read_jsonl(labelled / "dev.jsonl", Document))
    validation = Validation(dev, tokenizer, spec.labels, spec.transitions)
    encoded = validation.scores(OnnxBackend(folder, params.train.threads))
    asked = make_examples(dev, tokenizer, model)
    ngrams = fit_layers(spec.labels, params.export.ngrams, learned, asked, encoded, validation.answers)
    (folder / NGRAMS).unlink(missing_ok=True)
    if ngrams:
        write_ngrams(folder / NGRAMS, ngrams)
    raw, exact = (
        [
            with_ngrams(found, example.document, spec.labels, ngrams)
            for found, example in zip(scores, asked, strict=True)
        ]
        for scores in (encoded, validation.scores(TorchBackend(model)))
    )
    temperatures = choose_temperatures(raw, validation.answers, spec.labels)
    torch_scores, int8_scores = (
        [calibrated(found, spec.labels, temperatures) for found in scores] for scores in (exact, raw)
    )
    thresholds = validation.thresholds(int8_scores)
    torch_decisions = validation.decisions(torch_scores, thresholds)
    int8_decisions = validation.decisions(int8_scores, thresholds)
    found = compare_decisions(torch_scores, int8_scores, spec.labels, thresholds)
    write_json(folder / CARD, make_card(spec, temperatures, thresholds, ngrams))
    write_json(
        metrics,
        {
            "disagreement": found,
            "torch": _rounded(validation.figures(torch_decisions)[1]),
            "int8": _rounded(validation.figures(int8_decisions)[1]),
            "megabytes": {path.name: round(path.stat().st_size / 1e6, 2) for path in _weights(folder)},
        },
    )
    layers = {name: disagreement for name, disagreement in found.items() if name != "sentences"}
    for layer, disagreement in layers.items():
        if disagreement.share > params.export.max_disagreement:
            raise ExportError(
                f"int8 differs from torch in {disagreement.share:.2%} of the {layer} decisions on dev, "
                f"`export.max_disagreement` allows {params.export.max_disagreement:.2%}; see {metrics}"
            )
    differing = ", ".join(f"{layer} {found[layer].share:.2%}" for layer in layers)
    say(f"export: {trained} -> {folder}, {_megabytes(folder):.0f} MB; decisions on dev that int8 changed: {differing}")


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in _weights(folder)) / 1e6


def _weights(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".onnx", ".npz"})


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in figures.items()}


if __name__ == "__main__":
    run(main)
