"""A tiny model learns eight sentences by heart, with and without context."""

from collections import Counter
from itertools import pairwise

import msgspec
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from transformers import DistilBertConfig, DistilBertModel

from pipeline.config import load_params
from pipeline.encoder.checkpoint import Spec, load_checkpoint, save_checkpoint
from pipeline.encoder.loss import MultiTaskLoss
from pipeline.encoder.lower import LowerLayers
from pipeline.encoder.model import ConflictModel, ContextConfig, transformer_layers
from pipeline.encoder.targets import label_priors
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.encoder.train import _step_loss, encode_articles, make_examples, train
from pipeline.errors import ModelError, ParamsError
from pipeline.evaluate.validation import Validation
from pipeline.extract.scoring import score_document
from pipeline.label.soft import SoftDocument, SoftSentence
from pipeline.label.training import learned_from, take_share
from pipeline.labels import LABELS
from pipeline.schema import Document
from pipeline.text.align import OUTSIDE, spans_to_tags
from tests.conftest import ROOT, tiny_model

QUICK = {
    "epochs": 60,
    "patience": 60,
    "learning_rate": 3e-3,
    "head_learning_rate": 1e-2,
    "clip_norm": 5.0,
    "label_smoothing": 0.0,
    "layer_decay": 1.0,
    "frozen_layers": 0,
}


PARAMS = load_params(ROOT / "params.yaml").train


def tiny_distilbert():
    """A base whose windows are not laid side by side."""
    torch.manual_seed(0)
    config = DistilBertConfig(
        vocab_size=200, dim=32, n_layers=2, n_heads=2, hidden_dim=64, dropout=0.0, attention_dropout=0.0
    )
    model = ConflictModel(DistilBertModel(config), LABELS, ContextConfig(1, 2, 4, 0.0)).eval()
    assert (model.sentence_encoder.row_tokens, tiny_model().sentence_encoder.row_tokens) == (0, 256)
    return model


def fit(report, tokenizer, context_layers=1, **changes):
    params = msgspec.structs.replace(PARAMS, **{**QUICK, **changes})
    model = tiny_model(context_layers=context_layers)
    validation = Validation([report], tokenizer, LABELS, {})
    examples = make_examples([report], tokenizer, model)
    history = train(model, tokenizer, examples, params, validation, lambda progress: None)
    return model, validation, history


@pytest.mark.parametrize("context_layers", [0, 1])
def test_eight_sentences_are_learnt_by_heart(report, tokenizer, context_layers):
    _, _, history = fit(report, tokenizer, context_layers)
    assert history[-1].loss < history[0].loss / 10
    assert max(found.score for found in history) > 0.97


def test_half_precision_learns_and_keeps_whole_weights(report, tokenizer):
    """bf16 autocast works on every processor, slowly where it has no instructions for it."""
    whole, half = (fit(report, tokenizer, precision=name, epochs=15) for name in ("fp32", "bf16"))
    assert half[2][-1].loss < half[2][0].loss / 2
    assert half[2][-1].loss == pytest.approx(whole[2][-1].loss, rel=0.2)
    assert half[2][-1].loss != whole[2][-1].loss
    assert {weight.dtype for weight in half[0].state_dict().values()} == {torch.float32}


def test_the_same_seed_gives_the_same_model(report, tokenizer):
    first, again = (fit(report, tokenizer, epochs=2)[0].state_dict() for _ in range(2))
    start = tiny_model().state_dict()
    assert all(torch.equal(first[name], again[name]) for name in start)
    assert not all(torch.equal(first[name], start[name]) for name in start)


def test_training_stops_when_dev_no_longer_gets_better(report, tokenizer):
    _, _, history = fit(report, tokenizer, learning_rate=0.0, head_learning_rate=0.0, patience=2)
    assert len(history) == 3


def test_the_best_weights_are_kept(report, tokenizer):
    model, validation, history = fit(report, tokenizer, epochs=12, learning_rate=2e-2)
    assert validation(model)[0] == pytest.approx(max(found.score for found in history))


def test_only_layers_above_the_frozen_ones_change(report, tokenizer):
    before = {name: weight.clone() for name, weight in tiny_model().state_dict().items()}
    model, _, _ = fit(report, tokenizer, epochs=1, frozen_layers=1, frozen_from=0)
    changed = {name for name, weight in model.state_dict().items() if not torch.equal(weight, before[name])}
    assert not any("embeddings" in name or "encoder.layer.0." in name for name in changed)
    assert any("encoder.layer.1." in name for name in changed)
    with pytest.raises(ModelError, match="the base encoder has 2 layers"):
        tiny_model().freeze_lower(3)


