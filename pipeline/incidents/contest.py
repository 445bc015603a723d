"""Which statements are on a fact that an article contests, told from what else the article says of it.

Two statements that differ contest a fact. But of the statements on a fact some are missed by the sentence model, and a
denial by itself implies an accusation; what the narrator tells as plain fact is no claim. How much each of this weighs
is learned from reports whose annotation has claims (``pipeline.incidents.fit_claims``).
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from functools import cache
from math import log
from typing import Final

import msgspec

from pipeline.incidents.learned import CLAIMS, read_learned
from pipeline.incidents.logistic import Logistic
from pipeline.schema import Claim, ScoredSentence

_VERBAL: Final = ("accusation", "threat", "demand", "diplomacy", "law_enforcement")
"""Types of event beside which a sentence tells a happening in passing."""


class ContestModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A logistic model, and the probability from which a statement is on a contested fact."""

    contested: Logistic
    threshold: float


_SURE: Final = 8.0
"""Log-odds that leave no doubt."""

BY_DIFFERENCE: Final = ContestModel(
    contested=Logistic(
        -_SURE / 2,
        {"differ": _SURE, "headline": -_SURE}
        | {f"status {status} value False": -_SURE for status in ("claimed", "stated", "accused", "denied")}
        | {f"status {status} voice none": -_SURE for status in ("stated", "accused", "denied")},
    ),
    threshold=0.5,
)
"""What holds where nothing can be learned: the record's statements on the fact differ, and this one is no headline,
names its culprit or says that nobody owns the act, and is not the narrator's own."""


@cache
def default_contest() -> ContestModel:
    """The model that ships with the package, learned from the corpus's train split."""
    return read_learned(CLAIMS, ContestModel)


def claim_features(
    found: Sequence[Claim], stances: Sequence[Hashable], sentences: Sequence[ScoredSentence], *, headline: bool
) -> list[dict[str, float]]:
    """Describe each statement of a record among all of them.

    Args:
        found: The record's statements.
        stances: For each what it says of its fact; statements with equal stances do not differ.
        sentences: The article's.
        headline: Whether the first sentence is one.

    Returns:
        For each of ``found``, values by name, each of the order of 1.
    """
    by_fact: dict[str, list[int]] = {}
    for place, claim in enumerate(found):
        by_fact.setdefault(claim.about, []).append(place)
    return [
        _on_fact(found, stances, by_fact[claim.about], place)
        | _by_itself(claim, sentences[claim.sentence], headline and claim.sentence == 0)
        for place, claim in enumerate(found)
    ]


def _on_fact(
    found: Sequence[Claim], stances: Sequence[Hashable], on_fact: Sequence[int], place: int
) -> dict[str, float]:
    """What the record's statements on one fact say for one of them."""
    claim, own = found[place], stances[place]
    others = [other for other in on_fact if other != place]
    told = Counter(stances[other] for other in on_fact)
    about, differ = claim.about, len(told) > 1
    features = {
        "differ": float(differ),
        f"{about} differ {differ}": 1.0,
        f"{about} differ {differ} {claim.source_type}": 1.0,
        f"{about} statements": log(len(on_fact)),
        f"{about} stances": log(len(told)),
        f"{about} kinds of source": log(len({found[other].source_type for other in on_fact})),
        f"{about} repeated": float(told[own] > 1),
        f"{about} not first": float(on_fact[0] != place),
        f"{about} differ in sentence": float(
            any(found[other].sentence == claim.sentence and stances[other] != own for other in others)
        ),
    }
    beside = {found[other].status for other in others if found[other].status}
    return features | {f"{claim.status} beside {status or 'nothing'}": 1.0 for status in (beside or {None})}


def _by_itself(claim: Claim, sentence: ScoredSentence, headline: bool) -> dict[str, float]:
    """What a statement and its sentence say, whatever else the article tells."""
    about, voice = claim.about, claim.source_type
    return {
        about: 1.0,
        f"voice {voice}": 1.0,
        f"{about} voice {voice}": 1.0,
        f"{about} named": float(claim.source is not None),
        f"{about} value {claim.value is not None}": 1.0,
        f"status {claim.status}": 1.0,
        f"status {claim.status} voice {voice}": 1.0,
        f"status {claim.status} value {claim.value is not None}": 1.0,
        f"statuses {len(sentence.responsibility)}": 1.0,
        "headline": float(headline),
        "first sentence": float(claim.sentence == 0),
    } | {f"{about} beside {key}": float(key in sentence.events) for key in _VERBAL}
