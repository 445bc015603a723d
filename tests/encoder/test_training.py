"""A tiny model learns eight sentences by heart, with and without context."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
import torch

from pipeline.config import load_params
from pipeline.encoder.checkpoint import Spec, load_checkpoint, save_checkpoint
from pipeline.encoder.model import ContextConfig
from pipeline.encoder.targets import label_priors
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.encoder.train import encode_articles, make_examples, train
from pipeline.errors import ModelError
from pipeline.evaluate.validation import Validation
from pipeline.extract.scoring import score_document
from pipeline.labels import LABELS
from pipeline.schema import Document
from pipeline.stages.train import take_share
from tests.conftest import ROOT, tiny_model

QUICK = {
    "epochs": 60,
    "patience": 60,
    "learning_rate": 3e-3,
    "head_learning_rate": 1e-2,
    "clip_norm": 5.0,
    "label_smoothing": 0.0,
    "layer_decay": 1.0,
}


def fit(report, tokenizer, context_layers=1, **changes):
    params = msgspec.structs.replace(load_params(ROOT / "params.yaml").train, **{**QUICK, **changes})
    model = tiny_model(context_layers=context_layers)
    validation = Validation([report], tokenizer, LABELS)
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
    model, _, _ = fit(report, tokenizer, epochs=1, frozen_layers=1)
    changed = {name for name, weight in model.state_dict().items() if not torch.equal(weight, before[name])}
    assert not any("embeddings" in name or "encoder.layer.0." in name for name in changed)
    assert any("encoder.layer.1." in name for name in changed)
    with pytest.raises(ModelError, match="the base encoder has 2 layers"):
        tiny_model().freeze_lower(3)


def test_training_and_inference_see_the_same(report, tokenizer):
    model = tiny_model()
    (example,) = make_examples([report], tokenizer, model)
    scores = score_document(TorchBackend(model), tokenizer, example.document)
    with torch.no_grad():
        ((logits, tags),) = encode_articles(model, tokenizer, [example.document])
    np.testing.assert_allclose(scores.events, logits.events.sigmoid().numpy(), atol=1e-5)
    np.testing.assert_allclose(scores.source, logits.source.softmax(-1).numpy(), atol=1e-5)
    joined = np.concatenate(scores.tags)
    np.testing.assert_allclose(joined, tags.reshape(len(joined), -1, 3).softmax(-1).numpy(), atol=1e-5)


def test_context_is_seen_only_with_context_layers(report, tokenizer):
    spans = [(s.start, s.end) for s in report.sentences]
    whole = tokenizer.tokenize(report.text, spans)
    part = tokenizer.tokenize(report.text, spans[:3])
    for layers, same in ((0, True), (1, False)):
        backend = TorchBackend(tiny_model(context_layers=layers))
        events = [score_document(backend, tokenizer, found).events[:3] for found in (whole, part)]
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
    model.start_from_priors(label_priors([example.targets], LABELS))
    bias = model.article_context.events.bias[LABELS.events.index("explosive_device")]
    assert bias.sigmoid().item() == pytest.approx((4 + 1) / (8 + 2))


def test_smaller_shares_lie_within_larger_ones_and_keep_families_together():
    documents = [Document(id=f"d{index}", text="x", family=f"f{index // 2}") for index in range(40)]
    taken = [{found.id for found in take_share(documents, share)} for share in (0.1, 0.25, 0.5, 1.0)]
    assert [len(found) for found in taken] == [4, 10, 20, 40]
    assert all(smaller < larger for smaller, larger in pairwise(taken))
    families = [{document.family for document in documents if document.id in found} for found in taken]
    assert [len(found) for found in families] == [2, 5, 10, 20]
