from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.schema import Document, Sentence, Span
from pipeline.text.align import BEGIN, INSIDE, OUTSIDE, TAGS, tag_runs
from pipeline.text.transitions import count_transitions, likeliest_tags

ROLES = ("actor", "target")
HESITATION = np.array([[0.1, 0.9, 0.0], [0.5, 0.05, 0.45], [0.1, 0.5, 0.4], [0.9, 0.05, 0.05]])
"""Shares of four words: two of which an "of" between them is nearly outside, and the second seems to begin anew."""


def annotated(text, *spans):
    found = tuple(Span(role, text.index(words), text.index(words) + len(words)) for role, words in spans)
    sentence = Sentence(start=0, end=len(text), events=(), responsibility=(), spans=found)
    return Document(id="a", text=text, sentences=(sentence,))


@pytest.fixture
def counted(tokenizer):
    documents = [
        annotated(
            "Men of the Azawen Front shot two guards.", ("actor", "Men of the Azawen Front"), ("target", "guards")
        ),
        annotated("A spokesman of the Front denied it.", ("actor", "Front")),
    ]
    return count_transitions(documents * 20, tokenizer, ROLES)


def test_what_begins_in_the_annotations_goes_on_in_them(counted):
    actor, target = (np.array(counted[role]) for role in ROLES)
    assert actor[BEGIN, INSIDE] > 0 > actor[BEGIN, BEGIN]
    assert actor[OUTSIDE, OUTSIDE] > 0 > actor[OUTSIDE, BEGIN]
    assert actor[TAGS, BEGIN] > target[TAGS, BEGIN]


def test_nothing_annotated_leaves_every_tag_by_itself(tokenizer):
    assert count_transitions([], tokenizer, ROLES) == {role: [[0.0] * TAGS] * (TAGS + 1) for role in ROLES}


def test_a_span_in_pieces_becomes_whole(counted):
    tags = np.stack([HESITATION, HESITATION], axis=1)
    apart, joined = likeliest_tags(tags, ROLES, {})[:, 0], likeliest_tags(tags, ROLES, counted)[:, 0]
    assert tag_runs(apart) == [(0, 0), (2, 2)]
    assert tag_runs(joined) == [(0, 2)]


def test_without_words_there_are_no_tags():
    assert likeliest_tags(np.empty((0, 2, TAGS)), ROLES, {}).shape == (0, 2)
    assert likeliest_tags(np.empty((3, 0, TAGS)), (), {}).shape == (3, 0)


shares = st.lists(st.floats(0.01, 1), min_size=TAGS, max_size=TAGS)
weights = st.lists(st.floats(-2, 2), min_size=TAGS, max_size=TAGS)


@given(st.lists(shares, min_size=1, max_size=5), st.lists(weights, min_size=TAGS + 1, max_size=TAGS + 1))
def test_no_other_sequence_is_likelier(words, follow):
    tags = np.array(words)[:, None] / np.array(words).sum(-1)[:, None, None]

    def told(sequence):
        before = (TAGS, *sequence)
        if any(here == INSIDE and last in (OUTSIDE, TAGS) for last, here in zip(before, sequence, strict=False)):
            return -np.inf
        return sum(
            np.log(tags[word, 0, tag]) + follow[last][tag]
            for word, (last, tag) in enumerate(zip(before, sequence, strict=False))
        )

    best = max(map(told, product(range(TAGS), repeat=len(words))))
    found = likeliest_tags(tags, ("actor",), {"actor": follow})
    assert told(tuple(found[:, 0].tolist())) == pytest.approx(best)
