"""What the shipped model says, read as labels of MUC-4."""

import pytest

from benchmarks.field_rows import Row
from benchmarks.field_shipped import READERS, confidence, incident_types
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY
from pipeline.schema import Incident, ScoredSentence
from tests.results import extracted

TEXT = "The FMLN burned a bus. Troops blamed the NF. It rained."
PLACES = ((0, 22), (23, 44), (45, 54))


def sentence(place, **scores):
    every = dict.fromkeys(RESPONSIBILITY, 0.0) | scores
    return ScoredSentence(*place, (), dict.fromkeys(EVENT_TYPES, 0.0), (), every, "none", {}, ())


RESULT = extracted(
    "a",
    sentences=(
        sentence(PLACES[0], stated=0.7, claimed=0.2),
        sentence(PLACES[1], accused=0.6, denied=0.99),
        sentence(PLACES[2], claimed=0.9),
    ),
)


@pytest.mark.parametrize(
    ("names", "expected"),
    [(("FMLN",), "FACT"), (("nf", "National Front"), "ALLEGED"), (("ELN",), "CLAIMED"), ((), "CLAIMED")],
)
def test_the_likeliest_status_where_the_organization_is_named_and_else_anywhere(names, expected):
    assert confidence(Row("1", "a", TEXT, (), names), RESULT) == (expected,)


def test_types_are_those_of_records_of_single_happenings():
    kinds = ["abduction", "armed_assault", "air_drone_strike", "protest", "explosive_device"]
    records = [
        Incident(str(n), kind, "i", False, (0,), aggregate=kind == "explosive_device") for n, kind in enumerate(kinds)
    ]
    assert incident_types(Row("1", "a", TEXT, ()), extracted("a", *records)) == ("ATTACK", "KIDNAPPING")


def test_the_benchmarks_whose_labels_are_like_its_own():
    assert set(READERS) == {"muc_types", "muc_confidence"}
