import csv
import io
import json
import re
import sys
from datetime import date

import duckdb
import msgspec
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import cli
from pipeline.bulk.rows import Article, LedgerFact, Merged, Statement, country_name, make_row
from pipeline.bulk.tables import (
    COLUMNS,
    TableFormat,
    column_types,
    export_table,
    table_rows,
    write_csv,
    write_geojson,
    write_parquet,
)
from pipeline.errors import ConflictEventsError, InputError
from pipeline.incidents.merge import merge_incidents
from pipeline.records import write_jsonl
from pipeline.schema import (
    Claim,
    CountRange,
    DateRange,
    Fact,
    Incident,
    LedgerEntry,
    Link,
    Member,
    MergedIncident,
)
from tests.conftest import ROOT
from tests.results import extracted


def killed(least, most, document, source, source_type="official", reprint_of=None):
    return LedgerEntry(CountRange(least, most), None, source, source_type, document, 0, 9, reprint_of)


FIRST = Incident(
    id="a#1",
    type="shelling_missile",
    incident="a#1",
    main=True,
    sentences=(0, 1),
    date=DateRange("2019-06-11", "2019-06-11"),
    place="Bria",
    country="TCD",
    targets=("fort",),
    actors=("Azawen Front",),
    weapons=("rockets",),
    killed=CountRange(9, 9),
    attribution="accused",
    attributed_to="Azawen Front",
    claims=(Claim("responsibility", "Azawen Front", "accused", "police", "official", 1, 0, 9),),
)
SECOND = msgspec.structs.replace(
    FIRST,
    id="b#1",
    targets=("Fort", "=market"),
    killed=CountRange(2, 2),
    attribution="unattributed",
    attributed_to=None,
    claims=(),
)
CLASH = Incident(
    id="c#1",
    type="armed_clash",
    incident="c#1",
    main=True,
    sentences=(0,),
    date=DateRange("2019-06-01", "2019-06-30"),
    country="XKX",
    targets=("army",),
    actors=("the “Blues”",),
)
DOCUMENTS = [
    extracted(name, incident, published="2019-06-12", source=source)
    for name, source, incident in (("a", "Wire", FIRST), ("b", None, SECOND), ("c", "Ràdio", CLASH))
]
INCIDENTS = [
    MergedIncident(
        id="m:a#1",
        type="shelling_missile",
        date=FIRST.date,
        place="Bria",
        country="TCD",
        lat=6.54,
        lon=-21.99,
        members=(Member("a", "a#1"), Member("b", "b#1")),
        links=(Link("a#1", "b#1", 0.7, "same place"),),
        ledger={
            "responsibility": Fact(
                (LedgerEntry("Azawen Front", "accused", "police", "official", "a", 0, 9),), agreement=None
            ),
            "killed": Fact(
                (killed(9, 9, "a", "police"), killed(2, 2, "b", None, "witness", reprint_of="a")),
                agreement=False,
                best=CountRange(2, 9),
            ),
            "date": Fact((LedgerEntry(FIRST.date, None, None, None, "a", None, None),), agreement=True),
        },
        crosswalk={},
    ),
    MergedIncident(
        id="m:c#1",
        type="armed_clash",
        date=CLASH.date,
        place=None,
        country="XKX",
        lat=None,
        lon=None,
        members=(Member("c", "c#1"),),
        links=(),
        ledger={},
        crosswalk={},
    ),
]


@pytest.fixture
def run(tmp_path):
    """A folder as ``extract`` leaves it."""
    write_jsonl(tmp_path / "documents.jsonl", DOCUMENTS)
    write_jsonl(tmp_path / "incidents.jsonl", INCIDENTS)
    return tmp_path


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def written(write, rows):
    handle = io.BytesIO()
    assert write(handle, rows) == len(rows)
    return handle.getvalue()


