import pytest

from pipeline.schema import CountRange
from pipeline.text.counts import join_counts, parse_count


@pytest.mark.parametrize(
    ("expression", "low", "high"),
    [
        ("at least nine", 9, 9),
        ("Twenty-nine", 29, 29),
        ("nearly 200", 200, 200),
        ("1,200", 1200, 1200),
        ("more than 40", 40, None),
        ("between 20 and 30", 20, 30),
        ("dozens", 24, None),
        ("two dozen", 24, 24),
        ("a dozen", 12, 12),
        ("one", 1, 1),
        ("Two", 2, 2),
        ("half a dozen", 6, 6),
        ("a man", 1, 1),
        ("No", 0, 0),
        ("no casualties", 0, 0),
        ("None", 0, 0),
        ("No one", 0, 0),
        ("not one of them", 0, 0),
        ("no fewer than 120", 120, 120),
    ],
)
def test_counts(expression, low, high):
    assert parse_count(expression) == CountRange(low, high)


@pytest.mark.parametrize("expression", ["several", "the driver", "the fourth", "the 2nd", "", "9" * 5000])
def test_what_is_no_count(expression):
    assert parse_count(expression) is None


@pytest.mark.parametrize(
    ("counts", "joined"),
    [
        ([], None),
        ([None], None),
        ([CountRange(3, 3), None, CountRange(5, 5)], CountRange(3, 5)),
        ([CountRange(3, 3), CountRange(24, None)], CountRange(3, None)),
    ],
)
def test_join(counts, joined):
    assert join_counts(counts) == joined
