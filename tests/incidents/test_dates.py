from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.incidents.date_calendar import FUTURE, IMPOSSIBLE, NO_ANCHOR, NO_PUBLICATION, Clock, Days
from pipeline.incidents.date_candidates import find_candidates
from pipeline.incidents.date_ranking import choose
from pipeline.incidents.date_reading import read_article
from pipeline.incidents.date_rules import _ANY, find_mentions, matches
from pipeline.incidents.dates import NO_EXPRESSION, parse_date, resolve_dates
from pipeline.incidents.fit_dates import fit_weights
from pipeline.labels import LABELS
from pipeline.schema import DateRange, Document, Incident, ScoredSentence, ScoredSpan, Sentence, Span

PUBLISHED = "2019-06-12"  # a Wednesday
EVE = Days(date(2019, 6, 8), date(2019, 6, 8))


def article(*lines):
    """Text and sentences of (words, events, times), one a line."""
    text, sentences = "", []
    for words, events, times in lines:
        start = len(text)
        spans = tuple(
            ScoredSpan("time", start + words.index(time), start + words.index(time) + len(time), 1.0) for time in times
        )
        scores = [
            dict.fromkeys(keys, 0.0)
            for keys in (LABELS.keys("events"), LABELS.keys("responsibility"), LABELS.keys("source"))
        ]
        end = start + len(words)
        sentences.append(ScoredSentence(start, end, tuple(events), scores[0], (), scores[1], "none", scores[2], spans))
        text += words + "\n"
    return text, sentences


def meanings(words, today=date(2019, 6, 12), anchor=EVE):
    return [mention.meaning(Clock(today, today, anchor)) for mention in find_mentions(words)]


@pytest.mark.parametrize(
    ("expression", "start", "end"),
    [
        ("Tuesday", "2019-06-11", "2019-06-11"),
        ("Wednesday", "2019-06-12", "2019-06-12"),
        ("Thursday", "2019-06-06", "2019-06-06"),
        ("last Wednesday", "2019-06-05", "2019-06-05"),
        ("Tuesday of last week", "2019-06-04", "2019-06-04"),
        ("late on Sunday evening", "2019-06-09", "2019-06-09"),
        ("early on Tuesday", "2019-06-11", "2019-06-11"),
        ("yesterday", "2019-06-11", "2019-06-11"),
        ("this morning", "2019-06-12", "2019-06-12"),
        ("overnight", "2019-06-11", "2019-06-12"),
        ("the weekend", "2019-06-08", "2019-06-09"),
        ("ten days ago", "2019-06-02", "2019-06-02"),
        ("two years ago", "2017-01-01", "2017-12-31"),
        ("last week", "2019-06-03", "2019-06-09"),
        ("last month", "2019-05-01", "2019-05-31"),
        ("earlier this month", "2019-06-01", "2019-06-12"),
        ("last year", "2018-01-01", "2018-12-31"),
        ("the past five months", "2019-01-12", "2019-06-12"),
        ("March 3", "2019-03-03", "2019-03-03"),
        ("the third of March", "2019-03-03", "2019-03-03"),
        ("3 July", "2018-07-03", "2018-07-03"),
        ("from 3 to 5 May", "2019-05-03", "2019-05-05"),
        ("the night of the 9th", "2019-06-09", "2019-06-09"),
        ("the 20th", "2019-05-20", "2019-05-20"),
        ("Monday, July 12, 1993", "1993-07-12", "1993-07-12"),
        ("2016-02-29", "2016-02-29", "2016-02-29"),
        ("04.06.2011", "2011-06-04", "2011-06-04"),
        ("May 2017", "2017-05-01", "2017-05-31"),
        ("June", "2019-06-01", "2019-06-12"),
        ("last June", "2018-06-01", "2018-06-30"),
        ("May last year", "2018-05-01", "2018-05-31"),
        ("late December", "2018-12-21", "2018-12-31"),
        ("the last week of February", "2019-02-22", "2019-02-28"),
        ("the last Saturday of October 2006", "2006-10-28", "2006-10-28"),
        ("in 2016", "2016-01-01", "2016-12-31"),
        ("the early 1990s", "1990-01-01", "1993-12-31"),
        ("last winter", "2018-12-01", "2019-02-28"),
        ("the spring of 1962", "1962-03-01", "1962-05-31"),
        ("two winters ago", "2017-12-01", "2018-02-28"),
        ("Good Friday", "2019-04-19", "2019-04-19"),
        ("Christmas Eve", "2018-12-24", "2018-12-24"),
    ],
)
def test_an_expression_by_itself(expression, start, end):
    assert parse_date(expression, PUBLISHED) == DateRange(start, end)


