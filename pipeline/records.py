"""Reading and writing records: JSON, JSON lines and tables, every write atomic.

A file that is there is whole: it is written beside its place, flushed to disk and renamed.
"""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from pipeline.errors import InputError

T = TypeVar("T")


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """A binary file that appears at ``path`` whole, or not at all when the block raises."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        written.chmod(0o644)
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write one value as indented JSON with a line break at the end, so that diffs are readable."""
    with atomic_write(path) as handle:
        handle.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")


def read_json(path: Path, kind: type[T]) -> T:
    """Read one value.

    Raises:
        InputError: When the file is missing or does not hold a ``kind``.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        raise InputError(f"{path} is missing; `dvc repro` writes the pipeline's own files") from None
    except msgspec.DecodeError as error:
        raise InputError(f"{path}: {error}") from None


def write_jsonl(path: Path, rows: Iterable[Any]) -> int:
    """Write one JSON value a line; returns how many."""
    encoder = msgspec.json.Encoder()
    count = 0
    with atomic_write(path) as handle:
        for row in rows:
            handle.write(encoder.encode(row) + b"\n")
            count += 1
    return count


def read_jsonl(path: Path, kind: type[T]) -> Iterator[T]:
    """Read one value a line; empty lines are passed over.

    Raises:
        InputError: At a line that is not a ``kind``, with its number.
    """
    decoder = msgspec.json.Decoder(kind)
    try:
        with path.open("rb") as handle:
            for number, line in enumerate(handle, start=1):
                if line.strip():
                    try:
                        yield decoder.decode(line)
                    except msgspec.DecodeError as error:
                        raise InputError(f"{path}:{number}: {error}") from None
    except FileNotFoundError:
        raise InputError(f"{path} is missing; `dvc repro` writes the pipeline's own files") from None


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write comma-separated values in UTF-8 with a header.

    Raises:
        ValueError: At a row with a column that is not among ``columns``; an older table is kept.
    """
    with atomic_write(path) as handle:
        text = io.TextIOWrapper(handle, encoding="utf-8", newline="", write_through=True)
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        text.detach()
