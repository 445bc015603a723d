"""The labelling functions that come with the package: each does what its example says."""

import shutil

import numpy as np
import pytest
import yaml

from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.schema import Document
from pipeline.weak.lexicon import LexiconError
from pipeline.weak.library import DATA, load_library, read_functions
from pipeline.weak.voting import ABSTAIN, NO, YES, apply

LIBRARY = load_library()
LEXICONS = yaml.safe_load((DATA / "lexicons.yaml").read_text())


def votes_on(function, sentences):
    fires = LIBRARY.fires(sentences)
    return bool(fires[-1, LIBRARY.functions.index(function)])


@pytest.mark.parametrize("function", LIBRARY.functions, ids=lambda function: function.name)
def test_a_function_fires_on_its_example_and_passes_over_the_others(function):
    assert votes_on(function, [*function.before, function.example])
    assert not any(votes_on(function, [*function.before, sentence]) for sentence in function.passes)


@pytest.mark.parametrize("function", LIBRARY.functions, ids=lambda function: function.name)
def test_a_function_that_says_yes_needs_something_in_the_text(function):
    if function.vote and function.name != "nobody_speaks":
        assert not votes_on(function, ["Fine weather", "Plums are cheap"])


def test_every_key_can_be_voted_for_and_every_label_against():
    keys = {(function.key, function.vote) for function in LIBRARY.functions}
    assert {key for key, vote in keys if vote} == {*EVENT_TYPES, *RESPONSIBILITY, *SOURCES}
    assert {key for key, vote in keys if not vote} == {*EVENT_TYPES, *RESPONSIBILITY, "none"}


def test_every_lexicon_is_used():
    assert {name for function in LIBRARY.functions for name in function.lexicons()} == set(LEXICONS)


def test_votes_come_by_key_and_sentence():
    first = Document(id="a", text="A car bomb went off in Bria.\nThree people were hurt, a medic said.")
    second = Document(id="b", text="Rain is expected.")
    votes = apply(LIBRARY, [first, second])
    assert {key: found.shape for key, found in votes.items()} == {
        key: (3, len(LIBRARY.of_key(key))) for key in (*EVENT_TYPES, *RESPONSIBILITY, *SOURCES)
    }
    assert all(found.dtype == np.int8 for found in votes.values())
    assert YES in votes["explosive_device"][0]
    assert YES in votes["explosive_device"][1]
    assert YES not in votes["explosive_device"][2]
    assert set(votes["explosive_device"][2]) == {NO, ABSTAIN}


def test_documents_do_not_see_each_other():
    bomb = Document(id="a", text="A car bomb went off in Bria.")
    after = Document(id="b", text="Three people were killed.")
    together, alone = apply(LIBRARY, [bomb, after]), apply(LIBRARY, [after])
    assert all(np.array_equal(together[key][1:], alone[key]) for key in together)


def test_no_document_gives_no_vote():
    assert {len(found) for found in apply(LIBRARY, []).values()} == {0}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{name: x, doc: A., kind: cue, key: riot, any: [riot], exampel: A.}", "exampel"),
        ("{name: x, doc: A., kind: cues, key: riot, any: [riot], example: A.}", "cues"),
        ("{name: x, doc: A., kind: cue, key: riot, any: [], example: A.}", "any"),
        ("{name: x, doc: A., kind: cue, key: riot, any: [riot], example: ''}", "example"),
        ("{name: X y, doc: A., kind: cue, key: riot, any: [riot], example: A.}", "name"),
        ("{name: x, doc: A., kind: cue, key: riot, key: riot, any: [riot], example: A.}", "stands in line 2 already"),
    ],
)
def test_a_broken_function_is_told_where_and_why(tmp_path, row, message):
    path = tmp_path / "events.yaml"
    path.write_text(f"# functions\n- {row}\n")
    with pytest.raises(LexiconError, match=message) as caught:
        read_functions(path)
    assert str(caught.value).startswith(f"{path}:2: ")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: riot_words", "name: protest_words", "two labelling functions are named 'protest_words'"),
        ("key: riot\n", "key: riots\n", "unknown key 'riots'"),
        ("any: [riot]", "any: [riots]", "no lexicon riots"),
    ],
)
def test_functions_and_lexicons_must_fit_together(tmp_path, old, new, message):
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data" / "events.yaml"
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new, 1))
    with pytest.raises(LexiconError, match=message):
        load_library(tmp_path / "data")


def test_a_lexicon_can_be_edited(tmp_path):
    """An expert adds a word, and the function that uses the list fires on it."""
    shutil.copytree(DATA, tmp_path / "data")
    path = tmp_path / "data" / "lexicons.yaml"
    path.write_text(path.read_text().replace("\nshelling: [\n", "\nshelling: [\n  trebuchet*,\n"))
    column = next(i for i, function in enumerate(LIBRARY.functions) if function.name == "shelling_words")
    sentence = ["A trebuchet threw a stone over the wall."]
    assert not LIBRARY.fires(sentence)[0, column]
    assert load_library(tmp_path / "data").fires(sentence)[0, column]
