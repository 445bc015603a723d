"""The command line as a whole."""

from importlib.metadata import version

from typer.testing import CliRunner

from pipeline.cli import app


def test_version_is_that_of_the_distribution():
    found = CliRunner().invoke(app, ["--version"])
    assert (found.exit_code, found.output) == (0, f"conflict-events {version('conflict-events')}\n")
