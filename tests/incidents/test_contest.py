"""Which statements are on contested facts: what is learned, and what holds where nothing can be."""

import pytest

from pipeline.incidents.claims import Statements
from pipeline.incidents.contest import BY_DIFFERENCE, default_contest
from pipeline.incidents.examples import annotated
from pipeline.incidents.fit_claims import fit_contest
from pipeline.incidents.fit_logistic import FOLDS
from pipeline.incidents.linking import Linker
from pipeline.incidents.tolls import Figures
from pipeline.schema import Claim, Document, Incident, Sentence, Span
from tests.incidents.marked import article

_DENIED = (
    "[riot | | official] Two were {killed:dead}, {source:police} said.",
    "[riot | stated | none] {actor:Miners} burned the {target:depot}.",
    "[riot | denied | witness] The {actor:miners} had not done it, their {source:union} said.",
)


def statements_of(*lines):
    text, sentences = article(*lines)
    return Statements(Figures(text, sentences))


def reports(count):
    """Reports in which a denial is a claim though nothing differs, and neither figure nor narrator is."""
    text, scored = article(*_DENIED)
    claim = Claim("responsibility", "miners", "denied", "union", "witness", 2)
    return [
        Document(
            id=str(number),
            text=text,
            family=str(number),
            sentences=tuple(
                Sentence(
                    s.start,
                    s.end,
                    s.events,
                    s.responsibility,
                    s.attribution_source,
                    tuple(Span(p.role, p.start, p.end) for p in s.spans),
                )
                for s in scored
            ),
            incidents=(Incident("1", "riot", "depot", True, (0, 1, 2), claims=(claim,)),),
        )
        for number in range(count)
    ]


def told(count):
    return [annotated(document) for document in reports(count)]


def contested(statements, members, model):
    return {(c.about, c.status) for c in statements.contested(statements.of("riot", members), model)}


def test_a_denial_alone_is_learned_to_be_contested():
    model = fit_contest(told(12), Linker.default())
    statements = statements_of(*_DENIED)
    assert contested(statements, [2], BY_DIFFERENCE) == set()
    assert contested(statements, [0, 1, 2], model) == {("responsibility", "denied")}
    assert contested(statements, [0, 1], model) == set()
    assert fit_contest(told(12), Linker.default()) == model


@pytest.mark.parametrize("count", [0, FOLDS - 1])
def test_with_too_little_to_learn_from_difference_decides(count):
    assert fit_contest(told(count), Linker.default()) == BY_DIFFERENCE


def test_reports_without_claims_teach_nothing():
    silent = [
        Document(d.id, d.text, d.family, sentences=d.sentences, incidents=(Incident("1", "riot", "x", True, (0,)),))
        for d in reports(12)
    ]
    assert fit_contest([annotated(document) for document in silent], Linker.default()) == BY_DIFFERENCE


_ROCKETS = (
    "[shelling_missile | | official] {killed:Two} {target:soldiers} died, the {source:army} said.",
    "[shelling_missile | | witness] “I counted {killed:five} dead,” said {source:a cook}.",
    "[shelling_missile accusation | accused | official] The {source:minister} blamed the {actor:Lunda Front}.",
    "[shelling_missile | denied | armed_group] The {actor:{source:Front}} said that it was not there.",
)


def test_the_shipped_model_takes_differing_voices_for_claims():
    statements = statements_of(*_ROCKETS)
    found = statements.contested(statements.of("shelling_missile", range(4)))
    assert [(c.about, c.status, c.sentence) for c in found] == [
        ("killed", None, 0),
        ("killed", None, 1),
        ("responsibility", "accused", 2),
        ("responsibility", "denied", 3),
    ]
    alone = statements.of("shelling_missile", [0])
    assert [c.about for c in alone] == ["killed"]
    assert statements.contested(alone, default_contest()) == ()
