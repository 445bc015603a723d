"""Weighing the votes: how often each function fires on sentences that have a key, and on those that do not.

The model is that of Dawid and Skene (1979), fitted by crowd-kit. To it, every function is an annotator with two
answers, its vote where it fires and the contrary where it does not: a function that only ever says yes would tell it
nothing otherwise. Each event type and each responsibility key is a question of its own; the source, of which a
sentence has exactly one, is one question for all functions of that layer.

A function that says no where it finds nothing (``Absent``) repeats the silence of the others, and the model, which
takes functions for independent, would count that twice. So it is left out where annotations hold the answers apart;
without them it is what does. In both cases it tells of which sentences something is known.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import pandas as pd
from crowdkit.aggregation import DawidSkene
from numpy.typing import NDArray

from pipeline.weak.kinds import Absent, Function
from pipeline.weak.library import Library
from pipeline.weak.reading import LAYERS
from pipeline.weak.voting import ABSTAIN, NO, YES, Votes

Floats = NDArray[np.float64]
Anchors = Mapping[str, NDArray[np.int8]]
"""Per key what annotators said of each sentence: 1, 0, or -1 where nobody did. Shapes: [sentences]."""

_SOURCE: Final = "source"
_SOURCES: Final = LAYERS[_SOURCE]
_SETS: Final = tuple(key for layer, keys in LAYERS.items() if layer != _SOURCE for key in keys)
_ROUNDS: Final = 50
_MORE_LIKELY_THAN_NOT: Final = 0.5
_ASSUMED_FIRES_RIGHT: Final = 0.4
_ASSUMED_FIRES_WRONG: Final = 0.05


class Rates(msgspec.Struct, frozen=True):
    """What is known of the functions that answer one question.

    ``used``: which of them are evidence. Shape: [functions]. ``prior``: how frequent each answer is where at least one
    function fires, 0 to 1. Shape: [answers]. ``fires``: probability that a function that is used fires, given the
    answer. Shape: [answers, functions used].
    """

    used: NDArray[np.bool_]
    prior: Floats
    fires: Floats


class LabelModel(msgspec.Struct, frozen=True):
    """The rates of each key of the label sets (answers: no, yes), and those of the source (answers: its keys).

    ``thresholds``: by key, the probability above which it is decided; those with the best F1 on the anchors.
    """

    keys: dict[str, Rates]
    source: Rates
    thresholds: dict[str, float]

    def probabilities(self, votes: Votes) -> dict[str, Floats]:
        """Per key the probability that a sentence has it, 0 to 1; nan where all functions that could tell abstain.

        Shapes: [sentences].
        """
        found = {key: posterior(rates, votes[key] != ABSTAIN)[:, YES] for key, rates in self.keys.items()}
        sources = posterior(self.source, _source_fires(votes))
        return found | {key: sources[:, column] for column, key in enumerate(_SOURCES)}


def fit_label_model(library: Library, votes: Votes, anchors: Anchors | None = None) -> LabelModel:
    """Fit all questions.

    Args:
        library: The functions that voted.
        votes: On the sentences to learn from, annotated or not.
        anchors: What annotators said of them. Without any, each function is taken to fire more often where it is right
            than where it is wrong, and they learn from each other.
    """
    if anchors is None:
        anchors = {key: np.full(len(found), ABSTAIN, dtype=np.int8) for key, found in votes.items()}
    keys, thresholds = {}, {}
    for key in _SETS:
        functions, fires = library.of_key(key), votes[key] != ABSTAIN
        fired = np.array([YES if function.vote else NO for function in functions])
        keys[key] = fit_rates(2, fired, 1 - fired, heard(functions, anchors[key]), fires, anchors[key])
        thresholds[key] = best_threshold(posterior(keys[key], fires)[:, YES], anchors[key])
    return LabelModel(keys=keys, source=_fit_source(library, votes, anchors), thresholds=thresholds)


def majority_vote(votes: Votes) -> dict[str, Floats]:
    """Per key the share of yes among the votes on each sentence, 0 to 1; nan where all abstain. Shapes: [sentences]."""
    return {key: _share_of_yes(found) for key, found in votes.items()}


def best_threshold(probabilities: Floats, truth: NDArray[np.int8]) -> float:
    """Halfway between two probabilities, where F1 against what annotators said is best; one half without any."""
    judged = (truth != ABSTAIN) & ~np.isnan(probabilities)
    found, wanted = probabilities[judged], truth[judged] == YES
    if not wanted.any():
        return _MORE_LIKELY_THAN_NOT
    values = np.unique(found)
    candidates = (values + np.concatenate([[0.0], values[:-1]])) / 2
    f1 = [2 * (wanted & (found > each)).sum() / ((found > each).sum() + wanted.sum()) for each in candidates]
    return float(candidates[int(np.argmax(f1))])


def heard(functions: Sequence[Function], anchors: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Which functions are evidence: all, or beside annotations those that do not repeat the silence of others."""
    anchored = bool((anchors != ABSTAIN).any())
    return np.array([not (anchored and isinstance(function, Absent)) for function in functions])


