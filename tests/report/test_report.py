import re
import sys
from base64 import b64decode
from hashlib import sha256
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pipeline import cli
from pipeline.errors import InputError
from pipeline.labels import ROLES
from pipeline.records import write_json
from pipeline.report.articles import Text, cut, show_article, web_address
from pipeline.report.contents import gather, read_run
from pipeline.report.model import read_model
from pipeline.report.page import embedded_json, render
from pipeline.report.vendor import ASSETS, PLOT_STYLE, plot_style
from pipeline.report.words import count_words, date_words, percent
from pipeline.schema import CountRange, DateRange, ScoredSpan
from tests.report.sample import ARTICLES, HOSTILE, hostile_run, small_run, write_run


@pytest.fixture(scope="module")
def shown():
    run, articles = small_run()
    return gather(run, articles, "Attacks")


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2019-06-11", "2019-06-11", "11 June 2019"),
        ("2019-06-11", "2019-06-13", "11 to 13 June 2019"),
        ("2019-06-30", "2019-07-02", "30 June 2019 to 2 July 2019"),
        ("2019-02-01", "2019-02-28", "February 2019"),
        ("2019-01-01", "2019-12-31", "2019"),
        ("2018-01-01", "2019-12-31", "2018 to 2019"),
        ("2019-03-01", "2019-04-30", "1 March 2019 to 30 April 2019"),
        (None, "2019-06-13", "… to 13 June 2019"),
        ("2019-06-13", None, "13 June 2019 to …"),
        (None, None, "no date"),
    ],
)
def test_dates_are_written_in_few_words(start, end, words):
    assert date_words(DateRange(start, end)) == words


@pytest.mark.parametrize(
    ("low", "high", "words"), [(3, 3, "3"), (3, 9, "3–9"), (24, None, "24+"), (None, 4, "0–4"), (None, None, "")]
)
def test_counts_are_written_as_analysts_write_them(low, high, words):
    assert count_words(CountRange(low, high)) == words


def test_no_certainty_is_full():
    assert [percent(score) for score in (0.0, 0.5, 1.0)] == ["1 %", "50 %", "99 %"]


