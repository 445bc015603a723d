"""Two runs on the same documents: no difference where there is none, the same draws for both, refusals."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from pipeline import cli
from pipeline.errors import InputError
from pipeline.evaluate.compare import compare_results, compare_runs, holm, p_value
from pipeline.evaluate.compare_page import comparison_page
from pipeline.evaluate.headline import RECORD_HEADLINES, SENTENCE_HEADLINES
from pipeline.evaluate.incidents import incident_metrics
from pipeline.evaluate.intervals import Resampler
from pipeline.evaluate.metrics import sentence_metrics
from pipeline.evaluate.paired import pair_records, pair_sentences
from pipeline.evaluate.records import match_records, tally_records
from pipeline.evaluate.runs import read_run, results_of
from pipeline.evaluate.tally import tally
from pipeline.records import write_jsonl
from tests.conftest import ROOT
from tests.evaluate.runs import faulty_run, read_reports, without_labels

RESAMPLES = 200
FIGURES = {*SENTENCE_HEADLINES, *RECORD_HEADLINES}


@pytest.fixture(scope="module")
def reports():
    return read_reports(10)


@pytest.fixture(scope="module")
def runs(reports):
    """Two runs that share most of their errors: the second is the first with some more."""
    first = faulty_run(reports, 0.3, 1)
    worse = faulty_run(reports[:2], 0.4, 2)
    return first, [*worse, *first[2:]]


def test_a_run_does_not_differ_from_itself(reports, runs):
    found = compare_results(reports, runs[0], runs[0], RESAMPLES, 3)
    assert set(found) == FIGURES
    for figure in found.values():
        assert 0 < figure.first == figure.second < 1
        assert (figure.difference, figure.ci95, figure.p, figure.p_holm) == (0, (0, 0), 1, 1)
        assert not figure.excludes_zero


def test_a_run_without_labels_is_worse_in_everything(reports, runs):
    for figure in compare_results(reports, runs[0], without_labels(runs[0]), RESAMPLES, 3).values():
        assert figure.second == 0
        assert figure.difference == -figure.first
        assert figure.ci95[0] <= figure.difference <= figure.ci95[1] < 0
        assert figure.p == pytest.approx(2 / (RESAMPLES + 1), abs=1e-4)
        assert figure.p < figure.p_holm <= 10 * figure.p + 1e-3
        assert figure.excludes_zero


def test_naming_the_runs_the_other_way_round_flips_the_signs(reports):
    first, second = (faulty_run(reports, 0.3, seed) for seed in (1, 2))
    forth = compare_results(reports, first, second, RESAMPLES, 3)
    back = compare_results(reports, second, first, RESAMPLES, 3)
    for name in FIGURES:
        assert forth[name].difference == -back[name].difference != 0
        assert forth[name].ci95 == (-back[name].ci95[1], -back[name].ci95[0])
        assert (forth[name].p, forth[name].p_holm) == (back[name].p, back[name].p_holm)


def test_the_figures_and_draws_are_those_of_the_metrics_files(reports, runs):
    results = runs[0]
    metrics = {
        **sentence_metrics(reports, [result.sentences for result in results], RESAMPLES, 3),
        **incident_metrics(reports, results, RESAMPLES, 3),
    }
    compared = compare_results(reports, *runs, RESAMPLES, 3)
    for pair, figures in ((pair_sentences, SENTENCE_HEADLINES), (pair_records, RECORD_HEADLINES)):
        paired = pair(reports, results, results)
        resampler = Resampler(paired.document, RESAMPLES, 3)
        drawn = {name: resampler.sums(values) for name, values in paired.first.items()}
        for name, figure in figures.items():
            block, key = name.split(".")
            assert compared[name].first == metrics[block][key]
            assert resampler.interval(figure(drawn)) == metrics[block]["ci95"][key]


def test_pairing_narrows_the_interval_of_nearly_equal_runs(reports, runs):
    compared = compare_results(reports, *runs, RESAMPLES, 3)
    paired = pair_sentences(reports, *runs)
    for name, figure in SENTENCE_HEADLINES.items():
        low, high = (
            figure({block: Resampler(paired.document, RESAMPLES, seed).sums(counts) for block, counts in run.items()})
            for run, seed in ((paired.first, 5), (paired.second, 6))
        )
        apart = np.subtract(*np.percentile(high - low, (97.5, 2.5)))
        assert np.subtract(*compared[name].ci95[::-1]) < 0.75 * apart


def tallies(reports, run):
    """The counts of one run alone: of its sentences and of its records."""
    told = tally_records([match_records(*pair) for pair in zip(reports, run, strict=True)])
    return tally(reports, [result.sentences for result in run]), told


@pytest.mark.parametrize("seeds", [(1, 1), (1, 2), (4, 3)])
def test_pairing_neither_loses_nor_doubles_a_count(reports, seeds):
    runs = [faulty_run(reports, 0.5, seed) for seed in seeds]
    for number, run in enumerate(runs):
        for pair, alone in zip((pair_sentences, pair_records), tallies(reports, run), strict=True):
            paired = pair(reports, *runs)
            for name, counts in (paired.second if number else paired.first).items():
                for index in range(len(reports)):
                    of_document = counts[paired.document == index].sum(0)
                    assert (of_document == alone.counts[name][alone.document == index].sum(0)).all()


@pytest.mark.parametrize(("pair", "table"), [(pair_sentences, 0), (pair_records, 1)])
def test_only_what_is_spurious_in_one_run_alone_adds_units(reports, pair, table):
    runs = [faulty_run(reports, 0.5, seed) for seed in (1, 2)]
    first, second = (len(tallies(reports, run)[table].document) for run in runs)
    assert len(pair(reports, runs[0], runs[0]).document) == first
    assert len(pair(reports, runs[1], runs[1]).document) == second
    assert max(first, second) < len(pair(reports, *runs).document) < first + second


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([1.0] * 99, 0.02),
        ([-1.0] * 99, 0.02),
        ([0.0] * 99, 1.0),
        ([1e-15] * 99, 1.0),
        ([1.0] * 90 + [-1.0] * 9, 0.2),
        ([1.0] * 90 + [0.0] * 9, 0.2),
        ([1.0] * 50 + [-1.0] * 49, 1.0),
    ],
)
def test_p_is_twice_the_share_of_the_rarer_sign(differences, p):
    assert p_value(np.array(differences)) == pytest.approx(p)


@given(st.integers(0, 10**6), st.floats(-3, 3))
def test_p_and_the_interval_say_the_same(seed, shift):
    differences = np.random.default_rng(seed).normal(shift, size=199).round(1)
    low, high = Resampler(np.zeros(1, dtype=np.int64), 1, 0).interval(differences)
    p = p_value(differences)
    assert (low > 0 or high < 0) if p < 0.05 else (low <= 0 <= high or p <= 0.06)


def test_holm():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9, 0.6]) == [1, 1, 1]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda run: run[1:], r"B: 1 annotated documents are missing: afr-f4-a;"),
        (lambda run: run[:-7], r"B: 7 annotated documents are missing: [^;]*, …;"),
        (lambda run: [*run, msgspec.structs.replace(run[0], id="new")], r"1 predicted documents are not .*: new;"),
        (lambda run: [*run, run[0]], r"11 predictions of 10 documents"),
        (lambda run: [msgspec.structs.replace(run[0], text_sha256="0"), *run[1:]], r"another text .*: afr-f4-a;"),
    ],
)
def test_runs_on_other_documents_are_refused(reports, runs, change, message):
    with pytest.raises(InputError, match=message):
        results_of(reports, change(runs[0]), "B")


def test_the_order_of_the_predictions_does_not_matter(reports, runs):
    assert results_of(reports, runs[0][::-1], "B") == runs[0]


@pytest.fixture
def project(tmp_path, reports, runs, monkeypatch):
    """A folder with annotations and two runs' predictions, as the current directory."""
    write_jsonl(tmp_path / "data/prepared/gold.jsonl", reports)
    write_jsonl(tmp_path / "data/prepared/test.jsonl", reports[:3])
    for name, run in zip("ab", runs, strict=True):
        write_jsonl(tmp_path / name / "gold.jsonl", run)
        write_jsonl(tmp_path / name / "test.jsonl", run[:3])
    shutil.copy(ROOT / "params.yaml", tmp_path / "params.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_command(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["conflict-events", "compare", *arguments])
    with pytest.raises(SystemExit) as done:
        cli.main()
    return int(done.value.code or 0)


def test_the_command_shows_a_table_and_writes_json(project, monkeypatch, capsys):
    options = ("--part", "both", "--resamples", "50", "--json", "out/ab.json")
    assert run_command(monkeypatch, "a", "b", *options) == 0
    shown = capsys.readouterr().out
    assert all(shown.count(name) == 2 for name in FIGURES)
    written = json.loads((project / "out/ab.json").read_text())
    assert (written["first"], written["second"], written["resamples"], written["seed"]) == ("a", "b", 50, 7)
    assert {part: found["documents"] for part, found in written["parts"].items()} == {"gold": 10, "test": 3}
    row = written["parts"]["test"]["figures"]["events.micro_f1"]
    assert row["difference"] == pytest.approx(row["second"] - row["first"], abs=2e-4)
    assert set(row) == {"first", "second", "difference", "ci95", "p", "p_holm"}


def test_the_table_fits_a_terminal_and_marks_what_excludes_zero(project, reports, runs):
    write_jsonl(project / "[red]none" / "gold.jsonl", without_labels(runs[0]))
    page = comparison_page(compare_runs("a", "[red]none", ["gold"], Path("data/prepared"), 50, 7))
    output = io.StringIO()
    Console(file=output, width=80).print(page)
    lines = output.getvalue().splitlines()
    assert "B  [red]none" in lines
    rows = {line.split()[0]: line for line in lines if line.startswith(tuple(FIGURES))}
    assert set(rows) == FIGURES
    assert all(" * " in row for row in rows.values())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a", "nowhere"), "nowhere is neither a folder nor a revision"),
        (("a", "empty"), "gold.jsonl is missing"),
        (("a", "b", "--part", "dev"), "'dev'"),
        (("a", "b", "--resamples", "0"), "--resamples"),
        (("a", "b", "--annotations", "empty"), "gold.jsonl is missing"),
        (("a",), "B"),
        (("a", "b", "--json", "empty"), "is a directory"),
    ],
)
def test_usage_errors(project, monkeypatch, capsys, arguments, message):
    (project / "empty").mkdir()
    assert run_command(monkeypatch, *arguments) == 2
    assert message in capsys.readouterr().err


