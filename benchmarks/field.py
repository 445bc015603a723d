"""How learners do on public benchmarks that nobody here wrote.

    python -m benchmarks.field cameo --train cameo_class/train.tsv --json benchmarks/results/field/cameo.json
    python -m benchmarks.field table benchmarks/results/field --output benchmarks/RESULTS.md

The data are no part of this project; their paths are given. With ``--test``, learners learn from ``--train``, choose on
``--dev`` (without it on a part of ``--train``) and are scored on ``--test``. Without ``--test`` they are scored on
``--dev`` and choose within ``--train``. With neither, ``--train`` is cross-validated by groups (documents, or equal
texts). Learners that are in the JSON file already, from the same data, stay there unless they run again.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.field_data import BENCHMARKS, Benchmark, read_rows
from benchmarks.field_encoder import CHANGES
from benchmarks.field_learners import LEARNERS, make_learners
from benchmarks.field_results import FieldResult, LearnerResult, Setting, described_files, earlier_learners
from benchmarks.field_run import Plan, make_plan, run_learner
from benchmarks.field_table import write_table
from pipeline.errors import ConflictEventsError
from pipeline.records import write_json

_TEXT_FIELDS: Final = ("text", "text_truecased")
_ROLES: Final = ("train", "dev", "test")


def run(benchmark: Benchmark, options: argparse.Namespace) -> None:
    """Run the learners of one benchmark and write their figures after each run."""
    paths: dict[str, list[Path]] = {role: getattr(options, role) for role in _ROLES}
    rows = {role: read_rows(benchmark, own, options.text_field) if own else [] for role, own in paths.items()}
    plan = make_plan(rows["train"], rows["dev"], rows["test"], options.folds)
    setting = _setting(benchmark, plan, len(rows["train"]), paths, options)
    learners = earlier_learners(options.json, setting)
    _say(f"{benchmark.name}: {setting.train_rows} rows to learn from, {setting.scored_rows} scored ({plan.scored_on})")
    for learner in make_learners(benchmark, options.learners, options.settings):
        run_learner(benchmark, learner, plan, options.seeds, _writer(learner.name, setting, learners, options.json))


def _setting(
    benchmark: Benchmark, plan: Plan, train_rows: int, paths: dict[str, list[Path]], options: argparse.Namespace
) -> Setting:
    return Setting(
        benchmark=benchmark.name,
        scored_on=plan.scored_on,
        folds=options.folds if plan.scored_on == "cross-validation" else None,
        text_field=options.text_field,
        files=tuple(file for role, own in paths.items() for file in described_files(role, own)),
        primary=benchmark.primary,
        others=benchmark.others,
        train_rows=train_rows,
        scored_rows=len(plan.rows),
        scored_groups=len({row.group for row in plan.rows}),
        overlap=sum(plan.seen),
    )


def _writer(
    name: str, setting: Setting, learners: dict[str, LearnerResult], path: Path
) -> Callable[[LearnerResult], None]:
    def write(result: LearnerResult) -> None:
        learners[name] = result
        write_json(path, FieldResult(setting, {known: learners[known] for known in LEARNERS if known in learners}))
        last, value = result.runs[-1], result.runs[-1].figures[setting.primary]
        seed = "" if last.seed is None else f", seed {last.seed}"
        _say(f"{setting.benchmark}: {name}{seed}: {setting.primary} {value:.3f} in {last.seconds:.0f} s")

    return write


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line, as the module's docstring has it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="NAME")
    for benchmark in BENCHMARKS.values():
        command = commands.add_parser(benchmark.name, help=benchmark.title)
        command.add_argument("--train", type=Path, nargs="+", required=True, metavar="FILE")
        command.add_argument("--dev", type=Path, nargs="+", default=[], metavar="FILE")
        command.add_argument("--test", type=Path, nargs="+", default=[], metavar="FILE")
        command.add_argument("--json", type=Path, required=True, metavar="OUT", help="file to write the figures to")
        command.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15], help="of learners that draw")
        command.add_argument("--learners", nargs="+", choices=tuple(LEARNERS), default=tuple(LEARNERS))
        command.add_argument("--settings", type=Path, default=CHANGES, metavar="FILE", help="of the encoder's training")
        command.add_argument(
            "--folds", type=int, choices=range(2, 21), default=5, metavar="N", help="of the cross-validation"
        )
        if benchmark.has_truecased:
            command.add_argument("--text-field", choices=_TEXT_FIELDS, default="text", help="as released, or recased")
        command.set_defaults(text_field="text")
    table = commands.add_parser("table", help="a page of all results")
    table.add_argument("results", type=Path, metavar="RESULTS_DIR", help="folder of the JSON files")
    table.add_argument("--output", type=Path, required=True, metavar="FILE", help="Markdown file to write")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; a file that cannot be read ends it with a message and exit code 2."""
    options = parse(arguments)
    try:
        if options.command == "table":
            write_table(options.results, options.output)
        else:
            run(BENCHMARKS[options.command], options)
    except ConflictEventsError as error:
        _say(f"error: {error}")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
