"""The results of all benchmarks as one page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from benchmarks.field_data import BENCHMARKS, Benchmark
from benchmarks.field_results import FieldResult, LearnerResult
from pipeline.errors import InputError
from pipeline.evaluate.label_sets import FIGURES
from pipeline.records import atomic_write, read_json

PUBLISHED: Final = Path(__file__).with_name("field_published.yaml")
REMARKS: Final = Path(__file__).with_name("field_remarks.yaml")
"""What was tried on each benchmark, as somebody wrote it down."""

_DASH: Final = "–"
_NAMES: Final = {
    "majority": "majority",
    "keyword_rules": "keyword rules",
    "tfidf_logreg": "TF-IDF + logistic regression",
    "shipped_model": "this project's shipped model, nothing learned here",
    "encoder": "this project's encoder, fine-tuned",
}
_TITLES: Final = {
    "micro_f1": "micro-F1",
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "example_f1": "example-based F1",
}
_HEAD: Final = """\
# Measured against the field

Public benchmarks that nobody here wrote; `python -m benchmarks.field --help` says how to run them. All figures are
ratios, 0 to 1. A figure of ours is the mean over the seeds (lowest to highest in round brackets where there are
several), with the 95 % interval of a bootstrap over groups (documents, or equal texts) in square brackets. Figures in
italics are not ours. Only figures that were scored on the same part compare: "dev" and "cross-validation" are not the
official test parts that others report.
"""


class Published(msgspec.Struct, frozen=True):
    """A figure of others; ``source`` says where it is from."""

    system: str
    scored_on: str
    figures: dict[str, float]
    source: str


def write_table(folder: Path, output: Path) -> None:
    """Turn the JSON files of a folder into a page.

    Raises:
        InputError: When the folder has no results, or a file is not one.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise InputError(f"{folder} has no JSON files; `python -m benchmarks.field NAME … --json` writes them")
    page = as_markdown([read_json(path, FieldResult) for path in paths], read_published(), read_remarks())
    with atomic_write(output) as handle:
        handle.write(page.encode())


def read_published(path: Path = PUBLISHED) -> dict[str, list[Published]]:
    """The figures of others by benchmark.

    Raises:
        InputError: When a benchmark or a figure is not known.
    """
    try:
        found = msgspec.convert(yaml.safe_load(path.read_text()), dict[str, list[Published]])
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {error}") from None
    unknown = set(found) - set(BENCHMARKS) | {f for own in found.values() for row in own for f in row.figures} - {
        *FIGURES
    }
    if unknown:
        raise InputError(f"{path}: unknown benchmark or figure: {', '.join(sorted(unknown))}")
    return found


def read_remarks(path: Path = REMARKS) -> dict[str, str]:
    """Markdown by benchmark.

    Raises:
        InputError: When a benchmark is not known.
    """
    found = msgspec.convert(yaml.safe_load(path.read_text()), dict[str, str])
    if unknown := set(found) - set(BENCHMARKS):
        raise InputError(f"{path}: unknown benchmark: {', '.join(sorted(unknown))}")
    return found


def as_markdown(results: Sequence[FieldResult], published: dict[str, list[Published]], remarks: dict[str, str]) -> str:
    """The page: a table per benchmark, its primary figure first, and what there is to say of it."""
    sections = [
        "\n".join([_section(benchmark, own, published.get(name, [])), *([remarks[name]] if name in remarks else [])])
        for name, benchmark in BENCHMARKS.items()
        if (own := [result for result in results if result.setting.benchmark == name])
    ]
    return "\n".join([_HEAD, *sections])


def _section(benchmark: Benchmark, results: Sequence[FieldResult], published: Sequence[Published]) -> str:
    figures = (benchmark.primary, *benchmark.others)
    overlaps = any(result.setting.overlap for result in results)
    heads = ["", "scored on", f"**{_TITLES[benchmark.primary]}**", *(_TITLES[name] for name in benchmark.others)]
    heads += [f"{_TITLES[benchmark.primary]} without known texts"] * overlaps + ["seeds", "processor s"]
    rows = [
        [
            _NAMES.get(name, name) + (", recased" if result.setting.text_field == "text_truecased" else ""),
            result.setting.scored_on,
            *(_cell(learner.mean, figure, len(learner.runs)) for figure in figures),
            *[_cell(learner.mean_without_overlap or learner.mean, benchmark.primary, len(learner.runs))] * overlaps,
            ", ".join(str(run.seed) for run in learner.runs if run.seed is not None) or _DASH,
            f"{sum(run.processor_seconds for run in learner.runs) / len(learner.runs):.0f}",
        ]
        for result in results
        for name, learner in result.learners.items()
    ]
    rows += [
        [
            f"*{other.system}*",
            f"*{other.scored_on}; {other.source}*",
            *(f"*{other.figures[figure]:.3f}*" if figure in other.figures else _DASH for figure in figures),
            *[_DASH] * (overlaps + 2),
        ]
        for other in published
    ]
    table = [heads, ["---"] * len(heads), *rows]
    notes = "\n".join(_notes(benchmark, result) for result in results)
    return f"## {benchmark.title}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in table) + f"\n{notes}\n"


def _cell(mean: dict[str, Any], figure: str, runs: int) -> str:
    found = mean[figure]
    low, high = found["ci95"]
    spread = f" ({found['low']:.3f}–{found['high']:.3f})" if runs > 1 else ""
    return f"{found['mean']:.3f}{spread} [{low:.3f}, {high:.3f}]"


def _notes(benchmark: Benchmark, result: FieldResult) -> str:
    """What was measured, when and on what machine."""
    setting = result.setting
    files = ", ".join(f"{file.name} ({file.role})" for file in setting.files)
    macro = f" Macro-F1 is over {', '.join(benchmark.macro_keys)}." if benchmark.macro_keys else ""
    known = f" {setting.overlap} scored rows have a text that was learned from." if setting.overlap else ""
    folds = f" in {setting.folds} folds" if setting.folds else ""
    field = ", recased" if setting.text_field == "text_truecased" else ""
    return (
        f"- {files}{field}: {setting.train_rows} rows to learn from, "
        f"{setting.scored_rows} rows of {setting.scored_groups} groups scored{folds}.{macro}{known} "
        f"{'; '.join(dict.fromkeys(_circumstances(learner) for learner in result.learners.values()))}."
    )


def _circumstances(learner: LearnerResult) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in learner.versions.items())
    return f"{learner.date}, {learner.machine.processor}, {learner.machine.cores} cores; {versions}"