@pytest.mark.parametrize(
    ("url", "opens"),
    [
        ("https://a.example/b?c=d", True),
        ("HTTP://a.example", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//a.example", False),
        ("file:///etc/passwd", False),
        ("https://[", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_are_linked(url, opens):
    assert (web_address(url) is not None) == opens


TEXT = st.text(max_size=40)


@given(TEXT, st.lists(st.tuples(st.sampled_from(ROLES), st.integers(0, 40), st.integers(1, 40)), max_size=6))
def test_pieces_are_the_text_and_each_span_covers_its_own(text, drawn):
    spans = [ScoredSpan(role, start, start + length, 0.5) for role, start, length in drawn]
    pieces = list(cut(text, 0, len(text), spans))
    assert "".join(piece.text for piece in pieces) == text
    position, covered = 0, dict.fromkeys(range(len(spans)), "")
    for piece in pieces:
        inside = [
            number for number, span in enumerate(spans) if span.end <= len(text) and span.start <= position < span.end
        ]
        assert sorted(piece.roles) == sorted(spans[number].role for number in inside)
        for number in inside:
            covered[number] += piece.text
        position += len(piece.text)
    for number, span in enumerate(spans):
        if span.end <= len(text):
            assert covered[number] == text[span.start : span.end]


def test_the_ledger_leads_to_the_sentences_and_marks_what_disagrees(shown):
    incident = next(each for each in shown.incidents if each.row.articles == 3)
    assert incident.disputed == ("responsibility", "killed")
    killed = next(fact for fact in incident.ledger if fact.key == "killed")
    assert (killed.agreement, killed.best) == (False, "2–9")
    nine = killed.statements[0]
    assert (nine.said, nine.voice, nine.kind, nine.quote) == (("9",), "police", "official", "Nine died, police said.")
    article = shown.articles[nine.spot.article]
    sentence = article.sentences[nine.spot.sentence]
    assert "".join(piece.text for piece in sentence.pieces) == "Nine died, police said."
    numbers = [statement.number for fact in incident.ledger for statement in fact.statements]
    assert numbers == list(range(len(numbers)))
    assert [(day, [step.status for step in steps]) for day, steps in incident.history] == [
        ("12 June 2019", ["unattributed"]),
        ("13 June 2019", ["accused"]),
        ("20 June 2019", ["claimed"]),
    ]


def test_filters_count_what_is_there(shown):
    assert [(choice.value, choice.count) for choice in shown.types] == [("shelling_missile", 1), ("protest", 1)]
    assert [choice.name for choice in shown.countries] == ["Central African Republic", "Nigeria"]
    assert [choice.value for choice in shown.attributions] == ["claimed", "none"]
    assert (shown.first, shown.last, shown.disputed) == ("2019-06-11", "2020-03-01", 1)


def test_an_article_without_its_own_text_is_shown_by_offsets():
    run, _ = small_run()
    whole, changed, missing = (
        show_article(run.documents[0], article)
        for article in (ARTICLES["one"], replace(ARTICLES["one"], text="Other words."), None)
    )
    assert [each.text for each in (whole, changed, missing)] == [Text.WHOLE, Text.CHANGED, Text.MISSING]
    assert [piece.text for piece in missing.sentences[1].pieces] == ["34–38", "45–51"]
    assert changed.sentences[1].pieces == missing.sentences[1].pieces
    assert whole.sentences[2].opens_paragraph
    contents = gather(run, [replace(ARTICLES["one"], text="Other words.")], "Attacks")
    assert (contents.missing, contents.changed) == (3, ["one"])
    assert "Other words" not in "".join(render(contents))


def test_fewer_articles_can_be_left_out():
    run, articles = small_run()
    contents = gather(run, articles, "Attacks", least=2)
    assert (len(contents.incidents), contents.left_out, len(contents.articles), contents.documents) == (1, 1, 3, 4)


def test_a_run_that_does_not_fit_together_is_refused(tmp_path):
    run, articles = small_run()
    with pytest.raises(InputError, match=r"no documents\.jsonl or documents\.parquet has; run `conflict-events merge`"):
        gather(replace(run, documents=run.documents[1:]), articles, "Attacks")
    with pytest.raises(InputError, match="no documents in it"):
        read_run(tmp_path)


@given(st.recursive(TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=8))
def test_embedded_json_ends_no_element_and_stays_the_same(value):
    text = embedded_json(value)
    assert "<" not in text
    assert msgspec.json.decode(str(text)) == value


class Elements(HTMLParser):
    """All elements of a page with their attributes, and the text of scripts."""

    def __init__(self, page):
        super().__init__()
        self.found, self.scripts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.scripts.append((tag, dict(attrs), ""))

    def handle_data(self, data):
        if self.cdata_elem:
            tag, attrs, text = self.scripts[-1]
            self.scripts[-1] = (tag, attrs, text + data)


def test_a_hostile_article_adds_no_element_and_no_attribute():
    run, articles = hostile_run()
    page = "".join(render(gather(run, articles, HOSTILE[2])))
    parts = Elements(page)
    scripts = [text for tag, attrs, text in parts.scripts if tag == "script" and attrs.get("type") == "text/html"]
    inner = [element for text in scripts for element in Elements(text).found]
    elements = [*parts.found, *inner]
    assert len(scripts) == 2 * len(HOSTILE)
    assert not {tag for tag, _ in inner} & {"script", "style", "img", "svg", "link", "iframe", "object", "base"}
    assert not [(tag, name) for tag, attrs in elements for name in attrs if name.startswith(("on", "style", "src"))]
    links = [attrs["href"] for tag, attrs in elements if "href" in attrs]
    assert links
    assert all(link.startswith("#") for link in links)


def test_the_policy_names_each_script_and_style_by_its_hash(shown):
    parts = Elements("".join(render(shown)))
    policy = next(attrs["content"] for tag, attrs in parts.found if attrs.get("http-equiv"))
    allowed = {b64decode(found) for found in re.findall(r"'sha256-([^']+)'", policy)}
    used = {
        sha256(text.encode()).digest() for tag, attrs, text in parts.scripts if tag == "style" or "type" not in attrs
    }
    assert len(used) == 5
    assert used <= allowed
    assert not re.search(r"unsafe|https?:|\*", policy)
    assert plot_style((ASSETS / "plot.min.js").read_text()) == (ASSETS / PLOT_STYLE).read_text()


@pytest.fixture
def metrics(tmp_path):
    label = {"precision": 0.5, "recall": 0.25, "f1": 0.33, "support": 4}
    scores = {"micro_f1": 0.6, "macro_f1": 0.5, "ci95": {"micro_f1": [0.5, 0.7], "macro_f1": [0.4, 0.6]}}
    better = {**label, "f1": 0.9}
    labels = {"per_label": {"riot": better, "protest": label, "threat": {**label, "support": 0}}}
    span = {"exact_f1": 0.2, "overlap_f1": 0.4, "overlap_precision": 0.3, "overlap_recall": 0.6, "support": 2}
    write_json(
        tmp_path / "metrics" / "test.json",
        {
            "documents": 7,
            "events": {**scores, **labels},
            "responsibility": {**scores, **labels},
            "attribution_source": {"accuracy": 0.8, "macro_f1": 0.7, "ci95": {}, **labels},
            "spans": {"exact_f1": 0.2, "overlap_f1": 0.4, "ci95": {}, "per_role": {"actor": span}},
            "incidents": {"f1": 0.5, "ci95": {}, "slots": {"place": 0.25}},
        },
    )
    write_json(
        tmp_path / "metrics" / "baselines.json",
        {name: {"test": {"events": {"micro_f1": value}}} for name, value in (("a", 0.3), ("b", 0.4))},
    )
    pairs = [("claimed", "claimed")] * 3 + [("claimed", "accused")]
    rows = [{"actual": actual, "predicted": predicted} for actual, predicted in pairs]
    write_json(tmp_path / "plots" / "test" / "attribution.json", rows)
    write_json(tmp_path / "plots" / "test" / "calibration.json", [{"score": 0.1, "observed": 0.2}])
    return tmp_path


def test_the_model_part_has_figures_errors_and_calibration(metrics):
    model = read_model(metrics / "metrics", metrics / "plots")
    first = model.figures[0]
    assert (first.value, first.low, first.high, first.baseline) == (0.6, 0.5, 0.7, 0.4)
    assert [row.label for row in model.tables[0].rows] == ["protest", "riot"]
    assert (model.tables[3].rows[0].precision, model.tables[3].rows[0].f1) == (0.3, 0.4)
    assert {(cell["predicted"], cell["share"]) for cell in model.confusions[0].cells} == {
        ("claimed", 0.75),
        ("accused", 0.25),
    }
    assert model.calibration == ({"part": "test", "score": 0.1, "observed": 0.2},)
    assert read_model(metrics / "metrics", None).confusions == ()


def test_files_that_are_no_metrics_are_refused(metrics):
    with pytest.raises(InputError, match=r"neither gold\.json nor test\.json"):
        read_model(metrics, None)
    write_json(metrics / "metrics" / "gold.json", {"documents": 5, "events": {}})
    with pytest.raises(InputError, match="not the metrics"):
        read_model(metrics / "metrics", None)


def test_the_command_writes_the_page_and_says_what_texts_it_lacks(tmp_path, metrics, monkeypatch, capsys):
    run, articles = small_run()
    folder = write_run(run, tmp_path / "run")
    for article in articles[:2]:
        (tmp_path / f"{article.id}.txt").write_text(article.text)
    (tmp_path / "three.txt").write_text("Other words.")
    command = ["report", str(folder), "-o", str(tmp_path / "page.html"), "--metrics", str(metrics / "metrics")]
    texts = [part for name in ("one", "two", "three") for part in ("-a", str(tmp_path / f"{name}.txt"))]
    monkeypatch.setattr(sys, "argv", ["conflict-events", *command, *texts])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert done.value.code == 0
    said = capsys.readouterr().err
    assert "2 incidents from 4 articles" in said
    assert "1 articles without their text" in said
    assert "1 articles whose text is not the one extracted" in said
    assert "Nine died, police said." in (tmp_path / "page.html").read_text()


def test_the_stage_writes_the_page_of_the_predictions(tmp_path, metrics):
    from pipeline.records import write_jsonl
    from pipeline.stages.report import main

    run, articles = small_run()
    write_jsonl(tmp_path / "prepared" / "gold.jsonl", articles)
    write_jsonl(tmp_path / "predictions" / "gold.jsonl", run.documents)
    folders = (tmp_path / "prepared", tmp_path / "predictions", metrics / "metrics", metrics / "plots")
    main(*folders, tmp_path / "reports" / "gold.html")
    page = (tmp_path / "reports" / "gold.html").read_text()
    assert "Two died, a nurse said." in page
    assert "How good the model is" in page
