"""A run of ``extract``: files in, one row per document out, with what failed and what made it.

Every part of a run is a file of its own that appears whole; a run that was stopped goes on from them. At the end they
are joined, in the order of the inputs, and removed.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from pipeline import __version__
from pipeline.bulk.documents import (
    FAILURES,
    INCIDENTS,
    RUN,
    DocumentFormat,
    document_file,
    read_for_merging,
    write_documents,
)
from pipeline.bulk.jobs import Engine, Job, Part, into_jobs
from pipeline.bulk.local import LocalEngine
from pipeline.errors import ConflictEventsError, InputError
from pipeline.extract.folder import folder_sha256, graphs_folder, read_card
from pipeline.incidents.merge import merge_incidents
from pipeline.inputs.reader import STANDARD_INPUT, read_articles
from pipeline.records import atomic_write, read_json, write_json, write_jsonl
from pipeline.schema import SCHEMA_VERSION

PARTS: Final = "parts"
MANIFEST: Final = "manifest.json"
_ALL_PARTS: Final = "*.jsonl"


class OutputError(ConflictEventsError):
    """Results cannot be written; what was written before is kept."""


class Counts(msgspec.Struct, frozen=True):
    """Every input document is either extracted or failed. Incidents are None when they were not merged."""

    inputs: int
    extracted: int
    failed: int
    incidents: int | None


class RunSummary(msgspec.Struct, frozen=True):
    """``run.json``: what was run on what, by what, with which outcome; nothing that differs from run to run."""

    schema: int
    versions: dict[str, str]
    model: str
    model_sha256: str
    parameters: dict[str, list[str] | str | bool]
    counts: Counts
    inputs_sha256: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """What made the parts in a folder: parts of another model or version must not be joined with new ones."""

    schema: int
    versions: dict[str, str]
    model_sha256: str


class _Jobs:
    """The jobs of a run, with a checksum over those that were taken."""

    def __init__(self, inputs: Sequence[str]) -> None:
        self._jobs = into_jobs(read_articles(inputs))
        self._digest = hashlib.sha256()

    def __iter__(self) -> Iterator[Job]:
        for job in self._jobs:
            self._digest.update(job.digest.encode())
            yield job

    @property
    def digest(self) -> str:
        """Checksum of the inputs, once all were taken."""
        return self._digest.hexdigest()


class _Header(msgspec.Struct, frozen=True):
    """First line of a part's file."""

    digest: str
    extracted: int
    failed: int


def extract_files(
    inputs: Sequence[str],
    output: Path,
    model: Path,
    engine: Engine | None = None,
    document_format: DocumentFormat = DocumentFormat.JSONL,
    resume: bool = False,
    merge: bool = True,
    on_inputs: Callable[[int], None] = lambda count: None,
) -> RunSummary:
    """Extract from files into a folder.

    Args:
        inputs: See ``pipeline.inputs.reader.read_articles``.
        output: Folder to write ``documents.jsonl`` (or ``.parquet``), ``failures.jsonl``, ``incidents.jsonl`` and
            ``run.json`` to.
        model: Model folder.
        engine: What runs the jobs; None is this machine with all its processors.
        document_format: Of the documents' rows.
        resume: Go on with what an interrupted run left in the folder; without it that is thrown away.
        merge: Merge the reports of one happening at the end. That takes about 10 kB of memory a record, where all
            before it takes the same for ten documents and for a million.
        on_inputs: Called with the number of inputs that were just done, for a progress bar.

    Raises:
        InputError: When an input does not exist, before anything is written; when what is to be resumed was made by
            another model or version.
        ModelError: When the model cannot be loaded.
        OutputError: When the folder cannot be written to; what was done is kept and can be resumed.
    """
    model = graphs_folder(model)
    card = read_card(model)
    manifest = Manifest(SCHEMA_VERSION, _versions(), folder_sha256(model))
    parameters: dict[str, list[str] | str | bool] = {
        "inputs": list(inputs),
        "model": str(model),
        "format": document_format.value,
        "merge": merge,
    }
    parts = output / PARTS
    if resume and (done := _finished(output, document_format, manifest, parameters)) is not None:
        return done
    jobs = _Jobs(inputs)
    try:
        _prepare(parts, manifest, resume)
        for part in (engine or LocalEngine(model)).run(_undone(jobs, parts, on_inputs)):
            _write_part(parts, part)
            on_inputs(part.extracted + part.failed)
        extracted, failed = _join(parts, output, document_format)
        (output / INCIDENTS).unlink(missing_ok=True)
        incidents = merge_folder(output) if merge else None
        summary = RunSummary(
            schema=SCHEMA_VERSION,
            versions=manifest.versions,
            model=card.base,
            model_sha256=manifest.model_sha256,
            parameters=parameters,
            counts=Counts(extracted + failed, extracted, failed, incidents),
            inputs_sha256=jobs.digest,
        )
        write_json(output / RUN, summary)
        shutil.rmtree(parts)
    except OSError as error:
        raise OutputError(
            f"{output}: {error.strerror or error}; what was done is kept: mend it, then run again with --resume"
        ) from error
    return summary


