"""The multi-task encoder: sentences read one by one, then seen together.

A transformer encodes each window of a sentence alone; a sentence's vector is the mean over its tokens. A small
transformer over the sentence vectors of the whole article (hierarchical context, after Yang et al. 2016,
"Hierarchical Attention Networks", with self-attention in place of recurrence) lets each sentence see the others.
Heads read both vectors. Without context layers every sentence is classified alone.

Shapes are named: windows W, tokens T, sentences S, width D, roles R.
"""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple, cast

import msgspec
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from pipeline.errors import ModelError
from pipeline.labels import LabelSet, Layer
from pipeline.text.align import TAGS
from pipeline.text.features import SENTENCE_FEATURES

_ROW_TOKENS: Final = 256


class ContextConfig(msgspec.Struct, frozen=True):
    """The layers over an article's sentences; ``layers`` 0 means none."""

    layers: int
    heads: int
    reach: int
    dropout: float


class ArticleLogits(NamedTuple):
    """Raw outputs for an article.

    ``layers`` by name, of shape [S, keys] for a layer of sentences and [1, keys] for one of documents; ``role_shift``
    [S, R * TAGS] is added to the role logits of each sentence's tokens.
    """

    layers: dict[str, Tensor]
    role_shift: Tensor


class _Nothing(nn.Module):
    """The head of a label set without roles. Shapes: [..., D] to [..., 0]."""

    def forward(self, states: Tensor) -> Tensor:
        return states[..., :0]


class SentenceEncoder(nn.Module):
    """Windows of token ids to vectors and role logits."""

    def __init__(self, base: PreTrainedModel, roles: int, dropout: float) -> None:
        """Put a token head on a Hugging Face encoder."""
        super().__init__()
        self.base = base
        self.dropout = nn.Dropout(dropout)
        self.role_head = nn.Linear(base.config.hidden_size, roles * TAGS) if roles else _Nothing()

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Encode windows.

        Args:
            input_ids: Shape: [W, T].
            attention_mask: 1 at real tokens. Shape: [W, T].

        Returns:
            Mean vector of each window, and the role logits of its tokens. Shapes: [W, D], [W, T, R * TAGS].
        """
        states = self.base(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        vectors = (states * mask).sum(1) / mask.sum(1)
        return vectors, self.tag(states)

    @property
    def row_tokens(self) -> int:
        """Tokens of a row of windows side by side (``pipeline.text.batches``); 0 for one window a row.

        Windows share a row where the base counts positions as they are given, from 0.
        """
        return _ROW_TOKENS if self.base.config.model_type == "bert" else 0

    def run_rows(self, input_ids: Tensor, segments: Tensor, positions: Tensor) -> Tensor:
        """The base's states of windows side by side, each seeing itself alone. Shapes: [B, T] to [B, T, D]."""
        if not self.row_tokens:
            return self.base(input_ids=input_ids, attention_mask=(segments > 0).long()).last_hidden_state
        apart = segments[:, None, :, None] != segments[:, None, None, :]
        mask = torch.zeros(apart.shape).masked_fill_(apart, torch.finfo(torch.float32).min)
        return self.base(input_ids=input_ids, attention_mask=mask, position_ids=positions).last_hidden_state

    def tag(self, states: Tensor) -> Tensor:
        """Role logits of tokens. Shapes: [..., D] to [..., R * TAGS]."""
        return self.role_head(self.dropout(states))


class SentenceLayer(nn.Module):
    """A transformer layer over the sentences of one article, attention shifted by their distance.

    Attention is written out, with the normalisation first: the traced graph of torch's own layer is fixed to
    the number of sentences that it was traced with.
    """

    def __init__(self, width: int, context: ContextConfig) -> None:
        """Build the layer; ``width`` must be a multiple of ``context.heads``.

        Raises:
            ModelError: When it is not.
        """
        super().__init__()
        if width % context.heads:
            raise ModelError(f"encoder.context_heads {context.heads} does not divide the encoder's width {width}")
        self.heads = context.heads
        self.reach = context.reach
        self.distance = nn.Embedding(2 * context.reach + 1, context.heads)
        self.before_attention = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.before_feed = nn.LayerNorm(width)
        self.feed = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(context.dropout), nn.Linear(2 * width, width)
        )
        self.dropout = nn.Dropout(context.dropout)

    def forward(self, vectors: Tensor) -> Tensor:
        """Let each sentence see the others. Shapes: [S, D] to [S, D]."""
        query, key, value = (
            part.unflatten(-1, (self.heads, -1)).transpose(0, 1)
            for part in self.project(self.before_attention(vectors)).chunk(3, dim=-1)
        )
        scores = query @ key.transpose(1, 2) / math.sqrt(query.shape[-1]) + self._distances(vectors)
        seen = (scores.softmax(dim=-1) @ value).transpose(0, 1).flatten(1)
        vectors = vectors + self.dropout(self.attended(seen))
        return vectors + self.dropout(self.feed(self.before_feed(vectors)))

    def _distances(self, vectors: Tensor) -> Tensor:
        """What is added to the attention between two sentences for how far apart they stand. Shape: [heads, S, S]."""
        positions = torch.arange(vectors.shape[0], device=vectors.device)
        apart = (positions[None, :] - positions[:, None]).clamp(-self.reach, self.reach)
        return self.distance(apart + self.reach).permute(2, 0, 1)


