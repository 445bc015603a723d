"""Merged incidents as flat rows, in the columns that users of ACLED, PLOVER, CAMEO and GTD know."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
import pycountry

from pipeline.incidents.actors import actor_type
from pipeline.incidents.crosswalk import codes_of_records, strongest_attribution
from pipeline.schema import CountRange, DateRange, Incident, Member
from pipeline.text.counts import join_counts

_WEEK_DAYS: Final = 7
_MONTH_DAYS: Final = 31
_LARGEST: Final = 2**63 - 1
_ID_DIGITS: Final = 16
_UNKNOWN_COUNTRY: Final = "XXX"
_OWN_NAMES: Final = {"XKX": "Kosovo"}
_RECIPROCAL: Final = "armed_clash"
_GEO_PRECISION: Final = {"place": 1, "region": 2, "country": 3}


class Article(msgspec.Struct, frozen=True):
    """What a row needs of one ``DocumentResult``; its sentences, by far the largest part, are passed over."""

    id: str
    source: str | None
    incidents: tuple[Incident, ...]


class Statement(msgspec.Struct, frozen=True):
    """A ledger's entry. Ranges are read as mappings: two kinds of them share the field."""

    value: str | int | dict[str, str | int | None] | None
    status: str | None
    source: str | None
    source_type: str | None
    document: str
    start: int | None = None
    end: int | None = None
    reprint_of: str | None = None


class LedgerFact(msgspec.Struct, frozen=True):
    """All statements on one fact."""

    entries: tuple[Statement, ...]
    agreement: bool | None
    best: CountRange | None = None


