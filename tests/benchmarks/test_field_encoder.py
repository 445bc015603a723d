"""The encoder as a learner on benchmarks: what it reads, and that it goes the whole way."""

import shutil

import pytest
import yaml

from benchmarks.field_data import BENCHMARKS
from benchmarks.field_encoder import CHANGES, EncoderLearner, as_texts, marked
from benchmarks.field_rows import Row
from pipeline.config import load_params
from pipeline.custom.config import settings
from pipeline.errors import ModelError
from pipeline.labels import LabelSet, Layer
from tests.conftest import ROOT
from tests.custom.test_train import QUICK, base  # noqa: F401

KEYS = ("raid", "talks")
TEXTS = {"Police shot two.": "raid", "Envoys met again.": "talks"}
ROWS = [Row(f"r{i}", f"g{i}", text, (key,)) for i, (text, key) in enumerate(list(TEXTS.items()) * 8)]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("Police blamed the NF.", (), "Police blamed the NF."),
        ("Police blamed the NF, but the NFL met.", ("NF",), "Police blamed the @ NF @, but the NFL met."),
        ("THE NATIONAL FRONT FLED.", ("Front", "National Front"), "THE @ NATIONAL FRONT @ FLED."),
        ("The A.B. (C) fled.", ("A.B. (C)",), "The @ A.B. (C) @ fled."),
        ("It rained. The NF fled. Nobody died. The NF won.", ("NF",), "The @ NF @ fled.\nThe @ NF @ won."),
        ("It rained. Nobody died.", ("NF",), "It rained.\nNobody died."),
    ],
)
def test_the_sentences_that_name_somebody_are_read_with_marks_about_the_names(text, names, expected):
    assert marked(Row("1", "1", text, (), names)) == expected


def test_every_benchmark_has_settings_that_fit():
    changes = yaml.safe_load(CHANGES.read_text())
    assert set(changes) == set(BENCHMARKS)
    for own in changes.values():
        settings(load_params(ROOT / "params.yaml"), own)


@pytest.mark.parametrize("given_dev", [True, False])
def test_it_learns_rows_and_the_same_again_with_the_same_seed(tmp_path, monkeypatch, base, given_dev):  # noqa: F811
    encoder = {"base": str(base), "sha256": None, "max_tokens": 24, "overlap_tokens": 6, "context_heads": 2}
    changes = tmp_path / "changes.yaml"
    changes.write_text(yaml.safe_dump({"cameo": {"encoder": encoder, "train": {**QUICK, "epochs": 15}}}))
    monkeypatch.chdir(ROOT)
    learner = EncoderLearner(BENCHMARKS["cameo"], changes)
    dev = ROWS[:4] if given_dev else []
    empty = Row("empty", "empty", " ", ("raid",))
    first, again = (learner.fit([*ROWS, empty], KEYS, True, 3, dev).predict([*ROWS, empty]) for _ in range(2))
    assert first == again == [*(row.labels for row in ROWS), ()]


def test_without_the_shipped_encoder_it_says_how_to_get_it(tmp_path, monkeypatch):
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    EncoderLearner(BENCHMARKS["cameo"])
    with pytest.raises(ModelError, match=r"insightcrime .* models/encoder, which is missing; run `dvc repro train`"):
        EncoderLearner(BENCHMARKS["insightcrime"])


def test_a_key_that_is_not_scored_is_unknown():
    labels = LabelSet((Layer("label", ("raid", "talks", "march"), "any", "document"),))
    rows = [Row("1", "1", "They met.", ("talks",)), Row("2", "2", "They met.", ("talks",), unscored=("raid",))]
    assert [found.answers["label"] for found in as_texts(rows, labels)] == [
        (("talks",),),
        ({"talks": 1.0, "march": 0.0},),
    ]