def _share_of_yes(votes: NDArray[np.int8]) -> Floats:
    given = (votes != ABSTAIN).sum(1)
    return np.divide((votes == YES).sum(1), given, out=np.full(len(votes), np.nan), where=given > 0)


def _fit_source(library: Library, votes: Votes, anchors: Anchors) -> Rates:
    functions: list[Function] = [function for key in _SOURCES for function in library.of_key(key)]
    own = np.array([_SOURCES.index(function.key) for function in functions])
    another = (own + 1) % len(_SOURCES)
    says = np.array([function.vote for function in functions])
    table = np.stack([anchors[key] for key in _SOURCES], axis=1)
    truth = np.where((table == YES).any(1), table.argmax(1), ABSTAIN)
    fired, silent = np.where(says, own, another), np.where(says, another, own)
    return fit_rates(len(_SOURCES), fired, silent, np.ones(len(own), dtype=np.bool_), _source_fires(votes), truth)


def _source_fires(votes: Votes) -> NDArray[np.bool_]:
    return np.concatenate([votes[key] for key in _SOURCES], axis=1) != ABSTAIN


def fit_rates(
    answers: int, fired: NDArray, silent: NDArray, used: NDArray[np.bool_], fires: NDArray[np.bool_], truth: NDArray
) -> Rates:
    """Dawid and Skene over the sentences on which any function fires.

    Args:
        answers: How many there are.
        fired: What each function answers where it fires, as an index. Shape: [functions].
        silent: What it answers where it does not. Shape: [functions].
        used: Which of them are evidence. Shape: [functions].
        fires: Shape: [sentences, functions].
        truth: Index of the annotated answer, -1 where nobody annotated. Shape: [sentences].
    """
    voted = fires.any(1)
    fired, silent = fired[used], silent[used]
    functions = np.arange(len(fired))
    rows, known = _smoothed(fires[voted][:, used], truth[voted], answers)
    data = pd.DataFrame(
        {
            "task": np.repeat(np.arange(len(rows)), len(functions)),
            "worker": np.tile(functions, len(rows)),
            "label": np.where(rows, fired, silent).ravel(),
        }
    )
    anchored = known != ABSTAIN
    counted = (truth[voted] != ABSTAIN).any()
    first = _observed(rows[anchored], known[anchored], answers) if counted else _assumed(answers, fired)
    model = DawidSkene(n_iter=_ROUNDS, initial_error_strategy="assign")
    with warnings.catch_warnings():
        # crowd-kit 1.4 uses arguments that pandas 4 will not have; pandas is pinned below that.
        warnings.simplefilter("ignore", DeprecationWarning)
        model.fit(data, pd.Series(known)[anchored], _errors(first, fired, silent))
    errors: Any = model.errors_
    priors: Any = model.priors_
    of_fired = errors.reindex(columns=range(answers)).loc[list(zip(functions, fired, strict=True))]
    return Rates(used=used, prior=priors.reindex(range(answers)).to_numpy(), fires=of_fired.to_numpy().T)


def _smoothed(fires: NDArray[np.bool_], truth: NDArray, answers: int) -> tuple[NDArray[np.bool_], NDArray]:
    """The sentences and two more for each answer: one on which all functions fire, and one on which none does.

    They add one to every count (Laplace), so that no vote is taken for impossible.
    """
    both = np.repeat([[True], [False]], fires.shape[1], axis=1)
    more = np.tile(both, (answers, 1))
    return np.concatenate([fires, more]), np.concatenate([truth, np.repeat(np.arange(answers), 2)])


def _observed(fires: NDArray[np.bool_], truth: NDArray, answers: int) -> Floats:
    """How often functions fire on annotated sentences with each answer. Shape: [answers, functions]."""
    return np.stack([fires[truth == answer].mean(axis=0) for answer in range(answers)])


def _assumed(answers: int, fired: NDArray) -> Floats:
    """How often functions are believed to fire before anything is known. Shape: [answers, functions]."""
    found = np.full((answers, len(fired)), _ASSUMED_FIRES_WRONG)
    found[fired, np.arange(len(fired))] = _ASSUMED_FIRES_RIGHT
    return found


def _errors(fires: Floats, fired: NDArray, silent: NDArray) -> pd.DataFrame:
    """The same as crowd-kit has it: for each function and answer that it gives, the chance given the true answer."""
    workers = np.arange(fires.shape[1])
    index = pd.MultiIndex.from_arrays(
        [np.concatenate([workers, workers]), np.concatenate([fired, silent])], names=["worker", "label"]
    )
    return pd.DataFrame(np.concatenate([fires.T, 1 - fires.T]), index=index, columns=range(len(fires)))


def posterior(rates: Rates, fires: NDArray[np.bool_]) -> Floats:
    """Probability of each answer on each sentence, nan where no function fires. Shape: [sentences, answers]."""
    given = fires[:, rates.used]
    logs = np.log(rates.prior) + given @ np.log(rates.fires).T + ~given @ np.log1p(-rates.fires).T
    found = np.exp(logs - logs.max(axis=1, keepdims=True))
    found /= found.sum(axis=1, keepdims=True)
    found[~fires.any(1)] = np.nan
    return found