class Merged(msgspec.Struct, frozen=True):
    """What a row needs of one ``MergedIncident``."""

    id: str
    type: str
    date: DateRange | None
    place: str | None
    country: str | None
    lat: float | None
    lon: float | None
    members: tuple[Member, ...]
    ledger: dict[str, LedgerFact]
    geo_precision: str | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One merged incident; the fields are the columns of every table, in this order.

    ``time_precision`` is ACLED's: 1 the day, 2 within a week, 3 within a month, the date being the middle; with less
    than that there is no date. ``geo_precision`` is ACLED's too: 1 the place itself, 2 its region, 3 no more than the
    country. ``fatalities`` is the lower end of the best estimate, as ACLED counts. ``actor1`` and ``actor2`` are the
    articles' words for who acted and who was hit; PLOVER has both sides of mutual fighting as actor. ``actor_type`` and
    ``attributed_to_type`` are what the words of ``actor1`` and ``attributed_to`` say of the kind of actor
    (``pipeline.incidents.actors.ACTOR_TYPES``), each kind once.
    ``disagreement_*`` is true when the reports contradict each other, empty with fewer than two statements.
    """

    incident_id: str
    event_id_cnty: str
    event_date: date | None
    year: int | None
    time_precision: int | None
    event_type: str | None
    sub_event_type: str | None
    actor1: str | None
    actor2: str | None
    country: str | None
    iso3: str | None
    location: str | None
    latitude: float | None
    longitude: float | None
    geo_precision: int | None
    source: str | None
    notes: str | None
    fatalities: int | None
    fatalities_min: int | None
    fatalities_max: int | None
    plover_event: str | None
    plover_mode: str | None
    plover_context: str | None
    plover_actor: str | None
    plover_recipient: str | None
    plover_date: date | None
    plover_dead: int | None
    plover_injured: int | None
    cameo_root: str | None
    cameo_code: str | None
    gtd_attacktype: int | None
    gtd_attacktype_txt: str | None
    gtd_claimed: int | None
    gtd_guncertain: int | None
    muc4_confidence: str | None
    type: str
    date_start: date | None
    date_end: date | None
    attribution: str | None
    attributed_to: str | None
    actor_type: str | None
    attributed_to_type: str | None
    weapons: str | None
    aggregate: bool
    articles: int
    reprints: int
    documents: str | None
    disagreement_responsibility: bool | None
    disagreement_killed: bool | None
    disagreement_injured: bool | None
    disagreement_weapon_count: bool | None
    disagreement_damage: bool | None
    disagreement_date: bool | None
    disagreement_place: bool | None


def make_row(merged: Merged, records: Sequence[Incident], sources: Iterable[str | None]) -> Row:
    """Flatten one merged incident.

    Args:
        merged: The incident.
        records: The documents' records of it, in the order of its members.
        sources: Outlets of those documents.
    """
    codes = codes_of_records(merged.type, records)
    attribution = strongest_attribution(records)
    start, end = (calendar_day(merged.date.start), calendar_day(merged.date.end)) if merged.date else (None, None)
    day, precision = _date_and_precision(start, end)
    latitude, longitude = _coordinates(merged.lat, merged.lon)
    actors = _joined(name for record in records for name in record.actors)
    targets = _joined(name for record in records for name in record.targets)
    culprits = [record.attributed_to for record in records if record.attribution == attribution]
    mutual = merged.type == _RECIPROCAL
    killed, injured = _counts(merged, "killed", records), _counts(merged, "injured", records)
    entries = [entry for fact in merged.ledger.values() for entry in fact.entries]
    documents = dict.fromkeys(member.document for member in merged.members)
    return Row(
        incident_id=merged.id,
        event_id_cnty=_short_id(merged),
        event_date=day,
        year=day.year if day else None,
        time_precision=precision,
        event_type=codes.acled_event,
        sub_event_type=codes.acled_sub_event,
        actor1=actors,
        actor2=targets,
        country=country_name(merged.country),
        iso3=merged.country,
        location=merged.place,
        latitude=latitude,
        longitude=longitude,
        geo_precision=None if latitude is None else _GEO_PRECISION.get(merged.geo_precision or ""),
        source=_joined(sources),
        notes=_notes(merged.ledger),
        fatalities=killed[0],
        fatalities_min=killed[1],
        fatalities_max=killed[2],
        plover_event=codes.plover.event if codes.plover else None,
        plover_mode=codes.plover.mode if codes.plover else None,
        plover_context=codes.plover.context if codes.plover else None,
        plover_actor=_joined([actors, targets]) if mutual else actors,
        plover_recipient=None if mutual else targets,
        plover_date=day,
        plover_dead=killed[0],
        plover_injured=injured[0],
        cameo_root=codes.cameo_root,
        cameo_code=codes.cameo,
        gtd_attacktype=codes.gtd_attack,
        gtd_attacktype_txt=codes.gtd_attack_name,
        gtd_claimed=codes.gtd_claimed,
        gtd_guncertain=codes.gtd_guncertain,
        muc4_confidence=codes.muc4,
        type=merged.type,
        date_start=start,
        date_end=end,
        attribution=attribution,
        attributed_to=_joined(culprits),
        actor_type=_types(name for record in records for name in record.actors),
        attributed_to_type=_types(culprits),
        weapons=_joined(weapon for record in records for weapon in record.weapons),
        aggregate=any(record.aggregate for record in records),
        articles=len(documents),
        reprints=len({entry.document for entry in entries if entry.reprint_of is not None}),
        documents=_joined(documents),
        disagreement_responsibility=_disagreement(merged.ledger, "responsibility"),
        disagreement_killed=_disagreement(merged.ledger, "killed"),
        disagreement_injured=_disagreement(merged.ledger, "injured"),
        disagreement_weapon_count=_disagreement(merged.ledger, "weapon_count"),
        disagreement_damage=_disagreement(merged.ledger, "damage"),
        disagreement_date=_disagreement(merged.ledger, "date"),
        disagreement_place=_disagreement(merged.ledger, "place"),
    )


def country_name(code: str | None) -> str | None:
    """English name of an ISO 3166-1 alpha-3 code, the common one where there is one; None for a code without a name."""
    found = pycountry.countries.get(alpha_3=code) if code else None
    if found is None:
        return _OWN_NAMES.get(code or "")
    name: str = getattr(found, "common_name", found.name)
    return name


def _date_and_precision(start: date | None, end: date | None) -> tuple[date | None, int | None]:
    """The day that stands for a range, and ACLED's code for how exact it is."""
    if start is None or end is None or end < start:
        return None, None
    days = (end - start).days + 1
    if days > _MONTH_DAYS:
        return None, None
    precision = 1 if days == 1 else 2 if days <= _WEEK_DAYS else 3
    return start + (end - start) // 2, precision


