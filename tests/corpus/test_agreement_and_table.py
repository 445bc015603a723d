"""The second annotation, the counts against what is wanted, and the corpus as a dataset."""

import pytest
from datasets import Dataset, load_dataset

from pipeline.corpus.agreement import measure_agreement, read_agreement
from pipeline.corpus.statistics import coverage
from pipeline.corpus.table import as_dataset
from pipeline.corpus.table import load_dataset as load_corpus
from pipeline.errors import CorpusError
from pipeline.evaluate.records import record_agreement
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from tests.conftest import EIGHT_SENTENCES, ROOT


@pytest.fixture
def sample(tmp_path):
    """Two annotations of the same eight sentences, which differ in one event, one source and one span."""
    for part in ("first", "second"):
        (tmp_path / part).mkdir()
    (tmp_path / "first/tiny-1.txt").write_text(EIGHT_SENTENCES)
    second = (
        EIGHT_SENTENCES.replace("[protest | | none]", "[ | | none]")
        .replace(" on {time:Wednesday}", " on Wednesday")
        .replace("[diplomacy | | media]", "[diplomacy | | official]")
    )
    (tmp_path / "second/tiny-1.txt").write_text(second)
    return tmp_path


def test_kappa_of_a_sample_whose_differences_are_known(sample):
    found = measure_agreement(read_agreement(sample))
    assert (found["documents"], found["sentences"]) == (1, 8)
    assert found["events"]["per_key"]["protest"] == {"kappa": 0.0, "first": 1, "second": 0}
    assert found["events"]["per_key"]["explosive_device"] == {"kappa": 1.0, "first": 4, "second": 4}
    assert found["responsibility"]["kappa"] == 1.0
    assert found["source"]["per_key"]["official"] == {"kappa": pytest.approx(0.6, abs=1e-4), "first": 1, "second": 2}
    expected, observed = (3 * 3 + 1 + 1 * 2 + 1 + 1) / 64, 7 / 8
    assert found["source"]["kappa"] == pytest.approx((observed - expected) / (1 - expected), abs=1e-4)
    assert found["spans"]["per_role"]["time"]["exact_f1"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["spans"]["exact_f1"] == pytest.approx(2 * 12 / 25, abs=1e-4)


def test_records_of_two_annotations_are_compared_like_a_models(sample):
    path = sample / "second/tiny-1.txt"
    path.write_text(
        path.read_text().replace("killed: {min: 11, max: 11}", "killed: null").replace("actors: [A", "actors: [B, A")
    )
    found = record_agreement(read_agreement(sample))
    assert (found["first"], found["second"], found["f1"]) == (1, 1, 1.0)
    assert (found["slots"]["killed"], found["slots"]["date"]) == (0.0, 1.0)
    assert found["slots"]["actors"] == pytest.approx(2 / 3, abs=1e-4)
    assert (found["slot_records"]["killed"], found["slot_records"]["injured"]) == (1, 0)
    path.write_text(path.read_text().replace("type: explosive_device", "type: armed_assault"))
    assert record_agreement(read_agreement(sample))["f1"] == 0.0


def test_two_annotations_must_be_of_the_same_text(sample):
    path = sample / "second/tiny-1.txt"
    path.write_text(path.read_text().replace("Rain is", "Snow is"))
    with pytest.raises(CorpusError, match=r"second/tiny-1\.txt:1: error: text or sentences differ"):
        read_agreement(sample)
    path.unlink()
    with pytest.raises(CorpusError, match=r"tiny-1\.txt found, `first` and `second` must hold the same"):
        read_agreement(sample)


def test_at_least_a_hundred_reports_were_annotated_twice_and_agree():
    found = measure_agreement(read_agreement(ROOT / "data/agreement"))
    assert found["documents"] >= 100
    keys = {**found["events"]["per_key"], **found["responsibility"]["per_key"], **found["source"]["per_key"]}
    assert set(keys) == {*EVENT_TYPES, *RESPONSIBILITY, *SOURCES}
    assert min(found["kappa"] for found in keys.values()) >= 0.75
    assert set(found["spans"]["per_role"]) == set(ROLES)
    records = record_agreement(read_agreement(ROOT / "data/agreement"))
    assert min(records["first"], records["second"]) >= 250
    assert min(records["f1"], records["slots"]["country"]) >= 0.75


def test_coverage_names_the_rarest_key(report):
    found = coverage([report], annotated_twice=0)
    assert found["reports"] == {"wanted": 1000, "reached": 1}
    assert found["sentences_of_the_rarest_responsibility"]["reached"] == 0
    assert found["share_below_150_words"]["reached"] == 1.0
    assert found["reports_with_nothing_or_one_label_in_passing"]["reached"] == 0


def test_the_table_says_what_the_report_says_without_this_package(tmp_path, report):
    as_dataset([report]).to_parquet(tmp_path / "train.parquet")
    table = load_dataset("parquet", data_files=str(tmp_path / "train.parquet"), cache_dir=str(tmp_path / "c"))["train"]
    row = table[0]
    sentence = table.features["sentences"].feature
    assert row["text"] == report.text
    for found, wanted in zip(row["sentences"], report.sentences, strict=True):
        assert tuple(sentence["events"].feature.int2str(found["events"])) == wanted.events
        assert sentence["source"].int2str(found["source"]) == wanted.source
        roles = [sentence["spans"].feature["role"].int2str(span["role"]) for span in found["spans"]]
        assert roles == [span.role for span in wanted.spans]
        assert [span["start"] for span in found["spans"]] == [span.start for span in wanted.spans]
    assert row["incidents"][0]["killed"] == {"min": 11, "max": 11}
    assert row["incidents"][0]["attributed_to"] == "Azawen Front"


def test_the_whole_corpus_loads_in_one_call():
    corpus = load_corpus(ROOT / "data/corpus")
    assert set(corpus) == {"train", "dev", "test"}
    assert isinstance(corpus["train"], Dataset)
    assert sum(corpus.num_rows.values()) >= 1000
