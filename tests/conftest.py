"""What tests share: small documents, and a tiny encoder that needs no download."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from pipeline import __version__
from pipeline.config import load_params
from pipeline.corpus.format import read_report
from pipeline.encoder.model import ConflictModel, ContextConfig
from pipeline.encoder.onnx import export_context, export_encoder
from pipeline.extract.decide import undecided
from pipeline.extract.folder import CARD, CONTEXT, ENCODER, FORMAT, TOKENIZER, ModelCard
from pipeline.labels import LABELS
from pipeline.records import write_json
from pipeline.schema import Document
from pipeline.text.tokens import ArticleTokenizer

ROOT = Path(__file__).parents[1]

CARD_OF_TINY = ModelCard(FORMAT, "tiny", LABELS, *undecided(LABELS), 24, 6, __version__)

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

EIGHT_SENTENCES = """\
---
id: tiny-1
family: tiny-1
published: 2019-06-12
style: wire
incidents:
  - {id: 1, incident: tiny-1-market, type: explosive_device, main: true, sentences: [0, 1, 2, 3],
     date: {start: 2019-06-11, end: 2019-06-11}, place: Tessalit, country: MLI, targets: [market],
     actors: [Azawen Front], weapons: [motorcycle bomb], weapon_count: 1, killed: {min: 11, max: 11},
     injured: null, attribution: claimed, attributed_to: Azawen Front, aggregate: false}
---
[explosive_device | | none] A {weapon:motorcycle bomb} hit {location:Tessalit}’s {target:market} on {time:Tuesday}.
[explosive_device | | witness] {killed:Eleven} were brought in dead, a {source:nurse} said.

[explosive_device accusation | accused | official] The {source:governor} blamed the {actor:Azawen Front}.
[explosive_device | claimed | armed_group] The {actor:{source:Azawen Front}} said it had set the bomb.
[protest | | none] Traders marched through the town on {time:Wednesday}.
[demand | | expert] A {source:union} called on the army to leave.
[diplomacy | | media] Talks begin in Algiers, a {source:newspaper} reported.
[ | | none] Rain is expected.
"""


@pytest.fixture
def report(tmp_path: Path) -> Document:
    """An annotated report of eight sentences."""
    path = tmp_path / "tiny-1.txt"
    path.write_text(EIGHT_SENTENCES)
    found, problems = read_report(path)
    assert found is not None, problems
    return found.document


@pytest.fixture
def tokenizer(report: Document) -> ArticleTokenizer:
    """A word-level tokenizer over the report's own words and the characters of any other."""
    splitter = pre_tokenizers.BertPreTokenizer()
    words = sorted({word.lower() for word, _ in splitter.pre_tokenize_str(report.text)})
    vocabulary = {word: index for index, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    found = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    found.normalizer = normalizers.Lowercase()
    found.pre_tokenizer = splitter
    found.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return ArticleTokenizer(found, max_tokens=24, overlap_tokens=6)


def tiny_model(vocabulary: int = 200, context_layers: int = 1) -> ConflictModel:
    """A two-layer encoder of width 32 with random weights, the same at every call."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return ConflictModel(BertModel(config), LABELS, ContextConfig(context_layers, 2, 4, 0.0)).eval()


@pytest.fixture(scope="session")
def graphs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graphs")
    params = load_params(ROOT / "params.yaml").export
    ids = np.arange(4, 52).reshape(4, 12)
    export_encoder(tiny_model(), folder / ENCODER, params, [(ids, np.ones_like(ids))])
    export_context(tiny_model(), folder / CONTEXT, params)
    return folder


@pytest.fixture
def model_folder(graphs, tokenizer):
    tokenizer.save(graphs / TOKENIZER)
    write_json(graphs / CARD, CARD_OF_TINY)
    return graphs
