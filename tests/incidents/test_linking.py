import random
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import CorpusError
from pipeline.incidents.examples import annotated
from pipeline.incidents.fit_linking import fit_linker
from pipeline.incidents.fit_logistic import FOLDS
from pipeline.incidents.linking import MAX_LINKED, Linker, LinkerModel, mentions_by_type
from pipeline.incidents.logistic import Logistic, probability
from pipeline.incidents.mentions import mention_features, read_facts, word_counts
from pipeline.incidents.pairs import LONG, length_share, pair_features
from pipeline.labels import INCIDENT_TYPES
from pipeline.schema import Document, Incident, Sentence, Span
from tests.incidents.marked import article

MARKET = (
    "[explosive_device|unattributed|none] Bomb kills {killed:nine} at {target:market} in {location:Tandja}",
    "^[explosive_device|unattributed|official] A {weapon:bomb} tore through a {target:market} in {location:Tandja} on "
    "{time:Tuesday}, killing {killed:nine} people, {source:police} said.",
    "[explosive_device|unattributed|none] No group claimed the bombing of the {target:market}.",
    "^[||official] The {source:mayor} asked for calm.",
    "[explosive_device|claimed|none] In {time:March 2014} the {actor:Azawen Front} blew up a {target:bridge} near "
    "{location:Korsu}, 300 kilometres away, and said so.",
)


def clusters(*lines, published="2019-06-12"):
    text, sentences = article(*lines)
    return Linker.default().link(text, published, sentences)


def test_the_news_is_one_happening_and_an_old_bombing_another():
    assert [(found.sentences, found.main) for found in clusters(*MARKET)] == [((0, 1, 2), True), ((4,), False)]


def test_types_are_linked_apart():
    found = clusters(
        "[shelling_missile||none] Shells fell on {location:Tandja} on {time:Monday}, killing {killed:three} people.",
        "^[repression||official] {actor:Police} arrested {target:40 protesters} in {location:Korsu} on "
        "{time:Tuesday}, the {source:ministry} said.",
        "[repression||none] The {target:protesters} were held overnight.",
    )
    assert {each.type for each in found} == {"shelling_missile", "repression"}


def test_without_mentions_there_is_nothing():
    assert clusters("[||none] Rain fell on Tandja.", "[demand||none] The union asked for more.") == ()


def test_a_sum_over_many_happenings_is_an_aggregate():
    found = clusters(
        *MARKET[:3],
        "^[explosive_device||none] At least 78 bombings have been counted in the region {time:since October}, killing "
        "more than {killed:200} people in all.",
    )
    assert [each.aggregate for each in found] == [False, True]


def test_how_sure_the_sentences_are_of_the_type_tells_for_a_record():
    text, sentences = article(*MARKET[:2])
    by_certainty = msgspec.structs.replace(
        Linker.default().model, record=Logistic(0.0, {"certainty": 1.0, "most certainty": 1.0}), record_threshold=0.5
    )

    def found(*scores):
        told = [
            msgspec.structs.replace(sentence, event_scores={**sentence.event_scores, "explosive_device": score})
            for sentence, score in zip(sentences, scores, strict=True)
        ]
        return [each.score for each in Linker(by_certainty).link(text, "2019-06-12", told)]

    assert found(0.9, 0.9) == [0.9]
    assert found(0.9, 0.5) == [0.7]
    assert found(0.1, 0.2) == []
    assert Linker.default().model.record.weights["certainty"] > 0


def test_more_mentions_than_are_compared_are_cut_into_blocks_and_none_is_lost():
    model = Linker.default().model
    sure = msgspec.structs.replace(model, record_threshold=0.0)
    text, sentences = article(*["[riot||none] A riot."] * (MAX_LINKED + 5))
    told = [index for found in Linker(sure).link(text, None, sentences) for index in found.sentences]
    assert sorted(told) == list(range(MAX_LINKED + 5))


