"""Fine-tuning the encoder on annotated articles."""

import copy
import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pipeline.config import TrainParams
from pipeline.encoder.loss import MultiTaskLoss
from pipeline.encoder.lower import LowerLayers
from pipeline.encoder.model import ArticleLogits, ConflictModel, transformer_layers
from pipeline.encoder.targets import Targets, answers_of, label_priors, make_targets, tags_of
from pipeline.label.soft import SoftDocument
from pipeline.schema import Document
from pipeline.text.batches import side_by_side
from pipeline.text.tokens import ArticleTokenizer, TokenizedDocument
from pipeline.text.windows import pooling_weights


class Example(msgspec.Struct, frozen=True):
    """An article with what the model should say of it."""

    document: TokenizedDocument
    targets: Targets


class Progress(msgspec.Struct, frozen=True):
    """What a finished epoch measured; ``dev`` are the validation's figures, ``score`` the one that decides."""

    epoch: int
    loss: float
    dev: dict[str, float]
    score: float
    best: bool


def make_examples(
    documents: Sequence[Document | SoftDocument], tokenizer: ArticleTokenizer, model: ConflictModel
) -> list[Example]:
    """Tokenise labelled articles and align the annotations of those that have any."""
    labels = model.article_context.labels
    examples = []
    for document in documents:
        tokenized = tokenizer.tokenize(document.text, [(s.start, s.end) for s in document.sentences])
        answers = answers_of(document.sentences, labels)
        tags = tags_of(document.sentences, tokenized.offsets, labels.roles) if isinstance(document, Document) else None
        weight = document.weight if isinstance(document, SoftDocument) else 1.0
        examples.append(Example(tokenized, make_targets(answers, labels, len(document.sentences), tags, weight)))
    return examples


def precision_type(name: str) -> torch.dtype:
    """The number format of ``train.precision``: bf16 where asked for, or with ``auto`` where it is fast."""
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if name == "bf16" or (name == "auto" and fast) else torch.float32


def train(
    model: ConflictModel,
    tokenizer: ArticleTokenizer,
    examples: Sequence[Example],
    params: TrainParams,
    validate: Callable[[ConflictModel], tuple[float, dict[str, float]]],
    report: Callable[[Progress], None],
    advance: Callable[[int], None] = lambda articles: None,
) -> list[Progress]:
    """Train until the last epoch or until ``dev`` stops getting better, and leave the best weights in the model.

    Args:
        model: Changed in place.
        tokenizer: The one that made the examples.
        examples: Training articles.
        params: Optimisation settings; ``seed`` fixes order and dropout.
        validate: Called after each epoch with the model in evaluation mode; returns the score that decides (higher
            is better) and figures for the log.
        report: Called after each epoch.
        advance: Called after each step with its number of articles.
    """
    random.seed(params.seed)
    torch.manual_seed(params.seed)
    lower = _freeze(model, 0 if params.frozen_from else params.frozen_layers)
    labels = model.article_context.labels
    model.start_from_priors(*label_priors([example.targets for example in examples], labels))
    loss_function = MultiTaskLoss(labels, params.task_weights, params.label_smoothing, params.span_weight)
    optimizer = torch.optim.AdamW(parameter_groups(model, params), fused=True)
    steps = len(list(_steps(examples, params.sentences_per_step)))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, _warmup_then_linear(params, steps * params.epochs))
    history: list[Progress] = []
    best_weights = copy.deepcopy(model.state_dict())
    for epoch in range(params.epochs):
        if epoch and epoch == params.frozen_from:
            lower = _freeze(model, params.frozen_layers)
        order = random.sample(list(examples), len(examples))
        loss = _run_epoch(model, tokenizer, order, params, lower, loss_function, optimizer, schedule, advance)
        model.eval()
        score, dev = validate(model)
        best = not history or score > max(found.score for found in history)
        history.append(Progress(epoch, loss, dev, score, best))
        report(history[-1])
        if best:
            best_weights = copy.deepcopy(model.state_dict())
        if epoch - max(found.epoch for found in history if found.best) >= params.patience:
            break
    model.load_state_dict(best_weights)
    model.eval()
    return history


def _freeze(model: ConflictModel, layers: int) -> LowerLayers | None:
    model.freeze_lower(layers)
    return LowerLayers(model.sentence_encoder, layers) if layers else None


def _run_epoch(
    model: ConflictModel,
    tokenizer: ArticleTokenizer,
    examples: Sequence[Example],
    params: TrainParams,
    lower: LowerLayers | None,
    loss_function: MultiTaskLoss,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    advance: Callable[[int], None],
) -> float:
    """One pass over the examples; returns the mean loss per step."""
    model.train()
    precision = precision_type(params.precision)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    total = 0.0
    steps = 0
    for step in _steps(examples, params.sentences_per_step):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision is torch.bfloat16):
            loss = _step_loss(model, tokenizer, step, loss_function, lower)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(trained, params.clip_norm, error_if_nonfinite=True)
        optimizer.step()
        schedule.step()
        total += loss.item()
        steps += 1
        advance(len(step))
    return total / steps


