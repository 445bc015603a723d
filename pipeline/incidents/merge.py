"""Joining the records of different articles that tell one happening, with the reason of every link.

This version compares within blocks of the same type and country: two records are linked when their dates can
be the same and they share a place, a target or an actor by name. Links join transitively. The result does not
depend on the order of the input.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final

from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipeline.schema import (
    CountRange,
    DateRange,
    DocumentResult,
    Fact,
    Incident,
    LedgerEntry,
    Link,
    Member,
    MergedIncident,
)
from pipeline.text.counts import join_counts, parse_count

LEDGER_FACTS: Final = ("responsibility", "killed", "injured", "weapon_count", "date", "place")
_CROSSWALKS: Final = ("plover", "cameo", "acled", "gtd")
_SHARED_FOR_LINK: Final = 1
_FULL_SCORE: Final = 3
_DIGITS: Final = 4


def merge_incidents(results: Iterable[DocumentResult]) -> list[MergedIncident]:
    """Join incident records across documents.

    Args:
        results: Extracted documents, each with an id of its own.

    Returns:
        Merged incidents, each record in exactly one, ordered by the id of their first member. Records of one
        document are linked only through another document.
    """
    records = sorted(
        ((result, incident) for result in results for incident in result.incidents), key=lambda pair: pair[1].id
    )
    index = {incident.id: number for number, (_, incident) in enumerate(records)}
    links = [link for block in _blocks(records) for link in _links(block)]
    rows, columns = [index[link.first] for link in links], [index[link.second] for link in links]
    graph = coo_array(([1] * len(links), (rows, columns)), shape=(len(records), len(records)))
    _, labels = connected_components(graph, directed=False)
    groups: dict[int, list[tuple[DocumentResult, Incident]]] = defaultdict(list)
    for label, record in zip(labels.tolist(), records, strict=True):
        groups[label].append(record)
    return [_merged(members, links) for members in groups.values()]


def _blocks(records: Sequence[tuple[DocumentResult, Incident]]) -> list[list[tuple[DocumentResult, Incident]]]:
    blocks: dict[tuple[str, str | None], list[tuple[DocumentResult, Incident]]] = defaultdict(list)
    for result, incident in records:
        blocks[incident.type, incident.country].append((result, incident))
    return list(blocks.values())


def _links(block: Sequence[tuple[DocumentResult, Incident]]) -> list[Link]:
    links = []
    for (first_document, first), (second_document, second) in combinations(block, 2):
        shared = sorted(_names(first) & _names(second))
        if (
            first_document.id != second_document.id
            and len(shared) >= _SHARED_FOR_LINK
            and _dates_meet(first.date, second.date)
        ):
            score = round(min(1.0, len(shared) / _FULL_SCORE), _DIGITS)
            reason = f"same type and country, dates compatible, both name {', '.join(shared)}"
            links.append(Link(first.id, second.id, score, reason))
    return links


def _names(incident: Incident) -> set[str]:
    names = {*incident.targets, *incident.actors, *([incident.place] if incident.place else [])}
    return {name.lower() for name in names if any(letter.isupper() for letter in name)}


def _dates_meet(first: DateRange | None, second: DateRange | None) -> bool:
    if first is None or second is None:
        return True
    starts = max(first.start or "", second.start or "")
    ends = min(first.end or "9999", second.end or "9999")
    return starts <= ends


def _merged(members: Sequence[tuple[DocumentResult, Incident]], links: Sequence[Link]) -> MergedIncident:
    ids = {incident.id for _, incident in members}
    first = members[0][1]
    return MergedIncident(
        id=f"m:{first.id}",
        type=first.type,
        date=next((incident.date for _, incident in members if incident.date), None),
        place=next((incident.place for _, incident in members if incident.place), None),
        country=first.country,
        lat=None,
        lon=None,
        members=tuple(Member(result.id, incident.id) for result, incident in members),
        links=tuple(link for link in links if link.first in ids),
        ledger={name: _fact(name, members) for name in LEDGER_FACTS},
        crosswalk=dict.fromkeys(_CROSSWALKS),
    )


def _fact(name: str, members: Sequence[tuple[DocumentResult, Incident]]) -> Fact:
    entries = tuple(entry for result, incident in members for entry in _entries(name, result, incident))
    values = {str(entry.value) for entry in entries}
    counts = [entry.value for entry in entries if isinstance(entry.value, CountRange)]
    return Fact(entries, len(values) == 1 if len(entries) > 1 else None, join_counts(counts))


def _entries(name: str, result: DocumentResult, incident: Incident) -> list[LedgerEntry]:
    if name in ("date", "place"):
        value = incident.date if name == "date" else incident.place
        return [LedgerEntry(value, None, None, None, result.id, None, None)] if value else []
    return [
        LedgerEntry(
            parse_count(str(claim.value)) if name in ("killed", "injured") else claim.value,
            claim.status,
            claim.source,
            claim.source_type,
            result.id,
            claim.start,
            claim.end,
        )
        for claim in incident.claims
        if claim.about == name
    ]
