"""Scores of clusterings whose mentions need not be the same on both sides.

A clustering maps each mention to the name of its cluster. A mention that only one side has counts against that
side: missed ones against recall, spurious ones against precision.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

Clustering = Mapping[Any, Hashable]


def b_cubed(gold: Clustering, predicted: Clustering) -> tuple[float, float, float]:
    """Precision, recall and F1 of B-cubed (Bagga and Baldwin 1998)."""
    precision = _share_of_neighbours(predicted, gold)
    recall = _share_of_neighbours(gold, predicted)
    return precision, recall, _harmonic(precision, recall)


def muc(gold: Clustering, predicted: Clustering) -> float:
    """F1 of the link-based score of MUC-6 (Vilain et al. 1995); 0 where neither side has a link."""
    return _harmonic(_kept_links(predicted, gold), _kept_links(gold, predicted))


def ceaf(gold: Clustering, predicted: Clustering) -> float:
    """F1 of CEAF by entities (Luo 2005): clusters matched one to one by how much they share."""
    first, second = list(_clusters(gold).values()), list(_clusters(predicted).values())
    if not first or not second:
        return 0.0
    similarity = np.array([[2 * len(a & b) / (len(a) + len(b)) for b in second] for a in first])
    rows, columns = linear_sum_assignment(similarity, maximize=True)
    total = float(similarity[rows, columns].sum())
    return _harmonic(total / len(second), total / len(first))


def conll_f1(gold: Clustering, predicted: Clustering) -> float:
    """Mean of the F1 of MUC, B-cubed and CEAF, the score of the CoNLL-2012 shared task."""
    return (muc(gold, predicted) + b_cubed(gold, predicted)[2] + ceaf(gold, predicted)) / 3


def _clusters(clustering: Clustering) -> dict[Hashable, set[Hashable]]:
    clusters: dict[Hashable, set[Hashable]] = defaultdict(set)
    for mention, cluster in clustering.items():
        clusters[cluster].add(mention)
    return clusters


def _share_of_neighbours(judged: Clustering, reference: Clustering) -> float:
    """Mean over the judged mentions of the share of their cluster that the reference puts beside them."""
    own, other = _clusters(judged), _clusters(reference)
    shares = [
        len(own[cluster] & other[reference[mention]]) / len(own[cluster]) if mention in reference else 0.0
        for mention, cluster in judged.items()
    ]
    return float(np.mean(shares)) if shares else 0.0


def _kept_links(judged: Clustering, reference: Clustering) -> float:
    """Share of the links that hold the judged clusters together which the reference keeps."""
    kept = total = 0
    for mentions in _clusters(judged).values():
        parts = {reference.get(mention, ("alone", mention)) for mention in mentions}
        kept += len(mentions) - len(parts)
        total += len(mentions) - 1
    return kept / total if total else 0.0


def _harmonic(first: float, second: float) -> float:
    return 2 * first * second / (first + second) if first + second else 0.0
