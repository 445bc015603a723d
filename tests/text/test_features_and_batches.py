import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.batches import batches_by_tokens, pad
from pipeline.text.features import SENTENCE_FEATURES, sentence_features

TEXT = "Head\n\n“One. Two,” he said.\n\nThree."
SPANS = [(0, 4), (6, 11), (12, 26), (28, 34)]


def column(name):
    return sentence_features(TEXT, SPANS)[:, SENTENCE_FEATURES.index(name)].tolist()


def test_layout_features():
    assert column("first_of_article") == [1, 0, 0, 0]
    assert column("first_of_paragraph") == [1, 1, 0, 1]
    assert column("only_of_paragraph") == [1, 0, 0, 1]
    assert column("begins_inside_quotation") == [0, 0, 1, 0]
    assert column("holds_quotation_mark") == [0, 1, 1, 0]
    assert column("relative_position")[-1] == 1


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 120))
def test_batches_hold_every_item_once_within_the_budget(lengths, budget):
    batches = batches_by_tokens(lengths, budget)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


def test_pad():
    values, mask = pad([np.array([5, 6]), np.array([7])], padding=9)
    assert values.tolist() == [[5, 6], [7, 9]]
    assert mask.tolist() == [[1, 1], [1, 0]]