def merge_folder(folder: Path) -> int:
    """Merge over all documents that runs wrote to a folder and below it; returns the number of merged incidents.

    Raises:
        InputError: When there are none, or when one document id occurs in two places.
    """
    return write_jsonl(folder / INCIDENTS, merge_incidents(read_for_merging(folder)))


def _versions() -> dict[str, str]:
    return {"conflict-events": __version__, "onnxruntime": version("onnxruntime")}


def _finished(
    output: Path, document_format: DocumentFormat, manifest: Manifest, parameters: dict[str, list[str] | str | bool]
) -> RunSummary | None:
    """The summary of a run that came to its end on the same inputs; standard input cannot be read twice to compare."""
    inputs = parameters["inputs"]
    if not isinstance(inputs, list) or STANDARD_INPUT in inputs or (output / PARTS).exists():
        return None
    if not all(path.is_file() for path in (output / RUN, document_file(output, document_format))):
        return None
    summary = read_json(output / RUN, RunSummary)
    made = Manifest(summary.schema, summary.versions, summary.model_sha256)
    if (made, summary.parameters) != (manifest, parameters):
        return None
    jobs = _Jobs(inputs)
    for _ in jobs:
        pass
    return summary if jobs.digest == summary.inputs_sha256 else None


def _prepare(parts: Path, manifest: Manifest, resume: bool) -> None:
    """An empty folder for parts, or one with parts of the same making."""
    if parts.exists() and not (resume and (parts / MANIFEST).is_file()):
        shutil.rmtree(parts)
    if (parts / MANIFEST).is_file():
        made = read_json(parts / MANIFEST, Manifest)
        if made != manifest:
            raise InputError(
                f"{parts}: was made by {made.versions} and model {made.model_sha256[:12]}, this is {manifest.versions} "
                f"and {manifest.model_sha256[:12]}; run again without --resume"
            )
    write_json(parts / MANIFEST, manifest)


def _undone(jobs: Iterable[Job], parts: Path, on_inputs: Callable[[int], None]) -> Iterator[Job]:
    """The jobs without a part. One whose inputs have changed since is done again."""
    count = 0
    for job in jobs:
        count = job.number + 1
        header = _read_header(_part_file(parts, job.number))
        if header is not None and header.digest == job.digest:
            on_inputs(header.extracted + header.failed)
        else:
            yield job
    for path in parts.glob(_ALL_PARTS):
        if int(path.stem) >= count:
            path.unlink()


def _part_file(parts: Path, number: int) -> Path:
    return parts / f"{number:08}.jsonl"


def _read_header(path: Path) -> _Header | None:
    try:
        with path.open("rb") as handle:
            return msgspec.json.decode(handle.readline(), type=_Header)
    except FileNotFoundError:
        return None


def _write_part(parts: Path, part: Part) -> None:
    """A header, the documents' rows, the failures' rows."""
    with atomic_write(_part_file(parts, part.number)) as handle:
        handle.write(msgspec.json.encode(_Header(part.digest, part.extracted, part.failed)) + b"\n")
        handle.write(part.documents)
        handle.write(part.failures)


def _join(parts: Path, output: Path, document_format: DocumentFormat) -> tuple[int, int]:
    """Write all parts' rows in the order of the inputs; returns how many documents and failures."""
    files = sorted(parts.glob(_ALL_PARTS))
    extracted = write_documents(output, document_format, (row for file in files for row in _rows(file, failed=False)))
    failed = 0
    with atomic_write(output / FAILURES) as handle:
        for row in (row for file in files for row in _rows(file, failed=True)):
            handle.write(row)
            failed += 1
    return extracted, failed


def _rows(file: Path, failed: bool) -> Iterator[bytes]:
    with file.open("rb") as handle:
        header = msgspec.json.decode(handle.readline(), type=_Header)
        for number, line in enumerate(handle):
            if (number >= header.extracted) == failed:
                yield line
