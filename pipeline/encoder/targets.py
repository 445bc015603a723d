"""Annotated sentences as the arrays that the loss compares with."""

from collections.abc import Sequence

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.encoder.model import SentenceLogits
from pipeline.labels import LabelSet
from pipeline.schema import Sentence
from pipeline.text.align import TAGS, spans_to_tags


class Targets(msgspec.Struct, frozen=True):
    """What the model should say of one article.

    Shapes: events [S, events], responsibility [S, responsibility] (0 to 1), source [S] (index),
    tags: one array a sentence [tokens, R].
    """

    events: NDArray[np.float32]
    responsibility: NDArray[np.float32]
    source: NDArray[np.int64]
    tags: list[NDArray[np.int64]]


def make_targets(sentences: Sequence[Sentence], offsets: Sequence[NDArray[np.int64]], labels: LabelSet) -> Targets:
    """Turn annotations into targets.

    Args:
        sentences: Annotated sentences of an article.
        offsets: Token offsets of each sentence, into the article's text. Shapes: [tokens, 2].
        labels: Keys in the order of the model's outputs.
    """
    return Targets(
        events=_multi_hot([sentence.events for sentence in sentences], labels.events),
        responsibility=_multi_hot([sentence.responsibility for sentence in sentences], labels.responsibility),
        source=np.array([labels.sources.index(sentence.source) for sentence in sentences], dtype=np.int64),
        tags=[
            spans_to_tags(sentence.spans, found, labels.roles)
            for sentence, found in zip(sentences, offsets, strict=True)
        ],
    )


def label_priors(targets: Sequence[Targets], labels: LabelSet) -> SentenceLogits:
    """Logits of how frequent each key and tag is, every key counted once more than it occurs.

    Raises:
        ValueError: Without any sentence.
    """
    if not targets:
        raise ValueError("no training article; the train split must hold at least one")
    source = np.concatenate([found.source for found in targets])
    tags = np.concatenate([tags for found in targets for tags in found.tags])
    return SentenceLogits(
        events=_log_odds(np.concatenate([found.events for found in targets])),
        responsibility=_log_odds(np.concatenate([found.responsibility for found in targets])),
        source=_log_shares(source, len(labels.sources)),
        role_shift=torch.cat([_log_shares(column, TAGS) for column in tags.T]),
    )


def _log_odds(values: NDArray[np.float32]) -> torch.Tensor:
    frequency = torch.from_numpy((values.sum(0) + 1) / (len(values) + 2))
    return torch.logit(frequency)


def _log_shares(values: NDArray[np.int64], count: int) -> torch.Tensor:
    shares = np.bincount(values, minlength=count) + 1.0
    return torch.from_numpy(np.log(shares / shares.sum())).float()


def _multi_hot(labels: Sequence[Sequence[str]], keys: Sequence[str]) -> NDArray[np.float32]:
    return np.array([[key in found for key in keys] for found in labels], dtype=np.float32).reshape(-1, len(keys))
