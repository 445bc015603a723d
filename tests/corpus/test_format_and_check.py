from pathlib import Path

import pytest

from pipeline.corpus.check import check_report
from pipeline.corpus.format import read_report
from pipeline.corpus.reports import check_splits, read_corpus
from pipeline.errors import CorpusError
from pipeline.schema import CountRange, DateRange, Document
from tests.conftest import EIGHT_SENTENCES


def write(folder: Path, content: str, name: str = "tiny-1.txt") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def test_a_report_is_read_whole(report):
    assert report.text.startswith("A motorcycle bomb hit Tessalit’s market on Tuesday. Eleven were")
    assert report.text.count("\n\n") == 1
    assert [report.text[s.start : s.end] for s in report.sentences][2] == "The governor blamed the Azawen Front."
    assert [report.text[span.start : span.end] for span in report.sentences[0].spans] == [
        "motorcycle bomb",
        "Tessalit",
        "market",
        "Tuesday",
    ]
    incident = report.incidents[0]
    assert incident.weapon_count == CountRange(1, 1)
    assert incident.killed == CountRange(11, 11)
    assert incident.date == DateRange("2019-06-11", "2019-06-11")


def test_a_good_report_has_no_error(tmp_path):
    found = check_report(write(tmp_path, EIGHT_SENTENCES))
    assert [problem.severity for problem in found] == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("published: 2019-06-12", "published: 2019-02-30", 2, "'2019-02-30' is no date"),
        ("style: wire", "style: poem", 2, "unknown style 'poem'"),
        ("id: tiny-1\n", "id: tiny-2\n", 2, "is not the file's name"),
        ("style: wire\n", "", 2, "missing required field `style`"),
        ("type: explosive_device", "type: demand", 7, "makes no incident"),
        ("country: MLI", "country: QQQ", 7, "country 'QQQ'"),
        ("start: 2019-06-11", "start: 2019-06-31", 7, "'2019-06-31' does not exist"),
        ("end: 2019-06-11", "end: 2019-06-10", 7, "ends (2019-06-10) before it starts"),
        ("killed: {min: 11, max: 11}", "killed: {min: 11, max: 7}", 7, "killed min 11, max 7"),
        ("sentences: [0, 1, 2, 3]", "sentences: [0, 8]", 7, "sentences [0, 8]"),
        ("weapons: [motorcycle bomb]", "weapons: [car bomb]", 7, "'car bomb' does not occur"),
        ("attributed_to: Azawen Front", "attributed_to: Nobody", 7, "'Nobody' does not occur"),
        ("attribution: claimed", "attribution: sure", 7, "attribution 'sure'"),
        ("[protest | | none]", "[protest | accused | none]", 17, "without a violent event type"),
        ("[ | | none] Rain", "[ | | none] {actor:Rain}", 20, "without an event"),
        ("{time:Tuesday}", "{time:on Tuesday}", 12, "begins with a preposition"),
        ("[diplomacy | |", "[diplomacy |", 19, "not a sentence line"),
        ("incidents:\n", "incidents: [\n", 7, "not YAML"),
    ],
)
def test_each_rule_names_the_line(tmp_path, old, new, line, message):
    assert old in EIGHT_SENTENCES
    found = check_report(write(tmp_path, EIGHT_SENTENCES.replace(old, new, 1)))
    errors = [problem for problem in found if problem.severity == "error"]
    assert [(problem.line, message in problem.message) for problem in errors] == [(line, True)]
    assert all(problem.mend for problem in errors)


@pytest.mark.parametrize(
    ("count", "words", "messages"),
    [
        ("11", "Eleven", []),
        ("{min: 7, max: 11}", "Eleven", ["killed 7 is told by none of 'Eleven'"]),
        ("{min: 7, max: 7}", "Eleven", ["killed 7 and 7 is told by none", "killed max 7 is below 11"]),
        ("{min: 11, max: null}", "more than eleven", []),
        ("0", "No one", []),
        ("1", "a fourth", []),
        ("null", "Eleven", ["`killed` is marked in its sentences (Eleven), the record has none"]),
    ],
)
def test_counts_are_compared_with_the_number_words(tmp_path, count, words, messages):
    content = EIGHT_SENTENCES.replace("killed: {min: 11, max: 11}", f"killed: {count}")
    found = check_report(write(tmp_path, content.replace("{killed:Eleven}", f"{{killed:{words}}}")))
    assert len(found) == len(messages)
    assert all(message in problem.message for message, problem in zip(messages, found, strict=True))
    assert all(problem.severity == "warning" for problem in found)


def test_a_sum_of_the_figures_told_is_no_finding(tmp_path):
    content = EIGHT_SENTENCES.replace("{killed:Eleven} were", "{killed:Eight} men and {killed:three} boys were")
    assert check_report(write(tmp_path, content)) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [("no head", "no YAML head"), ("---\nid: x\n---\n", "missing required field"), ("\xff", "not UTF-8")],
)
def test_what_is_no_report(tmp_path, content, message):
    path = tmp_path / "x.txt"
    path.write_bytes(content.encode("latin-1"))
    report, problems = read_report(path)
    assert report is None
    assert any(message in problem.message for problem in problems)


def test_a_corpus_with_an_error_is_refused_with_the_place(tmp_path):
    for split in ("train", "dev", "test"):
        (tmp_path / split).mkdir()
        write(tmp_path / split, EIGHT_SENTENCES.replace("tiny-1", f"{split}-1"), f"{split}-1.txt")
    assert [document.id for document in read_corpus(tmp_path)["dev"]] == ["dev-1"]
    write(tmp_path / "dev", EIGHT_SENTENCES.replace("tiny-1", "dev-1").replace("MLI", "QQQ"), "dev-1.txt")
    with pytest.raises(CorpusError, match=r"dev-1\.txt:7: error: incident 1: country 'QQQ'"):
        read_corpus(tmp_path)


def test_a_family_in_two_splits_and_an_id_used_twice_are_found():
    documents = [Document(id="a", text="x", family="f"), Document(id="b", text="x", family="f")]
    found = check_splits(Path("c"), {"train": documents[:1], "dev": documents[1:], "test": documents[:1]})
    assert sorted(problem.message for problem in found) == [
        "family f lies in ['dev', 'test', 'train']",
        "id a is used 2 times",
    ]
