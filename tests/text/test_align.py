import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.schema import Span
from pipeline.text.align import BEGIN, INSIDE, OUTSIDE, spans_to_tags, tags_to_spans

ROLES = ("actor", "source")
OFFSETS = np.array([[0, 3], [4, 8], [9, 12], [12, 15]])


@pytest.mark.parametrize(
    ("spans", "actor"),
    [
        ([], [OUTSIDE] * 4),
        ([Span("actor", 0, 3)], [BEGIN, OUTSIDE, OUTSIDE, OUTSIDE]),
        ([Span("actor", 4, 12)], [OUTSIDE, BEGIN, INSIDE, OUTSIDE]),
        ([Span("actor", 0, 3), Span("actor", 4, 8)], [BEGIN, BEGIN, OUTSIDE, OUTSIDE]),
        ([Span("actor", 5, 6)], [OUTSIDE, BEGIN, OUTSIDE, OUTSIDE]),
        ([Span("actor", 0, 12), Span("actor", 4, 8)], [BEGIN, INSIDE, INSIDE, OUTSIDE]),
        ([Span("actor", 3, 4)], [OUTSIDE] * 4),
    ],
)
def test_tags(spans, actor):
    tags = spans_to_tags(spans, OFFSETS, ROLES)
    assert tags[:, 0].tolist() == actor
    assert not tags[:, 1].any()


def test_roles_may_nest():
    spans = [Span("actor", 0, 12), Span("source", 4, 8)]
    assert tags_to_spans(spans_to_tags(spans, OFFSETS, ROLES), OFFSETS, ROLES) == spans


def test_an_inside_that_follows_nothing_begins_a_span():
    tags = np.array([[OUTSIDE], [INSIDE], [INSIDE], [OUTSIDE]])
    assert tags_to_spans(tags, OFFSETS, ("actor",)) == [Span("actor", 4, 12)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), max_size=4))
def test_separate_spans_survive_the_round_trip(pieces):
    offsets = np.array([[5 * index, 5 * index + 4] for index in range(60)])
    spans, position = [], 0
    for gap, length in pieces:
        first = position + gap
        spans.append(Span("actor", 5 * first, 5 * (first + length) - 1))
        position = first + length
    assert tags_to_spans(spans_to_tags(spans, offsets, ("actor",)), offsets, ("actor",)) == spans