def row(**fields):
    """The first incident's row with other values in some of its columns."""
    sources = ["Wire", None]
    ledger = {
        "killed": LedgerFact((Statement({"min": 9, "max": 9}, None, "police", "official", "a"),), agreement=None),
    }
    merged = Merged("m:a#1", FIRST.type, FIRST.date, "Bria", "TCD", 6.5, -2.0, (Member("a", "a#1"),), ledger)
    return msgspec.structs.replace(make_row(merged, [FIRST, SECOND], sources), **fields)


def test_a_row_says_what_the_reports_say(run):
    first, second = table_rows(run)
    assert (first.event_date, first.year, first.time_precision) == (date(2019, 6, 11), 2019, 1)
    assert (first.event_type, first.sub_event_type) == (
        "Explosions/Remote violence",
        "Shelling/artillery/missile attack",
    )
    assert (first.actor1, first.actor2) == ("Azawen Front", "fort; =market")
    assert (first.country, first.iso3, first.location) == ("Chad", "TCD", "Bria")
    assert (first.latitude, first.longitude) == (6.54, -21.99)
    assert (first.fatalities, first.fatalities_min, first.fatalities_max) == (2, 2, 9)
    assert (first.plover_event, first.plover_mode, first.plover_context) == ("ASSAULT", "heavy-weapons", "military")
    assert (first.cameo_root, first.cameo_code, first.gtd_attacktype) == ("19", "194", 3)
    assert (first.gtd_claimed, first.gtd_guncertain) == (None, 1)
    assert first.muc4_confidence == "SUSPECTED OR ACCUSED BY AUTHORITIES"
    assert (first.attribution, first.attributed_to) == ("accused", "Azawen Front")
    assert (first.actor_type, first.attributed_to_type) == ("rebel_group", "rebel_group")
    assert (first.articles, first.reprints, first.documents, first.source) == (2, 1, "a; b", "Wire")
    assert (first.disagreement_killed, first.disagreement_date, first.disagreement_responsibility) == (
        True,
        False,
        None,
    )
    assert first.notes == (
        "responsibility: accused Azawen Front (police). killed: 9 (police); 2 (witness). date: 2019-06-11"
    )
    assert (second.plover_actor, second.plover_recipient) == ("the “Blues”; army", None)
    assert (second.event_date, second.time_precision) == (date(2019, 6, 15), 3)
    assert (second.date_start, second.date_end) == (date(2019, 6, 1), date(2019, 6, 30))
    assert (second.country, second.latitude, second.fatalities) == ("Kosovo", None, None)
    assert first.event_id_cnty.startswith("TCD")
    assert first.event_id_cnty != second.event_id_cnty


@pytest.mark.parametrize(
    ("start", "end", "day", "precision"),
    [
        ("2020-02-28", "2020-03-05", date(2020, 3, 2), 2),
        ("2020-01-01", "2020-01-08", date(2020, 1, 4), 3),
        ("2020-01-01", "2020-12-31", None, None),
        ("2020-01-01", None, None, None),
        ("2020-01-02", "2020-01-01", None, None),
        ("0000-99-99", "tomorrow", None, None),
    ],
)
def test_a_date_is_as_exact_as_it_is(start, end, day, precision):
    merged = Merged("m", "riot", DateRange(start, end), None, None, None, None, (), {})
    found = make_row(merged, [], [])
    assert (found.event_date, found.time_precision) == (day, precision)


@pytest.mark.parametrize(("latitude", "longitude"), [(91.0, 0.0), (0.0, -1e300), (float("nan"), 0.0), (None, 3.0)])
def test_coordinates_off_the_globe_are_none(latitude, longitude):
    merged = Merged("m", "riot", None, None, None, latitude, longitude, (), {})
    found = make_row(merged, [], [])
    assert (found.latitude, found.longitude) == (None, None)
    assert json.loads(written(write_geojson, [found]))["features"][0]["geometry"] is None


