"""Tokenising: an article's sentences as token ids with offsets into the article.

Training and inference both read texts through this module, with the ``tokenizer.json`` of the base encoder.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from pipeline.errors import ModelError
from pipeline.text.characters import readable
from pipeline.text.features import sentence_features
from pipeline.text.windows import Window, plan_windows

_SPECIAL_TOKENS: Final = 2


class TokenizedDocument(msgspec.Struct, frozen=True):
    """An article ready for the encoder.

    ``token_ids`` and ``offsets`` hold one array a sentence (no special tokens; shapes [tokens] and [tokens, 2],
    offsets into the article's text); ``windows`` cover them; ``features`` is of shape [sentences, features].
    """

    token_ids: list[NDArray[np.int64]]
    offsets: list[NDArray[np.int64]]
    windows: list[Window]
    features: NDArray[np.float32]


class ArticleTokenizer:
    """Turns articles into windows of token ids."""

    def __init__(self, tokenizer: Tokenizer, max_tokens: int, overlap_tokens: int) -> None:
        """Wrap a tokenizer.

        Args:
            tokenizer: Its truncation and padding are switched off.
            max_tokens: Window length, special tokens included.
            overlap_tokens: Tokens that windows of one long sentence share.
        """
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.overlap_tokens = overlap_tokens
        self._prefix, self._suffix = _special_ids(tokenizer)

    @classmethod
    def from_file(cls, path: Path, max_tokens: int, overlap_tokens: int) -> "ArticleTokenizer":
        """Read a ``tokenizer.json``.

        Raises:
            ModelError: When the file is missing or not a tokenizer.
        """
        if not path.is_file():
            raise ModelError(f"{path} is missing; the model folder needs a tokenizer.json (a fast tokenizer)")
        try:
            return cls(Tokenizer.from_file(str(path)), max_tokens, overlap_tokens)
        except Exception as error:  # the library raises bare Exception for anything it cannot read
            raise ModelError(f"{path} is not a tokenizer.json: {error}") from error

    def save(self, path: Path) -> None:
        """Write the ``tokenizer.json``."""
        self._tokenizer.save(str(path))

    def tokenize(self, text: str, sentences: Sequence[tuple[int, int]]) -> TokenizedDocument:
        """Tokenise the sentences of an article, nothing cut off."""
        encodings = self._tokenizer.encode_batch(
            [readable(text[start:end]) for start, end in sentences], add_special_tokens=False
        )
        offsets = [
            np.asarray(encoding.offsets, dtype=np.int64).reshape(-1, 2) + start
            for encoding, (start, _) in zip(encodings, sentences, strict=True)
        ]
        ids = [np.asarray(encoding.ids, dtype=np.int64) for encoding in encodings]
        windows = plan_windows([len(found) for found in ids], self.max_tokens - _SPECIAL_TOKENS, self.overlap_tokens)
        return TokenizedDocument(ids, offsets, windows, sentence_features(text, sentences))

    def window_ids(self, document: TokenizedDocument, window: Window) -> NDArray[np.int64]:
        """Token ids of a window with the special tokens around them. Shape: [window's tokens + 2]."""
        tokens = document.token_ids[window.sentence][window.start : window.end]
        return np.concatenate([self._prefix, tokens, self._suffix])

    @property
    def padding_id(self) -> int:
        """Id that fills up the shorter windows of a batch; the attention mask hides it."""
        found = self._tokenizer.token_to_id("[PAD]")
        return 0 if found is None else found


def _special_ids(tokenizer: Tokenizer) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    ids = np.asarray(tokenizer.encode("a").ids, dtype=np.int64)
    bare = len(tokenizer.encode("a", add_special_tokens=False).ids)
    if len(ids) - bare != _SPECIAL_TOKENS:
        raise ModelError(
            f"the tokenizer puts {len(ids) - bare} special tokens around a text, expected {_SPECIAL_TOKENS} "
            "(one before, one after); choose another `encoder.base`"
        )
    return ids[:1], ids[-1:]
