"""Labelled sentences as the arrays that the loss compares with."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.encoder.model import SentenceLogits
from pipeline.label.soft import SoftSentence
from pipeline.labels import LabelSet
from pipeline.schema import Sentence
from pipeline.text.align import TAGS, spans_to_tags

Known = NDArray[np.bool_]


class Targets(msgspec.Struct, frozen=True):
    """What the model should say of one article, and where it is known.

    Shapes: events and events_known [S, events], responsibility and responsibility_known [S, responsibility], values 0
    to 1; source [S] (index), or [S, sources] (probabilities) where annotators did not decide it, and source_known [S];
    tags: one array a sentence [tokens, R], or None where nobody marked spans. What is not known has the value 0.
    ``weight`` is that of the article's loss.
    """

    events: NDArray[np.float32]
    events_known: Known
    responsibility: NDArray[np.float32]
    responsibility_known: Known
    source: NDArray[np.int64] | NDArray[np.float32]
    source_known: Known
    tags: list[NDArray[np.int64]] | None
    weight: float = 1.0


def make_targets(sentences: Sequence[Sentence], offsets: Sequence[NDArray[np.int64]], labels: LabelSet) -> Targets:
    """Turn annotations into targets.

    Args:
        sentences: Annotated sentences of an article.
        offsets: Token offsets of each sentence, into the article's text. Shapes: [tokens, 2].
        labels: Keys in the order of the model's outputs.
    """
    events = _multi_hot([sentence.events for sentence in sentences], labels.events)
    responsibility = _multi_hot([sentence.responsibility for sentence in sentences], labels.responsibility)
    return Targets(
        events=events,
        events_known=np.ones(events.shape, dtype=np.bool_),
        responsibility=responsibility,
        responsibility_known=np.ones(responsibility.shape, dtype=np.bool_),
        source=np.array([labels.sources.index(sentence.source) for sentence in sentences], dtype=np.int64),
        source_known=np.ones(len(sentences), dtype=np.bool_),
        tags=[
            spans_to_tags(sentence.spans, found, labels.roles)
            for sentence, found in zip(sentences, offsets, strict=True)
        ],
    )


def make_soft_targets(sentences: Sequence[SoftSentence], labels: LabelSet, weight: float) -> Targets:
    """Turn probabilities into targets, and their absence into what is not known."""
    events, events_known = _soft([sentence.events for sentence in sentences], labels.events)
    responsibility, responsibility_known = _soft([s.responsibility for s in sentences], labels.responsibility)
    source, source_known = _soft([sentence.source for sentence in sentences], labels.sources)
    sums = source.sum(axis=1, keepdims=True)
    return Targets(
        events=events,
        events_known=events_known,
        responsibility=responsibility,
        responsibility_known=responsibility_known,
        source=np.divide(source, sums, out=source, where=sums > 0),
        source_known=source_known[:, 0],
        tags=None,
        weight=weight,
    )


def label_priors(targets: Sequence[Targets], labels: LabelSet) -> SentenceLogits:
    """Logits of how frequent each key and tag is where it is known, every key counted once more than it occurs.

    Raises:
        ValueError: Without any sentence.
    """
    if not targets:
        raise ValueError("no training article; the train split must hold at least one")
    tags = np.concatenate(
        [np.empty((0, len(labels.roles)), dtype=np.int64), *(t for found in targets for t in found.tags or ())]
    )
    return SentenceLogits(
        events=_log_odds([found.events for found in targets], [found.events_known for found in targets]),
        responsibility=_log_odds(
            [found.responsibility for found in targets], [found.responsibility_known for found in targets]
        ),
        source=_log_shares(np.sum([_source_counts(found, len(labels.sources)) for found in targets], axis=0)),
        role_shift=torch.cat([_log_shares(np.bincount(column, minlength=TAGS)) for column in tags.T]),
    )


def _log_odds(values: Sequence[NDArray[np.float32]], known: Sequence[Known]) -> torch.Tensor:
    yes = np.concatenate(values).sum(0)
    of = np.concatenate(known).sum(0, dtype=np.float32)
    return torch.logit(torch.from_numpy((yes + 1) / (of + 2)))


def _source_counts(targets: Targets, sources: int) -> NDArray:
    if targets.source.ndim == 1:
        return np.bincount(targets.source, minlength=sources)
    return targets.source[targets.source_known].sum(0, dtype=np.float64)


def _log_shares(counts: NDArray) -> torch.Tensor:
    shares = counts + 1.0
    return torch.from_numpy(np.log(shares / shares.sum())).float()


def _multi_hot(labels: Sequence[Sequence[str]], keys: Sequence[str]) -> NDArray[np.float32]:
    return np.array([[key in found for key in keys] for found in labels], dtype=np.float32).reshape(-1, len(keys))


def _soft(rows: Sequence[Mapping[str, float]], keys: Sequence[str]) -> tuple[NDArray[np.float32], Known]:
    values = np.array([[row.get(key, 0.0) for key in keys] for row in rows], dtype=np.float32).reshape(-1, len(keys))
    return values, _multi_hot([tuple(row) for row in rows], keys).astype(np.bool_)
