"""Words and lexicons: what an entry matches, and what a broken file is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.weak.lexicon import LexiconError, Lexicons, read_lexicons
from pipeline.weak.words import MARKS, read_words


@pytest.mark.parametrize(
    ("entry", "text", "place"),
    [
        ("mortar*", "Two mortars fell", (1, 2)),
        ("mortar*", "A mort fell", None),
        ("car bomb", "A car-bomb went off", (1, 3)),
        ("tear/cs gas", "They used CS gas.", (2, 4)),
        ("tear/cs gas", "They used gas.", None),
        ("a _ official", "said a senior official", (1, 4)),
        ("a _ official", "said a official", None),
        ("army", "the army's guns", (1, 2)),
        ("didn't", "They didn’t fire", (1, 2)),
        ("army of", "the army left of the road", None),
    ],
)
def test_an_entry_matches_its_words_and_no_others(entry, text, place):
    found = Lexicons({"name": [entry]}).find(read_words(text))
    assert found == ({"name": [place]} if place else {})


def test_entries_of_several_lexicons_overlap():
    found = Lexicons({"force": ["tear gas", "gas"], "thing": ["gas"]}).find(read_words("tear gas"))
    assert {name: sorted(places) for name, places in found.items()} == {"force": [(0, 2), (1, 2)], "thing": [(1, 2)]}


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("“Go home,” he said", ["go", "home", ","]),
        ("and stay there,” he said", ["and", "stay", "there", ","]),
        ('"Go," he said, "and stay', ["go", ",", "and", "stay"]),
        ('stay," he said', ["stay", ","]),
        ("Nobody spoke", []),
    ],
)
def test_quotations_are_told_from_narration(text, quoted):
    words = read_words(text)
    inside = [word for word, within in zip(words.tokens, words.quoted, strict=True) if within]
    assert [word for word in inside if word not in MARKS] == quoted


@given(st.lists(st.sampled_from(["rocket", "fell", "on", "Bria", "“", "”", ",", "army’s"]), max_size=12))
def test_an_entry_is_found_wherever_it_stands(words):
    before = read_words(" ".join(words)).tokens
    found = Lexicons({"name": ["set fire to"]}).find(read_words(" ".join([*words, "set fire to", *words])))
    assert found == {"name": [(len(before), len(before) + 3)]}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("a:\n  - one\n  - two\na:\n  - three\n", 4, "stands in line 1 already"),
        ("a:\n  - one\n  - two/one\n", 3, "'one' stands in lexicon 'a' already, in line 2"),
        ("a:\n  - one\n  - ''\n", 3, "empty"),
        ("a:\n  - one\nb: []\n", 3, "not a list of entries"),
        ("a:\n  - one\nb: two\n", 3, "not a list of entries"),
        ("a:\n  - on*e\n", 2, "no word"),
        ("a:\n  - o*\n", 2, "at least 2 letters"),
        ("- one\n", 1, "expected names"),
    ],
)
def test_a_broken_file_is_told_where_and_why(tmp_path, content, line, message):
    path = tmp_path / "lexicons.yaml"
    path.write_text(content)
    with pytest.raises(LexiconError) as caught:
        read_lexicons(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert message in str(caught.value)


def test_a_missing_or_unreadable_file_is_named(tmp_path):
    with pytest.raises(LexiconError, match=r"nowhere\.yaml is missing"):
        read_lexicons(tmp_path / "nowhere.yaml")
    (tmp_path / "bad.yaml").write_text("a: [one")
    with pytest.raises(LexiconError, match=r"bad\.yaml: not YAML"):
        read_lexicons(tmp_path / "bad.yaml")
