import io
import sys

import msgspec
import pytest
from rich.console import Console

from pipeline import cli
from pipeline.bulk.page import find_incident, overview, page, read_incidents
from pipeline.errors import InputError
from pipeline.incidents.merge import merge_incidents
from pipeline.records import write_jsonl
from pipeline.schema import Claim, CountRange, DateRange, Incident
from tests.results import extracted

TEXTS = {
    "a": "Rockets [bold]hit[/bold] Bria. Nine died, police said.",
    "b": "Rockets hit Bria. Two died, a witness said. The Azawen Front did it, the army said.",
    "c": "A march in Kano.",
}


def told(name, published, dead, source, *claims):
    start = TEXTS[name].index(dead[0])
    count = Claim("killed", CountRange(dead[1], dead[1]), None, *source, 1, start, start + len(dead[0]))
    incident = Incident(
        id=f"{name}#1",
        type="shelling_missile",
        incident=f"{name}#1",
        main=True,
        sentences=(0, 1),
        date=DateRange("2019-06-11", "2019-06-11"),
        place="Bria",
        country="CAF",
        targets=("fort",),
        killed=CountRange(dead[1], dead[1]),
        claims=(count, *claims),
    )
    return extracted(name, incident, published=published)


BLAME = Claim("responsibility", "Azawen Front", "accused", "army", "official", 2, 44, len(TEXTS["b"]))


@pytest.fixture
def folder(tmp_path):
    reports = [
        told("a", "2019-06-12", ("Nine", 9), ("police", "official")),
        told("b", "2019-06-13", ("Two", 2), ("a witness", "witness"), BLAME),
    ]
    march = msgspec.structs.replace(
        reports[0].incidents[0], id="c#1", incident="c#1", type="protest", country="NGA", place="Kano", claims=()
    )
    reports.append(msgspec.structs.replace(reports[0], id="c", incidents=(march,)))
    write_jsonl(tmp_path / "incidents.jsonl", merge_incidents(reports))
    return tmp_path


def shown(renderable, width=200):
    output = io.StringIO()
    Console(file=output, width=width).print(renderable)
    return output.getvalue()


def test_the_page_ties_each_statement_to_its_voice_and_its_words(folder):
    found = shown(page(find_incident(read_incidents(folder), "b"), TEXTS))
    lines = [" ".join(line.split()) for line in found.splitlines()]
    assert "shelling_missile, 2019-06-11, Bria, CAF" in lines
    assert "killed best 2 to 9, the reports DISAGREE" in lines
    assert "9 police (official) a “Nine”" in lines
    assert "2 a witness (witness) b “Two”" in lines
    blame = lines.index("accused Azawen Front army (official) b")
    assert lines[blame + 1] == "“The Azawen Front did it, the army said.”"
    assert "2019-06-13 accused Azawen Front official b" in lines
    assert any(line.startswith("a#1 – b#1") for line in lines)


def test_a_sentence_of_evidence_has_the_width_of_a_narrow_terminal(folder):
    found = shown(page(find_incident(read_incidents(folder), "b"), TEXTS), width=60)
    assert "      “The Azawen Front did it, the army said.”" in [line.rstrip() for line in found.splitlines()]


def test_without_the_articles_the_offsets_stand_for_the_words(folder):
    assert "44–83" in shown(page(find_incident(read_incidents(folder), "m:a#1"), {}))


def test_text_of_articles_is_shown_as_it_is(folder):
    incident = find_incident(read_incidents(folder), "a")
    assert "i][i]" in shown(page(incident, dict.fromkeys("ab", "[i]" * 40)))


def test_the_overview_lists_what_enough_articles_report(folder):
    everything, shared = (shown(overview(read_incidents(folder), least)) for least in (1, 2))
    assert ("m:c#1" in everything, "m:c#1" in shared) == (True, False)
    assert "killed" in shared


def test_the_command_finds_an_incident_by_its_article(folder, tmp_path, monkeypatch, capsys):
    for name, text in TEXTS.items():
        (tmp_path / f"{name}.txt").write_text(text)
    monkeypatch.setattr(sys, "argv", ["conflict-events", "ledger", str(folder), "b", "--articles", str(tmp_path)])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert done.value.code == 0
    assert "DISAGREE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "message"), [("nothing", "no incident 'nothing'"), ("a", "2 incidents: m:a#1, m:a#2")]
)
def test_a_name_that_is_none_or_many_is_refused(folder, name, message):
    incidents = list(read_incidents(folder))
    again = msgspec.structs.replace(incidents[0], id="m:a#2")
    with pytest.raises(InputError, match=message):
        find_incident([*incidents, again], name)


def test_a_folder_without_incidents_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="conflict-events extract"):
        read_incidents(tmp_path)


def test_a_statement_without_words_to_quote_takes_one_line(folder):
    incident = find_incident(read_incidents(folder), "b")
    fact = incident.ledger["responsibility"]
    silent = msgspec.structs.replace(fact.entries[0], start=None, end=None)
    ledger = {"responsibility": msgspec.structs.replace(fact, entries=(silent, *fact.entries))}
    lines = shown(page(msgspec.structs.replace(incident, ledger=ledger), TEXTS)).splitlines()
    said = [number for number, line in enumerate(lines) if line.strip().startswith("accused Azawen Front")]
    assert said[1] == said[0] + 1
    assert "The Azawen Front did it" in lines[said[1] + 1]
