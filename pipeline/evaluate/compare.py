"""How far two runs differ on the same annotated documents, and whether that is more than the luck of the sentences.

Both runs are scored on the same draws of the sentences, or incident records, within each document: a paired bootstrap
(Efron and Tibshirani 1993, chapters 13 and 16; for language processing Berg-Kirkpatrick, Burkett and Klein 2012). The
documents are not drawn again, and neither is the training: nothing here tells a better recipe from a lucky seed, or
speaks of other articles.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.headline import RECORD_HEADLINES, SENTENCE_HEADLINES, Figure
from pipeline.evaluate.intervals import Resampler
from pipeline.evaluate.metrics import Floats, rounded
from pipeline.evaluate.paired import PairedCounts, pair_records, pair_sentences
from pipeline.evaluate.runs import read_run, results_of
from pipeline.records import read_jsonl
from pipeline.schema import Document, DocumentResult

_NOISE_DIGITS = 12


class Difference(msgspec.Struct, frozen=True):
    """One figure of two runs: ratios 0 to 1, and ``difference`` is the second less the first.

    ``ci95``: the interval of the difference. ``p``: see `p_value`. ``p_holm``: adjusted for the number of figures.
    """

    first: float
    second: float
    difference: float
    ci95: tuple[float, float]
    p: float
    p_holm: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of 0."""
        return self.ci95[0] > 0 or self.ci95[1] < 0


class PartComparison(msgspec.Struct, frozen=True):
    """The differences on one part, by the figure's name in the metrics files (``events.micro_f1``)."""

    documents: int
    figures: dict[str, Difference]


class Comparison(msgspec.Struct, frozen=True):
    """Two runs, as they were named, compared on each part that was asked for."""

    first: str
    second: str
    resamples: int
    seed: int
    parts: dict[str, PartComparison]


def compare_runs(
    first: str, second: str, parts: Sequence[str], annotations: Path, resamples: int, seed: int
) -> Comparison:
    """Compare two runs' predictions.

    Args:
        first: Folder of predictions, or a git revision or DVC experiment of this project.
        second: Likewise.
        parts: Of ``gold`` and ``test``.
        annotations: Folder with the annotated documents of each part, ``<part>.jsonl``.
        resamples: Draws of the bootstrap.
        seed: Of the draws.

    Raises:
        InputError: When predictions cannot be read, or are not of exactly the annotated documents.
    """
    compared = {}
    for part in parts:
        documents = list(read_jsonl(annotations / f"{part}.jsonl", Document))
        one, other = (results_of(documents, read_run(name, part), f"{name} ({part})") for name in (first, second))
        compared[part] = PartComparison(len(documents), compare_results(documents, one, other, resamples, seed))
    return Comparison(first, second, resamples, seed, compared)


def compare_results(
    gold: Sequence[Document],
    first: Sequence[DocumentResult],
    second: Sequence[DocumentResult],
    resamples: int,
    seed: int,
) -> dict[str, Difference]:
    """The difference of each headline figure; all three are in the same order of documents.

    ``p_holm`` is adjusted over the figures returned, so over one part.
    """
    figures = {
        **_differences(pair_sentences(gold, first, second), SENTENCE_HEADLINES, resamples, seed),
        **_differences(pair_records(gold, first, second), RECORD_HEADLINES, resamples, seed),
    }
    adjusted = holm([figure.p for figure in figures.values()])
    return {
        name: msgspec.structs.replace(figure, p=rounded(figure.p), p_holm=rounded(p))
        for (name, figure), p in zip(figures.items(), adjusted, strict=True)
    }


def p_value(differences: Floats) -> float:
    """Two-sided p-value by turning the percentile interval round (Efron and Tibshirani 1993, section 15.4).

    Twice the share of draws in which the difference is 0 or has the rarer sign, at most 1. One is added to the number
    of those draws and to that of all, so that p is never 0 (Davison and Hinkley 1997, section 4.2). Up to that 1, p is
    below .05 where the 95 % interval excludes 0. It is not the share of draws beyond twice the difference found, which
    Berg-Kirkpatrick et al. (2012) count; the two agree where the draws lie evenly about the difference found.

    Args:
        differences: Of each draw. Shape: [resamples].
    """
    settled = np.round(differences, _NOISE_DIGITS)
    rarer = min(int(np.count_nonzero(settled <= 0)), int(np.count_nonzero(settled >= 0)))
    return min(1.0, 2 * (1 + rarer) / (1 + len(settled)))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted so that the chance of any false finding among them stays that of one (Holm 1979)."""
    raw = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(raw[order] * np.arange(len(raw), 0, -1)))
    return [float(p) for p in adjusted]


def _differences(
    paired: PairedCounts, figures: Mapping[str, Figure], resamples: int, seed: int
) -> dict[str, Difference]:
    """Each figure on all units and on every draw; ``p_holm`` is still to be adjusted."""
    resampler = Resampler(paired.document, resamples, seed)
    whole, drawn = (_both(paired, total) for total in (lambda values: values.sum(0), resampler.sums))
    found = {}
    for name, figure in figures.items():
        first, second = (float(figure(sums)) for sums in whole)
        drawn_first, drawn_second = (figure(sums) for sums in drawn)
        differences = drawn_second - drawn_first
        low, high = resampler.interval(differences)
        p = p_value(differences)
        found[name] = Difference(
            rounded(first), rounded(second), _signed(second - first), (_signed(low), _signed(high)), p, p
        )
    return found


def _both(paired: PairedCounts, total: Callable[[NDArray], NDArray]) -> list[dict[str, NDArray]]:
    return [{name: total(values) for name, values in run.items()} for run in (paired.first, paired.second)]


def _signed(value: float) -> float:
    """Rounded, and 0 without a sign."""
    return rounded(value) + 0.0