LINE = st.builds(
    lambda events, source, words: f"[{' '.join(sorted(events))}||{source}] {words}",
    st.sets(st.sampled_from(INCIDENT_TYPES), max_size=2),
    st.sampled_from(["none", "official"]),
    st.sampled_from(["{target:Police} fired.", "It burned in {time:May}.", "{killed:Two} died.", "In {location:Kano}"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=12), st.sampled_from([None, "2020-02-30", "2021-07-01"]))
def test_each_mention_is_in_at_most_one_cluster_of_its_type(lines, published):
    text, sentences = article(*lines)
    found = Linker.default().link(text, published, sentences)
    assert found == Linker.default().link(text, published, sentences)
    told = [(each.type, index) for each in found for index in each.sentences]
    assert len(told) == len(set(told))
    assert all(kind in sentences[index].events for kind, index in told)
    assert list(found) == sorted(found, key=lambda each: (each.sentences, each.type))
    assert all(first < second for each in found for first, second in pairwise(each.sentences))


def test_a_likelier_link_never_makes_more_clusters():
    text, sentences = article(*MARKET)
    model = Linker.default().model
    counts = [
        len(Linker(msgspec.structs.replace(model, link_threshold=at, record_threshold=0.0)).link(text, None, sentences))
        for at in (0.05, 0.5, 0.95)
    ]
    assert counts == sorted(counts)


@pytest.mark.parametrize(("sentences", "share"), [(0, 0.0), (12, 0.0), (26, 0.5), (40, 1.0), (1000, 1.0)])
def test_an_article_is_long_by_its_sentences(sentences, share):
    assert length_share(sentences) == share


@pytest.mark.parametrize(("unlabelled", "found"), [(0, 1), (40, 2)])
def test_what_counts_in_long_articles_counts_in_no_short_one(unlabelled, found):
    certain = Logistic(9.0, {})
    apart = LinkerModel(
        background=Logistic(-9.0, {}),
        link=Logistic(9.0, {f"{LONG}type riot": -18.0}),
        record=certain,
        main=certain,
        aggregate=Logistic(-9.0, {}),
        **dict.fromkeys(("link_threshold", "record_threshold", "main_threshold", "aggregate_threshold"), 0.5),
    )
    text, scored = article(*["[riot||none] A riot."] * 2, *["[||none] It rained."] * unlabelled)
    assert len(Linker(apart).link(text, None, scored)) == found


def test_background_knows_the_day_of_publication():
    text, sentences = article(*MARKET)
    odds = Linker.default().background_logits(read_facts(text, "2019-06-12", sentences))["explosive_device"]
    assert max(odds, key=odds.__getitem__) == 4


def test_features_are_finite_and_pairs_fit_the_mentions():
    text, sentences = article(*MARKET)
    facts = read_facts(text, "not a date", sentences)
    indexes = mentions_by_type(sentences)["explosive_device"]
    assert all(np.isfinite(v) for found in mention_features(facts, indexes) for v in found.values())
    odds = dict.fromkeys(indexes, 99.0)
    for name, values in pair_features(facts, "explosive_device", indexes, odds, word_counts(facts)):
        assert values.shape == (4, 4), name
        assert np.isfinite(values).all(), name
    assert probability(np.array([-1e9, 0.0, 1e9])).tolist() == pytest.approx([0, 0.5, 1])


def reports(families):
    """Invented reports that tell a riot in the first half and another, of years before, in the second."""
    documents = []
    for number in range(families):
        towns = random.Random(number).sample(["Tandja", "Korsu", "Belmo", "Ashkal", "Nuraq"], 2)
        lines = [f"[riot||none] A riot broke out in {{location:{towns[0]}}}." for _ in range(3)]
        lines += [f"^[riot||none] Years ago, in {{time:2011}}, {{location:{towns[1]}}} had burned." for _ in range(2)]
        text, scored = article(*lines)
        documents.append(
            Document(
                id=str(number),
                text=text,
                family=str(number),
                published="2019-06-12",
                sentences=tuple(
                    Sentence(s.start, s.end, s.events, (), "none", tuple(Span(p.role, p.start, p.end) for p in s.spans))
                    for s in scored
                ),
                incidents=(
                    Incident("1", "riot", "now", True, (0, 1, 2)),
                    Incident("2", "riot", "then", False, (3, 4)),
                ),
            )
        )
    return documents


def told(families):
    return [annotated(document) for document in reports(families)]


def test_fitting_learns_what_sets_happenings_apart():
    model, strengths = fit_linker(told(12))
    document = reports(20)[-1]
    text, scored = article(
        "[riot||none] A riot broke out in {location:Belmo}.",
        "[riot||none] A riot broke out in {location:Belmo}.",
        "^[riot||none] Years ago, in {time:2011}, {location:Nuraq} had burned.",
    )
    assert [found.sentences for found in Linker(model).link(text, document.published, scored)] == [(0, 1), (2,)]
    assert set(strengths) == {"background", "link", "record", "main", "aggregate"}
    assert fit_linker(told(12))[0] == model


def test_fitting_says_when_there_is_too_little_to_learn_from():
    with pytest.raises(CorpusError, match=f"3 families .* at least {FOLDS}"):
        fit_linker(told(3))


def test_a_model_survives_being_written_and_read():
    model = LinkerModel(*[Logistic(0.5, {"a": 1.0})] * 5, 0.1, 0.2, 0.3, 0.4)
    assert msgspec.json.decode(msgspec.json.encode(model), type=LinkerModel) == model
