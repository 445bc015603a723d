"""What an import takes, what it refuses, and what it says."""

import json
from copy import deepcopy

import pytest
from typer.testing import CliRunner

from pipeline.annotate.annotated import Finding, Format
from pipeline.annotate.importing import Settings, import_labels
from pipeline.annotate.incident_lines import incident_line
from pipeline.annotate.marks import MARK_LABELS, Unit
from pipeline.cli import app
from pipeline.corpus.check import check_report
from pipeline.corpus.format import read_report
from pipeline.errors import InputError
from pipeline.records import read_jsonl
from pipeline.schema import Document, Incident, ScoredSpan
from tests.annotate.articles import result_of, scored, submitted, write_export

TEXT = "🚀 Two rockets hit Bria.\nPolice blamed rebels."
DOCUMENT = Document(id="Réuters_1 b", text=TEXT, published="2019-06-12")
WEAPON, LOCATION = ScoredSpan("weapon", 6, 13, 1.0), ScoredSpan("location", 18, 22, 1.0)
SOURCE, ACTOR = ScoredSpan("source", 24, 30, 1.0), ScoredSpan("actor", 38, 44, 1.0)
RESULT = result_of(
    DOCUMENT,
    (
        scored(0, 23, events=("shelling_missile",), spans=(WEAPON, LOCATION)),
        scored(
            24,
            45,
            events=("shelling_missile", "accusation"),
            responsibility=("accused",),
            attribution_source="official",
            spans=(SOURCE, ACTOR),
        ),
    ),
    (
        Incident(
            "1",
            "shelling_missile",
            "bria-rockets",
            True,
            (0, 1),
            weapons=("rockets",),
            attribution="accused",
            attributed_to="rebels",
        ),
    ),
)
BODY = """\
[shelling_missile |  | none] 🚀 Two {weapon:rockets} hit {location:Bria}.

[shelling_missile accusation | accused | official] {source:Police} blamed {actor:rebels}.
"""


@pytest.fixture
def task():
    return submitted(DOCUMENT, RESULT)


def regions(task):
    return task["annotations"][0]["result"]


def region(task, label):
    return next(
        each for each in regions(task) if label in each["value"].get("labels", each["value"].get("choices", ()))
    )


def imported(folder, *tasks, **settings):
    path = write_export(folder / "export.json", *tasks)
    return import_labels(path, folder / "out", folder / "failures.jsonl", Format.LABEL_STUDIO, Settings(**settings))


def body(path):
    return path.read_text().split("---\n")[2]


def test_a_corrected_task_becomes_a_report_that_the_validator_takes(tmp_path, task):
    summary = imported(tmp_path, task)
    (path,) = summary.written
    assert summary.findings == ()
    assert path == tmp_path / "out" / "reuters-1-b.txt"
    assert check_report(path) == []
    assert body(path) == BODY
    document = read_report(path)[0].document
    assert (document.family, document.published, document.style) == ("reuters-1-b", "2019-06-12", "wire")
    assert document.incidents == RESULT.incidents


def test_family_and_style_are_given_to_all(tmp_path, task):
    (path,) = imported(tmp_path, task, family="sahel-1", style="local").written
    document = read_report(path)[0].document
    assert (document.family, document.style) == ("sahel-1", "local")


def moved(label, **value):
    return lambda task: region(task, label)["value"].update(value)


def removed(label):
    return lambda task: regions(task).remove(region(task, label))


RECORD = incident_line(RESULT.incidents[0])


def records(*texts):
    def write(task):
        area = next(each for each in regions(task) if each["type"] == "textarea")
        area["value"]["text"] = list(texts)

    return write


def added(**value):
    return lambda task: regions(task).append({"id": "new", "type": "labels", "from_name": "spans", "value": value})


