"""Stage ``train``: fine-tune the encoder, and keep the weights that do best on ``dev``."""

from pathlib import Path

import msgspec
import torch
from dvclive import Live
from rich.console import Console
from transformers.utils import logging as transformers_logging

from pipeline.config import load_params
from pipeline.encoder.base import save_tokenizer
from pipeline.encoder.checkpoint import build_model, save_checkpoint
from pipeline.encoder.train import Progress, make_examples, precision_type, train
from pipeline.evaluate.validation import Validation
from pipeline.label.soft import SoftDocument
from pipeline.label.training import learned_from, take_share
from pipeline.labels import LABELS
from pipeline.progress import progress
from pipeline.records import read_jsonl, write_json
from pipeline.schema import Document
from pipeline.stages.runner import run, say
from pipeline.text.tokens import ArticleTokenizer
from pipeline.text.transitions import count_transitions


def main(labelled: Path, folder: Path, metrics: Path, live: Path) -> None:
    """Train on ``labelled/{train,soft}.jsonl``; write the model to ``folder``, figures to ``metrics`` and ``live``."""
    params = load_params()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(params.train.threads)
    torch.manual_seed(params.train.seed)
    folder.mkdir(parents=True, exist_ok=True)
    model, spec = build_model(params.encoder, LABELS)
    tokenizer = ArticleTokenizer.from_file(
        save_tokenizer(params.encoder.base, folder), params.encoder.max_tokens, params.encoder.overlap_tokens
    )
    annotated = take_share(list(read_jsonl(labelled / "train.jsonl", Document)), params.train.share)
    soft = list(read_jsonl(labelled / "soft.jsonl", SoftDocument))
    examples = make_examples(learned_from(annotated, soft), tokenizer, model)
    spec = msgspec.structs.replace(spec, transitions=count_transitions(annotated, tokenizer, LABELS.roles))
    validation = Validation(list(read_jsonl(labelled / "dev.jsonl", Document)), tokenizer, LABELS, spec.transitions)
    console = Console()
    with (
        Live(str(live), dvcyaml=None, report=None, save_dvc_exp=False, cache_images=False) as logger,
        progress("training", params.train.epochs * len(examples)) as advance,
    ):
        history = train(
            model, tokenizer, examples, params.train, validation, lambda found: _report(found, logger, console), advance
        )
    save_checkpoint(folder, model, spec)
    best = max(history, key=lambda found: found.score)
    write_json(
        metrics,
        {
            "seed": params.train.seed,
            "threads": params.train.threads,
            "precision": str(precision_type(params.train.precision)).removeprefix("torch."),
            "trained_parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
            "articles": len(examples),
            "epochs": len(history),
            "best_epoch": best.epoch,
            "dev_score": round(best.score, 4),
            "dev": {name: round(value, 4) for name, value in best.dev.items()},
        },
    )
    replaced = len(annotated) + len(soft) - len(examples)
    say(
        f"train: {len(examples)} documents, {len(history)} epochs -> {folder}, of epoch {best.epoch + 1}; "
        f"{replaced} annotated ones dropped for their labels by functions"
    )


def _report(epoch: Progress, logger: Live, console: Console) -> None:
    logger.log_metric("train/loss", epoch.loss)
    for name, value in epoch.dev.items():
        logger.log_metric(f"dev/{name}", value)
    logger.log_metric("dev/score", epoch.score)
    logger.next_step()
    figures = "  ".join(f"{name} {value:.3f}" for name, value in epoch.dev.items())
    mark = " *" if epoch.best else ""
    console.print(f"epoch {epoch.epoch + 1}  loss {epoch.loss:.3f}  dev {epoch.score:.3f}{mark}  {figures}")


if __name__ == "__main__":
    run(main)
