"""What a check found wrong in a data file: the place, the finding and the mend."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from pipeline.errors import CorpusError

Severity = Literal["error", "warning"]


class Problem(msgspec.Struct, frozen=True, order=True):
    """One finding; ``line`` counts from 1. A ``warning`` is worth a look but breaks no rule."""

    path: str
    line: int
    message: str
    mend: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.path}:{self.line}: {self.severity}: {self.message} ({self.mend})"


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    """Those findings that break a rule."""
    return [problem for problem in problems if problem.severity == "error"]


def refuse(problems: Iterable[Problem], where: Path, shown: int = 20) -> None:
    """Raise when there is any error among the findings.

    Args:
        problems: Findings of any severity.
        where: The file or folder that was checked, for the message.
        shown: How many findings the message spells out.

    Raises:
        CorpusError: With the first ``shown`` errors and the number of all.
    """
    errors = errors_of(problems)
    if errors:
        listed = "\n".join(f"  {problem}" for problem in errors[:shown])
        more = f"\n  … and {len(errors) - shown} more" if len(errors) > shown else ""
        raise CorpusError(f"{where}: {len(errors)} errors; run `conflict-events corpus check {where}`\n{listed}{more}")