@pytest.mark.parametrize(
    ("harm", "where", "message"),
    [
        (moved("weapon", start=18, end=30, text=None), "`weapon` [18, 30)", "lies across two sentences"),
        (moved("weapon", labels=["gun"]), "`gun` [6, 13) 'rockets' (region 0-0)", "unknown label"),
        (moved("weapon", start=40, end=47, text=None), "`weapon` [40, 47) 'bels.'", "outside the text of 45"),
        (moved("weapon", start=7, end=14), "`weapon` [7, 14) 'ockets '", "the region quotes 'rockets'"),
        (moved("weapon", start=5, end=6, text=None), "`weapon` [6, 6) ''", "covers no word"),
        (added(start=10, end=20, labels=["target"]), "`target` [10, 20)", "without lying within it"),
        (added(start=26, end=40, labels=["sentence"]), "`sentence` [26, 40)", "overlaps the sentence before"),
        (removed("sentence"), "`text` [0, 23)", "lies in no sentence"),
        (added(start=2, end=5, labels=["witness", "none"]), "`sentence` [0, 23)", "2 sources (witness, none)"),
        (removed("shelling_missile"), "[ |  | none] 🚀 Two", "`weapon` span 'rockets' without an event"),
        (records("{id: 1, incident: b}"), "id: reuters-1-b", "missing required field `type`"),
        (records(RECORD.replace("[0, 1]", "[7]")), RECORD[:20], "incident 1: sentences [7]"),
        (records(RECORD.replace("[rockets]", "[mortars]")), RECORD[:20], "'mortars' does not occur in the text"),
        (records("{id: 1,"), "", "the head is not YAML"),
        (lambda task: task["data"].update(text=TEXT + " "), "the text", "is not the one that was exported"),
        (lambda task: task["data"].update(id="новости"), "id ``", "no letter from a to z"),
    ],
)
def test_what_cannot_be_kept_refuses_the_report_and_names_the_place(tmp_path, task, harm, where, message):
    harm(task)
    summary = imported(tmp_path, task)
    assert summary.written == ()
    assert not (tmp_path / "out").exists()
    found = [finding for finding in summary.findings if message in finding.message]
    assert found, summary.findings
    assert found[0].where.startswith(where)
    assert (found[0].kind, found[0].task) == ("refused", "task 17")
    assert found[0].mend


def test_people_may_write_records_over_several_lines_or_none(tmp_path, task):
    records(RECORD.replace(", type", ",\n  type"), " \n")(task)
    (path,) = imported(tmp_path, task).written
    assert read_report(path)[0].document.incidents == RESULT.incidents
    records()(task)
    summary = imported(tmp_path, task, force=True)
    assert read_report(path)[0].document.incidents == ()
    assert "no incident record, though sentences tell shelling_missile" in summary.findings[0].message


def test_a_sentence_across_a_line_break_is_refused(tmp_path, task):
    regions(task)[:] = [each for each in regions(task) if "sentence" not in each["value"].get("labels", ())]
    added(start=0, end=45, labels=["sentence"])(task)
    assert "crosses a line break" in imported(tmp_path, task).findings[0].message


def test_people_may_part_sentences_anew(tmp_path, task):
    first = region(task, "sentence")
    for each in regions(task):
        if each["id"] == first["id"]:
            each["value"] |= {"end": 13, "text": None}
    added(start=13, end=23, labels=["sentence"])(task)
    added(start=13, end=23, labels=["shelling_missile"])(task)
    (path,) = imported(tmp_path, task).written
    assert body(path).startswith(
        "[shelling_missile |  | none] 🚀 Two {weapon:rockets}\n[shelling_missile |  | none] hit {location:Bria}.\n\n"
    )


def annotation(task, label, **fields):
    """Another annotation of the task, which has the weapon under another role."""
    copied = deepcopy(task["annotations"][0]) | fields
    region({"annotations": [copied]}, "weapon")["value"]["labels"] = [label]
    return copied


