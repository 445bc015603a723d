"""Killed, injured and weapons of a record: what counts, what is a part, what is a sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.incidents.nouns import is_person
from pipeline.incidents.tolls import BESIDE, Figures, counted_in, toll, weapon_count
from pipeline.labels import INCIDENT_TYPES, ROLES
from pipeline.schema import CountRange, ScoredSentence, ScoredSpan
from tests.incidents.marked import article


def _toll(*lines: str, kind: str = "armed_assault", role: str = "killed") -> tuple[int | None, int | None] | None:
    text, sentences = article(*lines)
    found = toll(Figures(text, sentences), kind, range(len(sentences)), role)
    return None if found is None else (found.min, found.max)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("{killed:Two} {target:guards} and a {target:driver} were killed.", (3, 3)),
        ("It left {killed:two} {target:buyers} and {killed:one} {target:clerk} dead.", (3, 3)),
        ("The shot killed his {target:driver} and {killed:two} {target:policemen}.", (3, 3)),
        ("{killed:Nine} people died, {killed:four} of them in hospital.", (9, 9)),
        ("{killed:Nine} people died, including {killed:two} {target:nurses}.", (9, 9)),
        ("They fired, killing {killed:five} of them on the road.", (5, 5)),
        ("A {killed:second} {target:soldier} died of his burns.", (2, 2)),
        ("{killed:Seven} died by its count, {killed:eleven} according to the mayor.", (7, 11)),
        ("{killed:40} died, and {killed:no} civilians were hurt.", (40, 40)),
        ("{killed:Nobody} died.", (0, 0)),
        ("{killed:Dozens} died, and later it was said that {killed:66} had.", (24, 66)),
        ("{killed:30 or more} died.", (30, None)),
        ("Gunmen murdered {target:Judge Anna Berg} on her doorstep.", (1, 1)),
        ("{target:Anna Berg}, a judge of 44, was shot dead.", (1, 1)),
        ("They burned the {target:town hall}.", None),
        ("They shot at {target:Anna Berg} and missed.", None),
    ],
)
def test_a_sentence_counts_its_dead(line: str, wanted: tuple[int | None, int | None] | None) -> None:
    assert _toll("[armed_assault | | none] " + line) == wanted


def test_numbers_go_before_persons_and_sentences_disagree() -> None:
    lines = (
        "[armed_assault | | official] {killed:Three} people were killed, police said.",
        "[armed_assault | | witness] “I counted {killed:five},” a nurse said.",
        "[armed_assault | | none] Among the dead was a {target:driver}, killed at the wheel.",
    )
    assert _toll(*lines) == (3, 5)


def test_figures_of_several_types_count_only_where_no_others_do() -> None:
    alone = "[armed_assault | | none] {killed:Four} were shot."
    both = "[armed_assault explosive_device | | none] Gunfire and bombs left {killed:nine} dead."
    assert _toll(alone, both) == _toll(both, alone) == (4, 4)
    assert _toll(both) == (9, 9)


def test_a_death_told_over_sentences_counts_one_person() -> None:
    lines = (
        "[armed_assault | | none] The {target:deputy mayor} was shot on Monday.",
        "[armed_assault | | none] The murder has not been claimed.",
    )
    assert _toll(*lines) == (1, 1)
    assert _toll(lines[0]) is None


def test_a_protest_leaves_the_toll_to_the_violence_beside_it() -> None:
    line = "[protest repression | | none] {killed:Two} {target:marchers} were shot dead at the march."
    assert _toll(line, kind="protest") is None
    assert _toll(line, kind="repression") == (2, 2)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("A bomb wounded a {target:porter}.", (1, 1)),
        ("The {target:porter} lost two fingers of his left hand.", (1, 1)),
        ("{injured:Eight} {target:strikers} were hurt, {injured:two} of them badly.", (8, 8)),
        ("The {target:porter} was shot in the head and died.", None),
    ],
)
def test_a_sentence_counts_its_wounded(line: str, wanted: tuple[int, int] | None) -> None:
    assert _toll("[armed_assault | | none] " + line, role="injured") == wanted


@pytest.mark.parametrize(
    ("line", "kind", "wanted"),
    [
        ("Five {weapon:Katyusha rockets} fell.", "shelling_missile", CountRange(5, 5)),
        ("Some 60 {weapon:122 mm shells} fell.", "shelling_missile", CountRange(60, 60)),
        ("Twenty-one home-made {weapon:rockets} fell.", "shelling_missile", CountRange(21, 21)),
        ("One hundred and six {weapon:shells} fell.", "shelling_missile", CountRange(106, 106)),
        ("A {weapon:bomb} went off.", "explosive_device", CountRange(1, 1)),
        ("A {weapon:rocket} hit the mill; {weapon:rockets} fell all night.", "shelling_missile", None),
        ("On May 5, when {weapon:rockets} fell.", "shelling_missile", None),
        ("In 2017 a {weapon:bomb} went off.", "explosive_device", CountRange(1, 1)),
        ("The {weapon:dynamite} went off.", "explosive_device", None),
        ("They threw twelve {weapon:stones}.", "riot", None),
    ],
)
def test_weapons_are_counted_by_the_words_before_them(line: str, kind: str, wanted: CountRange | None) -> None:
    text, sentences = article(f"[{kind} | | none] {line}")
    assert weapon_count(text, sentences, kind, [0]) == wanted


def test_weapon_counts_that_disagree_make_a_range() -> None:
    text, sentences = article(
        "[shelling_missile | | official] Three {weapon:rockets} were fired, police said.",
        "[shelling_missile | | armed_group] We sent eleven {weapon:rockets}.",
    )
    assert weapon_count(text, sentences, "shelling_missile", [0, 1]) == CountRange(3, 11)
    assert weapon_count(text, sentences, "shelling_missile", [1]) == CountRange(11, 11)


@pytest.mark.parametrize("phrase", ["driver", "Judge Anna Berg", "girl", "brother-in-law", "Governor of Bria"])
def test_persons_are_known_by_name_and_noun(phrase: str) -> None:
    assert is_person(phrase)


@pytest.mark.parametrize("phrase", ["drivers", "town hall", "Grand Hotel", "people", "helicopter", "", "of"])
def test_things_and_crowds_are_no_person(phrase: str) -> None:
    assert not is_person(phrase)


@given(data=st.data(), text=st.text(max_size=200) | st.text("9, and killed\n", max_size=9000))
def test_any_text_is_read_in_any_order_of_members(data: st.DataObject, text: str) -> None:
    at = st.integers(0, len(text))
    spans = tuple(
        ScoredSpan(role, min(a, b), max(a, b), 1.0)
        for role, a, b in data.draw(st.lists(st.tuples(st.sampled_from(ROLES), at, at), max_size=8))
    )
    sentence = ScoredSentence(0, len(text), ("protest",), {}, (), {}, "none", {}, spans)
    kind = data.draw(st.sampled_from(INCIDENT_TYPES))
    for role in ("killed", "injured"):
        found = toll(Figures(text, [sentence, sentence]), kind, [0, 1], role)
        assert found == toll(Figures(text, [sentence, sentence]), kind, [1, 0, 1], role)
        assert found is None or found.max is None or found.min is None or found.min <= found.max
    weapon_count(text, [sentence], kind, [0])


_BOMB = "[explosive_device | | none] A bomb went off in the market."
_DEAD = "[ | | none] {killed:Three} died on the way to hospital."
_DULL = "[ | | none] It rained."
_RIOT = "[riot | | none] Shops burned."


@pytest.mark.parametrize(
    ("lines", "members", "wanted"),
    [
        ([_BOMB, _DEAD], [0], [0, 1]),
        ([_DEAD, _BOMB], [1], [0, 1]),
        ([_RIOT, _DEAD, _BOMB], [2], [2]),
        ([_BOMB, _DEAD, _RIOT], [0], [0, 1]),
        ([_BOMB, *[_DULL] * BESIDE, _DEAD], [0], [*range(BESIDE + 1)]),
        ([_BOMB, "[explosive_device | | none] {killed:Two} were dead at once.", _DEAD], [0, 1], [0, 1]),
        ([_DEAD], [], []),
    ],
)
def test_figures_beside_a_happening_are_its_own_where_it_has_none(lines, members, wanted):
    text, sentences = article(*lines)
    assert counted_in(Figures(text, sentences), "explosive_device", members, "killed") == wanted


def test_a_toll_beside_the_happening_is_counted():
    text, sentences = article(_BOMB, _DEAD)
    assert toll(Figures(text, sentences), "explosive_device", [0], "killed") == CountRange(3, 3)
    assert toll(Figures(text, sentences), "explosive_device", [0], "injured") is None
