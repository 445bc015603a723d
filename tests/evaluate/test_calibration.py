"""Temperatures are found again where scores were spoilt with known ones."""

import numpy as np
import pytest

from pipeline.evaluate.calibration import calibration_error, calibration_figures, choose_temperatures
from pipeline.extract.decide import calibrated, named_scores, tempered, tempered_shares
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer
from pipeline.schema import ScoredSentence, Sentence

LABELS = LabelSet(
    (
        Layer("events", ("riot", "protest")),
        Layer("responsibility", ("denied",)),
        Layer("source", ("media", "none"), "one"),
    )
)
SPOILT = {"events": 0.5, "responsibility": 2.0, "source": 0.7}


def shares(logits):
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.fixture
def honest_and_true():
    """Scores of 4,000 sentences that are probabilities, and sentences drawn from them."""
    draw = np.random.default_rng(3)
    logits = draw.normal(-1, 2, (4000, 3))
    yes = 1 / (1 + np.exp(-logits))
    source = shares(draw.normal(0, 2, (4000, 2)))
    drawn = draw.random((4000, 4)) < np.concatenate([yes, source[:, :1]], axis=1)
    sentences = [
        Sentence(
            0,
            1,
            events=tuple(key for key, given in zip(LABELS.keys("events"), row, strict=False) if given),
            responsibility=("denied",) if row[2] else (),
            source="media" if row[3] else "none",
        )
        for row in drawn
    ]
    return DocumentScores({"events": yes[:, :2], "responsibility": yes[:, 2:], "source": source}, tags=[]), sentences


def test_the_temperatures_of_spoilt_scores_are_found(honest_and_true):
    honest, sentences = honest_and_true
    answers = {name: [sentence.labels[name] for sentence in sentences] for name in SPOILT}
    found = choose_temperatures([calibrated(honest, LABELS, SPOILT)], answers, LABELS)
    assert found == pytest.approx({name: 1 / temperature for name, temperature in SPOILT.items()}, rel=0.1)


def test_a_layer_that_nobody_annotated_keeps_its_scores(honest_and_true):
    honest, sentences = honest_and_true
    answers = {name: [None] * len(sentences) for name in SPOILT}
    assert choose_temperatures([honest], answers, LABELS) == dict.fromkeys(SPOILT, 1.0)


def test_errors_before_and_after(honest_and_true):
    honest, sentences = honest_and_true
    named = {layer.name: named_scores(layer, honest) for layer in LABELS.layers}
    pairs = [
        (
            sentence,
            ScoredSentence(
                0,
                1,
                events=(),
                event_scores=named["events"][index],
                responsibility=(),
                responsibility_scores=named["responsibility"][index],
                attribution_source="none",
                attribution_source_scores=named["source"][index],
                spans=(),
            ),
        )
        for index, sentence in enumerate(sentences)
    ]
    undone = {name: 1 / temperature for name, temperature in SPOILT.items()}
    for figures in calibration_figures([*pairs, (sentences[0], None)], undone).values():
        assert figures["error"] < 0.02
        assert figures["error_before"] > 3 * figures["error"]


def test_the_error_is_the_gap_between_score_and_share():
    scores = np.full(100, 0.9)
    assert calibration_error(scores, np.arange(100) < 90) == pytest.approx(0.0)
    assert calibration_error(scores, np.arange(100) < 40) == pytest.approx(0.5)
    assert calibration_error(np.array([1.0, 0.0]), np.array([True, False])) == 0.0


def test_temperatures_divide_logits():
    assert tempered(np.array([0.5, 0.2, 1.0, 0.0]), 2.0) == pytest.approx([0.5, 1 / 3, 0.999, 0.001], abs=1e-6)
    assert tempered_shares(np.array([[0.8, 0.1, 0.1]]), 2.0) == pytest.approx(np.array([[8**0.5, 1, 1]]) / (8**0.5 + 2))
    again = tempered(tempered(np.array([0.3, 0.9]), 0.4), 1 / 0.4)
    assert again == pytest.approx([0.3, 0.9])
