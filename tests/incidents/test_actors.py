"""Names of actors within an article, their types, and whom a record is attributed to."""

import pytest

from pipeline.incidents.actors import Actors, actor_type, attributed_to
from tests.incidents.marked import article


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Ethiopian army", "state_force"),
        ("soldiers of the Northern Front", "state_force"),
        ("Azawen Liberation Front", "rebel_group"),
        ("Mai-Mai Bwira militia", "militia"),
        ("angry youths", "protesters"),
        ("interior ministry", "government"),
        ("Tehran", "unknown"),
        ("", "unknown"),
    ],
)
def test_the_head_noun_tells_the_type(name: str, wanted: str) -> None:
    assert actor_type(name) == wanted


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [
        ("group", "Congress of Masisi Rebels"),
        ("CMR", "Congress of Masisi Rebels"),
        ("Congress", "Congress of Masisi Rebels"),
        ("Rukundo", "Colonel Jean Rukundo"),
        ("Front", "Front"),
        ("XYZ", "XYZ"),
        ("army", "army"),
    ],
)
def test_short_forms_lead_to_the_full_name(phrase: str, wanted: str) -> None:
    text, sentences = article(
        "[armed_assault accusation | accused | official] {source:Colonel Jean Rukundo} blamed the"
        " {actor:Congress of Masisi Rebels}.",
        "[armed_assault | denied | armed_group] The {source:group} denied it, the {actor:army} did not.",
    )
    assert Actors(text, sentences).name(phrase, len(text)) == wanted


def test_a_description_before_any_name_stays() -> None:
    text, sentences = article("[abduction | claimed | armed_group] The {actor:group} holds them, the Lunda Front said.")
    assert Actors(text, sentences).name("group", text.index("group")) == "group"


def test_the_statement_that_holds_names_the_actor() -> None:
    text, sentences = article(
        "^[explosive_device | claimed | armed_group] {actor:Militants} own up to the bomb",
        "^[explosive_device accusation | accused | official] The {source:mayor} blamed the {actor:Red League}.",
        "[explosive_device | claimed | armed_group] The {actor:{source:Open Gates Cell}} said it was theirs.",
    )
    assert attributed_to(text, sentences, "explosive_device", [2, 1, 0], "claimed") == "Open Gates Cell"
    assert attributed_to(text, sentences, "explosive_device", [1], "accused") == "Red League"


def test_police_are_the_culprit_of_a_repression_and_the_crowd_of_a_riot() -> None:
    text, sentences = article(
        "[armed_assault | unattributed | none] Nobody says who fired.",
        "[riot repression | stated | none] {actor:Cane cutters} stoned the post and {actor:police} opened fire.",
    )
    assert attributed_to(text, sentences, "repression", [1], "stated") == "police"
    assert attributed_to(text, sentences, "riot", [1], "stated") == "Cane cutters"
    assert attributed_to(text, sentences, "armed_assault", [0], "unattributed") is None
    assert attributed_to(text, sentences, "riot", [1], None) is None
