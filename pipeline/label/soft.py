"""Labels with their certainty, and what nobody knows: documents that are not annotated, or not in every layer.

A key that is in none of a sentence's mappings is unknown there: the loss leaves it out. It does not mean no. A layer
that a document does not have at all, as in a corpus of event types alone, is an empty mapping in each sentence.
"""

from pipeline.schema import Record


class SoftSentence(Record, frozen=True):
    """A sentence with the probability of each key that is known, 0 to 1; ``source`` is empty or has all its keys."""

    start: int
    end: int
    events: dict[str, float]
    responsibility: dict[str, float]
    source: dict[str, float]

    @property
    def labels(self) -> dict[str, dict[str, float]]:
        """Its keys in each layer of the label set, with their probabilities."""
        return {"events": self.events, "responsibility": self.responsibility, "source": self.source}


class SoftDocument(Record, frozen=True):
    """A text with such sentences and without spans; ``weight`` is that of its loss, an annotated report having 1."""

    id: str
    text: str
    weight: float
    sentences: tuple[SoftSentence, ...]
