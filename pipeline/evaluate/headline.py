"""The headline figures by the names that ``dvc metrics diff`` shows, each as a function of summed counts."""

from collections.abc import Callable, Mapping
from typing import Final

from numpy.typing import NDArray

from pipeline.evaluate.metrics import Floats, macro_f1, micro_f1, recall
from pipeline.evaluate.records import RECORD_FIGURES

Figure = Callable[[Mapping[str, NDArray]], Floats]
"""A figure from counts summed over units, by block; leading dimensions, such as resamples, are kept."""

SENTENCE_HEADLINES: Final[dict[str, Figure]] = {
    "events.micro_f1": lambda sums: micro_f1(sums["events"]),
    "events.macro_f1": lambda sums: macro_f1(sums["events"]),
    "responsibility.micro_f1": lambda sums: micro_f1(sums["responsibility"]),
    "responsibility.macro_f1": lambda sums: macro_f1(sums["responsibility"]),
    "attribution_source.accuracy": lambda sums: recall(sums["attribution_source"].sum(-2)),
    "attribution_source.macro_f1": lambda sums: macro_f1(sums["attribution_source"]),
    "spans.overlap_f1": lambda sums: micro_f1(sums["spans_overlap"]),
    "spans.exact_f1": lambda sums: micro_f1(sums["spans_exact"]),
}
"""Figures of a ``Tally`` of sentences."""

RECORD_HEADLINES: Final[dict[str, Figure]] = {
    f"incidents.{name}": RECORD_FIGURES[name] for name in ("f1", "main_recall")
}
"""Figures of a ``RecordTally``."""
