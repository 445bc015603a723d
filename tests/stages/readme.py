"""What the README tells its readers to run, and how it is run with small inputs."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()

QUICK = re.compile(r"conflict-events (?!compare)|python examples/plots\.py |make |source ")
"""Commands that need a model, but no training: ``test_readme.py`` runs them."""

TRAINED = re.compile(r"dvc |conflict-events compare ")
"""Commands that train, or need a trained project: ``test_repro.py`` runs them."""

ELSEWHERE = {
    "python -m benchmarks.field": "tests/benchmarks/test_field.py::test_cross_validation_without_dev_and_test",
    "python -m experiments.learning_curve": "tests/stages/test_repro.py::test_the_learning_curve_trains_on_a_share",
    "python -m experiments.label_sources": "tests/stages/test_repro.py::test_functions_label_what_has_no_annotations",
    "python -m pytest tests/weak": "tests/weak/test_functions.py::",
}
"""Commands in running text, and the test that runs them."""

INLINE = re.compile(r"`((?:conflict-events|dvc|make|python -m) [^`]+)`")


class Block(NamedTuple):
    """A fenced block of the README."""

    language: str
    text: str


def blocks() -> list[Block]:
    return [Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)]


def commands() -> list[str]:
    """Each line of each shell block, without its comment."""
    lines = [line for block in blocks() if block.language == "bash" for line in block.text.splitlines()]
    return [re.sub(r"\s+# .*", "", line).strip() for line in lines if line.strip()]


def inline_commands() -> list[str]:
    """Commands within the text, outside blocks."""
    return INLINE.findall(re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL))


def run(command: str, cwd: Path, expect: tuple[int, ...] = (0,), **paths: str) -> str:
    """Run a line in a shell, as a reader would; returns what it printed. ``paths`` are variables of its environment.

    Without the variables of a ``make`` that runs this test: one that it starts would take its options from them.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    found = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**own, "PATH": path, "COLUMNS": "200", "MPLCONFIGDIR": str(cwd / ".matplotlib"), **paths},
        check=False,
    )
    assert found.returncode in expect, f"{command}\n{found.stdout}{found.stderr}"
    return found.stdout + found.stderr
