"""The one thing that users call: articles in, results out."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ModelError
from pipeline.extract.decide import calibrated, decide, given_keys, named_scores
from pipeline.extract.folder import TOKENIZER, ModelCard, graphs_folder, read_card
from pipeline.extract.ngrams import NGRAMS, Ngrams, read_ngrams, with_ngrams
from pipeline.extract.onnx_backend import OnnxBackend
from pipeline.extract.scoring import CONTEXT_OVERLAP, CONTEXT_SENTENCES, Backend, DocumentScores, score_document
from pipeline.extract.words import by_words
from pipeline.incidents.casualties import with_casualties
from pipeline.incidents.records import build_incidents
from pipeline.labels import LABELS
from pipeline.schema import (
    Classification,
    ClassifiedSentence,
    Document,
    DocumentResult,
    Failure,
    ScoredSentence,
)
from pipeline.text.features import sentence_features
from pipeline.text.fingerprints import fingerprint
from pipeline.text.sentences import split_sentences
from pipeline.text.tokens import ArticleTokenizer, TokenizedDocument
from pipeline.text.windows import Window, plan_windows

DEFAULT_MODEL: Final = Path("models/onnx")
"""The folder that ``dvc repro`` exports to."""

CHUNKS_OF_BLOCK: Final = 4
"""Chunks of sentences that see each other (``CONTEXT_SENTENCES``) that are scored at once."""

EXTRACT: Final = "extract"
"""The step of a failure that shows while an article is extracted."""

_NO_NGRAMS: Final[Ngrams] = MappingProxyType({})


class Extractor:
    """Labels sentences, marks spans and builds incident records.

    >>> extractor = Extractor.from_pretrained("models/onnx")  # doctest: +SKIP
    >>> result = extractor.extract(Document(id="a", text="Two rockets hit Bria on Monday."))  # doctest: +SKIP
    """

    def __init__(
        self, backend: Backend, tokenizer: ArticleTokenizer, card: ModelCard, ngrams: Ngrams = _NO_NGRAMS
    ) -> None:
        """Put an extractor together; ``from_pretrained`` does it for a model folder."""
        self._backend = backend
        self._tokenizer = tokenizer
        self._ngrams = ngrams
        self.card = card
        self._knows_guidelines = card.labels == LABELS

    @classmethod
    def from_pretrained(cls, folder: str | Path = DEFAULT_MODEL, threads: int = 0) -> "Extractor":
        """Load a model folder.

        Args:
            folder: As ``dvc repro`` exports or packages it.
            threads: Threads within an operator; 0 leaves the choice to onnxruntime.

        Raises:
            ModelError: When the folder is missing, incomplete or of another format.
        """
        folder = graphs_folder(Path(folder))
        card = read_card(folder)
        tokenizer = ArticleTokenizer.from_file(folder / TOKENIZER, card.max_tokens, card.overlap_tokens)
        ngrams = read_ngrams(folder / NGRAMS, card.labels, card.ngrams)
        return cls(OnnxBackend(folder, threads), tokenizer, card, ngrams)

    def __call__(self, documents: Iterable[Document]) -> Iterator[DocumentResult | Failure]:
        """Extract from many articles, one result or failure each, in their order."""
        for document in documents:
            try:
                yield self.extract(document)
            except ModelError:
                raise
            except Exception as error:  # one bad article must not stop a million
                yield Failure(document.id, None, document.id, EXTRACT, type(error).__name__, str(error))

    def extract(self, document: Document) -> DocumentResult:
        """Extract from one article, nothing cut off.

        Offsets in the result count in ``document.text``. A warning says what a reader of the result should know
        about the text.
        """
        labelled = self.label_sentences(document.text, split_sentences(document.text))
        sentences = with_casualties(document.text, labelled)
        warnings = [] if sentences else ["the text has no sentence"]
        if document.published is None:
            warnings.append("no publication date: relative dates stay open")
        return DocumentResult(
            id=document.id,
            published=document.published,
            source=document.source,
            title=document.title,
            text_sha256=_checksum(document.text),
            sentences=_with_fingerprints(document.text, sentences),
            incidents=build_incidents(document.id, document.text, document.published, sentences),
            warnings=tuple(warnings),
        )

    def classify(self, document: Document, sentences: Sequence[tuple[int, int]] | None = None) -> Classification:
        """Give a text and its sentences the keys of the model's own label set, whatever that is; nothing is cut off.

        Args:
            document: Its id and text are read.
            sentences: (start, end) offsets of its sentences; by default the text is split.
        """
        spans = split_sentences(document.text) if sentences is None else list(sentences)
        labels: dict[str, list[tuple[str, ...]]] = {}
        scores: dict[str, list[dict[str, float]]] = {}
        layers = self.card.labels.layers
        if spans:
            tokenized = self._tokenizer.tokenize(document.text, spans)
            found = self._scores(tokenized)
            labels = {layer.name: given_keys(layer, found, self.card.thresholds) for layer in layers}
            scores = {layer.name: named_scores(layer, found) for layer in layers}
        whole = [layer.name for layer in layers if layer.level == "document" and spans]
        parts = [layer.name for layer in layers if layer.level == "sentence"]
        return Classification(
            id=document.id,
            text_sha256=_checksum(document.text),
            labels={name: labels[name][0] for name in whole},
            scores={name: scores[name][0] for name in whole},
            sentences=tuple(
                ClassifiedSentence(
                    start,
                    end,
                    {name: labels[name][index] for name in parts},
                    {name: scores[name][index] for name in parts},
                )
                for index, (start, end) in enumerate(spans)
                if parts
            ),
        )

    def label_sentences(self, text: str, sentences: list[tuple[int, int]]) -> tuple[ScoredSentence, ...]:
        """Score and decide sentences given by their (start, end) offsets; no sentences give no labels.

        Raises:
            ModelError: When the model has another label set than that of the guidelines.
        """
        if not self._knows_guidelines:
            names = ", ".join(layer.name for layer in self.card.labels.layers)
            raise ModelError(
                f"the model gives {names}, not the labels of the guidelines; use `conflict-events classify`"
            )
        if not sentences:
            return ()
        features = sentence_features(text, sentences)
        return tuple(
            labelled
            for block in plan_blocks(len(sentences))
            for labelled in self._label(text, sentences, block, features)
        )

    def _label(
        self, text: str, sentences: list[tuple[int, int]], block: Window, features: NDArray[np.float32]
    ) -> tuple[ScoredSentence, ...]:
        """Label a block's own sentences, read together with those around them."""
        read, kept = slice(block.start, block.end), slice(block.keep_start - block.start, block.keep_end - block.start)
        tokenized = self._tokenizer.tokenize(text, sentences[read])
        document = msgspec.structs.replace(tokenized, features=features[read])
        by_word, offsets = by_words(text, self._scores(document), tokenized.offsets)
        labelled = decide(
            by_word, sentences[read], offsets, self.card.labels, self.card.thresholds, self.card.transitions
        )
        return labelled[kept]

    def _scores(self, document: TokenizedDocument) -> DocumentScores:
        """The encoder's scores, what runs of words add, and the temperature of both."""
        labels = self.card.labels
        scores = score_document(self._backend, self._tokenizer, document, labels)
        return calibrated(with_ngrams(scores, document, labels, self._ngrams), labels, self.card.temperatures)


def plan_blocks(sentences: int) -> list[Window]:
    """The blocks in which a long article is scored, so that memory does not grow with the square of its length.

    Blocks begin and end where the sentence model's own chunks do (``CONTEXT_SENTENCES``), so that each sentence sees
    the same others as if the article were scored at once.
    """
    size = CONTEXT_SENTENCES + (CHUNKS_OF_BLOCK - 1) * (CONTEXT_SENTENCES - CONTEXT_OVERLAP)
    return plan_windows([sentences], size, CONTEXT_OVERLAP)


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _with_fingerprints(text: str, sentences: tuple[ScoredSentence, ...]) -> tuple[ScoredSentence, ...]:
    return tuple(
        msgspec.structs.replace(sentence, fingerprint=fingerprint(text[sentence.start : sentence.end]))
        for sentence in sentences
    )
