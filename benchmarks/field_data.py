"""The public benchmarks as rows: text in, set of labels out.

The files are no part of this project (news texts without a stated licence); they are read from the paths that are
given. Labels and what is positive follow the description that comes with the data.
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal

import msgspec

from benchmarks.field_muc import CONFIDENCES, INCIDENT_TYPES, read_muc_confidence, read_muc_types
from benchmarks.field_rows import Row, missing
from pipeline.errors import InputError

TextField = Literal["text", "text_truecased"]
CAMEO_CLASSES: Final = ("0", "1", "2", "3", "4")

INDIA_COLUMNS: Final = ("KILL", "ARREST", "ANY_ACTION", "FAIL", "FORCE")
"""In the order in which the texts bear them out: the third column is set wherever the first or second is, and on most
rows; the fourth is on sentences about a police that stood by; the fifth on shooting, and wherever police killed. The
description that comes with the data lists the last three as FAIL, FORCE, ANY_ACTION. No average depends on the names.
"""

INSIGHT_COLUMNS: Final = tuple(f"column_{number}" for number in range(1, 8))
"""Nothing that comes with the data names them."""

_BROKEN_MARKS: Final = {"(tm)": "’", "~": "‘", "oe": "“", "C/": "•", '"': "—", "": "”"}
_EURO: Final = "aEUR"


class Benchmark(msgspec.Struct, frozen=True):
    """One benchmark.

    ``keys`` are its labels, exactly one a row if ``single``. ``primary`` names the figure that counts, ``others`` those
    beside it; the macro average is over ``macro_keys``. ``read`` reads one file.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    single: bool
    primary: str
    others: tuple[str, ...]
    read: Callable[[Path, TextField], list[Row]]
    macro_keys: tuple[str, ...] | None = None
    has_truecased: bool = False


def read_rows(benchmark: Benchmark, paths: Sequence[Path], text_field: TextField = "text") -> list[Row]:
    """All rows of some files, in order.

    Raises:
        InputError: When a file is missing, has no rows or is not in the benchmark's format.
    """
    rows = [row for path in paths for row in benchmark.read(path, text_field)]
    if not rows:
        raise InputError(f"no rows in {', '.join(map(str, paths))}; expected labelled texts of {benchmark.title}")
    return rows


def normalised(text: str) -> str:
    """The text by which two rows are the same: letter case, white space and compatibility forms do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def read_class(path: Path, _: TextField) -> list[Row]:
    """Sentences with one class each: text, class."""
    lines = _read_tsv(path, columns=2)
    for number, (_text, label) in lines:
        if label not in CAMEO_CLASSES:
            raise InputError(f"{path}:{number}: class {label!r}; expected one of {', '.join(CAMEO_CLASSES)}")
    return [_row(path, number, text, (label,)) for number, (text, label) in lines]


def read_columns(path: Path, _: TextField, keys: tuple[str, ...], repair: Callable[[str], str] = str) -> list[Row]:
    """Texts with a 0/1 column for each of ``keys``."""
    rows = []
    for number, (text, *flags) in _read_tsv(path, columns=1 + len(keys)):
        if set(flags) - {"0", "1"}:
            raise InputError(f"{path}:{number}: columns {' '.join(flags)}; expected a 0 or 1 for each label")
        labels = tuple(key for key, flag in zip(keys, flags, strict=True) if flag == "1")
        rows.append(_row(path, number, repair(text), labels))
    return rows


def repair_marks(text: str) -> str:
    """Put quotation marks, dashes and bullets back.

    IndiaPoliceEvents had UTF-8 read as Windows-1252 and spelled in ASCII: ’ became â€™ became ``aEUR(tm)``; the last
    byte of ” has no letter there. Sentences were split before ``(tm)``, so that some begin with it.
    """
    head, *pieces = (f"{_EURO}{text}" if text.startswith("(tm)") else text).split(_EURO)
    return head + "".join(_mark(piece) for piece in pieces)


def _mark(piece: str) -> str:
    broken = next(sign for sign in _BROKEN_MARKS if piece.startswith(sign))
    return _BROKEN_MARKS[broken] + piece.removeprefix(broken)


def _read_tsv(path: Path, columns: int) -> list[tuple[int, list[str]]]:
    """The lines with their numbers.

    All files are written by CSV rules with tabs: a text that has a quotation mark is quoted and its marks are doubled.
    Marks that are left alone after that (InsightCrime, CAMEO) were alone in the source, and stay.
    """
    reader = csv.reader(io.StringIO(_decoded(path), newline=""), delimiter="\t", strict=True)
    rows = []
    try:
        for fields in reader:
            if len(fields) != columns:
                found = f"{len(fields)} columns separated by tabs"
                raise InputError(f"{path}:{reader.line_num}: {found}; expected {columns}: a text, then labels")
            rows.append((reader.line_num, [fields[0].strip(), *fields[1:]]))
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: not tab-separated values: {error}") from None
    return rows


def _decoded(path: Path) -> str:
    if not path.is_file():
        raise missing(path)
    content = path.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"{content[error.start]:#04x}"
        raise InputError(f"{path}:{line}: byte {byte} is not UTF-8; save the file as UTF-8") from None


def _row(path: Path, number: int, text: str, labels: Iterable[str]) -> Row:
    """A row whose group is its text: rows with the same one never stand on both sides of a split."""
    group = blake2b(normalised(text).encode(), digest_size=8).hexdigest()
    return Row(f"{path.stem}:{number}", group, text, tuple(labels))


BENCHMARKS: Final = {
    benchmark.name: benchmark
    for benchmark in (
        Benchmark("cameo", "CAMEO class", CAMEO_CLASSES, True, "macro_f1", ("accuracy",), read_class),
        Benchmark(
            "insightcrime",
            "InsightCrime documents",
            INSIGHT_COLUMNS,
            False,
            "example_f1",
            ("micro_f1", "macro_f1"),
            partial(read_columns, keys=INSIGHT_COLUMNS),
        ),
        Benchmark(
            "india_sentences",
            "IndiaPoliceEvents sentences",
            INDIA_COLUMNS,
            False,
            "macro_f1",
            ("example_f1", "micro_f1"),
            partial(read_columns, keys=INDIA_COLUMNS, repair=repair_marks),
        ),
        Benchmark(
            "muc_types",
            "MUC-4 incident types (B1)",
            INCIDENT_TYPES,
            False,
            "micro_f1",
            ("macro_f1", "example_f1"),
            read_muc_types,
            macro_keys=("ATTACK", "BOMBING", "KIDNAPPING"),
            has_truecased=True,
        ),
        Benchmark(
            "muc_confidence",
            "MUC-4 attribution confidence (B2)",
            CONFIDENCES,
            True,
            "macro_f1",
            ("accuracy",),
            read_muc_confidence,
            has_truecased=True,
        ),
    )
}
