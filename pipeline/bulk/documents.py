"""The files of a run, and the rows of its documents: as JSON lines, or as Parquet with the same fields."""

import types
import typing
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from pipeline.errors import InputError
from pipeline.inputs.arrow import load_pyarrow
from pipeline.records import atomic_write, read_jsonl
from pipeline.schema import DocumentResult, Incident, Record, ScoredSentence, ScoredSpan

DOCUMENTS: Final = "documents"
"""Stem of the file's name."""

INCIDENTS: Final = "incidents.jsonl"
FAILURES: Final = "failures.jsonl"
RUN: Final = "run.json"

_BATCH_ROWS: Final = 256
_NOTHING: Final[dict[str, float]] = {}

T = TypeVar("T", bound=msgspec.Struct)


class DocumentFormat(StrEnum):
    """What documents are written as; the value is the file's suffix."""

    JSONL = "jsonl"
    PARQUET = "parquet"


def document_file(folder: Path, kind: DocumentFormat) -> Path:
    """Where a run keeps its documents."""
    return folder / f"{DOCUMENTS}.{kind.value}"


def document_files(folder: Path) -> list[Path]:
    """The documents of all runs in a folder and below it.

    Raises:
        InputError: When there are none.
    """
    found = sorted(path for kind in DocumentFormat for path in folder.rglob(f"{DOCUMENTS}.{kind.value}"))
    if not found:
        place = "no documents in it" if folder.is_dir() else "no such folder"
        raise InputError(f"{folder}: {place}; run `conflict-events extract … --output {folder}` first")
    return found


def incidents_file(folder: Path) -> Path:
    """The merged incidents of a run, or of all runs below a folder.

    Raises:
        InputError: When there are none.
    """
    path = folder / INCIDENTS
    if not path.is_file():
        document_files(folder)  # without those there is nothing to merge, and it says so
        raise InputError(f"{folder}: no {INCIDENTS} in it; run `conflict-events merge {folder}` first")
    return path


def write_documents(folder: Path, kind: DocumentFormat, rows: Iterable[bytes]) -> int:
    """Write rows that are JSON lines already; a file of the other format, of an earlier run, is removed.

    Raises:
        ConflictEventsError: When Parquet is asked for without pyarrow.
    """
    count = 0
    with atomic_write(document_file(folder, kind)) as handle:
        if kind is DocumentFormat.PARQUET:
            count = _write_parquet(handle, rows)
        else:
            for row in rows:
                handle.write(row)
                count += 1
    for other in DocumentFormat:
        if other is not kind:
            document_file(folder, other).unlink(missing_ok=True)
    return count


def read_documents(path: Path, kind: type[T]) -> Iterator[T]:
    """Read rows as ``DocumentResult`` or as a struct with some of its fields."""
    if path.suffix == f".{DocumentFormat.JSONL}":
        yield from read_jsonl(path, kind)
        return
    with load_pyarrow().parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            for row in batch.to_pylist(maps_as_pydicts="strict"):
                yield msgspec.convert(_with_claims(row, msgspec.json.decode), kind)


class _Sentence(msgspec.Struct, frozen=True):
    """What merging needs of a sentence."""

    start: int
    end: int
    spans: tuple[ScoredSpan, ...]
    fingerprint: str | None = None


class _Mergeable(msgspec.Struct, frozen=True):
    """What merging needs of a document."""

    id: str
    published: str | None
    source: str | None
    title: str | None
    text_sha256: str
    sentences: tuple[_Sentence, ...]
    incidents: tuple[Incident, ...]


def read_for_merging(folder: Path) -> Iterator[DocumentResult]:
    """The documents of all runs below a folder, without the scores, which are most of their size.

    Raises:
        InputError: When there are none, or when one document id occurs in two places.
    """
    places: dict[str, Path] = {}
    for path in document_files(folder):
        for row in read_documents(path, _Mergeable):
            if row.id in places:
                raise InputError(f"document {row.id!r} occurs in {places[row.id]} and in {path}; keep one")
            places[row.id] = path
            yield _slim(row)


def _slim(row: _Mergeable) -> DocumentResult:
    needed = {index for incident in row.incidents for index in incident.sentences}
    sentences = tuple(
        ScoredSentence(
            start=sentence.start,
            end=sentence.end,
            events=(),
            event_scores=_NOTHING,
            responsibility=(),
            responsibility_scores=_NOTHING,
            attribution_source="none",
            attribution_source_scores=_NOTHING,
            spans=sentence.spans if index in needed else (),
            fingerprint=sentence.fingerprint if index in needed else None,
        )
        for index, sentence in enumerate(row.sentences)
    )
    return DocumentResult(
        id=row.id,
        published=row.published,
        source=row.source,
        title=row.title,
        text_sha256=row.text_sha256,
        sentences=sentences if row.incidents else (),
        incidents=row.incidents,
        warnings=(),
    )


def _write_parquet(handle: typing.BinaryIO, rows: Iterable[bytes]) -> int:
    arrow = load_pyarrow()
    schema = arrow.schema(
        [(name, _arrow_type(arrow, hint)) for name, hint in typing.get_type_hints(DocumentResult).items()]
    )
    count, waiting = 0, iter(rows)
    with arrow.parquet.ParquetWriter(handle, schema, compression="zstd") as writer:
        while batch := [_with_claims(msgspec.json.decode(row), _as_json) for row in islice(waiting, _BATCH_ROWS)]:
            writer.write_table(arrow.Table.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


def _as_json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _with_claims(row: dict[str, Any], change: Any) -> dict[str, Any]:
    """A row with the values of its claims, which are texts, numbers or ranges, written as JSON or read from it."""
    for incident in row.get("incidents", ()):
        for claim in incident["claims"]:
            claim["value"] = None if claim["value"] is None else change(claim["value"])
    return row


def _arrow_type(arrow: Any, hint: Any) -> Any:
    """Arrow's type for a field of a record."""
    if isinstance(hint, types.UnionType):
        parts = [part for part in typing.get_args(hint) if part is not type(None)]
        return _arrow_type(arrow, parts[0]) if len(parts) == 1 else arrow.string()
    if typing.get_origin(hint) is tuple:
        return arrow.list_(_arrow_type(arrow, typing.get_args(hint)[0]))
    if typing.get_origin(hint) is dict:
        return arrow.map_(*(_arrow_type(arrow, part) for part in typing.get_args(hint)))
    if isinstance(hint, type) and issubclass(hint, Record):
        return arrow.struct([(name, _arrow_type(arrow, part)) for name, part in typing.get_type_hints(hint).items()])
    return {str: arrow.string(), int: arrow.int64(), float: arrow.float64(), bool: arrow.bool_()}[hint]
