"""Which articles go out, in which order, and in which form; Label Studio's own package reads it."""

import json
from math import log2

import msgspec
import pytest
from label_studio_sdk.label_interface import LabelInterface
from label_studio_tools.core.label_config import parse_config
from typer.testing import CliRunner

from pipeline.annotate.annotated import Format
from pipeline.annotate.importing import import_labels
from pipeline.annotate.incident_lines import incident_line
from pipeline.annotate.ranking import disagreement_with, sentence_uncertainty, uncertainty
from pipeline.annotate.studio_config import ROLE_COLOURS, label_config
from pipeline.annotate.studio_tasks import studio_task
from pipeline.cli import app
from pipeline.errors import InputError
from pipeline.extract.extractor import Extractor
from pipeline.incidents.examples import as_scored
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.records import read_jsonl, write_jsonl
from pipeline.schema import Document, Failure, Sentence
from tests.annotate.articles import labels_of, result_of, scored, write_export
from tests.annotate.test_round_trip import EMOJI, EMOJI_RESULT

SHARES = {key: 1 / len(SOURCES) for key in SOURCES}


def doubtful(p):
    """A sentence with one event type of probability p, the model being sure of the rest."""
    sure = scored(0, 1)
    return msgspec.structs.replace(sure, event_scores=sure.event_scores | {"riot": p})


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (scored(0, 1), 0.0),
        (doubtful(0.5), 1.0),
        (doubtful(0.1), -0.1 * log2(0.1) - 0.9 * log2(0.9)),
        (msgspec.structs.replace(doubtful(0.1), attribution_source_scores=SHARES), 1.0),
        (
            msgspec.structs.replace(
                scored(0, 1), attribution_source_scores={**dict.fromkeys(SOURCES, 0.0), "media": 0.5, "none": 0.5}
            ),
            1 / log2(7),
        ),
        (
            msgspec.structs.replace(
                scored(0, 1), responsibility_scores={**dict.fromkeys(RESPONSIBILITY, 0.0), "denied": 0.5}
            ),
            1.0,
        ),
    ],
)
def test_uncertainty_is_the_largest_entropy_of_a_sentence(sentence, expected):
    assert sentence_uncertainty(sentence) == pytest.approx(expected)


def test_an_article_s_uncertainty_is_the_mean_of_its_sentences():
    document = Document(id="a", text="x")
    assert uncertainty(result_of(document, (doubtful(0.5), scored(0, 1)))) == pytest.approx(0.5)
    assert uncertainty(result_of(document, ())) == 0


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        ((Sentence(0, 1, ("riot",), ("denied",)), Sentence(1, 2)), 0.0),
        ((Sentence(0, 1, ("riot", "protest"), ("denied",)), Sentence(1, 2)), 1 / 6),
        ((Sentence(0, 1, (), (), "media"), Sentence(1, 2)), 1 / 2),
        ((Sentence(0, 1, ("riot",), ("denied",)),), 1 / 2),
        ((), 1.0),
    ],
)
def test_disagreement_is_the_share_of_layers_that_another_labels_differently(sentences, expected):
    document = Document(id="a", text="xy", sentences=sentences)
    result = result_of(document, (scored(0, 1, events=("riot",), responsibility=("denied",)), scored(1, 2)))
    assert disagreement_with([document])(result) == pytest.approx(expected)


def test_an_article_without_a_second_opinion_is_named():
    document = Document(id="a", text="x")
    with pytest.raises(InputError, match="no second opinion of 'a'"):
        disagreement_with([])(result_of(document, ()))


def test_label_studio_reads_the_config_and_knows_each_label():
    controls = parse_config(label_config())
    assert controls.pop("incidents")["type"] == "TextArea"
    assert {name: (control["type"], control["to_name"], control["labels"]) for name, control in controls.items()} == {
        "sentences": ("Labels", ["text"], ["sentence"]),
        "spans": ("Labels", ["text"], list(ROLES)),
        "events": ("Choices", ["text"], list(EVENT_TYPES)),
        "responsibility": ("Choices", ["text"], list(RESPONSIBILITY)),
        "attribution_source": ("Choices", ["text"], list(SOURCES)),
    }
    attributes = [settings for control in controls.values() for settings in control["labels_attrs"].values()]
    hotkeys = [settings["hotkey"] for settings in attributes]
    assert len(hotkeys) == len(set(hotkeys))
    colours = [settings["background"] for settings in attributes if "background" in settings]
    assert len(colours) == len(set(colours)) == len(ROLE_COLOURS) + 1


