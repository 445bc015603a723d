import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.incidents.casualties import (
    ROLES,
    default_casualties,
    number_expressions,
    number_features,
    with_casualties,
)
from pipeline.incidents.fit_casualties import fit_casualties
from pipeline.schema import Document, Sentence, Span
from tests.incidents.marked import article


def numbers(text):
    return [text[start:end] for start, end in number_expressions(text, 0, len(text))]


def found(*lines):
    """Role and words of each casualty span, in the order of the text."""
    text, sentences = article(*lines)
    revised = with_casualties(text, sentences)
    return [(s.role, text[s.start : s.end]) for sentence in revised for s in sentence.spans if s.role in ROLES]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At least nine people and more than 1,200 goats died.", ["At least nine", "more than 1,200"]),
        ("Between twenty-two and two hundred and forty.", ["twenty-two", "two hundred and forty"]),
        ("Nobody died; no one was hurt, no casualties.", ["Nobody", "no one", "no"]),
        ("Two or three of the dozens, half a dozen.", ["Two or three", "dozens", "half a dozen"]),
        ("At 19:10 on 12/3, 7.5 km off, calibre 5.56, the A-10.", []),
        ("In 2014 a second man died, several fled.", ["2014", "second", "several"]),
        ("", []),
    ],
)
def test_expressions_with_their_modifiers(text, expected):
    assert numbers(text) == expected


def test_dead_and_hurt_are_told_from_all_other_numbers():
    assert found(
        "[explosive_device||official] The bomb killed nine people and wounded 14 others on Tuesday, the governor said.",
        "[explosive_device||none] Police arrested three men in a house 40 kilometres from the market.",
    ) == [("killed", "nine"), ("injured", "14")]


def test_nobody_is_a_number_too():
    assert ("killed", "nobody") in found("[shelling_missile||official] The mayor said that nobody was killed.")


def test_what_the_encoder_marked_without_a_number_stays_and_other_roles_are_left_alone():
    marked = "[riot||none] The {target:shop} burned {killed:without loss of life} in {location:Kano}."
    text, sentences = article(marked)
    assert with_casualties(text, sentences) == sentences


def test_a_number_that_the_encoder_took_for_dead_without_reason_is_dropped():
    assert found("[law_enforcement||none] The trial of {killed:twelve} officers opens at the court in May.") == []


def test_a_marked_number_keeps_the_extent_that_the_encoder_saw():
    line = "[armed_assault||official] Gunmen killed {killed:at the very least nine} villagers, police said."
    assert found(line) == [("killed", "at the very least nine")]


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("no one ,.;killed5two hurt–½"), max_size=80), st.sampled_from([(), ("riot",)]))
def test_any_text_gives_finite_features_for_each_expression(text, events):
    described = number_features(text, 0, len(text), events)
    assert len(described) == len(number_expressions(text, 0, len(text)))
    assert all(0 <= value <= 3 for features in described for value in features.values())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["{killed:Two} died.", "Nine of {killed:ten} {injured:fled}.", "1,000 {target:men}"])))
def test_spans_lie_in_their_sentence_once_each(lines):
    text, sentences = article(*(f"[armed_clash||none] {line}" for line in lines))
    for before, after in zip(sentences, with_casualties(text, sentences), strict=True):
        assert all(after.start <= s.start < s.end <= after.end for s in after.spans)
        assert len(set(after.spans)) == len(after.spans)
        assert [s for s in after.spans if s.role not in ROLES] == [s for s in before.spans if s.role not in ROLES]
        assert msgspec.structs.replace(after, spans=()) == msgspec.structs.replace(before, spans=())


def documents(count):
    texts = ("Shells killed {} farmers near the dam.", "The clinic treated {} wounded women.", "They sold {} cows.")
    made = []
    for number in range(count):
        text, sentences = "", []
        for role, template in zip(("killed", "injured", None), texts, strict=True):
            start, told = len(text), template.format(number + 20)
            at = start + told.index(str(number + 20))
            spans = (Span(role, at, at + 2),) if role else ()
            text += told + " "
            sentences.append(Sentence(start, start + len(told), ("shelling_missile",), (), "none", spans))
        made.append(Document(id=str(number), text=text, family=str(number), sentences=tuple(sentences)))
    return made


def test_fitting_learns_the_words_beside_a_number():
    model = fit_casualties(documents(30))
    text, sentences = article(
        "[shelling_missile||none] Shells killed 77 farmers near the dam.",
        "[shelling_missile||none] The clinic treated 78 wounded women.",
        "[shelling_missile||none] They sold 79 cows.",
    )
    revised = with_casualties(text, sentences, model)
    assert [[(s.role, text[s.start : s.end]) for s in each.spans] for each in revised] == [
        [("killed", "77")],
        [("injured", "78")],
        [],
    ]
    assert fit_casualties(documents(30)) == model
    assert default_casualties().killed.weights
