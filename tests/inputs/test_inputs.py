import builtins
import csv
import gzip
import io
import sys
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pyarrow
import pytest
from pyarrow import parquet

from benchmarks.fuzz_inputs import WRITERS
from pipeline.errors import ConflictEventsError, InputError
from pipeline.inputs import article, csv_rows, json_lines
from pipeline.inputs.article import Place, Read
from pipeline.inputs.ids import FirstPlaces
from pipeline.inputs.reader import read_articles
from pipeline.schema import Document, Failure


def read(*paths) -> list[Read]:
    return list(read_articles([str(path) for path in paths]))


def documents(reads: list[Read]) -> list[Document]:
    return [each.found for each in reads if isinstance(each.found, Document)]


def failures(reads: list[Read]) -> list[Failure]:
    return [each.found for each in reads if isinstance(each.found, Failure)]


def content_file(tmp_path, name: str, content: bytes):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_files_folders_and_lines_come_in_order(tmp_path):
    (tmp_path / "b.txt").write_text("date 2020-01-28 Two died.")
    (tmp_path / "a.TXT").write_text("One died.")
    (tmp_path / "ignored.md").write_text("X.")
    (tmp_path / "inner.csv").mkdir()
    (tmp_path / "c.csv").write_text("id,text\nc1,C.\n")
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "r1", "text": "X.", "published": "2019-05-01T10:00:00Z", "source": "s", "other": 1}\n\n')
    found = read(tmp_path)
    assert [(d.id, d.published, d.source) for d in documents(found)] == [
        ("a", None, None),
        ("b", "2020-01-28", None),
        ("c1", None, None),
        ("r1", "2019-05-01", "s"),
    ]
    assert [each.place.line for each in found] == [None, None, 2, 1]


def test_bad_lines_are_failures_with_their_number_and_the_rest_goes_on(tmp_path):
    rows = content_file(
        tmp_path,
        "rows.jsonl",
        b'{"id": "a", "text": "X."}\n{"id": "b"}\n{broken\n{"id": "c", "text": " "}\n'
        b'{"id": "d", "text": "X.", "published": "May"}\n{"id": "a", "text": "again"}\n{"id": "e", "text": "\xff"}\n'
        b'\n{"id": 8, "text": "Y."}\n{"id": "g", "text": {"a": 1}}\n{"id": " ", "text": "X."}\n'
        b'{"id": "h", "text": "\\ud800"}\n{"id": "i", "text": "X.", "z": ' + b"[" * 100_000 + b"}\n"
        b'{"id": ' + b"9" * 5000 + b', "text": "X."}\n{"id": "last", "text": "\\ud83d\\ude80 a\\u0000b"}',
    )
    found = read(rows)
    assert [d.id for d in documents(found)] == ["a", "8", "last"]
    assert documents(found)[-1].text == "🚀 a\0b"
    assert [(item.line, item.id) for item in failures(found)] == [
        (2, "b"),
        (3, None),
        (4, "c"),
        (5, "d"),
        (6, "a"),
        (7, "e"),
        (10, "g"),
        (11, None),
        (12, None),
        (13, None),
        (14, None),
    ]
    assert all(item.input == str(rows) and item.stage == "read" and item.message for item in failures(found))


def test_a_doubled_id_names_where_it_stood_first(tmp_path):
    text = content_file(tmp_path, "a.txt", b"A.")
    rows = content_file(tmp_path, "r.jsonl", b'{"id": "b", "text": "B."}\n{"id": "a", "text": "A."}\n')
    table = content_file(tmp_path, "t.csv", b"id,text\nb,B again.\n")
    found = read(text, rows, table)
    assert [(f.id, f.line) for f in failures(found)] == [("a", 2), ("b", 2)]
    assert f"{text};" in failures(found)[0].message
    assert f"{rows}, line 1;" in failures(found)[1].message


