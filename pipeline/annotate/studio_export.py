"""Reading Label Studio's export, its format "JSON" (labelstud.io/guide/export).

"JSON-MIN" cannot be read: of a region with one choice it keeps the choice and loses the region.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from pipeline.annotate.annotated import Annotated, ArticleData, Finding, article_data
from pipeline.annotate.incident_lines import one_line_each
from pipeline.annotate.marks import Mark, Unit
from pipeline.annotate.studio_config import INCIDENTS
from pipeline.errors import InputError


class Value(msgspec.Struct, frozen=True):
    """What a region covers and says; without offsets it is about the whole text."""

    start: int | None = None
    end: int | None = None
    text: str | list[str] | None = None
    labels: list[str] | None = None
    choices: list[str] | None = None

    @property
    def lines(self) -> list[str]:
        """What was written into a text area, a submission each."""
        return [self.text] if isinstance(self.text, str) else self.text or []


class Region(msgspec.Struct, frozen=True):
    """One entry of an annotation: a label or the choices of one control tag on one region."""

    type: str
    id: str | None = None
    from_name: str | None = None
    value: Value = Value()


class Annotation(msgspec.Struct, frozen=True):
    """What one person submitted for a task."""

    result: list[Region]
    id: int | str | None = None
    was_cancelled: bool | None = None
    ground_truth: bool | None = None
    created_at: str | None = None
    updated_at: str | None = None

    @property
    def changed(self) -> datetime:
        """When it was submitted or last changed; the beginning of time when the export does not say."""
        stamp = self.updated_at or self.created_at
        changed = datetime.fromisoformat(stamp) if stamp else datetime.min
        return changed if changed.tzinfo else changed.replace(tzinfo=UTC)


class Task(msgspec.Struct, frozen=True):
    """An article with its annotations."""

    data: dict[str, Any]
    annotations: list[Annotation]
    id: int | str | None = None


def read_studio(path: Path, findings: list[Finding]) -> Iterator[Annotated]:
    """Read an export.

    Of several annotations of a task the newest that is ground truth is taken, without one the newest; those that
    their annotator cancelled do not count.

    Args:
        path: The file.
        findings: Is given what cannot be read, what nobody annotated, and which annotation was taken.

    Raises:
        InputError: When the file is not a list of tasks.
    """
    for number, raw in enumerate(_tasks(path), start=1):
        place = (str(path), f"task {number} of the file")
        try:
            read = msgspec.json.decode(raw, type=Task)
            place = (str(path), place[1] if read.id is None else f"task {read.id}")
            data = article_data(read.data)
            chosen = _chosen(read.annotations)
        except (msgspec.ValidationError, ValueError) as error:
            mend = 'export as "JSON" from a project with the config.xml of `labels export`'
            findings.append(Finding("refused", *place, None, str(error), mend))
            continue
        if chosen is None:
            message = "cancelled by its annotator" if read.annotations else "nobody annotated it"
            findings.append(Finding("skipped", *place, None, message, None))
            continue
        findings += [Finding("note", *place, None, message, None) for message in _choices_made(read, chosen)]
        yield _annotated(place[1], data, chosen.result)


def _annotated(task: str, data: ArticleData, regions: list[Region]) -> Annotated:
    placed = [region for region in regions if _is_placed(region)]
    lines = [line for region in regions if region.from_name == INCIDENTS for line in region.value.lines]
    return Annotated(
        task=task,
        data=data,
        marks=tuple(mark for region in placed for mark in _marks(region)),
        labels=tuple(label for region in regions if not _is_placed(region) for label in _labels(region)),
        units=(Unit.CODE_POINTS, Unit.UTF_16),
        incidents=one_line_each(lines),
    )


def _tasks(path: Path) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[msgspec.Raw])
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (msgspec.DecodeError, OSError) as error:
        raise InputError(f'{path}: {error}; expected Label Studio\'s export as "JSON", a list of tasks') from None


def _chosen(annotations: list[Annotation]) -> Annotation | None:
    """The newest that is ground truth, else the newest; of equally new ones the last."""
    finished = [annotation for annotation in annotations if not annotation.was_cancelled]
    return max(reversed(finished), key=lambda each: (bool(each.ground_truth), each.changed), default=None)


def _choices_made(task: Task, chosen: Annotation) -> Iterator[str]:
    """What of a task was not taken."""
    if len(task.annotations) > 1:
        kind = "the newest that is ground truth" if chosen.ground_truth else "the newest"
        yield f"{len(task.annotations)} annotations; took {chosen.id}, {kind}"
    passed = sorted({each.type for each in chosen.result if not _labels(each) and each.from_name != INCIDENTS})
    if passed:
        yield f"regions of type {', '.join(passed)} are no labels and were passed over"


def _is_placed(region: Region) -> bool:
    return region.value.start is not None and region.value.end is not None


def _marks(region: Region) -> Iterator[Mark]:
    value = region.value
    quote = value.text if isinstance(value.text, str) else None
    for label in _labels(region):
        yield Mark(value.start or 0, value.end or 0, label, region.id, quote)


def _labels(region: Region) -> list[str]:
    return [*(region.value.labels or ()), *(region.value.choices or ())]
