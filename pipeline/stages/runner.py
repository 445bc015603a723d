"""Running a stage from the command line."""

import sys
from collections.abc import Callable

import typer

from pipeline.errors import ConflictEventsError


def say(message: str) -> None:
    """The last line of a stage: what went in, what came out, what was dropped and why."""
    typer.echo(message)


def run(main: Callable[..., None]) -> None:
    """Call a stage with the paths on the command line; an error of ours is one message, not a traceback."""
    try:
        typer.run(main)
    except ConflictEventsError as error:
        sys.exit(f"{type(error).__name__}: {error}")