@pytest.mark.parametrize(
    ("expression", "start", "end"),
    [("2017", "2017-01-01", "2017-12-31"), ("4 May 2017", "2017-05-04", "2017-05-04"), ("winter of 2011", None, None)],
)
def test_years_need_no_publication(expression, start, end):
    found = parse_date(expression, None)
    assert found == (DateRange("2011-12-01", "2012-02-29") if start is None else DateRange(start, end))


@pytest.mark.parametrize(
    ("expression", "published"), [("Tuesday", None), ("March 3", None), ("soup", PUBLISHED), ("", PUBLISHED)]
)
def test_what_settles_no_date(expression, published):
    assert parse_date(expression, published) is None


@pytest.mark.parametrize(
    ("expression", "day"),
    [
        ("two days later", 10),
        ("a day after", 9),
        ("the next morning", 9),
        ("the day before", 7),
        ("a week earlier", 1),
        ("that night", 8),
        ("hours later", 8),
        ("that Sunday", 9),
    ],
)
def test_counting_from_the_date_told_before(expression, day):
    assert meanings(expression) == [Days(date(2019, 6, day), date(2019, 6, day))]


@pytest.mark.parametrize(
    ("words", "today", "anchor", "reason"),
    [
        ("Tuesday", None, EVE, NO_PUBLICATION),
        ("two days later", date(2019, 6, 12), None, NO_ANCHOR),
        ("next Monday", date(2019, 6, 12), EVE, FUTURE),
        ("31 February", date(2019, 6, 12), EVE, IMPOSSIBLE),
        ("29 February 1900", date(2019, 6, 12), EVE, IMPOSSIBLE),
    ],
)
def test_reasons(words, today, anchor, reason):
    assert meanings(words, today, anchor) == [reason]


@pytest.mark.parametrize(
    "words",
    [
        "they may march",
        "THE MARCH AND WHAT CAME AFTER",
        "a second man",
        "1420 hours",
        "half past five",
        "he would fall",
    ],
)
def test_words_that_look_like_dates(words):
    assert find_mentions(words) == []


PIECES = (
    *(
        "the ",
        "a ",
        "an ",
        "last ",
        "that ",
        "of ",
        "early ",
        "night of the ",
        "new year's eve",
        "two ",
        "weeks ",
        "ago",
    ),
    *(
        "May ",
        "12",
        "th",
        " of May",
        "2019-06-01",
        ", ",
        "1999",
        "s ",
        "Sunday ",
        "Monday",
        " to ",
        "summer",
        "\n",
        "x",
    ),
    *(
        "ſunday ",
        "Auguſt ",
        "wee\u212a ",
        "İ",
        "٣",
        "twenty-first ",
        "day before ",
        "at weekend",
        "_",
        "’",
        "three days later",
    ),
)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join))
def test_trying_some_words_only_finds_what_trying_every_place_finds(words):
    assert [m.span() for m in matches(words)] == [m.span() for m in _ANY.finditer(words)]


def test_seasons_of_the_south():
    clock = Clock(date(1986, 5, 15), date(1986, 5, 15), None, southern=True)
    (mention,) = find_mentions("last winter")
    assert mention.meaning(clock) == Days(date(1985, 6, 1), date(1985, 8, 31), "month")


