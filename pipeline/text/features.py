"""What an article's layout says about each sentence, beside its words."""

import math
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SENTENCE_FEATURES: Final = (
    "log_position",
    "relative_position",
    "first_of_article",
    "first_of_paragraph",
    "only_of_paragraph",
    "begins_inside_quotation",
    "holds_quotation_mark",
)
"""Names of the columns, each 0 to about 1."""

_POSITION_SCALE: Final = math.log(64)
_QUOTES: Final = re.compile(r'[“”"„«»]')


def sentence_features(text: str, sentences: Sequence[tuple[int, int]]) -> NDArray[np.float32]:
    """Layout features of each sentence.

    Args:
        text: The article.
        sentences: (start, end) offsets, in order.

    Returns:
        Shape: [sentences, len(SENTENCE_FEATURES)].
    """
    count = len(sentences)
    features = np.zeros((count, len(SENTENCE_FEATURES)), dtype=np.float32)
    starts = [index == 0 or "\n" in text[sentences[index - 1][1] : sentences[index][0]] for index in range(count)]
    quoted = False
    for index, (start, end) in enumerate(sentences):
        quoted = quoted and not starts[index]
        alone = starts[index] and (index + 1 == count or starts[index + 1])
        marks = _QUOTES.findall(text, start, end)
        features[index] = (
            math.log1p(index) / _POSITION_SCALE,
            index / max(1, count - 1),
            index == 0,
            starts[index],
            alone,
            quoted,
            bool(marks),
        )
        quoted = _open_after(marks, quoted)
    return features


def _open_after(marks: Sequence[str], quoted: bool) -> bool:
    for mark in marks:
        quoted = not quoted if mark == '"' else mark in "“„«"
    return quoted
