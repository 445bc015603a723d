"""Which mentions of an article tell one happening: a learned link of every two, clustered.

Mentions are linked within a type: every sentence of an annotated record carries the record's type, what belongs to
a happening of another type (a killing in the course of an abduction) being labelled with that one. Three steps,
all logistic models (see ``pipeline.incidents.fit_linking``): how likely each mention is the background of the type's
main story; how likely two mentions tell the same; which clusters make records, main ones, sums of many.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from math import log
from typing import Final

import msgspec
import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from pipeline.incidents.learned import LINKING, read_learned
from pipeline.incidents.logistic import CLIP, Logistic, clipped, log_odds, probability
from pipeline.incidents.mentions import (
    COUNTED_ROLES,
    LINKED_ROLES,
    Facts,
    mention_features,
    read_facts,
    word_counts,
)
from pipeline.incidents.pairs import LONG, length_share, pair_features
from pipeline.labels import INCIDENT_TYPES
from pipeline.schema import ScoredSentence

MAX_LINKED: Final = 1000
"""Mentions of one type that are compared with each other; the next so many of a longer article stand apart."""


class LinkerModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that linking decides by: five models, and the probabilities from which each says yes."""

    background: Logistic
    link: Logistic
    record: Logistic
    main: Logistic
    aggregate: Logistic
    link_threshold: float
    record_threshold: float
    main_threshold: float
    aggregate_threshold: float


class Cluster(msgspec.Struct, frozen=True):
    """Sentences, ascending, that tell one happening of a type; ``score`` is their mean probability of that type."""

    type: str
    sentences: tuple[int, ...]
    main: bool
    aggregate: bool
    score: float


class Linker:
    """Finds the happenings that an article tells."""

    def __init__(self, model: LinkerModel) -> None:
        self.model = model

    @classmethod
    @cache
    def default(cls) -> "Linker":
        """The one that ships with the package, learned from the corpus's train split."""
        return cls(read_learned(LINKING, LinkerModel))

    def link(self, text: str, published: str | None, sentences: Sequence[ScoredSentence]) -> tuple[Cluster, ...]:
        """Cluster the mentions of each type.

        Returns:
            Clusters by their first sentence, then type. Each mention is in at most one cluster of its type; those
            that make no record are in none.
        """
        facts = read_facts(text, published, sentences)
        logits, frequency = self.background_logits(facts), word_counts(facts)
        found = []
        for kind, indexes in mentions_by_type(sentences).items():
            for block in (indexes[start : start + MAX_LINKED] for start in range(0, len(indexes), MAX_LINKED)):
                found += [(kind, members) for members in self._partition(facts, kind, block, logits[kind], frequency)]
        return self._decided(facts, found, logits)

    def background_logits(self, facts: Sequence[Facts]) -> dict[str, dict[int, float]]:
        """For each type and sentence that mentions it, the log-odds of telling another happening than most."""
        return {
            kind: {
                index: self.model.background.logit(features)
                for index, features in zip(indexes, mention_features(facts, indexes), strict=True)
            }
            for kind, indexes in mentions_by_type([fact.sentence for fact in facts]).items()
        }

    def _partition(
        self,
        facts: Sequence[Facts],
        kind: str,
        indexes: Sequence[int],
        background: Mapping[int, float],
        frequency: Mapping[str, int],
    ) -> list[tuple[int, ...]]:
        if len(indexes) == 1:
            return [tuple(indexes)]
        logits = np.full((len(indexes), len(indexes)), self.model.link.intercept)
        weights, share = self.model.link.weights, length_share(len(facts))
        for name, values in pair_features(facts, kind, indexes, background, frequency):
            if weight := weights.get(name, 0.0) + share * weights.get(LONG + name, 0.0):
                logits += weight * values
        distances = probability(-logits)[np.triu_indices(len(indexes), 1)]
        limit = 1 - self.model.link_threshold
        if len(distances) == 1:  # two mentions need no tree
            return [tuple(indexes)] if distances[0] <= limit else [(index,) for index in indexes]
        groups: dict[int, list[int]] = {}
        for index, label in zip(indexes, fcluster(linkage(distances, "average"), limit, "distance"), strict=True):
            groups.setdefault(int(label), []).append(index)
        return [tuple(members) for members in groups.values()]

    def _decided(
        self,
        facts: Sequence[Facts],
        found: Sequence[tuple[str, tuple[int, ...]]],
        logits: Mapping[str, Mapping[int, float]],
    ) -> tuple[Cluster, ...]:
        """Keep what makes a record, and say which are main ones and sums of many."""
        labelled = labelled_sentences(facts)
        described = [
            (kind, members, cluster_features(facts, kind, members, logits[kind], labelled))
            for kind, members in sorted(found, key=lambda cluster: (cluster[1], cluster[0]))
        ]
        model = self.model
        return tuple(
            Cluster(
                kind,
                members,
                main=_says(model.main, features, model.main_threshold),
                aggregate=_says(model.aggregate, features, model.aggregate_threshold),
                score=_score(facts, kind, members),
            )
            for kind, members, features in described
            if _says(model.record, features, model.record_threshold)
        )


def mentions_by_type(sentences: Sequence[ScoredSentence]) -> dict[str, list[int]]:
    """The sentences that carry each incident type, ascending; types that none carries are left out."""
    found = {kind: [i for i, s in enumerate(sentences) if kind in s.events] for kind in INCIDENT_TYPES}
    return {kind: indexes for kind, indexes in found.items() if indexes}


def labelled_sentences(facts: Sequence[Facts]) -> list[int]:
    """The sentences that carry any event type, ascending."""
    return [index for index, fact in enumerate(facts) if fact.sentence.events]


def cluster_features(
    facts: Sequence[Facts],
    kind: str,
    members: Sequence[int],
    background: Mapping[int, float],
    labelled: Sequence[int],
) -> dict[str, float]:
    """Describe a cluster: the mean of what its mentions say, its size, and its place in the article.

    Args:
        facts: All sentences of the article.
        kind: The cluster's type.
        members: Its sentences, ascending.
        background: Log-odds of each sentence that mentions the type, see ``Linker.background_logits``.
        labelled: See ``labelled_sentences``.
    """
    features: dict[str, float] = {}
    for told in mention_features(facts, members):
        for name, value in told.items():
            features[name] = features.get(name, 0.0) + value / len(members)
    odds = [clipped(background[index]) for index in members]
    certainty = [clipped(log_odds(facts[index].sentence.event_scores[kind])) for index in members]
    features |= {
        f"type {kind}": 1.0,
        "log members": log(len(members)),
        "share of type": len(members) / len(background),
        "share of labelled": len(members) / len(labelled),
        "begins at": members[0] / len(facts),
        "has headline": float(members[0] == 0),
        "has first labelled": float(members[0] == labelled[0]),
        "background": sum(odds) / len(odds),
        "least background": min(odds),
        "certainty": sum(certainty) / len(certainty) / CLIP,
        "most certainty": max(certainty) / CLIP,
    }
    for role in (*LINKED_ROLES, *COUNTED_ROLES, "time"):
        features[f"any {role}"] = float(any(s.role == role for i in members for s in facts[i].sentence.spans))
    return features


def _score(facts: Sequence[Facts], kind: str, members: Sequence[int]) -> float:
    return sum(facts[index].sentence.event_scores[kind] for index in members) / len(members)


def _says(model: Logistic, features: Mapping[str, float], threshold: float) -> bool:
    return bool(probability(np.array(model.logit(features))) >= threshold)
