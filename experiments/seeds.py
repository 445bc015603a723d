"""How far the figures move when nothing but the seed of training changes.

``python -m experiments.seeds`` trains, exports and scores with each seed and writes ``metrics/seeds.json``. The seed of
``params.yaml`` is taken from what is committed, as ``dvc repro`` made it.
"""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import dvc.api
import typer

from experiments.runs import measured
from pipeline.records import read_json, write_json

FIGURES: Final = (
    ("events", "micro_f1"),
    ("events", "macro_f1"),
    ("responsibility", "micro_f1"),
    ("responsibility", "macro_f1"),
    ("attribution_source", "accuracy"),
    ("attribution_source", "macro_f1"),
    ("spans", "exact_f1"),
    ("spans", "overlap_f1"),
    ("incidents", "f1"),
    ("merging", "bcubed_f1"),
)
"""Block and key of the headline figures of ``metrics/gold.json`` and ``metrics/test.json``."""

PARTS: Final = ("gold", "test")
_DIGITS: Final = 4


def main(
    seed: Annotated[list[int], typer.Option(help="Seeds of training, besides that of params.yaml.")] = [14, 15],  # noqa: B006
    output: Annotated[Path, typer.Option(help="The file.")] = Path("metrics/seeds.json"),
) -> None:
    """Train and score with each seed, and write mean and standard deviation of the headline figures."""
    own = dvc.api.params_show()["train"]["seed"]
    files = tuple(f"metrics/{part}.json" for part in PARTS)
    runs = {own: [read_json(Path(path), dict[str, Any]) for path in files]}
    for number in seed:
        # Export lets int8 differ from torch as far as it does: the figures are those of int8.
        changes = {"train.seed": number, "export.max_disagreement": 1.0}
        if number not in runs:
            runs[number] = measured(f"seed-{number}", changes, "evaluate", *files)
    if len(runs) < 2:
        raise typer.BadParameter(f"one seed has no spread; found {seed}, and {own} in params.yaml")
    write_json(output, spread(runs))


def spread(runs: Mapping[int, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Mean, standard deviation (of a sample) and values of each figure, in the order of the seeds.

    Args:
        runs: By seed, the metrics of each of ``PARTS``.
    """
    figures: dict[str, Any] = {"seeds": list(runs)}
    for index, part in enumerate(PARTS):
        blocks: dict[str, dict[str, Any]] = {}
        for block, key in FIGURES:
            values = [run[index][block][key] for run in runs.values()]
            blocks.setdefault(block, {})[key] = {
                "mean": round(statistics.fmean(values), _DIGITS),
                "sd": round(statistics.stdev(values), _DIGITS),
                "values": values,
            }
        figures[part] = blocks
    return figures


if __name__ == "__main__":
    typer.run(main)
