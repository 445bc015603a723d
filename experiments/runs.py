"""Runs of the pipeline with other params, each a DVC experiment on the current commit.

What was run before on the same code, params and data is not run again; ``dvc exp show`` lists all. A run is in a folder
of its own, so that the working tree stays as it is.
"""

import subprocess
from collections.abc import Mapping
from typing import Any

import dvc.api
from dvc.scm import RevError


def measured(name: str, changes: Mapping[str, Any], stage: str, *metrics: str) -> list[dict[str, Any]]:
    """What a run measured.

    Args:
        name: Of the experiment, without the commit.
        changes: The params that differ from ``params.yaml``, by their dotted names.
        stage: The last one to run.
        metrics: Files to return, in this order.
    """
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    name = f"{name}-on-{head.strip()}".replace(".", "_")
    try:
        return _metrics(name, metrics)
    except RevError:
        options = [option for key, value in changes.items() for option in ("--set-param", f"{key}={value}")]
        subprocess.run(["dvc", "exp", "run", "--temp", "--name", name, *options, stage], check=True)
        return _metrics(name, metrics)


def _metrics(name: str, paths: tuple[str, ...]) -> list[dict[str, Any]]:
    return [dvc.api.metrics_show(path, rev=name) for path in paths]