def calendar_day(text: str | None) -> date | None:
    """The day that an ISO date names; None without one, or when there is no such day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _coordinates(latitude: float | None, longitude: float | None) -> tuple[float | None, float | None]:
    """Degrees of WGS 84, both or neither."""
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None, None
    return latitude, longitude


def _counts(merged: Merged, about: str, records: Sequence[Incident]) -> tuple[int | None, int | None, int | None]:
    """Best, lowest and highest number reported; the highest is None when one report sets no upper bound."""
    fact = merged.ledger.get(about)
    told = [count for entry in (fact.entries if fact else ()) if (count := _as_count(entry.value)) is not None]
    slots = [record.killed if about == "killed" else record.injured for record in records]
    whole = join_counts(told or slots)
    best = (fact.best if fact else None) or whole
    if best is None or whole is None:
        return None, None, None
    return _bounded(best.min), _bounded(whole.min), _bounded(whole.max)


def _as_count(value: Any) -> CountRange | None:
    if isinstance(value, int):
        return CountRange(value, value)
    if isinstance(value, dict) and value.keys() == {"min", "max"}:
        bounds = [bound if isinstance(bound, int) else None for bound in (value["min"], value["max"])]
        return CountRange(*bounds)
    return None


def _bounded(number: int | None) -> int | None:
    """A number that fits into 64 bits, as the tables need it."""
    return None if number is None else max(-_LARGEST, min(number, _LARGEST))


def _disagreement(ledger: Mapping[str, LedgerFact], about: str) -> bool | None:
    fact = ledger.get(about)
    return None if fact is None or fact.agreement is None else not fact.agreement


def _joined(names: Iterable[str | None]) -> str | None:
    """Each name once, whatever its case, in the order of first mention."""
    found: dict[str, str] = {}
    for name in names:
        if name and name.strip():
            found.setdefault(name.casefold(), name)
    return "; ".join(found.values()) or None


def _types(actors: Iterable[str | None]) -> str | None:
    """The coarse types of some actors, each once."""
    return _joined(actor_type(name) for name in actors if name and name.strip())


def _notes(ledger: Mapping[str, LedgerFact]) -> str | None:
    """The ledger in one line: per fact, each different statement with whose word it is."""
    told = ((about, _joined(map(_statement, fact.entries))) for about, fact in ledger.items())
    return ". ".join(f"{about}: {statements}" for about, statements in told if statements) or None


def _statement(entry: Statement) -> str | None:
    said = " ".join(part for part in (entry.status, _value(entry.value)) if part)
    speaker = entry.source or (entry.source_type if entry.source_type != "none" else None)
    return f"{said} ({speaker})" if said and speaker else said or None


def _value(value: Any) -> str | None:
    """A value as an analyst writes it: 3, 3–9, 24+, a date, a name."""
    if not isinstance(value, dict):
        return None if value is None else str(value)
    first, last = value.get("min", value.get("start")), value.get("max", value.get("end"))
    if first == last:
        return None if first is None else str(first)
    if last is None:
        return f"{first}+"
    return f"up to {last}" if first is None else f"{first}–{last}"


def _short_id(merged: Merged) -> str:
    """The country's code and a hash of the incident's id: the same as long as the incident's id is."""
    digest = hashlib.sha256(merged.id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{merged.country or _UNKNOWN_COUNTRY}{digest[:_ID_DIGITS]}"
