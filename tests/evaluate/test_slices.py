"""Slices part what they should, and their figures are those of the same sentences alone."""

import msgspec
import numpy as np
import pytest

from pipeline.evaluate.metrics import sentence_metrics
from pipeline.evaluate.slices import LENGTHS, POSITIONS, slice_metrics
from pipeline.labels import EVENT_TYPES
from pipeline.schema import Document, Incident, Sentence
from tests.evaluate.runs import faulty_run, perfect, read_reports

TRAIN = {key: 100 + index for index, key in enumerate(reversed(EVENT_TYPES))}


@pytest.fixture(scope="module")
def reports():
    """Nine reports, no two of the same number of sentences."""
    return list({len(report.sentences): report for report in read_reports(20)}.values())[:9]


@pytest.fixture(scope="module")
def sentences(reports):
    return [result.sentences for result in faulty_run(reports, 0.4, 1)]


@pytest.fixture(scope="module")
def sliced(reports, sentences):
    return slice_metrics(reports, sentences, TRAIN, 50, 0)


def test_each_slicing_holds_every_document_or_sentence_or_key_once(reports, sentences, sliced):
    total = sum(len(report.sentences) for report in reports)
    assert list(sliced["length"]) == list(LENGTHS)
    assert list(sliced["position"]) == list(POSITIONS)
    for slicing, unit, count in [
        ("length", "documents", len(reports)),
        ("style", "documents", len(reports)),
        ("position", "sentences", total),
        ("quotation", "sentences", total),
        ("ground", "sentences", total),
    ]:
        assert sum(found[unit] for found in sliced[slicing].values()) == count
    assert [key for found in sliced["frequency"].values() for key in found["keys"]] == list(reversed(EVENT_TYPES))
    assert sliced["spurious_sentences"] == sum(map(len, sentences)) - total > 0


def test_a_slice_of_documents_scores_as_these_documents_alone(reports, sentences, sliced):
    order = np.argsort([len(report.sentences) for report in reports])
    for name, chosen in zip(LENGTHS, np.sort(order.reshape(3, 3)), strict=True):
        alone = sentence_metrics([reports[i] for i in chosen], [sentences[i] for i in chosen], 50, 0)
        found = sliced["length"][name]
        assert found["events.micro_f1"] == alone["events"]["micro_f1"]
        assert found["spans.overlap_f1"] == alone["spans"]["overlap_f1"]
        assert found["ci95"]["events.micro_f1"] == alone["events"]["ci95"]["micro_f1"]


def sentence_at(index: int, events=("riot",)) -> Sentence:
    return Sentence(10 * index, 10 * index + 9, events=events, source="media")


def article(count: int, **kinds) -> Document:
    text = "".join(f"said {index:03} " for index in range(count))
    return Document(id="a", text=text, sentences=tuple(sentence_at(index) for index in range(count)), **kinds)


def test_position_is_where_an_article_is_no_longer_read():
    gold = article(10)
    read = [perfect(s if index < 6 else sentence_at(index, ())) for index, s in enumerate(gold.sentences)]
    found = slice_metrics([gold], [read], TRAIN, 10, 0)["position"]
    assert [found[name]["events.recall"] for name in POSITIONS] == [1, 1, 1, 0, 0]


def test_ground_and_quotation_are_told_apart():
    record = Incident(id="1", type="riot", incident="x", main=True, sentences=(0, 2))
    gold = article(4, incidents=(record, msgspec.structs.replace(record, main=False, sentences=(1,))))
    gold = msgspec.structs.replace(gold, text="“aid 000 said 001 sai” 002 said 003 ")
    read = [perfect(s if index in (0, 2) else sentence_at(index, ())) for index, s in enumerate(gold.sentences)]
    found = slice_metrics([gold], [read], TRAIN, 10, 0)
    assert {name: row["events.micro_f1"] for name, row in found["ground"].items()} == {"foreground": 1, "background": 0}
    assert {name: row["sentences"] for name, row in found["quotation"].items()} == {"quoted": 3, "unquoted": 1}
    assert found["style"] == {"unknown": found["length"]["short"]}


def test_frequency_scores_the_keys_of_its_band_only():
    gold = Document(id="a", text="x" * 20, sentences=(sentence_at(0, (EVENT_TYPES[0],)), sentence_at(1, ("demand",))))
    read = [perfect(gold.sentences[0]), perfect(sentence_at(1, ()))]
    found = slice_metrics([gold], [read], TRAIN, 10, 0)["frequency"]
    assert EVENT_TYPES[0] in found["frequent"]["keys"]
    assert "demand" in found["rare"]["keys"]
    assert {name: row["events.micro_f1"] for name, row in found.items()} == {"rare": 0, "middle": 0, "frequent": 1}


def test_an_article_without_a_sentence_leaves_its_slices_out():
    found = slice_metrics([article(2), Document(id="b", text="")], [[], []], TRAIN, 10, 0)
    assert set(found["position"]) == {"first_fifth", "third_fifth"}
    assert sum(row["documents"] for row in found["length"].values()) == 2
