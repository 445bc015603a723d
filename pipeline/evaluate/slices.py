"""The headline figures on parts of the sentences: where a model is weak, which one figure over all hides.

Slices of documents (article length, outlet style) hold all units of theirs. Slices of sentences (position, quotation,
ground) hold gold sentences only: a predicted sentence that answers to none belongs nowhere and is counted as
``spurious_sentences``. Slices of event types (frequency) hold all units, of those types only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.evaluate.headline import SENTENCE_HEADLINES, Figure
from pipeline.evaluate.intervals import Resampler
from pipeline.evaluate.metrics import macro_f1, micro_f1, recall, rounded
from pipeline.evaluate.tally import BLOCKS, Tally, tally
from pipeline.labels import EVENT_TYPES, STYLES
from pipeline.schema import Document, ScoredSentence
from pipeline.text.features import SENTENCE_FEATURES, sentence_features

LENGTHS: Final = ("short", "middle", "long")
POSITIONS: Final = ("first_fifth", "second_fifth", "third_fifth", "fourth_fifth", "last_fifth")
QUOTATIONS: Final = ("quoted", "unquoted")
GROUNDS: Final = ("foreground", "background")
FREQUENCIES: Final = ("rare", "middle", "frequent")

_NO_STYLE: Final = "unknown"
_QUOTED: Final = [SENTENCE_FEATURES.index(name) for name in ("begins_inside_quotation", "holds_quotation_mark")]
_POSITION_FIGURES: Final[dict[str, Figure]] = {"events.recall": lambda sums: recall(sums["events"].sum(-2))}
_FREQUENCY_FIGURES: Final[dict[str, Figure]] = {
    "events.micro_f1": lambda sums: micro_f1(sums["events"]),
    "events.macro_f1": lambda sums: macro_f1(sums["events"]),
}

Members = list[tuple[str, NDArray[np.int64]]]
"""Names of slices, each with the indexes of what belongs to it."""


def slice_metrics(
    gold: Sequence[Document],
    predicted: Sequence[Sequence[ScoredSentence]],
    train_events: Mapping[str, int],
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Figures by slice.

    Args:
        gold: Annotated documents.
        predicted: Predicted sentences of each document, in the same order.
        train_events: Sentences of ``train`` that have each event type.
        resamples: Bootstrap resamples of a slice's units within their documents.
        seed: Of the bootstrap.

    Returns:
        ``length`` (terciles of the documents by their number of sentences; ties go to the shorter), ``style``,
        ``position`` (fifths of an article; event recall only), ``quotation`` (``quoted``: within quotation marks or
        with some), ``ground`` (``foreground``: in a main incident record) and ``frequency`` (thirds of the event types
        by ``train_events``). In each, by the slice's name: ``documents`` or ``sentences`` of gold, or ``keys``, then
        the figures, and ``ci95`` with the [low, high] of each. Slices without a member are left out.
    """
    counted = tally(gold, predicted)
    figures = _Figures(counted, resamples, seed)
    gold_units = np.flatnonzero(counted.is_gold)
    return {
        "length": {name: figures.of_documents(chosen) for name, chosen in _lengths(gold)},
        "style": {name: figures.of_documents(chosen) for name, chosen in _styles(gold)},
        **{
            slicing.name: {
                name: figures.of_sentences(gold_units[chosen], slicing.figures)
                for name, chosen in _groups([name for d in gold for name in slicing.name_all(d)], slicing.slices)
            }
            for slicing in _SENTENCE_SLICINGS
        },
        "frequency": {name: figures.of_events(keys) for name, keys in _frequencies(train_events)},
        "spurious_sentences": len(counted.is_gold) - len(gold_units),
    }


