"""One article as a file holds it, and the document or the failure that becomes of it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from pipeline.errors import InputError
from pipeline.schema import Document, Failure
from pipeline.text.sentences import metadata_date

LONGEST: Final = 64 * 2**20
"""Most bytes of a text file or of a line of JSON, most characters of a CSV cell.

A file that is no list of articles at all, or whose quotation marks are never closed, must not fill the memory.
"""

_STAGE: Final = "read"
_HTML: Final = re.compile(r"</?(?:p|div|span|br|html|body|table|ul|ol|li|h[1-6]|img|script|a)\b[^<>]*>", re.IGNORECASE)


class Place(msgspec.Struct, frozen=True):
    """Where an article stands: the input's name, and where it has lines or rows, the number (from 1)."""

    input: str
    line: int | None = None


class Row(msgspec.Struct, frozen=True):
    """What is read of an article; other fields and columns are passed over."""

    id: str | int
    text: str
    title: str | None = None
    published: str | None = None
    source: str | None = None
    url: str | None = None


class Read(msgspec.Struct, frozen=True):
    """What was found at a place, and what a reader of the document's result should know about how it was read."""

    place: Place
    found: Document | Failure
    warnings: tuple[str, ...] = ()


def read_row(place: Place, row: Row, warnings: tuple[str, ...] = ()) -> Read:
    """Check one article.

    ``published`` becomes a day; where none is given, a leading ``date YYYY-MM-DD`` of the text is the day. The text
    stays as it is, whatever it holds.
    """
    identifier = str(row.id)
    if not identifier.strip():
        return failed(place, InputError("the article has no id"))
    if not row.text.strip():
        return failed(place, InputError("the article has no text"), identifier)
    published = (row.published or "").strip() or metadata_date(row.text)
    try:
        day = datetime.fromisoformat(published).date().isoformat() if published else None
    except ValueError:
        message = f"published {published!r} is no ISO date (YYYY-MM-DD, with or without a time)"
        return failed(place, InputError(message), identifier)
    document = Document(id=identifier, text=row.text, published=day, title=row.title, source=row.source, url=row.url)
    return Read(place, document, warnings + _text_warnings(row.text))


def read_cells(place: Place, cells: Mapping[str, Any], warnings: tuple[str, ...] = ()) -> Read:
    """Check one row of a table, whose empty cells are None."""
    told = {name: value for name, value in cells.items() if value is not None}
    identifier = told.get("id")
    name = str(identifier) if isinstance(identifier, str | int) else None
    empty = [column for column in Row.__struct_fields__[:2] if column not in told]
    if empty:
        return failed(place, InputError(f"no {' and no '.join(empty)}: the cell is empty"), name)
    try:
        return read_row(place, msgspec.convert(told, Row), warnings)
    except msgspec.ValidationError as error:
        return failed(place, error, name)


def failed(place: Place, error: Exception, identifier: str | None = None) -> Read:
    """What stands at a place is no article, for a reason."""
    return Read(place, Failure(place.input, place.line, identifier, _STAGE, type(error).__name__, str(error)))


def known_columns(names: Sequence[str]) -> dict[str, int]:
    """Which columns of a table are read: name and index.

    Raises:
        InputError: When the id or the text is missing, or a column that is read occurs twice.
    """
    found = {name: index for index, name in enumerate(names) if name in Row.__struct_fields__}
    missing = [name for name in Row.__struct_fields__[:2] if name not in found]
    doubled = sorted({name for name in found if names.count(name) > 1})
    if missing or doubled:
        wrong = f"no column {' and no column '.join(missing)}" if missing else f"two columns {', '.join(doubled)}"
        listed = ", ".join(repr(name) for name in names[:20]) or "none"
        raise InputError(f"{wrong}; found the columns {listed}, expected {', '.join(Row.__struct_fields__)}")
    return found


def _text_warnings(text: str) -> tuple[str, ...]:
    warnings = []
    if _HTML.search(text):
        warnings.append("the text looks like HTML; its tags are read as words")
    if "\0" in text:
        warnings.append("the text holds NUL characters, as UTF-16 without a byte order mark would")
    return tuple(warnings)
