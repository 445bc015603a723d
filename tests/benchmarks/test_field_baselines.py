"""What the simple methods must be able to do, and how rows are split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.field_baselines import Majority, TfidfLogreg
from benchmarks.field_data import BENCHMARKS
from benchmarks.field_learners import LEARNERS, make_learners
from benchmarks.field_rows import Row, group_folds, inner_split
from benchmarks.field_rules import confidence, incident_types
from pipeline.errors import InputError

WORDS = {"0": "peace talks", "1": "aid convoy", "2": "angry protest", "3": "trade embargo", "4": "heavy shelling"}


def rows(labels, group=None):
    """A row for each label, about its words; ``group`` rows share a document."""
    return [
        Row(str(i), str(i if group is None else i // group), f"{WORDS[label]} in town {i % 7}", (label,))
        for i, label in enumerate(labels)
    ]


def test_majority_is_the_most_frequent_label_set():
    train = [Row(str(i), "g", "", labels) for i, labels in enumerate([("b",), ("a", "b"), ("b", "a"), (), (), ()])]
    assert Majority().fit(train, "ab", False, 0).predict(train[:2]) == [("a", "b"), ("a", "b")]
    assert Majority().fit(train[3:], "ab", False, 0).predict(train[:1]) == [()]


def test_tfidf_learns_words_of_a_class():
    benchmark = BENCHMARKS["cameo"]
    predictor = TfidfLogreg(benchmark).fit(rows("01234" * 8), benchmark.keys, True, 0)
    assert predictor.predict(rows("43210")) == [(label,) for label in "43210"]


def test_tfidf_gives_several_labels_and_copes_with_one_that_is_never_right():
    benchmark = BENCHMARKS["india_sentences"]
    texts = {("KILL", "FORCE"): "police shot him", ("ARREST",): "police jailed him", (): "it rained all day"}
    train = [Row(str(i), str(i), text, labels) for i, (labels, text) in enumerate([*texts.items()] * 12)]
    predictor = TfidfLogreg(benchmark).fit(train, benchmark.keys, False, 0)
    assert predictor.predict(train[:3]) == list(texts)


def test_tfidf_chooses_on_dev_where_there_is_one():
    """Half of the bombs are right in train, where a low threshold pays; on dev only the surer text is."""
    benchmark = BENCHMARKS["muc_types"]
    texts = ("bomb blast", "bomb found")
    train = [Row(str(i), str(i), texts[i % 2], ("BOMBING",) if i % 4 < 2 or i % 8 == 2 else ()) for i in range(48)]
    dev = [Row(str(i), str(i), text, ("BOMBING",) if text == texts[0] else ()) for i, text in enumerate(texts * 6)]
    within = TfidfLogreg(benchmark).fit(train, benchmark.keys, False, 0)
    on_dev = TfidfLogreg(benchmark).fit(train, benchmark.keys, False, 0, dev)
    assert within.predict(dev[:2]) == [("BOMBING",), ("BOMBING",)]
    assert on_dev.predict(dev[:2]) == [("BOMBING",), ()]


def test_tfidf_hears_nothing_about_a_key_from_rows_in_which_it_is_not_scored():
    benchmark = BENCHMARKS["muc_types"]
    sure = [
        Row(f"s{i}", f"s{i}", "rebels raid" if i % 2 else "calm day", ("ATTACK",) if i % 2 else ()) for i in range(20)
    ]
    open_ = [Row(f"o{i}", f"o{i}", "rebels raid", (), unscored=("ATTACK",)) for i in range(60)]
    predictor = TfidfLogreg(benchmark).fit(sure + open_, benchmark.keys, False, 0)
    assert predictor.predict(sure[:2]) == [(), ("ATTACK",)]


def test_tfidf_reads_what_is_said_about_the_name():
    benchmark = BENCHMARKS["muc_confidence"]
    said = {
        "CLAIMED": "{} admitted guilt gladly",
        "ALLEGED": "officials blamed {} harshly",
        "FACT": "{} burned houses down",
    }
    train = [
        Row(f"{name}{label}", name, "Somebody admitted guilt gladly.\n" + text.format(name) + ".", (label,), (name,))
        for name in ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta")
        for label, text in said.items()
    ]
    predictor = TfidfLogreg(benchmark).fit(train, benchmark.keys, True, 0)
    asked = "Beta Group admitted guilt gladly. Officials blamed Omega harshly."
    assert predictor.predict([Row("x", "x", asked, (), ("OMEGA",))]) == [("ALLEGED",)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A BOMB EXPLODED; THE EXPLOSION WAS HEARD.", ("BOMBING",)),
        ("He was kidnapped. The kidnappers want money.", ("KIDNAPPING",)),
        ("Two were murdered; the murder shocked all. They set fire to the house.", ("ATTACK", "ARSON")),
        ("The president spoke of bombs.", ()),
    ],
)
def test_rules_of_incident_types(text, expected):
    assert incident_types(Row("1", "1", text, ())) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("THE NF CLAIMED RESPONSIBILITY FOR THE ATTACK.", "CLAIMED"),
        ("The police blamed the NF.", "ALLEGED"),
        ("The NF attacked the town. The police blamed nobody.", "FACT"),
        ("The NF, which is suspected of more, took responsibility.", "CLAIMED"),
    ],
)
def test_rules_of_confidence(text, expected):
    assert confidence(Row("1", "1", text, (), ("NF",))) == (expected,)


def test_rules_are_there_for_muc_only():
    made = {name: make_learners(benchmark, ["keyword_rules"]) for name, benchmark in BENCHMARKS.items()}
    assert {name for name, own in made.items() if own} == {"muc_types", "muc_confidence"}
    assert set(LEARNERS) >= {"majority", "tfidf_logreg", "shipped_model", "encoder"}
    assert [learner.name for learner in make_learners(BENCHMARKS["cameo"], ["tfidf_logreg"])] == ["tfidf_logreg"]


@given(st.integers(10, 80), st.integers(1, 4), st.integers(0, 5), st.floats(0.05, 0.6))
def test_the_inner_part_has_whole_groups_and_its_share(count, group, seed, share):
    all_rows = rows("0" * count, group)
    train, dev = inner_split(all_rows, seed, share)
    assert sorted(train + dev, key=lambda row: int(row.id)) == all_rows
    assert not {row.group for row in train} & {row.group for row in dev}
    assert share * count <= len(dev) < share * count + group
    assert (train, dev) == inner_split(all_rows, seed, share)


def test_folds_keep_groups_together_and_cover_every_row_once():
    all_rows = rows("0" * 60, 3)
    folds = group_folds(all_rows, 5)
    assert sorted((row for _, left_out in folds for row in left_out), key=lambda row: int(row.id)) == all_rows
    for train, left_out in folds:
        assert not {row.group for row in train} & {row.group for row in left_out}
        assert len(train) + len(left_out) == 60


def test_one_group_cannot_be_split():
    one = rows("01", 2)
    for split in (lambda: inner_split(one, 0), lambda: group_folds(one, 5)):
        with pytest.raises(InputError, match="2 rows of 1 groups cannot be split"):
            split()
    with pytest.raises(ValueError, match="1 folds"):
        group_folds(rows("0123"), 1)
