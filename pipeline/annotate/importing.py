"""A run of ``labels import``: an annotation tool's export in, reports in the corpus format out.

An article becomes a report as a whole or not at all: a label that was left out would be learnt as a "no".
"""

from collections.abc import Container, Iterator
from pathlib import Path

import msgspec

from pipeline.annotate.annotated import Annotated, Finding, Format, report_id, text_sha256
from pipeline.annotate.assemble import assemble
from pipeline.annotate.jsonl_export import read_jsonl_export
from pipeline.annotate.marks import Flaw, Mark, Unit, in_code_points
from pipeline.annotate.report_text import format_report, report_flaws
from pipeline.annotate.studio_export import read_studio
from pipeline.labels import INCIDENT_TYPES
from pipeline.records import atomic_write, write_jsonl
from pipeline.schema import Document


class Settings(msgspec.Struct, frozen=True):
    """What the reports are given that an export does not say.

    ``family`` is for all of them, by default each is its own; ``style`` for those whose article has none; ``unit`` is
    what offsets of JSON lines count, by default what the tool that wrote them counts.
    """

    family: str | None = None
    style: str = "wire"
    unit: Unit | None = None
    force: bool = False


class ImportSummary(msgspec.Struct, frozen=True):
    """Reports written, in the order of the export, and all findings on the way."""

    written: tuple[Path, ...]
    findings: tuple[Finding, ...]

    def count(self, kind: str) -> int:
        """Findings of a kind; of ``refused`` the tasks, each of which may have several."""
        return len({finding.task for finding in self.findings if finding.kind == kind})


def import_labels(
    path: Path, output: Path, failures: Path, form: Format, settings: Settings | None = None
) -> ImportSummary:
    """Write a report ``<id>.txt`` for each article that was annotated to the end and breaks no rule of the format.

    The id is the article's, in lower-case letters, digits and hyphens; without one it is the file's name and the
    task's number.

    Args:
        path: The export.
        output: Folder to write reports to.
        failures: File to write all findings to, a row each.
        form: The export's format.
        settings: See ``Settings``.

    Raises:
        InputError: When the file is not of the format at all.
    """
    settings = settings or Settings()
    findings: list[Finding] = []
    written: dict[str, Path] = {}
    for annotated in _read(path, form, settings.unit, findings):
        document, flaws = report_of(annotated, f"{path.stem}-{annotated.task}", settings)
        content = format_report(document, annotated.incidents)
        target = output / f"{document.id}.txt"
        flaws = (
            flaws
            or _id_flaws(document.id, written)
            or _target_flaws(target, content, settings.force)
            or report_flaws(content, document.id)
        )
        place = (str(path), annotated.task)
        if flaws:
            findings += [Finding("refused", *place, flaw.where, flaw.message, flaw.mend) for flaw in flaws]
            continue
        findings += [Finding("note", *place, None, message, None) for message in _notes(document, annotated)]
        with atomic_write(target) as handle:
            handle.write(content.encode())
        written[document.id] = target
    write_jsonl(failures, findings)
    return ImportSummary(tuple(written.values()), tuple(findings))


def report_of(annotated: Annotated, fallback: str, settings: Settings) -> tuple[Document, list[Flaw]]:
    """The annotated document of one article, and every flaw that keeps it from being a report.

    Args:
        annotated: As read from an export.
        fallback: The id of an article that has none.
        settings: See ``Settings``.
    """
    data = annotated.data
    identifier = report_id(fallback if data.id is None else str(data.id))
    document = Document(
        id=identifier,
        text=data.text,
        published=data.published,
        family=settings.family or data.family or identifier,
        style=data.style or settings.style,
    )
    if data.text_sha256 not in (None, text_sha256(data.text)):
        message = "the text is not the one that was exported"
        return document, [Flaw("the text", message, "export the article again and annotate that")]
    marks, flaws = in_code_points(data.text, annotated.marks, annotated.units)
    if flaws:
        return document, flaws
    whole = [Mark(0, len(data.text), label) for label in annotated.labels]
    sentences, flaws = assemble(data.text, [*marks, *whole])
    return msgspec.structs.replace(document, sentences=sentences), flaws


def _read(path: Path, form: Format, unit: Unit | None, findings: list[Finding]) -> Iterator[Annotated]:
    if form is Format.LABEL_STUDIO:
        return read_studio(path, findings)
    return read_jsonl_export(path, findings, unit)


def _id_flaws(identifier: str, written: Container[str]) -> list[Flaw]:
    where = f"id `{identifier}`"
    if not identifier:
        return [Flaw(where, "no letter from a to z and no digit in the article's id", "give it another one")]
    if identifier in written:
        return [Flaw(where, "an earlier article of this export has it", "give each article an id of its own")]
    return []


def _target_flaws(target: Path, content: str, force: bool) -> list[Flaw]:
    """An earlier import may have written the same; whatever else is there stays."""
    if force or not target.exists() or target.read_bytes() == content.encode():
        return []
    return [Flaw(str(target), "is there already, with other content", "write over it with --force, or rename one")]


def _notes(document: Document, annotated: Annotated) -> Iterator[str]:
    """What is no flaw, but teaches something that nobody may have meant."""
    told = {key for sentence in document.sentences for key in sentence.events if key in INCIDENT_TYPES}
    if told and not annotated.incidents:
        yield (
            f"no incident record, though sentences tell {', '.join(sorted(told))}: "
            "the stage `incidents` will learn that they make none"
        )