def test_expressions_of_an_article_count_from_each_other():
    text, sentences = article(
        ("A bomb went off at the mill on Thursday.", ["explosive_device"], ["Thursday"]),
        ("Two days later soldiers shot at a bus.", ["armed_assault"], ["Two days later"]),
        ("They have been fighting since May.", ["armed_clash"], ["May"]),
        ("It burned from Monday to Tuesday.", ["riot"], ["Monday to Tuesday"]),
    )
    told = read_article(text, PUBLISHED, sentences).told
    assert [(each.meaning.start.isoformat(), each.meaning.end.isoformat()) for each in told] == [
        ("2019-06-06", "2019-06-06"),
        ("2019-06-08", "2019-06-08"),
        ("2019-05-01", "2019-06-12"),
        ("2019-06-10", "2019-06-11"),
    ]
    assert all(each.marked for each in told)
    assert text[told[3].start : told[3].end] == "Monday to Tuesday"


def test_each_happening_has_its_own_date():
    text, sentences = article(
        ("Rockets hit the fort in Bria on Tuesday, killing nine.", ["shelling_missile"], ["Tuesday"]),
        ("The army blamed the Azawen Front.", ["shelling_missile", "accusation"], []),
        ("In March a mine killed two guards on the same road.", ["explosive_device"], ["March"]),
        ("A mayor was kidnapped there in 2016.", ["abduction"], ["2016"]),
    )
    finder = resolve_dates(text, PUBLISHED, sentences)
    rockets = finder.date_of("shelling_missile", [1, 0])
    assert rockets.range == DateRange("2019-06-11", "2019-06-11")
    assert rockets.precision == "day"
    assert [text[start:end] for start, end in rockets.expressions] == ["Tuesday"]
    assert 0 < rockets.score <= 1
    assert finder.date_of("explosive_device", [2]).range == DateRange("2019-03-01", "2019-03-31")
    kidnapping = finder.date_of("abduction", [3])
    assert (kidnapping.range, kidnapping.precision) == (DateRange("2016-01-01", "2016-12-31"), "year")


def test_the_report_of_a_date_is_not_the_event():
    text, sentences = article(
        ("Gunmen shot a judge at his door on Monday, police said on Tuesday.", ["armed_assault"], ["Monday"]),
        ("Nobody claimed the killing.", ["armed_assault"], []),
    )
    assert resolve_dates(text, PUBLISHED, sentences).date_of("armed_assault", [0, 1]).range == DateRange(
        "2019-06-10", "2019-06-10"
    )


def test_a_happening_without_time_takes_the_date_told_beside_it():
    text, sentences = article(
        ("A crowd stormed the town hall of Oyem on Monday.", ["riot"], ["Monday"]),
        ("Police answered with tear gas.", ["repression"], []),
    )
    found = resolve_dates(text, PUBLISHED, sentences).date_of("repression", [1])
    assert found.range == DateRange("2019-06-10", "2019-06-10")


def test_without_publication_relative_dates_stay_open():
    text, sentences = article(("Rockets hit the fort on Tuesday.", ["shelling_missile"], ["Tuesday"]))
    found = resolve_dates(text, None, sentences).date_of("shelling_missile", [0])
    assert (found.range, found.precision, found.reason, found.expressions) == (None, None, NO_PUBLICATION, ())


def test_without_any_expression_and_publication():
    text, sentences = article(("Rockets hit the fort.", ["shelling_missile"], []))
    found = resolve_dates(text, None, sentences).date_of("shelling_missile", [0])
    assert found.range is None
    assert found.reason in (NO_PUBLICATION, NO_EXPRESSION)


@pytest.mark.parametrize(
    ("head", "start", "end"),
    [
        ("JUBA, Wednesday 12 June 2019 (Nile Wire)", "2019-06-11", "2019-06-11"),
        ("date 2019-06-12", "2019-06-11", "2019-06-11"),
        ("Letter from Juba, June 2019", "2019-06-01", "2019-06-30"),
    ],
)
def test_a_date_in_the_head_takes_the_place_of_publication(head, start, end):
    text, sentences = article((head, [], []), ("Rockets hit the fort on Tuesday.", ["shelling_missile"], ["Tuesday"]))
    assert resolve_dates(text, None, sentences).date_of("shelling_missile", [1]).range == DateRange(start, end)


