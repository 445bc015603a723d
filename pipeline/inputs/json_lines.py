"""JSON lines, in UTF-8 as RFC 8259 wants it: an article a line."""

import codecs
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from pipeline.errors import InputError
from pipeline.inputs.article import LONGEST, Place, Read, Row, failed, read_row

_BROKEN: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _Named(msgspec.Struct):
    id: str | int


def read_json_file(path: Path) -> Iterator[Read]:
    """The articles of a file.

    Raises:
        OSError: When the file cannot be read.
    """
    with path.open("rb") as handle:
        yield from read_json_lines(str(path), handle)


def read_gzip_file(path: Path) -> Iterator[Read]:
    """The articles of a file that is compressed with gzip.

    Raises:
        OSError, EOFError, zlib.error: When the file cannot be read, after what comes before that place in it.
    """
    with gzip.open(path, "rb") as handle:
        yield from read_json_lines(str(path), handle)


def read_json_lines(name: str, handle: BinaryIO | gzip.GzipFile) -> Iterator[Read]:
    """The articles of a stream; empty lines are passed over."""
    decoder = msgspec.json.Decoder(Row)
    for number, line in _lines(handle):
        place = Place(name, number)
        if line is None:
            yield failed(place, InputError(f"the line has more than {LONGEST} bytes"))
        elif line.strip():
            yield _read_line(decoder, place, line)


def _lines(handle: BinaryIO | gzip.GzipFile) -> Iterator[tuple[int, bytes | None]]:
    """Numbers and lines; a line that is too long is None, and is never in memory as a whole."""
    number = 0
    while line := handle.readline(LONGEST):
        number += 1
        part = line
        while len(part) == LONGEST and not part.endswith(b"\n"):
            part = handle.readline(LONGEST)
        yield number, line if part is line else None


def _read_line(decoder: msgspec.json.Decoder[Row], place: Place, line: bytes) -> Read:
    warnings: tuple[str, ...] = ()
    if place.line == 1 and line.startswith(codecs.BOM_UTF8):
        line = line.removeprefix(codecs.BOM_UTF8)
        warnings = ("a byte order mark before the line was passed over",)
    try:
        return read_row(place, decoder.decode(line), warnings)
    except _BROKEN as error:
        return failed(place, error, _identifier(line))


def _identifier(line: bytes) -> str | None:
    try:
        return str(msgspec.json.decode(line, type=_Named).id)
    except _BROKEN:
        return None
