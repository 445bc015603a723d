"""The whole way, for real and small: a clone, ``dvc repro`` on a few reports and all of gold, then the command."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from pipeline.config import load_params
from pipeline.encoder.base import locate
from pipeline.evaluate.errors import COLUMNS
from pipeline.extract.folder import folder_sha256, graphs_folder
from pipeline.extract.from_torch import load_torch
from tests.conftest import ROOT
from tests.stages import readme

REDUCED = {
    "prepare": {"max_reports": 16},
    "train": {"epochs": 2, "head_learning_rate": 3.0e-3, "warmup": 0.2},
    "evaluate": {"resamples": 50},
    "export": {"max_disagreement": 0.05},
}
"""The quick setting. So few steps leave scores near the thresholds, where int8 tips more decisions."""

pytestmark = pytest.mark.slow


def run(*command: str, cwd: Path, expect: int = 0) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, env={**os.environ, "PATH": path}, check=False
    )
    assert found.returncode == expect, found.stdout + found.stderr
    return found.stdout + found.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("clone") / "project"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in tracked.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    params = yaml.safe_load((folder / "params.yaml").read_text())
    for section, changes in REDUCED.items():
        params[section].update(changes)
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    run("git", "init", "-q", cwd=folder)
    run("git", "add", "-A", cwd=folder)
    run("git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "-qm", "reduced", cwd=folder)
    run("dvc", "repro", cwd=folder)
    return folder


def test_every_metric_of_the_contract_is_there(project):
    for part, documents in (("gold", 5), ("test", 16)):
        metrics = json.loads((project / "metrics" / f"{part}.json").read_text())
        assert metrics["documents"] == documents
        assert {"micro_f1", "macro_f1", "exact_match", "ci95", "per_label"} <= set(metrics["events"])
        assert {"accuracy", "macro_f1", "ci95", "per_label"} <= set(metrics["attribution_source"])
        assert {"exact_f1", "overlap_f1", "per_role"} <= set(metrics["spans"])
        assert {"precision", "recall", "f1", "main_recall", "slots", "claims"} <= set(metrics["incidents"])
        assert {"bcubed_precision", "bcubed_recall", "bcubed_f1", "conll_f1"} <= set(metrics["merging"])
        assert set(metrics["calibration"]) == {"events", "responsibility", "attribution_source"}
        low, high = metrics["events"]["ci95"]["micro_f1"]
        assert 0 <= low <= metrics["events"]["micro_f1"] <= high <= 1
    gold = json.loads((project / "metrics/gold.json").read_text())
    assert sum(row["support"] for row in gold["attribution_source"]["per_label"].values()) == 133
    baselines = json.loads((project / "metrics/baselines.json").read_text())
    assert set(baselines) == {"majority", "labelling_functions", "tfidf_logreg", "frozen_encoder_logreg"}
    assert baselines["tfidf_logreg"]["gold"]["events"]["micro_f1"] > baselines["majority"]["gold"]["events"]["micro_f1"]


def test_the_errors_are_listed_with_their_scores(project):
    for part in ("gold", "test"):
        with (project / f"data/predictions/{part}_errors.csv").open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        assert tuple(rows[0]) == COLUMNS
        assert {row["layer"] for row in rows} == {"events", "responsibility", "source", "spans"}


def test_the_packaged_model_is_the_exported_one(project):
    folder = project / "models/event-encoder"
    card = json.loads((folder / "onnx/model.json").read_text())
    assert folder_sha256(graphs_folder(folder)) == folder_sha256(project / "models/onnx")
    assert load_torch(folder).card.thresholds == card["thresholds"]
    gold = json.loads((project / "metrics/gold.json").read_text())
    assert f"| event types, micro-F1 | {gold['events']['micro_f1']:.2f} (" in (folder / "README.md").read_text()


def test_even_a_little_training_learns(project):
    curve = (project / "plots/training/plots/metrics/train/loss.tsv").read_text().splitlines()[1:]
    losses = [float(line.split("\t")[-1]) for line in curve]
    assert losses[-1] < losses[0]


def test_a_second_repro_does_nothing_and_the_plots_can_be_drawn(project):
    before = {path: path.stat().st_mtime_ns for path in (project / "metrics").iterdir()}
    assert "Data and pipelines are up to date." in run("dvc", "repro", cwd=project)
    assert {path: path.stat().st_mtime_ns for path in (project / "metrics").iterdir()} == before
    assert "index.html" in run("dvc", "plots", "show", cwd=project)


def test_the_same_seed_gives_the_same_metrics(project):
    before = {path.name: path.read_bytes() for path in (project / "metrics").iterdir()}
    assert "train: 16 documents, 2 epochs -> models/encoder" in run(
        "dvc", "repro", "--force", "--single-item", "train", cwd=project
    )
    run("dvc", "repro", cwd=project)
    assert {path.name: path.read_bytes() for path in (project / "metrics").iterdir()} == before


def test_the_learning_curve_trains_on_a_share_for_as_many_steps_and_not_twice(project):
    command = (sys.executable, "-m", "experiments.learning_curve", "--share", "1/2", "--output", "curve.csv")
    assert "Running stage 'train'" in run(*command, cwd=project)
    (row,) = csv.DictReader((project / "curve.csv").read_text().splitlines())
    assert (row["share"], row["reports"], row["epochs"]) == ("1/2", "8", "4")
    assert 0 < float(row["score"]) < 1
    assert "Running stage" not in run(*command, cwd=project)
    assert "found 1/0" in run(*command[:3], "--share", "1/0", cwd=project, expect=2)


def test_functions_label_what_has_no_annotations(project):
    command = (sys.executable, "-m", "experiments.label_sources", "few-and-functions", "--annotated", "6")
    assert "Running stage 'train'" in run(*command, "--output", "labels.csv", cwd=project)
    (row,) = csv.DictReader((project / "labels.csv").read_text().splitlines())
    assert (row["annotated"], row["learned_from"]) == ("6", "16")
    assert 0 < float(row["test_events_micro_f1"]) < 1
    assert "Running stage" not in run(*command, "--output", "labels.csv", cwd=project)
    assert "expected one of" in run(*command[:3], "most", cwd=project, expect=2)


def test_extract_reads_what_users_have_and_lists_what_failed(project, tmp_path):
    (tmp_path / "a.txt").write_text("date 2020-01-28 Two rockets hit the fort on Tuesday. Nobody claimed the attack.")
    (tmp_path / "b.jsonl").write_text('{"id": "b", "text": "Police fired on the crowd."}\n{broken\n')
    inputs = [str(tmp_path / "a.txt"), str(tmp_path / "b.jsonl")]
    output = run("conflict-events", "extract", *inputs, "--output", str(tmp_path / "out"), cwd=project, expect=3)
    assert "2 of 3 documents" in output
    rows = [json.loads(line) for line in (tmp_path / "out/documents.jsonl").read_text().splitlines()]
    assert [(row["schema"], row["id"], row["published"]) for row in rows] == [(1, "a", "2020-01-28"), (1, "b", None)]
    (failure,) = [json.loads(line) for line in (tmp_path / "out/failures.jsonl").read_text().splitlines()]
    assert (failure["line"], failure["stage"]) == (2, "read")
    summary = json.loads((tmp_path / "out/run.json").read_text())
    assert summary["counts"] == {"inputs": 3, "extracted": 2, "failed": 1, "incidents": summary["counts"]["incidents"]}
    incidents = [json.loads(line) for line in (tmp_path / "out/incidents.jsonl").read_text().splitlines()]
    members = [(m["document"], m["incident"]) for incident in incidents for m in incident["members"]]
    assert sorted(members) == sorted((row["id"], i["id"]) for row in rows for i in row["incidents"])


def test_the_command_says_what_is_wrong(project, tmp_path):
    missing = run("conflict-events", "extract", "nowhere.txt", "--output", str(tmp_path), cwd=project, expect=2)
    assert "nowhere.txt: no such file" in missing
    no_model = run(
        "conflict-events", "extract", "README.md", "--model", "nowhere", "-o", str(tmp_path), cwd=project, expect=1
    )
    assert "train one with `make repro`" in no_model
    run("conflict-events", "extract", "--nonsense", cwd=project, expect=2)


def test_merge_joins_runs(project, tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text("Two rockets hit the fort in Bria, Chad, on Tuesday.")
        run(
            "conflict-events",
            "extract",
            str(tmp_path / f"{name}.txt"),
            "-o",
            str(tmp_path / "runs" / name),
            cwd=project,
        )
    run("conflict-events", "merge", str(tmp_path / "runs"), cwd=project)
    assert (tmp_path / "runs/incidents.jsonl").is_file()
    assert "no documents in it" in run("conflict-events", "merge", "tests", cwd=project, expect=2)


def test_corpus_check_passes_on_the_corpus_and_finds_an_error(project, tmp_path):
    assert " 0 errors" in run("conflict-events", "corpus", "check", "data/corpus", cwd=project)
    report = next((project / "data/corpus/dev").glob("*.txt"))
    (tmp_path / report.name).write_text(report.read_text().replace("style: ", "style: x"))
    assert "unknown style" in run("conflict-events", "corpus", "check", str(tmp_path), cwd=project, expect=1)


def test_every_plot_has_a_title_and_named_axes_and_no_other_is_drawn(project):
    run("dvc", "plots", "show", cwd=project)
    page = (project / "dvc_plots/index.html").read_text()
    specs = [json.loads(spec) for spec in re.findall(r"var spec = (\{.*?\});\s*vegaEmbed", page, re.DOTALL)]
    named = yaml.safe_load((project / "dvc.yaml").read_text())["plots"]
    assert len(specs) == len(named)
    for spec, plot in zip(specs, named, strict=True):
        (definition,) = plot.values()
        assert spec["title"]["text"] == definition["title"]
        assert all(f'"title": "{definition[axis]}"' in json.dumps(spec) for axis in ("x_label", "y_label"))
        assert "<DVC_METRIC" not in json.dumps(spec)


def as_run(command: str, folder: Path) -> str:
    """A command of the README that is run with small inputs.

    Only the first experiment goes all the way, for ``compare`` needs its predictions; the others end where what they
    set has been used. The base model to set is the same one, from a folder.
    """
    base = locate(load_params(folder / "params.yaml").encoder.base)
    command = command.replace("/mnt/team", str(folder.parent)).replace("FOLDER_OR_NAME", base)
    if "label.sources" in command:
        return f"{command} label"
    return f"{command} train" if "encoder.base" in command else command


def test_the_commands_of_the_readme_that_train_run_from_top_to_bottom(project):
    """Last in this file: experiments leave the workspace as they end."""
    commit = "git -c user.name=t -c user.email=t@t.invalid commit -qam"
    readme.run(f"{commit} trained", project, expect=(0, 1))
    said = {}
    for command in filter(readme.TRAINED.match, readme.commands()):
        said[command] = readme.run(as_run(command, project), project)
    table = next(shown for command, shown in said.items() if command.startswith("dvc exp show"))
    assert "no-context" in table
    assert "encoder.context_layers" in table
    assert "test.events_f1" in table
    assert "metrics/" not in table
    assert "headline.json" in said["dvc metrics diff --targets metrics/headline.json"]
    assert "events.micro_f1" in said["conflict-events compare HEAD no-context --part test"]
    assert any((project.parent / "conflict-events").rglob("*"))
    tag = "git -c user.name=t -c user.email=t@t.invalid tag --annotate --message release conflict-model@v1.0.0"
    readme.run(f"{tag} && dvc artifacts get . conflict-model --out shared", project)
    assert (project / "shared/model.json").is_file()
