"""The extractor on a tiny model: shape of results, long articles, strange texts."""

import hashlib

import msgspec
import numpy as np
import pytest

from pipeline.encoder.torch_backend import TorchBackend
from pipeline.errors import ModelError
from pipeline.extract.extractor import Extractor, plan_blocks
from pipeline.extract.folder import CARD, read_card
from pipeline.extract.scoring import CONTEXT_SENTENCES, score_document
from pipeline.labels import LABELS
from pipeline.records import write_json
from pipeline.schema import Document, DocumentResult, Failure
from tests.conftest import CARD_OF_TINY, tiny_model


def test_a_result_holds_what_the_contract_says(model_folder, report):
    extractor = Extractor.from_pretrained(model_folder)
    (result,) = extractor([Document(id="a", text=report.text, published="2019-06-12")])
    row = msgspec.to_builtins(result)
    assert list(row)[:3] == ["schema", "id", "published"]
    assert row["text_sha256"] == hashlib.sha256(report.text.encode()).hexdigest()
    assert [(s["start"], s["end"]) for s in row["sentences"]] == [(s.start, s.end) for s in report.sentences]
    for sentence in row["sentences"]:
        assert list(sentence["event_scores"]) == list(LABELS.keys("events"))
        assert sum(sentence["attribution_source_scores"].values()) == pytest.approx(1, abs=1e-3)
        above = [key for key, score in sentence["event_scores"].items() if score >= 0.5]
        assert list(sentence["events"]) == above
        assert all(sentence["start"] <= s["start"] < s["end"] <= sentence["end"] for s in sentence["spans"])


@pytest.mark.parametrize(
    "text",
    [
        "One word",
        "\ud800 lone surrogate. \udfff",
        "a" * 20_000,
        "\x00 NUL. <b>HTML</b> 🧨 e\u0301 \u202eabc\u202c.",
        "No full stop at all " * 300,
    ],
)
def test_strange_texts_give_a_result(model_folder, text):
    (result,) = Extractor.from_pretrained(model_folder)([Document(id="a", text=text)])
    assert isinstance(result, DocumentResult), result
    assert result.sentences


def test_a_text_without_sentences_is_a_result_with_a_warning(model_folder):
    (result,) = Extractor.from_pretrained(model_folder)([Document(id="a", text=" \n ")])
    assert result.sentences == result.incidents == ()
    assert "the text has no sentence" in result.warnings


def test_one_bad_article_does_not_stop_the_rest(model_folder, monkeypatch):
    extractor = Extractor.from_pretrained(model_folder)
    whole = extractor.extract

    def extract(document):
        if document.id == "bad":
            raise RuntimeError("out of luck")
        return whole(document)

    monkeypatch.setattr(extractor, "extract", extract)
    found = list(extractor([Document(id=name, text="Two died.") for name in ("a", "bad", "b")]))
    assert [item.id for item in found] == ["a", "bad", "b"]
    assert isinstance(found[1], Failure)
    assert (found[1].error, found[1].message) == ("RuntimeError", "out of luck")


def repeated(report, times):
    """A text of so many copies of a report, a line break between them, and the offsets of its sentences."""
    starts = [copy * (len(report.text) + 1) for copy in range(times)]
    return "\n".join([report.text] * times), [(at + s.start, at + s.end) for at in starts for s in report.sentences]


def test_every_sentence_of_a_long_article_is_scored_and_batching_does_not_matter(report, tokenizer, monkeypatch):
    text, spans = repeated(report, 50)
    assert len(spans) > CONTEXT_SENTENCES
    document = tokenizer.tokenize(text, spans)
    backend = TorchBackend(tiny_model())
    whole = score_document(backend, tokenizer, document, LABELS)
    assert whole.layers["events"].shape == (len(spans), len(LABELS.keys("events")))
    assert [len(tags) for tags in whole.tags] == [len(ids) for ids in document.token_ids]
    monkeypatch.setattr("pipeline.extract.scoring.MAX_BATCH_TOKENS", 30)
    small = score_document(backend, tokenizer, document, LABELS)
    np.testing.assert_allclose(whole.layers["events"], small.layers["events"], atol=1e-5)
    np.testing.assert_allclose(whole.tags[-1], small.tags[-1], atol=1e-5)


def test_a_chunk_of_a_long_article_agrees_with_the_whole_away_from_its_ends(tokenizer, report, monkeypatch):
    text, spans = repeated(report, 8)
    document = tokenizer.tokenize(text, spans)
    backend = TorchBackend(tiny_model())
    whole = score_document(backend, tokenizer, document, LABELS).layers["events"]
    monkeypatch.setattr("pipeline.extract.scoring.CONTEXT_SENTENCES", 40)
    monkeypatch.setattr("pipeline.extract.scoring.CONTEXT_OVERLAP", 20)
    chunked = score_document(backend, tokenizer, document, LABELS).layers["events"]
    assert whole.shape == chunked.shape
    assert np.abs(whole - chunked).max() < 0.1


def test_a_long_article_is_labelled_in_blocks_as_if_it_were_one(report, tokenizer, monkeypatch):
    text, spans = repeated(report, 130)
    extractor = Extractor(TorchBackend(tiny_model()), tokenizer, CARD_OF_TINY)
    blocks = plan_blocks(len(spans))
    assert len(blocks) == 2
    scored = []

    def score(backend, tokenizer, document, labels):
        scored.append(len(document.token_ids))
        return score_document(backend, tokenizer, document, labels)

    monkeypatch.setattr("pipeline.extract.extractor.score_document", score)
    found = extractor.label_sentences(text, spans)
    assert scored == [block.end - block.start for block in blocks]
    monkeypatch.setattr("pipeline.extract.extractor.CHUNKS_OF_BLOCK", 99)
    whole = extractor.label_sentences(text, spans)
    assert len(scored) == 3
    assert [(s.start, s.end) for s in found] == [(s.start, s.end) for s in whole] == spans
    for one, other in zip(found, whole, strict=True):
        assert one.event_scores == pytest.approx(other.event_scores, abs=2e-4)
        assert one.attribution_source_scores == pytest.approx(other.attribution_source_scores, abs=2e-4)
        assert [(s.start, s.role) for s in one.spans] == [(s.start, s.role) for s in other.spans]


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda card: {**card, "format": 99}, "format 99"),
        (lambda card: {**card, "thresholds": {**card["thresholds"], "events": {}}}, "no events threshold"),
        (lambda card: {"format": 1}, "is no model folder"),
    ],
)
def test_a_folder_that_lacks_what_a_decision_needs_is_refused(tmp_path, harm, message):
    write_json(tmp_path / CARD, harm(msgspec.to_builtins(CARD_OF_TINY)))
    with pytest.raises(ModelError, match=message):
        read_card(tmp_path)


def test_no_model_says_how_to_get_one(tmp_path):
    with pytest.raises(ModelError, match="train one with `make repro`"):
        Extractor.from_pretrained(tmp_path / "nowhere")
