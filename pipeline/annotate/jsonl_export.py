"""Reading JSON lines as doccano and Prodigy write them, a line an article.

doccano (``data_export`` in doccano/doccano): ``{"id", "text", "label": [[start, end, label], …], …}``, with relations
``{"text", "entities": [{"label", "start_offset", "end_offset"}, …], …}``; what else is known of the article stands
beside them. Offsets count UTF-16 code units (its issue 2290). Prodigy (prodi.gy/docs/api-interfaces): ``{"text",
"spans": [{"start", "end", "label"}, …], "accept": [option, …], "answer", "meta"}``, offsets in code points.

Either names labels freely, so that the keys of a sentence are spans within it or over it, and ``sentence`` marks one;
choices about the whole line (``accept``, or a ``label`` that is a list of names) are labels of its one sentence.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pipeline.annotate.annotated import Annotated, Finding, article_data
from pipeline.annotate.incident_lines import one_line_each
from pipeline.annotate.marks import Mark, Unit
from pipeline.errors import InputError

Triple = tuple[int, int, str]


class Entity(msgspec.Struct, frozen=True):
    """A span of a doccano project with relations."""

    label: str
    start_offset: int
    end_offset: int


class Piece(msgspec.Struct, frozen=True):
    """A span of Prodigy."""

    start: int
    end: int
    label: str
    text: str | None = None


class Line(msgspec.Struct, frozen=True):
    """The fields of either tool that hold labels."""

    text: str
    label: list[Triple | str] | None = None
    labels: list[Triple | str] | None = None
    entities: list[Entity] | None = None
    spans: list[Piece] | None = None
    accept: list[str] | None = None
    answer: str = "accept"
    meta: dict[str, Any] | None = None
    incidents: list[str] = []


def read_jsonl_export(path: Path, findings: list[Finding], unit: Unit | None = None) -> Iterator[Annotated]:
    """Read an export.

    Args:
        path: The file.
        findings: Is given the lines that cannot be read and those that were not accepted.
        unit: What offsets count; by default what the tool counts.

    Raises:
        InputError: When the file cannot be read.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        task = f"line {number}"
        try:
            line = msgspec.json.decode(raw, type=Line)
            fields = msgspec.json.decode(raw, type=dict[str, Any])
            data = article_data({**fields, **(line.meta or {}), "text": line.text})
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            mend = "write one JSON object a line, as doccano and Prodigy do"
            findings.append(Finding("refused", str(path), task, None, str(error), mend))
            continue
        if line.answer != "accept":
            findings.append(Finding("skipped", str(path), task, None, f"answered {line.answer!r}", None))
            continue
        tool = Unit.UTF_16 if line.spans is None and line.accept is None else Unit.CODE_POINTS
        incidents = one_line_each(line.incidents)
        yield Annotated(task, data, tuple(_marks(line)), _labels(line), (unit or tool,), incidents)


def _marks(line: Line) -> Iterator[Mark]:
    for label in [*(line.label or ()), *(line.labels or ())]:
        if isinstance(label, tuple):
            yield Mark(*label)
    for entity in line.entities or ():
        yield Mark(entity.start_offset, entity.end_offset, entity.label)
    for piece in line.spans or ():
        yield Mark(piece.start, piece.end, piece.label, quote=piece.text)


def _labels(line: Line) -> tuple[str, ...]:
    given = [*(line.label or ()), *(line.labels or ()), *(line.accept or ())]
    return tuple(label for label in given if isinstance(label, str))
