"""Learning curve: what a share of the training reports is worth on ``dev``.

Every share trains for the same number of steps, so that the curve shows the data and not the time: half the reports
are read twice as often.

``python -m experiments.learning_curve`` writes ``plots/learning_curve.csv``.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import dvc.api
import typer

from experiments.runs import measured
from pipeline.records import write_table

SHARES = ("1/8", "1/4", "1/2", "1")


def main(
    share: Annotated[list[str], typer.Option(help="Shares of the training reports.")] = list(SHARES),  # noqa: B006
    seed: Annotated[list[int], typer.Option(help="Seeds of training.")] = [13],  # noqa: B006
    output: Annotated[Path, typer.Option(help="The table.")] = Path("plots/learning_curve.csv"),
) -> None:
    """Train on shares of the reports, one after the other, and write the figures on dev."""
    try:
        shares = sorted(Fraction(given) for given in share)
    except (ValueError, ZeroDivisionError):
        shares = []
    if not shares or not all(0 < part <= 1 for part in shares):
        raise typer.BadParameter(f"shares are fractions above 0 and up to 1, found {', '.join(share)}")
    epochs = dvc.api.params_show()["train"]["epochs"]
    rows = [row for part in shares for row in _rows(part, round(epochs / part), seed)]
    write_table(output, list(rows[0]), rows)


def _rows(share: Fraction, epochs: int, seeds: list[int]) -> Iterator[dict]:
    for seed in seeds:
        name = f"share-{share.numerator}-of-{share.denominator}-seed-{seed}"
        changes = {"train.share": float(share), "train.epochs": epochs, "train.seed": seed}
        (found,) = measured(name, changes, "train", "metrics/training.json")
        yield {
            "share": str(share),
            "reports": found["articles"],
            "seed": seed,
            "epochs": epochs,
            "best_epoch": found["best_epoch"] + 1,
            "score": found["dev_score"],
            **found["dev"],
        }


if __name__ == "__main__":
    typer.run(main)
