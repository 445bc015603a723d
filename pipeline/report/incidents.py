"""A merged incident as the page shows it: its line in the list, its facts, and its ledger tied to the sentences."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from pipeline.bulk.rows import Merged, Row, make_row
from pipeline.report.articles import ArticleShown, Text
from pipeline.report.words import EVENTS, FACTS, GEO_PRECISION, count_words, date_words, day_words, plain
from pipeline.schema import CountRange, DateRange, DocumentResult, Fact, LedgerEntry, Link, MergedIncident

_BETWEEN_NAMES: Final = "; "
_NAMES_SHOWN: Final = 8
_LONGEST_DATED: Final = 366
"""Incidents that may have happened on any of more days than this are not drawn on the timeline."""


class Spot(msgspec.Struct, frozen=True):
    """Where in the source articles a statement stands: the article's number on the page, the sentence's in it."""

    article: int
    sentence: int

    @property
    def anchor(self) -> str:
        """The sentence's id on the page."""
        return f"s-{self.article}-{self.sentence}"


class StatementShown(msgspec.Struct, frozen=True, kw_only=True):
    """What one voice says of a fact in one place.

    ``said`` has more than one entry where a sentence says several things of it; ``quote`` are the words, or their
    offsets with no text at hand.
    """

    number: int
    said: tuple[str, ...]
    voice: str
    kind: str
    document: str
    article: str
    published: str
    quote: str | None
    quoted: bool
    spot: Spot | None
    reprint_of: str | None


class FactShown(msgspec.Struct, frozen=True, kw_only=True):
    """All claims about one fact; ``agreement`` is None with fewer than two voices."""

    key: str
    name: str
    agreement: bool | None
    best: str
    statements: tuple[StatementShown, ...]


class StepShown(msgspec.Struct, frozen=True, kw_only=True):
    """A step in the history of the attribution."""

    published: str | None
    when: str
    status: str
    actor: str
    voice: str
    article: str
    spot: Spot | None


