"""Combining votes: what the label model learns from made-up functions whose rates are known."""

import msgspec
import numpy as np
import pytest

from pipeline.encoder.targets import answers_of, make_targets
from pipeline.labels import EVENT_TYPES, LABELS, RESPONSIBILITY, SOURCES
from pipeline.schema import Document, Sentence
from pipeline.weak.analysis import function_figures, key_rows, label_figures, score_labels
from pipeline.weak.annotations import annotated_votes
from pipeline.weak.baseline import LabellingFunctionsBaseline
from pipeline.weak.decide import decided
from pipeline.weak.kinds import Absent, Cue
from pipeline.weak.label_model import best_threshold, fit_label_model, fit_rates, heard, majority_vote, posterior
from pipeline.weak.lexicon import Lexicons
from pipeline.weak.library import Library, load_library
from pipeline.weak.soft import soft_documents
from pipeline.weak.voting import ABSTAIN, NO, YES, apply

KEYS = (*EVENT_TYPES, *RESPONSIBILITY, *SOURCES)
RATES = {"good": (0.8, 0.02), "fair": (0.6, 0.2), "noise": (0.3, 0.3), "against": (0.05, 0.7)}
"""Chance that a function fires on a sentence with the key, and on one without."""


def library():
    functions = [
        Cue(name=f"{name}_{key}", doc="Rain.", key=key, vote=name != "against", any=("words",), example="Rain.")
        for key in KEYS
        for name in RATES
    ]
    return Library(functions, Lexicons({"words": ["rain"]}))


def simulated(sentences, seed=5):
    """Votes and truth: a tenth of the sentences has each event and responsibility key, and one source each."""
    random = np.random.default_rng(seed)
    truth = {key: (random.random(sentences) < 0.1).astype(np.int8) for key in KEYS}
    source = random.integers(len(SOURCES), size=sentences)
    truth |= {key: (source == column).astype(np.int8) for column, key in enumerate(SOURCES)}
    votes = {}
    for key in KEYS:
        columns = []
        for name, (right, wrong) in RATES.items():
            fires = random.random(sentences) < np.where(truth[key], right, wrong)
            columns.append(np.where(fires, NO if name == "against" else YES, ABSTAIN).astype(np.int8))
        votes[key] = np.stack(columns, axis=1)
    return votes, truth


VOTES, TRUTH = simulated(600)


@pytest.fixture(scope="module")
def anchored():
    return fit_label_model(library(), VOTES, TRUTH)


def test_with_anchors_the_model_finds_the_rates(anchored):
    for key in ("riot", "denied"):
        voted = (VOTES[key] != ABSTAIN).any(axis=1)
        fires = (VOTES[key] != ABSTAIN)[voted]
        for answer in (NO, YES):
            observed = fires[TRUTH[key][voted] == answer].mean(axis=0)
            assert anchored.keys[key].fires[answer] == pytest.approx(observed, abs=0.02)


def test_with_anchors_it_beats_the_majority_vote(anchored):
    fresh, truth = simulated(800, seed=6)
    model = label_figures(decided(anchored.probabilities(fresh), anchored.thresholds), truth)
    majority = label_figures(decided(majority_vote(fresh)), truth)
    for layer, figure in (("events", "micro_f1"), ("responsibility", "micro_f1"), ("source", "accuracy")):
        assert model[layer][figure] > majority[layer][figure] + 0.05


FIRES = VOTES["riot"] != ABSTAIN
SAYS = np.array([YES, YES, YES, NO])
ALL = np.ones(4, dtype=bool)


def riot_f1(truth):
    rates = fit_rates(2, SAYS, 1 - SAYS, ALL, FIRES, truth)
    found = np.nan_to_num(posterior(rates, FIRES)[:, YES]) > 0.5
    wanted = TRUTH["riot"] == YES
    return rates, 2 * (found & wanted).sum() / (found.sum() + wanted.sum())


def test_without_anchors_functions_learn_from_each_other():
    rates, f1 = riot_f1(np.full(len(FIRES), ABSTAIN))
    good, fair, noise, against = rates.fires[YES] / rates.fires[NO]
    assert good > fair > noise > against
    assert f1 > 0.5


