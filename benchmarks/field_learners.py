"""Everything that learns on a benchmark, by name, and what it has in common."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from benchmarks.field_baselines import Majority, TfidfLogreg
from benchmarks.field_data import Benchmark
from benchmarks.field_encoder import EncoderLearner
from benchmarks.field_rows import Row
from benchmarks.field_rules import RULES, KeywordRules


class Predictor(Protocol):
    """What has learned."""

    def predict(self, rows: Sequence[Row]) -> list[tuple[str, ...]]:
        """The labels of each row."""


class Learner(Protocol):
    """What learns. One with ``seeded`` False learns the same whatever the seed."""

    name: str
    seeded: bool

    def fit(
        self, train: Sequence[Row], keys: Sequence[str], single: bool, seed: int, dev: Sequence[Row] = ()
    ) -> Predictor:
        """Learn from ``train``; thresholds and the like are chosen on ``dev``, or within ``train`` without one."""


LEARNERS: Final[dict[str, Callable[[Benchmark], Learner | None]]] = {
    "majority": lambda benchmark: Majority(),
    "keyword_rules": lambda benchmark: KeywordRules(RULES[benchmark.name]) if benchmark.name in RULES else None,
    "tfidf_logreg": TfidfLogreg,
    "encoder": EncoderLearner,
}
"""Makes each learner for a benchmark, or None where it has nothing for it."""


def make_learners(benchmark: Benchmark, names: Sequence[str] = tuple(LEARNERS)) -> list[Learner]:
    """Those of the named learners that the benchmark has, in the order of `LEARNERS`."""
    made = [make(benchmark) for name, make in LEARNERS.items() if name in names]
    return [learner for learner in made if learner is not None]
