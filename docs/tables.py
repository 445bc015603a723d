"""Tables of the documentation that are made from the code and the metrics, so that they say what those say.

A page has ``<!-- table: NAME -->`` where one of ``TABLES`` belongs, and ``<!-- fields: MODULE.CLASS -->`` where the
fields of a record belong: name and type are the code's, the meaning stands in ``fields.yaml``.
"""

import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from pipeline.incidents.crosswalk import (
    SCHEMES,
    Codes,
    Plover,
    Refinement,
    as_text,
    codes_of,
    load_crosswalk,
)
from pipeline.labels import EVENT_TYPES, INCIDENT_TYPES, RESPONSIBILITY, ROLES, SOURCES, VIOLENT_TYPES

_HERE: Final = Path(__file__).parent
_ROOT: Final = _HERE.parent
_GUIDELINES: Final = _ROOT / "data" / "gold" / "GUIDELINES.md"
_METRICS: Final = _ROOT / "metrics"
_MARK: Final = re.compile(r"^<!-- (table|fields): (\S+) -->$", re.MULTILINE)
_ROW: Final = re.compile(r"^\| `(\w+)` \| ([^|]*) \|", re.MULTILINE)
_NOTHING: Final = "–"
_PLAIN: Final = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): "null"}

Cells = Sequence[str]


class DocsError(Exception):
    """A page asks for a table that cannot be made: a meaning, an example or a row of the guidelines is missing."""


def fill(page: str) -> str:
    """A page with its tables in place of their marks.

    Raises:
        DocsError: When a mark is unknown or its table lacks something.
    """
    return _MARK.sub(lambda mark: _made(mark[1], mark[2]), page)


def _made(kind: str, name: str) -> str:
    if kind == "fields":
        return fields_of(record(name))
    if name not in TABLES:
        raise DocsError(f"no table {name!r}; there are {', '.join(TABLES)}")
    return TABLES[name]()


