"""What labelling functions are worth: the encoder trained on annotations, on functions, and on both.

``python -m experiments.label_sources SETTING`` makes the labels, trains, exports, scores on ``dev`` and ``test``, and
puts a row into ``plots/label_sources.csv`` in the place of an older one of the same setting:

    functions           what the functions say of all reports, annotations unseen
    few                 100 annotated reports
    few-and-functions   100 annotated reports, and what the functions say of the others
    all                 all annotated reports
    all-and-functions   all annotated reports, and what the functions say of ``data/unlabelled``; without articles
                        that git knows there it is the same as ``all``

Each run is a DVC experiment on the current commit (``dvc exp show`` lists them) in a folder of its own; what was run
before on the same code, params and data is not run again. ``few`` trains for more epochs, so that all train for about
as many steps. Export lets int8 differ from torch as far as it does, since short trainings leave scores near the
thresholds.
"""

import csv
import subprocess
from pathlib import Path
from typing import Annotated, Any, Final

import dvc.api
import typer
from dvc.scm import RevError

from experiments.tables import write_table

SOURCES: Final = {
    "functions": "functions",
    "few": "annotations",
    "few-and-functions": "both",
    "all": "annotations",
    "all-and-functions": "both",
}


def main(
    setting: Annotated[str, typer.Argument(help=f"One of {', '.join(SOURCES)}.")],
    annotated: Annotated[int, typer.Option(help="How many annotated reports are few.", min=1)] = 100,
    weight: Annotated[float | None, typer.Option(help="label.function_weight; by default that of params.yaml.")] = None,
    seed: Annotated[int, typer.Option(help="Of training.")] = 13,
    output: Annotated[Path, typer.Option(help="The table.")] = Path("plots/label_sources.csv"),
) -> None:
    """Train and score one setting, and write its row."""
    if setting not in SOURCES:
        raise typer.BadParameter(f"found {setting!r}, expected one of {', '.join(SOURCES)}")
    params = dvc.api.params_show()
    weight = params["label"]["function_weight"] if weight is None else weight
    reports = dvc.api.metrics_show("metrics/data.json")["train"]["documents"]
    changes = changed_params(setting, annotated, weight, seed, params["train"]["epochs"], reports)
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    name = f"labels-{setting}-{annotated}-weight-{weight}-seed-{seed}-on-{head.strip()}".replace(".", "_")
    found = _metrics(name)
    if found is None:
        options = [option for key, value in changes.items() for option in ("--set-param", f"{key}={value}")]
        subprocess.run(["dvc", "exp", "run", "--temp", "--name", name, *options, "evaluate"], check=True)
        found = _metrics(name)
    assert found is not None
    key = {"setting": setting, "annotated": annotated if setting.startswith("few") else "", "weight": weight}
    write_row(output, key, {**key, "seed": seed, **row(found)})


def changed_params(
    setting: str, annotated: int, weight: float, seed: int, epochs: int, reports: int
) -> dict[str, str | int | float]:
    """The params of a setting that differ from those in ``params.yaml``."""
    found: dict[str, str | int | float] = {
        "label.sources": SOURCES[setting],
        "label.function_weight": weight,
        "train.seed": seed,
        "export.max_disagreement": 1.0,
    }
    if setting.startswith("few"):
        found["label.annotated"] = annotated
    if setting == "few":
        found["train.epochs"] = max(epochs, round(epochs * reports / annotated))
    return found


def row(metrics: dict[str, Any]) -> dict[str, Any]:
    """Columns: the documents learned from, and the figures on ``dev`` and ``test``."""
    test = {
        "events_micro_f1": metrics["events"]["micro_f1"],
        "events_macro_f1": metrics["events"]["macro_f1"],
        "responsibility_micro_f1": metrics["responsibility"]["micro_f1"],
        "source_accuracy": metrics["attribution_source"]["accuracy"],
        "spans_overlap_f1": metrics["spans"]["overlap_f1"],
    }
    dev = {name: metrics["dev_figures"][name] for name in test}
    return {
        "learned_from": metrics["articles"],
        "epochs": metrics["epochs"],
        **{f"dev_{name}": value for name, value in dev.items()},
        **{f"test_{name}": value for name, value in test.items()},
    }


def write_row(path: Path, key: dict[str, Any], values: dict[str, Any]) -> None:
    """Put a row into the table, in the place of those that have the same ``key``."""
    wanted = {name: str(value) for name, value in key.items()}
    old = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path.is_file() else []
    rows = [found for found in old if {name: found[name] for name in wanted} != wanted]
    by_setting = sorted([*rows, values], key=lambda found: list(SOURCES).index(found["setting"]))
    write_table(path, list(values), by_setting)


def _metrics(experiment: str) -> dict[str, Any] | None:
    """What a DVC experiment measured; none when it was not run."""
    try:
        training = dvc.api.metrics_show("metrics/training.json", rev=experiment)
        return {**dvc.api.metrics_show("metrics/test.json", rev=experiment), **training, "dev_figures": training["dev"]}
    except RevError:
        return None


if __name__ == "__main__":
    typer.run(main)
