"""Stage ``package``: weights, graphs and a model card in one folder, as Hugging Face lays models out."""

from pathlib import Path
from typing import Any

from pipeline.package.folder import package
from pipeline.records import read_json
from pipeline.stages.runner import run, say


def main(trained: Path, exported: Path, metrics: Path, folder: Path) -> None:
    """Join ``trained`` and ``exported`` in ``folder``, with a card of the figures in ``metrics``."""
    training, gold, test = (
        read_json(metrics / f"{name}.json", dict[str, Any]) for name in ("training", "gold", "test")
    )
    package(trained, exported, folder, training, gold, test)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    say(f"package: {trained} and {exported} -> {folder}, {size:.0f} MB")


if __name__ == "__main__":
    run(main)
