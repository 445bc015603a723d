"""Incident records as people read and correct them: a line of YAML each, as the head of a report holds them."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import yaml

from pipeline.schema import Claim, Incident

_FIELDS: Final = (
    "type",
    "main",
    "sentences",
    "date",
    "place",
    "country",
    "targets",
    "actors",
    "weapons",
    "weapon_count",
    "killed",
    "injured",
    "attribution",
    "attributed_to",
    "aggregate",
)
"""What an annotation says of a record beside its ids and claims; the rest only a model knows."""

_CLAIM_FIELDS: Final = ("about", "value", "status", "source", "source_type", "sentence")


def annotated_incidents(incidents: tuple[Incident, ...], document: str) -> tuple[Incident, ...]:
    """A model's records as annotations write them: numbered from 1, and only the claims that contradict each other.

    Args:
        incidents: Of one article.
        document: The article's id in the corpus, which the ids of the happenings begin with.
    """
    return tuple(
        msgspec.structs.replace(
            incident,
            id=str(number),
            incident=f"{document}-{number}",
            claims=tuple(claim for claim in incident.claims if claim.contested),
        )
        for number, incident in enumerate(incidents, start=1)
    )


def incident_line(incident: Incident) -> str:
    """A record as one line of YAML in braces, whose order of fields is that of the corpus.

    >>> incident_line(Incident("1", "riot", "a-1", True, (0,)))[:60]
    '{id: 1, incident: a-1, type: riot, main: true, sentences: [0'
    """
    fields = msgspec.to_builtins(incident)
    entry: dict[str, Any] = {"id": int(incident.id), "incident": incident.incident}
    entry |= {name: fields[name] for name in _FIELDS}
    if incident.claims:
        entry["claims"] = [_claim(claim) for claim in incident.claims]
    flow = yaml.safe_dump(entry, default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf"))
    return flow.rstrip("\n")


def one_line_each(texts: Sequence[str]) -> tuple[str, ...]:
    """Records as people wrote them, each in one line; what is only white space is none."""
    return tuple(" ".join(text.strip().splitlines()) for text in texts if text.strip())


def _claim(claim: Claim) -> dict[str, Any]:
    fields = msgspec.to_builtins(claim)
    return {name: fields[name] for name in _CLAIM_FIELDS}
