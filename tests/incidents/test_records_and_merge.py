import pytest

from pipeline.incidents.records import build_incidents
from pipeline.labels import LABELS
from pipeline.schema import CountRange, ScoredSentence, ScoredSpan
from tests.results import extracted

TEXT = "Two rockets hit the fort in Mongo, Chad, on Tuesday. Nine died, police said. The Azawen Front denied it."


def sentence(text, words, events=(), responsibility=(), source="none", roles=()):
    start = text.index(words)
    spans = tuple(
        ScoredSpan(role, text.index(span, start), text.index(span, start) + len(span), 0.9) for role, span in roles
    )
    return ScoredSentence(
        start,
        start + len(words),
        tuple(events),
        {key: 0.9 if key in events else 0.1 for key in LABELS.keys("events")},
        tuple(responsibility),
        {key: 0.9 if key in responsibility else 0.1 for key in LABELS.keys("responsibility")},
        source,
        {key: float(key == source) for key in LABELS.keys("source")},
        spans,
    )


def told(text=TEXT):
    first, second, third = text.split(". ")
    kind = ["shelling_missile"]
    return (
        sentence(
            text,
            first,
            kind,
            roles=[("weapon", "rockets"), ("target", "fort"), ("location", "Mongo"), ("time", "Tuesday")],
        ),
        sentence(text, second, kind, source="official", roles=[("killed", "Nine"), ("source", "police")]),
        sentence(text, third, kind, ["denied"], "armed_group", [("actor", "Azawen Front"), ("source", "Azawen Front")]),
    )


def result(name, published="2019-06-12", text=TEXT):
    sentences = told(text)
    incidents = build_incidents(name, text, published, sentences)
    return extracted(name, *incidents, published=published, sentences=sentences)


def test_a_record_gathers_its_sentences():
    (incident,) = result("a").incidents
    assert incident.main
    assert incident.sentences == (0, 1, 2)
    assert (incident.place, incident.country) == ("Mongo", "TCD")
    assert incident.date is not None
    assert incident.date.start == "2019-06-11"
    assert incident.killed == CountRange(9, 9)
    assert (incident.attribution, incident.attributed_to) == ("denied", "Azawen Front")
    assert incident.score == pytest.approx(0.9)


def test_each_claim_is_tied_to_its_evidence():
    (incident,) = result("a").incidents
    found = {(c.about, c.status, c.source_type, TEXT[c.start : c.end]) for c in incident.claims}
    assert found == {
        ("weapon_count", None, "none", "Two rockets"),
        ("killed", None, "official", "Nine"),
        ("responsibility", "denied", "armed_group", "The Azawen Front denied it."),
    }


def test_what_the_narrator_counts_is_not_contested_but_a_denial_is():
    (incident,) = result("a").incidents
    contested = {claim.about: claim.contested for claim in incident.claims}
    assert (contested["weapon_count"], contested["responsibility"]) == (False, True)


def test_no_event_makes_no_record_and_two_types_make_two():
    assert build_incidents("a", "Rain.", None, [sentence("Rain.", "Rain.", ["demand"])]) == ()
    found = build_incidents("a", "X.", None, [sentence("X.", "X.", ["riot", "protest"])])
    assert [incident.type for incident in found] == ["protest", "riot"]


@pytest.mark.parametrize(
    ("place", "start", "end"),
    [
        ("Sydney", "2018-12-01", "2019-02-28"),
        ("Australia", "2018-12-01", "2019-02-28"),
        ("Madrid", "2018-06-01", "2018-08-31"),
        ("Porto Alegre", "2018-12-01", "2019-02-28"),  # in Brazil, which the equator crosses
        ("Boa Vista in Brazil", "2018-06-01", "2018-08-31"),
        ("Nowhereville", "2018-06-01", "2018-08-31"),
    ],
)
def test_seasons_are_those_of_the_place(place, start, end):
    text = f"A bomb hit the fort in {place} last summer."
    told = sentence(text, text, ["explosive_device"], roles=[("location", place), ("time", "last summer")])
    (record,) = build_incidents("a", text, "2019-05-02", [told])
    assert (record.date.start, record.date.end) == (start, end)


def test_one_article_can_tell_of_two_hemispheres():
    text = "A bomb hit the fort in Madrid last summer.\nShells fell on the camp at Brisbane last summer."
    first, second = text.split("\n")
    told = [
        sentence(text, first, ["explosive_device"], roles=[("location", "Madrid"), ("time", "last summer")]),
        sentence(text, second, ["shelling_missile"], roles=[("location", "Brisbane"), ("time", "last summer")]),
    ]
    assert [r.date.start for r in build_incidents("a", text, "2019-05-02", told)] == ["2018-06-01", "2018-12-01"]