def test_layers_learn_until_they_are_frozen(report, tokenizer):
    params = msgspec.structs.replace(PARAMS, **{**QUICK, "epochs": 4, "frozen_layers": 1, "frozen_from": 2})
    model = tiny_model()
    layers = transformer_layers(model.sentence_encoder.base)
    weights = [[layer.output.dense.weight.detach().clone() for layer in layers]]

    def validate(model):
        weights.append([layer.output.dense.weight.detach().clone() for layer in layers])
        return float(len(weights)), {}

    train(model, tokenizer, make_examples([report], tokenizer, model), params, validate, lambda progress: None)
    changes = [[not torch.equal(*pair) for pair in zip(*step, strict=True)] for step in pairwise(weights)]
    assert changes == [[True, True], [True, True], [False, True], [False, True]]


@pytest.mark.parametrize("frozen_layers", [1, 2])
@pytest.mark.parametrize("make", [tiny_model, tiny_distilbert])
def test_frozen_layers_run_once_and_change_no_gradient(report, tokenizer, make, frozen_layers):
    model = make()
    model.freeze_lower(frozen_layers)
    layers = transformer_layers(model.sentence_encoder.base)
    lower = LowerLayers(model.sentence_encoder, frozen_layers)
    examples = make_examples([report], tokenizer, model)
    runs = Counter()
    for depth, layer in enumerate(layers):
        part = next(child for child in layer.modules() if isinstance(child, nn.LayerNorm))
        part.register_forward_hook(lambda *_, depth=depth: runs.update([depth]))
    loss_function = MultiTaskLoss(LABELS, PARAMS.task_weights, 0.0, 2.0)
    found = []
    for given in (None, lower, lower):
        runs.clear()
        model.train().zero_grad()
        loss = _step_loss(model, tokenizer, examples, loss_function, given)
        loss.backward()
        found.append({n: p.grad.clone() for n, p in model.named_parameters() if p.requires_grad})
        assert model.sentence_encoder.base.training
    assert not any(runs[depth] for depth in range(frozen_layers))
    assert all(runs[depth] for depth in range(frozen_layers, len(layers)))
    for gradients in found[1:]:
        for name, expected in found[0].items():
            torch.testing.assert_close(gradients[name], expected, rtol=0.01, atol=1e-4)


@pytest.mark.parametrize("make", [tiny_model, tiny_distilbert])
def test_training_and_inference_see_the_same(report, tokenizer, make):
    model = make()
    (example,) = make_examples([report], tokenizer, model)
    scores = score_document(TorchBackend(model), tokenizer, example.document, LABELS)
    with torch.no_grad():
        ((logits, tags),) = encode_articles(model, tokenizer, [example.document])
    np.testing.assert_allclose(scores.layers["events"], logits.layers["events"].sigmoid().numpy(), atol=1e-5)
    np.testing.assert_allclose(scores.layers["source"], logits.layers["source"].softmax(-1).numpy(), atol=1e-5)
    joined = np.concatenate(scores.tags)
    np.testing.assert_allclose(joined, tags.reshape(len(joined), -1, 3).softmax(-1).numpy(), atol=1e-5)


def test_context_is_seen_only_with_context_layers(report, tokenizer):
    spans = [(s.start, s.end) for s in report.sentences]
    whole = tokenizer.tokenize(report.text, spans)
    part = tokenizer.tokenize(report.text, spans[:3])
    for layers, same in ((0, True), (1, False)):
        backend = TorchBackend(tiny_model(context_layers=layers))
        events = [score_document(backend, tokenizer, found, LABELS).layers["events"][:3] for found in (whole, part)]
        assert np.allclose(*events, atol=1e-6) is same


def test_a_checkpoint_comes_back_as_it_was(report, tokenizer, tmp_path):
    model = tiny_model()
    spec = Spec("tiny", LABELS, ContextConfig(1, 2, 4, 0.0), 24, 6)
    save_checkpoint(tmp_path, model, spec)
    loaded, found = load_checkpoint(tmp_path)
    assert found == spec
    for name, weight in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight)
    save_checkpoint(tmp_path, tiny_model(context_layers=0), spec)
    with pytest.raises(ModelError, match="does not fit"):
        load_checkpoint(tmp_path)
    with pytest.raises(ModelError, match="run `dvc repro train`"):
        load_checkpoint(tmp_path / "nowhere")


