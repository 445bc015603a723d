"""What the labelling functions are worth: figures for ``metrics/labels.json``."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.schema import Document
from pipeline.weak.annotations import annotated_votes
from pipeline.weak.decide import decided
from pipeline.weak.kinds import Function
from pipeline.weak.label_model import LabelModel, majority_vote
from pipeline.weak.library import Library
from pipeline.weak.reading import LAYERS
from pipeline.weak.voting import ABSTAIN, NO, YES, Votes, apply

_DIGITS = 4


def function_figures(
    library: Library, votes: Votes, truth: Mapping[str, NDArray[np.int8]]
) -> dict[str, dict[str, Any]]:
    """Per function, by name: how often it votes, beside whom, against whom, and how often it is right.

    ``coverage``: share of sentences on which it votes. ``overlaps``: share on which another function of its key votes
    too. ``conflicts``: share on which another one votes the contrary. ``accuracy``: share of its votes that annotators
    agree with, null without any. ``votes``: how many those are.
    """
    return {
        function.name: _figures(function, column, votes[key], truth[key])
        for key in truth
        for column, function in enumerate(library.of_key(key))
    }


def score_labels(library: Library, model: LabelModel, documents: Sequence[Document]) -> dict[str, Any]:
    """What majority vote and label model say of annotated documents, against their annotations.

    Returns:
        ``majority_vote`` and ``label_model``, each with the figures of ``label_figures`` and, by layer and averaged
        over its keys, ``known``, the share of sentences of which the key says anything, and ``brier``, the mean squared
        error of its probability there (0 is best).
    """
    votes, truth = apply(library, documents), annotated_votes(documents)
    shares, probabilities = majority_vote(votes), model.probabilities(votes)
    return {
        "majority_vote": label_figures(decided(shares), truth) | _certainty(shares, truth),
        "label_model": label_figures(decided(probabilities, model.thresholds), truth)
        | _certainty(probabilities, truth),
    }


def key_rows(scores: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows to draw, one a key: F1 of the label model and of the majority vote, as ``score_labels`` gives them."""
    return [
        {"key": key, **{name: figures["per_label"][key]["f1"] for name, figures in scores.items()}}
        for key in scores["label_model"]["per_label"]
    ]


def label_figures(labels: Mapping[str, NDArray[np.bool_]], truth: Mapping[str, NDArray[np.int8]]) -> dict[str, Any]:
    """Precision, recall, F1 and support by key, ``micro_f1`` by layer, ``accuracy`` for the source."""
    counts = {key: _counts(labels[key], truth[key] == YES) for key in truth}
    layers = {layer: _scores(np.sum([counts[key] for key in keys], axis=0)) for layer, keys in LAYERS.items()}
    return {
        "events": {"micro_f1": layers["events"]["f1"]},
        "responsibility": {"micro_f1": layers["responsibility"]["f1"]},
        "source": {"accuracy": layers["source"]["recall"]},
        "per_label": {key: _scores(counts[key]) | {"support": int(counts[key][[0, 2]].sum())} for key in truth},
    }


def _figures(
    function: Function, column: int, votes: NDArray[np.int8], truth: NDArray[np.int8]
) -> dict[str, float | int | str | None]:
    own = votes[:, column]
    others = np.delete(votes, column, axis=1)
    fires = own != ABSTAIN
    judged = fires & (truth != ABSTAIN)
    contrary = NO if function.vote else YES
    return {
        "key": function.key,
        "vote": "yes" if function.vote else "no",
        "coverage": _mean(fires),
        "overlaps": _mean(fires & (others != ABSTAIN).any(axis=1)),
        "conflicts": _mean(fires & (others == contrary).any(axis=1)),
        "accuracy": _mean((own == truth)[judged]) if judged.any() else None,
        "votes": int(judged.sum()),
    }


def _certainty(
    probabilities: Mapping[str, NDArray[np.float64]], truth: Mapping[str, NDArray[np.int8]]
) -> dict[str, dict[str, float]]:
    known: dict[str, float] = {}
    brier: dict[str, float] = {}
    for layer, keys in LAYERS.items():
        known[layer] = _mean(np.stack([~np.isnan(probabilities[key]) for key in keys]))
        errors = [np.square(probabilities[key] - (truth[key] == YES)) for key in keys]
        brier[layer] = _mean(np.array([np.nanmean(error) for error in errors if not np.isnan(error).all()]))
    return {"known": known, "brier": brier}


def _counts(given: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """True positives, false positives, false negatives."""
    return np.array([(given & wanted).sum(), (given & ~wanted).sum(), (~given & wanted).sum()])


def _scores(counts: NDArray[np.int64]) -> dict[str, float]:
    right, wrong, missed = counts.tolist()
    return {
        "precision": _ratio(right, right + wrong),
        "recall": _ratio(right, right + missed),
        "f1": _ratio(2 * right, 2 * right + wrong + missed),
    }


def _ratio(part: float, whole: float) -> float:
    return round(part / whole, _DIGITS) if whole else 0.0


def _mean(values: NDArray) -> float:
    return round(float(values.mean()), _DIGITS) if values.size else 0.0