def test_nothing_lies_wholly_after_publication():
    text, sentences = article(
        ("Two died on Monday.", ["riot"], ["Monday"]),
        ("They will march on 20 June 2019.", ["protest"], ["20 June 2019"]),
    )
    reading = read_article(text, PUBLISHED, sentences)
    assert all(each.days.start <= date(2019, 6, 12) for each in find_candidates(reading, "protest", [1]))


def test_no_members_and_foreign_members_do_no_harm():
    text, sentences = article(("Rockets hit the fort on Tuesday.", ["shelling_missile"], ["Tuesday"]))
    finder = resolve_dates(text, PUBLISHED, sentences)
    assert finder.date_of("shelling_missile", []).range is not None
    assert finder.date_of("shelling_missile", [0, 99, -1]) == finder.date_of("shelling_missile", [0])
    assert resolve_dates("", PUBLISHED, []).date_of("protest", []).expressions == ()


def test_no_candidates_no_choice():
    assert choose([], {}) is None


def test_fitting_learns_which_expression_counts():
    """Twelve reports whose event is always the second of two days."""
    days = ["Monday", "Tuesday", "Thursday", "Friday", "Saturday", "Sunday"]
    documents = []
    for number in range(12):
        first, second = days[number % 6], days[(number + 1 + number // 6) % 6]
        words = f"Met on {first}, they burned it on {second}."
        at = [words.index(day) for day in (first, second)]
        spans = tuple(Span("time", a, a + len(day)) for a, day in zip(at, (first, second), strict=True))
        right = parse_date(second, PUBLISHED)
        record = Incident("1", "riot", "x", True, (0,), date=right)
        sentence = Sentence(0, len(words), ("riot",), spans=spans)
        documents.append(Document(f"d{number}", words, PUBLISHED, sentences=(sentence,), incidents=(record,)))
    weights = fit_weights(documents)
    assert weights == fit_weights(documents)
    assert weights["own later"] > weights["own first"]
    text, sentences = article(("Met on Monday, they burned it on Tuesday.", ["riot"], ["Monday", "Tuesday"]))
    found = resolve_dates(text, PUBLISHED, sentences, weights=weights).date_of("riot", [0])
    assert found.range == DateRange("2019-06-11", "2019-06-11")
    assert fit_weights([]) == {}


_SCRAPS = (
    "on since the last next that of two 31 0 9999 February May Tuesday night week years ago later before 1999 999 "
    "first winter Easter day days for and to century decade past 29th 2019-13-45 99.99.2019 ſecond weeKs ٣ ² decades"
)
_WORDS = st.sampled_from(_SCRAPS.split())


@settings(max_examples=150, deadline=None)
@given(
    words=st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=12).map(" ".join)),
    published=st.one_of(st.none(), st.text(max_size=12), st.dates().map(str)),
    members=st.lists(st.integers(-2, 5), max_size=3),
    marked=st.booleans(),
)
def test_whatever_the_text_the_answer_is_in_order(words, published, members, marked):
    spans = (ScoredSpan("time", 0, len(words), 1.0),) if marked else ()
    sentence = ScoredSentence(0, len(words), ("riot",), {}, (), {}, "none", {}, spans)
    finder = resolve_dates(words, published, [sentence, sentence])
    found = finder.date_of("riot", members)
    assert found == finder.date_of("riot", members[::-1])
    assert all(0 <= start < end <= len(words) for start, end in found.expressions)
    assert (found.range is None) == (found.precision is None)
    assert found.reason
    if found.range is not None and found.range.start and found.range.end:
        assert found.range.start <= found.range.end


@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from(["Monday", "Friday", "May", "last week", "the 31st"])
)
def test_relative_dates_never_lie_ahead(today, expression):
    found = parse_date(expression, today.isoformat())
    if found is not None:
        assert found.start <= found.end <= today.isoformat()
