"""The command ``conflict-events``.

Exit codes: 0 all went well, 1 nothing could be done, 2 usage error, 3 some documents failed and are listed.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline import __version__
from pipeline.annotate.cli import labels_app
from pipeline.bulk.documents import FAILURES, INCIDENTS, DocumentFormat
from pipeline.bulk.jobs import Engine
from pipeline.bulk.local import LocalEngine
from pipeline.bulk.page import find_incident, overview, page, read_incidents
from pipeline.bulk.ray_engine import RayEngine
from pipeline.bulk.run import extract_files, merge_folder
from pipeline.bulk.tables import TableFormat, export_table
from pipeline.config import load_params
from pipeline.corpus.check import check_report
from pipeline.corpus.problems import Problem, errors_of
from pipeline.custom.cli import classify, train
from pipeline.errors import ConflictEventsError, InputError
from pipeline.evaluate.compare import compare_runs
from pipeline.evaluate.compare_page import comparison_page
from pipeline.extract.extractor import DEFAULT_MODEL
from pipeline.help import examples
from pipeline.inputs.reader import STANDARD_INPUT, read_articles
from pipeline.progress import on_terminal, progress
from pipeline.records import read_jsonl, write_json
from pipeline.report.write import Options, write_report
from pipeline.schema import Document, Failure

_USAGE_ERROR = 2
_SOME_FAILED = 3
_FILE_COLUMNS = 200


class Part(StrEnum):
    """Annotated documents that runs are compared on."""

    GOLD = "gold"
    TEST = "test"
    BOTH = "both"


app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
corpus_app = typer.Typer(no_args_is_help=True, help="Work on the training corpus.")
app.add_typer(corpus_app, name="corpus")
app.add_typer(labels_app, name="labels")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"conflict-events {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version and stop")
    ] = False,
) -> None:
    pass


class EngineName(StrEnum):
    """What runs the jobs of ``extract``."""

    LOCAL = "local"
    RAY = "ray"


@app.command(
    epilog=examples(
        "conflict-events extract articles/ --output out/",
        "conflict-events extract news.csv more.jsonl.gz -o out/ --format parquet",
        "conflict-events extract articles/ -o out/ --resume  # go on after a stop",
        "zcat news.jsonl.gz | conflict-events extract - --output out/",
    )
)
def extract(
    inputs: Annotated[
        list[str], typer.Argument(help=".txt, .jsonl(.gz), .csv, .parquet files, folders, - for JSON lines")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to")],
    model: Annotated[Path, typer.Option(help="Model folder")] = DEFAULT_MODEL,
    engine: Annotated[EngineName, typer.Option(help="Where to run: this machine, or Ray")] = EngineName.LOCAL,
    ray_address: Annotated[
        str | None, typer.Option(help="Running cluster (auto, host:port); by default RAY_ADDRESS, or a new one here")
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 is one for each processor")] = 0,
    document_format: Annotated[
        DocumentFormat, typer.Option("--format", help="Of the documents: jsonl or parquet")
    ] = DocumentFormat.JSONL,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted")] = False,
    merge_incidents: Annotated[
        bool, typer.Option("--merge/--no-merge", help="Merge reports of one happening at the end; needs 10 kB a record")
    ] = True,
) -> None:
    """Extract labelled sentences, incident records and merged incidents from articles."""
    with progress("extracting", _count(inputs)) as advance:
        summary = extract_files(
            inputs,
            output,
            model,
            _engine(engine, model, workers, ray_address),
            document_format,
            resume,
            merge_incidents,
            on_inputs=advance,
        )
    counts = summary.counts
    merged = "not merged" if counts.incidents is None else f"{counts.incidents} merged incidents"
    _say(f"{counts.extracted} of {counts.inputs} documents, {merged} -> {output}")
    if counts.failed:
        steps = Counter(failure.stage for failure in read_jsonl(output / FAILURES, Failure))
        where = ", ".join(f"{count} in step {step}" for step, count in sorted(steps.items()))
        _say(f"{counts.failed} failed ({where}), see {output / FAILURES}")
        raise typer.Exit(_SOME_FAILED)


@app.command(
    epilog=examples(
        "conflict-events merge runs/  # over runs/january, runs/february, …",
    )
)
def merge(
    folder: Annotated[Path, typer.Argument(help="Folder that `extract` wrote, or a folder of such folders")],
) -> None:
    """Merge reports of one happening over all documents below a folder."""
    count = merge_folder(folder)
    _say(f"{count} merged incidents -> {folder / INCIDENTS}")


@app.command(
    epilog=examples(
        "conflict-events export out/ --format csv",
        "conflict-events export out/ -f geojson --output incidents.geojson",
    )
)
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


@app.command(
    epilog=examples(
        "conflict-events ledger out/ --least 2",
        "conflict-events ledger out/ m:ansongo-a#1 --articles articles/",
    )
)
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
        Console(width=None if sys.stdout.isatty() else _FILE_COLUMNS).print(overview(incidents, least))
    else:
        found = find_incident(incidents, incident)
        read = (each.found for each in read_articles(articles or []))
        Console().print(page(found, {each.id: each.text for each in read if isinstance(each, Document)}))


@app.command(
    epilog=examples(
        "conflict-events compare HEAD my-experiment --part test",
        "conflict-events compare data/predictions other/predictions --json c.json",
    )
)
def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="Folder of predictions, or a git revision or experiment")],
    second: Annotated[str, typer.Argument(metavar="B", help="Likewise; the difference is B less A")],
    part: Annotated[Part, typer.Option(help="Documents to compare on")] = Part.GOLD,
    annotations: Annotated[Path, typer.Option(help="Folder of the annotated documents")] = Path("data/prepared"),
    resamples: Annotated[int | None, typer.Option(min=1, help="Of the bootstrap; by default as in params.yaml")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Of the bootstrap; by default as in params.yaml")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", dir_okay=False, help="File to write the comparison to as well")
    ] = None,
) -> None:
    """Compare two runs' predictions: each figure's difference, its paired bootstrap interval, and p-values."""
    parts = [Part.GOLD, Part.TEST] if part is Part.BOTH else [part]
    if resamples is None or seed is None:
        settings = load_params().evaluate
        resamples = settings.resamples if resamples is None else resamples
        seed = settings.seed if seed is None else seed
    found = compare_runs(first, second, [each.value for each in parts], annotations, resamples, seed)
    Console().print(comparison_page(found))
    if json_file:
        write_json(json_file, found)
        _say(f"comparison -> {json_file}")


@app.command(
    epilog=examples(
        "conflict-events report out/ -o report.html --articles articles/",
        "conflict-events report out/ -o report.html --metrics metrics --plots plots",
    )
)
def report(
    folder: Annotated[Path, typer.Argument(help="Folder that `extract` or `merge` wrote")],
    output: Annotated[Path, typer.Option("--output", "-o", help="HTML file to write")],
    articles: Annotated[
        list[str] | None, typer.Option("--articles", "-a", help="The articles, to show the evidence in their words")
    ] = None,
    metrics: Annotated[
        Path | None, typer.Option(help="Folder of metrics (gold.json, test.json), for a part on the model")
    ] = None,
    plots: Annotated[
        Path | None, typer.Option(help="Folder of plots (gold/, test/), for calibration and confusions")
    ] = None,
    least: Annotated[int, typer.Option(min=1, help="Show incidents that so many articles report")] = 1,
    title: Annotated[str, typer.Option(help="Heading of the page")] = Options().title,
) -> None:
    """Write one HTML page to read incidents, claims and their evidence in; it opens without a network."""
    read = (each.found for each in read_articles(articles or []) if isinstance(each.found, Document))
    contents = write_report(folder, output, read, Options(metrics, plots, least, title))
    _say(f"{len(contents.incidents)} incidents from {len(contents.articles)} articles -> {output}")
    if contents.missing:
        _say(f"{contents.missing} articles without their text, shown by offsets; give them with --articles")
    if contents.changed:
        _say(f"{len(contents.changed)} articles whose text is not the one extracted, shown by offsets")


app.command(
    epilog=examples(
        "conflict-events train mine.yaml --output models/mine",
    )
)(train)
app.command(
    epilog=examples(
        "conflict-events classify articles/ --output out/ --model models/mine",
    )
)(classify)


@corpus_app.command("check", epilog=examples("conflict-events corpus check data/corpus"))
def corpus_check(
    paths: Annotated[list[Path], typer.Argument(help="Reports or folders of them", exists=True)],
) -> None:
    """Check reports against every rule of the format that a program can check."""
    reports = list(_reports(paths))
    problems: list[Problem] = []
    with progress("checking", len(reports)) as advance:
        for path in reports:
            problems += check_report(path)
            advance(1)
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


def _engine(name: EngineName, model: Path, workers: int, ray_address: str | None) -> Engine:
    if name is EngineName.RAY:
        return RayEngine(model, workers, ray_address)
    if ray_address is not None:
        raise InputError("--ray-address needs --engine ray")
    return LocalEngine(model, workers)


def _reports(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.txt")) if path.is_dir() else [path]


def _count(inputs: Sequence[str]) -> int | None:
    """How many articles there are, for the remaining time; not worth a pass over them where nobody watches."""
    if STANDARD_INPUT in inputs or not on_terminal():
        return None
    return sum(1 for _ in read_articles(inputs))


def _say(message: str) -> None:
    typer.echo(message, err=True)
