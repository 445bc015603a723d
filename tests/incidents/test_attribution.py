"""Which of the keys that a record's sentences state is the record's."""

import msgspec
import pytest

from pipeline.errors import CorpusError
from pipeline.incidents.attribution import AttributionModel, attribution
from pipeline.incidents.fit_attribution import Attributed, fit_attribution
from pipeline.incidents.fit_logistic import FOLDS
from pipeline.incidents.logistic import Logistic
from pipeline.labels import RESPONSIBILITY
from tests.incidents.marked import article

_BLAMED = "[explosive_device accusation | accused | official] The mayor blamed the {actor:Red League}."
_OWNED = "[explosive_device | claimed | armed_group] The {actor:Open Gates Cell} said the bomb was theirs."


def believed(sentence, **scores):
    """The sentence as a model gives it that is so sure of these keys, and of no other."""
    return msgspec.structs.replace(
        sentence, responsibility_scores={key: scores.get(key, 0.02) for key in RESPONSIBILITY}
    )


@pytest.mark.parametrize(("members", "wanted"), [([0, 1, 2], "claimed"), ([1], "accused")])
def test_of_sure_statements_the_strongest_is_the_records(members, wanted):
    _, sentences = article("^[explosive_device | claimed | armed_group] Militants own up to the bomb", _BLAMED, _OWNED)
    assert attribution(sentences, "explosive_device", members) == wanted


def test_how_sure_and_how_often_decides_among_what_is_stated():
    _, sentences = article(*[_BLAMED] * 5, _OWNED)
    told = [believed(sentence, accused=0.95) for sentence in sentences[:-1]]
    told.append(believed(sentences[-1], claimed=0.6, denied=0.9))
    by_mean = AttributionModel({key: Logistic(0.0, {f"{key} mean": 1.0}) for key in RESPONSIBILITY}, Logistic(-0.5, {}))
    assert attribution(told, "explosive_device", range(6), by_mean) == "accused"
    assert attribution(told, "explosive_device", [0, 5], by_mean) == "accused"
    assert attribution(told, "explosive_device", [5], by_mean) == "claimed"
    doubtful = msgspec.structs.replace(by_mean, none=Logistic(0.5, {}))
    assert attribution(told, "explosive_device", [5], doubtful) is None


def test_a_protest_has_no_culprit_and_nothing_stated_gives_none():
    _, sentences = article("[protest repression | stated | none] {actor:Police} gassed the {actor:marchers}.")
    assert attribution(sentences, "protest", [0]) is None
    assert attribution(sentences, "repression", []) is None
    assert attribution(article("[riot | | none] They burned it.")[1], "riot", [0]) is None


def records(families):
    """Records whose lone denial never is theirs, whatever its rank beside "unattributed"."""
    _, sentences = article(
        "[riot | unattributed | none] Nobody knows who burned the depot.",
        "[riot | denied | witness] The {actor:miners} had not done it.",
    )
    return [Attributed(str(n), sentences, "riot", [0, 1], "unattributed") for n in range(families)] + [
        Attributed(str(n), sentences, "riot", [1], None) for n in range(families)
    ]


def test_fitting_learns_what_annotators_made_of_it():
    told = records(12)
    model = fit_attribution(told)
    assert attribution(told[0].sentences, "riot", [0, 1], model) == "unattributed"
    assert attribution(told[0].sentences, "riot", [1], model) is None
    assert fit_attribution(told) == model


def test_fitting_says_when_there_is_too_little_to_learn_from():
    with pytest.raises(CorpusError, match=f"at least {FOLDS}"):
        fit_attribution(records(FOLDS - 1))
