"""Reading the benchmarks' files: what counts as positive, what is put right, and what is refused."""

import pytest

from benchmarks.field_data import BENCHMARKS, normalised, read_rows, repair_marks
from benchmarks.field_muc import naming_sentences
from benchmarks.field_rows import Row
from pipeline.errors import InputError
from tests.benchmarks.made_up import REAL, jsonl, organization, report, template, tsv


def read(name, *paths, text_field="text"):
    return read_rows(BENCHMARKS[name], paths, text_field)


def test_single_class(tmp_path):
    path = tsv(tmp_path / "train.tsv", "Talks went on.\t0", '"He said ""no"" twice."\t3', 'A stray "" mark.\t4')
    rows = read("cameo", path)
    assert [(row.text, row.labels) for row in rows] == [
        ("Talks went on.", ("0",)),
        ('He said "no" twice.', ("3",)),
        ('A stray "" mark.', ("4",)),
    ]
    assert [row.id for row in rows] == ["train:1", "train:2", "train:3"]


def test_columns_of_labels(tmp_path):
    path = tsv(
        tmp_path / "a.tsv", " Police stood by.\t0\t0\t0\t1\t0", "Police fired.\t1\t0\t1\t0\t1", "Rain.\t0\t0\t0\t0\t0"
    )
    assert [row.labels for row in read("india_sentences", path)] == [("FAIL",), ("KILL", "ANY_ACTION", "FORCE"), ()]
    path = tsv(tmp_path / "b.tsv", "A report.\t0\t1\t0\t0\t0\t0\t1")
    assert [row.labels for row in read("insightcrime", path)] == [("column_2", "column_7")]


def test_equal_texts_are_one_group(tmp_path):
    path = tsv(tmp_path / "a.tsv", "Share  this\t0", "share THIS\t0", "Share that\t0")
    first, second, third = (row.group for row in read("cameo", path))
    assert first == second != third


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("cameo", "Text without a class", r"a\.tsv:2: 1 columns .* expected 2"),
        ("cameo", "Text\t5", r"a\.tsv:2: class '5'; expected one of 0, 1"),
        ("india_sentences", "Text\t0\t0\t0\t0", r"a\.tsv:2: 5 columns .* expected 6"),
        ("insightcrime", "Text\t0\t0\t2\t0\t0\t0\t0", r"a\.tsv:2: columns 0 0 2 .* expected a 0 or 1"),
        ("cameo", '"never closed\t0', r"a\.tsv:\d: not tab-separated values"),
    ],
)
def test_a_broken_line_is_named(tmp_path, name, line, message):
    good = {"cameo": "Text\t0"}.get(name, "Text" + "\t0" * len(BENCHMARKS[name].keys))
    path = tsv(tmp_path / "a.tsv", good, line)
    with pytest.raises(InputError, match=message):
        read(name, path)


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes(b"Text\t0\r\nCaf\xe9\t1\r\n")
    with pytest.raises(InputError, match=r"a\.tsv:2: byte 0xe9 is not UTF-8"):
        read("cameo", path)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_missing_or_empty_file(tmp_path, name):
    with pytest.raises(InputError, match=r"nowhere is missing; .* no part of this project"):
        read(name, tmp_path / "nowhere")
    (tmp_path / "empty").touch()
    with pytest.raises(InputError, match=r"no rows in .*empty"):
        read(name, tmp_path / "empty")


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        ("the mayoraEUR(tm)s house", "the mayor’s house"),
        ("(tm)s house", "’s house"),
        ("aEUR~aEUR~quiteaEUR(tm)aEUR(tm)", "‘‘quite’’"),
        ("aEURoewe go,aEUR he said", "“we go,” he said"),
        ('a day aEUR" a night', "a day — a night"),
        ("aEURC/north : 4", "•north : 4"),
        ("nothing (tm) here", "nothing (tm) here"),
        ("", ""),
    ],
)
def test_marks_are_put_back(broken, text):
    assert repair_marks(broken) == text
    assert repair_marks(text) == text


def test_the_same_text():
    assert normalised("  The\tARMY\n said ") == normalised("the army said")
    assert normalised("the army said") != normalised("the army said so")


