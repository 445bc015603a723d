"""What the label model says of texts, as documents to learn from."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.label.soft import SoftDocument, SoftSentence
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.schema import Document
from pipeline.weak.voting import sentence_spans

_DIGITS = 4


def soft_documents(
    documents: Sequence[Document], probabilities: Mapping[str, NDArray[np.float64]], weight: float
) -> list[SoftDocument]:
    """Documents with what the label model says of their sentences.

    Args:
        documents: In the order in which the functions voted on them.
        probabilities: Per key, nan where it is not known. Shapes: [sentences of all documents].
        weight: Of each of them in the loss.
    """
    found, position = [], 0
    for document in documents:
        spans = sentence_spans(document)
        sentences = tuple(
            SoftSentence(
                start, end, *(_known(probabilities, keys, index) for keys in (EVENT_TYPES, RESPONSIBILITY, SOURCES))
            )
            for index, (start, end) in enumerate(spans, start=position)
        )
        position += len(spans)
        found.append(SoftDocument(document.id, document.text, weight, sentences))
    return found


def _known(probabilities: Mapping[str, NDArray[np.float64]], keys: Sequence[str], index: int) -> dict[str, float]:
    values = {key: float(probabilities[key][index]) for key in keys}
    return {key: round(value, _DIGITS) for key, value in values.items() if not np.isnan(value)}