def test_some_anchors_are_enough_and_the_rest_is_not_read_as_no():
    _, f1 = riot_f1(np.where(np.arange(len(FIRES)) < 150, TRUTH["riot"], ABSTAIN))
    assert f1 > 0.6


def test_silence_of_all_is_unknown_and_not_no(anchored):
    votes = {key: values.copy() for key, values in VOTES.items()}
    for key in (*SOURCES, "riot"):
        votes[key][0] = ABSTAIN
    for found in (anchored.probabilities(votes), majority_vote(votes)):
        assert np.isnan(found["riot"][0])
        assert all(np.isnan(found[key][0]) for key in SOURCES)
        assert (np.isnan(found["denied"]) == (votes["denied"] == ABSTAIN).all(axis=1)).all()


def test_probabilities_are_probabilities(anchored):
    found = anchored.probabilities(VOTES)
    for values in found.values():
        known = values[~np.isnan(values)]
        assert ((known >= 0) & (known <= 1)).all()
    sums = np.sum([found[key] for key in SOURCES], axis=0)
    assert np.nan_to_num(sums, nan=1.0) == pytest.approx(np.ones(len(sums)))


def test_a_function_that_never_fires_forbids_nothing():
    never = FIRES.copy()
    never[:, 0] = False
    rates = fit_rates(2, SAYS, 1 - SAYS, ALL, never, TRUTH["riot"])
    assert 0 < posterior(rates, np.array([[True, False, False, False]]))[0, YES] < 1


def test_what_repeats_the_others_silence_is_no_evidence_beside_annotations():
    absent = Absent(name="absent", doc="Rain.", key="riot", vote=False, scope="sentence", example="Rain.")
    cue = Cue(name="cue", doc="Rain.", key="riot", any=("words",), example="Rain.")
    assert heard([cue, absent], np.array([YES, ABSTAIN])).tolist() == [True, False]
    assert heard([cue, absent], np.array([ABSTAIN, ABSTAIN])).tolist() == [True, True]
    cues = np.array([True] * 10 + [False] * 30)
    fires, truth = np.stack([cues, ~cues], axis=1), np.where(np.arange(40) < 4, YES, NO)
    rates = fit_rates(2, np.array([YES, NO]), np.array([NO, YES]), np.array([True, False]), fires, truth)
    found = posterior(rates, np.array([[True, False], [False, True], [False, False]]))[:, YES]
    assert found[0] == pytest.approx(0.4, abs=0.1)
    assert found[1] < 0.1
    assert np.isnan(found[2])


@pytest.mark.parametrize(
    ("probabilities", "truth", "expected"),
    [
        ([0.1, 0.3, 0.4, np.nan], [NO, YES, YES, YES], 0.2),
        ([0.1, 0.3, 0.9], [NO, NO, YES], 0.6),
        ([0.1, 0.3, 0.9], [NO, YES, ABSTAIN], 0.2),
        ([0.3, 0.9], [NO, NO], 0.5),
        ([0.3, 0.9], [ABSTAIN, ABSTAIN], 0.5),
    ],
)
def test_thresholds_are_those_with_the_best_f1(probabilities, truth, expected):
    assert best_threshold(np.array(probabilities), np.array(truth)) == pytest.approx(expected)


def documents():
    text = "Rain fell.\nNobody came."
    sentences = (Sentence(0, 10, events=("riot",), source="witness"), Sentence(11, 23, responsibility=("denied",)))
    return [Document(id="a", text=text, sentences=sentences), Document(id="b", text=text)]


def test_annotations_become_votes_and_their_absence_abstention():
    found = annotated_votes(documents())
    assert found["riot"].tolist() == [YES, NO, ABSTAIN, ABSTAIN]
    assert found["denied"].tolist() == [NO, YES, ABSTAIN, ABSTAIN]
    assert found["none"].tolist() == [NO, YES, ABSTAIN, ABSTAIN]


