"""Applying labelling functions to documents."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.schema import Document
from pipeline.text.sentences import split_sentences
from pipeline.weak.library import Library
from pipeline.weak.reading import LAYER_OF

YES: Final = 1
NO: Final = 0
ABSTAIN: Final = -1

Votes = dict[str, NDArray[np.int8]]
"""Per key what its functions vote on each sentence: 1 yes, 0 no, -1 abstains. Shapes: [sentences, functions]."""


def apply(library: Library, documents: Sequence[Document]) -> Votes:
    """Let every function vote on every sentence.

    Args:
        library: The functions.
        documents: With annotated sentences or without; a text without any is split into its sentences.

    Returns:
        Votes on the sentences of all documents, one after the other.
    """
    fires = [library.fires(_texts(document)) for document in documents]
    says = np.array([YES if function.vote else NO for function in library.functions], dtype=np.int8)
    rows = np.concatenate(fires) if fires else np.empty((0, len(says)), dtype=np.bool_)
    table = np.where(rows, says, np.int8(ABSTAIN))
    keys = np.array([function.key for function in library.functions])
    return {key: np.ascontiguousarray(table[:, keys == key]) for key in LAYER_OF}


def joined(first: Mapping[str, NDArray[np.int8]], second: Mapping[str, NDArray[np.int8]]) -> Votes:
    """Votes on, or annotations of, the sentences of some documents and those of others after them."""
    return {key: np.concatenate([found, second[key]]) for key, found in first.items()}


def sentence_spans(document: Document) -> list[tuple[int, int]]:
    """Offsets of a document's annotated sentences, or of those that its text is split into."""
    return [(s.start, s.end) for s in document.sentences] or split_sentences(document.text)


def _texts(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in sentence_spans(document)]