def test_first_places_agree_with_a_dictionary():
    places, expected = FirstPlaces(), {}
    for number in range(3000):
        place = Place("x", number)
        name = f"{number * number % 1009}\0é"
        assert places.setdefault(name, place) == expected.setdefault(name, place)
    places.close()


TEXT = (
    "“Two rockets hit the café in Bria,” a witness said – nobody claimed it. Naïve hopes of a €5 million peace faded."
)


@pytest.mark.parametrize(
    ("codec", "warning"),
    [
        ("utf-8", None),
        ("utf-8-sig", "byte order mark"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252, which was guessed"),
    ],
)
def test_encodings_are_found_out_and_told(tmp_path, codec, warning):
    text = content_file(tmp_path, "a.txt", TEXT.encode(codec))
    table = content_file(tmp_path, "b.csv", f"id\ttext\nb\t{'x' * 200_000}\nc\t{TEXT}\n".encode(codec))
    found = read(text, table)
    assert [d.text for d in documents(found)] == [TEXT, "x" * 200_000, TEXT]
    assert all(
        [warning in line for line in each.warnings] == [True] if warning else not each.warnings for each in found
    )


def test_russian_is_no_windows_1252(tmp_path):
    text = "Ракеты попали в казарму в Донецке, сообщил губернатор. Погибли трое, ранены пятеро."
    (found,) = documents(read(content_file(tmp_path, "a.txt", text.encode("cp1251"))))
    assert found.text == text


def test_what_has_no_encoding_is_a_failure_with_the_id(tmp_path):
    (found,) = failures(read(content_file(tmp_path, "a.txt", bytes(range(256)) * 3)))
    assert (found.id, found.line) == ("a", None)
    assert "byte 128" in found.message


def test_utf8_with_a_broken_row_stays_utf8(tmp_path):
    table = content_file(tmp_path, "a.csv", "id,text\na,“é”\nb,“é”\n".encode() + b"c,caf\xe9\n" + "d,“é”\n".encode())
    found = read(table)
    assert [d.text for d in documents(found)] == ["“é”", "“é”", "“é”"]
    assert [(f.id, f.line, f.message) for f in failures(found)] == [("c", 4, "the text holds bytes that are not utf-8")]
    (failure,) = failures(read(content_file(tmp_path, "b.txt", "“é”".encode() + b"\xe9")))
    assert failure.error == "UnicodeDecodeError"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_of_a_csv_file_keep_their_line(tmp_path, delimiter):
    lines = [
        ["other", "text", "id", "published"],
        ["x", '"two\r\nlines"', "a", "2020-01-28"],
        [""],
        ["x", "X.", "", ""],
        ["x", "X.", "b"],
        ["", "", "", ""],
        ["x", "X.", "c", "May"],
        ["x", '"quoted" twice"', "d", ""],
        ["x", "X.", "e", "", "more"],
        ["x", f'"{"w" * 200_000}"', "f", "2020-01-28 10:00:00+05:00"],
        ["x", '"never closed', "g", ""],
        ["x", "X.", "h", ""],
    ]
    table = content_file(tmp_path, "a.csv", "\r\n".join(map(delimiter.join, lines)).encode())
    found = read(table)
    assert [(d.id, d.text[:20], d.published) for d in documents(found)] == [
        ("a", "two\r\nlines", "2020-01-28"),
        ("f", "w" * 20, "2020-01-28"),
    ]
    assert [(f.line, f.id) for f in failures(found)] == [
        (5, None),
        (6, None),
        (8, "c"),
        (9, None),
        (10, None),
        (12, None),
    ]
    assert [each.place.line for each in found] == [2, 5, 6, 8, 9, 10, 11, 12]
    assert "lines 12 to 13" in failures(found)[-1].message


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_table_without_its_columns_is_one_failure_that_names_those_found(tmp_path, ending):
    table = content_file(
        tmp_path, f"a{ending}", WRITERS[ending]([{"id": "a", "text": "A.", "body": "A."}]).replace(b"text", b"tent")
    )
    good = content_file(tmp_path, "b.txt", b"B.")
    found = read(table, good)
    (failure,) = failures(found)
    assert "no column text" in failure.message
    assert "'tent', 'body'" in failure.message
    assert [d.id for d in documents(found)] == ["b"]


@pytest.mark.parametrize("content", [b"", b"\n", b"id,id,text\na,b,c\n", b'"id\n'])
def test_headers_that_cannot_be_used(tmp_path, content):
    (failure,) = failures(read(content_file(tmp_path, "a.csv", content)))
    assert failure.line is None


def test_types_of_parquet_columns(tmp_path):
    columns = {
        "id": pyarrow.array([1.0, 2.0, None, 2.5, 3.0]),
        "text": pyarrow.array([b"One.", b"\xff", b"X.", b"X.", b"Three."]).cast(pyarrow.binary()),
        "published": pyarrow.array([datetime(2020, 1, 28, 23, tzinfo=UTC), None, None, None, None]).cast(
            pyarrow.timestamp("ns", "Asia/Baghdad")
        ),
        "title": pyarrow.array(["t", None, None, None, "t"]).dictionary_encode(),
        "other": pyarrow.array([[1], [], [], [], []]),
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet", row_group_size=2)
    found = read(tmp_path / "a.parquet")
    assert [(d.id, d.text, d.published, d.title) for d in documents(found)] == [
        ("1", "One.", "2020-01-29", "t"),
        ("3", "Three.", None, "t"),
    ]
    assert [(f.line, f.error) for f in failures(found)] == [
        (2, "UnicodeDecodeError"),
        (3, "InputError"),
        (4, "ValidationError"),
    ]
    days = {"id": [str(UUID(int=7))], "text": ["X."], "published": pyarrow.array([date(2020, 1, 28)])}
    parquet.write_table(pyarrow.table(days), tmp_path / "b.parquet")
    (document,) = documents(read(tmp_path / "b.parquet"))
    assert (document.id, document.published) == (str(UUID(int=7)), "2020-01-28")


def test_a_damaged_group_of_parquet_rows_takes_no_other_along(tmp_path):
    rows = [{"id": f"a{number}", "text": f"{number} " + "x" * 50} for number in range(6)]
    content = bytearray(WRITERS[".parquet"](rows))
    groups = parquet.ParquetFile(io.BytesIO(content)).metadata
    place = groups.row_group(1).column(1).dictionary_page_offset
    content[place : place + 8] = b"\xff" * 8
    found = read(content_file(tmp_path, "a.parquet", bytes(content)))
    assert [d.id for d in documents(found)] == ["a0", "a1", "a4", "a5"]
    (failure,) = failures(found)
    assert failure.line == 3
    assert "rows 3 to 4" in failure.message


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    content_file(tmp_path, "a.parquet", b"PAR1")
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("pyarrow"):
            raise ModuleNotFoundError("No module named 'pyarrow'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConflictEventsError, match=r"pip install 'conflict-events\[tables\]'"):
        read_articles([str(tmp_path)])


def test_a_gzip_file_that_is_cut_off_keeps_what_came_before(tmp_path):
    rows = [{"id": f"a{number}", "text": f"{number * 7919 % 1000003} " * 20} for number in range(500)]
    content = WRITERS[".jsonl.gz"](rows)
    found = read(content_file(tmp_path, "a.jsonl.gz", content[: len(content) // 2]))
    assert len(documents(found)) > 100
    assert [d.text for d in documents(found)] == [row["text"] for row in rows[: len(documents(found))]]
    (failure,) = failures(found)
    assert f"what follows line {len(documents(found))} cannot be read" in failure.message
    (failure,) = failures(read(content_file(tmp_path, "b.jsonl.gz", b"no gzip")))
    assert failure.error == "BadGzipFile"


ODD_TEXTS = {
    "nul": "a\0b",
    "bidi and combining": "\u202eabc\u202c e\u0301\u0327\u0310",
    "emoji": "👩‍👩‍👧 🚀 " * 50,
    "long word": "x" * 100_000,
    "lines": "a\r\nb\rc\u2028d\x85e\n",
    "ten megabytes": "Two died in Bria. " * 600_000,
}


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_texts_are_handed_on_as_they_are(tmp_path, ending, text):
    found = read(content_file(tmp_path, f"a{ending}", WRITERS[ending]([{"id": "é\u202e🚀", "text": text}])))
    assert [(d.id, d.text) for d in documents(found)] == [("é\u202e🚀", text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<P class='x'>Two died.</p>", ["HTML"]),
        ("<div\n>Two died.", ["HTML"]),
        ("Two <3 died; a < b > c; <person>", []),
        ("a\0b", ["NUL"]),
    ],
)
def test_texts_that_look_odd_have_a_warning(tmp_path, text, expected):
    (found,) = read(content_file(tmp_path, "a.txt", text.encode()))
    assert isinstance(found.found, Document)
    assert found.found.text == text
    assert [word for line in found.warnings for word in ("HTML", "NUL") if word in line] == expected


@pytest.mark.parametrize(
    ("published", "day"),
    [
        ("2020-01-28", "2020-01-28"),
        ("2020-01-28T23:59:59.123456789-05:00", "2020-01-28"),
        (" 2020-01-28 10:00 ", "2020-01-28"),
        ("", "1999-12-31"),
        ("2020-01-28garbage", None),
        ("28.1.2020", None),
        ("2020-02-30", None),
    ],
)
def test_publication_dates(tmp_path, published, day):
    row = {"id": "a", "text": "date 1999-12-31 X.", "published": published}
    (found,) = read(content_file(tmp_path, "a.jsonl", msgspec.json.encode(row)))
    assert found.found.published == day if day else f"{published!r} is no ISO date" in found.found.message


def test_what_is_too_long_for_an_article_is_listed(tmp_path, monkeypatch):
    for module in (json_lines, csv_rows, sys.modules["pipeline.inputs.texts"]):
        monkeypatch.setattr(module, "LONGEST", 1000)
    limit = csv.field_size_limit(1000)
    long = {"id": "b", "text": "x" * 3000}
    rows = [{"id": "a", "text": "A."}, long, {"id": "c", "text": "C."}]
    try:
        found = read(*(content_file(tmp_path, f"a{ending}", WRITERS[ending](rows)) for ending in (".jsonl", ".csv")))
        found += read(content_file(tmp_path, "a.txt", b"x" * 1001))
    finally:
        csv.field_size_limit(limit)
    assert [d.id for d in documents(found)] == ["a", "c"]
    assert [f.line for f in failures(found) if "1000" in f.message] == [2, None, None]
    assert article.LONGEST > 10_000_000


def test_standard_input(monkeypatch):
    lines = b'\xef\xbb\xbf{"id": "a", "text": "X."}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    (found,) = read_articles(["-"])
    assert (found.place, found.found) == (Place("-", 1), Document(id="a", text="X."))
    assert "byte order mark" in found.warnings[0]


@pytest.mark.parametrize("name", ["missing.txt", "missing", "empty", "table.xls"])
def test_inputs_that_cannot_be_read_are_refused_at_once(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.xls").write_text("x")
    with pytest.raises(InputError, match=name):
        read_articles([str(tmp_path / name)])


def test_a_file_that_cannot_be_opened_is_a_failure_and_the_rest_goes_on(tmp_path):
    for name in ("a.txt", "b.jsonl", "c.csv", "d.parquet", "e.jsonl.gz"):
        (tmp_path / name).symlink_to(tmp_path / "nowhere")
    content_file(tmp_path, "f.jsonl.gz", gzip.compress(b'{"id": "f", "text": "F."}'))
    found = read(tmp_path)
    assert len(failures(found)) == 5
    assert [d.id for d in documents(found)] == ["f"]
