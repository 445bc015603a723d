import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.incidents.crosswalk import (
    SCHEMES,
    codes_of,
    codes_of_records,
    crosswalk_of,
    load_crosswalk,
)
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.schema import Claim, CountRange, Incident

TABLE = load_crosswalk()
CAMEO_CODES_PER_ROOT = [10, 27, 28, 7, 8, 5, 6, 25, 5, 27, 12, 26, 22, 26, 6, 13, 13, 14, 9, 7]
"""How many codes below each root, 01 to 20, version 1.1b3 of the codebook has."""


def record(name="a#1", kind="explosive_device", **fields):
    return Incident(name, kind, name, True, (0,), **fields)


def plover_rows():
    rows = [*TABLE.types.values(), *TABLE.responsibility.values(), *(f for t in TABLE.types.values() for f in t.refine)]
    return [row.plover for row in rows if row.plover]


def test_every_type_and_every_responsibility_key_has_a_row_with_a_note():
    assert tuple(TABLE.types) == EVENT_TYPES
    assert tuple(TABLE.responsibility) == RESPONSIBILITY
    assert all(row.note for row in (*TABLE.types.values(), *TABLE.responsibility.values()))


def test_every_scheme_says_where_its_codes_stand():
    assert set(TABLE.schemes) == {*SCHEMES, "muc4"}
    for scheme in TABLE.schemes.values():
        assert all((scheme.codebook, scheme.version, scheme.section, scheme.url.startswith("http")))
        assert 1990 < scheme.year < 2030


def test_plover_codes_are_plovers():
    scheme = TABLE.schemes["plover"]
    assert len(scheme.events) == 16
    for code in plover_rows():
        assert code.event in scheme.events
        assert code.mode is None or code.mode in scheme.events[code.event]
        assert code.context is None or code.context in scheme.contexts


def test_cameo_codes_are_cameos():
    roots = TABLE.schemes["cameo"].roots
    assert [len(root.codes) for root in roots.values()] == CAMEO_CODES_PER_ROOT
    assert all(code.startswith(name) for name, root in roots.items() for code in root.codes)
    rows = [*TABLE.types.values(), *TABLE.responsibility.values(), *(f for t in TABLE.types.values() for f in t.refine)]
    assert {row.cameo for row in rows if row.cameo} <= {code for root in roots.values() for code in root.codes}


def test_acled_gtd_and_muc4_codes_are_theirs():
    events = TABLE.schemes["acled"].event_types
    subs = [sub for names in events.values() for sub in names]
    assert (len(events), len(subs), len(set(subs))) == (6, 25, 25)
    rows = [*TABLE.types.values(), *(finer for row in TABLE.types.values() for finer in row.refine)]
    assert {row.acled for row in rows if row.acled} <= set(subs)
    assert {row.gtd for row in TABLE.types.values() if row.gtd is not None} <= set(TABLE.schemes["gtd"].attack_types)
    for row in TABLE.responsibility.values():
        assert {row.gtd.claimed, row.gtd.guncertain} <= {None, *TABLE.schemes["gtd"].claimed}
        assert {row.muc4, *row.muc4_by_source.values()} <= {None, *TABLE.schemes["muc4"].confidence}
        assert set(row.muc4_by_source) <= set(SOURCES)


@pytest.mark.parametrize(
    ("kind", "weapons", "expected"),
    [
        ("shelling_missile", [], ("ASSAULT:heavy-weapons (military)", "194", "Shelling/artillery/missile attack")),
        ("air_drone_strike", [], ("ASSAULT:aerial (military)", "195", "Air/drone strike")),
        ("air_drone_strike", ["armed drones"], ("ASSAULT:drone (military)", "1952", "Air/drone strike")),
        ("explosive_device", ["bomb"], ("ASSAULT:explosives", "183", "Remote explosive/landmine/IED")),
        ("explosive_device", ["Suicide car bomb"], ("ASSAULT:suicide-attack", "1831", "Suicide bomb")),
        ("explosive_device", ["car bombs"], ("ASSAULT:explosives", "1832", "Remote explosive/landmine/IED")),
        ("explosive_device", ["hand grenade"], ("ASSAULT:explosives", "183", "Grenade")),
        ("explosive_device", ["grenadine"], ("ASSAULT:explosives", "183", "Remote explosive/landmine/IED")),
        ("armed_assault", [], ("ASSAULT", "180", "Attack")),
        ("armed_assault", ["machine guns"], ("ASSAULT:firearms", "193", "Attack")),
        ("riot", [], ("PROTEST:riot", "145", "Mob violence")),
    ],
)
def test_a_type_takes_the_finest_code_that_its_weapons_settle(kind, weapons, expected):
    found = crosswalk_of(kind, weapons=weapons)
    assert (found["plover"], found["cameo"], found["acled"].split(": ")[1]) == expected


