from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.sentences import metadata_date, split_sentences


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


@pytest.mark.parametrize(
    ("text", "day"), [("date 2020-01-28 x", "2020-01-28"), ("x date 2020-01-28", None), ("date 2020-1-2", None)]
)
def test_metadata_date(text, day):
    assert metadata_date(text) == day
