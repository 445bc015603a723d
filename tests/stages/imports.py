"""The modules of ``pipeline`` that a module imports, read from the source without running it."""

import ast
from functools import cache
from pathlib import Path

from tests.conftest import ROOT


def module_files() -> list[Path]:
    """All source files of the package, relative to the project's root."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / "pipeline").rglob("*.py"))


@cache
def imported(path: Path) -> frozenset[Path]:
    """Files of the package that one file imports, with the ``__init__`` of each package on the way."""
    tree = ast.parse((ROOT / path).read_text())
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(found for name in names if name.startswith("pipeline") for found in _files(name))


def closure(path: Path) -> set[Path]:
    """All files of the package that a file needs, itself among them."""
    found, waiting = set(), {path}
    while waiting:
        current = waiting.pop()
        found.add(current)
        waiting |= imported(current) - found
    return found


def _files(name: str) -> list[Path]:
    path = Path(*name.split("."))
    return [candidate for candidate in (path.with_suffix(".py"), path / "__init__.py") if (ROOT / candidate).is_file()]
