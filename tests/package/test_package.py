"""The packaged model decides and scores as the parts that it was made of."""

import json

import numpy as np
import pytest
import torch
import yaml

from pipeline.encoder.checkpoint import Spec, load_checkpoint, save_checkpoint
from pipeline.encoder.model import ContextConfig
from pipeline.errors import InputError
from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import TOKENIZER, folder_sha256, graphs_folder
from pipeline.extract.from_torch import load_torch
from pipeline.labels import LABELS
from pipeline.package.folder import FIGURES, package
from tests.conftest import tiny_model

TRAINING = {"articles": 8, "epochs": 2, "seed": 13}


def metrics(value):
    found = {"documents": 5, "calibration": {"events": {"error": 0.01, "error_before": 0.02}}}
    for _, block, key in FIGURES:
        layer = found.setdefault(block, {"ci95": {}})
        layer[key], layer["ci95"][key] = value, [value - 0.1, value + 0.1]
    return found


@pytest.fixture
def trained(tmp_path, tokenizer):
    folder = tmp_path / "trained"
    save_checkpoint(folder, tiny_model(), Spec("tiny", LABELS, ContextConfig(1, 2, 4, 0.0), 24, 6, "0" * 64))
    tokenizer.save(folder / TOKENIZER)
    return folder


@pytest.fixture
def packaged(tmp_path, trained, model_folder):
    folder = tmp_path / "event-encoder"
    for _ in range(2):  # what is there is replaced
        package(trained, model_folder, folder, TRAINING, metrics(0.7), metrics(0.8))
        (folder / "left-over").touch()
    package(trained, model_folder, folder, TRAINING, metrics(0.7), metrics(0.8))
    return folder


def test_logits_are_the_same_to_the_last_bit(trained, packaged):
    ids = torch.arange(4, 52).reshape(4, 12)
    (before, _), (after, spec) = load_checkpoint(trained), load_checkpoint(packaged)
    with torch.inference_mode():
        found = [model.sentence_encoder(ids, torch.ones_like(ids)) for model in (before, after)]
    assert all(torch.equal(*pair) for pair in zip(*found, strict=True))
    assert spec.base_sha256 == "0" * 64


def test_both_extractors_load_from_the_folder(packaged, model_folder, report):
    graphs, alone = Extractor.from_pretrained(packaged), Extractor.from_pretrained(model_folder)
    assert graphs.extract(report) == alone.extract(report)
    exact = load_torch(packaged)
    assert exact.card.thresholds == alone.card.thresholds
    scores = [
        np.array([list(sentence.event_scores.values()) for sentence in extractor.extract(report).sentences])
        for extractor in (exact, alone)
    ]
    np.testing.assert_allclose(*scores, atol=0.02)
    assert folder_sha256(graphs_folder(packaged)) == folder_sha256(model_folder)


def test_nothing_in_the_folder_runs_code(packaged):
    assert not list(packaged.rglob("*.py")) + list(packaged.rglob("*.bin")) + list(packaged.rglob("*.pkl"))
    assert not (packaged / "left-over").exists()
    assert "auto_map" not in json.loads((packaged / "config.json").read_text())


def test_the_card_has_labels_and_figures(packaged):
    front, page = (packaged / "README.md").read_text().split("---\n", 2)[1:]
    assert yaml.safe_load(front)["base_model"] == "tiny"
    for key in (*LABELS.keys("events"), *LABELS.keys("responsibility"), *LABELS.keys("source"), *LABELS.roles):
        assert f"`{key}`" in page
    assert "| event types, micro-F1 | 0.70 (0.60–0.80) | 0.80 (0.70–0.90) |" in page


def test_a_missing_figure_is_named(tmp_path, trained, model_folder):
    without = metrics(0.7)
    del without["spans"]["overlap_f1"]
    with pytest.raises(InputError, match="'overlap_f1' of spans"):
        package(trained, model_folder, tmp_path / "new", TRAINING, without, metrics(0.8))
    assert not (tmp_path / "new").exists()