@pytest.mark.parametrize(
    ("attribution", "gtd"),
    [
        ("claimed", "3 Bombing/Explosion; claimed=1; guncertain=0"),
        ("accused", "3 Bombing/Explosion; guncertain=1"),
        ("stated", "3 Bombing/Explosion; guncertain=0"),
        ("denied", "3 Bombing/Explosion"),
        ("unattributed", "3 Bombing/Explosion; claimed=0"),
        (None, "3 Bombing/Explosion"),
    ],
)
def test_attribution_decides_gtds_flags_and_nothing_else(attribution, gtd):
    found = crosswalk_of("explosive_device", attribution)
    assert found == {**crosswalk_of("explosive_device"), "gtd": gtd}


def test_no_flag_without_an_attack_type():
    assert crosswalk_of("protest", "claimed")["gtd"] is None
    assert codes_of("riot", "claimed").gtd_claimed is None


def test_deaths_and_weapons_refine_each_scheme_apart():
    found = codes_of("repression", weapons=["live rounds"], killed=CountRange(2, 2))
    assert found.acled_sub_event == "Excessive force against protesters"
    assert found.plover is not None
    assert found.plover.mode == "firearms"
    for killed in (None, CountRange(0, 0), CountRange(None, 5)):
        assert codes_of("repression", killed=killed).acled_sub_event == "Protest with intervention"


def test_an_accusation_by_authorities_is_finer_in_muc4():
    assert codes_of("abduction", "accused").muc4 == "SUSPECTED OR ACCUSED"
    assert codes_of("abduction", "accused", source_types=["none", "media"]).muc4 == "SUSPECTED OR ACCUSED"
    found = codes_of("abduction", "accused", source_types=["witness", "unnamed_official"])
    assert found.muc4 == "SUSPECTED OR ACCUSED BY AUTHORITIES"


def test_records_of_one_happening_are_taken_together_in_any_order():
    blamed = Claim("responsibility", "X", "accused", "police", "official", 0)
    records = [
        record("a#1", weapons=("bomb",), attribution="unattributed"),
        record("b#1", weapons=("roadside bomb",), attribution="accused", claims=(blamed,)),
        record("c#1", attribution=None),
    ]
    expected = codes_of_records("explosive_device", records)
    assert (expected.cameo, expected.gtd_guncertain) == ("1833", 1)
    assert expected.muc4 == "SUSPECTED OR ACCUSED BY AUTHORITIES"
    for seed in range(5):
        assert codes_of_records("explosive_device", random.Random(seed).sample(records, 3)) == expected
    assert codes_of_records("explosive_device", []) == codes_of("explosive_device")


@given(st.text(), st.none() | st.text(), st.lists(st.text(), max_size=3), st.none() | st.integers())
def test_strange_words_never_raise(kind, attribution, weapons, killed):
    found = crosswalk_of(kind, attribution, weapons=weapons, killed=CountRange(killed, None))
    assert tuple(found) == SCHEMES
    if kind not in EVENT_TYPES:
        assert set(found.values()) == {None}


WEAPON_WORDS = sorted({word for row in TABLE.types.values() for finer in row.refine for word in finer.when.weapons})


@given(st.sampled_from(EVENT_TYPES), st.none() | st.sampled_from(RESPONSIBILITY), st.sampled_from(WEAPON_WORDS))
def test_a_weapon_only_ever_makes_a_code_finer(kind, attribution, weapon):
    coarse, fine = codes_of(kind, attribution), codes_of(kind, attribution, weapons=[weapon])
    assert (fine.gtd_attack, fine.muc4) == (coarse.gtd_attack, coarse.muc4)
    assert fine.acled_event == coarse.acled_event