@pytest.mark.parametrize(
    ("others", "taken", "kind"),
    [
        ([{"id": 8, "updated_at": "2024-03-10T00:00:00Z"}], 8, "the newest"),
        ([{"id": 8, "updated_at": "2024-03-09T22:16:08Z"}], 7, "the newest"),
        ([{"id": 8, "updated_at": None, "created_at": "2025-01-01T00:00:00"}], 8, "the newest"),
        ([{"id": 8, "updated_at": None, "created_at": None}], 7, "the newest"),
        ([{"id": 8, "ground_truth": True, "updated_at": "2020-01-01T00:00:00Z"}], 8, "the newest that is ground truth"),
        (
            [
                {"id": 8, "ground_truth": True, "updated_at": "2020-01-01T00:00:00Z"},
                {"id": 9, "ground_truth": True, "updated_at": "2020-01-02T00:00:00Z"},
            ],
            9,
            "the newest that is ground truth",
        ),
        ([{"id": 8, "was_cancelled": True, "updated_at": "2025-01-01T00:00:00Z"}], 7, "the newest"),
    ],
)
def test_of_several_annotations_one_is_taken_and_named(tmp_path, task, others, taken, kind):
    task["annotations"] += [annotation(task, "target", **fields) for fields in others]
    summary = imported(tmp_path, task)
    assert [(f.kind, f.message) for f in summary.findings] == [
        ("note", f"{len(others) + 1} annotations; took {taken}, {kind}")
    ]
    assert ("{weapon:rockets}" in body(summary.written[0])) == (taken == 7)


def test_what_nobody_finished_is_skipped_and_other_regions_are_noted(tmp_path, task):
    cancelled, untouched = deepcopy(task) | {"id": 1}, deepcopy(task) | {"id": 2, "annotations": []}
    cancelled["annotations"][0]["was_cancelled"] = True
    regions(task).append({"type": "relation", "from_id": "0", "to_id": "1", "direction": "right"})
    summary = imported(tmp_path, cancelled, untouched, task)
    assert [str(finding).split(": ", 1)[1] for finding in summary.findings] == [
        "task 1: skipped: cancelled by its annotator",
        "task 2: skipped: nobody annotated it",
        "task 17: note: regions of type relation are no labels and were passed over",
    ]
    assert len(summary.written) == 1


def test_nothing_is_written_over_that_differs(tmp_path, task):
    (path,) = imported(tmp_path, task).written
    assert imported(tmp_path, task).written == (path,)
    path.write_text("mine")
    again = imported(tmp_path, task)
    assert again.written == ()
    assert "is there already" in again.findings[0].message
    assert path.read_text() == "mine"
    assert imported(tmp_path, task, force=True).written == (path,)
    assert body(path) == BODY
    twice = imported(tmp_path, task, task, force=True)
    assert twice.written == (path,)
    assert "an earlier article of this export has it" in twice.findings[0].message


def test_other_files_are_refused(tmp_path, task):
    with pytest.raises(InputError, match="no such file"):
        import_labels(tmp_path / "x.json", tmp_path, tmp_path / "f", Format.LABEL_STUDIO)
    path = tmp_path / "x.json"
    path.write_text('{"id": 1}')
    with pytest.raises(InputError, match="a list of tasks"):
        import_labels(path, tmp_path, tmp_path / "f", Format.LABEL_STUDIO)
    minimal = {"id": 3, "text": TEXT, "events": "protest", "annotation_id": 1}
    (finding,) = imported(tmp_path, minimal).findings
    assert (finding.kind, finding.task) == ("refused", "task 1 of the file")
    assert "`data`" in finding.message
    assert 'as "JSON"' in finding.mend


def lines(folder, *rows, unit=None):
    path = folder / "batch.jsonl"
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return import_labels(path, folder / "out", folder / "failures.jsonl", Format.JSONL, Settings(unit=unit))


CODE_POINTS = [
    (6, 13, "weapon"),
    (18, 22, "location"),
    (2, 23, "shelling_missile"),
    (24, 45, "shelling_missile"),
    (31, 37, "accusation"),
    (31, 37, "accused"),
    (24, 30, "official"),
    (24, 30, "source"),
    (38, 44, "actor"),
]
UTF_16 = [(start + 1, end + 1, label) for start, end, label in CODE_POINTS]


