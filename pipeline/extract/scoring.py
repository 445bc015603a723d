"""From a tokenised article to scores, whatever runs the model.

A backend runs the two graphs; this module batches windows, joins them to sentences and reads long articles in
overlapping chunks of sentences, so that memory is bounded and nothing is cut.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.labels import LabelSet, Layer
from pipeline.text.align import TAGS
from pipeline.text.batches import batches_by_tokens, pad
from pipeline.text.tokens import ArticleTokenizer, TokenizedDocument
from pipeline.text.windows import plan_windows, pooling_weights

Array = NDArray[np.float32]

MAX_BATCH_TOKENS: Final = 128
"""Most tokens that run through the encoder at once, padding included.

More would mean sentences of unlike length in a batch, and more padding than text: on one core 2048 reads half as many
tokens a second.
"""

CONTEXT_SENTENCES: Final = 256
"""Most sentences that see each other; a longer article is read in chunks of that many."""

CONTEXT_OVERLAP: Final = 64
"""Sentences that neighbouring chunks of a long article share."""


class Backend(Protocol):
    """Runs the model's two graphs on arrays."""

    def encode(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> tuple[Array, Array]:
        """Window vectors [W, D] and role logits [W, T, R * TAGS] of ids and mask [W, T]."""

    def contextualise(self, vectors: Array, features: Array) -> Sequence[Array]:
        """What each sentence says on each layer, and last the role shift, of [S, D] vectors and [S, features]."""


class DocumentScores(msgspec.Struct, frozen=True):
    """Probabilities of an article.

    Shapes: layers by name, [S, keys], or [1, keys] where the layer is one of documents (of a layer that gives one key
    rows sum to 1); tags: one array a sentence [tokens, R, TAGS] (last axis sums to 1).
    """

    layers: dict[str, Array]
    tags: list[Array]


def score_document(
    backend: Backend, tokenizer: ArticleTokenizer, document: TokenizedDocument, labels: LabelSet
) -> DocumentScores:
    """Score every sentence and token of an article, and the article itself where layers ask for it."""
    vectors, tag_logits = _encode(backend, tokenizer, document)
    *outputs, shift = _contextualise(backend, vectors, document.features)
    layers = {layer.name: _scores(layer, output) for layer, output in zip(labels.layers, outputs, strict=True)}
    tags = [
        _softmax((logits + shift[index]).reshape(len(logits), len(labels.roles), TAGS))
        for index, logits in enumerate(tag_logits)
    ]
    return DocumentScores(layers, tags)


def _scores(layer: Layer, output: Array) -> Array:
    """Probabilities from what the sentences say; see ``pipeline.encoder.model`` on documents."""
    if layer.level == "document":
        votes, weights = np.split(output, 2, axis=-1)
        output = (_softmax(weights.T).T * votes).sum(axis=0, keepdims=True)
    return _sigmoid(output) if layer.choice == "any" else _softmax(output)


def _encode(backend: Backend, tokenizer: ArticleTokenizer, document: TokenizedDocument) -> tuple[Array, list[Array]]:
    """Sentence vectors [S, D], and the role logits of each sentence's tokens [tokens, R * TAGS]."""
    rows = [tokenizer.window_ids(document, window) for window in document.windows]
    vectors: list[Array] = [np.empty(0, dtype=np.float32)] * len(rows)
    logits: list[Array] = [np.empty(0, dtype=np.float32)] * len(rows)
    for batch in batches_by_tokens([len(row) for row in rows], MAX_BATCH_TOKENS):
        batch_vectors, batch_logits = backend.encode(*pad([rows[index] for index in batch], tokenizer.padding_id))
        for position, index in enumerate(batch):
            window = document.windows[index]
            first = 1 + window.keep_start - window.start
            vectors[index] = batch_vectors[position]
            logits[index] = batch_logits[position, first : first + window.keep_end - window.keep_start]
    sentences = len(document.token_ids)
    pooled = pooling_weights(document.windows, sentences) @ np.stack(vectors)
    joined: list[list[Array]] = [[] for _ in range(sentences)]
    for window, found in zip(document.windows, logits, strict=True):
        joined[window.sentence].append(found)
    return pooled, [np.concatenate(parts) for parts in joined]


def _contextualise(backend: Backend, vectors: Array, features: Array) -> list[Array]:
    """The context graph's outputs for all sentences, chunk by chunk."""
    parts: list[Sequence[Array]] = []
    for chunk in plan_windows([len(vectors)], CONTEXT_SENTENCES, CONTEXT_OVERLAP):
        kept = slice(chunk.keep_start - chunk.start, chunk.keep_end - chunk.start)
        outputs = backend.contextualise(vectors[chunk.start : chunk.end], features[chunk.start : chunk.end])
        parts.append([output[kept] for output in outputs])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _sigmoid(logits: Array) -> Array:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), dtype=np.float32)


def _softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)
