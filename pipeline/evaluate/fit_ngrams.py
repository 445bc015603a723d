"""Learning what runs of word pieces say of a label, and how much that may add to an encoder."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from pipeline.encoder.train import Example
from pipeline.evaluate.calibration import surprise
from pipeline.evaluate.thresholds import Answers, known_answers
from pipeline.extract.ngrams import NgramLayer, runs_of, units_of, with_log_odds
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer

INVERSE_REGULARISATION: Final = (1.0, 10.0, 100.0)
"""scikit-learn's ``C``."""

SHARES: Final = (0.25, 0.5, 1.0, 2.0)
"""What the log-odds are multiplied by before they are added to the encoder's; or they are left out."""

_LEAST_UNITS: Final = 2
_HALF: Final = 0.5
_ITERATIONS: Final = 2000


def fit_layers(
    labels: LabelSet,
    longest: int,
    learn: Sequence[Example],
    choose: Sequence[Example],
    scores: Sequence[DocumentScores],
    answers: Mapping[str, Answers],
) -> dict[str, NgramLayer]:
    """``fit_ngrams`` of all layers, by those that have anything of it; none with ``longest`` 0."""
    found = {
        layer.name: fit_ngrams(layer, longest, learn, choose, scores, answers[layer.name])
        for layer in (labels.layers if longest else ())
    }
    return {name: fitted for name, fitted in found.items() if fitted is not None}


def fit_ngrams(
    layer: Layer,
    longest: int,
    learn: Sequence[Example],
    choose: Sequence[Example],
    scores: Sequence[DocumentScores],
    answers: Answers,
) -> NgramLayer | None:
    """Fit the model that, added to the encoder, makes what is annotated of ``choose`` likeliest.

    Args:
        layer: What is learned.
        longest: Word pieces of the longest run.
        learn: What the model is fitted to.
        choose: What regularisation and share are chosen on.
        scores: The encoder's, of the texts of ``choose``.
        answers: Of all units of ``choose``.

    Returns:
        None where the encoder alone is as good, or no run of pieces is in two units.
    """
    known = known_answers(layer, scores, answers)
    if not known.known.any():
        return None
    vectoriser = TfidfVectorizer(
        analyzer=lambda unit: runs_of(unit, longest), min_df=_LEAST_UNITS, sublinear_tf=True, dtype=np.float32
    )
    try:
        inputs = vectoriser.fit_transform(_units(layer, learn))
    except ValueError:  # scikit-learn's word for a vocabulary without anything in it
        return None
    asked = vectoriser.transform(_units(layer, choose))
    rows = [row for row, answer in enumerate(answers) if answer is not None]
    best, least = None, surprise(layer, known)
    for strength in INVERSE_REGULARISATION:
        weights, intercepts = _regressions(layer, inputs, learn, strength)
        said = np.asarray(asked[rows] @ weights + intercepts)
        for share in SHARES:
            found = surprise(layer, known._replace(scores=with_log_odds(layer, known.scores, share * said)))
            if found < least:
                best, least = (share * weights, share * intercepts), found
    if best is None:
        return None
    runs = {run: int(column) for run, column in vectoriser.vocabulary_.items()}
    return NgramLayer(runs, longest, vectoriser.idf_, *(part.astype(np.float32) for part in best))


def _units(layer: Layer, examples: Sequence[Example]) -> list[Any]:
    return [unit for example in examples for unit in units_of(layer, example.document)]


def _regressions(
    layer: Layer, inputs: Any, examples: Sequence[Example], strength: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights and intercepts of one regression for each key; of a key that is always or never true they are 0.

    Shapes: inputs [units, runs] to [runs, keys] and [keys].
    """
    targets = [example.targets.layers[layer.name] for example in examples]
    true = np.concatenate([found.values for found in targets]) >= _HALF
    known = np.broadcast_to(np.concatenate([found.known for found in targets]), true.shape)
    weights, intercepts = np.zeros((inputs.shape[1], true.shape[1])), np.zeros(true.shape[1])
    for column in range(true.shape[1]):
        rows = np.flatnonzero(known[:, column])
        if len(set(true[rows, column])) > 1:
            model = LogisticRegression(C=strength, class_weight="balanced", max_iter=_ITERATIONS, solver="liblinear")
            model.fit(inputs[rows], true[rows, column])
            weights[:, column], intercepts[column] = model.coef_[0], model.intercept_[0]
    return weights, intercepts
