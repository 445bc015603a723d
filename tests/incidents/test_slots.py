import pytest

from pipeline.incidents.countries import find_country
from pipeline.incidents.dates import parse_date
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


@pytest.mark.parametrize("expression", ["several", "the driver", "the fourth", "the 2nd", ""])
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


@pytest.mark.parametrize(
    ("expression", "published", "start", "end"),
    [
        ("Tuesday", "2019-06-12", "2019-06-11", "2019-06-11"),
        ("Wednesday", "2019-06-12", "2019-06-12", "2019-06-12"),
        ("Thursday", "2019-06-12", "2019-06-06", "2019-06-06"),
        ("yesterday", "2019-06-12", "2019-06-11", "2019-06-11"),
        ("March 3", "2019-06-12", "2019-03-03", "2019-03-03"),
        ("last year", "2019-06-12", "2018-01-01", "2018-12-31"),
        ("May 2017", "2019-06-12", "2017-05-01", "2017-05-31"),
        ("2017", None, "2017-01-01", "2017-12-31"),
    ],
)
def test_dates(expression, published, start, end):
    found = parse_date(expression, published)
    assert found is not None
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize(("expression", "published"), [("Tuesday", None), ("March 3", None), ("soup", "2019-06-12")])
def test_what_settles_no_date(expression, published):
    assert parse_date(expression, published) is None


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["Tessalit", "in northern Mali"], "MLI"),
        (["Niger Delta, Nigeria"], "NER"),
        (["Kosovo"], "XKX"),
        (["Bria"], None),
    ],
)
def test_countries(texts, code):
    assert find_country(texts) == code
