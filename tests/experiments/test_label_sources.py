"""The table of what labels are worth: which params a setting changes, and how its rows are kept."""

import csv

import pytest

from experiments.label_sources import SOURCES, changed_params, row, write_row
from pipeline.records import write_table

FIGURES = ("events_micro_f1", "events_macro_f1", "responsibility_micro_f1", "source_accuracy", "spans_overlap_f1")
METRICS = {
    "articles": 100,
    "epochs": 24,
    "dev_figures": dict.fromkeys(FIGURES, 0.5),
    "events": {"micro_f1": 0.6, "macro_f1": 0.5},
    "responsibility": {"micro_f1": 0.4},
    "attribution_source": {"accuracy": 0.7},
    "spans": {"overlap_f1": 0.3},
}


@pytest.mark.parametrize("setting", SOURCES)
def test_few_reports_train_for_as_many_steps_as_all(setting):
    found = changed_params(setting, 100, 0.5, 13, 2, 1214)
    assert found["label.sources"] == SOURCES[setting]
    assert found.get("label.annotated") == (100 if setting.startswith("few") else None)
    assert found.get("train.epochs") == (24 if setting == "few" else None)


def test_a_setting_has_one_row_and_the_table_one_order(tmp_path):
    path = tmp_path / "plots" / "table.csv"
    for setting, score in (("all", 1), ("functions", 2), ("all", 3)):
        write_row(path, {"setting": setting, "weight": 0.5}, {"setting": setting, "weight": 0.5, "score": score})
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [(found["setting"], found["score"]) for found in rows] == [("functions", "2"), ("all", "3")]


def test_a_table_that_cannot_be_written_leaves_the_old_one_alone(tmp_path):
    path = tmp_path / "table.csv"
    write_table(path, ["share", "score"], [{"share": "1/2", "score": 0.5}])
    before = path.read_bytes()
    with pytest.raises(ValueError, match="reports"):
        write_table(path, ["share", "score"], [{"share": "1", "score": 0.6}, {"share": "1", "reports": 7}])
    assert before == b"share,score\n1/2,0.5\n"
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [before]


def test_a_row_has_dev_and_test():
    found = row(METRICS)
    assert (found["learned_from"], found["dev_events_micro_f1"], found["test_source_accuracy"]) == (100, 0.5, 0.7)
