"""CSV files: a header with the names of the columns, then an article a row (RFC 4180)."""

import csv
import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final, TextIO

from pipeline.errors import InputError
from pipeline.inputs.article import LONGEST, Place, Read, failed, known_columns, read_cells
from pipeline.inputs.encodings import ESCAPED, Encoding, detect_encoding

_DELIMITERS: Final = ",;\t"


def read_csv(path: Path) -> Iterator[Read]:
    """The articles of a file, in whichever encoding; its delimiter is the most frequent of ``,;⇥`` in the first line.

    A row without anything in it is passed over. A row's line is the one at which it starts.

    Raises:
        OSError, UnicodeDecodeError, InputError: When the file cannot be read or decoded, or has no usable header.
    """
    csv.field_size_limit(max(LONGEST, csv.field_size_limit()))
    with path.open("rb") as handle:
        encoding = detect_encoding(handle)
        handle.seek(0)
        # A byte that cannot be decoded spoils its own row and no other.
        with io.TextIOWrapper(handle, encoding.codec, errors="surrogateescape", newline="") as text:
            yield from _read_rows(str(path), _lines(text), encoding)


def _lines(text: TextIO) -> Iterator[str]:
    while line := text.readline(LONGEST):
        if len(line) == LONGEST:
            raise InputError(f"a line has more than {LONGEST} characters")
        yield line


def _read_rows(name: str, lines: Iterator[str], encoding: Encoding) -> Iterator[Read]:
    first = next(lines, "")
    # Strict: a quotation mark out of place is an error, where the lenient reading would join rows without a word.
    reader = csv.reader(chain([first], lines), delimiter=max(_DELIMITERS, key=first.count), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise InputError(f"the header cannot be read: {error}") from None
    columns = known_columns(header)
    while True:
        place = Place(name, reader.line_num + 1)
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = (
                f"the row in lines {place.line} to {reader.line_num} is no CSV: {error}; is a quotation mark amiss?"
            )
            yield failed(place, InputError(message))
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _read_row(place, cells, len(header), columns, encoding)


def _read_row(place: Place, cells: list[str], width: int, columns: dict[str, int], encoding: Encoding) -> Read:
    if len(cells) != width:
        return failed(place, InputError(f"{len(cells)} cells in the row, {width} in the header"))
    told = {name: cells[index] or None for name, index in columns.items()}
    broken = [name for name, cell in told.items() if cell and ESCAPED.search(cell)]
    if broken:
        message = f"the {' and the '.join(broken)} holds bytes that are not {encoding.codec}"
        return failed(place, InputError(message), None if "id" in broken else told["id"])
    return read_cells(place, told, encoding.warnings)
