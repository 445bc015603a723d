"""Rows of labelled texts: what is read, and what is refused with which words."""

import json

import pyarrow
import pyarrow.parquet
import pytest

from pipeline.custom.texts import LabelledText, as_labelled, read_labelled
from pipeline.errors import InputError
from pipeline.labels import LabelSet, Layer
from pipeline.schema import Failure

LABELS = LabelSet(
    (
        Layer("kind", ("raid", "march", "talks"), "any", "document"),
        Layer("tone", ("calm", "harsh"), "one", "document"),
        Layer("deed", ("kill", "arrest")),
    )
)
TEXT = "Police shot two. Nobody was held."


def test_what_a_row_says_and_what_it_leaves_open():
    row = {
        "text": TEXT,
        "kind": ["raid"],
        "sentences": [{"start": 0, "end": 16, "deed": "kill"}, {"start": 17, "end": 33, "deed": []}],
    }
    found = as_labelled(row, LABELS, "a.jsonl:1")
    assert found == LabelledText(
        "a.jsonl:1",
        TEXT,
        ((0, 16), (17, 33)),
        {"kind": (("raid",),), "tone": (None,), "deed": (("kill",), ())},
    )


def test_a_text_without_sentences_is_split_and_they_are_not_known():
    found = as_labelled({"id": 7, "text": TEXT, "tone": "harsh", "deed": ["kill"]}, LABELS, "")
    assert (found.id, found.sentences) == ("7", ((0, 16), (17, 33)))
    assert found.answers == {"kind": (None,), "tone": (("harsh",),), "deed": (None, None)}


def test_an_object_says_how_likely_its_keys_are_and_leaves_the_others_open():
    row = {"text": TEXT, "kind": {"raid": 1, "march": 0.25, "talks": None}, "tone": {"harsh": True}}
    found = as_labelled(row, LABELS, "")
    assert found.answers["kind"] == ({"raid": 1.0, "march": 0.25},)
    assert found.answers["tone"] == ({"harsh": 1.0},)


def test_sentences_of_their_own_make_the_text():
    row = {"sentences": [{"text": "Police shot two.", "deed": ["kill"]}, {"text": "Nobody was held."}]}
    found = as_labelled(row, LABELS, "")
    assert (found.text, found.sentences) == (TEXT, ((0, 16), (17, 33)))
    assert found.answers["deed"] == (("kill",), None)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([], "expected an object with a text, found list"),
        ({}, "text: expected a string, found NoneType"),
        ({"text": 3}, "text: expected a string, found int"),
        ({"text": " \n"}, "the text is empty"),
        ({"text": TEXT, "kind": ["raid", "war"]}, "kind: .'raid', 'war'. is none of its keys raid, march, talks"),
        ({"text": TEXT, "kind": 1}, "kind: 1 is none of its keys"),
        ({"text": TEXT, "kind": {"war": 1}}, "kind: 'war' is none of its keys raid, march, talks"),
        ({"text": TEXT, "kind": {"raid": "yes"}}, "kind: raid has 'yes'; expected a probability from 0 to 1"),
        ({"text": TEXT, "kind": {"raid": 1.5}}, "kind: raid has 1.5; expected a probability"),
        ({"text": TEXT, "tone": {"calm": 0}}, "tone: no key has a probability above 0"),
        ({"text": TEXT, "tone": []}, "tone: expected exactly one key, found ..$"),
        ({"text": TEXT, "tone": ["calm", "harsh"]}, "tone: expected exactly one key"),
        ({"text": TEXT, "sentences": "all"}, "sentences: expected a list of objects"),
        ({"text": TEXT, "sentences": [{"start": 0, "end": 99}]}, "start 0 and end 99 are no offsets in a text of 33"),
        ({"text": TEXT, "sentences": [{"start": 0, "end": 9}, {"start": 5, "end": 12}]}, "after those of the sentence"),
        ({"text": TEXT, "sentences": [{"start": 0}]}, "end None"),
        ({"sentences": [{"text": "One."}, {"deed": "kill"}]}, "each needs a text where the row has none"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(row, message):
    with pytest.raises(InputError, match=message):
        as_labelled(row, LABELS, "")


def test_json_lines_and_parquet_hold_the_same(tmp_path):
    rows = [
        {"id": "a", "text": TEXT, "kind": ["raid", "talks"], "tone": "calm"},
        {"id": "b", "text": "They met.", "kind": [], "tone": None},
    ]
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "one.jsonl").write_text("".join(json.dumps(row) + "\n\n" for row in rows))
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.parquet")
    first, second = (list(read_labelled(tmp_path / name, LABELS)) for name in ("json", "rows.parquet"))
    assert [found.id for found in first] == ["a", "b"]
    assert first == second


def test_bad_rows_are_failures_with_their_place_and_the_rest_is_read(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "They met."}\n{broken\n{"id": "c", "text": ""}\n{"text": "They left."}\n')
    found = list(read_labelled(path, LABELS))
    assert [isinstance(each, Failure) for each in found] == [False, True, True, False]
    assert [(each.line, each.id) for each in found if isinstance(each, Failure)] == [(2, None), (3, "c")]
    assert [each.id for each in found if isinstance(each, LabelledText)] == [f"{path}:1", f"{path}:4"]


@pytest.mark.parametrize("name", ["nowhere.jsonl", "rows.csv", "empty"])
def test_what_is_not_there_or_not_of_a_kind_is_said_at_once(tmp_path, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "rows.csv").write_text("text\nx\n")
    with pytest.raises(InputError, match=r"no file of a kind that is read; expected .jsonl or .parquet"):
        list(read_labelled(tmp_path / name, LABELS))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((), "needs layers with names of their own"),
        ((Layer("a", ("x",)), Layer("a", ("y",))), "needs layers with names of their own"),
    ],
)
def test_label_sets_that_cannot_be_told_apart_are_refused(layers, message):
    with pytest.raises(ValueError, match=message):
        LabelSet(layers)


@pytest.mark.parametrize(
    ("name", "keys", "choice", "message"),
    [
        ("my layer", ("x",), "any", "must be letters"),
        ("a", ("x", "x"), "any", "names a key twice"),
        ("a", (), "any", "has 0 keys; a choice of any needs 1"),
        ("a", ("x",), "one", "has 1 keys; a choice of one needs 2"),
    ],
)
def test_layers_that_cannot_be_learned_are_refused(name, keys, choice, message):
    with pytest.raises(ValueError, match=message):
        Layer(name, keys, choice)
