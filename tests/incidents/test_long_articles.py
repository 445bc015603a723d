"""Articles of any length: the work for one grows with its length, not with the square of it."""

import sys
from pathlib import Path

import pytest

import pipeline.incidents
from pipeline.incidents.mentions import LINKED_ROLES, mention_features, read_facts
from pipeline.incidents.merge import merge_incidents
from pipeline.incidents.reach import distance, within_reach
from pipeline.incidents.records import build_incidents
from pipeline.schema import DocumentResult
from tests.incidents.marked import article

TOWNS = ("Mopti", "Gao", "Kidal", "Bamako", "Lyon", "Basra", "Kano", "Goma")
FOLDER = str(Path(pipeline.incidents.__file__).parent)


def report(sentences):
    """A bombing in each sentence, in many places and on many days, by many groups, with somebody speaking of each."""
    return article(
        *(
            f"{'^' if n % 5 == 0 else ''}[explosive_device|{('claimed', 'denied', 'accused')[n % 3]}|armed_group] “The "
            f"{{actor:{{source:{'group' if n % 2 else f'Front of Azawad {n}'}}}}} hit {{location:{TOWNS[n % 8]}}}’s "
            f"{{target:market {n}}} on {{time:{1 + n % 28} {('May', 'March', 'April')[n % 3]}}}, killing "
            f"{{killed:{1 + n % 40}}} people."
            for n in range(sentences)
        )
    )


def lines_run(work):
    """How many lines of ``pipeline.incidents`` run while ``work`` is done, each turn of a loop counted."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if not frame.f_code.co_filename.startswith(FOLDER):
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.fixture
def _short_reach(monkeypatch):
    """Bounds that a short article exceeds."""
    monkeypatch.setattr("pipeline.incidents.reach.REACH", 4)
    monkeypatch.setattr("pipeline.incidents.linking.MAX_LINKED", 10)
    monkeypatch.setattr("pipeline.incidents.table._NEIGHBOURS", 4)


@pytest.mark.usefixtures("_short_reach")
def test_four_times_the_sentences_are_no_more_than_five_times_the_work():
    results = []

    def work(sentences):
        text, scored = report(sentences)

        def build():
            found = build_incidents("a", text, "2019-06-12", scored)
            result = DocumentResult(
                id="a", published="2019-06-12", source=None, title=None, text_sha256="", sentences=scored,
                incidents=found, warnings=(),
            )  # fmt: skip
            results.append((len(found), len(merge_incidents([result]))))

        return lines_run(build)

    work(30)
    short, long = work(120), work(480)
    assert long < 5 * short
    assert results[2][0] > 3 * results[1][0] > 0
    assert all(records == merged for records, merged in results)


def test_new_words_are_counted_as_if_every_mention_were_compared_with_all_others():
    text, sentences = report(12)
    facts = read_facts(text, None, sentences)
    indexes = [0, 2, 3, 7, 8, 11]
    for position, found in enumerate(mention_features(facts, indexes)):
        for role in LINKED_ROLES:
            words = facts[indexes[position]].roles.get(role, frozenset())
            others = [facts[other].roles.get(role, frozenset()) for other in indexes]
            new = words.difference(*others[:position], *others[position + 1 :])
            assert found.get(f"new {role}", 0) == (len(new) / len(words) if words else 0)
            early = words.difference(*others[:position])
            assert found.get(f"{role} not before", 0) == (len(early) / len(words) if words else 0)


@pytest.mark.usefixtures("_short_reach")
@pytest.mark.parametrize(
    ("members", "sentences", "reached"),
    [
        ([], 3, [0, 1, 2]),
        ([0], 3, [0, 1, 2]),
        ([10], 30, list(range(6, 15))),
        ([10, 12, 25], 28, [*range(6, 17), *range(21, 28)]),
    ],
)
def test_what_is_within_reach_of_a_happening(members, sentences, reached):
    assert list(within_reach(members, sentences)) == reached


@pytest.mark.parametrize(("index", "away"), [(0, 3), (3, 0), (5, 2), (8, 1), (20, 11)])
def test_the_distance_to_the_nearest_sentence(index, away):
    assert distance(index, [3, 9]) == away
    assert distance(index, []) is None
