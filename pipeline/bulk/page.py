"""A merged incident as text for the terminal: its facts, and who says what about each of them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.bulk.documents import incidents_file
from pipeline.bulk.rows import LedgerFact, Merged, Statement
from pipeline.errors import InputError
from pipeline.records import read_jsonl
from pipeline.schema import CountRange, DateRange, Link

_LONG_EVIDENCE: Final = 40
"""Characters of evidence from which on a column of a terminal is too narrow for it."""

_AGREEMENT: Final = {True: "the reports agree", False: "the reports DISAGREE", None: ""}


class Step(msgspec.Struct, frozen=True):
    """A step in the history of the attribution."""

    published: str | None
    status: str
    actor: str | None
    source_type: str | None
    document: str


class IncidentShown(Merged, frozen=True, kw_only=True):
    """What is shown of a ``MergedIncident``."""

    links: tuple[Link, ...]
    history: tuple[Step, ...] = ()


def read_incidents(folder: Path) -> Iterator[IncidentShown]:
    """The merged incidents of a folder that ``extract`` or ``merge`` wrote.

    Raises:
        InputError: When it has none.
    """
    return read_jsonl(incidents_file(folder), IncidentShown)


def find_incident(incidents: Iterable[IncidentShown], name: str) -> IncidentShown:
    """The incident with an id, or with a member document or record of that name when there is only one.

    Raises:
        InputError: When there is none or several.
    """
    found = []
    for incident in incidents:
        if incident.id == name:
            return incident
        if any(name in (member.document, member.incident) for member in incident.members):
            found.append(incident)
    if len(found) != 1:
        names = ", ".join(each.id for each in found)
        raise InputError(
            f"{name!r} is in {len(found)} incidents: {names}; name one of them" if found else f"no incident {name!r}"
        )
    return found[0]


def overview(incidents: Iterable[IncidentShown], least: int) -> Table:
    """A line per incident that at least so many articles report."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("incident", "type", "date", "place", "articles", "disputed"):
        table.add_column(name, overflow="fold")
    for incident in incidents:
        documents = {member.document for member in incident.members}
        if len(documents) >= least:
            disputed = [name for name, fact in incident.ledger.items() if fact.agreement is False]
            table.add_row(
                *(Text(text) for text in (incident.id, incident.type, _date(incident.date), _place(incident))),
                Text(str(len(documents))),
                Text(", ".join(disputed)),
            )
    return table


def page(incident: IncidentShown, texts: Mapping[str, str]) -> RenderableType:
    """All that the tool knows of one incident.

    Args:
        incident: As written by ``extract``.
        texts: Article texts by document id, to quote the evidence from; of others the offsets are shown.
    """
    head = Text(f"{incident.type}, {_date(incident.date)}, {_place(incident)}", style="bold")
    parts: list[RenderableType] = [head, Text(f"{incident.id}, told by {len(incident.members)} records")]
    for name, fact in incident.ledger.items():
        if fact.entries:
            parts += [Text(), _title(name, fact), Padding(_statements(fact, texts), (0, 0, 0, 2))]
    if incident.history:
        parts += [Text(), Text("attribution over time", style="bold"), Padding(_history(incident), (0, 0, 0, 2))]
    if incident.links:
        parts += [Text(), Text("why these are one", style="bold"), Padding(_links(incident), (0, 0, 0, 2))]
    return Group(*parts)


def _title(name: str, fact: LedgerFact) -> Text:
    title = Text(name.replace("_", " "), style="bold")
    best = f"best {_value(fact.best)}" if fact.best else ""
    notes = ", ".join(note for note in (best, _AGREEMENT[fact.agreement]) if note)
    return title.append(f"  {notes}" if notes else "", style="bold red" if fact.agreement is False else "not bold")


def _statements(fact: LedgerFact, texts: Mapping[str, str]) -> RenderableType:
    """Words of evidence stand beside what they tell, whole sentences of it below."""
    rows = [_row(entry, texts) for entry in fact.entries]
    if any(len(evidence) > _LONG_EVIDENCE for *_, evidence in rows):
        lines: list[RenderableType] = []
        for *told, evidence in rows:
            lines.append(Text("  ".join(filter(None, told))))
            if evidence:
                lines.append(Padding(Text(evidence), (0, 0, 0, 4)))
        return Group(*lines)
    table = _grid(4)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _row(entry: Statement, texts: Mapping[str, str]) -> tuple[str, str, str, str]:
    """What is said, by whom, in which article, and the words."""
    said = " ".join(text for text in (entry.status, _value(entry.value)) if text)
    kind = entry.source_type if entry.source_type not in (None, "none") else ""
    voice = f"{entry.source} ({kind})" if entry.source and kind else entry.source or kind or ""
    place = f"{entry.document}, from {entry.reprint_of}" if entry.reprint_of else entry.document
    return said, voice, place, _evidence(entry, texts)


def _history(incident: IncidentShown) -> Table:
    table = _grid(4)
    for step in incident.history:
        said = " ".join(text for text in (step.status, step.actor) if text)
        table.add_row(*(Text(text or "") for text in (step.published, said, step.source_type, step.document)))
    return table


def _links(incident: IncidentShown) -> Table:
    table = _grid(3)
    for link in incident.links:
        table.add_row(Text(f"{link.first} – {link.second}"), Text(f"{link.score:.2f}"), Text(link.reason))
    return table


def _grid(columns: int) -> Table:
    table = Table.grid(padding=(0, 2))
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table


def _evidence(entry: Statement, texts: Mapping[str, str]) -> str:
    if entry.start is None or entry.end is None:
        return ""
    text = texts.get(entry.document)
    return f"{entry.start}–{entry.end}" if text is None else f"“{' '.join(text[entry.start : entry.end].split())}”"


def _value(value: str | int | dict[str, Any] | CountRange | None) -> str:
    if isinstance(value, dict):
        value = CountRange(value.get("min"), value.get("max"))
    if not isinstance(value, CountRange):
        return "" if value is None else str(value)
    low = value.min or 0
    return str(low) if low == value.max else f"{low} or more" if value.max is None else f"{low} to {value.max}"


def _date(value: DateRange | None) -> str:
    if value is None:
        return "no date"
    return str(value.start) if value.start == value.end else f"{value.start or '…'} to {value.end or '…'}"


def _place(incident: IncidentShown) -> str:
    return ", ".join(text for text in (incident.place, incident.country) if text) or "no place"
