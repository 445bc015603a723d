"""Fingerprints of passages: near-duplicate wording is found without keeping the words.

A fingerprint is a MinHash over runs of words (Broder 1997, "On the resemblance and containment of documents") of which
the lowest bits are kept (Li and König 2010, "b-bit minwise hashing"): two that agree in a share of their values stand
for passages that share about as much of their wording.
"""

import re
from base64 import b64decode, b64encode
from typing import Final

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray

PERMUTATIONS: Final = 64
"""Values of a fingerprint; the share in which two agree is right to about .06."""

_RUN: Final = 5
_FEWEST_WORDS: Final = 12
_SCHEME: Final = "affine32"
_KEPT: Final = np.dtype("<u2")
_WORD: Final = re.compile(r"[^\W_]+")
_MODEL: Final = MinHash(num_perm=PERMUTATIONS, scheme=_SCHEME)


def fingerprint(passage: str) -> str | None:
    """The fingerprint of a passage, as base64; None for fewer than 12 words, which two writers may choose by chance.

    Case and punctuation do not count.
    """
    words = _WORD.findall(passage.lower())
    if len(words) < _FEWEST_WORDS:
        return None
    runs = {" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}
    sketch = MinHash(num_perm=PERMUTATIONS, scheme=_SCHEME, permutations=_MODEL.permutations)
    sketch.update_batch([run.encode("utf-8", "surrogatepass") for run in runs])  # in any order: minima are kept
    return b64encode(sketch.hashvalues.astype(_KEPT).tobytes()).decode("ascii")


def values_of(found: str) -> NDArray[np.uint16]:
    """The values of a fingerprint. Shape: (PERMUTATIONS,)."""
    return np.frombuffer(b64decode(found), dtype=_KEPT)


def as_sketch(found: str) -> MinHash:
    """A fingerprint as the library's sketch, to look up similar ones."""
    values = values_of(found).astype(np.uint64)
    return MinHash(hashvalues=values, scheme=_SCHEME, permutations=_MODEL.permutations)
