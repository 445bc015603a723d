import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.windows import Window, plan_windows, pooling_weights


@pytest.mark.parametrize(
    ("counts", "size", "overlap", "expected"),
    [
        ([3], 5, 2, [Window(0, 0, 3, 0, 3)]),
        ([5, 0], 5, 2, [Window(0, 0, 5, 0, 5), Window(1, 0, 0, 0, 0)]),
        ([6], 5, 2, [Window(0, 0, 5, 0, 4), Window(0, 3, 6, 4, 6)]),
        ([9], 4, 0, [Window(0, 0, 4, 0, 4), Window(0, 4, 8, 4, 8), Window(0, 8, 9, 8, 9)]),
    ],
)
def test_plan(counts, size, overlap, expected):
    assert plan_windows(counts, size, overlap) == expected


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=6),
    st.integers(1, 60).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))),
)
def test_every_token_is_kept_once_and_no_window_is_too_long(counts, size_and_overlap):
    size, overlap = size_and_overlap
    kept = [[0] * count for count in counts]
    for window in plan_windows(counts, size, overlap):
        assert window.end - window.start <= size
        assert window.start <= window.keep_start <= window.keep_end <= window.end
        for token in range(window.keep_start, window.keep_end):
            kept[window.sentence][token] += 1
    assert all(times == 1 for sentence in kept for times in sentence)


def test_overlap_must_leave_a_step():
    with pytest.raises(ValueError, match="overlap_tokens 5"):
        plan_windows([9], 5, 5)


def test_pooling_weighs_windows_by_the_tokens_they_keep():
    weights = pooling_weights(plan_windows([6, 2], 5, 2), 2)
    assert weights.tolist() == [pytest.approx([4 / 6, 2 / 6, 0.0]), pytest.approx([0.0, 0.0, 1.0])]
