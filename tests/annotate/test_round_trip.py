"""What goes out comes back: labels through the formats of the tools and the corpus format."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings

from pipeline.annotate.annotated import Format
from pipeline.annotate.importing import Settings, import_labels, report_of
from pipeline.annotate.incident_lines import incident_line
from pipeline.annotate.jsonl_export import read_jsonl_export
from pipeline.annotate.jsonl_tasks import jsonl_task
from pipeline.annotate.marks import Mark, Unit, in_code_points, utf16_offsets
from pipeline.annotate.report_text import format_report
from pipeline.annotate.studio_export import read_studio
from pipeline.corpus.format import read_report
from pipeline.incidents.examples import as_scored
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import Document, ScoredSpan
from tests.annotate.articles import in_utf16, labels_of, result_of, results, scored, submitted, write_export
from tests.conftest import ROOT

TRAIN = sorted((ROOT / "data" / "corpus" / "train").glob("*.txt"))[::60]

EMOJI = Document(id="a-1", text="🚀🚀 Two {rockets} hit e\u0301lan.\r\n“No,” said 👨‍🚒.")
EMOJI_RESULT = result_of(
    EMOJI,
    (
        scored(0, 27, events=("shelling_missile",), spans=(ScoredSpan("weapon", 7, 16, 0.9),)),
        scored(29, 44, attribution_source="witness", spans=(ScoredSpan("source", 40, 43, 0.9),)),
    ),
)


def read_back(reader, path):
    """The document that an export of one article becomes."""
    findings = []
    (annotated,) = reader(path, findings)
    document, flaws = report_of(annotated, "x", Settings())
    assert (findings, flaws) == ([], [])
    return document


@settings(max_examples=20)
@given(results())
@example((EMOJI, EMOJI_RESULT))
def test_what_nobody_edited_comes_back_as_the_model_gave_it(tmp_path_factory, found):
    document, result = found
    path = tmp_path_factory.getbasetemp() / "export.json"
    task = submitted(document, result)
    back = read_back(read_studio, write_export(path, task))
    assert back.sentences == labels_of(result)
    assert (back.id, back.text, back.published) == (document.id, document.text, document.published)
    assert read_back(read_studio, write_export(path, in_utf16(task))).sentences == labels_of(result)
    path.write_text(json.dumps(jsonl_task(document, result, [])))
    assert read_back(read_jsonl_export, path) == back


@settings(max_examples=20)
@given(results())
@example((EMOJI, EMOJI_RESULT))
def test_the_corpus_format_holds_every_sentence_and_label(tmp_path_factory, found):
    document, result = found
    path = tmp_path_factory.getbasetemp() / "a-1.txt"
    annotated = msgspec.structs.replace(document, family="f", style="wire", sentences=labels_of(result))
    path.write_bytes(format_report(annotated).encode())
    report, problems = read_report(path)
    assert report is not None, problems
    back = report.document
    assert relative(back) == relative(annotated)
    assert (back.id, back.family, back.published, back.incidents) == ("a-1", "f", document.published, ())


def relative(document):
    """Each sentence's words and labels, offsets counted from its start."""
    return [
        (
            document.text[sentence.start : sentence.end],
            sentence.events,
            sentence.responsibility,
            sentence.source,
            [(span.role, span.start - sentence.start, span.end - sentence.start) for span in sentence.spans],
        )
        for sentence in document.sentences
    ]


@pytest.fixture(scope="module")
def reports():
    """Reports of the corpus, which have every key between them."""
    found = [read_report(path)[0].document for path in TRAIN]
    sentences = [sentence for document in found for sentence in document.sentences]
    assert {key for sentence in sentences for key in sentence.events} == set(EVENT_TYPES)
    assert {key for sentence in sentences for key in sentence.responsibility} == set(RESPONSIBILITY)
    assert {sentence.source for sentence in sentences} == set(SOURCES)
    assert {span.role for sentence in sentences for span in sentence.spans} == set(ROLES)
    assert any(incident.claims for document in found for incident in document.incidents)
    return found


@pytest.mark.parametrize("form", Format)
def test_reports_of_the_corpus_come_back_whole(tmp_path, reports, form):
    told = [(document, result_of(document, as_scored(document.sentences), document.incidents)) for document in reports]
    path = tmp_path / "export"
    if form is Format.LABEL_STUDIO:
        write_export(path, *(submitted(*each) for each in told))
    else:
        rows = (jsonl_task(*each, [incident_line(incident) for incident in each[0].incidents]) for each in told)
        path.write_text("\n".join(map(json.dumps, rows)))
    summary = import_labels(path, tmp_path / "out", tmp_path / "failures.jsonl", form)
    assert summary.findings == ()
    assert [read_report(path)[0].document for path in summary.written] == reports


def test_what_label_studio_itself_exported_comes_back_whole(tmp_path, report):
    """The file is what Label Studio 1.23.2 wrote after it took config and tasks and every prediction was submitted."""
    path = Path(__file__).with_name("label_studio_export.json")
    summary = import_labels(path, tmp_path / "out", tmp_path / "failures.jsonl", Format.LABEL_STUDIO)
    assert [(finding.kind, finding.task) for finding in summary.findings] == [("note", "task 2")]
    first, second = (read_report(path)[0].document for path in summary.written)
    assert first == report
    assert relative(second) == relative(msgspec.structs.replace(EMOJI, sentences=labels_of(EMOJI_RESULT)))


def test_paragraphs_are_kept(tmp_path):
    document = Document(id="b", text=" One. Two.\r\nThree.\n\n\nFour.", family="b", style="blog")
    sentences = tuple(labels_of(result_of(document, (scored(1, 5), scored(6, 10), scored(12, 18), scored(21, 26)))))
    content = format_report(msgspec.structs.replace(document, sentences=sentences))
    assert content.split("---\n")[2] == (
        "[ |  | none] One.\n[ |  | none] Two.\n\n[ |  | none] Three.\n\n[ |  | none] Four.\n"
    )


@pytest.mark.parametrize("text", ["", "abc", "a🚀b", "🚀👨‍🚒e\u0301"])
def test_offsets_in_utf16_are_those_of_its_encoding(text):
    expected = [len(text[:place].encode("utf-16-le")) // 2 for place in range(len(text) + 1)]
    assert utf16_offsets(text) == expected


@pytest.mark.parametrize(
    ("start", "end", "quote", "units", "found"),
    [
        (1, 2, "b", [Unit.CODE_POINTS, Unit.UTF_16], (1, 2)),
        (2, 3, "b", [Unit.CODE_POINTS, Unit.UTF_16], (1, 2)),
        (2, 3, None, [Unit.CODE_POINTS, Unit.UTF_16], (2, 3)),
        (2, 3, None, [Unit.UTF_16], (1, 2)),
        (1, 3, None, [Unit.UTF_16], None),
        (3, 4, None, [Unit.CODE_POINTS], None),
        (2, 2, None, [Unit.CODE_POINTS], None),
        (-1, 2, None, [Unit.CODE_POINTS], None),
        (1, 2, "d", [Unit.CODE_POINTS, Unit.UTF_16], None),
    ],
)
def test_the_unit_is_the_one_in_which_the_words_are_right(start, end, quote, units, found):
    marks, flaws = in_code_points("🚀bc", [Mark(start, end, "actor", quote=quote)], units)
    assert ([(mark.start, mark.end) for mark in marks] or [None]) == [found]
    assert bool(flaws) == (found is None)
