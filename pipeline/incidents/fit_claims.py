"""Fitting the model of contested facts on reports whose annotation has claims."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from pipeline.incidents.claims import Statements
from pipeline.incidents.contest import BY_DIFFERENCE, ContestModel
from pipeline.incidents.examples import Reading
from pipeline.incidents.fit_logistic import FOLDS, best_threshold, fit_logistic
from pipeline.incidents.linking import Linker
from pipeline.incidents.tolls import Figures

_LEAST_CASES: Final = 5
"""A feature counts when so many statements have it."""


def fit_contest(readings: Sequence[Reading], linker: Linker) -> ContestModel:
    """Learn which statements are on contested facts.

    Annotations may leave claims out: documents without any teach nothing.

    Args:
        readings: Of documents with annotated incidents.
        linker: Makes the records whose statements are described.

    Returns:
        ``BY_DIFFERENCE`` when fewer families than there are folds have claims.
    """
    told = [reading for reading in readings if any(incident.claims for incident in reading.document.incidents)]
    families = {reading.document.family or reading.document.id for reading in told}
    if len(families) < FOLDS:
        return BY_DIFFERENCE
    cases = [
        (reading.document.family or reading.document.id, features, wanted)
        for reading in told
        for features, wanted in _statements(reading, linker)
    ]
    wanted = np.array([contested for _, _, contested in cases], dtype=bool)
    fitted = fit_logistic(
        [features for _, features, _ in cases], wanted, [family for family, _, _ in cases], _LEAST_CASES
    )
    return ContestModel(fitted.model, best_threshold(wanted, fitted.unseen))


def _statements(reading: Reading, linker: Linker) -> Iterator[tuple[dict[str, float], bool]]:
    """The statements of each record made from the reading, and whether its document has them among its claims."""
    document, sentences = reading.document, reading.sentences
    statements = Statements(Figures(document.text, sentences))
    claims = {(c.about, c.status, c.sentence) for incident in document.incidents for c in incident.claims}
    for cluster in linker.link(document.text, document.published, sentences):
        found = statements.of(cluster.type, cluster.sentences)
        for claim, features in zip(found, statements.described(found), strict=True):
            yield features, (claim.about, claim.status, claim.sentence) in claims
