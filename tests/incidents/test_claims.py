"""Claims of a record: contested statements, their speakers and their evidence."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.incidents.claims import Statements, speakers_of
from pipeline.incidents.contest import BY_DIFFERENCE
from pipeline.incidents.tolls import Figures
from pipeline.labels import RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import CountRange, ScoredSentence, ScoredSpan
from tests.incidents.marked import article

_REPORT = (
    "^[shelling_missile | accused | official] Rebels shell camp",
    "^[shelling_missile | | official] {killed:Two} {target:soldiers} died when six {weapon:rockets} fell, the"
    " {source:army} said.",
    "[shelling_missile | | witness] “I heard nine {weapon:rockets} and saw {killed:three} dead,” said {source:a cook}.",
    "[shelling_missile | unattributed | none] Nobody owned up to it.",
    "[shelling_missile accusation | accused | official] The {source:minister} blamed the {actor:Lunda Front}.",
    "[shelling_missile | denied | armed_group] The {actor:{source:Front}} said that it was not there.",
    "[armed_clash | stated | none] {actor:Troops} had killed {killed:forty} in May.",
)


def statements_of(text, sentences, kind, members):
    return Statements(Figures(text, sentences)).of(kind, members)


def claims_of(text, sentences, kind, members):
    statements = Statements(Figures(text, sentences))
    return statements.contested(statements.of(kind, members), BY_DIFFERENCE)


def test_a_contested_fact_has_all_its_claims_with_evidence() -> None:
    text, sentences = article(*_REPORT)
    claims = claims_of(text, sentences, "shelling_missile", range(6))
    told = [(c.about, c.value, c.status, c.source, c.source_type, c.sentence) for c in claims]
    assert told == [
        ("killed", CountRange(2, 2), None, "army", "official", 1),
        ("weapon_count", CountRange(6, 6), None, "army", "official", 1),
        ("killed", CountRange(3, 3), None, "a cook", "witness", 2),
        ("weapon_count", CountRange(9, 9), None, "a cook", "witness", 2),
        ("responsibility", None, "unattributed", None, "none", 3),
        ("responsibility", "Lunda Front", "accused", "minister", "official", 4),
        ("responsibility", "Front", "denied", "Front", "armed_group", 5),
    ]
    assert [text[c.start : c.end] for c in claims[:2]] == ["Two", "six rockets"]


def test_what_nobody_disputes_is_a_statement_and_no_claim() -> None:
    text, sentences = article(*_REPORT)
    assert claims_of(text, sentences, "shelling_missile", [1]) == ()
    assert [c.about for c in statements_of(text, sentences, "shelling_missile", [1])] == ["killed", "weapon_count"]
    assert claims_of(text, sentences, "shelling_missile", []) == ()


def test_a_figure_beside_the_happening_is_a_statement_on_it() -> None:
    text, sentences = article(
        "[shelling_missile | unattributed | none] Nobody owned up to the {weapon:rockets}.",
        "[ | accused | official] {killed:Two} died by the hand of {actor:rebels}, the {source:army} said.",
    )
    told = statements_of(text, sentences, "shelling_missile", [0])
    assert [(c.about, c.source, c.sentence) for c in told] == [("responsibility", None, 0), ("killed", "army", 1)]


def test_a_denial_beside_an_accusation_is_about_another() -> None:
    text, sentences = article(
        "[abduction accusation | accused denied | official] The {source:army} said {actor:cattle rustlers}, not the"
        " {actor:Ansar Brigade}, had taken the {target:pupils}."
    )
    claims = {c.status: c.value for c in claims_of(text, sentences, "abduction", [0])}
    assert claims == {"accused": "cattle rustlers", "denied": "Ansar Brigade"}


def test_two_groups_claim_one_act() -> None:
    text, sentences = article(
        "[explosive_device | claimed | armed_group] The {actor:{source:Red Fist}} claimed it, and so did the"
        " {actor:{source:Open Cell}}."
    )
    claims = claims_of(text, sentences, "explosive_device", [0])
    assert [(c.value, c.status) for c in claims] == [("Red Fist", "claimed"), ("Open Cell", "claimed")]


def test_damage_is_claimed_and_denied() -> None:
    text, sentences = article(
        "[shelling_missile | | official] There was no damage, the {source:governor} said.",
        "[shelling_missile | | witness] The {target:school} was destroyed, {source:residents} said.",
    )
    claims = claims_of(text, sentences, "shelling_missile", [0, 1])
    assert [(c.value, text[c.start : c.end]) for c in claims] == [("none", "no damage"), ("destroyed", "destroyed")]


def test_a_quotation_keeps_its_speaker_over_sentences() -> None:
    text, sentences = article(
        "[armed_assault | | witness] “They came at night,” said {source:Amina}.",
        "[armed_assault | | witness] “They took {killed:nobody}.",
        "[armed_assault | | none] We saw it.”",
        "[armed_assault | | official] “It was a raid.",
        "[armed_assault | | official] We know it,” the {source:mayor} said.",
        "^[armed_assault | | none] The road is closed.",
    )
    assert [s.source for s in speakers_of(text, sentences)] == ["Amina", "Amina", "Amina", "mayor", "mayor", None]
    assert [s.source_type for s in speakers_of(text, sentences)][2] == "witness"


def test_a_new_kind_of_source_has_no_borrowed_name() -> None:
    text, sentences = article(
        "[armed_assault | | official] {source:Police} came late.", "[armed_assault | | expert] That is usual."
    )
    assert [(s.source, s.source_type) for s in speakers_of(text, sentences)] == [
        ("Police", "official"),
        (None, "expert"),
    ]


@given(data=st.data(), text=st.text('“”"\n. noadstroyed9', max_size=120), cut=st.integers(0, 120))
def test_evidence_lies_in_its_sentence_and_claims_are_statements(data: st.DataObject, text: str, cut: int) -> None:
    bounds = [(0, min(cut, len(text))), (min(cut, len(text)), len(text))]
    sentences = []
    for start, end in bounds:
        at = st.integers(start, end)
        spans = data.draw(st.lists(st.tuples(st.sampled_from(ROLES), at, at), max_size=6))
        keys = data.draw(st.lists(st.sampled_from(RESPONSIBILITY), unique=True))
        marked = tuple(ScoredSpan(role, min(a, b), max(a, b), 1.0) for role, a, b in spans)
        source = data.draw(st.sampled_from(SOURCES))
        sentences.append(ScoredSentence(start, end, ("riot",), {}, tuple(keys), {}, source, {}, marked))
    statements = statements_of(text, sentences, "shelling_missile", [1, 0])
    assert statements == statements_of(text, sentences, "shelling_missile", [0, 1, 1])
    assert set(claims_of(text, sentences, "shelling_missile", [0, 1])) <= set(statements)
    for claim in statements:
        assert sentences[claim.sentence].start <= claim.start <= claim.end <= sentences[claim.sentence].end
