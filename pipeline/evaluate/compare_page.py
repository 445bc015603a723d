"""A comparison of two runs as tables for the terminal."""

from typing import Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from pipeline.evaluate.compare import Comparison, Difference, PartComparison

MARK: Final = "*"
"""Stands where the interval excludes 0."""


def comparison_page(comparison: Comparison) -> Group:
    """Both runs' names, a table for each part, and how to read it."""
    return Group(
        Text(f"A  {comparison.first}\nB  {comparison.second}"),
        *(_table(name, part) for name, part in comparison.parts.items()),
        Text(
            f"\n{MARK} the 95 % interval of B - A excludes 0; {comparison.resamples} paired resamples of the sentences "
            f"(incidents: records) within their documents, seed {comparison.seed}; p Holm: adjusted for the figures of "
            "the table. One training of each: how much the training seed alone moves a figure is not in here.",
            style="dim",
        ),
    )


def _table(name: str, part: PartComparison) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", title_justify="left", title_style="bold")
    table.title = Text(f"\n{name}, {part.documents} documents")
    table.add_column("figure", overflow="fold")
    for column in ("A", "B", "B - A", "95 % interval", "", "p", "p Holm"):
        table.add_column(column, justify="right", no_wrap=True)
    for figure, found in part.figures.items():
        table.add_row(figure, *_cells(found))
    return table


def _cells(found: Difference) -> tuple[str, ...]:
    low, high = found.ci95
    return (
        f"{found.first:.3f}",
        f"{found.second:.3f}",
        f"{found.difference:+.3f}",
        f"{low:+.3f}, {high:+.3f}",
        MARK if found.excludes_zero else "",
        f"{found.p:.3f}",
        f"{found.p_holm:.3f}",
    )
