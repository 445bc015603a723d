"""From probabilities to labels: what the label model says of a sentence when it has to say something."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.schema import ScoredSentence
from pipeline.weak.reading import LAYERS

_YES = 0.5
_NOBODY = "none"


def decided(
    probabilities: Mapping[str, NDArray[np.float64]], thresholds: Mapping[str, float] | None = None
) -> dict[str, NDArray[np.bool_]]:
    """Per key whether each sentence has it: more likely than its threshold; the likeliest source; unknown is no.

    A sentence of which no source is known is the article's own voice.

    Args:
        probabilities: Per key, nan where it is not known. Shapes: [sentences].
        thresholds: Per key; one half when not given.
    """
    limits = thresholds or dict.fromkeys((*EVENT_TYPES, *RESPONSIBILITY), _YES)
    labels = {key: probabilities[key] > limit for key, limit in limits.items()}
    table = np.nan_to_num(np.stack([probabilities[key] for key in SOURCES], axis=1))
    likeliest = np.where(table.any(axis=1), table.argmax(axis=1), SOURCES.index(_NOBODY))
    return labels | {key: likeliest == column for column, key in enumerate(LAYERS["source"])}


def scored_sentence(
    start: int, end: int, index: int, probabilities: Mapping[str, NDArray[np.float64]], labels: Mapping[str, NDArray]
) -> ScoredSentence:
    """One of the sentences as the extractor would give it; what is unknown has the score 0, and no spans are marked."""
    scores = {key: float(np.nan_to_num(values[index])) for key, values in probabilities.items()}
    return ScoredSentence(
        start=start,
        end=end,
        events=tuple(key for key in EVENT_TYPES if labels[key][index]),
        event_scores={key: scores[key] for key in EVENT_TYPES},
        responsibility=tuple(key for key in RESPONSIBILITY if labels[key][index]),
        responsibility_scores={key: scores[key] for key in RESPONSIBILITY},
        attribution_source=next(key for key in SOURCES if labels[key][index]),
        attribution_source_scores={key: scores[key] for key in SOURCES},
        spans=(),
    )
