"""What a report tells: incidents, the articles behind them, the run, and the model."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from pipeline.bulk.documents import (
    DOCUMENTS,
    FAILURES,
    RUN,
    DocumentFormat,
    document_files,
    incidents_file,
    read_documents,
)
from pipeline.bulk.rows import country_name
from pipeline.errors import InputError
from pipeline.labels import ATTRIBUTION_STRENGTH, EVENT_TYPES, ROLES
from pipeline.records import read_json, read_jsonl
from pipeline.report.articles import ArticleShown, Text, show_article
from pipeline.report.incidents import IncidentShown, Library, show_incident
from pipeline.report.model import ModelShown
from pipeline.report.words import ATTRIBUTIONS, EVENTS, plain
from pipeline.schema import Document, DocumentResult, Failure, MergedIncident

_EITHER: Final = " or ".join(f"{DOCUMENTS}.{kind}" for kind in DocumentFormat)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a run left: incidents, documents, what failed, and how it was made."""

    incidents: Sequence[MergedIncident]
    documents: Sequence[DocumentResult]
    failures: Sequence[Failure] = ()
    made_by: Mapping[str, str] = {}


class Choice(msgspec.Struct, frozen=True):
    """A value that can be filtered by, and how many incidents have it."""

    value: str
    name: str
    count: int


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """All that the page shows."""

    title: str
    incidents: Sequence[IncidentShown]
    articles: Sequence[ArticleShown]
    types: Sequence[Choice]
    countries: Sequence[Choice]
    attributions: Sequence[Choice]
    first: str | None
    last: str | None
    disputed: int
    left_out: int
    documents: int
    missing: int
    changed: Sequence[str]
    failures: Sequence[Failure]
    made_by: Mapping[str, str]
    model: ModelShown | None
    roles: Sequence[str] = ROLES

    def data(self) -> dict[str, Any]:
        """What the page's script needs."""
        return {
            "points": [incident.point for incident in self.incidents],
            "attributions": ATTRIBUTIONS,
            "types": EVENTS,
            "history": {
                incident.number: [
                    {"day": step.published, "status": step.status, "actor": step.actor}
                    for _, steps in incident.history
                    for step in steps
                ]
                for incident in self.incidents
                if len(incident.history) > 1
            },
            "figures": self.model.figures if self.model else [],
            "calibration": self.model.calibration if self.model else [],
            "confusions": self.model.confusions if self.model else [],
        }


def read_run(folder: Path) -> Run:
    """What ``extract`` or ``merge`` wrote.

    Raises:
        InputError: When the folder is not one of a run.
    """
    return Run(
        incidents=list(read_jsonl(incidents_file(folder), MergedIncident)),
        documents=[result for path in document_files(folder) for result in read_documents(path, DocumentResult)],
        failures=[failure for path in sorted(folder.rglob(FAILURES)) for failure in read_jsonl(path, Failure)],
        made_by=_made_by(folder / RUN),
    )


def gather(
    run: Run, articles: Iterable[Document], title: str, model: ModelShown | None = None, least: int = 1
) -> Contents:
    """Put together what the page shows.

    Args:
        run: What was extracted.
        articles: The texts, of as many documents as are at hand.
        title: Heading of the page.
        model: How good the model is.
        least: Show incidents that at least so many articles report.

    Raises:
        InputError: When an incident names a record that no document has.
    """
    chosen = [incident for incident in run.incidents if len({m.document for m in incident.members}) >= least]
    _check_members(chosen, run.documents)
    members = {member.document for incident in chosen for member in incident.members}
    at_hand = {article.id: article for article in articles if article.id in members}
    results = [result for result in run.documents if result.id in members]
    shown = [show_article(result, at_hand.get(result.id)) for result in results]
    library = Library(results, shown, {name: article.text for name, article in at_hand.items()})
    incidents = [show_incident(number, incident, library) for number, incident in enumerate(chosen)]
    days = [point[end] for point in (each.point for each in incidents) for end in ("start", "end") if point[end]]
    return Contents(
        title=title,
        incidents=incidents,
        articles=shown,
        types=_choices([incident.type for incident in chosen], EVENTS, EVENT_TYPES),
        countries=_countries([incident.country or "" for incident in chosen]),
        attributions=_choices(
            [each.point["attribution"] for each in incidents], ATTRIBUTIONS, (*ATTRIBUTION_STRENGTH, "none")
        ),
        first=min(days).isoformat() if days else None,
        last=max(days).isoformat() if days else None,
        disputed=sum(1 for each in incidents if each.disputed),
        left_out=len(run.incidents) - len(chosen),
        documents=len(run.documents),
        missing=sum(article.text is Text.MISSING for article in shown),
        changed=[article.id for article in shown if article.text is Text.CHANGED],
        failures=run.failures,
        made_by=run.made_by,
        model=model,
    )


def _check_members(incidents: Iterable[MergedIncident], documents: Iterable[DocumentResult]) -> None:
    known = {(result.id, record.id) for result in documents for record in result.incidents}
    for incident in incidents:
        for member in incident.members:
            if (member.document, member.incident) not in known:
                raise InputError(
                    f"incident {incident.id!r} names record {member.incident!r} of document {member.document!r}, "
                    f"which no {_EITHER} has; run `conflict-events merge` on the folder"
                )


def _choices(values: Sequence[str], names: Mapping[str, str], order: Sequence[str]) -> list[Choice]:
    counts = Counter(values)
    known = [value for value in order if value in counts]
    found = [*known, *sorted({*counts} - {*known})]
    return [Choice(value, names.get(value, plain(value)), counts[value]) for value in found]


def _countries(codes: Sequence[str]) -> list[Choice]:
    choices = [
        Choice(code, country_name(code) or code or "no country", count) for code, count in Counter(codes).items()
    ]
    return sorted(choices, key=lambda choice: (not choice.value, choice.name))


def _made_by(path: Path) -> dict[str, str]:
    """Lines on how a run was made; none for a folder that merges several runs."""
    if not path.is_file():
        return {}
    found = read_json(path, dict[str, Any])
    versions = " ".join(f"{name} {version}" for name, version in sorted(found.get("versions", {}).items()))
    counts = ", ".join(f"{count} {name}" for name, count in found.get("counts", {}).items())
    lines = {
        "Program": versions,
        "Model": str(found.get("model", "")),
        "Model, sha256": str(found.get("model_sha256", "")),
        "Counts": counts,
    }
    return {name: line for name, line in lines.items() if line}
