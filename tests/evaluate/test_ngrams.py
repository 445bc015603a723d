"""What runs of word pieces add to an encoder: learned as scikit-learn does, kept in a file, added to log-odds."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import logit
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from pipeline.encoder.targets import make_targets
from pipeline.encoder.train import Example
from pipeline.errors import ModelError
from pipeline.evaluate.fit_ngrams import fit_ngrams
from pipeline.extract.ngrams import NgramLayer, read_ngrams, runs_of, with_ngrams, write_ngrams
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer

KIND = Layer("kind", ("raid", "march"), level="document")
TONE = Layer("tone", ("calm", "harsh"), "one")
LABELS = LabelSet((KIND, TONE))
RAID, MARCH, RARE = 7, 8, 9
"""Word pieces: two that tell, and one that is seen once."""


def document(*sentences):
    """A tokenised text of these sentences; nothing else of it is read."""
    return SimpleNamespace(token_ids=[np.array(ids, dtype=np.int64) for ids in sentences])


TEXTS = [document([1, RAID, 2], [3, 4]), document([1, MARCH, 2], [4, 3]), document([RAID, 3]), document([2, MARCH])] * 4
KINDS = [("raid",), ("march",), ("raid",), ("march",)] * 4
LEARN = [
    Example(text, make_targets({"kind": [kind]}, LABELS, len(text.token_ids)))
    for text, kind in zip(TEXTS, KINDS, strict=True)
]


def unsure(count, keys=2):
    """Scores of an encoder that knows nothing."""
    return [DocumentScores({"kind": np.full((1, keys), 0.5, dtype=np.float32)}, [])] * count


def fitted(learn=LEARN, scores=None, answers=KINDS, longest=2):
    return fit_ngrams(KIND, longest, learn, LEARN, scores or unsure(len(LEARN)), answers)


def test_runs_stay_within_their_sentence():
    assert sorted(runs_of([np.array([1, 2]), np.array([3])], 2)) == [(1,), (1, 2), (2,), (3,)]
    assert runs_of([np.array([], dtype=np.int64)], 3) == []


def test_the_words_that_tell_are_learned_and_added():
    layer = fitted()
    scores = with_ngrams(unsure(1)[0], document([5, RAID]), LABELS, {"kind": layer}).layers["kind"]
    assert scores.shape == (1, 2)
    assert scores[0, 0] > 0.9
    assert scores[0, 1] < 0.1
    assert (RAID, 2) in layer.runs
    assert (2, 3) not in layer.runs  # from one sentence into the next


def test_log_odds_are_those_of_scikit_learn():
    layer = fitted()
    vectoriser = TfidfVectorizer(analyzer=lambda text: runs_of(text.token_ids, 2), min_df=2, sublinear_tf=True)
    inputs = vectoriser.fit_transform(TEXTS)
    asked = document([1, 1, 1, RAID, 2, 3, RARE])
    said = layer.log_odds(asked.token_ids)
    found = {
        strength * share: share
        * LogisticRegression(C=strength, class_weight="balanced", solver="liblinear")
        .fit(inputs, [kind == ("raid",) for kind in KINDS])
        .decision_function(vectoriser.transform([asked]))[0]
        for strength in (1.0, 10.0, 100.0)
        for share in (0.25, 0.5, 1.0, 2.0)
    }
    assert min(abs(value - said[0]) for value in found.values()) < 1e-3


def test_a_text_without_a_known_word_is_left_to_the_encoder_and_the_intercept():
    layer = fitted()
    np.testing.assert_allclose(layer.log_odds(document([RARE]).token_ids), layer.intercepts)


def test_nothing_is_added_to_an_encoder_that_knows():
    sure = [
        DocumentScores({"kind": np.array([[key in kind for key in KIND.keys]], dtype=np.float32)}, []) for kind in KINDS
    ]
    assert fitted(scores=sure) is None


def test_nothing_is_learned_where_nothing_is_known():
    assert fitted(answers=[None] * len(LEARN)) is None
    unknown = [Example(text, make_targets({}, LABELS, len(text.token_ids))) for text in TEXTS]
    assert fitted(unknown) is None
    assert fitted(LEARN[:1]) is None


def test_a_choice_of_one_stays_one_and_each_sentence_is_a_unit():
    layer = NgramLayer({(RAID,): 0}, 1, np.ones(1, "f4"), np.array([[-2.0, 2.0]], "f4"), np.zeros(2, "f4"))
    scores = DocumentScores({"tone": np.array([[0.6, 0.4], [0.6, 0.4]], dtype=np.float32)}, [])
    found = with_ngrams(scores, document([RAID], [MARCH]), LABELS, {"tone": layer}).layers["tone"]
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-6)
    np.testing.assert_allclose(found[1], [0.6, 0.4], rtol=1e-6)
    assert logit(found[0, 1]) - logit(0.4) == pytest.approx(4.0, rel=1e-4)


def test_the_file_gives_back_what_was_written(tmp_path):
    path, layer = tmp_path / "ngrams.npz", fitted()
    write_ngrams(path, {"kind": layer})
    read = read_ngrams(path, LABELS, ["kind"])["kind"]
    assert read.runs == layer.runs
    for text in TEXTS:
        np.testing.assert_array_equal(read.log_odds(text.token_ids), layer.log_odds(text.token_ids))
    assert read_ngrams(tmp_path / "none.npz", LABELS, []) == {}


def test_a_file_that_does_not_fit_is_named(tmp_path):
    path = tmp_path / "ngrams.npz"
    with pytest.raises(ModelError, match=r"ngrams.npz cannot be read: .*No such file"):
        read_ngrams(path, LABELS, ["kind"])
    write_ngrams(path, {"kind": fitted()})
    with pytest.raises(ModelError, match=r"ngrams.npz does not fit the labels beside it \(kind\)"):
        read_ngrams(path, LabelSet((TONE,)), ["kind"])
    whole = path.read_bytes()
    for damaged in (b"", whole[:100], b"no file of arrays"):
        path.write_bytes(damaged)
        with pytest.raises(ModelError, match=r"ngrams.npz cannot be read"):
            read_ngrams(path, LABELS, ["kind"])
    path.write_bytes(whole)
    with pytest.raises(ModelError, match=r"ngrams.npz cannot be read: .*tone"):
        read_ngrams(path, LABELS, ["kind", "tone"])
