"""Parquet files: an article a row."""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pipeline.errors import InputError
from pipeline.inputs.arrow import load_pyarrow
from pipeline.inputs.article import Place, Read, failed, known_columns, read_cells

_BATCH_ROWS: Final = 64
_BUFFER_BYTES: Final = 1 << 20


def read_parquet(path: Path) -> Iterator[Read]:
    """The articles of a file; a group of rows that cannot be read is one failure, and the others are read.

    Raises:
        OSError, InputError: When the file is no Parquet, or has no usable columns.
    """
    pyarrow = load_pyarrow()
    broken = (OSError, ValueError, pyarrow.ArrowException)
    try:
        # Read ahead, a group of rows would be in memory as a whole.
        file = pyarrow.parquet.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES)
        names = file.schema_arrow.names
    except broken as error:
        raise InputError(f"no Parquet file that can be read: {error}") from None
    with file:
        columns = list(known_columns(names))
        ended = 0
        for group in range(file.num_row_groups):
            row, ended = ended, ended + file.metadata.row_group(group).num_rows
            try:
                for batch in file.iter_batches(_BATCH_ROWS, row_groups=[group], columns=columns):
                    yield from _read_batch(str(path), row, {name: batch.column(name) for name in columns})
                    row += batch.num_rows
            except broken as error:
                message = f"rows {row + 1} to {ended} cannot be read: {error}"
                yield failed(Place(str(path), row + 1), InputError(message))


def _read_batch(name: str, before: int, columns: Mapping[str, Any]) -> Iterator[Read]:
    for index in range(len(columns["id"])):
        place = Place(name, before + index + 1)
        try:
            cells = {column: _cell(values[index].as_py()) for column, values in columns.items()}
        except Exception as error:  # a value without a Python one: bytes that are not UTF-8, a year 20000, a zone
            yield failed(place, error)
        else:
            yield read_cells(place, cells)


def _cell(value: Any) -> Any:
    if isinstance(value, float):  # whole numbers are floats in a pandas column that lacks one
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return str(value) if isinstance(value, UUID) else value
