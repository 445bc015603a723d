"""Figures of label sets against values worked out by hand, and what must hold whatever the rows."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.evaluate.label_sets import FIGURES, label_figures, matrix_figures, mean_figures, multi_hot

KEYS = ("a", "b", "c")


def figures(gold, predicted, groups=None, macro_keys=None):
    found = label_figures(gold, predicted, KEYS, groups or [str(i) for i in range(len(gold))], 50, 0, macro_keys)
    return tuple(found[name] for name in FIGURES)


@pytest.mark.parametrize(
    ("gold", "predicted", "micro", "macro", "accuracy", "example"),
    [
        ([{"a"}, {"b"}], [{"a"}, {"b"}], 1, 1, 1, 1),
        # a: 1 hit, 1 miss, F1 2/3; b: 1 hit; c: 1 given in vain, not in gold. Sets: 1, 2/3, left out, 0.
        ([{"a"}, {"a", "b"}, (), ()], [{"a"}, {"b"}, (), {"c"}], 4 / 6, 5 / 6, 2 / 4, 5 / 9),
        # a: hit, miss; b: in vain, hit.
        ([("a",), ("b",), ("a",)], [("b",), ("b",), ("a",)], 4 / 6, 2 / 3, 2 / 3, 2 / 3),
        ([{"a"}, {"b"}], [(), ()], 0, 0, 0, 0),
        ([(), ()], [(), ()], 0, 0, 1, 0),
        ([], [], 0, 0, 0, 0),
    ],
)
def test_figures_are_those_worked_out_by_hand(gold, predicted, micro, macro, accuracy, example):
    assert figures(gold, predicted) == pytest.approx((micro, macro, accuracy, example), abs=5e-5)
    matrices = matrix_figures(multi_hot(gold, KEYS), multi_hot(predicted, KEYS))
    assert tuple(matrices[name] for name in FIGURES) == pytest.approx((micro, macro, accuracy, example))


def test_the_macro_average_is_over_the_keys_that_are_asked_for():
    gold, predicted = [{"a"}, {"b"}, {"c"}], [{"a"}, {"c"}, {"c"}]
    assert [figures(gold, predicted, macro_keys=keys)[1] for keys in (None, ("a", "b"), ("c",))] == [
        pytest.approx(value, abs=5e-5) for value in ((1 + 0 + 2 / 3) / 3, 1 / 2, 2 / 3)
    ]


def test_per_label_has_every_key():
    found = label_figures([{"a"}, {"a"}], [{"a"}, {"b"}], KEYS, ["1", "2"], 10, 0)["per_label"]
    assert found == {
        "a": {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "support": 2},
        "b": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0},
        "c": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 0},
    }


def test_groups_are_drawn_whole():
    """Ten right and ten wrong rows: as two groups all of either kind can be drawn, as twenty that does not happen."""
    gold, predicted = [{"a"}] * 20, [{"a"}] * 10 + [{"b"}] * 10
    two = label_figures(gold, predicted, KEYS, ["right"] * 10 + ["wrong"] * 10, 500, 0)["ci95"]["accuracy"]
    twenty = label_figures(gold, predicted, KEYS, [str(i) for i in range(20)], 500, 0)["ci95"]["accuracy"]
    assert two == [0.0, 1.0]
    assert 0.2 < twenty[0] < 0.5 < twenty[1] < 0.8


def test_the_mean_over_runs_has_their_range():
    gold, runs = [{"a"}, {"b"}], [[{"a"}, {"b"}], [{"a"}, {"a"}]]
    found = mean_figures(gold, runs, KEYS, ["1", "2"], 50, 0)["accuracy"]
    assert (found["mean"], found["low"], found["high"]) == (0.75, 0.5, 1.0)
    assert found["ci95"] == [0.5, 1.0]
    with pytest.raises(ValueError, match="no run"):
        mean_figures(gold, [], KEYS, ["1", "2"], 50, 0)


@pytest.mark.parametrize(
    ("predicted", "groups", "message"),
    [([{"a"}], ["1", "2"], "2 gold rows"), ([{"a"}, {"z"}], ["1", "2"], "'z'"), ([{"a"}, {"b"}], ["1"], "2 gold rows")],
)
def test_what_does_not_fit_is_refused(predicted, groups, message):
    with pytest.raises(ValueError, match=message):
        label_figures([{"a"}, {"b"}], predicted, KEYS, groups, 5, 0)


SETS = st.frozensets(st.sampled_from(KEYS))
ROWS = st.lists(st.tuples(SETS, SETS, st.sampled_from("uvwxyz")), min_size=1, max_size=12)


@given(ROWS)
def test_perfect_predictions_score_one(rows):
    gold, _, groups = zip(*rows, strict=True)
    any_label = float(any(gold))
    found = label_figures(gold, gold, KEYS, groups, 20, 0)
    assert tuple(found[name] for name in FIGURES) == (any_label, any_label, 1.0, any_label)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, rng: random.Random):
    shuffled = rng.sample(rows, len(rows))
    results = [
        label_figures(gold, predicted, KEYS, groups, 20, 0)
        for gold, predicted, groups in (zip(*some, strict=True) for some in (rows, shuffled))
    ]
    ends = [[bound for bounds in result.pop("ci95").values() for bound in bounds] for result in results]
    assert results[0] == results[1]
    assert ends[0] == pytest.approx(ends[1], abs=2e-4)


@given(ROWS)
def test_swapping_gold_and_prediction_keeps_all_but_the_macro_average(rows):
    gold, predicted, _ = zip(*rows, strict=True)
    first, second = figures(gold, predicted), figures(predicted, gold)
    assert (first[0], *first[2:]) == (second[0], *second[2:])
