"""Users' own articles: text files, folders of them, JSON lines.

Whatever cannot be read is a failure with its place; the rest goes on.
"""

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from pipeline.errors import InputError
from pipeline.schema import Document, Failure
from pipeline.text.sentences import metadata_date

STANDARD_INPUT: Final = "-"
_STAGE: Final = "read"


class ArticleRow(msgspec.Struct, frozen=True):
    """A line of JSON; fields other than these are passed over."""

    id: str
    text: str
    title: str | None = None
    published: str | None = None
    source: str | None = None
    url: str | None = None


def read_articles(inputs: Iterable[str]) -> Iterator[Document | Failure]:
    """Read articles from files and folders, in the order given; the files of a folder in the order of their names.

    Args:
        inputs: ``.txt`` files (id = name without ending), ``.jsonl`` files, folders of both, or ``-`` for JSON
            lines on standard input.

    Yields:
        Per article its document, or the failure that says why there is none. A second article with the id of an
        earlier one is a failure.

    Raises:
        InputError: Before anything is read, when an input does not exist or is of a kind that cannot be read.
    """
    paths = [path for name in inputs for path in _resolve(name)]
    seen: set[str] = set()
    return (_unless_seen(place, found, seen) for path in paths for place, found in _read(path))


class Place(msgspec.Struct, frozen=True):
    """Where an article stands: the input's name, and the line (from 1) where it has lines."""

    input: str
    line: int | None


def _resolve(name: str) -> list[Path]:
    path = Path(name)
    if name == STANDARD_INPUT or path.suffix in (".txt", ".jsonl"):
        if name != STANDARD_INPUT and not path.is_file():
            raise InputError(f"{name}: no such file")
        return [path]
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.suffix in (".txt", ".jsonl"))
        if not found:
            raise InputError(f"{name}: the folder holds no .txt or .jsonl file")
        return found
    if not path.exists():
        raise InputError(f"{name}: no such file or folder")
    raise InputError(f"{name}: expected a .txt or .jsonl file, a folder of them, or - for standard input")


def _read(path: Path) -> Iterator[tuple[Place, Document | Failure]]:
    if path == Path(STANDARD_INPUT):
        yield from _read_lines(STANDARD_INPUT, sys.stdin.buffer)
    elif path.suffix == ".txt":
        place = Place(str(path), None)
        yield place, _read_text(path, place)
    else:
        with path.open("rb") as handle:
            yield from _read_lines(str(path), handle)


def _read_text(path: Path, place: Place) -> Document | Failure:
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return _failure(place, path.stem, error)
    return _document(place, ArticleRow(id=path.stem, text=text))


def _read_lines(name: str, handle: BinaryIO) -> Iterator[tuple[Place, Document | Failure]]:
    decoder = msgspec.json.Decoder(ArticleRow)
    for number, line in enumerate(handle, start=1):
        if line.strip():
            place = Place(name, number)
            try:
                row = decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                yield place, _failure(place, None, error)
            else:
                yield place, _document(place, row)


def _document(place: Place, row: ArticleRow) -> Document | Failure:
    if not row.text.strip():
        return _failure(place, row.id, InputError("the article has no text"))
    published = row.published or metadata_date(row.text)
    try:
        day = date.fromisoformat(published[:10]).isoformat() if published else None
    except ValueError:
        return _failure(place, row.id, InputError(f"published {published!r} is no ISO date (YYYY-MM-DD)"))
    return Document(id=row.id, text=row.text, published=day, title=row.title, source=row.source, url=row.url)


def _unless_seen(place: Place, found: Document | Failure, seen: set[str]) -> Document | Failure:
    if isinstance(found, Failure):
        return found
    if found.id in seen:
        return _failure(place, found.id, InputError(f"an earlier article has the id {found.id!r}; give each its own"))
    seen.add(found.id)
    return found


def _failure(place: Place, identifier: str | None, error: Exception) -> Failure:
    return Failure(place.input, place.line, identifier, _STAGE, type(error).__name__, str(error))
