"""The command on made-up files: what is scored, what the JSON and the page have."""

import json
from pathlib import Path

import pytest

from benchmarks import field
from benchmarks.field_data import BENCHMARKS
from benchmarks.field_learners import LEARNERS
from benchmarks.field_run import make_plan
from benchmarks.field_table import read_published, read_remarks
from pipeline.errors import InputError
from tests.benchmarks.made_up import jsonl, report, template, tsv

CLASSES = ("peace talks", "aid convoy", "angry protest", "trade embargo", "heavy shelling")


def lines(first, count):
    return [f"{CLASSES[i % 5]} in town number {i}\t{i % 5}" for i in range(first, first + count)]


@pytest.fixture
def files(tmp_path):
    parts = {"train": lines(0, 40), "dev": [*lines(0, 3), *lines(60, 10)], "test": lines(90, 10)}
    return {name: str(tsv(tmp_path / f"{name}.tsv", *rows)) for name, rows in parts.items()}


class Drawn:
    """A learner whose prediction depends on the seed, and that writes down what it is given."""

    name = "majority"
    seeded = True
    given: list = []  # noqa: RUF012

    def __init__(self, benchmark, settings):
        self.keys = benchmark.keys

    def fit(self, train, keys, single, seed, dev=()):
        self.given.append((len(train), len(dev), seed))
        self.label = keys[seed % len(keys)]
        return self

    def predict(self, rows):
        return [(self.label,) for _ in rows]


def run(tmp_path, *arguments):
    """Run the command, with the learners that are quick if none are named."""
    out = tmp_path / "results/cameo.json"
    learners = [] if "--learners" in arguments else ["--learners", "majority", "tfidf_logreg"]
    field.main(["cameo", *arguments, *learners, "--json", str(out)])
    return json.loads(out.read_text())


def test_cross_validation_without_dev_and_test(tmp_path, files):
    found = run(tmp_path, "--train", files["train"])
    assert found["setting"]["scored_on"] == "cross-validation"
    assert (found["setting"]["scored_rows"], found["setting"]["folds"], found["setting"]["overlap"]) == (40, 5, 0)
    assert found["learners"]["tfidf_logreg"]["mean"]["macro_f1"]["mean"] == 1.0
    assert found["learners"]["majority"]["mean"]["micro_f1"]["mean"] < 0.5
    assert found["learners"]["tfidf_logreg"]["mean_without_overlap"] is None
    assert found["setting"]["files"][0]["name"].endswith("/train.tsv")
    assert str(tmp_path) not in json.dumps(found)


def test_dev_is_scored_and_known_texts_are_counted(tmp_path, files):
    found = run(tmp_path, "--train", files["train"], "--dev", files["dev"])
    assert (found["setting"]["scored_on"], found["setting"]["scored_rows"], found["setting"]["overlap"]) == (
        "dev",
        13,
        3,
    )
    figures = found["learners"]["tfidf_logreg"]["runs"][0]
    assert sum(row["support"] for row in figures["figures"]["per_label"].values()) == 13
    assert sum(row["support"] for row in figures["figures_without_overlap"]["per_label"].values()) == 10


def test_what_each_learner_gets(tmp_path, files, monkeypatch):
    monkeypatch.setitem(LEARNERS, "majority", Drawn)
    monkeypatch.setattr(Drawn, "given", [])
    own = ["--learners", "majority", "--seeds"]
    found = run(tmp_path, "--train", files["train"], "--dev", files["dev"], "--test", files["test"], *own, "3", "4")
    run(tmp_path, "--train", files["train"], "--dev", files["dev"], *own, "5")
    run(tmp_path, "--train", files["train"], "--test", files["test"], *own, "6")
    assert Drawn.given == [(40, 13, 3), (40, 13, 4), (40, 0, 5), (40, 0, 6)]
    assert [row["seed"] for row in found["learners"]["majority"]["runs"]] == [3, 4]
    assert found["learners"]["majority"]["mean"]["accuracy"]["mean"] == 0.2


def test_learners_of_the_same_data_stay_and_others_go(tmp_path, files):
    train = ["--train", files["train"]]
    run(tmp_path, *train, "--learners", "majority")
    assert set(run(tmp_path, *train, "--learners", "tfidf_logreg")["learners"]) == {"majority", "tfidf_logreg"}
    assert set(run(tmp_path, *train, "--learners", "majority", "--folds", "4")["learners"]) == {"majority"}


