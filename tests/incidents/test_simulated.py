"""Annotated reports as a sentence model reads them that never saw their like."""

import pytest

from pipeline.errors import CorpusError
from pipeline.incidents.examples import annotated, cases, opening
from pipeline.incidents.fit_logistic import FOLDS
from pipeline.incidents.simulated import simulate
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.schema import Document, Incident, Sentence, Span

_LINES = (
    ("A bomb went off in the market", ("explosive_device",), "none", ("market",)),
    ("The bomb killed a trader, police said", ("explosive_device",), "official", ("trader",)),
    ("Marchers filled the square", ("protest",), "none", ("square",)),
    ("Rain is expected", (), "none", ()),
)
_MISLEADING = ("Marchers filled the square with a bomb of confetti", (), "none", ())


def document(name, lines):
    text, sentences = "", []
    for words, events, source, targets in lines:
        start = len(text)
        spans = tuple(Span("target", start + (at := words.index(t)), start + at + len(t)) for t in targets)
        text += words + ". "
        sentences.append(Sentence(start, start + len(words) + 1, events, (), source, spans))
    incident = Incident("1", "explosive_device", "market", True, (0, 1))
    return Document(id=name, text=text.strip(), family=name, sentences=tuple(sentences), incidents=(incident,))


@pytest.fixture(scope="module")
def readings():
    return simulate([document(str(n), _LINES) for n in range(20)] + [document("odd", [*_LINES, _MISLEADING])])


def test_every_sentence_is_read_with_scores_of_every_key(readings):
    assert [len(reading.sentences) for reading in readings] == [4] * 20 + [5]
    for reading in readings:
        for sentence, read in zip(reading.document.sentences, reading.sentences, strict=True):
            assert (read.start, read.end) == (sentence.start, sentence.end)
            assert list(read.event_scores) == list(EVENT_TYPES)
            assert list(read.responsibility_scores) == list(RESPONSIBILITY)
            assert list(read.attribution_source_scores) == list(SOURCES)
            assert sum(read.attribution_source_scores.values()) == pytest.approx(1)
            assert all(0 < score < 1 for score in read.event_scores.values())


def test_what_is_said_as_ever_is_read_rightly_and_misleading_words_are_not(readings):
    assert [[s.events for s in reading.sentences[:4]] for reading in readings] == [
        [events for _, events, _, _ in _LINES]
    ] * 21
    assert {s.attribution_source for reading in readings for s in reading.sentences[1:2]} == {"official"}
    plain, misleading = readings[-1].sentences[3], readings[-1].sentences[4]
    assert misleading.event_scores["protest"] > 2 * plain.event_scores["protest"]


def test_some_spans_are_lost_and_none_is_made_up(readings):
    wanted = [{(p.start, p.end) for s in reading.document.sentences for p in s.spans} for reading in readings]
    given = [{(p.start, p.end) for s in reading.sentences for p in s.spans} for reading in readings]
    assert all(found <= own for found, own in zip(given, wanted, strict=True))
    assert 0 < sum(map(len, given)) < sum(map(len, wanted))


def test_reading_again_gives_the_same(readings):
    assert simulate([reading.document for reading in readings]) == readings


def test_too_few_families_are_refused():
    with pytest.raises(CorpusError, match=f"at least {FOLDS}"):
        simulate([document(str(n), _LINES) for n in range(FOLDS - 1)])


def test_an_opening_keeps_the_records_that_it_tells(readings):
    for reading in (*readings, *map(annotated, (reading.document for reading in readings))):
        start = opening(reading)
        assert start.sentences == reading.sentences[: len(start.sentences)]
        assert reading.document.text.startswith(start.document.text)
        told = {index for incident in start.document.incidents for index in incident.sentences}
        assert told == {index for index in (0, 1) if index < len(start.sentences)}


def test_cases_are_the_types_that_were_read(readings):
    (bomb, protest) = cases(readings[0])
    assert (bomb.kind, bomb.indexes, bomb.owners()) == ("explosive_device", [0, 1], [frozenset({0})] * 2)
    assert (protest.kind, protest.indexes, protest.owners()) == ("protest", [2], [frozenset()])
