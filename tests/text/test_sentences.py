from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.sentences import LONGEST, metadata_date, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        (" \n ", []),
        ("Two died. Nobody spoke.", ["Two died.", "Nobody spoke."]),
        ("A headline\n\nTwo died.", ["A headline", "Two died."]),
        ("Gen. Idriss Haroun of the U.N. mission spoke.", ["Gen. Idriss Haroun of the U.N. mission spoke."]),
        (" date 2020-01-28 Two died.", ["date 2020-01-28", "Two died."]),
        ("date 2020-01-28\n\nTwo died.", ["date 2020-01-28", "Two died."]),
        ("Two died. date 2020-01-28 was it.", ["Two died.", "date 2020-01-28 was it."]),
        ("3. They took the bridge.", ["3. They took the bridge."]),
        ("Zwei\u2028Zeilen", ["Zwei", "Zeilen"]),
    ],
)
def test_split(text, sentences):
    assert [text[start:end] for start, end in split_sentences(text)] == sentences


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=200))
def test_no_character_is_lost_and_sentences_are_in_order(text):
    spans = split_sentences(text)
    assert all(start < end for start, end in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    kept = set().union(*(range(start, end) for start, end in spans))
    assert all(text[index].isspace() for index in range(len(text)) if index not in kept)


class Watched(str):
    """A text that counts the characters that are copied out of it."""

    copied = 0

    def __getitem__(self, key):
        found = super().__getitem__(key)
        Watched.copied += len(found)
        return found


def test_no_more_is_copied_than_the_text_is_long():
    text = Watched("A bomb hit Bria on Tuesday. The group said so.\n" * 400)
    assert len(split_sentences(text)) == 800
    assert Watched.copied < 3 * len(text)


@pytest.mark.parametrize(("words", "longest"), [("bomb ", LONGEST - 1), ("x", LONGEST), (" " * 3000 + "bomb", 4)])
def test_what_has_no_full_stop_is_cut(words, longest):
    text = words * (6000 // len(words) + 2)
    spans = split_sentences(text)
    assert max(end - start for start, end in spans) == longest
    assert "".join(text[start:end] for start, end in spans).replace(" ", "") == text.replace(" ", "")
    assert not any(text[end - 1 : end + 1].isalpha() for _, end in spans[:-1] if " " in text)


@pytest.mark.parametrize(
    ("text", "day"), [("date 2020-01-28 x", "2020-01-28"), ("x date 2020-01-28", None), ("date 2020-1-2", None)]
)
def test_metadata_date(text, day):
    assert metadata_date(text) == day