def test_a_stop_keeps_what_has_ended(tmp_path, files, monkeypatch):
    def stopped(benchmark, settings):
        class Stopped(Drawn):
            name = "tfidf_logreg"

            def fit(self, train, keys, single, seed, dev=()):
                if seed == 2:
                    raise KeyboardInterrupt
                return super().fit(train, keys, single, seed, dev)

        return Stopped(benchmark, settings)

    monkeypatch.setitem(LEARNERS, "tfidf_logreg", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, "--train", files["train"], "--seeds", "1", "2")
    found = json.loads((tmp_path / "results/cameo.json").read_text())["learners"]
    assert {name: len(learner["runs"]) for name, learner in found.items()} == {"majority": 1, "tfidf_logreg": 1}


def test_types_that_are_not_scored_do_no_harm(tmp_path):
    train = jsonl(tmp_path / "dev.jsonl", *(report(f"D{i}", template("ATTACK"), text=f"WAR {i}") for i in range(8)))
    scored = jsonl(
        tmp_path / "tst1.jsonl",
        report("T1", template("ATTACK")),
        report("T2", template("BOMBING"), template("ATTACK", optional=True)),
        report("T3"),
    )
    out = tmp_path / "muc_types.json"
    options = ["--train", str(train), "--dev", str(scored), "--json", str(out), "--learners", "majority"]
    field.main(["muc_types", *options, "--text-field", "text_truecased"])
    found = json.loads(out.read_text())
    figures = found["learners"]["majority"]["runs"][0]["figures"]
    assert figures["per_label"]["ATTACK"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "support": 1}
    assert found["setting"]["text_field"] == "text_truecased"


def test_the_page(tmp_path, files, capsys):
    run(tmp_path, "--train", files["train"], "--dev", files["dev"])
    page = tmp_path / "RESULTS.md"
    field.main(["table", str(tmp_path / "results"), "--output", str(page)])
    text = page.read_text()
    assert text.count("## ") == 1
    header, _, *rows = [line for line in text.splitlines() if line.startswith("|")]
    assert header.split(" | ")[2:5] == ["**macro-F1**", "accuracy", "macro-F1 without known texts"]
    assert {row.count("|") for row in rows} == {header.count("|")}
    assert [row.split(" | ")[0] for row in rows] == [
        "| majority",
        "| TF-IDF + logistic regression",
        "| *ConfliBERT, 110 M parameters*",
        "| *ModernBERT-base*",
    ]
    assert "1.000 [1.000, 1.000]" in rows[1]
    assert "*0.895*" in rows[2]
    assert "40 rows to learn from, 13 rows of 13 groups scored" in text
    assert "3 scored rows" in text
    assert read_remarks()["cameo"] in text
    assert capsys.readouterr().out == ""


def test_published_figures_belong_to_the_benchmarks(tmp_path):
    published = read_published()
    assert set(published) == set(BENCHMARKS)
    assert all(0 < value < 1 for own in published.values() for row in own for value in row.figures.values())
    wrong = tmp_path / "published.yaml"
    wrong.write_text("cameo:\n  - {system: X, scored_on: test, figures: {f2: 0.5}, source: Y}\n")
    with pytest.raises(InputError, match="unknown benchmark or figure: f2"):
        read_published(wrong)


def test_remarks_belong_to_the_benchmarks(tmp_path):
    assert set(read_remarks()) == set(BENCHMARKS)
    wrong = tmp_path / "remarks.yaml"
    wrong.write_text("cameos: They are small.\n")
    with pytest.raises(InputError, match="unknown benchmark: cameos"):
        read_remarks(wrong)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cameo", "--train", "nowhere.tsv", "--json", "out.json"], "nowhere.tsv is missing"),
        (["table", "nowhere", "--output", "page.md"], "nowhere has no JSON files"),
    ],
)
def test_errors_are_said_in_one_line(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        field.main(arguments)
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert list(tmp_path.iterdir()) == []


def test_a_plan_says_which_texts_were_learned_from(files):
    read = BENCHMARKS["cameo"].read
    train, dev = (read(Path(files[name]), "text") for name in ("train", "dev"))
    assert make_plan(train, dev, [], 5).seen == (True,) * 3 + (False,) * 10
    assert make_plan(train, [], dev, 5).seen == (True,) * 3 + (False,) * 10
    assert not any(make_plan(train, [], [], 5).seen)
