import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.text.sentences import split_sentences
from pipeline.text.tokens import ArticleTokenizer


def test_offsets_count_in_the_article(report, tokenizer):
    spans = [(s.start, s.end) for s in report.sentences]
    found = tokenizer.tokenize(report.text, spans)
    words = [report.text[start:end] for start, end in found.offsets[1]]
    assert words == ["Eleven", "were", "brought", "in", "dead", ",", "a", "nurse", "said", "."]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=st.text(alphabet=st.characters(codec=None, exclude_categories=()), min_size=1, max_size=120))
def test_any_text_keeps_offsets_within_its_sentences(tokenizer, text):
    spans = split_sentences(text)
    if spans:
        found = tokenizer.tokenize(text, spans)
        for (start, end), offsets in zip(spans, found.offsets, strict=True):
            assert all(start <= first <= last <= end for first, last in offsets.tolist())


def test_a_missing_tokenizer_says_what_to_do(tmp_path):
    with pytest.raises(ModelError, match=r"needs a tokenizer\.json"):
        ArticleTokenizer.from_file(tmp_path / "tokenizer.json", 16, 4)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"is not a tokenizer\.json"):
        ArticleTokenizer.from_file(tmp_path / "tokenizer.json", 16, 4)
