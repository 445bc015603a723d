"""How good the model is, from the files that the stages ``evaluate`` and ``baselines`` write."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from pipeline.errors import InputError
from pipeline.records import read_json
from pipeline.report.words import plain

PARTS: Final = ("gold", "test")
"""The files of metrics: ``gold.json`` and ``test.json``."""

BASELINES: Final = "baselines.json"

FIGURES: Final = (
    ("events", "micro_f1", "Event types, micro-F1"),
    ("events", "macro_f1", "Event types, macro-F1"),
    ("responsibility", "micro_f1", "Responsibility, micro-F1"),
    ("responsibility", "macro_f1", "Responsibility, macro-F1"),
    ("attribution_source", "accuracy", "Whose word, accuracy"),
    ("attribution_source", "macro_f1", "Whose word, macro-F1"),
    ("spans", "overlap_f1", "Role spans, overlap-F1"),
    ("spans", "exact_f1", "Role spans, exact F1"),
    ("incidents", "f1", "Incident records, F1"),
)
"""Headline figures: section and key in the file, and name."""

_TABLES: Final = (
    ("events", "per_label", "Event types"),
    ("responsibility", "per_label", "Responsibility"),
    ("attribution_source", "per_label", "Whose word"),
    ("spans", "per_role", "Role spans (overlap)"),
)
_CONFUSIONS: Final = {"attribution": "Responsibility (strongest of the sentence)", "source": "Whose word"}


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A headline figure on one part of the data; ``low`` and ``high`` are its 95 % interval."""

    name: str
    part: str
    value: float
    low: float | None
    high: float | None
    baseline: float | None


class LabelRow(msgspec.Struct, frozen=True):
    """Scores of one label; ``support`` is how often the annotation has it."""

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


class LabelTable(msgspec.Struct, frozen=True):
    """Scores of each label of a task on one part, weakest first."""

    name: str
    part: str
    rows: tuple[LabelRow, ...]


class Confusion(msgspec.Struct, frozen=True):
    """How often sentences annotated as one key were decided as another."""

    name: str
    part: str
    cells: tuple[dict[str, Any], ...]


class ModelShown(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the page on the model."""

    documents: dict[str, int]
    figures: tuple[Figure, ...]
    tables: tuple[LabelTable, ...]
    slots: tuple[tuple[str, dict[str, float]], ...]
    calibration: tuple[dict[str, Any], ...]
    confusions: tuple[Confusion, ...]


def read_model(metrics: Path, plots: Path | None) -> ModelShown:
    """What the metrics and plots say of the model.

    Args:
        metrics: Folder with ``gold.json`` or ``test.json`` or both, and maybe ``baselines.json``.
        plots: Folder with the plots' rows of each part, for calibration and confusions.

    Raises:
        InputError: When the folder has no metrics, or a file is not one of metrics.
    """
    files = {part: metrics / f"{part}.json" for part in PARTS}
    found = {part: read_json(path, dict[str, Any]) for part, path in files.items() if path.is_file()}
    if not found:
        raise InputError(f"{metrics}: neither gold.json nor test.json; give the folder that the stage evaluate writes")
    path = metrics / BASELINES
    baselines = read_json(path, dict[str, Any]) if path.is_file() else {}
    try:
        return ModelShown(
            documents={part: scores["documents"] for part, scores in found.items()},
            figures=tuple(figure for part in found for figure in _figures(part, found[part], baselines)),
            tables=tuple(
                _table(name, part, found[part][section][key]) for section, key, name in _TABLES for part in found
            ),
            slots=_slots(found),
            calibration=tuple({"part": part, **row} for part in found for row in _rows(plots, part, "calibration")),
            confusions=tuple(
                Confusion(title, part, cells)
                for name, title in _CONFUSIONS.items()
                for part in found
                if (cells := _cells(_rows(plots, part, name)))
            ),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{metrics}: not the metrics that the stage evaluate writes: {error!r}") from None


def _figures(part: str, scores: Mapping[str, Any], baselines: Mapping[str, Any]) -> list[Figure]:
    figures = []
    for section, key, name in FIGURES:
        if section in scores:
            low, high = scores[section].get("ci95", {}).get(key, (None, None))
            others = [each.get(part, {}).get(section, {}).get(key) for each in baselines.values()]
            best = max((other for other in others if other is not None), default=None)
            value = scores[section][key]
            figures.append(Figure(name=name, part=part, value=value, low=low, high=high, baseline=best))
    return figures


def _table(name: str, part: str, labels: Mapping[str, Mapping[str, Any]]) -> LabelTable:
    rows = [
        LabelRow(
            plain(label),
            _score(scores, "precision"),
            _score(scores, "recall"),
            _score(scores, "f1"),
            scores["support"],
        )
        for label, scores in labels.items()
        if scores["support"]
    ]
    return LabelTable(name, part, tuple(sorted(rows, key=lambda row: row.f1 or 0.0)))


def _score(scores: Mapping[str, Any], key: str) -> float | None:
    """A score by its name, which spans have with ``overlap_`` before it."""
    value: float | None = scores.get(key, scores.get(f"overlap_{key}"))
    return value


def _slots(found: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, dict[str, float]], ...]:
    """Of each field of the incident records its score on each part."""
    slots = {part: scores.get("incidents", {}).get("slots", {}) for part, scores in found.items()}
    names = dict.fromkeys(name for part in slots.values() for name in part)
    return tuple((plain(name), {part: slots[part][name] for part in slots if name in slots[part]}) for name in names)


def _rows(plots: Path | None, part: str, name: str) -> list[dict[str, Any]]:
    path = plots / part / f"{name}.json" if plots else None
    return read_json(path, list[dict[str, Any]]) if path and path.is_file() else []


def _cells(rows: Sequence[Mapping[str, str]]) -> tuple[dict[str, Any], ...]:
    """Each pair of keys once, with its number and its share of the sentences annotated alike."""
    pairs = Counter((row["actual"], row["predicted"]) for row in rows)
    actual = Counter(row["actual"] for row in rows)
    return tuple(
        {"actual": plain(a), "predicted": plain(p), "count": count, "share": round(count / actual[a], 4)}
        for (a, p), count in sorted(pairs.items())
    )
