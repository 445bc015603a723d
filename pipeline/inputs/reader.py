"""Users' own articles: text files, JSON lines, CSV, Parquet, folders of them.

Whatever cannot be read is a failure with its place; the rest goes on.
"""

import os
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from pipeline.errors import InputError
from pipeline.inputs.arrow import load_pyarrow
from pipeline.inputs.article import Place, Read, failed
from pipeline.inputs.csv_rows import read_csv
from pipeline.inputs.ids import FirstPlaces
from pipeline.inputs.json_lines import read_gzip_file, read_json_file, read_json_lines
from pipeline.inputs.parquet_rows import read_parquet
from pipeline.inputs.texts import read_text
from pipeline.schema import Failure

STANDARD_INPUT: Final = "-"
_READERS: Final[dict[str, Callable[[Path], Iterator[Read]]]] = {
    ".txt": read_text,
    ".jsonl": read_json_file,
    ".jsonl.gz": read_gzip_file,
    ".csv": read_csv,
    ".parquet": read_parquet,
}
_KINDS: Final = ", ".join(_READERS)
_BROKEN: Final = (InputError, OSError, EOFError, UnicodeError, zlib.error)


def read_articles(inputs: Iterable[str]) -> Iterator[Read]:
    """Read articles from files and folders, in the order given; the files of a folder in the order of their names.

    Memory does not grow with the number of articles, apart from the names of the files of one folder.

    Args:
        inputs: ``.txt`` (id = name without ending), ``.jsonl``, ``.jsonl.gz``, ``.csv`` and ``.parquet`` files, folders
            of them, or ``-`` for JSON lines on standard input. Other files and the folders of a folder are passed over.

    Yields:
        Per article its document with warnings, or the failure that says why there is none. A second article with the
        id of an earlier one is a failure. A file that cannot be read, or not to its end, is one more failure.

    Raises:
        InputError: Before anything is read, when an input does not exist or is of a kind that cannot be read.
        ConflictEventsError: Likewise, when Parquet is to be read without pyarrow.
    """
    names = list(inputs)
    for name in names:
        _check(name)
    return _unless_seen(read for name in names for read in _read_input(name))


def _check(name: str) -> None:
    if name == STANDARD_INPUT:
        return
    path = Path(name)
    if not path.exists():
        raise InputError(f"{name}: no such file or folder")
    files = article_files(path) if path.is_dir() else [name]
    kinds = {kind for file in files if (kind := _kind(file))}
    if not kinds:
        found = "the folder holds no file of a kind that is read" if path.is_dir() else "not a kind that is read"
        raise InputError(f"{name}: {found}; expected {_KINDS}, a folder of them, or - for standard input")
    if ".parquet" in kinds:
        load_pyarrow()


def _kind(name: str) -> str | None:
    return next((ending for ending in _READERS if name.lower().endswith(ending)), None)


def article_files(folder: Path) -> list[str]:
    """Names, in order, of a folder's files of a kind that is read; it may hold a million."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if _kind(entry.name) and not entry.is_dir())


def _read_input(name: str) -> Iterator[Read]:
    path = Path(name)
    if name == STANDARD_INPUT:
        yield from _to_the_end(name, read_json_lines(name, sys.stdin.buffer))
    elif path.is_dir():
        for file in article_files(path):
            yield from _read_file(path / file)
    else:
        yield from _read_file(path)


def _read_file(path: Path) -> Iterator[Read]:
    return _to_the_end(str(path), _READERS[_kind(path.name) or ".txt"](path))


def _to_the_end(name: str, reads: Iterator[Read]) -> Iterator[Read]:
    """What is read, and a failure when reading breaks off."""
    line = None
    try:
        for read in reads:
            line = read.place.line
            yield read
    except _BROKEN as error:
        if line is None:
            yield failed(Place(name), error)
        else:
            reason = f"{type(error).__name__}: {error}"
            yield failed(Place(name), InputError(f"what follows line {line} cannot be read ({reason})"))


def _unless_seen(reads: Iterable[Read]) -> Iterator[Read]:
    with closing(FirstPlaces()) as places:
        for read in reads:
            if isinstance(read.found, Failure):
                yield read
                continue
            first = places.setdefault(read.found.id, read.place)
            if first is read.place:
                yield read
            else:
                line = "" if first.line is None else f", line {first.line}"
                message = f"an earlier article has the id {read.found.id!r}: {first.input}{line}; give each its own"
                yield failed(read.place, InputError(message), read.found.id)