def test_soft_labels_keep_what_is_unknown_apart_from_no():
    probabilities = {key: np.full(4, np.nan) for key in KEYS}
    probabilities["riot"] = np.array([0.91234567, np.nan, 0.0, 0.2])
    for key in SOURCES:
        probabilities[key] = np.array([1 / 7, np.nan, 1 / 7, 1 / 7])
    found = soft_documents(documents(), probabilities, 0.25)
    assert [(s.start, s.end) for s in found[1].sentences] == [(0, 10), (11, 23)]
    assert found[0].sentences[0].events == {"riot": 0.9123}
    assert found[0].sentences[1].source == {}
    targets = make_targets(answers_of(found[0].sentences, LABELS), LABELS, 2).layers
    column = LABELS.keys("events").index("riot")
    assert targets["events"].known.sum() == 1
    assert targets["events"].known[0, column]
    assert targets["events"].values[0, column] == pytest.approx(0.9123)
    assert not targets["responsibility"].known.any()
    assert targets["source"].known.tolist() == [[True], [False]]
    assert targets["source"].values.sum(axis=1) == pytest.approx([1.0, 0.0])


def test_no_sentence_gives_empty_arrays():
    targets = make_targets(answers_of([], LABELS), LABELS, 0).layers
    assert targets["events"].values.shape == (0, len(LABELS.keys("events")))
    assert targets["source"].known.shape == (0, 1)


def test_figures_of_functions_count_what_happened():
    functions = [
        Cue(name=name, doc="Rain.", key="riot", vote=vote, any=("words",), example="Rain.")
        for name, vote in (("first", True), ("second", True), ("third", False))
    ]
    made = Library(functions, Lexicons({"words": ["rain"]}))
    votes = {"riot": np.array([[1, 1, -1], [1, -1, 0], [-1, -1, 0], [-1, -1, -1]], dtype=np.int8)}
    found = function_figures(made, votes, {"riot": np.array([1, 0, 0, -1], dtype=np.int8)})
    assert found["first"] == {
        "key": "riot", "vote": "yes", "coverage": 0.5, "overlaps": 0.5, "conflicts": 0.25, "accuracy": 0.5, "votes": 2,
    }  # fmt: skip
    assert (found["second"]["conflicts"], found["second"]["accuracy"]) == (0.0, 1.0)
    assert (found["third"]["coverage"], found["third"]["overlaps"], found["third"]["accuracy"]) == (0.5, 0.25, 1.0)


def test_figures_of_labels_are_right_for_perfect_ones():
    figures = label_figures({key: values == YES for key, values in TRUTH.items()}, TRUTH)
    assert (figures["events"]["micro_f1"], figures["source"]["accuracy"]) == (1.0, 1.0)
    assert figures["per_label"]["riot"]["support"] == TRUTH["riot"].sum()


def test_the_baseline_reads_raw_text(report):
    with pytest.raises(ValueError, match="fit comes before"):
        LabellingFunctionsBaseline().predict([report])
    reports = [report, msgspec.structs.replace(report, id="other")]
    baseline = LabellingFunctionsBaseline().fit(reports)
    raw = Document(id="raw", text=report.text)
    found = baseline.predict([raw, report])
    assert [[(s.start, s.end) for s in row] for row in found] == [[(s.start, s.end) for s in report.sentences]] * 2
    assert found[0] == found[1]
    assert "explosive_device" in found[0][0].events
    assert found[0][2].attribution_source == "official"
    assert set(found[0][0].event_scores) == set(EVENT_TYPES)


def test_the_scores_are_of_both_ways_to_combine(report):
    shipped = load_library()
    model = fit_label_model(shipped, apply(shipped, [report]), annotated_votes([report]))
    found = score_labels(shipped, model, [report])
    assert set(found) == {"majority_vote", "label_model"}
    assert 0 < found["label_model"]["known"]["events"] <= 1
    rows = key_rows(found)
    assert [row["key"] for row in rows] == list(KEYS)
    assert rows[0]["majority_vote"] == found["majority_vote"]["per_label"][KEYS[0]]["f1"]
