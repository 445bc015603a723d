"""Fitting the model of who is said to be responsible for a record's happening."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from pipeline.incidents.attribution import AttributionModel, attribution_features
from pipeline.incidents.fit_logistic import fit_logistic
from pipeline.incidents.logistic import Logistic
from pipeline.labels import ATTRIBUTION_STRENGTH
from pipeline.schema import ScoredSentence

_LEAST_RECORDS: Final = 5
"""A feature counts when so many records have it."""


class Attributed(msgspec.Struct, frozen=True):
    """A record made from sentences as they were read, and the key of the annotated one that it answers to."""

    family: str
    sentences: Sequence[ScoredSentence]
    type: str
    members: Sequence[int]
    attribution: str | None


def fit_attribution(records: Sequence[Attributed]) -> AttributionModel:
    """Learn which responsibility key a record has.

    Raises:
        CorpusError: When the records are of fewer families than there are folds.
    """
    features = [attribution_features(record.sentences, record.type, record.members) for record in records]
    families = [record.family for record in records]

    def likely(key: str | None) -> Logistic:
        wanted = np.array([record.attribution == key for record in records])
        return fit_logistic(features, wanted, families, _LEAST_RECORDS).model

    return AttributionModel({key: likely(key) for key in ATTRIBUTION_STRENGTH}, likely(None))
