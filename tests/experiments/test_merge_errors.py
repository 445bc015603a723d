"""Wrong merges and splits, explained: what is wrong, what decided it, and how it is written down."""

import csv

import msgspec
import pytest

from experiments.merge_errors import as_markdown, main, wrong_pairs
from pipeline.records import write_jsonl
from pipeline.schema import DateRange, Document, DocumentResult, Incident, ScoredSentence, Sentence

ELSEWHERE = {
    "place": "Lyon", "country": "FRA", "targets": ("fort",), "actors": ("Sons",), "aggregate": True, "main": False,
}  # fmt: skip
TEXT = "Rockets hit the Azande fort in Bria."


def record(name, happening, day="2019-06-11", **values):
    fields = {
        "type": "shelling_missile", "main": True, "sentences": (0,), "date": DateRange(day, day), "place": "Bria",
        "country": "CAF", "targets": ("Azande fort",), "actors": ("Ouaka League",), **values,
    }  # fmt: skip
    return Incident(id=name, incident=happening, **fields)


def pair(name, *incidents):
    """An annotated document and the result that has its very records, told nothing of the happenings."""
    sentences = (Sentence(0, len(TEXT), ("shelling_missile",)),)
    document = Document(
        id=name, text=TEXT, published="2019-06-21", family="f", sentences=sentences, incidents=incidents
    )
    scored = ScoredSentence(0, len(TEXT), ("shelling_missile",), {}, (), {}, "none", {}, ())
    found = tuple(msgspec.structs.replace(i, id=f"{name}#{i.id}", incident=f"{name}#{i.id}") for i in incidents)
    return document, DocumentResult(
        id=name, published="2019-06-21", source=None, title=None, text_sha256="", sentences=(scored,), incidents=found,
        warnings=(),
    )  # fmt: skip


def explain(*pairs):
    documents, results = zip(*pairs, strict=True)
    return wrong_pairs(documents, results)


def test_what_is_right_is_not_listed():
    assert explain(pair("a", record("1", "x")), pair("b", record("1", "x"))) == []
    assert explain(pair("a", record("1", "x")), pair("b", record("1", "y", day="2019-06-20"))) == []


def test_a_wrong_merge_names_its_link_and_what_spoke_for_it():
    (found,) = explain(pair("a", record("1", "x")), pair("b", record("1", "y")))
    assert (found.error, found.compared, found.decided) == ("merged", True, "a link of their own")
    assert found.score > found.threshold
    assert "date +" in found.speaks_for
    assert "(2019-06-11 | 2019-06-11)" in found.speaks_for
    assert found.happening == "f: x | f: y"


@pytest.mark.parametrize(
    ("changes", "decided"),
    [
        ({"day": "2019-06-20"}, "must not be linked: their dates miss each other by 9 days"),
        ({"type": "protest"}, "not compared: protest and shelling_missile are never one"),
        ({"place": "Oslo", "country": "NOR", "targets": ("gate",), "actors": ()}, "not compared: no block has both"),
        (ELSEWHERE, "the score is below the threshold"),
    ],
)
def test_a_wrong_split_names_what_kept_the_records_apart(changes, decided):
    one, other = pair("a", record("1", "x")), pair("b", record("1", "x", **changes))
    if "type" in changes:
        document = msgspec.structs.replace(other[0], sentences=(Sentence(0, len(TEXT), (changes["type"],)),))
        other = (document, other[1])
    (found,) = explain(one, other)
    assert (found.error, found.decided) == ("apart", decided)
    if "country" in changes:
        assert "country -" in found.speaks_against


def test_a_group_that_holds_a_record_of_the_article_is_the_reason():
    twice = pair("a", record("1", "x"), record("2", "x", actors=(), sentences=(0,)))
    found = explain(twice, pair("b", record("1", "x")))
    assert {each.decided.split(" a#")[0] for each in found if each.error == "apart"} <= {
        "must not be linked: both have a record of a",
        "their groups must not be linked: both have a record of a",
    }
    assert any("both have a record of a" in each.decided for each in found)


def test_the_files_say_the_same(tmp_path):
    pairs = [pair("a", record("1", "x")), pair("b", record("1", "y"))]
    found = explain(*pairs)
    assert "- compared, score" in as_markdown(found, 5)
    write_jsonl(tmp_path / "dev.jsonl", [document for document, _ in pairs])
    (tmp_path / "out").mkdir()
    write_jsonl(tmp_path / "out/dev.jsonl", [result for _, result in pairs])
    main(part="dev", predictions=tmp_path / "out", data=tmp_path, output=tmp_path / "errors.md", most=1)
    assert (tmp_path / "errors.md").read_text() == as_markdown(found, 1)
    main(part="dev", predictions=tmp_path / "out", data=tmp_path, output=tmp_path / "errors.csv")
    with (tmp_path / "errors.csv").open(encoding="utf-8", newline="") as handle:
        assert next(csv.DictReader(handle))["decided"] == "a link of their own"
