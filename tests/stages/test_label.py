"""The stage ``label`` on a few documents, with each source of labels."""

import msgspec
import pytest
import yaml

from pipeline.label.soft import SoftDocument
from pipeline.label.training import learned_from
from pipeline.labels import SOURCES
from pipeline.records import read_json, read_jsonl, write_jsonl
from pipeline.schema import Document, Failure
from pipeline.stages import label
from tests.conftest import ROOT


@pytest.fixture
def stage(report, tmp_path, monkeypatch):
    """Runs the stage with the given params on four reports to learn from and one user's article; returns its folder."""
    reports = [msgspec.structs.replace(report, id=name, family=name) for name in "abcd"]
    held_out = Document(id="g", text="The ferry was hit at six by a shell from the far bank.", sentences=())
    parts = {"train": reports, "dev": reports[:1], "test": reports[:1], "gold": [held_out]}
    for part, documents in parts.items():
        write_jsonl(tmp_path / "prepared" / f"{part}.jsonl", documents)
    (tmp_path / "unlabelled").mkdir()
    (tmp_path / "unlabelled" / "mine.txt").write_text("Gunmen shot a clerk in Bria on Monday.\nNobody claimed it.")
    (tmp_path / "unlabelled" / "known.txt").write_text(held_out.text)

    def run(**changes):
        params = yaml.safe_load((ROOT / "params.yaml").read_text())
        params["label"].update(changes)
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
        monkeypatch.chdir(tmp_path)
        names = ("prepared", "unlabelled", "labelled", "labels.json", "plots")
        label.main(*(tmp_path / name for name in names))
        return tmp_path

    return run


@pytest.mark.parametrize(
    ("sources", "annotated", "by_people", "by_functions"),
    [("annotations", 2, 2, 0), ("both", 2, 2, 3), ("functions", None, 0, 5)],
)
def test_what_is_learned_from(stage, sources, annotated, by_people, by_functions):
    folder = stage(sources=sources, annotated=annotated, function_weight=0.25)
    kept = list(read_jsonl(folder / "labelled/train.jsonl", Document))
    soft = list(read_jsonl(folder / "labelled/soft.jsonl", SoftDocument))
    learned = learned_from(kept, soft)
    assert len({found.id for found in learned}) == len(learned) == by_people + by_functions
    assert sum(isinstance(found, Document) for found in learned) == by_people
    if by_functions:
        assert soft[-1].id == "unlabelled/mine"
        assert {found.weight for found in soft} == {0.25}
        told, claimed = soft[-1].sentences
        assert 0 < told.events["armed_assault"] < 1
        assert claimed.responsibility["unattributed"] > 0
        assert {len(sentence.source) for sentence in soft[-1].sentences} <= {0, len(SOURCES)}


def test_the_stage_measures_functions_and_lists_what_it_refused(stage):
    folder = stage()
    (failure,) = read_jsonl(folder / "labelled/failures.jsonl", Failure)
    assert (failure.id, failure.error) == ("known", "LeakError")
    metrics = read_json(folder / "labels.json", dict)
    assert (metrics["soft"]["documents"], metrics["soft"]["failures"]) == (0, 1)
    assert set(metrics["labels"]) == {"dev", "test"}
    assert metrics["functions"]["explosive_words"]["accuracy"] == 1.0
    rows = read_json(folder / "plots/functions.json", list)
    assert [found["function"] for found in rows] == list(metrics["functions"])
    assert metrics["labels"]["dev"]["label_model"]["per_label"]["protest"]["support"] == 1
