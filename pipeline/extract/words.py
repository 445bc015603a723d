"""From pieces of words to words: a span must not begin or end within one."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.extract.scoring import Array, DocumentScores
from pipeline.text.align import BEGIN, OUTSIDE
from pipeline.text.pieces import first_pieces, word_offsets


def by_words(
    text: str, scores: DocumentScores, offsets: list[NDArray[np.int64]]
) -> tuple[DocumentScores, list[NDArray[np.int64]]]:
    """Scores and offsets with one row of tags per word, whatever the tokenizer made of it.

    A word is outside of a role with the mean share of its pieces; whether it begins a span, where it is in one, is for
    its first piece to say.

    Args:
        text: Of the article.
        scores: Of its tokens.
        offsets: Token offsets of each sentence. Shapes: [tokens, 2].

    Returns:
        The scores with ``tags`` of shapes [words, R, TAGS], and the words' offsets of shapes [words, 2].
    """
    firsts = [first_pieces(text, found) for found in offsets]
    tags = [_joined(found, first) for found, first in zip(scores.tags, firsts, strict=True)]
    words = [word_offsets(found, first) for found, first in zip(offsets, firsts, strict=True)]
    return msgspec.structs.replace(scores, tags=tags), words


def _joined(tags: Array, first: NDArray[np.int64]) -> Array:
    if len(first) == len(tags):
        return tags
    pieces = np.diff(first, append=len(tags))
    outside = np.add.reduceat(tags[..., OUTSIDE], first) / pieces[:, None]
    inside_first = 1.0 - tags[first, :, OUTSIDE]
    share = np.divide(1.0 - outside, inside_first, out=np.zeros_like(outside), where=inside_first > 0)
    joined = tags[first] * share[..., None]
    joined[..., OUTSIDE] = outside
    # Where the first piece is surely outside, it has nothing to say on beginning.
    joined[..., BEGIN] += np.where(inside_first > 0, 0.0, 1.0 - outside)
    return joined.astype(np.float32)