def test_predictions_of_a_revision_or_an_experiment_come_out_of_the_cache(project, runs, monkeypatch):
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(project / "site")}
    tools = Path(sys.executable).parent

    def call(*command: str) -> None:
        name = str(tools / command[0]) if command[0] == "dvc" else command[0]
        subprocess.run([name, *command[1:]], check=True, capture_output=True, env=environment)

    def predict(run) -> None:
        write_jsonl(Path("data/predictions/gold.jsonl"), run)
        call("dvc", "commit", "--quiet", "--force", "evaluate")

    stage = {"cmd": "true", "outs": ["data/predictions"]}
    Path("dvc.yaml").write_text(json.dumps({"stages": {"evaluate": stage}}))
    call("git", "init", "--quiet")
    call("git", "config", "user.name", "t")
    call("git", "config", "user.email", "t@t.invalid")
    call("dvc", "init", "--quiet")
    for run in runs:
        predict(run)
        call("git", "add", "dvc.yaml", "dvc.lock", ".dvc", "params.yaml")
        call("git", "commit", "--quiet", "--message", "a run")
    predict(without_labels(runs[0]))
    call("dvc", "exp", "save", "--quiet", "--name", "nothing-learned")

    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(project / "site"))
    assert read_run("HEAD~1", "gold") == runs[0]
    assert read_run("HEAD", "gold") == runs[1]
    assert read_run("nothing-learned", "gold") == without_labels(runs[0])
    with pytest.raises(InputError, match=r"HEAD: data/predictions/test.jsonl .* not in DVC's cache"):
        read_run("HEAD", "test")
    with pytest.raises(InputError, match="brave is neither a folder nor a revision"):
        read_run("brave", "gold")
    shutil.rmtree(".dvc/cache")
    with pytest.raises(InputError, match=r"HEAD~1: .* run `dvc exp run` there, or `dvc pull`"):
        read_run("HEAD~1", "gold")


def test_dvc_is_imported_for_revisions_only(project, monkeypatch):
    code = (
        "import sys; from pathlib import Path; import pipeline.cli; from pipeline.evaluate.runs import read_run; "
        "read_run('a', 'gold'); print('dvc' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == "False"
    monkeypatch.setitem(sys.modules, "dvc.api", None)
    with pytest.raises(InputError, match=r"conflict-events\[train\]"):
        read_run("HEAD", "gold")


def test_predictions_of_another_version_say_so(monkeypatch):
    monkeypatch.setattr("pipeline.evaluate.runs._read_revision", lambda revision, path: b'{"id": 3}\n')
    with pytest.raises(InputError, match=r"old: data/predictions/gold.jsonl does not hold predictions"):
        read_run("old", "gold")
