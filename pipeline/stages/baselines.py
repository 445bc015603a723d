"""Stage ``baselines``: what simpler methods reach on gold and test."""

import tempfile
from pathlib import Path

import torch
from transformers.utils import logging as transformers_logging

from pipeline.config import EvaluateParams, load_params
from pipeline.encoder.base import load_base, save_tokenizer
from pipeline.encoder.frozen import FrozenEncoder
from pipeline.evaluate.baselines import make_baselines
from pipeline.evaluate.metrics import sentence_metrics
from pipeline.progress import progress
from pipeline.records import read_jsonl, write_json
from pipeline.schema import Document, ScoredSentence
from pipeline.stages.runner import run, say

_BLOCKS = ("events", "responsibility", "attribution_source", "sentences")


def main(labelled: Path, prepared: Path, metrics: Path) -> None:
    """Fit on ``labelled/train.jsonl``, score on gold and test, write ``metrics``."""
    params = load_params()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(params.train.threads)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer = save_tokenizer(params.encoder.base, Path(folder))
        base = load_base(params.encoder.base, params.encoder.sha256, params.encoder.base_dropout)
        frozen = FrozenEncoder(base, tokenizer, params.encoder.max_tokens)
    train = list(read_jsonl(labelled / "train.jsonl", Document))
    parts = {part: list(read_jsonl(prepared / f"{part}.jsonl", Document)) for part in ("gold", "test")}
    figures: dict[str, dict[str, dict]] = {}
    made = make_baselines(params.baselines, frozen)
    with progress("baselines", len(made)) as advance:
        for name, baseline in made.items():
            baseline.fit(train)
            figures[name] = {
                part: _score(documents, baseline.predict(documents), params.evaluate)
                for part, documents in parts.items()
            }
            advance(1)
    write_json(metrics, figures)
    scored = ", ".join(f"{len(documents)} {part}" for part, documents in parts.items())
    say(f"baselines: {len(train)} train documents -> {len(figures)} baselines, scored on {scored}; none dropped")


def _score(documents: list[Document], predicted: list[tuple[ScoredSentence, ...]], settings: EvaluateParams) -> dict:
    found = sentence_metrics(documents, predicted, settings.resamples, settings.seed)
    return {block: found[block] for block in _BLOCKS}


if __name__ == "__main__":
    run(main)
