import random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.incidents.clustering import cluster
from pipeline.incidents.dates import FROM_PUBLICATION
from pipeline.incidents.fit_merging import as_results, fit
from pipeline.incidents.ledger import ledger
from pipeline.incidents.merge import default_merger, merge_incidents
from pipeline.incidents.similarity import FEATURES, MergerParameters
from pipeline.incidents.table import Entry, day_range, record_table
from pipeline.labels import INCIDENT_TYPES
from pipeline.schema import (
    Claim,
    CountRange,
    DateRange,
    Document,
    Incident,
    MergedIncident,
    ScoredSentence,
)
from pipeline.text.fingerprints import fingerprint
from tests.results import extracted

DAY = DateRange("2019-06-11", "2019-06-11")


def record(name="", **values):
    fields = {
        "type": "shelling_missile",
        "main": True,
        "sentences": (0, 1),
        "date": DAY,
        "place": "Bria",
        "country": "CAF",
        "targets": ("Azande fort",),
        "actors": ("Ouaka League",),
        "killed": CountRange(9, 9),
    }
    return Incident(id=name, incident=name, **{**fields, **values})


def document(name, *incidents, published="2019-06-12", sha=""):
    numbered = (
        msgspec.structs.replace(i, id=f"{name}#{n}", incident=f"{name}#{n}") for n, i in enumerate(incidents, 1)
    )
    return extracted(name, *numbered, published=published, text_sha256=sha)


def groups(results):
    return [[member.incident for member in merged.members] for merged in merge_incidents(results)]


def claim(status, value, about="responsibility", start=0):
    return Claim(about, value, status, None, "official", 0, start, start + 1)


def test_reports_of_one_happening_are_merged_with_the_reason():
    (merged,) = merge_incidents([document("a", record()), document("b", record(place="Bria town", targets=("fort",)))])
    assert [member.incident for member in merged.members] == ["a#1", "b#1"]
    (link,) = merged.links
    assert (link.first, link.second) == ("a#1", "b#1")
    assert 0.5 < link.score <= 1
    assert "2019-06-11" in link.reason or "Bria" in link.reason
    assert (merged.type, merged.country, merged.date) == ("shelling_missile", "CAF", DAY)


@pytest.mark.parametrize(
    "other",
    [
        {"date": DateRange("2019-06-17", "2019-06-17")},
        {"type": "protest"},
        {"place": "Kaga", "country": "NER", "targets": ("bridge",), "actors": ("Tondi Front",)},
    ],
)
def test_what_differs_in_date_type_or_place_is_another_happening(other):
    assert groups([document("a", record()), document("b", record(**other), published="2019-06-18")]) == [
        ["a#1"],
        ["b#1"],
    ]


@pytest.mark.parametrize("missing", [{"date": None}, {"country": None}, {"targets": ()}, {"killed": None}])
def test_a_missing_value_is_no_difference(missing):
    assert groups([document("a", record()), document("b", record(**missing))]) == [["a#1", "b#1"]]


def test_records_of_one_article_never_join_not_even_through_another_article():
    merged = groups([document("a", record(), record()), document("b", record())])
    assert sorted(map(len, merged)) == [1, 2]
    assert not any({"a#1", "a#2"} <= set(group) for group in merged)


def test_dates_that_exclude_each_other_never_join_not_even_through_an_open_one():
    later = record(date=DateRange("2019-06-17", "2019-06-17"))
    merged = groups(
        [
            document("a", record(), published="2019-06-18"),
            document("b", later, published="2019-06-18"),
            document("c", record(date=None), published="2019-06-18"),
        ]
    )
    assert not any({"a#1", "b#1"} <= set(group) for group in merged)


@pytest.mark.parametrize(("reason", "incidents"), [(FROM_PUBLICATION, 1), ("on Thursday", 2)])
def test_a_date_that_no_words_tell_parts_no_reports(reason, incidents):
    guessed = record(date=DateRange("2019-06-20", "2019-06-20"), date_reason=reason)
    found = merge_incidents([document("a", record()), document("b", guessed, published="2019-06-20")])
    assert len(found) == incidents
    assert found[0].ledger["date"].agreement is None


def test_what_was_published_before_a_happening_does_not_report_it():
    undated = record(date=None)
    assert len(groups([document("a", record()), document("b", undated, published="2019-05-01")])) == 2


