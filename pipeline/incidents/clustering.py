"""Groups of records from the scores of pairs, under rules that no chain of links may break.

Greedy additive edge contraction (Keuper et al. 2015): the two groups with the most evidence for being one are joined,
their evidence towards other groups adds up, until no join gains. Two groups never join when they hold records of one
document or dates that cannot be the same. Ties are broken by the records' order, so the result is always the same.
"""

import heapq
from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipeline.incidents.blocking import Pairs
from pipeline.incidents.table import RecordTable


class Joined(NamedTuple):
    """Two records whose link joined two groups; ``pair`` is its index among the pairs."""

    first: int
    second: int
    pair: int


class _Groups:
    """Groups while they grow: documents, days that are possible for all, and evidence towards each other."""

    def __init__(self, table: RecordTable, slack_days: int) -> None:
        self.slack_days = slack_days
        self.group = list(range(len(table.document)))
        self.records = [[row] for row in self.group]
        self.documents = [{document} for document in table.document.tolist()]
        self.start, self.end = table.days.start.tolist(), table.days.end.tolist()
        self.evidence: dict[int, dict[int, float]] = defaultdict(dict)

    def may_join(self, first: int, second: int) -> bool:
        gap = max(self.start[first], self.start[second]) - min(self.end[first], self.end[second])
        return gap <= self.slack_days and self.documents[first].isdisjoint(self.documents[second])

    def connect(self, first: int, second: int, weight: float) -> None:
        self.evidence[first][second] = self.evidence[second][first] = weight

    def separate(self, first: int, second: int) -> None:
        del self.evidence[first][second], self.evidence[second][first]

    def join(self, first: int, second: int) -> tuple[int, list[tuple[int, float]]]:
        """Put the group with fewer neighbours into the other; returns it and its changed evidence."""
        self.separate(first, second)
        kept, gone = (first, second) if len(self.evidence[first]) >= len(self.evidence[second]) else (second, first)
        self.records[kept] += self.records[gone]
        for record in self.records[gone]:
            self.group[record] = kept
        self.documents[kept] |= self.documents[gone]
        self.start[kept] = max(self.start[kept], self.start[gone])
        self.end[kept] = min(self.end[kept], self.end[gone])
        changed = []
        for other, weight in self.evidence.pop(gone).items():
            del self.evidence[other][gone]
            total = weight + self.evidence[kept].get(other, 0.0)
            self.connect(kept, other, total)
            changed.append((other, total))
        return kept, changed


def cluster(
    table: RecordTable, pairs: Pairs, evidence: NDArray[np.float64], slack_days: int
) -> tuple[list[list[int]], list[Joined]]:
    """Group records.

    Args:
        table: The records.
        pairs: Compared pairs, shape (pairs, 2).
        evidence: Of each pair for (above 0) or against (below 0) being one happening, shape (pairs,).
        slack_days: Days by which two date ranges may miss each other.

    Returns:
        Records of each group, every record in exactly one; and for each join the strongest pair across it.
    """
    groups = _Groups(table, slack_days)
    kept = _within_components(pairs, evidence, len(table.document))
    heap: list[tuple[float, int, int]] = []
    for pair in kept.tolist():
        first, second = pairs[pair].tolist()
        groups.connect(first, second, float(evidence[pair]))
        if evidence[pair] > 0:
            heap.append((-float(evidence[pair]), first, second))
    heapq.heapify(heap)
    while heap:
        weight, first, second = heapq.heappop(heap)
        if groups.evidence[first].get(second) != -weight:
            continue
        if not groups.may_join(first, second):
            groups.separate(first, second)
            continue
        joined, changed = groups.join(first, second)
        for other, total in changed:
            if total > 0:
                heapq.heappush(heap, (-total, min(joined, other), max(joined, other)))
    members: dict[int, list[int]] = defaultdict(list)
    for record, group in enumerate(groups.group):
        members[group].append(record)
    return list(members.values()), _strongest_links(pairs, evidence, kept, np.array(groups.group))


def _within_components(pairs: Pairs, evidence: NDArray[np.float64], records: int) -> NDArray[np.int64]:
    """Indexes of the pairs that can matter: those between records that links of positive evidence connect."""
    linked = pairs[evidence > 0]
    graph = coo_array((np.ones(len(linked)), (linked[:, 0], linked[:, 1])), shape=(records, records))
    component = connected_components(graph, directed=False)[1]
    return np.flatnonzero(component[pairs[:, 0]] == component[pairs[:, 1]])


def _strongest_links(
    pairs: Pairs, evidence: NDArray[np.float64], kept: NDArray[np.int64], group: NDArray[np.int64]
) -> list[Joined]:
    """A spanning tree of each group, of the strongest pairs inside it (Kruskal), in the order of the pairs."""
    inside = kept[group[pairs[kept, 0]] == group[pairs[kept, 1]]]
    parent = np.arange(len(group)).tolist()

    def root(record: int) -> int:
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    links = []
    for pair in inside[np.lexsort((inside, -evidence[inside]))].tolist():
        first, second = pairs[pair].tolist()
        one, other = root(first), root(second)
        if one != other:
            parent[one] = other
            links.append(Joined(first, second, pair))
    return sorted(links, key=lambda link: link.pair)
