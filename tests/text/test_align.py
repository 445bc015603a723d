import numpy as np
import pytest

from pipeline.schema import Span
from pipeline.text.align import BEGIN, INSIDE, OUTSIDE, spans_to_tags, tag_runs

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


@pytest.mark.parametrize(
    ("tags", "runs"),
    [
        ([OUTSIDE, INSIDE, INSIDE, OUTSIDE], [(1, 2)]),
        ([BEGIN, BEGIN, INSIDE, OUTSIDE], [(0, 0), (1, 2)]),
        ([INSIDE, OUTSIDE, INSIDE, BEGIN], [(0, 0), (2, 2), (3, 3)]),
        ([], []),
    ],
)
def test_runs(tags, runs):
    assert tag_runs(np.array(tags, dtype=np.int64)) == runs
