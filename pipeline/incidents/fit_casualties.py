"""Fitting the model of casualty numbers on annotated sentences."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from pipeline.incidents.casualties import ROLES, CasualtyModel, number_expressions, number_features
from pipeline.incidents.fit_logistic import fit_logistic
from pipeline.schema import Document

_LEAST_CASES: Final = 12
"""A feature counts when so many number expressions have it."""


def fit_casualties(documents: Sequence[Document]) -> CasualtyModel:
    """Learn which number expressions count killed and injured people.

    Args:
        documents: With annotated sentences.

    Raises:
        CorpusError: When too few families have numbers to learn from.
    """
    features: list[dict[str, float]] = []
    wanted: list[tuple[bool, ...]] = []
    families: list[str] = []
    for document in documents:
        for sentence in document.sentences:
            numbers = number_expressions(document.text, sentence.start, sentence.end)
            features += number_features(document.text, sentence.start, sentence.end, sentence.events)
            wanted += [
                tuple(any(s.role == role and s.start < end and start < s.end for s in sentence.spans) for role in ROLES)
                for start, end in numbers
            ]
            families += [document.family or document.id] * len(numbers)
    table = np.array(wanted, dtype=bool).reshape(-1, len(ROLES))
    return CasualtyModel(
        *(fit_logistic(features, table[:, column], families, _LEAST_CASES).model for column in range(len(ROLES)))
    )
