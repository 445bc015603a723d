import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate.thresholds import choose_thresholds
from pipeline.extract.decide import decide, spans_of
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer
from pipeline.schema import ScoredSpan, Span
from pipeline.text.align import TAGS, spans_to_tags

LABELS = LabelSet(
    (
        Layer("events", ("riot", "protest")),
        Layer("responsibility", ("denied",)),
        Layer("source", ("media", "none"), "one"),
    ),
    ("actor",),
)


def scores(events, responsibility=None, source=None, tags=None):
    count = len(events)
    layers = {
        "events": events,
        "responsibility": responsibility or [[0.0]] * count,
        "source": source or [[0.0, 1.0]] * count,
    }
    return DocumentScores(
        {name: np.array(rows, dtype=np.float32) for name, rows in layers.items()},
        tags or [np.zeros((0, 1, 3), dtype=np.float32)] * count,
    )


def chosen_for(given, truth, goal="micro_f1"):
    """Thresholds of the events for sentences with these scores and keys."""
    rest = {"responsibility": [None] * len(truth), "source": [None] * len(truth)}
    return choose_thresholds([scores(given)], {"events": truth, **rest}, LABELS, goal)["events"]


def test_decisions_keep_their_scores():
    tags = np.array([[[0.1, 0.9, 0.0]], [[0.3, 0.2, 0.5]], [[0.9, 0.1, 0.0]]], dtype=np.float32)
    (found,) = decide(
        scores([[0.7, 0.3]], [[0.5]], [[0.6, 0.4]], [tags]),
        [(10, 20)],
        [np.array([[10, 12], [13, 15], [16, 20]])],
        LABELS,
        {"events": {"riot": 0.5, "protest": 0.5}, "responsibility": {"denied": 0.6}},
        {},
    )
    assert found.events == ("riot",)
    assert found.event_scores == {"riot": 0.7, "protest": 0.3}
    assert found.responsibility == ()
    assert found.attribution_source == "media"
    assert found.spans == (ScoredSpan("actor", 10, 15, 0.8),)


@pytest.mark.parametrize(
    ("given", "truth", "expected"),
    [
        ([[0.35, 0.1], [0.3, 0.1], [0.1, 0.1]], [("riot",), ("riot",), ()], 0.3),
        ([[0.75, 0.6], [0.8, 0.65]], [("riot",), ("riot",)], 0.7),
        ([[0.9, 0.1]], [("riot",)], 0.5),
    ],
)
def test_the_threshold_with_the_best_micro_f1_is_chosen_and_of_equals_the_one_nearest_one_half(given, truth, expected):
    assert chosen_for(given, truth) == {"riot": expected, "protest": expected}
    assert chosen_for([*given, [0.0, 1.0]], [*truth, None]) == {"riot": expected, "protest": expected}


def test_a_key_that_is_not_known_of_a_sentence_does_not_count():
    given, truth = [[0.35, 0.1], [0.3, 0.1], [0.1, 0.1]], [{"riot": 1.0, "protest": 0.0}, {"riot": 0.6}, ()]
    assert chosen_for(given, truth) == {"riot": 0.3, "protest": 0.3}
    assert chosen_for([*given, [0.9, 0.1]], [*truth, {"protest": 0.0}]) == {"riot": 0.3, "protest": 0.3}
    assert chosen_for([*given, [0.9, 0.1]], [*truth, {}])["riot"] == 0.3
    assert chosen_for([*given, *[[0.32, 0.1]] * 3], [*truth, *[{"riot": 0.4}] * 3])["riot"] == 0.35


def test_each_goal_has_thresholds_of_its_own():
    given = [[0.9, 0.1]] * 8 + [[0.9, 0.25]] * 2 + [[0.1, 0.25]] * 4
    truth = [("riot",)] * 8 + [("riot", "protest")] * 2 + [()] * 4
    assert chosen_for(given, truth, "micro_f1")["protest"] > 0.25
    assert chosen_for(given, truth, "macro_f1")["protest"] <= 0.25
    assert chosen_for(given, truth, "example_f1")["protest"] > 0.25


def test_a_key_has_a_threshold_of_its_own_where_that_pays():
    """Riots are found from .2 on, protests only from .7 on."""
    given = [[0.25, 0.1]] * 10 + [[0.1, 0.75]] * 10 + [[0.1, 0.6]] * 10
    truth = [("riot",)] * 10 + [("protest",)] * 10 + [()] * 10
    chosen = chosen_for(given, truth)
    assert 0.1 < chosen["riot"] <= 0.25
    assert 0.6 < chosen["protest"] <= 0.75


def test_a_key_keeps_the_common_threshold_where_its_own_gains_next_to_nothing():
    given = [[0.8, 0.1]] * 500 + [[0.1, 0.75]]
    truth = [("riot",)] * 500 + [()]
    chosen = chosen_for(given, truth)
    assert chosen["riot"] == chosen["protest"]


def test_spans_of_two_roles_may_nest_and_longer_ones_come_first():
    roles = ("source", "actor")
    offsets = np.array([[0, 3], [4, 8], [9, 12], [13, 15]])
    spans = [Span("actor", 0, 12), Span("source", 4, 8)]
    found = spans_of(sure(spans_to_tags(spans, offsets, roles)), offsets, roles, {})
    assert [Span(span.role, span.start, span.end) for span in found] == spans
    assert [span.score for span in found] == [1.0, 1.0]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), max_size=4))
def test_separate_spans_survive_the_way_to_tags_and_back(pieces):
    offsets = np.array([[5 * index, 5 * index + 4] for index in range(60)])
    spans, position = [], 0
    for gap, length in pieces:
        first = position + gap
        spans.append(Span("actor", 5 * first, 5 * (first + length) - 1))
        position = first + length
    found = spans_of(sure(spans_to_tags(spans, offsets, ("actor",))), offsets, ("actor",), {})
    assert [Span(span.role, span.start, span.end) for span in found] == spans


def sure(tags):
    """Tags as shares of 0 and 1."""
    return np.eye(TAGS, dtype=np.float32)[tags]
