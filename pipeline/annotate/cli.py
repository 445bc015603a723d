"""The commands ``conflict-events labels``."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.annotate.annotated import Format
from pipeline.annotate.exporting import CONFIG, TASKS, export_tasks
from pipeline.annotate.importing import Settings, import_labels
from pipeline.annotate.marks import Unit
from pipeline.bulk.documents import FAILURES
from pipeline.extract.extractor import DEFAULT_MODEL
from pipeline.help import examples
from pipeline.labels import STYLES
from pipeline.progress import progress

_NOTHING_DONE = 1
_SOME_FAILED = 3

labels_app = typer.Typer(no_args_is_help=True, help="Have people correct the model's labels, and take them back.")


@labels_app.command(
    "export",
    epilog=examples(
        "conflict-events labels export articles/ --count 50 --output tasks/",
        "conflict-events labels export articles/ -o tasks/ --format jsonl",
        "conflict-events labels export articles/ -o tasks/ --second others.jsonl",
    ),
)
def labels_export(
    inputs: Annotated[list[str], typer.Argument(help=".txt or .jsonl files, folders of them, - for JSON lines")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to")],
    form: Annotated[
        Format, typer.Option("--format", "-f", help="Label Studio's JSON with its config, or JSON lines for doccano")
    ] = Format.LABEL_STUDIO,
    count: Annotated[int | None, typer.Option(min=1, help="Articles at most; by default all")] = None,
    second: Annotated[
        Path | None,
        typer.Option(
            help="Second opinions (labelled documents, JSON lines): articles come first where the model differs"
        ),
    ] = None,
    model: Annotated[Path, typer.Option(help="Model folder")] = DEFAULT_MODEL,
) -> None:
    """Write the articles that the model is least sure of as tasks for an annotation tool, labelled by the model."""
    with progress("extracting") as advance:
        summary = export_tasks(inputs, output, model, form, count, second, on_document=lambda: advance(1))
    config = f", config -> {output / CONFIG}" if form is Format.LABEL_STUDIO else ""
    _say(f"{summary.tasks} of {summary.inputs} articles -> {output / TASKS[form]}{config}")
    if summary.failed:
        _say(f"{summary.failed} failed, see {output / FAILURES}")
        raise typer.Exit(_SOME_FAILED)


@labels_app.command(
    "import",
    epilog=examples(
        "conflict-events labels import export.json --output data/corpus/train",
        "conflict-events labels import export.jsonl -o mine/ -f jsonl --family bria",
    ),
)
def labels_import(
    export: Annotated[Path, typer.Argument(help="The annotation tool's export")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of reports, such as data/corpus/train")],
    form: Annotated[
        Format, typer.Option("--format", "-f", help="Label Studio's JSON, or JSON lines of doccano or Prodigy")
    ] = Format.LABEL_STUDIO,
    failures: Annotated[
        Path | None,
        typer.Option(help="File to list what was refused and why; by default EXPORT, ending in .failures.jsonl"),
    ] = None,
    family: Annotated[str | None, typer.Option(help="Family of all reports; by default each is its own family")] = None,
    style: Annotated[str, typer.Option(help="Style of the outlets: " + ", ".join(STYLES))] = "wire",
    offsets: Annotated[
        Unit | None, typer.Option(help="What offsets of JSON lines count; by default what their tool counts")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over reports that are there")] = False,
) -> None:
    """Read corrected labels back as reports of the corpus format, and say what was refused and why."""
    failures = failures or export.with_suffix(".failures.jsonl")
    summary = import_labels(export, output, failures, form, Settings(family, style, offsets, force))
    for finding in summary.findings:
        typer.echo(str(finding))
    refused, skipped = summary.count("refused"), summary.count("skipped")
    _say(f"{len(summary.written)} reports -> {output}; {refused} tasks refused, {skipped} skipped")
    if refused:
        _say(f"see {failures}")
        raise typer.Exit(_SOME_FAILED)
    if not summary.written:
        raise typer.Exit(_NOTHING_DONE)


def _say(message: str) -> None:
    typer.echo(message, err=True)