def test_reprints_stand_with_the_original_and_are_no_voice():
    dead = record(killed=CountRange(9, 9))
    other = record(killed=CountRange(4, 4))
    results = [
        document("z", dead, published="2019-06-12", sha="s"),
        document("b", record(date=None), published="2020-01-01", sha="s"),
        document("c", dead, published="2019-06-13", sha="s"),
        document("d", other, published="2019-06-12", sha="t"),
    ]
    (merged,) = merge_incidents(results)
    entries = {entry.document: entry.reprint_of for entry in merged.ledger["killed"].entries}
    assert entries == {"z": None, "b": "z", "c": "z", "d": None}
    assert {(link.first, link.second) for link in merged.links if link.reason == "same text"} == {
        ("z#1", "b#1"),
        ("z#1", "c#1"),
    }
    (alone,) = merge_incidents(results[:3])
    assert alone.ledger["killed"].agreement is None


@pytest.mark.parametrize(
    ("counts", "agreement", "best"),
    [
        ([(9, 9), (9, 9)], True, (9, 9)),
        ([(9, 9), (2, 2)], False, (2, 9)),
        ([(24, None), (31, 31)], True, (31, 31)),
        ([(24, None), (9, 9)], False, (9, None)),
        ([(3, 5)], None, (3, 5)),
    ],
)
def test_counts_agree_when_one_number_fits_all(counts, agreement, best):
    members = [Entry(document(str(n)), record(str(n), killed=CountRange(*c))) for n, c in enumerate(counts)]
    fact = ledger(members, {})["killed"]
    assert fact.agreement is agreement
    assert fact.best == CountRange(*best)


@pytest.mark.parametrize(
    ("told", "agreement"),
    [
        ([("claimed", "Ouaka League"), ("accused", "the League")], True),
        ([("claimed", "Ouaka League"), ("accused", "Tondi Front")], False),
        ([("accused", "gunmen"), ("accused", "Tondi Front")], True),
        ([("accused", "Tondi Front"), ("denied", "Tondi Front")], False),
        ([("accused", "Tondi Front"), ("denied", "Ouaka League")], True),
        ([("unattributed", None), ("accused", "Tondi Front")], True),
        ([("unattributed", None), ("claimed", "Tondi Front")], False),
        ([("unattributed", None)], None),
    ],
)
def test_statements_on_responsibility_agree_when_all_can_be_true(told, agreement):
    claims = [claim(*statement) for statement in told]
    members = [Entry(document(str(n)), record(str(n), claims=(c,))) for n, c in enumerate(claims)]
    assert ledger(members, {})["responsibility"].agreement is agreement
    assert ledger(members[::-1], {})["responsibility"].agreement is agreement


def test_a_fact_without_a_claim_is_told_by_the_record():
    member = Entry(document("a"), record("a", attribution="claimed", attributed_to="Ouaka League"))
    facts = ledger([member], {})
    assert [(e.value, e.status) for e in facts["responsibility"].entries] == [("Ouaka League", "claimed")]
    assert facts["weapon_count"].entries == ()
    assert [entry.value for entry in facts["place"].entries] == ["Bria"]


def test_the_history_of_attribution_is_told_in_the_order_of_publication():
    told = [
        ("a", "2019-06-15", [claim("denied", "Ouaka League")]),
        ("b", "2019-06-11", [claim("unattributed", None)]),
        ("c", "2019-06-14", [claim("claimed", "Ouaka League", start=9), claim("accused", "the League")]),
        ("d", "2019-06-12", [claim("accused", "Ouaka League"), claim("unattributed", None, start=5)]),
    ]
    results = [document(name, record(claims=tuple(claims)), published=day) for name, day, claims in told]
    (merged,) = merge_incidents(results)
    steps = [(step.published, step.status) for step in merged.history]
    assert steps == [
        ("2019-06-11", "unattributed"),
        ("2019-06-12", "accused"),
        ("2019-06-14", "claimed"),
        ("2019-06-15", "denied"),
    ]


def test_what_is_written_can_be_read_again():
    dates = [DAY, DateRange("2019-06-11", "2019-06-12"), DateRange(None, "2019-06-12"), DateRange(None, None)]
    results = [document(str(n), record(str(n), date=date, place="Bria")) for n, date in enumerate(dates)]
    merged = merge_incidents(results)
    assert msgspec.json.decode(msgspec.json.encode(merged), type=list[MergedIncident]) == merged
    told = {entry.value for incident in merged for entry in incident.ledger["date"].entries}
    assert told == {"2019-06-11", "2019-06-11/2019-06-12", "../2019-06-12"}