def record(path: str) -> type[msgspec.Struct]:
    """The class that ``package.module.Class`` names."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def fields_of(kind: type[msgspec.Struct]) -> str:
    """The fields of a record: name and type from the code, meaning from ``fields.yaml``.

    Raises:
        DocsError: When a field has no meaning there, or a meaning no field.
    """
    told, names = meanings().get(kind.__name__, {}), kind.__struct_fields__
    if set(told) != set(names):
        missing, unknown = sorted(set(names) - set(told)), sorted(set(told) - set(names))
        raise DocsError(f"docs/fields.yaml, {kind.__name__}: missing {missing}, no such field {unknown}")
    hints = typing.get_type_hints(kind)
    return _table(("field", "type", "meaning"), ((f"`{name}`", type_words(hints[name]), told[name]) for name in names))


@cache
def meanings() -> dict[str, dict[str, str]]:
    """Meaning of each field, by class and field."""
    return yaml.safe_load((_HERE / "fields.yaml").read_text(encoding="utf-8"))


def type_words(hint: Any) -> str:
    """A type in words; records are linked to the heading of their name."""
    parts = typing.get_args(hint)
    if isinstance(hint, types.UnionType):
        *others, last = (type_words(part) for part in parts)
        return f"{', '.join(others)} or {last}"
    if typing.get_origin(hint) is typing.Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if typing.get_origin(hint) in (tuple, list):
        return f"list of {type_words(parts[0])}"
    if typing.get_origin(hint) is dict:
        return f"mapping of {type_words(parts[0])} to {type_words(parts[1])}"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    return _PLAIN[hint]


@cache
def covered() -> dict[str, str]:
    """What each key of the label set covers, from the tables of the guidelines."""
    return {key: text.strip() for key, text in _ROW.findall(_GUIDELINES.read_text(encoding="utf-8"))}


@cache
def _examples() -> dict[str, dict[str, str]]:
    return yaml.safe_load((_HERE / "examples.yaml").read_text(encoding="utf-8"))


def _keys(layer: str, keys: Sequence[str]) -> str:
    missing = [key for key in keys if key not in covered() or key not in _examples()[layer]]
    if missing:
        raise DocsError(f"{missing}: each needs a row in {_GUIDELINES.name} and an example in docs/examples.yaml")
    rows = ((f"`{key}`", covered()[key], _examples()[layer][key]) for key in keys)
    return _table(("key", "what it covers", "example"), rows)


def _groups() -> str:
    """Which event types make a record, and which can have a culprit."""
    groups = {
        "makes an incident record": INCIDENT_TYPES,
        "makes a record and can have a culprit": VIOLENT_TYPES,
        "labels sentences only": tuple(key for key in EVENT_TYPES if key not in INCIDENT_TYPES),
    }
    return _table(("", "event types"), ((name, ", ".join(f"`{key}`" for key in keys)) for name, keys in groups.items()))


def _type_codes() -> str:
    codes = {key: as_text(codes_of(key)) for key in EVENT_TYPES}
    rows = ((f"`{key}`", *(codes[key][scheme] or _NOTHING for scheme in SCHEMES)) for key in EVENT_TYPES)
    return _table(("event type", "PLOVER", "CAMEO", "ACLED", "GTD"), rows)


def _finer_codes() -> str:
    rows = (
        (f"`{key}`", _condition(finer), *_finer(finer))
        for key, row in load_crosswalk().types.items()
        for finer in row.refine
    )
    return _table(("event type", "where", "PLOVER", "CAMEO", "ACLED"), rows)


def _condition(finer: Refinement) -> str:
    if finer.when.killed is not None:
        return f"at least {finer.when.killed} killed"
    return f"a weapon is named {', '.join(finer.when.weapons)}"


def _finer(finer: Refinement) -> Iterator[str]:
    yield _plover(finer.plover)
    yield from (code or _NOTHING for code in (finer.cameo, finer.acled))


def _plover(code: Plover | None) -> str:
    return as_text(Codes(plover=code))["plover"] or _NOTHING


def _responsibility_codes() -> str:
    rows = (
        (
            f"`{key}`",
            _plover(row.plover),
            row.cameo or _NOTHING,
            ", ".join(f"{n}={v}" for n, v in msgspec.to_builtins(row.gtd).items() if v is not None) or _NOTHING,
            "; ".join([row.muc4 or _NOTHING, *(f"by {s}: {c}" for s, c in row.muc4_by_source.items())]),
        )
        for key, row in load_crosswalk().responsibility.items()
    )
    return _table(("responsibility", "PLOVER", "CAMEO", "GTD", "MUC-4"), rows)


def _notes() -> str:
    table = load_crosswalk()
    return "\n".join(
        f"- `{key}`: {row.note}" for part in (table.types, table.responsibility) for key, row in part.items()
    )


def _codebooks() -> str:
    rows = ((s.name, s.codebook, s.version, s.section) for s in load_crosswalk().schemes.values())
    return _table(("", "codebook", "version", "where the codes stand"), rows)


def _figures(layer: str, keys: str, figure: str) -> str:
    """F1 and support of each key on gold and on test."""
    found = {part: _read(part)[layer][keys] for part in ("gold", "test")}
    rows = (
        (
            f"`{key}`",
            *(text for part in found.values() for text in (_ratio(part[key][figure], part[key]["support"]),)),
            *(str(part[key]["support"]) for part in found.values()),
        )
        for key in found["test"]
    )
    return _table(("", "gold F1", "test F1", "in gold", "in test"), rows)


def _slots() -> str:
    found = {part: _read(part)["incidents"] for part in ("gold", "test")}
    annotators = _read("data")["agreement"]["incidents"]
    rows = (
        (
            f"`{name}`",
            *(_ratio(part["slots"][name], part["slot_records"][name]) for part in found.values()),
            *(str(part["slot_records"][name]) for part in found.values()),
            _ratio(annotators["slots"][name], annotators["slot_records"][name]),
        )
        for name in found["test"]["slots"]
    )
    return _table(("field", "gold", "test", "records, gold", "records, test", "two annotators"), rows)


def _styles() -> str:
    return _table(
        ("outlet style", "reports", "event types micro-F1", "responsibility micro-F1"),
        (
            (
                style,
                str(row["documents"]),
                _interval(row, "events.micro_f1"),
                _interval(row, "responsibility.micro_f1"),
            )
            for style, row in _read("slices")["test"]["style"].items()
        ),
    )


def _read(name: str) -> dict[str, Any]:
    return json.loads((_METRICS / f"{name}.json").read_text(encoding="utf-8"))


def _ratio(value: float, support: int) -> str:
    return f"{value:.2f}".removeprefix("0") if support else _NOTHING


def _interval(row: dict[str, Any], figure: str) -> str:
    low, high = row["ci95"][figure]
    return f"{_ratio(row[figure], 1)} [{_ratio(low, 1)}, {_ratio(high, 1)}]"


def _table(head: Cells, rows: Iterable[Cells]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


TABLES: Final[dict[str, Callable[[], str]]] = {
    "events": lambda: _keys("events", EVENT_TYPES),
    "responsibility": lambda: _keys("responsibility", RESPONSIBILITY),
    "sources": lambda: _keys("sources", SOURCES),
    "roles": lambda: _keys("roles", ROLES),
    "groups": _groups,
    "type_codes": _type_codes,
    "finer_codes": _finer_codes,
    "responsibility_codes": _responsibility_codes,
    "notes": _notes,
    "codebooks": _codebooks,
    "event_figures": lambda: _figures("events", "per_label", "f1"),
    "responsibility_figures": lambda: _figures("responsibility", "per_label", "f1"),
    "source_figures": lambda: _figures("attribution_source", "per_label", "f1"),
    "role_figures": lambda: _figures("spans", "per_role", "overlap_f1"),
    "slot_figures": _slots,
    "style_figures": _styles,
}
"""What a page can ask for."""