def test_an_open_or_huge_count_fits_into_the_table():
    def counted(value):
        ledger = {"killed": LedgerFact((Statement(value, None, None, None, "a"),), None)}
        found = make_row(Merged("m", "riot", None, None, None, None, None, (), ledger), [], [])
        assert pyarrow.parquet.read_table(io.BytesIO(written(write_parquet, [found]))).num_rows == 1
        return found.fatalities, found.fatalities_min, found.fatalities_max

    assert counted({"min": 24, "max": None}) == (24, 24, None)
    assert counted(10**30) == (2**63 - 1,) * 3
    assert counted("many") == (None, None, None)


def test_without_a_ledger_the_records_slots_count():
    merged = Merged("m", FIRST.type, None, None, None, None, None, (), {})
    assert make_row(merged, [FIRST, SECOND], []).fatalities_max == 9


def test_csv_round_trip(run):
    path, count = export_table(run, TableFormat.CSV)
    assert (path, count) == (run / "incidents.csv", 2)
    first, second = read_csv(path.read_bytes())
    assert tuple(first) == COLUMNS
    assert (first["event_date"], first["longitude"], first["fatalities_max"]) == ("2019-06-11", "-21.99", "9")
    assert (first["disagreement_killed"], first["disagreement_injured"]) == ("True", "")
    assert (second["source"], second["cameo_code"]) == ("Ràdio", "190")


def test_geojson_round_trip(run):
    path, count = export_table(run, TableFormat.GEOJSON, run / "deep" / "x.json")
    assert count == 2
    content = json.loads(path.read_bytes())
    first, second = content["features"]
    assert content["type"] == "FeatureCollection"
    assert first["type"] == second["type"] == "Feature"
    assert first["geometry"] == {"type": "Point", "coordinates": [-21.99, 6.54]}
    assert second["geometry"] is None
    assert (first["id"], first["properties"]["event_date"]) == ("m:a#1", "2019-06-11")
    assert set(first["properties"]) == set(COLUMNS) - {"incident_id"}


def test_parquet_round_trip(run):
    path, _ = export_table(run, TableFormat.PARQUET)
    table = pyarrow.parquet.read_table(path)
    assert tuple(table.column_names) == COLUMNS
    assert table.to_pylist() == [msgspec.structs.asdict(found) for found in table_rows(run)]
    assert str(table.schema.field("event_date").type) == "date32[day]"


def test_the_query_of_the_readme_runs_in_duckdb(run):
    (query,) = re.findall(r"```sql\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert "'tables/incidents.parquet'" in query
    path, _ = export_table(run, TableFormat.PARQUET)
    found = duckdb.sql(query.replace("tables/incidents.parquet", str(path)))
    assert found.columns == [
        "country",
        "plover_event",
        "plover_mode",
        "incidents",
        "killed",
        "toll_disputed",
        "claimed",
    ]
    assert found.fetchall() == [
        ("Chad", "ASSAULT", "heavy-weapons", 1, 2, 1, 0),
        ("Kosovo", "ASSAULT", None, 1, None, 0, 0),
    ]


def test_duckdb_reads_the_csv_with_types(run):
    path, _ = export_table(run, TableFormat.CSV)
    found = duckdb.sql(f"SELECT event_date, latitude, articles, aggregate FROM read_csv('{path}') LIMIT 1").fetchall()
    assert found == [(date(2019, 6, 11), 6.54, 2, False)]


def test_real_merged_incidents_of_several_runs_make_a_table(tmp_path):
    for result in DOCUMENTS:
        write_jsonl(tmp_path / result.id / "documents.jsonl", [result])
    write_jsonl(tmp_path / "incidents.jsonl", merge_incidents(DOCUMENTS))
    rows = list(table_rows(tmp_path))
    assert sorted(found.documents for found in rows) == ["a; b", "c"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "＝1+1", '=cmd|"/C calc"!A0']
)
def test_no_text_is_a_formula(text):
    (found,) = read_csv(written(write_csv, [row(location=text)]))
    assert found["location"].startswith("'")
    assert float(found["longitude"]) == -2.0


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_every_format(place, notes):
    given_row = row(location=place, notes=notes)
    (feature,) = json.loads(written(write_geojson, [given_row]))["features"]
    (stored,) = pyarrow.parquet.read_table(io.BytesIO(written(write_parquet, [given_row]))).to_pylist()
    content = written(write_csv, [given_row])
    (cells,) = read_csv(content)
    assert content.count(b"\r\n") == 2
    for name, text in (("location", place), ("notes", notes)):
        assert feature["properties"][name] == stored[name] == text
        assert not re.match(r"\s*[=+\-@＝＋－＠]", cells[name])
        plain = cells[name].removeprefix("'") if not text.startswith("'") else cells[name]
        assert len(plain) == len(text)
        assert all(a == b or not b.isprintable() for a, b in zip(plain, text, strict=True))


