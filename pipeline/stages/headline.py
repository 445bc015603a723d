"""Stage ``headline``: the few figures that ``dvc exp show`` and ``dvc metrics diff`` put side by side."""

from pathlib import Path
from typing import Any, Final

from pipeline.errors import InputError
from pipeline.records import read_json, write_json
from pipeline.stages.runner import run, say

_PARTS: Final = ("gold", "test")

FIGURES: Final = {
    "events_f1": ("events", "micro_f1"),
    "responsibility_f1": ("responsibility", "micro_f1"),
    "source_accuracy": ("attribution_source", "accuracy"),
    "spans_f1": ("spans", "overlap_f1"),
    "incidents_f1": ("incidents", "f1"),
}
"""Name of a headline figure, and the block and key of a metrics file that it is taken from; ratios, 0 to 1."""


def main(metrics: Path, headline: Path) -> None:
    """Copy the headline figures out of the metrics files.

    Args:
        metrics: Folder of ``gold.json`` and ``test.json``, as the stage ``evaluate`` writes them.
        headline: File to write, an object per part.

    Raises:
        InputError: When a file is missing or has no such figure.
    """
    write_json(headline, {part: _figures(metrics / f"{part}.json") for part in _PARTS})
    say(f"headline: {len(_PARTS)} files -> {len(_PARTS) * len(FIGURES)} figures in {headline}; none dropped")


def _figures(path: Path) -> dict[str, float]:
    found = read_json(path, dict[str, Any])
    try:
        return {name: found[block][key] for name, (block, key) in FIGURES.items()}
    except KeyError as error:
        raise InputError(f"{path} has no {error}; `dvc repro evaluate` writes it anew") from None


if __name__ == "__main__":
    run(main)
