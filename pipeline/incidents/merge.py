"""Joining the records of different articles that tell one happening, with the reason of every link.

``blocking`` finds pairs worth comparing, ``similarity`` scores them with what ``fit_merging`` learned, ``clustering``
groups them under rules that hold for whole groups (never two records of one article, never dates that cannot be the
same), ``ledger`` writes down who says what. The result does not depend on the order of the input, and time grows about
in step with the number of records.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

import msgspec

from pipeline.incidents.blocking import candidate_pairs
from pipeline.incidents.clustering import cluster
from pipeline.incidents.consensus import voted, voted_date, voted_place
from pipeline.incidents.crosswalk import as_text, codes_of_records
from pipeline.incidents.learned import MERGING, read_learned
from pipeline.incidents.ledger import attribution_history, ledger
from pipeline.incidents.places import locate
from pipeline.incidents.reasons import reason
from pipeline.incidents.similarity import MergerParameters, log_odds, pair_features
from pipeline.incidents.table import Entry, record_table
from pipeline.schema import DocumentResult, Link, Member, MergedIncident

_DIGITS: Final = 4
_LATEST: Final = "9999"


@cache
def default_merger() -> MergerParameters:
    """The merger that ships with the package, learned from the corpus's train split."""
    return read_learned(MERGING, MergerParameters)


def merge_incidents(results: Iterable[DocumentResult], merger: MergerParameters | None = None) -> list[MergedIncident]:
    """Join incident records across documents.

    Documents with the same text are reprints: their records stand with those of the first to be published and are no
    voice of their own in the ledger.

    Args:
        results: Extracted documents, each with an id of its own.
        merger: What to judge pairs by; None is the one that ships with the package.

    Returns:
        Merged incidents, each record in exactly one, ordered by their first member; members by document and record.
        No incident has two records of one document.
    """
    entries = sorted(
        (Entry(result, incident) for result in results for incident in result.incidents),
        key=lambda entry: (entry.document.id, entry.incident.id),
    )
    reprints = _reprints(entry.document for entry in entries)
    originals = _original_records(entries, reprints)
    own_records = [entry for entry in entries if _key(entry) not in originals]
    groups, links = _grouped(own_records, reprints, merger or default_merger())
    copies: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if _key(entry) in originals:
            copies[_key(originals[_key(entry)])].append(entry)
    merged = []
    for group, own in zip(groups, links, strict=True):
        again = [(entry, copy) for entry in group for copy in copies[_key(entry)]]
        members = sorted([*group, *(copy for _, copy in again)], key=_key)
        same_text = [Link(entry.incident.id, copy.incident.id, 1.0, "same text") for entry, copy in again]
        merged.append(_merged(members, [*own, *same_text], reprints))
    return sorted(merged, key=lambda incident: (incident.members[0].document, incident.members[0].incident))


def _key(entry: Entry) -> tuple[str, str]:
    return entry.document.id, entry.incident.id


def _reprints(documents: Iterable[DocumentResult]) -> dict[str, str]:
    """Of each document whose text was published before, the id of the first one with that text."""
    by_text: dict[str, dict[str, DocumentResult]] = defaultdict(dict)
    for document in documents:
        if document.text_sha256:
            by_text[document.text_sha256][document.id] = document
    found: dict[str, str] = {}
    for same in by_text.values():
        first = min(same.values(), key=lambda document: (document.published or _LATEST, document.id))
        found |= {name: first.id for name in same if name != first.id}
    return found


def _original_records(entries: Sequence[Entry], reprints: Mapping[str, str]) -> dict[tuple[str, str], Entry]:
    """Of each reprinted record the original one: that of the same type, from the same sentences."""
    seen: Counter[tuple[str, str, tuple[int, ...]]] = Counter()
    told: dict[tuple[str, str, tuple[int, ...], int], Entry] = {}
    keys = []
    for entry in entries:
        kind = (entry.document.id, entry.incident.type, entry.incident.sentences)
        keys.append((*kind, seen[kind]))
        told[keys[-1]] = entry
        seen[kind] += 1
    return {
        _key(entry): told[original, *key[1:]]
        for entry, key in zip(entries, keys, strict=True)
        if (original := reprints.get(entry.document.id)) is not None and (original, *key[1:]) in told
    }


def _grouped(
    entries: Sequence[Entry], reprints: Mapping[str, str], merger: MergerParameters
) -> tuple[list[list[Entry]], list[list[Link]]]:
    """Records of each happening, and the links that hold them together; a reprint counts as the article it reprints."""
    articles = [_article(entry, reprints) for entry in entries]
    table = record_table(articles, merger.slack_days, merger.documents, merger.document_frequency)
    pairs = candidate_pairs(table, merger.confusable, merger.slack_days, merger.names, merger.window)
    features = pair_features(table, pairs)
    odds = log_odds(features, merger)
    groups, joined = cluster(table, pairs, odds - merger.threshold, merger.slack_days)
    group_of = {row: number for number, rows in enumerate(groups) for row in rows}
    links: list[list[Link]] = [[] for _ in groups]
    for first, second, pair in joined:
        one, other = entries[first], entries[second]
        score = round(1.0 / (1.0 + math.exp(-max(-700.0, float(odds[pair])))), _DIGITS)
        why = reason(features[pair], merger, one, other)
        links[group_of[first]].append(Link(one.incident.id, other.incident.id, score, why))
    return [[entries[row] for row in rows] for rows in groups], links


def _article(entry: Entry, reprints: Mapping[str, str]) -> Entry:
    original = reprints.get(entry.document.id)
    return entry if original is None else Entry(msgspec.structs.replace(entry.document, id=original), entry.incident)


def _merged(members: Sequence[Entry], links: Sequence[Link], reprints: Mapping[str, str]) -> MergedIncident:
    voices = [member for member in members if member.document.id not in reprints] or members
    kind = voted(voices, lambda member: member.incident.type) or members[0].incident.type
    place, country = voted_place(voices), voted(voices, lambda member: member.incident.country)
    lat, lon, precision, _ = locate(place or "", country) or (None, None, None, 0.0)
    facts = ledger(members, reprints)
    return MergedIncident(
        id=f"m:{members[0].incident.id}",
        type=kind,
        date=voted_date(voices),
        place=place,
        country=country,
        lat=lat,
        lon=lon,
        members=tuple(Member(member.document.id, member.incident.id) for member in members),
        links=tuple(links),
        ledger=facts,
        crosswalk=as_text(codes_of_records(kind, [member.incident for member in voices])),
        geo_precision=precision,
        history=attribution_history(members, facts["responsibility"]),
    )