class _Figures:
    """Figures, and their intervals, of some units of one tally."""

    def __init__(self, counted: Tally, resamples: int, seed: int) -> None:
        # Sums of draws are matrix products, which numpy does much faster in floats; the counts stay whole numbers.
        self._counts = {name: values.astype(np.float64) for name, values in counted.counts.items()}
        self._document = counted.document
        self._resamples = resamples
        self._seed = seed

    def of_documents(self, documents: NDArray[np.int64]) -> dict[str, Any]:
        units = np.flatnonzero(np.isin(self._document, documents))
        return {"documents": len(documents), **self._figures(SENTENCE_HEADLINES, self._counts, units)}

    def of_sentences(self, units: NDArray[np.int64], figures: Mapping[str, Figure]) -> dict[str, Any]:
        return {"sentences": len(units), **self._figures(figures, self._counts, units)}

    def of_events(self, keys: Sequence[str]) -> dict[str, Any]:
        columns = [BLOCKS["events"].index(key) for key in keys]
        counts = {"events": self._counts["events"][:, columns]}
        return {"keys": list(keys), **self._figures(_FREQUENCY_FIGURES, counts, np.arange(len(self._document)))}

    def _figures(
        self, figures: Mapping[str, Figure], counts: Mapping[str, NDArray], units: NDArray[np.int64]
    ) -> dict[str, Any]:
        resampler = Resampler(self._document[units], self._resamples, self._seed)
        sums = {name: values[units].sum(0) for name, values in counts.items()}
        drawn = {name: resampler.sums(values[units]) for name, values in counts.items()}
        return {
            **{name: rounded(figure(sums)) for name, figure in figures.items()},
            "ci95": {name: resampler.interval(figure(drawn)) for name, figure in figures.items()},
        }


def _lengths(gold: Sequence[Document]) -> Members:
    lengths = [len(document.sentences) for document in gold]
    bounds = np.quantile(lengths, (1 / 3, 2 / 3))
    return _groups([LENGTHS[index] for index in np.searchsorted(bounds, lengths)], LENGTHS)


def _styles(gold: Sequence[Document]) -> Members:
    return _groups([document.style or _NO_STYLE for document in gold], (*STYLES, _NO_STYLE))


def _frequencies(train_events: Mapping[str, int]) -> Iterator[tuple[str, list[str]]]:
    ordered = sorted(EVENT_TYPES, key=lambda key: train_events.get(key, 0))
    bounds = np.linspace(0, len(ordered), len(FREQUENCIES) + 1).round().astype(int)
    for name, start, end in zip(FREQUENCIES, bounds[:-1], bounds[1:], strict=True):
        yield name, ordered[start:end]


def _positions(document: Document) -> list[str]:
    count = len(document.sentences)
    return [POSITIONS[index * len(POSITIONS) // count] for index in range(count)]


def _quotations(document: Document) -> list[str]:
    features = sentence_features(document.text, [(s.start, s.end) for s in document.sentences])
    return [QUOTATIONS[0 if row.any() else 1] for row in features[:, _QUOTED]]


def _grounds(document: Document) -> list[str]:
    main = {index for record in document.incidents if record.main for index in record.sentences}
    return [GROUNDS[0 if index in main else 1] for index in range(len(document.sentences))]


class _SentenceSlicing(msgspec.Struct, frozen=True):
    """Slices that each sentence of a document is in one of, in their order, and the figures on them."""

    name: str
    slices: tuple[str, ...]
    name_all: Callable[[Document], list[str]]
    figures: Mapping[str, Figure]


_SENTENCE_SLICINGS: Final = (
    _SentenceSlicing("position", POSITIONS, _positions, _POSITION_FIGURES),
    _SentenceSlicing("quotation", QUOTATIONS, _quotations, SENTENCE_HEADLINES),
    _SentenceSlicing("ground", GROUNDS, _grounds, SENTENCE_HEADLINES),
)


def _groups(names: Sequence[str], order: Sequence[str]) -> Members:
    """Indexes of the members of each slice that has any, in the given order."""
    array = np.array(names)
    return [(name, np.flatnonzero(array == name)) for name in order if name in names]
