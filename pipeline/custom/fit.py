"""Fine-tuning on a label set of one's own, with the trainer that the project's own model comes from."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np
import torch

from pipeline.custom.config import Settings
from pipeline.custom.texts import LabelledText
from pipeline.encoder.base import save_tokenizer
from pipeline.encoder.checkpoint import Spec, build_model
from pipeline.encoder.model import ConflictModel
from pipeline.encoder.targets import make_targets
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.encoder.train import Example, Progress, train
from pipeline.evaluate.calibration import choose_temperatures
from pipeline.evaluate.fit_ngrams import fit_layers
from pipeline.evaluate.label_sets import matrix_figures
from pipeline.evaluate.thresholds import Answers, Goal, choose_thresholds, known_answers
from pipeline.extract.card import make_card
from pipeline.extract.decide import Thresholds, calibrated, decisions
from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import ModelCard
from pipeline.extract.ngrams import NgramLayer, Ngrams, with_ngrams
from pipeline.extract.scoring import Backend, DocumentScores, score_document
from pipeline.labels import LabelSet
from pipeline.text.tokens import ArticleTokenizer, TokenizedDocument


class Texts:
    """Labelled texts, tokenised once, to learn from or to choose on."""

    def __init__(
        self,
        texts: Sequence[LabelledText],
        tokenizer: ArticleTokenizer,
        labels: LabelSet,
        goal: Goal = "micro_f1",
    ) -> None:
        """Tokenise; ``goal`` is what thresholds, and with them an epoch, are chosen for."""
        self._texts = texts
        self._goal: Goal = goal
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

    def scores(self, backend: Backend, ngrams: Ngrams) -> list[DocumentScores]:
        """Scores of each text."""
        return [
            with_ngrams(score_document(backend, self._tokenizer, found, self._labels), found, self._labels, ngrams)
            for found in self.tokenized
        ]

    def figures(self, scores: Sequence[DocumentScores], thresholds: Thresholds) -> dict[str, float]:
        """All kinds of F1 of each layer of which anything is annotated; the micro-F1 of one key is accuracy."""
        found = {}
        for layer in self._labels.layers:
            given, truth, known = known_answers(layer, scores, self.answers[layer.name])
            if known.any():
                yes = decisions(layer, given, thresholds) & known
                reached = matrix_figures(truth.astype(np.int64), yes.astype(np.int64))
                found.update({f"{layer.name}_{name}": reached[name] for name in get_args(Goal)})
        return found

    def __call__(self, model: ConflictModel) -> tuple[float, dict[str, float]]:
        """The mean of the layers' figures that are the goal, at the best thresholds, and all figures."""
        scores = self.scores(TorchBackend(model), {})
        figures = self.figures(scores, self.thresholds(scores))
        return float(np.mean([figure for name, figure in figures.items() if name.endswith(self._goal)])), figures

    def thresholds(self, scores: Sequence[DocumentScores]) -> Thresholds:
        """Those that serve the goal best."""
        return choose_thresholds(scores, self.answers, self._labels, self._goal)


class Fitted(NamedTuple):
    """A model, what it is, what is added to it, and the tokenised texts that it was chosen on."""

    model: ConflictModel
    spec: Spec
    ngrams: dict[str, NgramLayer]
    texts: Texts


def fit(
    learn: Sequence[LabelledText],
    choose: Sequence[LabelledText],
    labels: LabelSet,
    settings: Settings,
    folder: Path,
    goal: Goal = "micro_f1",
    report: Callable[[Progress], None] = lambda found: None,
    advance: Callable[[int], None] = lambda texts: None,
) -> Fitted:
    """Train a model.

    Args:
        learn: Texts to learn from.
        choose: Texts that decide which epoch's weights are kept, and what runs of word pieces may add.
        labels: What is learned.
        settings: How.
        folder: Where ``tokenizer.json`` is written.
        goal: What thresholds and the epoch are chosen for.
        report: Called after each epoch.
        advance: Called after each step with its number of texts.
    """
    torch.manual_seed(settings.train.seed)
    model, spec = build_model(settings.encoder, labels)
    path = save_tokenizer(settings.encoder.base, folder)
    tokenizer = ArticleTokenizer.from_file(path, spec.max_tokens, spec.overlap_tokens)
    texts, examples = Texts(choose, tokenizer, labels, goal), Texts(learn, tokenizer, labels).examples()
    train(model, tokenizer, examples, settings.train, texts, report, advance)
    scores = texts.scores(TorchBackend(model), {})
    ngrams = fit_layers(labels, settings.export.ngrams, examples, texts.examples(), scores, texts.answers)
    return Fitted(model, spec, ngrams, texts)


def decided_card(fitted: Fitted, scores: Sequence[DocumentScores]) -> ModelCard:
    """The card with temperatures and thresholds that suit these scores of the texts that the model was chosen on."""
    labels, texts = fitted.spec.labels, fitted.texts
    temperatures = choose_temperatures(scores, texts.answers, labels)
    even = [calibrated(found, labels, temperatures) for found in scores]
    return make_card(fitted.spec, temperatures, texts.thresholds(even), fitted.ngrams)


def as_extractor(fitted: Fitted, tokenizer: Path) -> Extractor:
    """An extractor over a model just trained."""
    model, spec, ngrams, texts = fitted
    backend = TorchBackend(model)
    card = decided_card(fitted, texts.scores(backend, ngrams))
    return Extractor(backend, ArticleTokenizer.from_file(tokenizer, spec.max_tokens, spec.overlap_tokens), card, ngrams)