def _steps(examples: Sequence[Example], sentences: int) -> Iterator[list[Example]]:
    """Join articles until a step holds at least that many sentences; the last may hold fewer."""
    step: list[Example] = []
    for example in examples:
        step.append(example)
        if sum(found.targets.sentences for found in step) >= sentences:
            yield step
            step = []
    if step:
        yield step


def _step_loss(
    model: ConflictModel,
    tokenizer: ArticleTokenizer,
    step: Sequence[Example],
    loss_function: MultiTaskLoss,
    lower: LowerLayers | None = None,
) -> Tensor:
    """Mean over what the step's articles hold, each weighed by its own weight."""
    outputs = encode_articles(model, tokenizer, [example.document for example in step], lower)
    sentences = sum(example.targets.sentences for example in step)
    losses = [
        loss_function(logits, tag_logits, targets, targets.sentences / sentences, 1 / len(step))
        for targets, (logits, tag_logits) in zip([example.targets for example in step], outputs, strict=True)
    ]
    return torch.stack(losses).sum()


def encode_articles(
    model: ConflictModel,
    tokenizer: ArticleTokenizer,
    documents: Sequence[TokenizedDocument],
    lower: LowerLayers | None = None,
) -> Iterator[tuple[ArticleLogits, Tensor]]:
    """Run the whole model on articles.

    Args:
        model: To run.
        tokenizer: The one that made the documents.
        documents: Tokenised articles.
        lower: The model's frozen layers, which are then not run again on what they have seen.

    Yields:
        Per article its logits, and the role logits of all its tokens in order. Shape: [tokens, R * TAGS].
    """
    rows = [[tokenizer.window_ids(document, window) for window in document.windows] for document in documents]
    vectors, token_logits = _encode_windows(model, rows, tokenizer.padding_id, lower)
    position = 0
    for document in documents:
        found = range(position, position + len(document.windows))
        position = found.stop
        weights = torch.from_numpy(pooling_weights(document.windows, len(document.token_ids)))
        pooled = weights @ torch.stack([vectors[index] for index in found]).float()
        logits = model.article_context.logits(pooled, torch.from_numpy(document.features))
        yield (
            logits,
            torch.cat(
                [
                    token_logits[index][1 + window.keep_start - window.start :][: window.keep_end - window.keep_start]
                    + logits.role_shift[window.sentence]
                    for index, window in zip(found, document.windows, strict=True)
                ]
            ),
        )


def _encode_windows(
    model: ConflictModel, articles: Sequence[Sequence[NDArray[np.int64]]], padding: int, lower: LowerLayers | None
) -> tuple[list[Tensor], list[Tensor]]:
    """Vectors [D] and role logits [T, R * TAGS] of each window, in the order of the articles."""
    encoder = model.sentence_encoder
    rows = [torch.from_numpy(values) for values in side_by_side(articles, encoder.row_tokens, padding)]
    with lower.left_out(*rows) if lower else nullcontext():
        states = encoder.run_rows(*rows)[rows[1] > 0]
    lengths = [len(window) for windows in articles for window in windows]
    return [part.mean(0) for part in states.split(lengths)], list(encoder.tag(states).split(lengths))


def parameter_groups(model: ConflictModel, params: TrainParams) -> list[dict]:
    """Learning rates: the encoder's falls by ``layer_decay`` with each layer down, what is new has its own.

    Biases and normalisation weights are not decayed.
    """
    base = model.sentence_encoder.base
    layers = transformer_layers(base)
    rates = {id(parameter): params.learning_rate * params.layer_decay ** len(layers) for parameter in base.parameters()}
    for depth, layer in enumerate(layers):
        rate = params.learning_rate * params.layer_decay ** (len(layers) - 1 - depth)
        rates.update({id(parameter): rate for parameter in layer.parameters()})
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for parameter in model.parameters():
        if parameter.requires_grad:
            rate = rates.get(id(parameter), params.head_learning_rate)
            decay = params.weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": found, "lr": rate, "weight_decay": decay} for (rate, decay), found in groups.items()]


def _warmup_then_linear(params: TrainParams, steps: int) -> Callable[[int], float]:
    """Factor on the learning rates: up over ``warmup`` of all steps, then down to 0."""
    rising = max(1, math.ceil(params.warmup * steps))
    return lambda step: min((step + 1) / rising, max(0.0, (steps - step) / max(1, steps - rising)))
