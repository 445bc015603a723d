"""Putting the folder together: weights, tokenizer, graphs, and a card that says what they are and how good."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.encoder.checkpoint import Spec, read_spec
from pipeline.errors import InputError
from pipeline.extract.folder import GRAPHS, ModelCard, read_card
from pipeline.records import atomic_write

README: Final = "README.md"

FIGURES: Final = (
    ("event types, micro-F1", "events", "micro_f1"),
    ("event types, macro-F1", "events", "macro_f1"),
    ("responsibility, micro-F1", "responsibility", "micro_f1"),
    ("responsibility, macro-F1", "responsibility", "macro_f1"),
    ("source, accuracy", "attribution_source", "accuracy"),
    ("spans, F1 by overlap", "spans", "overlap_f1"),
)
"""Name, block and key of the figures on the card."""

Metrics = Mapping[str, Any]


def package(trained: Path, exported: Path, folder: Path, training: Metrics, gold: Metrics, test: Metrics) -> None:
    """Write the folder anew.

    Args:
        trained: What the stage ``train`` wrote.
        exported: The graphs that were made from it.
        folder: Where to write; what is there is replaced.
        training: Contents of ``metrics/training.json``.
        gold: Contents of ``metrics/gold.json``.
        test: Contents of ``metrics/test.json``.

    Raises:
        ModelError: When one of the models is missing or incomplete.
        InputError: When a figure is missing.
    """
    spec, card = read_spec(trained), read_card(exported)
    page = model_card(spec, card, folder, training, gold, test)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(trained, folder)
    shutil.copytree(exported, folder / GRAPHS)
    with atomic_write(folder / README) as handle:
        handle.write(page.encode())


def model_card(spec: Spec, card: ModelCard, folder: Path, training: Metrics, gold: Metrics, test: Metrics) -> str:
    """The card in Markdown, with the front matter that model hubs read.

    Raises:
        InputError: When a figure is missing.
    """
    environment = Environment(
        loader=PackageLoader("pipeline.package"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(f"{README}.jinja").render(
        spec=spec,
        card=msgspec.structs.asdict(card),
        folder=folder.as_posix(),
        training=training,
        gold=gold,
        test=test,
        figures=FIGURES,
        figure=_figure,
    )


def _figure(metrics: Metrics, block: str, key: str) -> str:
    try:
        value, (low, high) = metrics[block][key], metrics[block]["ci95"][key]
    except KeyError as error:
        raise InputError(f"the metrics have no {error} of {block}; `dvc repro evaluate` writes them anew") from None
    return f"{value:.2f} ({low:.2f}–{high:.2f})"
