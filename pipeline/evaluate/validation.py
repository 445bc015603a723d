"""What decides between models: their figures on ``dev``, on the annotated sentences."""

from collections.abc import Sequence

import numpy as np

from pipeline.encoder.model import ConflictModel
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.evaluate.metrics import headline_score
from pipeline.evaluate.thresholds import choose_thresholds
from pipeline.extract.decide import Thresholds, decide
from pipeline.extract.scoring import Backend, DocumentScores, score_document
from pipeline.extract.words import by_words
from pipeline.labels import LabelSet
from pipeline.schema import Document, ScoredSentence
from pipeline.text.tokens import ArticleTokenizer
from pipeline.text.transitions import Transitions

_DECIDING = ("events_micro_f1", "responsibility_micro_f1", "source_accuracy", "spans_overlap_f1")


class Validation:
    """Scores models on the same articles, tokenised once."""

    def __init__(
        self, documents: Sequence[Document], tokenizer: ArticleTokenizer, labels: LabelSet, transitions: Transitions
    ) -> None:
        """Tokenise the annotated articles to score on; ``transitions`` are those of the roles' tags."""
        self._documents = documents
        self._sentences = [[(s.start, s.end) for s in document.sentences] for document in documents]
        self._tokenizer = tokenizer
        self._labels = labels
        self._transitions = transitions
        annotated = [sentence.labels for document in documents for sentence in document.sentences]
        self.answers = {layer.name: [found[layer.name] for found in annotated] for layer in labels.layers}
        self._tokenized = [
            tokenizer.tokenize(document.text, sentences)
            for document, sentences in zip(documents, self._sentences, strict=True)
        ]

    def __call__(self, model: ConflictModel) -> tuple[float, dict[str, float]]:
        """The mean of the four headline figures at the best thresholds, and all figures by name."""
        scores = self.scores(TorchBackend(model))
        return self.figures(self.decisions(scores, self.thresholds(scores)))

    def scores(self, backend: Backend) -> list[DocumentScores]:
        """Scores of each article."""
        return [score_document(backend, self._tokenizer, document, self._labels) for document in self._tokenized]

    def thresholds(self, scores: Sequence[DocumentScores]) -> Thresholds:
        """The thresholds that suit these scores best."""
        return choose_thresholds(scores, self.answers, self._labels)

    def decisions(self, scores: Sequence[DocumentScores], thresholds: Thresholds) -> list[tuple[ScoredSentence, ...]]:
        """Decided sentences of each article."""
        by_word = [
            by_words(document.text, found, tokenized.offsets)
            for document, found, tokenized in zip(self._documents, scores, self._tokenized, strict=True)
        ]
        return [
            decide(found, sentences, words, self._labels, thresholds, self._transitions)
            for (found, words), sentences in zip(by_word, self._sentences, strict=True)
        ]

    def figures(self, decided: Sequence[tuple[ScoredSentence, ...]]) -> tuple[float, dict[str, float]]:
        """The score that decides, and all figures."""
        figures = headline_score(self._documents, decided)
        return float(np.mean([figures[name] for name in _DECIDING])), figures
