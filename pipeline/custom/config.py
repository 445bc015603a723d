"""The file that says what is to be learned, from what, and how."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pipeline.config import EncoderParams, ExportParams, Params, Section, TrainParams
from pipeline.errors import InputError
from pipeline.evaluate.thresholds import Goal
from pipeline.labels import LabelSet, Layer

T = TypeVar("T", bound=Section)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label set, where its texts are, and what differs from ``params.yaml``.

    ``train`` and ``dev`` are files or folders of JSON lines or Parquet, from the config's folder; without ``dev`` a
    share of ``dev_share`` of the training texts takes its place. ``goal`` is what thresholds and the epoch are chosen
    for. ``params`` holds sections ``encoder``, ``train`` and
    ``export`` with the values to change.
    """

    layers: tuple[Layer, ...]
    train: str
    dev: str | None = None
    dev_share: float = 0.15
    goal: Goal = "micro_f1"
    params: dict[str, dict[str, Any]] = {}

    def __post_init__(self) -> None:
        """Refuse what cannot be learned from.

        Raises:
            ValueError: When layers cannot be told apart, the share of ``dev`` leaves nothing, or a section of
                ``params`` is unknown.
        """
        LabelSet(self.layers)
        if not 0 < self.dev_share < 1:
            raise ValueError(f"dev_share is {self.dev_share}, it must lie between 0 and 1")
        unknown = set(self.params) - {"encoder", "train", "export"}
        if unknown:
            raise ValueError(f"params has unknown sections {sorted(unknown)}; known are encoder, train, export")

    @property
    def labels(self) -> LabelSet:
        """The layers; spans are not marked."""
        return LabelSet(self.layers)


class Settings(msgspec.Struct, frozen=True):
    """How a model is built, trained and exported."""

    encoder: EncoderParams
    train: TrainParams
    export: ExportParams


def read_config(path: Path) -> Config:
    """Read a config.

    Raises:
        InputError: When it is missing or not as it should be.
    """
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=Config)
    except FileNotFoundError:
        raise InputError(f"{path} not found; docs/own-labels.md shows what it holds") from None
    except msgspec.MsgspecError as error:
        hint = "YAML reads yes, no and numbers as such: quote them where they are keys; docs/own-labels.md shows more"
        raise InputError(f"{path}: {error}; {hint}") from None


def settings(params: Params, changes: Mapping[str, Mapping[str, Any]]) -> Settings:
    """The project's settings with a config's changes; task weights are its own, or 1.

    Raises:
        InputError: When a changed value is unknown or of the wrong type.
    """
    train = msgspec.structs.replace(params.train, task_weights={})
    return Settings(
        _changed(params.encoder, changes.get("encoder", {}), "encoder"),
        _changed(train, changes.get("train", {}), "train"),
        _changed(params.export, changes.get("export", {}), "export"),
    )


def _changed(section: T, changes: Mapping[str, Any], name: str) -> T:
    try:
        return msgspec.convert({**msgspec.to_builtins(section), **changes}, type(section))
    except msgspec.ValidationError as error:
        raise InputError(f"params.{name}: {error}") from None