def as_sdk_wants(region):
    """The region with offsets as text: this version of the SDK declares them so, though Label Studio writes numbers."""
    bounds = {name: str(number) for name, number in region["value"].items() if name in ("start", "end")}
    return {**region, "value": region["value"] | bounds}


def test_label_studio_takes_the_tasks_and_what_comes_of_them(report):
    interface = LabelInterface(label_config())
    result = result_of(report, as_scored(report.sentences), report.incidents)
    lines = [incident_line(incident) for incident in report.incidents]
    for task in (studio_task(report, result, lines, [], "m"), studio_task(EMOJI, EMOJI_RESULT, [], [], "m")):
        assert interface.validate_task({"data": task["data"]})
        (prediction,) = task["predictions"]
        regions = [as_sdk_wants(region) for region in prediction["result"]]
        assert interface.validate_prediction({**prediction, "result": regions})
    assert not interface.validate_task({"data": {**task["data"], "to_mend": None}})
    for harm in ({"labels": ["gun"], "choices": ["gun"]}, {"start": None}):
        assert not interface.validate_region({**regions[0], "value": regions[0]["value"] | harm})


def test_the_command_writes_first_what_should_be_corrected(tmp_path, model_folder, report):
    lines = [report.text[s.start : s.end] for s in report.sentences]
    articles = [Document(id=f"a-{n}", text="\n".join(lines[n:]), published="2019-06-12") for n in range(4)]
    rows, out = tmp_path / "articles.jsonl", tmp_path / "out"
    write_jsonl(rows, [*articles, Document(id="bad", text=" ")])

    def export(*options):
        command = ["labels", "export", str(rows), "--output", str(out), "--model", str(model_folder), *options]
        found = CliRunner().invoke(app, command)
        assert found.exit_code == 3, found.output
        return [failure.id for failure in read_jsonl(out / "failures.jsonl", Failure)]

    assert export() == ["bad"]
    assert (out / "config.xml").read_text() == label_config()
    tasks = json.loads((out / "tasks.json").read_text())
    scores = [task["predictions"][0]["score"] for task in tasks]
    assert len(scores) == 4
    assert scores == sorted(scores)
    assert len(set(scores)) > 1
    assert_shown_is_what_an_import_refuses(tmp_path, tasks)

    assert export("--count", "1", "--format", "jsonl") == ["bad"]
    (row,) = map(json.loads, (out / "tasks.jsonl").read_text().splitlines())
    assert row["id"] == tasks[0]["data"]["id"]

    second = tmp_path / "second.jsonl"
    extractor = Extractor.from_pretrained(model_folder)
    agreed = [msgspec.structs.replace(each, sentences=labels_of(extractor.extract(each))) for each in articles]
    contradicted = msgspec.structs.replace(agreed[2], sentences=agreed[2].sentences[1:])
    write_jsonl(second, [*agreed[:2], contradicted])
    assert export("--second", str(second), "--count", "2") == ["a-3", "bad"]
    assert [task["data"]["id"] for task in json.loads((out / "tasks.json").read_text())] == ["a-2", "a-0"]


def assert_shown_is_what_an_import_refuses(folder, tasks):
    submitted = [{**task, "annotations": [{"id": 1, "result": task["predictions"][0]["result"]}]} for task in tasks]
    path = write_export(folder / "export.json", *submitted)
    summary = import_labels(path, folder / "reports", folder / "failures.jsonl", Format.LABEL_STUDIO)
    shown = {task["data"]["id"]: task["data"]["to_mend"] for task in tasks}
    assert any(shown.values())
    assert {path.stem for path in summary.written} == {name for name, flaws in shown.items() if not flaws}
