"""The labelling functions as a predictor, for comparison with models that learn from the text."""

from collections.abc import Sequence

from pipeline.schema import Document, ScoredSentence
from pipeline.weak.annotations import annotated_votes
from pipeline.weak.decide import decided, scored_sentence
from pipeline.weak.label_model import LabelModel, fit_label_model
from pipeline.weak.library import Library, load_library
from pipeline.weak.voting import apply, sentence_spans


class LabellingFunctionsBaseline:
    """Functions and label model; it marks no spans."""

    def __init__(self, library: Library | None = None) -> None:
        """Set up, with the functions that come with the package unless others are given."""
        self._library = library or load_library()
        self._model: LabelModel | None = None

    def fit(self, documents: Sequence[Document]) -> "LabellingFunctionsBaseline":
        """Learn from annotated documents how far each function is right."""
        self._model = fit_label_model(self._library, apply(self._library, documents), annotated_votes(documents))
        return self

    def predict(self, documents: Sequence[Document]) -> list[tuple[ScoredSentence, ...]]:
        """Decide the sentences of raw texts.

        Raises:
            ValueError: Before ``fit``.
        """
        if self._model is None:
            raise ValueError("fit comes before predict")
        raw = [Document(id=document.id, text=document.text) for document in documents]
        probabilities = self._model.probabilities(apply(self._library, raw))
        labels = decided(probabilities, self._model.thresholds)
        found, position = [], 0
        for document in raw:
            spans = sentence_spans(document)
            found.append(
                tuple(
                    scored_sentence(start, end, position + index, probabilities, labels)
                    for index, (start, end) in enumerate(spans)
                )
            )
            position += len(spans)
        return found