def test_a_merged_incident_stands_on_the_map_and_in_the_schemes_of_the_field():
    (merged,) = merge_incidents([document("a", record(type="abduction", place="Timbuktu", country="MLI"))])
    assert merged.geo_precision == "place"
    assert (round(merged.lat), round(merged.lon)) == (17, -3)
    assert merged.crosswalk["acled"] == "Violence against civilians: Abduction/forced disappearance"


def test_members_vote_for_the_narrowest_date_that_most_allow():
    week, day = DateRange("2019-06-09", "2019-06-15"), DateRange("2019-06-12", "2019-06-12")
    dates = [week, DAY, DAY, week, day]
    (merged,) = merge_incidents(
        [document(f"d{n}", record(date=d), published="2019-06-13") for n, d in enumerate(dates)]
    )
    assert merged.date == DAY


def test_a_crowd_of_reports_in_one_block_is_still_one_happening():
    """More reports than a block compares each with, so that they join through one another."""
    crowd = [document(f"d{number:03}", record()) for number in range(3 * default_merger().window)]
    (merged,) = merge_incidents(crowd)
    assert len(merged.members) == len(crowd)
    assert len(merged.links) == len(crowd) - 1


def test_nothing_gives_nothing():
    assert merge_incidents([]) == []
    assert merge_incidents([document("a")]) == []


@pytest.mark.parametrize(
    "odd",
    [
        {"date": DateRange("9999-12-31", "0001-01-01")},
        {"date": DateRange("soon", None)},
        {"date": DateRange(None, None)},
        {"place": "\u0000 ’s"},
        {"country": "??", "type": "picnic"},
        {"killed": CountRange(10**400, None)},
        {"killed": CountRange(None, None), "injured": CountRange(5, 2)},
        {"targets": ("",) * 50, "actors": ("ß" * 5000,)},
        {"sentences": (-1, 10**9)},
    ],
)
def test_odd_records_are_merged_like_others(odd):
    results = [document("a", record(**odd), published="once"), document("b", record(**odd)), document("c", record())]
    found = sorted(name for group in groups(results) for name in group)
    assert found == ["a#1", "b#1", "c#1"]


_days = st.integers(1, 6).map(lambda day: f"2019-06-{day:02}")
_records = st.builds(
    record,
    type=st.sampled_from(INCIDENT_TYPES[:4]),
    date=st.none() | st.builds(lambda one, other: DateRange(min(one, other), max(one, other)), _days, _days),
    place=st.sampled_from([None, "Bria", "Kaga"]),
    country=st.sampled_from([None, "CAF"]),
    main=st.booleans(),
)
_collections = st.lists(
    st.tuples(st.lists(_records, max_size=3), st.none() | _days, st.sampled_from(["", "", "s"])), max_size=6
).map(lambda rows: [document(f"d{n}", *told, published=day, sha=sha) for n, (told, day, sha) in enumerate(rows)])


@settings(max_examples=40, deadline=None)
@given(_collections, st.randoms())
def test_every_record_has_one_place_whatever_the_order_of_documents(results, shuffle):
    merged = merge_incidents(results)
    told = [member.incident for incident in merged for member in incident.members]
    assert sorted(told) == sorted(i.id for result in results for i in result.incidents)
    shuffled = list(results)
    shuffle.shuffle(shuffled)
    assert merge_incidents(shuffled) == merged


@settings(max_examples=40, deadline=None)
@given(_collections)
def test_no_incident_breaks_the_rules(results):
    records = {i.id: i for result in results for i in result.incidents}
    reprints = {result.id for result in results if result.text_sha256}
    for incident in merge_incidents(results):
        documents = [member.document for member in incident.members]
        assert len(set(documents)) == len(documents)
        ranges = [day_range(records[m.incident].date) for m in incident.members if m.document not in reprints]
        assert max((start for start, _ in ranges), default=0) - min((end for _, end in ranges), default=9e9) <= 1


def test_the_shipped_merger_fits_the_code():
    merger = default_merger()
    assert set(merger.weights) == set(FEATURES)
    assert merger.documents > 1000
    assert msgspec.json.decode(msgspec.json.encode(merger), type=MergerParameters) == merger


def families(count):
    """Invented families of two reports of one happening and a look-alike from another month."""
    rng = random.Random(3)
    made = []
    for number in range(count):
        name = "".join(rng.choice("bdgklmnprst") + rng.choice("aeiou") for _ in range(4)).capitalize()
        first = record("1", place=name, targets=(f"{name} bridge",), actors=(f"{name} League",))
        again = msgspec.structs.replace(first, date=DateRange("2019-03-02", "2019-03-02"), main=False, id="2")
        told = [("hit", first), ("again", again)]
        incidents = tuple(msgspec.structs.replace(i, incident=f"{number}-{key}") for key, i in told)
        made += [
            Document(
                f"{number}-{report}", "", "2019-06-12", family=str(number), incidents=incidents[: 2 - (report == "c")]
            )
            for report in "abc"
        ]
    return made


