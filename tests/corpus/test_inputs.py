import io
import sys

import pytest

from pipeline.corpus.inputs import read_articles
from pipeline.errors import InputError
from pipeline.schema import Document, Failure


def test_files_folders_and_lines_come_in_order(tmp_path):
    (tmp_path / "b.txt").write_text("date 2020-01-28 Two died.")
    (tmp_path / "a.txt").write_text("One died.")
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "r1", "text": "X.", "published": "2019-05-01T10:00:00Z", "source": "s", "other": 1}\n\n')
    found = list(read_articles([str(tmp_path)]))
    assert [(d.id, d.published, d.source) for d in found] == [
        ("a", None, None),
        ("b", "2020-01-28", None),
        ("r1", "2019-05-01", "s"),
    ]


def test_bad_rows_are_failures_with_their_line_and_the_rest_goes_on(tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(
        b'{"id": "a", "text": "X."}\n{"id": "b"}\n{broken\n{"id": "c", "text": " "}\n'
        b'{"id": "d", "text": "X.", "published": "May"}\n{"id": "a", "text": "again"}\n{"id": "e", "text": "\xff"}\n'
        b'{"id": "f", "text": "Y."}\n'
    )
    found = list(read_articles([str(rows)]))
    assert [item.id for item in found if isinstance(item, Document)] == ["a", "f"]
    failures = [item for item in found if isinstance(item, Failure)]
    assert [(item.line, item.id) for item in failures] == [
        (2, None),
        (3, None),
        (4, "c"),
        (5, "d"),
        (6, "a"),
        (7, None),
    ]
    assert all(item.input == str(rows) and item.message for item in failures)


def test_a_text_file_that_is_not_utf8_is_a_failure(tmp_path):
    (tmp_path / "a.txt").write_bytes("é".encode("latin-1"))
    (failure,) = read_articles([str(tmp_path / "a.txt")])
    assert isinstance(failure, Failure)
    assert failure.error == "UnicodeDecodeError"


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"id": "a", "text": "X."}\n')))
    (document,) = read_articles(["-"])
    assert document == Document(id="a", text="X.")


@pytest.mark.parametrize("name", ["missing.txt", "missing", "empty", "table.xls"])
def test_inputs_that_cannot_be_read_are_refused_at_once(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.xls").write_text("x")
    with pytest.raises(InputError, match=name):
        read_articles([str(tmp_path / name)])
