"""What every benchmark is turned into, and how its rows are split."""

import random
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import msgspec

from pipeline.errors import InputError


class Row(msgspec.Struct, frozen=True):
    """A text with the labels that somebody gave it.

    Attributes:
        id: Unique within its file.
        group: What the row belongs to, its document as a rule; the bootstrap and the folds keep a group together.
        text: What is read.
        labels: The right keys, exactly one where the benchmark is single-label.
        names: Names of the one that the labels are about (MUC-4 confidence: the organization); empty otherwise.
        unscored: Keys that are neither right nor wrong here.
    """

    id: str
    group: str
    text: str
    labels: tuple[str, ...]
    names: tuple[str, ...] = ()
    unscored: tuple[str, ...] = ()


def missing(path: Path) -> InputError:
    """The error for a file that is not there."""
    return InputError(
        f"{path} is missing; the benchmarks' data are no part of this project: get them from their publishers and give "
        "the path of your copy"
    )


def group_folds(rows: Sequence[Row], folds: int) -> list[tuple[list[Row], list[Row]]]:
    """What is learned from and what is left out, fold by fold; ``crc32(group) % folds`` says where a row is left out.

    Folds without rows are passed over.

    Raises:
        InputError: When all rows fall into one fold.
        ValueError: At fewer than two folds.
    """
    if folds < 2:
        raise ValueError(f"{folds} folds; expected 2 or more")
    place = [crc32(row.group.encode()) % folds for row in rows]
    if len(set(place)) < 2:
        groups = len({row.group for row in rows})
        raise InputError(f"{len(rows)} rows of {groups} groups cannot be split into {folds} folds; give more rows")
    return [
        (
            [row for row, own in zip(rows, place, strict=True) if own != fold],
            [row for row, own in zip(rows, place, strict=True) if own == fold],
        )
        for fold in sorted(set(place))
    ]


def inner_split(rows: Sequence[Row], seed: int, share: float = 0.15) -> tuple[list[Row], list[Row]]:
    """A part to learn from and a part to choose on, drawn by whole groups.

    Args:
        rows: What may be learned from.
        seed: Of the draw.
        share: Of the rows that the second part has at least, 0 to 1.

    Raises:
        InputError: When there are fewer than two groups.
    """
    groups = sorted({row.group for row in rows})
    if len(groups) < 2:
        raise InputError(f"{len(rows)} rows of {len(groups)} groups cannot be split in two; give more rows")
    random.Random(seed).shuffle(groups)
    size = dict.fromkeys(groups, 0)
    for row in rows:
        size[row.group] += 1
    held: set[str] = set()
    while len(held) < len(groups) - 1 and sum(size[group] for group in held) < share * len(rows):
        held.add(groups[len(held)])
    return [row for row in rows if row.group not in held], [row for row in rows if row.group in held]
