"""Where two runs of a model decide differently."""

from collections.abc import Sequence

import msgspec
import numpy as np

from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet
from pipeline.schema import ScoredSentence


class Disagreement(msgspec.Struct, frozen=True):
    """How many of the decisions of one layer differ."""

    decisions: int
    differing: int
    share: float


def compare_decisions(
    first: Sequence[Sequence[ScoredSentence]],
    second: Sequence[Sequence[ScoredSentence]],
    first_scores: Sequence[DocumentScores],
    second_scores: Sequence[DocumentScores],
    labels: LabelSet,
) -> dict[str, Disagreement]:
    """Count differing decisions between two runs over the same sentences.

    A decision is yes or no on a key of a sentence (``events``, ``responsibility``), the source of a sentence
    (``attribution_source``), or the tag of a token in one role (``spans``). ``sentences`` counts the sentences in
    which any label differs.
    """
    pairs = [pair for documents in zip(first, second, strict=True) for pair in zip(*documents, strict=True)]
    tags = [
        (a.argmax(-1) != b.argmax(-1))
        for one, other in zip(first_scores, second_scores, strict=True)
        for a, b in zip(one.tags, other.tags, strict=True)
    ]
    layers = {
        "events": (len(pairs) * len(labels.events), sum(len(set(a.events) ^ set(b.events)) for a, b in pairs)),
        "responsibility": (
            len(pairs) * len(labels.responsibility),
            sum(len(set(a.responsibility) ^ set(b.responsibility)) for a, b in pairs),
        ),
        "attribution_source": (
            len(pairs),
            sum(a.attribution_source != b.attribution_source for a, b in pairs),
        ),
        "spans": (sum(found.size for found in tags), sum(int(np.count_nonzero(found)) for found in tags)),
    }
    layers["sentences"] = (len(pairs), sum(_labels(a) != _labels(b) for a, b in pairs))
    return {
        name: Disagreement(total, differing, round(differing / max(1, total), 6))
        for name, (total, differing) in layers.items()
    }


def _labels(sentence: ScoredSentence) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    return sentence.events, sentence.responsibility, sentence.attribution_source