def test_heads_start_at_the_labels_frequencies(report, tokenizer):
    model = tiny_model()
    (example,) = make_examples([report], tokenizer, model)
    model.start_from_priors(*label_priors([example.targets], LABELS))
    bias = model.article_context.heads["events"].bias[LABELS.keys("events").index("explosive_device")]
    assert bias.sigmoid().item() == pytest.approx((4 + 1) / (8 + 2))


def annotated_loss(logits, tag_logits, document, tokenized, weights):
    """The loss of an annotated article, written out: every key, source and tag is known."""
    bce = functional.binary_cross_entropy_with_logits
    events, responsibility = (
        torch.tensor([[float(key in getattr(s, layer)) for key in keys] for s in document.sentences])
        for layer, keys in (("events", LABELS.keys("events")), ("responsibility", LABELS.keys("responsibility")))
    )
    source = torch.tensor([LABELS.keys("source").index(s.source) for s in document.sentences])
    tags = torch.cat(
        [
            torch.from_numpy(spans_to_tags(sentence.spans, offsets, LABELS.roles))
            for sentence, offsets in zip(document.sentences, tokenized.offsets, strict=True)
        ]
    )
    spans = functional.cross_entropy(
        tag_logits.reshape(-1, 3), tags.reshape(-1), weight=torch.tensor([1.0, 2.0, 2.0]), reduction="sum"
    )
    found = logits.layers
    return (
        weights["events"] * bce(found["events"], events, reduction="none").sum(-1).mean()
        + weights["responsibility"] * bce(found["responsibility"], responsibility, reduction="none").sum(-1).mean()
        + weights["source"] * functional.cross_entropy(found["source"], source, label_smoothing=0.05)
    ) + weights["spans"] * spans / len(tags)


def test_masks_change_no_annotated_articles_loss_and_gradient(report, tokenizer):
    params = load_params(ROOT / "params.yaml").train
    gradients = []
    for written_out in (True, False):
        model = tiny_model()
        (example,) = make_examples([report], tokenizer, model)
        ((logits, tags),) = encode_articles(model, tokenizer, [example.document])
        if written_out:
            loss = annotated_loss(logits, tags, report, example.document, params.task_weights)
        else:
            loss = MultiTaskLoss(LABELS, params.task_weights, 0.05, 2.0)(logits, tags, example.targets, 1.0, 1.0)
        loss.backward()
        gradients.append([loss, *(p.grad for p in model.parameters() if p.grad is not None)])
    assert len(gradients[0]) > 20
    for first, second in zip(*gradients, strict=True):
        torch.testing.assert_close(first, second, rtol=1e-5, atol=1e-7)


def soft(report, weight=1.0, **layers):
    """The report as labels that somebody else gave, certain ones, in no layer but these."""
    known = {
        "events": lambda s: {key: float(key in s.events) for key in LABELS.keys("events")},
        "responsibility": lambda s: {key: float(key in s.responsibility) for key in LABELS.keys("responsibility")},
        "source": lambda s: {key: float(key == s.source) for key in LABELS.keys("source")},
    }
    sentences = tuple(
        SoftSentence(s.start, s.end, *(known[layer](s) if layers.get(layer) else {} for layer in known))
        for s in report.sentences
    )
    return SoftDocument(report.id, report.text, weight, sentences)


def loss_of(document, tokenizer, smoothing=0.0):
    model = tiny_model()
    (example,) = make_examples([document], tokenizer, model)
    ((logits, tags),) = encode_articles(model, tokenizer, [example.document])
    weights = load_params(ROOT / "params.yaml").train.task_weights
    return model, MultiTaskLoss(LABELS, weights, smoothing, 2.0)(logits, tags, example.targets, 1.0, 1.0)


