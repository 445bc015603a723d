"""What runs of word pieces say of a label: a linear model beside the encoder.

Its log-odds are added to the encoder's. The encoder reads what a text means; counts of words know that a rare word was
seen in a few texts, and need no more than these to learn it (Wang and Manning 2012, "Baselines and Bigrams").
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from pipeline.errors import ModelError
from pipeline.extract.decide import SURE, Scores
from pipeline.extract.scoring import DocumentScores
from pipeline.labels import LabelSet, Layer
from pipeline.records import atomic_write
from pipeline.text.tokens import TokenizedDocument

NGRAMS: Final = "ngrams.npz"
"""The file of a model folder that has any."""

_NONE: Final = -1

Run = tuple[int, ...]
"""Ids of word pieces that follow each other within a sentence."""


class NgramLayer(NamedTuple):
    """A layer's linear model over TF-IDF weights: each run's row, and the word pieces of the longest.

    Shapes: idf [runs], weights [runs, keys], intercepts [keys].
    """

    runs: dict[Run, int]
    longest: int
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercepts: NDArray[np.float32]

    def log_odds(self, sentences: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
        """What a unit's words say of each key.

        Args:
            sentences: Ids of the word pieces of each of the unit's sentences. Shapes: [tokens].

        Returns:
            Shape: [keys].
        """
        counts = Counter(run for run in runs_of(sentences, self.longest) if run in self.runs)
        rows = [self.runs[run] for run in counts]
        found = (1.0 + np.log(np.fromiter(counts.values(), np.float64, len(counts)))) * self.idf[rows]
        length = float(np.sqrt(found @ found)) or 1.0
        return found / length @ self.weights[rows] + self.intercepts


Ngrams = Mapping[str, NgramLayer]
"""By layer, for those layers whose encoder is better with it."""


def runs_of(sentences: Sequence[NDArray[np.int64]], longest: int) -> list[Run]:
    """All runs of one to ``longest`` word pieces; none goes on into the next sentence."""
    return [
        tuple(ids[first : first + size])
        for ids in (found.tolist() for found in sentences)
        for size in range(1, longest + 1)
        for first in range(len(ids) - size + 1)
    ]


def units_of(layer: Layer, document: TokenizedDocument) -> list[list[NDArray[np.int64]]]:
    """The sentences of each unit of a layer: all of them, or each by itself."""
    return [document.token_ids] if layer.level == "document" else [[ids] for ids in document.token_ids]


def with_ngrams(
    scores: DocumentScores, document: TokenizedDocument, labels: LabelSet, ngrams: Ngrams
) -> DocumentScores:
    """The article's scores with what its words say added to their log-odds; those of tags are not changed."""
    if not ngrams:
        return scores
    layers = dict(scores.layers)
    for layer in labels.layers:
        if layer.name in ngrams:
            said = np.array([ngrams[layer.name].log_odds(unit) for unit in units_of(layer, document)])
            layers[layer.name] = with_log_odds(layer, layers[layer.name], said)
    return DocumentScores(layers, scores.tags)


def with_log_odds(layer: Layer, scores: Scores, said: Scores) -> Scores:
    """A layer's probabilities with something added to their logits. Shapes: [units, keys]."""
    kept = np.clip(scores.astype(np.float64), SURE, 1.0 - SURE)
    if layer.choice == "one":
        return softmax(np.log(kept) + said, axis=-1).astype(scores.dtype)
    return expit(np.log(kept / (1.0 - kept)) + said).astype(scores.dtype)


def write_ngrams(path: Path, ngrams: Ngrams) -> None:
    """Write the arrays of all layers into one file."""
    arrays: dict[str, Any] = {
        f"{name}.{part}": value
        for name, layer in ngrams.items()
        for part, value in (
            ("runs", _as_rows(sorted(layer.runs, key=layer.runs.__getitem__), layer.longest)),
            ("idf", layer.idf),
            ("weights", layer.weights),
            ("intercepts", layer.intercepts),
        )
    }
    with atomic_write(path) as handle:
        np.savez_compressed(handle, **arrays)


def read_ngrams(path: Path, labels: LabelSet, names: Collection[str]) -> dict[str, NgramLayer]:
    """Read what ``write_ngrams`` wrote.

    Args:
        path: The file.
        labels: Those that it must fit.
        names: Layers that must be in it; where there are none, no file is looked for.

    Raises:
        ModelError: When the file is missing or damaged, or is not of these layers.
    """
    if not names:
        return {}
    try:
        with path.open("rb") as handle, np.load(handle) as arrays:
            read = {name: _read_layer(arrays, name) for name in names}
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise ModelError(f"{path} cannot be read: {error}; train the model again") from error
    keys = {layer.name: len(layer.keys) for layer in labels.layers}
    for name, layer in read.items():
        if layer.weights.shape != (len(layer.runs), keys.get(name, 0)):
            raise ModelError(f"{path} does not fit the labels beside it ({name}); train the model again")
    return read


def _read_layer(arrays: Mapping[str, NDArray[np.float32]], name: str) -> NgramLayer:
    rows, idf, weights, intercepts = (arrays[f"{name}.{part}"] for part in ("runs", "idf", "weights", "intercepts"))
    runs = {tuple(piece for piece in row if piece != _NONE): place for place, row in enumerate(rows.tolist())}
    return NgramLayer(runs, rows.shape[1], idf, weights, intercepts)


def _as_rows(runs: Sequence[Run], longest: int) -> NDArray[np.int32]:
    rows = [run + (_NONE,) * (longest - len(run)) for run in runs]
    return np.array(rows, dtype=np.int32).reshape(len(rows), longest)
