"""What labelling functions are worth: the encoder trained on annotations, on functions, and on both.

``python -m experiments.label_sources SETTING`` makes the labels, trains, exports, scores on ``dev`` and ``test``, and
puts a row into ``plots/label_sources.csv`` in the place of an older one of the same setting:

    functions           what the functions say of all reports, annotations unseen
    few                 100 annotated reports
    few-and-functions   100 annotated reports, and what the functions say of the others
    all                 all annotated reports
    all-and-functions   all annotated reports, and what the functions say of ``data/unlabelled``; without articles
                        that git knows there it is the same as ``all``

``few`` trains for more epochs, so that all train for about as many steps. Export lets int8 differ from torch as far as
it does, since short trainings leave scores near the thresholds.
"""

import csv
from pathlib import Path
from typing import Annotated, Any, Final

import dvc.api
import typer

from experiments.runs import measured
from pipeline.records import write_table

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
    name = f"labels-{setting}-{annotated}-weight-{weight}-seed-{seed}"
    test, training = measured(name, changes, "evaluate", "metrics/test.json", "metrics/training.json")
    found = {**test, **training, "dev_figures": training["dev"]}
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


if __name__ == "__main__":
    typer.run(main)