@pytest.mark.parametrize(
    ("row", "unit"),
    [
        ({"label": UTF_16, "id": 4, "Comments": []}, None),
        ({"label": CODE_POINTS}, Unit.CODE_POINTS),
        ({"labels": UTF_16}, None),
        ({"entities": [{"id": 1, "label": k, "start_offset": s, "end_offset": e} for s, e, k in UTF_16]}, None),
        (
            {
                "spans": [{"start": s, "end": e, "label": k, "token_start": 0} for s, e, k in CODE_POINTS],
                "answer": "accept",
                "_input_hash": 1,
            },
            None,
        ),
    ],
)
def test_json_lines_of_doccano_and_prodigy(tmp_path, row, unit):
    summary = lines(tmp_path, {"text": TEXT, **row}, unit=unit)
    assert {finding.kind for finding in summary.findings} == {"note"}
    assert body(summary.written[0]) == BODY


def test_json_lines_carry_the_article_s_fields(tmp_path):
    meta = {"id": "A 1", "published": "2019-06-12", "family": "f-1", "style": "blog"}
    rows = [
        {"text": "Rain fell.", "label": [], **meta},
        {"text": "Rain fell.", "spans": [], "answer": "accept", "meta": meta | {"id": 9}},
        {"text": "Rain fell.", "label": []},
    ]
    documents = [read_report(path)[0].document for path in lines(tmp_path, *rows).written]
    assert [(d.id, d.published, d.family, d.style) for d in documents] == [
        ("a-1", "2019-06-12", "f-1", "blog"),
        ("9", "2019-06-12", "f-1", "blog"),
        ("batch-line-3", None, "batch-line-3", "wire"),
    ]


def test_choices_about_a_line_are_those_of_its_one_sentence(tmp_path):
    rows = [
        {"text": "🚀 They marched.", "accept": ["protest", "witness"], "answer": "accept"},
        {"text": "🚀 They marched.", "label": ["protest", "witness"]},
        {"text": "They marched. Then it rained.", "accept": ["protest"], "answer": "accept"},
    ]
    summary = lines(tmp_path, *rows)
    assert [body(path) for path in summary.written] == ["[protest |  | witness] 🚀 They marched.\n"] * 2
    (finding,) = [finding for finding in summary.findings if finding.kind == "refused"]
    assert (finding.task, finding.message) == ("line 3", "lies across two sentences")


def test_lines_that_are_no_labels_are_named(tmp_path):
    rows = ["{", {"label": []}, {"text": "x", "label": [[0, 1]]}, {"text": "x", "spans": [], "answer": "reject"}, ""]
    summary = lines(tmp_path, *rows)
    assert [(finding.task, finding.kind) for finding in summary.findings] == [
        ("line 1", "refused"),
        ("line 2", "refused"),
        ("line 3", "refused"),
        ("line 4", "skipped"),
    ]
    assert (summary.count("refused"), summary.count("skipped")) == (3, 1)


def test_one_label_says_one_thing():
    assert len(set(MARK_LABELS)) == len(MARK_LABELS)


@pytest.mark.parametrize(("harm", "code"), [(lambda task: None, 0), (removed("shelling_missile"), 3), (None, 1)])
def test_the_command_lists_findings_and_says_by_its_code_how_it_went(tmp_path, task, harm, code):
    if harm:
        harm(task)
    else:
        task["annotations"] = []
    path = write_export(tmp_path / "export.json", task)
    found = CliRunner().invoke(app, ["labels", "import", str(path), "--output", str(tmp_path / "out")])
    assert found.exit_code == code, found.output
    listed = list(read_jsonl(tmp_path / "export.failures.jsonl", Finding))
    assert [str(finding) for finding in listed] == found.stdout.splitlines()
    assert ("task 17" in found.stdout) == (code != 0)
    assert f"{int(code == 0)} reports -> " in found.stderr
