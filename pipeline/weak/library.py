"""All labelling functions: those of ``data/*.yaml`` and the few that are written in Python."""

from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import yaml
from numpy.typing import NDArray

from pipeline.weak.coded import CODED
from pipeline.weak.kinds import Function, Kind
from pipeline.weak.lexicon import LexiconError, Lexicons, compose, read_lexicons
from pipeline.weak.reading import LAYER_OF, Reading

DATA: Final = Path(str(files("pipeline.weak"))) / "data"
"""Where the lexicons and the functions stand that come with the package."""

_LEXICONS: Final = "lexicons.yaml"
_FUNCTIONS: Final = ("events.yaml", "responsibility.yaml", "source.yaml")


class Library:
    """Labelling functions with the lexicons that they use."""

    def __init__(self, functions: Sequence[Function], lexicons: Lexicons) -> None:
        """Put functions and lexicons together.

        Raises:
            LexiconError: When two functions have one name, or one has an unknown key or lexicon.
        """
        _check(functions, lexicons)
        self.functions = tuple(functions)
        self._lexicons = lexicons

    def of_key(self, key: str) -> tuple[Function, ...]:
        """The functions that vote on a key, in their order; the columns of its votes."""
        return tuple(function for function in self.functions if function.key == key)

    def fires(self, sentences: Sequence[str]) -> NDArray[np.bool_]:
        """Which functions fire on the sentences of one document. Shape: [sentences, functions].

        Those that read a sentence alone come first; what they say yes to are the cues that the others look for.
        """
        reading = Reading(sentences, self._lexicons)
        found = np.zeros((len(sentences), len(self.functions)), dtype=np.bool_)
        for looks_around in (False, True):
            if looks_around:
                reading.note_cues([self._cues(row) for row in found])
            for column, function in enumerate(self.functions):
                if function.looks_around == looks_around:
                    found[:, column] = [function.fires(reading, index) for index in range(len(sentences))]
        return found

    def _cues(self, fires: NDArray[np.bool_]) -> frozenset[str]:
        given = (self.functions[column] for column in np.flatnonzero(fires))
        return frozenset(function.key for function in given if function.vote and not function.hint)


def load_library(folder: Path = DATA) -> Library:
    """The library of a folder that holds ``lexicons.yaml``, ``events.yaml``, ``responsibility.yaml``, ``source.yaml``.

    Raises:
        LexiconError: When a file breaks the format; says where and what to do.
    """
    lexicons = read_lexicons(folder / _LEXICONS)
    written = [function for name in _FUNCTIONS for function in read_functions(folder / name)]
    return Library([*written, *CODED], lexicons)


def read_functions(path: Path) -> list[Function]:
    """Read a YAML file of labelling functions, a list in which each has ``name``, ``kind``, ``key`` and ``example``.

    Raises:
        LexiconError: At an entry that is not one of the kinds, with the file and the line.
    """
    root = compose(path)
    if not isinstance(root, yaml.SequenceNode):
        raise LexiconError(f"{path}: expected a list of functions, each beginning with `- name:`")
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [_function(path, node, row) for node, row in zip(root.value, rows, strict=True)]


def _function(path: Path, node: yaml.Node, row: Any) -> Function:
    try:
        return msgspec.convert(row, Kind)
    except msgspec.ValidationError as error:
        name = row.get("name", "without a name") if isinstance(row, dict) else row
        raise LexiconError(f"{path}:{node.start_mark.line + 1}: function {name!r}: {error}") from None


def _check(functions: Iterable[Function], lexicons: Lexicons) -> None:
    seen: set[str] = set()
    for function in functions:
        if function.name in seen:
            raise LexiconError(f"two labelling functions are named {function.name!r}; rename one of them")
        seen.add(function.name)
        if function.key not in LAYER_OF:
            known = ", ".join(LAYER_OF)
            raise LexiconError(f"function {function.name!r}: unknown key {function.key!r}; expected one of {known}")
        if unknown := function.lexicons() - lexicons.names:
            raise LexiconError(
                f"function {function.name!r}: no lexicon {', '.join(sorted(unknown))} in {_LEXICONS}; "
                "write it there or correct the name"
            )
