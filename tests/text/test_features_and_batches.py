import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.batches import batches_by_tokens, pad, side_by_side
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


@given(st.lists(st.lists(st.integers(2, 40), min_size=1, max_size=12), min_size=1, max_size=4), st.integers(0, 64))
def test_windows_side_by_side_keep_their_order_and_their_article(lengths, size):
    number = itertools.count(1)
    articles = [[np.full(length, next(number)) for length in windows] for windows in lengths]
    rows = side_by_side(articles, size, padding=0)
    real = rows.segments > 0
    windows = [window for found in articles for window in found]
    np.testing.assert_array_equal(rows.input_ids[real], np.concatenate(windows))
    np.testing.assert_array_equal(rows.positions[real], np.concatenate([np.arange(len(window)) for window in windows]))
    assert not rows.input_ids[~real].any()
    article_of = np.repeat(np.arange(len(articles)), [sum(windows) for windows in lengths])
    row_of = np.nonzero(real)[0]
    for row in np.unique(row_of):
        assert len(set(article_of[row_of == row])) == 1
        steps = np.diff(rows.segments[row][real[row]])
        assert set(steps) <= {0, 1}
    for found, total in zip(articles, map(sum, lengths), strict=True):
        used = [row for row in np.unique(row_of) if set(rows.input_ids[row][real[row]]) <= {w[0] for w in found}]
        assert len(used) <= (len(found) if not size else -(-total // size))


def test_a_row_is_the_same_whatever_articles_come_together():
    windows = [np.arange(1, 9), np.arange(1, 5), np.arange(1, 13)]
    alone = side_by_side([windows], 10, padding=0)
    together = side_by_side([[np.arange(1, 31)], windows], 10, padding=0)
    width = alone.input_ids.shape[1]
    np.testing.assert_array_equal(together.input_ids[-len(alone.input_ids) :, :width], alone.input_ids)
