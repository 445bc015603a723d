"""The shipped model on MUC-4 with nothing learned from it: its own labels, read as those of the benchmark.

MUC-4's answer keys count "the army said that X did it" as fact unless it is hedged; to the guidelines here that is
``accused``. Part of what the model gets wrong of the confidences can be this difference of definitions.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.field_data import Benchmark
from benchmarks.field_muc import names_pattern
from benchmarks.field_rows import Row
from pipeline.extract.extractor import DEFAULT_MODEL, Extractor
from pipeline.schema import Document, DocumentResult

CONFIDENCE_OF: Final = {"claimed": "CLAIMED", "stated": "FACT", "accused": "ALLEGED"}
"""Responsibility of a sentence (GUIDELINES section 2) as a confidence of MUC-4."""

TYPE_OF: Final = {
    "shelling_missile": "ATTACK",
    "air_drone_strike": "ATTACK",
    "armed_assault": "ATTACK",
    "explosive_device": "BOMBING",
    "abduction": "KIDNAPPING",
}
"""Type of an incident record (GUIDELINES section 1) as a type of MUC-4; clashes between forces are none."""


def confidence(row: Row, result: DocumentResult) -> tuple[str, ...]:
    """The likeliest of the three in any sentence that names the organization, or in any at all where none does."""
    pattern = names_pattern(row.names)
    naming = [found for found in result.sentences if pattern and pattern.search(row.text[found.start : found.end])]
    scores = {
        confidence: max(
            (sentence.responsibility_scores[key] for sentence in naming or result.sentences),
            default=0.0,
        )
        for key, confidence in CONFIDENCE_OF.items()
    }
    return (max(scores, key=lambda confidence: scores[confidence]),)


def incident_types(row: Row, result: DocumentResult) -> tuple[str, ...]:
    """The types of its records of single happenings."""
    found = {TYPE_OF.get(incident.type) for incident in result.incidents if not incident.aggregate}
    return tuple(kind for kind in dict.fromkeys(TYPE_OF.values()) if kind in found)


READERS: Final[dict[str, Callable[[Row, DocumentResult], tuple[str, ...]]]] = {
    "muc_types": incident_types,
    "muc_confidence": confidence,
}
"""How what the model says is read, for each benchmark that has labels like its own."""


class ShippedModel:
    """A model that learns nothing here, and its own predictor."""

    name = "shipped_model"
    seeded = False

    def __init__(self, benchmark: Benchmark, folder: Path = DEFAULT_MODEL) -> None:
        """Load the model.

        Raises:
            ModelError: When it is missing; ``dvc repro`` makes it.
        """
        self._read = READERS[benchmark.name]
        self._extractor = Extractor.from_pretrained(folder)

    def fit(
        self, train: Sequence[Row], keys: Sequence[str], single: bool, seed: int, dev: Sequence[Row] = ()
    ) -> "ShippedModel":
        """Nothing to learn."""
        return self

    def predict(self, rows: Sequence[Row]) -> list[tuple[str, ...]]:
        """Read each text once."""
        texts = dict.fromkeys(row.text for row in rows)
        results = {text: self._extractor.extract(Document(id="", text=text)) for text in texts}
        return [self._read(row, results[row.text]) for row in rows]
