"""A label set of one's own, from a config to a model that classifies: a tiny encoder learns a few texts by heart."""

import json

import msgspec
import numpy as np
import pytest
import torch
import yaml
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config import load_params
from pipeline.custom.config import read_config, settings
from pipeline.custom.fit import Texts
from pipeline.custom.texts import as_labelled
from pipeline.custom.train import read_parts, train_config
from pipeline.encoder.checkpoint import build_model, load_checkpoint
from pipeline.encoder.model import ConflictModel, ContextConfig
from pipeline.encoder.torch_backend import TorchBackend
from pipeline.errors import InputError, ModelError
from pipeline.evaluate.label_sets import label_figures
from pipeline.extract.extractor import Extractor
from pipeline.extract.from_torch import export_fp32, load_torch
from pipeline.extract.ngrams import NGRAMS
from pipeline.extract.scoring import CONTEXT_SENTENCES, score_document
from pipeline.labels import LabelSet, Layer
from pipeline.records import read_jsonl
from pipeline.schema import Classification, Document, Failure
from tests.conftest import ROOT, tiny_model
from tests.extract.test_extractor import repeated

LAYERS = [
    {"name": "kind", "keys": ["raid", "march", "talks"], "level": "document"},
    {"name": "tone", "keys": ["calm", "harsh"], "choice": "one", "level": "document"},
    {"name": "deed", "keys": ["kill", "arrest"]},
]
PARAMS = load_params(ROOT / "params.yaml")
LABELS = LabelSet(msgspec.convert(LAYERS, tuple[Layer, ...]))
SENTENCES = {
    "Police shot two.": ("raid", "kill"),
    "Guards seized ten.": ("raid", "arrest"),
    "Crowds walked downtown.": ("march", None),
    "Envoys met again.": ("talks", None),
    "Rain fell.": (None, None),
}
QUICK = {
    "epochs": 40,
    "patience": 40,
    "learning_rate": 3.0e-3,
    "head_learning_rate": 1.0e-2,
    "frozen_layers": 0,
    "layer_decay": 1.0,
    "label_smoothing": 0.0,
    "threads": 1,
}


def row(*texts):
    """A text of these sentences with all that there is to know about it."""
    found = [SENTENCES[text] for text in texts]
    kinds = sorted({kind for kind, _ in found if kind})
    return {
        "kind": kinds,
        "tone": "harsh" if "raid" in kinds else "calm",
        "sentences": [
            {"text": text, "deed": [deed] if deed else []} for text, (_, deed) in zip(texts, found, strict=True)
        ],
    }


ROWS = [row(text) for text in SENTENCES] + [row(first, second) for first in SENTENCES for second in SENTENCES]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder with a tiny encoder and a tokenizer that knows the words."""
    folder = tmp_path_factory.mktemp("base")
    words = sorted({word for text in SENTENCES for word in text.lower().replace(".", " .").split()})
    vocabulary = {word: index for index, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]").save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    return folder


def params_of(base, ngrams=0, **changes):
    """What differs from the project's own settings."""
    encoder = {"base": str(base), "sha256": None, "max_tokens": 24, "overlap_tokens": 6, "context_heads": 2}
    return {"encoder": encoder, "train": {**QUICK, **changes}, "export": {"max_disagreement": 0.2, "ngrams": ngrams}}


def write(folder, base, rows=ROWS, **changes):
    """A config and its rows; the path of the config."""
    (folder / "rows.jsonl").write_text("".join(json.dumps(found) + "\n" for found in rows))
    config = {"layers": LAYERS, "train": "rows.jsonl", "dev": "rows.jsonl", "params": params_of(base)}
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump({**config, **changes}))
    return path


@pytest.fixture(scope="module")
def trained(base, tmp_path_factory):
    """The folder of a trained model, the command's words and its exit code."""
    folder = tmp_path_factory.mktemp("own")
    config = write(folder, base, [*ROWS, {"text": "Rain fell.", "kind": "war"}])
    result = CliRunner().invoke(
        app, ["train", str(config), "--output", str(folder / "model"), "--params", str(ROOT / "params.yaml")]
    )
    return folder / "model", result


def test_a_label_set_is_learnt_by_heart_from_a_config(trained):
    folder, result = trained
    assert result.exit_code == 3, result.output
    assert "30 texts, chosen on 30" in result.output
    assert "2 rows could not be used" in result.output
    assert [failure.message for failure in read_jsonl(folder / "failures.jsonl", Failure)] == [
        "kind: 'war' is none of its keys raid, march, talks"
    ] * 2
    figures = json.loads((folder / "metrics.json").read_text())["dev"]
    names = ("micro", "macro", "example")
    assert set(figures) == {f"{layer}_{name}_f1" for layer in ("kind", "tone", "deed") for name in names}
    assert min(figures.values()) > 0.9