def test_certain_soft_labels_weigh_as_much_as_annotations(report, tokenizer):
    bare = msgspec.structs.replace(
        report, sentences=tuple(msgspec.structs.replace(s, spans=()) for s in report.sentences)
    )
    _, given = loss_of(soft(report, events=True, responsibility=True, source=True), tokenizer)
    model = tiny_model()
    (example,) = make_examples([bare], tokenizer, model)
    ((logits, tags),) = encode_articles(model, tokenizer, [example.document])
    weights = load_params(ROOT / "params.yaml").train.task_weights
    annotations = msgspec.structs.replace(example.targets, tags=None)
    loss = MultiTaskLoss(LABELS, weights, 0.0, 2.0)(logits, tags, annotations, 1.0, 1.0)
    assert given.item() == pytest.approx(loss.item(), rel=1e-6)


def test_a_weight_of_no_layer_is_refused():
    with pytest.raises(ParamsError, match="names 'event'; the layers are events, responsibility, source, and spans"):
        MultiTaskLoss(LABELS, {"event": 1.0}, 0.0, 2.0)


def test_a_layer_that_a_document_lacks_is_not_learnt_from(report, tokenizer):
    model, loss = loss_of(soft(report, events=True), tokenizer, smoothing=0.1)
    loss.backward()
    heads = model.article_context.heads
    assert heads["events"].weight.grad.abs().sum() > 0
    for head in (heads["responsibility"], heads["source"], model.sentence_encoder.role_head):
        assert head.weight.grad is None or not head.weight.grad.any()


def test_documents_with_event_types_alone_train(report, tokenizer):
    """They teach event types, and the others keep what annotated documents say of them."""
    params = msgspec.structs.replace(PARAMS, **{**QUICK, "epochs": 30})
    model = tiny_model()
    examples = make_examples([soft(report, events=True)], tokenizer, model)
    history = train(
        model, tokenizer, examples, params, Validation([report], tokenizer, LABELS, {}), lambda progress: None
    )
    assert history[-1].dev["events_micro_f1"] > 0.9
    assert history[-1].loss < history[0].loss / 4


def test_priors_leave_out_what_is_unknown(report, tokenizer):
    model = tiny_model()
    half = soft(report, events=True)
    unknown = msgspec.structs.replace(half, sentences=(*half.sentences[:4], *soft(report).sentences[4:]))
    (example,) = make_examples([unknown], tokenizer, model)
    priors, _ = label_priors([example.targets], LABELS)
    column = LABELS.keys("events").index("explosive_device")
    assert priors["events"][column].sigmoid().item() == pytest.approx((4 + 1) / (4 + 2))
    assert priors["source"].exp().tolist() == pytest.approx([1 / 7] * 7)


def test_roles_that_nobody_marked_are_outside_everywhere(report, tokenizer):
    model = tiny_model()
    examples = make_examples([soft(report, events=True)], tokenizer, model)
    params = msgspec.structs.replace(PARAMS, **{**QUICK, "epochs": 5})
    train(model, tokenizer, examples, params, Validation([report], tokenizer, LABELS, {}), lambda progress: None)
    tags = np.concatenate(score_document(TorchBackend(model), tokenizer, examples[0].document, LABELS).tags)
    assert len(tags) > 20
    assert (tags.argmax(axis=-1) == OUTSIDE).all()


def test_a_documents_weight_scales_its_gradient(report, tokenizer):
    params = load_params(ROOT / "params.yaml").train
    losses = []
    for weight in (1.0, 0.25):
        model = tiny_model()
        examples = make_examples([report, soft(report, weight, events=True)], tokenizer, model)
        losses.append(_step_loss(model, tokenizer, examples, MultiTaskLoss(LABELS, params.task_weights, 0.0, 2.0)))
    alone = loss_of(soft(report, events=True), tokenizer)[1]
    assert (losses[0] - losses[1]).item() == pytest.approx(0.75 * alone.item() / 2, rel=1e-4)


def test_soft_labels_take_the_place_of_annotations(report):
    other = msgspec.structs.replace(report, id="other")
    replaced = soft(report)
    assert learned_from([report, other], [replaced]) == [other, replaced]
    assert learned_from([report, other], []) == [report, other]


def test_smaller_shares_lie_within_larger_ones_and_keep_families_together():
    documents = [Document(id=f"d{index}", text="x", family=f"f{index // 2}") for index in range(40)]
    taken = [{found.id for found in take_share(documents, share)} for share in (0.1, 0.25, 0.5, 1.0)]
    assert [len(found) for found in taken] == [4, 10, 20, 40]
    assert all(smaller < larger for smaller, larger in pairwise(taken))
    families = [{document.family for document in documents if document.id in found} for found in taken]
    assert [len(found) for found in families] == [2, 5, 10, 20]
