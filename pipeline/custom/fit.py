"""Fine-tuning on a label set of one's own, with the trainer that the project's own model comes from."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from pipeline import __version__
from pipeline.custom.config import Settings
from pipeline.custom.texts import LabelledText
from pipeline.encoder.base import save_tokenizer
from pipeline.encoder.checkpoint import Spec, build_model
from pipeline.encoder.model import ConflictModel
from pipeline.encoder.targets import make_targets
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.encoder.train import Example, Progress, train
from pipeline.evaluate.calibration import choose_temperatures
from pipeline.evaluate.metrics import macro_f1, micro_f1
from pipeline.evaluate.thresholds import Answers, choose_thresholds, known_answers
from pipeline.extract.decide import Thresholds, calibrated, decisions
from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import FORMAT, ModelCard
from pipeline.extract.scoring import Backend, DocumentScores, score_document
from pipeline.labels import LabelSet
from pipeline.text.tokens import ArticleTokenizer, TokenizedDocument


class Texts:
    """Labelled texts, tokenised once, to learn from or to choose on."""

    def __init__(self, texts: Sequence[LabelledText], tokenizer: ArticleTokenizer, labels: LabelSet) -> None:
        """Tokenise."""
        self._texts = texts
        self._tokenizer = tokenizer
        self._labels = labels
        self.tokenized: list[TokenizedDocument] = [tokenizer.tokenize(text.text, text.sentences) for text in texts]
        self.answers: dict[str, Answers] = {
            layer.name: [answer for text in texts for answer in text.answers[layer.name]] for layer in labels.layers
        }

    def examples(self) -> list[Example]:
        """What the trainer learns from."""
        return [
            Example(tokenized, make_targets(text.answers, self._labels, len(text.sentences)))
            for text, tokenized in zip(self._texts, self.tokenized, strict=True)
        ]

    def scores(self, backend: Backend) -> list[DocumentScores]:
        """Scores of each text."""
        return [score_document(backend, self._tokenizer, found, self._labels) for found in self.tokenized]

    def figures(self, scores: Sequence[DocumentScores], thresholds: Thresholds) -> dict[str, float]:
        """Micro-F1 and macro-F1 of each layer of which any unit is annotated; the micro-F1 of one key is accuracy."""
        found = {}
        for layer in self._labels.layers:
            given, truth = known_answers(layer, scores, self.answers[layer.name])
            if len(truth):
                yes = decisions(layer, given, thresholds)
                counts = np.stack([(yes & truth).sum(0), (yes & ~truth).sum(0), (~yes & truth).sum(0)], axis=-1)
                found[f"{layer.name}_micro_f1"] = float(micro_f1(counts))
                found[f"{layer.name}_macro_f1"] = float(macro_f1(counts))
        return found

    def __call__(self, model: ConflictModel) -> tuple[float, dict[str, float]]:
        """The mean of all figures at the best thresholds, and the figures."""
        scores = self.scores(TorchBackend(model))
        figures = self.figures(scores, choose_thresholds(scores, self.answers, self._labels))
        return float(np.mean(list(figures.values()))), figures


def fit(
    learn: Sequence[LabelledText],
    choose: Sequence[LabelledText],
    labels: LabelSet,
    settings: Settings,
    folder: Path,
    report: Callable[[Progress], None] = lambda found: None,
    advance: Callable[[int], None] = lambda texts: None,
) -> tuple[ConflictModel, Spec, Texts]:
    """Train a model.

    Args:
        learn: Texts to learn from.
        choose: Texts that decide which epoch's weights are kept.
        labels: What is learned.
        settings: How.
        folder: Where ``tokenizer.json`` is written.
        report: Called after each epoch.
        advance: Called after each step with its number of texts.

    Returns:
        The model, what it is, and the tokenised texts of ``choose``.
    """
    torch.manual_seed(settings.train.seed)
    model, spec = build_model(settings.encoder, labels)
    path = save_tokenizer(settings.encoder.base, folder)
    tokenizer = ArticleTokenizer.from_file(path, spec.max_tokens, spec.overlap_tokens)
    texts = Texts(choose, tokenizer, labels)
    train(model, tokenizer, Texts(learn, tokenizer, labels).examples(), settings.train, texts, report, advance)
    return model, spec, texts


def decided_card(spec: Spec, scores: Sequence[DocumentScores], texts: Texts) -> ModelCard:
    """The card with temperatures and thresholds that suit these scores of these texts."""
    temperatures = choose_temperatures(scores, texts.answers, spec.labels)
    even = [calibrated(found, spec.labels, temperatures) for found in scores]
    thresholds = choose_thresholds(even, texts.answers, spec.labels)
    return ModelCard(
        FORMAT, spec.base, spec.labels, temperatures, thresholds, spec.max_tokens, spec.overlap_tokens, __version__
    )


def as_extractor(model: ConflictModel, spec: Spec, texts: Texts, tokenizer: Path) -> Extractor:
    """An extractor over a model just trained, its decisions chosen on ``texts``."""
    backend = TorchBackend(model)
    card = decided_card(spec, texts.scores(backend), texts)
    return Extractor(backend, ArticleTokenizer.from_file(tokenizer, spec.max_tokens, spec.overlap_tokens), card)
