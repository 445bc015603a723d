import json
import shutil

import pytest

from pipeline.corpus.gold import GOLD_ARTICLES, read_gold
from pipeline.corpus.leaks import find_leaks, find_near_duplicates
from pipeline.errors import GoldError
from pipeline.schema import Document
from tests.conftest import ROOT

WORDS = "one two three four five six seven eight"


def document(name, text, family=None):
    return Document(id=name, text=text, family=family)


@pytest.mark.parametrize(
    ("first", "second", "families", "found"),
    [
        (f"So {WORDS}.", f"“{WORDS.upper()}!”", ("f", "g"), 1),
        (f"So {WORDS}.", f"And {WORDS}.", ("f", "f"), 0),
        ("one two three four five six seven", "one two three four five six seven", ("f", "g"), 0),
        (f"x {WORDS} nine ten", f"y {WORDS} nine ten", ("f", "g"), 1),
    ],
)
def test_shared_runs_between_families(first, second, families, found):
    leaks = find_leaks([document("a", first, families[0]), document("b", second, families[1])], [], 8)
    assert len(leaks) == found
    assert all((leak.first, leak.second) == ("a", "b") for leak in leaks)


def test_a_report_that_shares_words_with_gold_is_named_with_both_places():
    (leak,) = find_leaks([document("a", f"Then {WORDS}.", "f")], [document("gold", f"{WORDS}.")], 8)
    assert (leak.first, leak.first_start, leak.second, leak.second_start, leak.words) == ("gold", 0, "a", 5, WORDS)


def test_a_text_told_in_slightly_other_words_is_found_in_another_family_only():
    words = [f"w{index}" for index in range(400)]
    report = " ".join(words)
    reworded = " ".join("other" if index % 7 == 0 else word for index, word in enumerate(words))
    assert find_leaks([document("a", report, "f"), document("b", reworded, "g")], [], 8) == []
    (pair,) = find_near_duplicates([document("a", report, "f"), document("b", reworded, "g")], 0.1)
    assert (pair.first, pair.second) == ("a", "b")
    assert 0.1 <= pair.share < 0.5
    assert reworded[pair.second_start :].startswith(pair.words)
    assert find_near_duplicates([document("a", report, "f"), document("b", reworded, "f")], 0.1) == []
    assert find_near_duplicates([document("a", report, "f"), document("b", " ".join(reversed(words)), "g")], 0.1) == []


def test_gold_is_whole_and_its_offsets_lie_in_the_text():
    articles = read_gold(ROOT / "data/gold")
    assert len(articles) == GOLD_ARTICLES
    assert sum(len(article.sentences) for article in articles) == 133
    assert sum(len(sentence.spans) for article in articles for sentence in article.sentences) == 391
    assert sum(len(article.incidents) for article in articles) == 39
    for article in articles:
        for sentence in article.sentences:
            assert article.text[sentence.start : sentence.end].strip()
            assert "\n" not in article.text[sentence.start : sentence.end]
            assert all(sentence.start <= span.start < span.end <= sentence.end for span in sentence.spans)


@pytest.mark.parametrize("harm", ["change", "remove", "annotation"])
def test_changed_or_missing_gold_is_refused(tmp_path, harm):
    folder = tmp_path / "gold"
    shutil.copytree(ROOT / "data/gold", folder)
    article = sorted((folder / "articles").iterdir())[0]
    if harm == "change":
        article.write_bytes(article.read_bytes() + b" ")
    elif harm == "remove":
        article.unlink()
    else:
        annotation = sorted((folder / "annotations").iterdir())[0]
        content = json.loads(annotation.read_text())
        annotation.write_text(json.dumps({**content, "sentences": "none"}))
    with pytest.raises(GoldError, match="restore"):
        read_gold(folder)
