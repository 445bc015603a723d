"""Learning curve: what a share of the training reports is worth on ``dev``.

Every share trains for the same number of steps, so that the curve shows the data and not the time: half the reports
are read twice as often. Each run is a DVC experiment on the current commit (``dvc exp show`` lists them) in a folder of
its own; what was trained before on the same code, params and data is not trained again.

``python -m experiments.learning_curve`` writes ``plots/learning_curve.csv``.
"""

import subprocess
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import dvc.api
import typer
from dvc.scm import RevError

from experiments.tables import write_table

METRICS = "metrics/training.json"
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
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    rows = [row for part in shares for row in _rows(part, round(epochs / part), seed, head.strip())]
    write_table(output, list(rows[0]), rows)


def _rows(share: Fraction, epochs: int, seeds: list[int], commit: str) -> Iterator[dict]:
    for seed in seeds:
        name = f"share-{share.numerator}-of-{share.denominator}-seed-{seed}-on-{commit}"
        found = _metrics(name)
        if found is None:
            changes = {"train.share": float(share), "train.epochs": epochs, "train.seed": seed}
            options = [option for key, value in changes.items() for option in ("--set-param", f"{key}={value}")]
            subprocess.run(["dvc", "exp", "run", "--temp", "--name", name, *options, "train"], check=True)
            found = _metrics(name)
        assert found is not None
        yield {
            "share": str(share),
            "reports": found["articles"],
            "seed": seed,
            "epochs": epochs,
            "best_epoch": found["best_epoch"] + 1,
            "score": found["dev_score"],
            **found["dev"],
        }


def _metrics(experiment: str) -> dict | None:
    """Figures of a DVC experiment; none when it was not run."""
    try:
        return dvc.api.metrics_show(METRICS, rev=experiment)
    except RevError:
        return None


if __name__ == "__main__":
    typer.run(main)