def test_the_model_folder_classifies_texts_and_their_sentences(trained, tmp_path):
    folder, _ = trained
    text = "Rain fell. Guards seized ten. Envoys met again."
    found = Extractor.from_pretrained(folder).classify(Document(id="a", text=text))
    assert found.labels == {"kind": ("raid", "talks"), "tone": ("harsh",)}
    assert [sentence.labels for sentence in found.sentences] == [{"deed": ()}, {"deed": ("arrest",)}, {"deed": ()}]
    assert [text[s.start : s.end] for s in found.sentences] == ["Rain fell.", "Guards seized ten.", "Envoys met again."]
    assert sum(found.scores["tone"].values()) == pytest.approx(1.0, abs=1e-3)

    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": text}) + '\n{"id": "b"}\n')
    result = CliRunner().invoke(
        app, ["classify", str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out"), "--model", str(folder)]
    )
    assert result.exit_code == 3, result.output
    assert list(read_jsonl(tmp_path / "out" / "classified.jsonl", Classification)) == [found]
    assert len(list(read_jsonl(tmp_path / "out" / "failures.jsonl", Failure))) == 1


def test_runs_of_words_are_part_of_the_model_where_they_help(trained, base, tmp_path):
    """After one epoch the encoder knows next to nothing, and what is written decides as what was measured."""
    learned_by_heart, _ = trained
    assert not (learned_by_heart / "onnx" / NGRAMS).exists()
    path = write(tmp_path, base, params=params_of(base, ngrams=1, epochs=1))
    folder = tmp_path / "model"
    found = train_config(path, folder, PARAMS, lambda e: None, lambda n: lambda m: None)
    assert set(found.ngrams) == {"kind", "tone", "deed"}
    assert min(found.dev.values()) > 0.9
    extractor = Extractor.from_pretrained(folder)
    texts = [as_labelled(each, LABELS, "") for each in ROWS]
    given = [extractor.classify(Document(id="a", text=text.text), text.sentences).labels["kind"] for text in texts]
    right = [text.answers["kind"][0] for text in texts]
    figures = label_figures(right, given, LABELS.keys("kind"), [str(row) for row in range(len(ROWS))], 1, 0)
    assert figures["micro_f1"] == pytest.approx(found.dev["kind_micro_f1"], abs=1e-3)

    export_fp32(folder, folder / "onnx", tmp_path / "fp32", PARAMS.export)
    document = Document(id="a", text=texts[0].text)
    scores = extractor.classify(document).scores["kind"]
    for other in (load_torch(folder), Extractor.from_pretrained(tmp_path / "fp32")):
        assert other.classify(document).scores["kind"] == pytest.approx(scores, abs=0.02)
    (folder / "onnx" / NGRAMS).unlink()
    with pytest.raises(ModelError, match="ngrams"):
        Extractor.from_pretrained(folder)


def test_the_checkpoint_comes_back_and_can_be_learned_from_again(trained, base):
    folder, _ = trained
    model, spec = load_checkpoint(folder)
    assert spec.labels == LABELS
    params = msgspec.structs.replace(PARAMS.encoder, base=str(folder), sha256=None, context_heads=2)
    again, _ = build_model(params, LABELS)
    weights = again.sentence_encoder.base.state_dict()
    for name, weight in model.sentence_encoder.base.state_dict().items():
        assert torch.equal(weights[name], weight)


def test_records_are_not_made_from_other_labels(trained):
    with pytest.raises(
        ModelError, match="gives kind, tone, deed, not the labels of the guidelines; use `conflict-events cl"
    ):
        Extractor.from_pretrained(trained[0]).extract(Document(id="a", text="Rain fell."))


def test_the_guidelines_model_classifies_too(tokenizer, report, model_folder):
    found = Extractor.from_pretrained(model_folder).classify(report)
    extracted = Extractor.from_pretrained(model_folder).extract(report)
    assert (found.labels, found.scores) == ({}, {})
    assert [sentence.labels["events"] for sentence in found.sentences] == [s.events for s in extracted.sentences]
    assert [s.scores["source"] for s in found.sentences] == [s.attribution_source_scores for s in extracted.sentences]


def test_a_text_without_a_sentence_has_no_labels(trained):
    found = Extractor.from_pretrained(trained[0]).classify(Document(id="a", text=" \n"))
    assert (found.labels, found.scores, found.sentences) == ({}, {}, ())


@pytest.mark.parametrize(("context_layers", "times"), [(1, 1), (0, 40)])
def test_a_document_is_scored_as_it_was_trained_however_long_it_is(tokenizer, report, context_layers, times):
    """Beyond one chunk of sentences, the last one weighs as much as the first."""
    base = tiny_model().sentence_encoder.base
    model = ConflictModel(base, LABELS, ContextConfig(context_layers, 2, 4, 0.0)).eval()
    for layer in ("kind", "tone"):
        torch.nn.init.normal_(model.article_context.heads[layer].weight)
    text, spans = repeated(report, times)
    assert times == 1 or len(spans) > CONTEXT_SENTENCES
    document = tokenizer.tokenize(text, spans)
    backend = TorchBackend(model)
    found = score_document(backend, tokenizer, document, LABELS).layers
    vectors = torch.stack([torch.from_numpy(v) for v in _vectors(backend, tokenizer, document)])
    with torch.no_grad():
        logits = model.article_context.logits(vectors, torch.from_numpy(document.features)).layers
    assert {name: scores.shape for name, scores in found.items()} == {
        "kind": (1, 3),
        "tone": (1, 2),
        "deed": (8 * times, 2),
    }
    np.testing.assert_allclose(found["kind"], logits["kind"].sigmoid().numpy(), atol=1e-5)
    np.testing.assert_allclose(found["tone"], logits["tone"].softmax(-1).numpy(), atol=1e-5)


def _vectors(backend, tokenizer, document):
    for window in document.windows:
        ids = tokenizer.window_ids(document, window)[None]
        yield backend.encode(ids, np.ones_like(ids))[0][0]


def test_units_that_nobody_labelled_are_neither_learned_nor_scored(tokenizer, report):
    rows = [{"text": report.text, "tone": "calm"}, {"text": report.text, "kind": ["raid"]}]
    texts = Texts([as_labelled(found, LABELS, "") for found in rows], tokenizer, LABELS)
    model = ConflictModel(tiny_model().sentence_encoder.base, LABELS, ContextConfig(1, 2, 4, 0.0)).eval()
    known = [{name: bool(t.known.any()) for name, t in example.targets.layers.items()} for example in texts.examples()]
    assert known == [
        {"kind": False, "tone": True, "deed": False},
        {"kind": True, "tone": False, "deed": False},
    ]
    assert set(texts(model)[1]) == {
        f"{layer}_{figure}" for layer in ("kind", "tone") for figure in ("micro_f1", "macro_f1", "example_f1")
    }


def test_without_dev_a_part_of_the_texts_is_put_aside(tmp_path, base):
    config = read_config(write(tmp_path, base, dev=None, dev_share=0.2))
    learn, choose, failures = read_parts(tmp_path, config, seed=1)
    assert (len(learn), len(choose), failures) == (24, 6, [])
    assert {text.id for text in learn}.isdisjoint(text.id for text in choose)
    assert read_parts(tmp_path, config, seed=1) == (learn, choose, failures)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": []}, "needs layers"),
        ({"layers": [{"name": "a", "keys": ["x"], "choice": "two"}]}, "choice"),
        ({"dev_share": 1.0}, "dev_share is 1.0"),
        ({"params": {"prepare": {}}}, "unknown sections"),
        ({"corpus": "x"}, "unknown field"),
        ({"params": {"train": {"epochs": 0}}}, "params.train: .*epochs"),
        ({"params": {"train": {"epoch": 3}}}, "params.train: .*epoch"),
        ({"train": "nowhere.jsonl"}, "nowhere.jsonl"),
    ],
)
def test_what_is_wrong_with_a_config_is_said_before_anything_is_trained(tmp_path, base, changes, message):
    path = write(tmp_path, base, **changes)
    with pytest.raises(InputError, match=message):
        train_config(path, tmp_path / "model", PARAMS, lambda e: None, lambda n: lambda m: None)
    assert not (tmp_path / "model").exists()


def test_texts_without_any_that_can_be_used_say_why(tmp_path, base):
    path = write(tmp_path, base, [{"text": ""}])
    with pytest.raises(InputError, match=r"no text for train .* the first of 2 failures: the text is empty"):
        read_parts(tmp_path, read_config(path), 1)


def test_settings_are_the_projects_but_for_what_is_changed():
    params = PARAMS
    found = settings(params, {"train": {"epochs": 9, "task_weights": {"kind": 0.5}}})
    assert found.train == msgspec.structs.replace(params.train, epochs=9, task_weights={"kind": 0.5})
    assert settings(params, {}).train.task_weights == {}
    assert (found.encoder, found.export) == (params.encoder, params.export)
