"""What holds for any articles and for any bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz_inputs import WRITERS, read_content, try_input
from pipeline.schema import Document, Failure

LETTERS = st.characters(exclude_categories=["Cs"])
WORDS = st.text(LETTERS, min_size=1, max_size=30).filter(str.strip)
ARTICLES = st.lists(
    st.fixed_dictionaries(
        {"id": WORDS, "text": WORDS.filter(lambda text: not text.lstrip().startswith("date "))},
        optional={"title": WORDS, "source": WORDS, "url": WORDS, "published": st.dates().map(str)},
    ),
    max_size=5,
    unique_by=lambda article: article["id"],
)
ENDINGS = [".txt", *WRITERS]


@pytest.mark.parametrize("ending", WRITERS)
@settings(max_examples=40)
@given(articles=ARTICLES)
def test_articles_are_read_back_as_they_were_written(ending, articles):
    found = [read.found for read in read_content(WRITERS[ending](articles), ending)]
    assert found == [Document(**article) for article in articles]


@settings(max_examples=40)
@given(text=st.text(LETTERS).filter(lambda text: text.strip("\ufeff \n") and text[0] != "\ufeff"))
def test_text_files_are_read_back_as_they_were_written(text):
    for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        (read,) = read_content(text.encode(codec), ".txt")
        assert isinstance(read.found, Failure) == (not text.strip())
        assert isinstance(read.found, Failure) or read.found.text == text


@pytest.mark.parametrize("ending", ENDINGS)
@settings(max_examples=60)
@given(content=st.binary(max_size=200))
def test_any_bytes_give_documents_and_failures(ending, content):
    found = read_content(content, ending)
    assert all(isinstance(read.found, Document | Failure) for read in found)
    if ending == ".jsonl":
        assert [read.place.line for read in found] == _full_lines(content, b"\n")
    elif ending != ".jsonl.gz":
        assert len(found) == 1


@settings(max_examples=100)
@given(body=st.binary(max_size=200).map(lambda body: body.translate(None, b'"\r')))
def test_every_row_of_a_table_is_accounted_for(body):
    """Without quotation marks and undecodable files, a row is a line."""
    content = b"id,text\n" + body.decode("utf-8", "replace").encode()
    found = read_content(content, ".csv")
    assert [read.place.line for read in found] == [
        number
        for number in _full_lines(content.replace(b",", b" ,"), b"\n")
        if number > 1 and _has_cells(content, number)
    ]


def _has_cells(content: bytes, number: int) -> bool:
    return any(cell.strip() for cell in content.decode().split("\n")[number - 1].split(","))


def _full_lines(content: bytes, end: bytes) -> list[int]:
    return [number for number, line in enumerate(content.split(end), start=1) if line.strip()]


@pytest.mark.parametrize("number", range(3))
def test_damaged_files_break_no_reader(number):
    outcomes = [try_input(each, seed=11) for each in range(100 * number, 100 * number + 100)]
    assert [outcome.crash for outcome in outcomes if outcome.crash] == []
    assert {outcome.kind for outcome in outcomes} == set(ENDINGS)
    assert sum(outcome.documents for outcome in outcomes) > 20
    assert sum(outcome.failures for outcome in outcomes) > 20
