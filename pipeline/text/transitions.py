"""Which tags follow one another: a role's span as a whole, not word by word.

The encoder says of each word by itself how likely it begins a span, goes on with one, or is outside. Read so, a span
falls into pieces where it hesitates. How tags follow one another is counted in the annotations, and the likeliest
sequence is found with Viterbi's algorithm: a hidden Markov model whose emissions are a network's shares divided by how
frequent each tag is (Bourlard and Morgan 1994, "Connectionist Speech Recognition").
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.schema import Document
from pipeline.text.align import INSIDE, OUTSIDE, TAGS, spans_to_tags
from pipeline.text.pieces import first_pieces, word_offsets
from pipeline.text.tokens import ArticleTokenizer

Transitions = dict[str, list[list[float]]]
"""By role, what is added to the logarithm of a tag's share. Rows: the tag before, last the sentence's beginning."""

WEIGHT: Final = 0.3
"""Of what was counted against what the encoder says of the word; chosen on ``dev``."""

_START: Final = TAGS
_DIGITS: Final = 4
_UNSEEN: Final = 0.5
"""Added to every count."""

_SURE: Final = 1e-7
"""Nearest that a share comes to 0 before its logarithm is taken."""


def count_transitions(documents: Iterable[Document], tokenizer: ArticleTokenizer, roles: Sequence[str]) -> Transitions:
    """The logarithm of how much likelier each tag is after the one before than anywhere, times ``WEIGHT``.

    Args:
        documents: Annotated.
        tokenizer: Says with its tokens what the words are.
        roles: Those that are counted.
    """
    pairs = np.full((len(roles), TAGS + 1, TAGS), _UNSEEN)
    for document in documents:
        tokenized = tokenizer.tokenize(document.text, [(s.start, s.end) for s in document.sentences])
        for sentence, offsets in zip(document.sentences, tokenized.offsets, strict=True):
            tags = spans_to_tags(sentence.spans, word_offsets(offsets, first_pieces(document.text, offsets)), roles)
            before = np.concatenate([np.full((1, len(roles)), _START), tags[:-1]])
            for column in range(len(roles)):
                np.add.at(pairs[column], (before[: len(tags), column], tags[:, column]), 1)
    each = pairs.sum(axis=1, keepdims=True)
    likelier = np.log(pairs / pairs.sum(axis=-1, keepdims=True)) - np.log(each / each.sum(axis=-1, keepdims=True))
    return {role: found.round(_DIGITS).tolist() for role, found in zip(roles, WEIGHT * likelier, strict=True)}


def likeliest_tags(
    tags: NDArray[np.floating], roles: Sequence[str], transitions: Mapping[str, Sequence[Sequence[float]]]
) -> NDArray[np.int64]:
    """The likeliest sequence of tags of each role; nothing goes on that has not begun.

    Args:
        tags: Shares of each word's tags. Shape: [words, R, TAGS].
        roles: In the order of the columns.
        transitions: Of these roles; of one that is missing no tag makes another likelier.

    Returns:
        Shape: [words, R].
    """
    nothing = np.zeros((TAGS + 1, TAGS))
    follow = np.array([transitions.get(role, nothing) for role in roles]).reshape(len(roles), TAGS + 1, TAGS)
    follow[:, [OUTSIDE, _START], INSIDE] = -np.inf
    told = np.log(np.maximum(tags.astype(np.float64), _SURE))
    came = np.zeros(tags.shape, dtype=np.int64)
    chosen = np.zeros(tags.shape[:2], dtype=np.int64)
    if not len(tags):
        return chosen
    best = told[0] + follow[:, _START]
    for word in range(1, len(tags)):
        paths = best[:, :, None] + follow[:, :TAGS]
        came[word] = paths.argmax(axis=1)
        best = paths.max(axis=1) + told[word]
    chosen[-1] = best.argmax(axis=-1)
    for word in range(len(tags) - 1, 0, -1):
        chosen[word - 1] = came[word, np.arange(len(roles)), chosen[word]]
    return chosen