def test_incident_types(tmp_path):
    path = jsonl(
        tmp_path / "a.jsonl",
        report("D1", template("BOMBING", alternatives=("ATTACK",)), template("ARSON", optional=True)),
        report(
            "D2", template("ATTACK"), template("ATTACK"), template("BOMBING", optional=True, alternatives=("ATTACK",))
        ),
        report("D3"),
    )
    rows = read("muc_types", path)
    assert [(r.group, r.labels, r.unscored) for r in rows] == [
        ("D1", ("BOMBING",), ("ATTACK", "ARSON")),
        ("D2", ("ATTACK",), ("BOMBING",)),
        ("D3", (), ()),
    ]


def test_confidences(tmp_path):
    path = jsonl(
        tmp_path / "a.jsonl",
        report(
            "D1",
            template(
                "ATTACK", organization("NORTH FRONT", "NF"), organization("X", confidence="POSSIBLE", optional=True)
            ),
            template("ATTACK", organization("X", confidence="CLAIMED OR ADMITTED"), optional=True),
            template("ATTACK", organization("X", confidence=None), organization("X", confidence="ACQUITTED")),
        ),
        report("D2", template("ATTACK", organization("X", confidence="SUSPECTED OR ACCUSED BY AUTHORITIES"))),
        report("D3", template("ATTACK", organization("X", confidence="CLAIMED OR ADMITTED"))),
    )
    rows = read("muc_confidence", path)
    assert [(r.group, r.labels, r.names) for r in rows] == [
        ("D1", ("FACT",), ("NORTH FRONT", "NF")),
        ("D2", ("ALLEGED",), ("X",)),
        ("D3", ("CLAIMED",), ("X",)),
    ]


def test_lines_are_unwrapped_and_paragraphs_kept(tmp_path):
    path = jsonl(
        tmp_path / "a.jsonl", report("D1", text="THE ARMY\nSAID SO.\n\n   IT  IS\nTRUE.\n", truecased="Other.")
    )
    assert read("muc_types", path)[0].text == "THE ARMY SAID SO.\nIT IS TRUE."
    assert read("muc_types", path, text_field="text_truecased")[0].text == "Other."


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("muc_types", report("D1", template("STRIKE")), "D1 has incident type 'STRIKE'; known: ATTACK"),
        ("muc_confidence", report("D1", template("ATTACK", organization("X", confidence="SURE"))), "confidence 'SURE'"),
        ("muc_types", {"doc_id": "D1"}, r"a\.jsonl:1: .*missing required field"),
    ],
)
def test_answer_keys_that_are_not_known(tmp_path, name, row, message):
    with pytest.raises(InputError, match=message):
        read(name, jsonl(tmp_path / "a.jsonl", row))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("NORTH FRONT",), ["The North Front struck.", "North  Front men fled."]),
        (("NF", "North Front"), ["The North Front struck.", "North  Front men fled.", "NF denied it."]),
        (("FRONT (NF)",), ["The North Front struck.", "It rained.", "North  Front men fled.", "NF denied it."]),
    ],
)
def test_sentences_that_have_the_name(names, expected):
    text = "The North Front struck. It rained. North  Front men fled. NF denied it."
    text = text.replace("  ", " ")
    row = Row("1", "1", text, ("FACT",), names)
    assert naming_sentences(row) == [sentence.replace("  ", " ") for sentence in expected]


def test_a_word_stands_in_for_the_longest_name():
    row = Row("1", "1", "The North Front (NF) struck the northern town.", ("FACT",), ("NORTH", "NORTH FRONT", "NF"))
    assert naming_sentences(row, "ORG") == ["The ORG (ORG) struck the northern town."]


@pytest.mark.skipif(not REAL.is_dir(), reason="the published data are not beside this working copy")
def test_counts_of_the_published_data():
    muc = REAL / "muc4"
    train, dev = [muc / "dev.jsonl"], [muc / "tst1.jsonl", muc / "tst2.jsonl"]
    counts = [len(read(name, *part)) for name in ("muc_types", "muc_confidence") for part in (train, dev)]
    assert counts == [1300, 200, 499, 98]
    rows = read("india_sentences", REAL / "labelled/IndiaPoliceEvents_sents/dev.tsv")
    assert not any("aEUR" in row.text or row.text.startswith("(tm)") for row in rows)
    for row in rows:
        assert "ANY_ACTION" in row.labels or not {"KILL", "ARREST"} & set(row.labels)
