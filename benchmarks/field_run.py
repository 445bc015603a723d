"""Running learners on a benchmark: what is learned from, what is scored, and the figures."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from benchmarks.field_data import Benchmark, normalised
from benchmarks.field_learners import Learner
from benchmarks.field_results import LearnerResult, Run, installed_versions
from benchmarks.field_rows import Row, group_folds
from benchmarks.machine import this_machine
from pipeline.evaluate.label_sets import label_figures, mean_figures

Labels = list[set[str]]
RESAMPLES: Final = 1000
BOOTSTRAP_SEED: Final = 17


class Part(NamedTuple):
    """Rows to learn from, rows to choose on (none: within ``train``), and rows to score."""

    train: list[Row]
    dev: list[Row]
    scored: list[Row]


class Plan(msgspec.Struct, frozen=True):
    """Which parts are run one after the other and scored together.

    ``seen`` says of each scored row, in the order of the parts, whether its text was learned from or chosen on.
    """

    scored_on: str
    parts: tuple[Part, ...]
    seen: tuple[bool, ...]

    @property
    def rows(self) -> list[Row]:
        """All scored rows."""
        return [row for part in self.parts for row in part.scored]


def make_plan(train: list[Row], dev: list[Row], test: list[Row], folds: int) -> Plan:
    """Score ``test``, choosing on ``dev``; without it score ``dev``, choosing within ``train``; or cross-validate."""
    if test:
        scored_on, parts = "test", [Part(train, dev, test)]
    elif dev:
        scored_on, parts = "dev", [Part(train, [], dev)]
    else:
        scored_on, parts = "cross-validation", [Part(own, [], left_out) for own, left_out in group_folds(train, folds)]
    return Plan(scored_on, tuple(parts), tuple(seen for part in parts for seen in _seen(part)))


def _seen(part: Part) -> list[bool]:
    known = {normalised(row.text) for row in (*part.train, *part.dev)}
    return [normalised(row.text) in known for row in part.scored]


class Scorer:
    """The figures of some of a plan's rows."""

    def __init__(self, benchmark: Benchmark, rows: Sequence[Row], places: Sequence[int]) -> None:
        """Keep what is right.

        Args:
            benchmark: Whose keys.
            rows: All scored rows.
            places: Which of them count.
        """
        self._places = places
        self._gold = [rows[place].labels for place in places]
        self._rest = (
            benchmark.keys,
            [rows[place].group for place in places],
            RESAMPLES,
            BOOTSTRAP_SEED,
            benchmark.macro_keys,
        )

    def figures(self, predicted: Labels) -> dict[str, Any]:
        """Of one run, which has all scored rows."""
        return label_figures(self._gold, [predicted[place] for place in self._places], *self._rest)

    def mean(self, runs: Sequence[Labels]) -> dict[str, Any]:
        """Over runs."""
        return mean_figures(self._gold, [[run[place] for place in self._places] for run in runs], *self._rest)


def run_learner(
    benchmark: Benchmark,
    learner: Learner,
    plan: Plan,
    seeds: Sequence[int],
    report: Callable[[LearnerResult], None],
) -> None:
    """Run a learner with each seed, or once if it has no use for one.

    Args:
        benchmark: Whose keys and figures.
        learner: What learns, anew on every part.
        plan: What is learned from and scored.
        seeds: Of the learner; the first stands in where it has no use for one.
        report: Called after each run with all that is known so far.
    """
    whole = Scorer(benchmark, plan.rows, range(len(plan.rows)))
    unseen = [place for place, seen in enumerate(plan.seen) if not seen]
    rest = Scorer(benchmark, plan.rows, unseen) if len(unseen) < len(plan.rows) else None
    runs: list[Run] = []
    predictions: list[Labels] = []
    for seed in seeds if learner.seeded else seeds[:1]:
        wall, processor = time.perf_counter(), time.process_time()
        predictions.append(_predict(benchmark, learner, plan, seed))
        runs.append(
            Run(
                seed=seed if learner.seeded else None,
                seconds=round(time.perf_counter() - wall, 1),
                processor_seconds=round(time.process_time() - processor, 1),
                figures=whole.figures(predictions[-1]),
                figures_without_overlap=rest.figures(predictions[-1]) if rest else None,
            )
        )
        report(
            LearnerResult(
                date=datetime.now(UTC).date().isoformat(),
                machine=this_machine(),
                versions=installed_versions(),
                runs=tuple(runs),
                mean=whole.mean(predictions),
                mean_without_overlap=rest.mean(predictions) if rest else None,
            )
        )


def _predict(benchmark: Benchmark, learner: Learner, plan: Plan, seed: int) -> Labels:
    """Labels of all scored rows; those that are neither right nor wrong in a row are taken out."""
    found: Labels = []
    for part in plan.parts:
        predictor = learner.fit(part.train, benchmark.keys, benchmark.single, seed, part.dev)
        predicted = predictor.predict(part.scored)
        found += [set(labels) - set(row.unscored) for labels, row in zip(predicted, part.scored, strict=True)]
    return found