class ArticleContext(nn.Module):
    """Sentence vectors of an article to label logits."""

    def __init__(self, width: int, labels: LabelSet, context: ContextConfig) -> None:
        """Build the layers over sentences and the heads; ``width`` is that of the sentence vectors."""
        super().__init__()
        self.labels = labels
        self.layout = nn.Linear(len(SENTENCE_FEATURES), width)
        self.layers = nn.ModuleList(SentenceLayer(width, context) for _ in range(context.layers))
        self.normalise = nn.LayerNorm(width)
        self.dropout = nn.Dropout(context.dropout)
        joined = 2 * width if context.layers else width
        self.heads = nn.ModuleDict({layer.name: nn.Linear(joined, outputs_of(layer)) for layer in labels.layers})
        self.role_shift = nn.Linear(joined, len(labels.roles) * TAGS) if labels.roles else _Nothing()
        for parameter in self.role_shift.parameters():
            nn.init.zeros_(parameter)

    def forward(self, vectors: Tensor, features: Tensor) -> tuple[Tensor, ...]:
        """Classify the sentences of one article.

        Args:
            vectors: Shape: [S, D].
            features: See ``pipeline.text.features``; without context layers they are not looked at.
                Shape: [S, features].

        Returns:
            What each sentence says on each layer, in their order (shapes: [S, outputs of the layer]), and last the
            role shift (shape: [S, R * TAGS]).
        """
        joined = vectors
        if self.layers:
            seen = vectors + self.layout(features)
            for layer in self.layers:
                seen = layer(seen)
            joined = torch.cat([vectors, self.normalise(seen)], dim=-1)
        joined = self.dropout(joined)
        return (*(head(joined) for head in self.heads.values()), self.role_shift(joined))

    def logits(self, vectors: Tensor, features: Tensor) -> ArticleLogits:
        """The same, joined over the sentences where a layer is one of documents."""
        *outputs, shift = self(vectors, features)
        layers = zip(self.labels.layers, outputs, strict=True)
        return ArticleLogits({layer.name: _of_units(layer, output) for layer, output in layers}, shift)


def outputs_of(layer: Layer) -> int:
    """Numbers that a sentence gives for a layer: a logit for each key, and for a document's its weight besides."""
    return len(layer.keys) * (2 if layer.level == "document" else 1)


def _of_units(layer: Layer, output: Tensor) -> Tensor:
    """Logits of a layer's units from what the sentences say. Shapes: [S, outputs] to [S or 1, keys].

    For a document every sentence gives each key a logit and a weight; what counts is the weighted mean (attention by
    label, Mullenbach et al. 2018, "Explainable Prediction of Medical Codes from Clinical Text").
    """
    if layer.level == "sentence":
        return output
    votes, weights = output.chunk(2, dim=-1)
    return (weights.softmax(dim=0) * votes).sum(dim=0, keepdim=True)


class ConflictModel(nn.Module):
    """Both halves; they are exported as two graphs, because one runs on windows and the other on articles."""

    def __init__(self, base: PreTrainedModel, labels: LabelSet, context: ContextConfig) -> None:
        """Build the model around a base encoder."""
        super().__init__()
        self.sentence_encoder = SentenceEncoder(base, len(labels.roles), context.dropout)
        self.article_context = ArticleContext(base.config.hidden_size, labels, context)

    @torch.no_grad()
    def start_from_priors(self, priors: Mapping[str, Tensor], tags: Tensor) -> None:
        """Set the heads' biases, so that training begins at the labels' frequencies and not at one half.

        Args:
            priors: Logits of each key's frequency, by layer. Shapes: [keys].
            tags: Those of each role's tags. Shape: [R * TAGS].
        """
        context = self.article_context
        for layer in context.labels.layers:
            head = cast(nn.Linear, context.heads[layer.name])
            head.bias[: len(layer.keys)] = priors[layer.name]
            # All sentences of a document weigh the same at first.
            head.bias[len(layer.keys) :] = 0.0
            head.weight[len(layer.keys) :] = 0.0
        if context.labels.roles:
            cast(nn.Linear, self.sentence_encoder.role_head).bias.copy_(tags)

    def freeze_lower(self, layers: int) -> None:
        """Keep the weights of the word embeddings, and with ``layers`` > 0 all of the base below layer ``layers``.

        Word embeddings hold half of the model's weights and are seldom hit: they do not move enough in one short
        training to be worth their gradient.

        Raises:
            ModelError: When the base has fewer layers.
        """
        base = self.sentence_encoder.base
        base.get_input_embeddings().requires_grad_(False)
        if layers:
            found = transformer_layers(base)
            if layers > len(found):
                raise ModelError(f"train.frozen_layers is {layers}, the base encoder has {len(found)} layers")
            base.requires_grad_(False)
            for layer in found[layers:]:
                layer.requires_grad_(True)


def transformer_layers(base: PreTrainedModel) -> nn.ModuleList:
    """The stack of transformer layers of a base encoder, lowest first.

    Raises:
        ModelError: When the model has no stack of ``num_hidden_layers`` modules.
    """
    for module in base.modules():
        if isinstance(module, nn.ModuleList) and len(module) == base.config.num_hidden_layers:
            return module
    raise ModelError(f"{type(base).__name__} has no list of transformer layers; choose another `encoder.base`")
