"""Which articles are worth an annotator's time: a score per article, 0 to 1, the highest first."""

from collections.abc import Callable, Iterable
from math import log

import numpy as np
from scipy.special import entr

from pipeline.errors import InputError
from pipeline.schema import Document, DocumentResult, ScoredSentence, Sentence

Ranking = Callable[[DocumentResult], float]
"""How much an article would teach, from what the model made of it."""


def uncertainty(result: DocumentResult) -> float:
    """The mean of ``sentence_uncertainty`` over an article's sentences; 0 without a sentence.

    The mean and not the sum, which would ask for the longest articles.
    """
    return _mean(map(sentence_uncertainty, result.sentences))


def sentence_uncertainty(sentence: ScoredSentence) -> float:
    """Entropy of the decision that the model is least sure of, 0 (sure) to 1 (could not be less sure).

    The largest of ``H(p) = -p log2 p - (1 - p) log2 (1 - p)`` over the scores p of all event types and responsibility
    keys, each a decision of its own, and ``-sum q log q / log n`` over the shares q of the n sources, of which one
    is chosen; divided by log n so that both kinds end at 1.

    Source: uncertainty sampling by entropy, Settles 2009, "Active Learning Literature Survey", University of
    Wisconsin-Madison, Computer Sciences Technical Report 1648, section 3.1.
    """
    keys = np.array([*sentence.event_scores.values(), *sentence.responsibility_scores.values()])
    shares = np.array([*sentence.attribution_source_scores.values()])
    decisions = (entr(keys) + entr(1 - keys)) / log(2)
    return float(min(1.0, max(decisions.max(), entr(shares).sum() / log(len(shares)))))


def disagreement_with(opinions: Iterable[Document]) -> Ranking:
    """The ranking by how far the model and another labeller disagree: labelling functions, another model, a person.

    An article's score is the mean, over the model's sentences, of the share of the layers (events, responsibility,
    source) that the other labels differently; a sentence that the other does not have differs in all of them.

    Args:
        opinions: The other's labels, found by the document's id.

    Returns:
        A ranking that raises ``InputError`` for an article of which there is no second opinion.
    """
    known = {document.id: {(s.start, s.end): s for s in document.sentences} for document in opinions}

    def disagreement(result: DocumentResult) -> float:
        if result.id not in known:
            raise InputError(f"no second opinion of {result.id!r}; label it too, or rank without second opinions")
        other = known[result.id]
        return _mean(_differing(sentence, other.get((sentence.start, sentence.end))) for sentence in result.sentences)

    return disagreement


def _differing(sentence: ScoredSentence, other: Sentence | None) -> float:
    """Share of the layers that differ."""
    if other is None:
        return 1.0
    return _mean(
        (
            set(sentence.events) != set(other.events),
            set(sentence.responsibility) != set(other.responsibility),
            sentence.attribution_source != other.source,
        )
    )


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / max(1, len(found))
