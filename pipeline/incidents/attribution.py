"""Who is said to be responsible for a record's happening, from what its sentences say.

By the guidelines it is the strongest key that the sentences state (section 5). But of the keys that a sentence model
gives one in four is wrong, and the strongest of many is wrong more often than that: a single "claimed" among ten
"accused" decides. So each key is weighed by how sure the model is of it and how often it stands; how much that tells is
learned from annotated reports as a sentence model reads them (``pipeline.incidents.fit_attribution``).
"""

from collections.abc import Sequence
from functools import cache
from math import log, log1p

import msgspec

from pipeline.incidents.learned import ATTRIBUTION, read_learned
from pipeline.incidents.logistic import CLIP, Logistic, clipped, log_odds
from pipeline.labels import ATTRIBUTION_STRENGTH, VIOLENT_TYPES
from pipeline.schema import ScoredSentence


class AttributionModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For each responsibility key how likely it is the record's, and for it to have none."""

    keys: dict[str, Logistic]
    none: Logistic


@cache
def default_attribution() -> AttributionModel:
    """The model that ships with the package, learned from the corpus's train split."""
    return read_learned(ATTRIBUTION, AttributionModel)


def attribution(
    sentences: Sequence[ScoredSentence], kind: str, members: Sequence[int], model: AttributionModel | None = None
) -> str | None:
    """The responsibility key of a record.

    Args:
        sentences: The article's labelled sentences.
        kind: The record's type; a protest is no violence and has no culprit (GUIDELINES section 2).
        members: Indexes of its sentences.
        model: None is the one that ships with the package.

    Returns:
        The likeliest of the keys that the sentences state; None when that is likelier than any.
    """
    told = {key for index in members for key in sentences[index].responsibility}
    if kind not in VIOLENT_TYPES or not told:
        return None
    used = model or default_attribution()
    features = attribution_features(sentences, kind, members)
    likeliest = max(
        (key for key in ATTRIBUTION_STRENGTH if key in told), key=lambda key: used.keys[key].logit(features)
    )
    return likeliest if used.keys[likeliest].logit(features) >= used.none.logit(features) else None


def attribution_features(sentences: Sequence[ScoredSentence], kind: str, members: Sequence[int]) -> dict[str, float]:
    """Describe a record by what its sentences, of which there is at least one, say of each responsibility key."""
    told = [sentences[index] for index in members]
    features = {f"type {kind}": 1.0, "log members": log(len(told))}
    strongest = None
    for key in ATTRIBUTION_STRENGTH:
        odds = [clipped(log_odds(sentence.responsibility_scores[key])) / CLIP for sentence in told]
        stating = sum(key in sentence.responsibility for sentence in told)
        strongest = strongest or (key if stating else None)
        features |= {
            f"{key} most": max(odds),
            f"{key} mean": sum(odds) / len(odds),
            f"{key} log count": log1p(stating),
        }
    return features | {f"strongest {strongest}": 1.0}
