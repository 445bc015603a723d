"""The commands ``conflict-events train`` and ``conflict-events classify``."""

import importlib.util
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pipeline.config import load_params
from pipeline.custom.classify import CLASSIFIED, FAILURES, classify_files
from pipeline.errors import ConflictEventsError
from pipeline.extract.extractor import DEFAULT_MODEL
from pipeline.progress import progress

if TYPE_CHECKING:
    from pipeline.encoder.train import Progress

_SOME_FAILED: Final = 3


def train(
    config: Annotated[Path, typer.Argument(help="YAML file with the label set and where its texts are")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write the model to")],
    params: Annotated[Path, typer.Option(help="The project's settings, which the config changes")] = Path(
        "params.yaml"
    ),
) -> None:
    """Train a model on a label set of your own; needs the extra `train`."""
    if importlib.util.find_spec("torch") is None:
        raise ConflictEventsError("training needs torch; install the extra: pip install 'conflict-events[train]'")
    from pipeline.custom.train import train_config

    with ExitStack() as stack:

        def started(texts: int) -> Callable[[int], None]:
            return stack.enter_context(progress("training", texts))

        found = train_config(config, output, load_params(params), _say_epoch, started)
    figures = ", ".join(f"{name} {value:.3f}" for name, value in found.dev.items())
    typer.echo(
        f"{found.learned_from} texts, chosen on {found.chosen_on}: {figures}; {found.bits}-bit graph -> {output}",
        err=True,
    )
    if found.failed:
        typer.echo(f"{found.failed} rows could not be used, see {output / FAILURES}", err=True)
        raise typer.Exit(_SOME_FAILED)


def classify(
    inputs: Annotated[
        list[str], typer.Argument(help=".txt, .jsonl(.gz), .csv, .parquet files, folders, - for JSON lines")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to")],
    model: Annotated[Path, typer.Option(help="Model folder, of any label set")] = DEFAULT_MODEL,
) -> None:
    """Give texts and their sentences the keys of a model's own label set."""
    with progress("classifying") as advance:
        done, failed = classify_files(inputs, output, model, advance)
    typer.echo(f"{done} texts -> {output / CLASSIFIED}", err=True)
    if failed:
        typer.echo(f"{failed} failed, see {output / FAILURES}", err=True)
        raise typer.Exit(_SOME_FAILED)


def _say_epoch(epoch: "Progress") -> None:
    figures = "  ".join(f"{name} {value:.3f}" for name, value in epoch.dev.items())
    typer.echo(f"epoch {epoch.epoch + 1}  loss {epoch.loss:.3f}  {figures}{' *' if epoch.best else ''}", err=True)
