"""The list of errors holds what differs and nothing else."""

import msgspec

from pipeline.evaluate.errors import COLUMNS, error_rows
from pipeline.incidents.examples import as_scored
from pipeline.schema import ScoredSpan


def test_what_is_right_is_no_error(report):
    assert error_rows([report], [as_scored(report.sentences)]) == []


def test_what_differs_is_told_with_its_scores(report):
    right = as_scored(report.sentences)
    first = msgspec.structs.replace(
        right[0],
        events=("explosive_device", "riot"),
        event_scores={**right[0].event_scores, "riot": 0.8},
        spans=(*right[0].spans[1:], ScoredSpan("actor", 0, 1, 0.6)),
    )
    fourth = msgspec.structs.replace(
        right[3], responsibility=(), responsibility_scores={**right[3].responsibility_scores, "claimed": 0.3}
    )
    (events, responsibility, spans) = error_rows([report], [(first, right[1], right[2], fourth, *right[4:])])
    assert tuple(sorted(events)) == tuple(sorted(COLUMNS))
    assert (events["layer"], events["sentence"], events["predicted"]) == ("events", 0, "explosive_device riot")
    assert (events["scores"], events["surprise"]) == ("riot 0.80", 0.8)
    assert (responsibility["annotated"], responsibility["predicted"]) == ("claimed", "")
    assert (responsibility["scores"], responsibility["surprise"]) == ("claimed 0.30", 0.7)
    assert spans["annotated"].startswith("weapon: motorcycle bomb")
    assert (spans["predicted"], spans["scores"]) == ("actor: A", "actor: A 0.60")
    assert spans["text"] == report.text[report.sentences[0].start : report.sentences[0].end]


def test_a_sentence_that_was_not_found_is_an_error_of_every_layer_that_it_has(report):
    found = as_scored(report.sentences)[1:]
    rows = error_rows([report], [found])
    assert [row["layer"] for row in rows] == ["events", "source", "spans"]
    assert {row["predicted"] for row in rows} == {"(no sentence)"}
    assert {row["surprise"] for row in rows} == {0.0}


def test_what_the_model_was_surest_of_comes_first_in_its_layer(report):
    doubted = [
        msgspec.structs.replace(sentence, events=("riot",), event_scores={**sentence.event_scores, "riot": score})
        for sentence, score in zip(as_scored(report.sentences), (0.6, 0.9, 0.7, 0.8), strict=False)
    ]
    found = error_rows([report], [[*doubted, *as_scored(report.sentences)[4:-1]]])
    surprises = [row["surprise"] for row in found if row["layer"] == "events"]
    assert surprises == sorted(surprises, reverse=True)
    assert len(surprises) >= 4
    assert [row["layer"] for row in found] == sorted(row["layer"] for row in found)
