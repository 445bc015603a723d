"""Names of places to countries and coordinates, and the place of a record."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.incidents.gazetteer import Gazetteer, fold, without_kind
from pipeline.incidents.gazetteer_build import Place, write_gazetteer
from pipeline.incidents.place_names import find_mentions
from pipeline.incidents.places import PlaceFinder, locate
from pipeline.schema import ScoredSentence, ScoredSpan


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.default()


def article(*sentences: str) -> tuple[str, tuple[ScoredSentence, ...]]:
    """A text of sentences in which ``[x]`` marks a location and ``<x>`` an actor."""
    text, scored = "", []
    for marked in sentences:
        start, spans = len(text), []
        opened = 0
        for letter in marked:
            if letter in "[<":
                opened = len(text)
            elif letter in "]>":
                spans.append(ScoredSpan("location" if letter == "]" else "actor", opened, len(text), 1.0))
            else:
                text += letter
        scored.append(ScoredSentence(start, len(text), ("armed_assault",), {}, (), {}, "none", {}, tuple(spans)))
        text += " "
    return text, tuple(scored)


@pytest.mark.parametrize(
    ("name", "country", "precision"),
    [
        ("Bria", "CAF", "place"),
        ("N’Djamena", "TCD", "place"),
        ("port au prince", "HTI", "place"),
        ("Timişoara", "ROU", "place"),
        ("North Kivu", "COD", "region"),
        ("Anbar province", "IRQ", "region"),
        ("Aleppo", "SYR", "place"),
        ("Aleppo Governorate", "SYR", "region"),
        ("Kosovo", "XKX", "country"),
        ("Ivory Coast", "CIV", "country"),
    ],
)
def test_first_candidate_of_a_name(gazetteer: Gazetteer, name: str, country: str, precision: str) -> None:
    first = gazetteer.lookup(name)[0]
    assert (first.country, first.precision) == (country, precision)


def test_larger_town_comes_first_and_others_follow(gazetteer: Gazetteer) -> None:
    found = gazetteer.lookup("Tripoli")
    assert [c.country for c in found if c.precision == "place"][:2] == ["LBY", "LBN"]
    assert found[0].population > 1_000_000
    assert (found[0].lat, found[0].lon) == pytest.approx((32.89, 13.19), abs=0.05)


@pytest.mark.parametrize("name", ["", " ", "Qwxyzzy", "\ud800", "THE", "x" * 10_000, "Province of "])
def test_unknown_names_give_nothing(gazetteer: Gazetteer, name: str) -> None:
    assert gazetteer.lookup(name) == ()


def test_words_for_states(gazetteer: Gazetteer) -> None:
    assert gazetteer.adjectives["Kenyans"] == {"KEN"}
    assert gazetteer.adjectives["Congolese"] == {"COD", "COG"}
    assert gazetteer.capitals["ankara"] == {"TUR"}
    assert "us" not in gazetteer.country_words
    assert gazetteer.country_words["US"] == {"USA"}


def test_every_country_code_has_a_middle(gazetteer: Gazetteer) -> None:
    assert len(gazetteer.countries) > 240
    assert all(abs(c.lat) <= 90 and abs(c.lon) <= 180 and c.names for c in gazetteer.countries.values())


def test_written_gazetteer_is_read_back(tmp_path: Path) -> None:
    places = [
        Place({"alpha", "alfa"}, "SY", 36.2, -37.16, 2_100_000, "place"),
        Place({"alpha"}, "IQ", -90, 180, 0, "region"),
        Place({"nowhere"}, "ZZ", 0, 0, 5, "place"),
    ]
    path = tmp_path / "gazetteer.npz"
    write_gazetteer(path, places, {"SY": "SYR", "IQ": "IRQ"})
    first = path.read_bytes()
    write_gazetteer(path, places[::-1], {"SY": "SYR", "IQ": "IRQ"})
    assert path.read_bytes() == first
    gazetteer = Gazetteer(path)
    assert [(c.country, c.lat, c.lon, c.population, c.precision) for c in gazetteer.lookup("Alpha")] == [
        ("SYR", 36.2, -37.16, 2_100_000, "place"),
        ("IRQ", -90.0, 180.0, 0, "region"),
    ]
    assert gazetteer.lookup("alfa") == gazetteer.lookup("Alpha")[:1]
    assert gazetteer.lookup("nowhere") == ()


@given(st.text(max_size=40))
def test_folding_is_settled_after_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)
    assert without_kind(fold(name)) in fold(name)


def test_mentions_read_compounds_possessives_and_leave_common_words(gazetteer: Gazetteer) -> None:
    text, sentences = article("Police in Kenya’s north blamed Iran-backed men.", "The police are in Nice company.")
    found = [(m.name, m.kind) for m in find_mentions(text, sentences, gazetteer)]
    assert ("Kenya", "country") in found
    assert ("Iran", "adjective") in found
    assert "Police" not in [name for name, _ in found]


def test_a_single_word_without_a_capital_is_no_name_in_the_tables() -> None:
    shipped = Gazetteer.default()
    names = (*shipped.country_words, *shipped.adjectives)
    assert not [name for name in names if name.islower() and " " not in name]


def test_a_known_name_within_a_longer_one_is_a_fragment(gazetteer: Gazetteer) -> None:
    text, sentences = article("A bomb hit [Lange Strasse].", "A bomb hit [Lange].")
    assert [(m.name, m.fragment) for m in find_mentions(text, sentences, gazetteer)] == [
        ("Lange", True),
        ("Lange", False),
    ]


@pytest.mark.parametrize(
    ("rest", "country"),
    [("Lebanese troops came from Beirut.", "LBN"), ("Libyan troops came from Misrata.", "LBY")],
)
def test_rest_of_the_article_settles_an_ambiguous_town(rest: str, country: str) -> None:
    found = PlaceFinder(*article("Gunmen shot four people in [Tripoli].", rest)).place_of("armed_assault", [0])
    assert (found.place, found.country, found.precision) == ("Tripoli", country, "place")


def test_records_of_one_article_lie_in_their_own_countries() -> None:
    finder = PlaceFinder(
        *article(
            "Gunmen killed five in [Gao] in northern Mali.",
            "Malian troops searched houses in [Gao].",
            "In [Tillabéri], Niger, a bomb went off.",
            "Nigerien police closed the road to [Tillabéri].",
        )
    )
    assert [finder.place_of("armed_assault", members).country for members in ([0, 1], [2, 3])] == ["MLI", "NER"]


def test_invented_town_gets_the_articles_country_with_a_lower_score() -> None:
    invented = PlaceFinder(*article("Gunmen shot four in [Zembaliro].", "The Kenyan army came from Nairobi."))
    listed = PlaceFinder(*article("Gunmen shot four in [Garissa].", "The Kenyan army came from Nairobi."))
    first, second = (finder.place_of("armed_assault", [0]) for finder in (invented, listed))
    assert (first.place, first.country, first.precision) == ("Zembaliro", "KEN", "country")
    assert (second.place, second.country, second.precision) == ("Garissa", "KEN", "place")
    assert 0 < first.score < second.score <= 1


def test_whose_troops_they_are_counts_less_than_where_they_fight() -> None:
    finder = PlaceFinder(*article("<French soldiers> shot two men near [Kidal] in Mali.", "<French forces> said so."))
    assert finder.place_of("armed_assault", [0, 1]).country == "MLI"


def test_town_is_preferred_to_the_country_and_to_common_nouns() -> None:
    finder = PlaceFinder(*article("A bridge in [Mali] was attacked.", "Men shot at the [bridge] in [Ansongo]."))
    assert finder.place_of("armed_assault", [0, 1]).place == "Ansongo"


def test_record_without_a_place_takes_the_nearest() -> None:
    finder = PlaceFinder(*article("A bomb went off in [Gardez].", "Two died.", "Rain fell.", "It rained in [Kabul]."))
    assert finder.place_of("armed_assault", [1]).place == "Gardez"


def test_nothing_named_is_nothing_found() -> None:
    finder = PlaceFinder(*article("gunmen shot four people."))
    found = finder.place_of("armed_assault", [0])
    assert (found.place, found.country, found.lat, found.lon, found.precision, found.score) == (None,) * 5 + (0.0,)


@pytest.mark.parametrize(
    ("place", "country", "wanted"),
    [
        ("Bria", "CAF", (6.54, 21.99, "place")),
        ("Bria", None, (6.54, 21.99, "place")),
        ("Osh bazaar", "KGZ", (40.53, 72.80, "place")),
        ("Zembaliro", "KEN", (1.0, 38.0, "country")),
    ],
)
def test_locate(place: str, country: str | None, wanted: tuple[float, float, str]) -> None:
    found = locate(place, country)
    assert found is not None
    assert found[:2] == pytest.approx(wanted[:2], abs=0.1)
    assert found[2] == wanted[2]
    assert 0 < found[3] <= 1


def test_locate_keeps_to_the_country_and_knows_when_it_does_not_know() -> None:
    assert locate("Zembaliro", None) is None
    assert locate("Bria", "XXX") is None
    whole, part = locate("Osh", "KGZ"), locate("Osh bazaar", "KGZ")
    assert whole is not None
    assert part is not None
    assert part[3] < whole[3]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=6), st.data())
def test_any_text_and_any_spans_give_a_score_and_words_of_the_text(
    text: str, spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    bounded = [(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in spans]
    roles = data.draw(st.lists(st.sampled_from(["location", "actor", "target"]), min_size=6, max_size=6))
    marks = tuple(ScoredSpan(role, start, end, 1.0) for role, (start, end) in zip(roles, bounded, strict=False))
    sentences = (ScoredSentence(0, len(text), (), {}, (), {}, "none", {}, marks),)
    found = PlaceFinder(text, sentences).place_of("riot", [-1, 0, 7])
    assert 0 <= found.score <= 1
    assert found.place is None or found.place in text
    assert (found.country is None) == (found.score == 0)
