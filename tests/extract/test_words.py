import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extract.scoring import DocumentScores
from pipeline.extract.words import by_words
from pipeline.text.align import BEGIN, INSIDE, OUTSIDE, TAGS


def scored(tags):
    return DocumentScores({}, [np.asarray(tags, dtype=np.float32)])


def test_a_word_is_decided_as_a_whole():
    text = "Kutawato, al-Fatihin"
    offsets = np.array([(0, 2), (2, 4), (4, 8), (8, 9), (10, 12), (12, 13), (13, 20)])
    tags = np.zeros((7, 1, TAGS))
    tags[:, 0] = (0.9, 0.05, 0.05)
    tags[0, 0] = (0.1, 0.6, 0.3)
    tags[1, 0] = (0.2, 0.1, 0.7)
    found, words = by_words(text, scored(tags), [offsets])
    assert [text[start:end] for start, end in words[0]] == ["Kutawato", ",", "al", "-", "Fatihin"]
    assert found.tags[0][0, 0].tolist() == pytest.approx([0.4, 0.4, 0.2])
    assert found.tags[0][1:, 0, OUTSIDE].tolist() == pytest.approx([0.9] * 4)


def test_where_the_first_piece_says_nothing_a_word_begins_a_span():
    tags = [[[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]], [[0.0, 0.0, 1.0]]]
    found, words = by_words("Tessalit", scored(tags), [np.array([(0, 3), (3, 6), (6, 8)])])
    assert words[0].tolist() == [[0, 8]]
    assert found.tags[0][0, 0].tolist() == pytest.approx([1 / 3, 2 / 3, 0.0])
    assert found.tags[0][0, 0].argmax() == BEGIN


def test_a_sentence_without_tokens_stays_empty():
    found, words = by_words("", scored(np.empty((0, 1, TAGS))), [np.empty((0, 2), dtype=np.int64)])
    assert (len(found.tags[0]), len(words[0])) == (0, 0)


@given(st.data())
def test_shares_sum_to_one_and_words_cover_the_tokens(data):
    text = data.draw(st.text(alphabet="ab-. é", min_size=1, max_size=12))
    cuts = sorted({0, len(text), *data.draw(st.lists(st.integers(0, len(text)), max_size=6))})
    offsets = np.array(list(itertools.pairwise(cuts)))
    raw = np.random.default_rng(data.draw(st.integers(0, 99))).random((len(offsets), 2, TAGS))
    raw[..., INSIDE] += 0.01
    found, words = by_words(text, scored(raw / raw.sum(-1, keepdims=True)), [offsets])
    assert np.allclose(found.tags[0].sum(-1), 1.0, atol=1e-5)
    assert (found.tags[0] >= 0).all()
    assert len(found.tags[0]) == len(words[0])
    assert "".join(text[start:end] for start, end in words[0]) == text
    for _, end in words[0][:-1]:
        assert not (text[end - 1].isalnum() and text[end].isalnum())
