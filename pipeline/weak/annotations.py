"""What annotators said, in the form of votes."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.schema import Document, Sentence
from pipeline.weak.reading import LAYER_OF
from pipeline.weak.voting import ABSTAIN, NO, YES, sentence_spans


def annotated_votes(documents: Sequence[Document]) -> dict[str, NDArray[np.int8]]:
    """Per key 1 or 0 on each annotated sentence, -1 on each of a document without annotations. Shapes: [sentences].

    The sentences are those that ``apply`` votes on, in the same order.
    """
    rows = [row for document in documents for row in _rows(document)]
    table = np.array(rows, dtype=np.int8).reshape(-1, len(LAYER_OF))
    return {key: table[:, column] for column, key in enumerate(LAYER_OF)}


def _rows(document: Document) -> Iterable[list[int]]:
    if not document.sentences:
        return [[ABSTAIN] * len(LAYER_OF)] * len(sentence_spans(document))
    return [[YES if key in _keys(sentence) else NO for key in LAYER_OF] for sentence in document.sentences]


def _keys(sentence: Sentence) -> frozenset[str]:
    return frozenset((*sentence.events, *sentence.responsibility, sentence.source))