class IncidentShown(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page has of one incident.

    ``row`` are its columns in the tables that ``export`` writes, ``history`` the steps of each day, ``point`` what
    filters and charts need of it.
    """

    number: int
    id: str
    type: str
    when: str
    where: str
    row: Row
    best_killed: str
    best_injured: str
    disputed: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    codes: tuple[tuple[str, str], ...]
    ledger: tuple[FactShown, ...]
    history: tuple[tuple[str, tuple[StepShown, ...]], ...]
    links: tuple[Link, ...]
    articles: tuple[int, ...]
    point: dict[str, Any]


class Library:
    """The documents of the report, by id: what was extracted, how it is shown, under which number."""

    def __init__(self, results: Sequence[DocumentResult], articles: Sequence[ArticleShown], texts: Mapping[str, str]):
        self.results = {result.id: result for result in results}
        self.articles = articles
        self.numbers = {article.id: number for number, article in enumerate(articles)}
        self._texts = texts

    def spot(self, document: str, position: int | None) -> Spot | None:
        """The sentence at a position of a document."""
        number = self.numbers.get(document)
        sentence = self.articles[number].sentence_at(position) if number is not None else None
        return None if number is None or sentence is None else Spot(number, sentence)

    def quote(self, document: str, start: int | None, end: int | None) -> tuple[str | None, bool]:
        """The words at two offsets and True; the offsets themselves and False when the text is not at hand."""
        if start is None or end is None:
            return None, False
        number = self.numbers.get(document)
        if number is None or self.articles[number].text is not Text.WHOLE:
            return f"{start}–{end}", False
        return " ".join(self._texts[document][start:end].split()), True

    def name(self, document: str) -> str:
        """What a reader calls a document: its outlet, else its id."""
        number = self.numbers.get(document)
        return (self.articles[number].source if number is not None else None) or document

    def published(self, document: str) -> str | None:
        """When a document was published."""
        number = self.numbers.get(document)
        return self.articles[number].published if number is not None else None


def show_incident(number: int, incident: MergedIncident, library: Library) -> IncidentShown:
    """An incident as the page shows it.

    Args:
        number: Its number on the page.
        incident: As ``extract`` or ``merge`` wrote it.
        library: The documents; its members must be among them.
    """
    records = [
        next(record for record in library.results[member.document].incidents if record.id == member.incident)
        for member in incident.members
    ]
    outlets = [library.results[member.document].source for member in incident.members]
    row = make_row(msgspec.convert(msgspec.to_builtins(incident), Merged), records, outlets)
    documents = dict.fromkeys(member.document for member in incident.members)
    ledger = _ledger(incident.ledger, library)
    where = ", ".join(text for text in (incident.place, row.country) if text) or "no place"
    best = {fact.key: fact.best for fact in ledger}
    disputed = tuple(fact.name.lower() for fact in ledger if fact.agreement is False)
    return IncidentShown(
        number=number,
        id=incident.id,
        type=EVENTS.get(incident.type, plain(incident.type)),
        when=date_words(incident.date),
        where=where,
        row=row,
        best_killed=best.get("killed", ""),
        best_injured=best.get("injured", ""),
        disputed=disputed,
        facts=tuple(_facts(incident, row, best)),
        codes=tuple((key.upper(), value) for key, value in incident.crosswalk.items() if value),
        ledger=ledger,
        history=tuple((day, tuple(steps)) for day, steps in groupby(_steps(incident, library), lambda step: step.when)),
        links=incident.links,
        articles=tuple(sorted(library.numbers[document] for document in documents)),
        point=_point(incident, row, where, disputed),
    )


def _steps(incident: MergedIncident, library: Library) -> Iterator[StepShown]:
    for step in incident.history:
        yield StepShown(
            published=step.published,
            when=day_words(step.published) or "no date",
            status=step.status,
            actor=step.actor or "",
            voice=_voice(step.source, step.source_type),
            article=library.name(step.document),
            spot=library.spot(step.document, step.start),
        )


def _facts(incident: MergedIncident, row: Row, best: Mapping[str, str]) -> list[tuple[str, str]]:
    responsible = " · ".join(text for text in (row.attribution, row.attributed_to) if text)
    precision = GEO_PRECISION.get(incident.geo_precision or "", "") if incident.lat is not None else ""
    where = ", ".join(text for text in (incident.place, row.country) if text)
    facts = {
        "When": date_words(incident.date),
        "Where": f"{where} (map: {precision})" if precision else where or "no place",
        "Responsibility": responsible,
        "Killed": best.get("killed", ""),
        "Injured": best.get("injured", ""),
        "Actors": _first(row.actor1),
        "Targets": _first(row.actor2),
        "Weapons": _first(row.weapons),
        "Scope": "sums up several happenings" if row.aggregate else "",
    }
    return [(name, value) for name, value in facts.items() if value]


def _first(names: str | None) -> str:
    """The first of many names, and how many more there are; the articles have them all."""
    found = names.split(_BETWEEN_NAMES) if names else []
    more = len(found) - _NAMES_SHOWN
    return ", ".join(found[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _ledger(ledger: Mapping[str, Fact], library: Library) -> tuple[FactShown, ...]:
    shown: list[FactShown] = []
    number = 0
    for key, fact in ledger.items():
        if fact.entries:
            places = groupby(fact.entries, key=_place)
            statements = tuple(
                _statement(each, key, tuple(entries), library) for each, (_, entries) in enumerate(places, start=number)
            )
            number += len(statements)
            best = count_words(fact.best)
            shown.append(
                FactShown(
                    key=key, name=FACTS.get(key, plain(key)), agreement=fact.agreement, best=best, statements=statements
                )
            )
    return tuple(shown)


def _place(entry: LedgerEntry) -> tuple[Any, ...]:
    """Whose word an entry is and where it stands."""
    return (entry.document, entry.start, entry.end, entry.source, entry.source_type, entry.reprint_of)


def _statement(number: int, key: str, entries: Sequence[LedgerEntry], library: Library) -> StatementShown:
    entry = entries[0]
    quote, quoted = library.quote(entry.document, entry.start, entry.end)
    said = (" ".join(text for text in (each.status, _value(key, each.value)) if text) for each in entries)
    return StatementShown(
        number=number,
        said=tuple(dict.fromkeys(text or "not said" for text in said)),
        voice=entry.source or "",
        kind=plain(entry.source_type) if entry.source_type not in (None, "none") else "",
        document=entry.document,
        article=library.name(entry.document),
        published=day_words(library.published(entry.document)),
        quote=quote,
        quoted=quoted,
        spot=library.spot(entry.document, entry.start),
        reprint_of=entry.reprint_of,
    )


def _value(key: str, value: str | CountRange | None) -> str:
    if isinstance(value, CountRange):
        return count_words(value)
    if key == "date" and value:
        start, _, end = value.partition("/")
        ends = [None if text == ".." else text for text in (start, end or start)]
        return date_words(DateRange(*ends))
    return value or ""


def _voice(source: str | None, kind: str | None) -> str:
    known = plain(kind) if kind not in (None, "none") else ""
    return f"{source} ({known})" if source and known else source or known or "the article"


def _point(incident: MergedIncident, row: Row, where: str, disputed: Sequence[str]) -> dict[str, Any]:
    """What filters and charts need of an incident."""
    start, end = row.date_start, row.date_end
    close = start is not None and end is not None and (end - start).days < _LONGEST_DATED
    names = (incident.id, incident.place, row.country, row.actor1, row.actor2, row.attributed_to, row.documents)
    return {
        "id": incident.id,
        "type": incident.type,
        "country": row.iso3 or "",
        "attribution": row.attribution or "none",
        "start": start,
        "end": end,
        "day": start + (end - start) // 2 if close and start and end else None,
        "lat": row.latitude,
        "lon": row.longitude,
        "exact": incident.geo_precision in (None, "place"),
        "where": where,
        "killed": row.fatalities,
        "articles": row.articles,
        "disputed": len(disputed),
        "words": " ".join([EVENTS.get(incident.type, ""), *(name for name in names if name)]).casefold(),
    }
