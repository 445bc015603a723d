"""Tables that an analyst opens at once: CSV, GeoJSON and Parquet out of a run's merged incidents."""

import csv
import io
import re
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from pipeline.bulk.documents import document_files, incidents_file, read_documents
from pipeline.bulk.rows import Article, Merged, Row, make_row
from pipeline.errors import InputError
from pipeline.inputs.arrow import load_pyarrow
from pipeline.records import atomic_write, read_jsonl
from pipeline.schema import Incident

COLUMNS: Final = Row.__struct_fields__

_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BATCH_ROWS: Final = 10_000


class TableFormat(StrEnum):
    """What a table is written as; the value is the file's suffix."""

    CSV = "csv"
    GEOJSON = "geojson"
    PARQUET = "parquet"


def export_table(folder: Path, kind: TableFormat, output: Path | None = None) -> tuple[Path, int]:
    """Write the merged incidents of a run as one table.

    Args:
        folder: Folder that ``extract`` or ``merge`` wrote.
        kind: Format.
        output: File to write; ``incidents`` with the format's suffix, in the folder, when None.

    Returns:
        The file and the number of its rows.

    Raises:
        InputError: When the folder is not one of a run, or its files do not fit together.
        ConflictEventsError: When Parquet is asked for without pyarrow.
    """
    path = output or folder / f"incidents.{kind.value}"
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file to write")
    write = {TableFormat.CSV: write_csv, TableFormat.GEOJSON: write_geojson, TableFormat.PARQUET: write_parquet}[kind]
    rows = table_rows(folder)
    with atomic_write(path) as handle:
        count = write(handle, rows)
    return path, count


def table_rows(folder: Path) -> Iterator[Row]:
    """The rows of a run, in the order of ``incidents.jsonl``.

    Both files are read as streams. The records of all documents are kept, without their sentences and without the
    claims that no column needs.

    Raises:
        InputError: At once when the folder has not both files, later when an incident names a record that no document
            has.
    """
    return _rows(incidents_file(folder), document_files(folder))


def write_csv(handle: BinaryIO, rows: Iterable[Row]) -> int:
    """Write comma-separated values: UTF-8 with a byte order mark, a header, one line per incident, null as nothing.

    No text is a formula to a spreadsheet: an apostrophe is put before what would start one.
    """
    text = io.TextIOWrapper(handle, encoding="utf-8-sig", errors="replace", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    count = 0
    for row in rows:
        writer.writerow([_cell(value) for value in msgspec.structs.astuple(row)])
        count += 1
    text.detach()
    return count


def write_geojson(handle: BinaryIO, rows: Iterable[Row]) -> int:
    """Write a FeatureCollection, a feature per line; an incident without coordinates has a null geometry.

    Source: RFC 7946, sections 3.2 and 3.3.
    """
    encoder = msgspec.json.Encoder()
    count = 0
    handle.write(b'{"type":"FeatureCollection","features":[')
    for row in rows:
        handle.write(b",\n" if count else b"\n")
        handle.write(encoder.encode(_feature(row)))
        count += 1
    handle.write(b"\n]}\n")
    return count


def write_parquet(handle: BinaryIO, rows: Iterable[Row]) -> int:
    """Write Parquet with typed columns; dates are days.

    Raises:
        ConflictEventsError: When pyarrow is not installed.
    """
    library = load_pyarrow()
    arrow = {
        str: library.string(),
        int: library.int64(),
        float: library.float64(),
        bool: library.bool_(),
        date: library.date32(),
    }
    schema = library.schema([(name, arrow[kind]) for name, kind in column_types().items()])
    count = 0
    waiting = iter(rows)
    with library.parquet.ParquetWriter(handle, schema, compression="zstd") as writer:
        while batch := list(islice(waiting, _BATCH_ROWS)):
            columns = zip(*map(msgspec.structs.astuple, batch), strict=True)
            arrays = [library.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
            writer.write_table(library.Table.from_arrays(arrays, schema=schema))
            count += len(batch)
    return count


def column_types() -> dict[str, type]:
    """The type of each column's values, apart from null."""
    return {
        name: next(part for part in typing.get_args(hint) if part is not type(None))
        if isinstance(hint, types.UnionType)
        else hint
        for name, hint in typing.get_type_hints(Row).items()
    }


def _rows(incidents: Path, documents: Sequence[Path]) -> Iterator[Row]:
    records: dict[tuple[str, str], Incident] = {}
    sources: dict[str, str | None] = {}
    for path in documents:
        for article in read_documents(path, Article):
            sources[article.id] = article.source
            records.update(((article.id, record.id), _needed(record)) for record in article.incidents)
    for merged in read_jsonl(incidents, Merged):
        members = [(member.document, member.incident) for member in merged.members]
        lost = next((member for member in members if member not in records), None)
        if lost is not None:
            raise InputError(
                f"{incidents}: {merged.id} names record {lost[1]!r} of document {lost[0]!r}, which no document has; "
                f"run `conflict-events merge {incidents.parent}` again"
            )
        names = dict.fromkeys(document for document, _ in members)
        yield make_row(merged, [records[member] for member in members], [sources[name] for name in names])


def _needed(record: Incident) -> Incident:
    claims = tuple(claim for claim in record.claims if claim.about == "responsibility")
    return msgspec.structs.replace(record, sentences=(), claims=claims)


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    line = _CONTROL.sub(" ", value)
    return f"'{line}" if _FORMULA.match(line) else line


def _feature(row: Row) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [row.longitude, row.latitude]} if row.latitude is not None else None
    properties = {name: getattr(row, name) for name in COLUMNS if name != "incident_id"}
    return {"type": "Feature", "id": row.incident_id, "geometry": point, "properties": properties}
