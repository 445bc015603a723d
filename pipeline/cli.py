"""The command ``conflict-events``.

Exit codes: 0 all went well, 1 nothing could be done, 2 usage error, 3 some documents failed and are listed.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline.bulk.page import find_incident, overview, page, read_incidents
from pipeline.bulk.run import extract_files, merge_folder
from pipeline.bulk.tables import TableFormat, export_table
from pipeline.corpus.check import check_report
from pipeline.corpus.inputs import read_articles
from pipeline.corpus.problems import Problem, errors_of
from pipeline.errors import ConflictEventsError, InputError
from pipeline.extract.extractor import DEFAULT_MODEL
from pipeline.schema import Document

_USAGE_ERROR = 2
_SOME_FAILED = 3

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
corpus_app = typer.Typer(no_args_is_help=True, help="Work on the training corpus.")
app.add_typer(corpus_app, name="corpus")


@app.command()
def extract(
    inputs: Annotated[list[str], typer.Argument(help=".txt or .jsonl files, folders of them, - for JSON lines")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to")],
    model: Annotated[Path, typer.Option(help="Model folder")] = DEFAULT_MODEL,
) -> None:
    """Extract labelled sentences, incident records and merged incidents from articles."""
    with _progress() as bar:
        task = bar.add_task("extracting", total=None)
        summary = extract_files(inputs, output, model, on_document=lambda: bar.advance(task))
    counts = summary.counts
    _say(f"{counts.extracted} of {counts.inputs} documents, {counts.incidents} merged incidents -> {output}")
    if counts.failed:
        _say(f"{counts.failed} failed, see {output / 'failures.jsonl'}")
        raise typer.Exit(_SOME_FAILED)


@app.command()
def merge(
    folder: Annotated[Path, typer.Argument(help="Folder that `extract` wrote, or a folder of such folders")],
) -> None:
    """Merge reports of one happening over all documents below a folder."""
    count = merge_folder(folder)
    _say(f"{count} merged incidents -> {folder / 'incidents.jsonl'}")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder that `extract` or `merge` wrote")],
    table_format: Annotated[TableFormat, typer.Option("--format", "-f", help="csv, geojson or parquet")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; by default incidents.FORMAT in the folder")
    ] = None,
) -> None:
    """Write the merged incidents as one table, with ACLED-like and PLOVER-like columns."""
    path, count = export_table(folder, table_format, output)
    _say(f"{count} merged incidents -> {path}")


@app.command()
def ledger(
    folder: Annotated[Path, typer.Argument(help="Folder that `extract` or `merge` wrote")],
    incident: Annotated[
        str | None, typer.Argument(help="Id of an incident, or of an article in it; without it all are listed")
    ] = None,
    articles: Annotated[
        list[str] | None, typer.Option("--articles", "-a", help="The articles, to quote the evidence from")
    ] = None,
    least: Annotated[int, typer.Option(min=1, help="List incidents that so many articles report")] = 1,
) -> None:
    """Show who says what about an incident, where, and what they disagree on."""
    incidents = read_incidents(folder)
    if incident is None:
        Console(soft_wrap=True).print(overview(incidents, least))
    else:
        found = find_incident(incidents, incident)
        read = read_articles(articles or [])
        Console().print(page(found, {each.id: each.text for each in read if isinstance(each, Document)}))


@corpus_app.command("check")
def corpus_check(
    paths: Annotated[list[Path], typer.Argument(help="Reports or folders of them", exists=True)],
) -> None:
    """Check reports against every rule of the format that a program can check."""
    reports = list(_reports(paths))
    problems: list[Problem] = []
    with _progress() as bar:
        for path in bar.track(reports, description="checking"):
            problems += check_report(path)
    for problem in problems:
        typer.echo(str(problem))
    errors = len(errors_of(problems))
    _say(f"{len(reports)} reports, {errors} errors, {len(problems) - errors} warnings")
    if errors or not reports:
        raise typer.Exit(1)


def main() -> None:
    """Run the command; an error of ours is one message, not a traceback."""
    try:
        app()
    except InputError as error:
        _say(f"{type(error).__name__}: {error}")
        sys.exit(_USAGE_ERROR)
    except ConflictEventsError as error:
        _say(f"{type(error).__name__}: {error}")
        sys.exit(1)


def _reports(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.txt")) if path.is_dir() else [path]


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _say(message: str) -> None:
    typer.echo(message, err=True)
