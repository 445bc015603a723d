"""A report from a run's folder, in one call."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from pipeline.errors import InputError
from pipeline.records import atomic_write
from pipeline.report.contents import Contents, gather, read_run
from pipeline.report.model import read_model
from pipeline.report.page import render
from pipeline.schema import Document


class Options(msgspec.Struct, frozen=True):
    """What a report has beside its incidents; see ``read_model`` and ``gather``."""

    metrics: Path | None = None
    plots: Path | None = None
    least: int = 1
    title: str = "Reported incidents"


def write_report(folder: Path, output: Path, articles: Iterable[Document], options: Options) -> Contents:
    """Write the report of a folder that ``extract`` or ``merge`` wrote; returns what it shows.

    Args:
        folder: The run's folder.
        output: HTML file to write.
        articles: The texts, of as many documents as are at hand; others are shown by offsets.
        options: What else it has.

    Raises:
        InputError: When the folder is not one of a run, or the metrics are none.
    """
    if output.is_dir():
        raise InputError(f"{output} is a folder; name a file to write")
    model = read_model(options.metrics, options.plots) if options.metrics else None
    contents = gather(read_run(folder), articles, options.title, model, options.least)
    write_page(contents, output)
    return contents


def write_page(contents: Contents, output: Path) -> None:
    """Write the page."""
    with atomic_write(output) as handle:
        for part in render(contents):
            handle.write(part.encode())
