"""What a run of a benchmark leaves behind: one JSON file, complete after every run of a learner."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.machine import Machine
from pipeline import __version__
from pipeline.records import read_json

_PACKAGES: Final = ("numpy", "scikit-learn", "torch", "transformers", "onnxruntime")


class File(msgspec.Struct, frozen=True):
    """A file that was read: its role (train, dev, test), its name with that of its folder, its checksum."""

    role: str
    name: str
    sha256: str


class Setting(msgspec.Struct, frozen=True):
    """What was measured, and on what.

    Attributes:
        benchmark: Its name.
        scored_on: ``test``, ``dev`` or ``cross-validation``.
        folds: Of the cross-validation.
        text_field: The field of MUC-4's files that was read.
        files: All that was read.
        primary: The figure that counts.
        others: Figures beside it.
        train_rows: Rows that may be learned from.
        scored_rows: Rows that are scored.
        scored_groups: Groups that these belong to.
        overlap: Scored rows whose text was learned from, too.
    """

    benchmark: str
    scored_on: str
    folds: int | None
    text_field: str
    files: tuple[File, ...]
    primary: str
    others: tuple[str, ...]
    train_rows: int
    scored_rows: int
    scored_groups: int
    overlap: int


class Run(msgspec.Struct, frozen=True):
    """One seed, or None for a learner that has none. ``processor_seconds`` are this process's, all threads together."""

    seed: int | None
    seconds: float
    processor_seconds: float
    figures: dict[str, Any]
    figures_without_overlap: dict[str, Any] | None


class LearnerResult(msgspec.Struct, frozen=True):
    """All runs of a learner. ``mean`` has mean, low and high of each figure over the runs, and ``ci95`` of the mean."""

    date: str
    machine: Machine
    versions: dict[str, str]
    runs: tuple[Run, ...]
    mean: dict[str, Any]
    mean_without_overlap: dict[str, Any] | None


class FieldResult(msgspec.Struct, frozen=True):
    """A benchmark's setting and its learners by name."""

    setting: Setting
    learners: dict[str, LearnerResult]


def earlier_learners(path: Path, setting: Setting) -> dict[str, LearnerResult]:
    """The learners in a file of the same setting; none where the file is missing or of another one."""
    if not path.is_file():
        return {}
    found = read_json(path, FieldResult)
    return found.learners if found.setting == setting else {}


def described_files(role: str, paths: Sequence[Path]) -> list[File]:
    """Files by name and checksum, without the folders that they lie in on this machine."""
    return [
        File(role, "/".join(path.resolve().parts[-2:]), hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths
    ]


def installed_versions() -> dict[str, str]:
    """This package's version and those of what learners are built on, where installed."""
    found = {"conflict-events": __version__}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