def test_many_rows_are_written_in_batches():
    rows = [row(year=number) for number in range(10_001)]
    table = pyarrow.parquet.ParquetFile(io.BytesIO(written(write_parquet, rows)))
    assert table.num_row_groups == 2
    assert table.read(["year"])["year"].to_pylist() == list(range(10_001))


def test_no_incident_is_an_empty_table():
    assert read_csv(written(write_csv, [])) == []
    assert json.loads(written(write_geojson, [])) == {"type": "FeatureCollection", "features": []}
    assert pyarrow.parquet.read_table(io.BytesIO(written(write_parquet, []))).num_rows == 0


def test_every_column_has_a_type_that_tables_know():
    assert tuple(column_types()) == COLUMNS
    assert set(column_types().values()) == {str, int, float, bool, date}


@pytest.mark.parametrize(("code", "name"), [("BOL", "Bolivia"), ("XKX", "Kosovo"), ("QQQ", None), (None, None)])
def test_country_names(code, name):
    assert country_name(code) == name


def run_command(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["conflict-events", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


def test_the_command_writes_the_table(run, monkeypatch, capsys):
    assert run_command(monkeypatch, "export", run, "--format", "csv", "--output", run / "t.csv") == 0
    assert "2 merged incidents" in capsys.readouterr().err
    assert len(read_csv((run / "t.csv").read_bytes())) == 2


def test_a_folder_that_is_none_of_ours_is_a_usage_error(run, tmp_path, monkeypatch, capsys):
    assert run_command(monkeypatch, "export", tmp_path / "nowhere", "--format", "csv") == 2
    assert "no such folder" in capsys.readouterr().err
    (run / "incidents.jsonl").unlink()
    assert run_command(monkeypatch, "export", run, "--format", "geojson") == 2
    assert "no incidents.jsonl" in capsys.readouterr().err
    assert run_command(monkeypatch, "export", run, "--format", "xlsx") == 2
    assert sorted(path.name for path in run.iterdir()) == ["documents.jsonl"]


def test_files_that_do_not_fit_together_leave_no_half_table(run):
    write_jsonl(run / "documents.jsonl", DOCUMENTS[:2])
    with pytest.raises(InputError, match=r"m:c#1 names record 'c#1' of document 'c'.*merge"):
        export_table(run, TableFormat.CSV)
    (run / "incidents.jsonl").write_text('{"id": 3}\n')
    with pytest.raises(InputError, match=r"incidents\.jsonl:1"):
        export_table(run, TableFormat.GEOJSON)
    assert sorted(path.name for path in run.iterdir()) == ["documents.jsonl", "incidents.jsonl"]


def test_an_output_that_is_a_folder_is_refused(run):
    with pytest.raises(InputError, match="is a folder"):
        export_table(run, TableFormat.CSV, run)


def test_without_pyarrow_parquet_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConflictEventsError, match=r"conflict-events\[tables\]"):
        export_table(run, TableFormat.PARQUET)
    assert export_table(run, TableFormat.CSV)[1] == 2


def test_the_sentences_of_a_document_are_passed_over(run):
    line = msgspec.json.decode((run / "documents.jsonl").read_bytes().splitlines()[0])
    line["sentences"] = [{"anything": 1}]
    assert msgspec.json.decode(msgspec.json.encode(line), type=Article).id == "a"