WIRE = "At least nine people were killed when rockets struck the Azande fort near Bria on Tuesday, the governor said."
AGAIN = "Nine people were killed when rockets struck the Azande fort near Bria on Tuesday, the governor said late."
OWN = "Nine soldiers died in Tuesday's rocket fire on the fort of Azande, a doctor at the hospital in Bria told us."


def quoting(name, text, published):
    """A report of one sentence whose first word is the number of dead."""
    dead = Claim("killed", CountRange(9, 9), None, None, "official", 0, 0, 4)
    told = document(name, record(claims=(dead,), sentences=(0,)), published=published)
    nothing = {"events": (), "event_scores": {}, "responsibility": (), "responsibility_scores": {}, "spans": ()}
    sentence = ScoredSentence(
        start=0,
        end=len(text),
        attribution_source="official",
        attribution_source_scores={},
        fingerprint=fingerprint(text),
        **nothing,
    )
    return msgspec.structs.replace(told, sentences=(sentence,))


def test_a_sentence_taken_over_nearly_word_for_word_is_no_voice_of_its_own():
    results = [
        quoting("late", AGAIN, "2019-06-14"),
        quoting("wire", WIRE, "2019-06-12"),
        quoting("own", OWN, "2019-06-13"),
    ]
    (merged,) = merge_incidents(results)
    assert {entry.document: entry.reprint_of for entry in merged.ledger["killed"].entries} == {
        "late": "wire",
        "own": None,
        "wire": None,
    }
    (alone,) = merge_incidents(results[:2])
    assert alone.ledger["killed"].agreement is None


def test_short_sentences_are_nobodys_property():
    words = "Nobody has claimed the attack."
    assert fingerprint(words) is None
    (merged,) = merge_incidents([quoting(name, words, "2019-06-12") for name in "ab"])
    assert merged.ledger["killed"].agreement is True


def test_damage_denied_and_damage_reported_disagree():
    members = [
        Entry(document(name, told := record(claims=(claim(None, value, "damage"),))), told)
        for name, value in (("a", "none"), ("b", "destroyed"), ("c", "damaged"))
    ]
    assert ledger(members, {})["damage"].agreement is False
    assert ledger(members[1:], {})["damage"].agreement is True
    assert ledger(members[:1], {})["damage"].agreement is None


def test_a_small_sample_is_fitted_and_merged_by_what_was_learned():
    documents = families(8)
    merger = fit(documents)
    assert merger == fit(documents[::-1])
    assert merger.weights["date_same"] > 0
    merged = merge_incidents(as_results(families(9)), merger)
    assert sorted(len(incident.members) for incident in merged) == [2] * 9 + [3] * 9


def test_wrong_records_teach_that_a_difference_says_less():
    documents = families(8)
    wrong = [
        msgspec.structs.replace(
            found, incidents=tuple(msgspec.structs.replace(incident, place="Oslo") for incident in found.incidents)
        )
        if found.id.endswith("b")
        else found
        for found in documents
    ]
    strict, lenient = fit(documents), fit(documents, wrong)
    assert strict.weights["place_differs"] < lenient.weights["place_differs"] < 0
    assert 0 < lenient.weights["place_words"] < strict.weights["place_words"]


def test_a_corpus_without_two_reports_of_one_happening_joins_nothing():
    merger = fit(families(1)[:1])
    assert not any(merger.weights.values())
    assert all(len(incident.members) == 1 for incident in merge_incidents(as_results(families(9)), merger))


def test_clustering_adds_up_the_evidence_between_groups():
    """A strong link does not carry a third record along against the sum of what is known of it."""
    results = [document(name, record()) for name in "abc"]
    table = record_table([Entry(result, result.incidents[0]) for result in results], 1)
    pairs = np.array([[0, 1], [0, 2], [1, 2]])
    apart, links = cluster(table, pairs, np.array([5.0, 1.0, -3.0]), 1)
    assert sorted(map(sorted, apart)) == [[0, 1], [2]]
    assert [(link.first, link.second) for link in links] == [(0, 1)]
    together, links = cluster(table, pairs, np.array([5.0, 3.0, -1.0]), 1)
    assert sorted(map(sorted, together)) == [[0, 1, 2]]
    assert [(link.first, link.second) for link in links] == [(0, 1), (0, 2)]
