"""Everything that learns on a benchmark, by name, and what it has in common."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

from benchmarks.field_baselines import Majority, TfidfLogreg
from benchmarks.field_data import Benchmark
from benchmarks.field_encoder import CHANGES, EncoderLearner
from benchmarks.field_rows import Row
from benchmarks.field_rules import RULES, KeywordRules
from benchmarks.field_shipped import READERS, ShippedModel


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


LEARNERS: Final[dict[str, Callable[[Benchmark, Path], Learner | None]]] = {
    "majority": lambda benchmark, _: Majority(),
    "keyword_rules": lambda benchmark, _: KeywordRules(RULES[benchmark.name]) if benchmark.name in RULES else None,
    "tfidf_logreg": lambda benchmark, _: TfidfLogreg(benchmark),
    "shipped_model": lambda benchmark, _: ShippedModel(benchmark) if benchmark.name in READERS else None,
    "encoder": EncoderLearner,
}
"""Makes each learner for a benchmark and a file of the encoder's settings, or None where it has nothing for it."""


def make_learners(
    benchmark: Benchmark, names: Sequence[str] = tuple(LEARNERS), settings: Path = CHANGES
) -> list[Learner]:
    """Those of the named learners that the benchmark has, in the order of `LEARNERS`."""
    made = [make(benchmark, settings) for name, make in LEARNERS.items() if name in names]
    return [learner for learner in made if learner is not None]
