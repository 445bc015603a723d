"""The measure itself: perfect predictions score 1, nothing scores 0, and no gold is ever dropped."""

import numpy as np
import pytest

from pipeline.corpus.gold import read_gold
from pipeline.evaluate.clusters import b_cubed, ceaf, conll_f1, muc
from pipeline.evaluate.incidents import incident_metrics
from pipeline.evaluate.intervals import Resampler
from pipeline.evaluate.match import match_intervals
from pipeline.evaluate.metrics import sentence_metrics
from pipeline.schema import Document, DocumentResult, Sentence, Span
from tests.conftest import ROOT
from tests.evaluate.runs import perfect
from tests.results import extracted


def as_result(document: Document, sentences) -> DocumentResult:
    incidents = document.incidents if sentences else ()
    return extracted(document.id, *incidents, sentences=tuple(sentences))


@pytest.fixture(scope="module")
def gold():
    return read_gold(ROOT / "data/gold")


def headline(metrics):
    return [
        metrics["events"]["micro_f1"],
        metrics["events"]["macro_f1"],
        metrics["events"]["exact_match"],
        metrics["responsibility"]["micro_f1"],
        metrics["attribution_source"]["accuracy"],
        metrics["attribution_source"]["macro_f1"],
        metrics["spans"]["exact_f1"],
        metrics["spans"]["overlap_f1"],
        metrics["sentences"]["segmentation_f1"],
    ]


def test_gold_itself_scores_one(gold):
    predicted = [[perfect(sentence) for sentence in document.sentences] for document in gold]
    metrics = sentence_metrics(gold, predicted, 20, 0)
    assert headline(metrics) == [1.0] * 9
    assert metrics["events"]["ci95"]["micro_f1"] == [1.0, 1.0]
    incidents = incident_metrics(gold, [as_result(d, s) for d, s in zip(gold, predicted, strict=True)], 20, 0)[
        "incidents"
    ]
    assert [incidents[name] for name in ("precision", "recall", "f1", "main_recall")] == [1.0] * 4
    assert set(incidents["slots"].values()) == {1.0}
    assert incidents["claims"]["f1"] == 1.0


def test_nothing_scores_zero(gold):
    metrics = sentence_metrics(gold, [[] for _ in gold], 20, 0)
    assert headline(metrics) == [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert sum(row["support"] for row in metrics["attribution_source"]["per_label"].values()) == 133


def test_a_lost_document_counts_as_missed(gold):
    predicted = [[perfect(s) for s in document.sentences] for document in gold[1:]]
    metrics = sentence_metrics(gold, [[], *predicted], 20, 0)
    lost = sum(len(sentence.spans) for sentence in gold[0].sentences)
    assert metrics["spans"]["exact_f1"] == pytest.approx(2 * (391 - lost) / (2 * 391 - lost), abs=1e-4)
    assert metrics["attribution_source"]["accuracy"] == pytest.approx(1 - len(gold[0].sentences) / 133, abs=1e-4)


def document(*sentences):
    return Document(id="a", text="x" * 100, sentences=tuple(sentences))


def test_a_sentence_cut_in_two_answers_once_and_its_rest_is_spurious():
    wanted = Sentence(0, 20, events=("riot",), source="media", spans=(Span("actor", 0, 4), Span("time", 15, 20)))
    halves = [
        perfect(Sentence(0, 12, events=("riot",), source="media", spans=(Span("actor", 0, 5),))),
        perfect(Sentence(13, 20, events=("riot",), source="media", spans=(Span("time", 15, 20),))),
    ]
    metrics = sentence_metrics([document(wanted)], [halves], 5, 0)
    assert metrics["events"]["per_label"]["riot"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667, "support": 1}
    assert metrics["attribution_source"]["accuracy"] == 1.0
    assert metrics["spans"]["exact_f1"] == 0.5
    assert metrics["spans"]["overlap_f1"] == 1.0
    assert metrics["sentences"]["segmentation_f1"] == 0.0


def test_macro_is_over_the_keys_that_gold_has():
    wanted = [Sentence(0, 10, events=("riot",)), Sentence(10, 20, events=("protest",))]
    found = [perfect(wanted[0]), perfect(Sentence(10, 20, events=("threat",)))]
    metrics = sentence_metrics([document(*wanted)], [found], 5, 0)
    assert metrics["events"]["macro_f1"] == 0.5
    assert metrics["events"]["micro_f1"] == 0.5


@pytest.mark.parametrize(
    ("gold_spans", "predicted", "pairs"),
    [
        ([(0, 5)], [(5, 9)], []),
        ([(0, 5), (6, 9)], [(0, 9)], [(0, 0)]),
        ([(0, 5)], [(0, 2), (2, 5)], [(0, 1)]),
        ([(0, 4), (4, 8)], [(3, 8), (0, 3)], [(0, 1), (1, 0)]),
        ([], [(0, 1)], []),
    ],
)
def test_matching_takes_the_most_text_shared(gold_spans, predicted, pairs):
    assert match_intervals(gold_spans, predicted) == pairs


def test_resampling_keeps_each_document_at_its_size():
    resampler = Resampler(np.array([0, 0, 0, 1]), resamples=200, seed=3)
    assert (resampler.weights[:, :3].sum(1) == 3).all()
    assert (resampler.weights[:, 3] == 1).all()
    assert len(np.unique(resampler.weights, axis=0)) > 5


GOLD = {1: "a", 2: "a", 3: "a", 4: "b", 5: "b"}


@pytest.mark.parametrize(
    ("predicted", "precision", "recall"),
    [
        (GOLD, 1.0, 1.0),
        (
            {1: "x", 2: "x", 3: "y", 4: "y", 5: "y"},
            (1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5,
            (2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5,
        ),
        ({1: "x", 2: "x", 3: "x", 4: "y", 9: "z"}, 4 / 5, (1 + 1 + 1 + 0.5 + 0) / 5),
        ({}, 0.0, 0.0),
    ],
)
def test_b_cubed(predicted, precision, recall):
    found = b_cubed(GOLD, predicted)
    assert found[:2] == (pytest.approx(precision), pytest.approx(recall))


def test_other_cluster_scores():
    singletons = {mention: mention for mention in GOLD}
    assert conll_f1(GOLD, GOLD) == 1.0
    assert muc(GOLD, singletons) == 0.0
    assert ceaf(GOLD, singletons) == pytest.approx(2 * (0.5 + 2 / 3) / 7)
    assert muc(GOLD, dict.fromkeys(GOLD, "one")) == pytest.approx(2 * 0.75 * 1 / 1.75)
