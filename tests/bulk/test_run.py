import json
import os
import random
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import msgspec
import pytest

from pipeline.bulk.documents import FAILURES, INCIDENTS, DocumentFormat, document_file, read_documents
from pipeline.bulk.jobs import MOST_CHARACTERS, MOST_DOCUMENTS, Job, into_jobs, run_job
from pipeline.bulk.local import LocalEngine
from pipeline.bulk.run import PARTS, extract_files, merge_folder
from pipeline.bulk.worker import MOST_DEATHS, Worker
from pipeline.errors import ConflictEventsError, InputError, ModelError
from pipeline.extract.extractor import Extractor
from pipeline.inputs.article import Place, Read
from pipeline.schema import Document, DocumentResult, Failure
from tests.bulk.runs import COUNT, outputs
from tests.conftest import ROOT


def test_every_input_is_one_row_and_workers_do_not_matter(articles, model, tmp_path):
    done = []
    summary = extract_files([str(articles)], tmp_path / "one", model, LocalEngine(model, 1), on_inputs=done.append)
    extract_files([str(articles)], tmp_path / "two", model, LocalEngine(model, 2))
    assert outputs(tmp_path / "one") == outputs(tmp_path / "two")
    assert (summary.counts.inputs, summary.counts.extracted, summary.counts.failed) == (COUNT + 2, COUNT, 2)
    assert sum(done) == COUNT + 2
    ids = [row.id for row in read_documents(tmp_path / "one/documents.jsonl", DocumentResult)]
    assert ids == [f"d{n}" for n in range(COUNT)]
    failures = [json.loads(line) for line in (tmp_path / "one" / FAILURES).read_text().splitlines()]
    assert [(failure["line"], failure["id"]) for failure in failures] == [(101, None), (102, "d3")]
    assert not (tmp_path / "one" / PARTS).exists()


def test_parquet_has_the_same_rows_and_merges_alike(articles, model, tmp_path):
    engine = LocalEngine(model, 1)
    for kind in DocumentFormat:
        extract_files([str(articles)], tmp_path / kind, model, engine, kind)
    rows = [list(read_documents(document_file(tmp_path / kind, kind), DocumentResult)) for kind in DocumentFormat]
    assert rows[0] == rows[1]
    assert any(incident.claims for row in rows[0] for incident in row.incidents)
    merged = [(tmp_path / kind / INCIDENTS).read_bytes() for kind in DocumentFormat]
    assert merged[0] == merged[1]
    extract_files([str(articles)], tmp_path / "parquet", model, engine)
    assert not document_file(tmp_path / "parquet", DocumentFormat.PARQUET).exists()


def command(articles, model, output, *options, **given):
    arguments = ["extract", str(articles), "--output", str(output), "--model", str(model), "--workers", "2", *options]
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        **given,
    )


def parts_in(output):
    return len(list((output / PARTS).glob("*")))


def test_a_run_that_is_killed_after_each_part_ends_with_the_same_bytes(articles, model, tmp_path):
    whole = command(articles, model, tmp_path / "whole")
    whole.communicate()
    output, kills, pauses = tmp_path / "killed", 0, random.Random(7)
    while True:
        running = command(articles, model, output, "--resume")
        before = parts_in(output)
        while running.poll() is None and parts_in(output) == before:
            time.sleep(0.005)
        time.sleep(pauses.uniform(0.0, 0.1))
        if running.poll() is None:
            running.kill()
            kills += 1
        running.communicate()
        if running.returncode != -signal.SIGKILL:
            break
    assert (whole.returncode, running.returncode) == (3, 3)
    assert kills > 0
    assert outputs(output) == outputs(tmp_path / "whole")


def test_a_full_disk_is_said_and_what_was_done_is_kept(articles, model, tmp_path):
    def limit():
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    full = command(articles, model, tmp_path / "out", preexec_fn=limit)
    message = full.communicate()[1].decode()
    assert full.returncode == 1
    assert "File too large" in message
    assert "--resume" in message
    extract_files([str(articles)], tmp_path / "whole", model)
    extract_files([str(articles)], tmp_path / "out", model, resume=True)
    assert outputs(tmp_path / "out") == outputs(tmp_path / "whole")


def test_a_worker_that_is_killed_takes_nothing_along(articles, model, tmp_path):
    extract_files([str(articles)], tmp_path / "whole", model, LocalEngine(model, 1))
    killed = []

    def kill_one(_):
        if not killed:
            child = active_children()[0]
            os.kill(child.pid, signal.SIGKILL)
            killed.append(child.pid)

    extract_files([str(articles)], tmp_path / "out", model, LocalEngine(model, 2), on_inputs=kill_one)
    assert len(killed) == 1
    assert outputs(tmp_path / "out") == outputs(tmp_path / "whole")


def three_reads():
    return tuple(Read(Place("a.jsonl", n), Document(id=name, text="Two died.")) for n, name in enumerate("abc", 1))


class Killed(Worker):
    """A worker whose process is killed whenever it is handed the article ``b``."""

    deaths = 0

    def _hand_over(self, running, job):
        deadly = any(read.found.id == "b" for read in job.reads)
        if deadly:
            os.kill(running.process.pid, signal.SIGSTOP)  # it must not be done before it is killed
        super()._hand_over(running, job)
        if deadly:
            running.process.kill()
            self.deaths += 1


def test_an_article_that_takes_its_worker_along_is_a_failure_and_the_others_are_not(model):
    worker = Killed(model)
    part = worker.run(Job(0, three_reads()))
    worker.close()
    failure = msgspec.json.decode(part.failures, type=Failure)
    assert (failure.id, failure.line, failure.error) == ("b", 2, "WorkerDied")
    assert [json.loads(row)["id"] for row in part.documents.splitlines()] == ["a", "c"]
    assert (part.extracted, part.failed) == (2, 1)
    assert worker.deaths == MOST_DEATHS + 1


class NeverReady(Worker):
    """A worker whose processes are killed before they have loaded the model."""

    starts = 0

    def _start(self):
        running = super()._start()
        running.process.kill()
        self.starts += 1
        return running


def test_processes_that_die_before_they_are_ready_are_no_fault_of_the_articles(model):
    worker = NeverReady(model)
    with pytest.raises(ConflictEventsError, match=r"exit code -9: .* memory .* `if __name__ == \"__main__\":`"):
        worker.run(Job(0, three_reads()))
    assert worker.starts == MOST_DEATHS
    assert active_children() == []


def test_a_model_that_a_worker_cannot_load_is_said(tmp_path):
    with pytest.raises(ModelError, match="no model at"):
        Worker(tmp_path / "nowhere").run(Job(0, three_reads()))
    assert active_children() == []


def test_what_has_changed_since_is_done_again_and_what_has_not_is_not(articles, model, tmp_path, monkeypatch):
    engine = LocalEngine(model, 1)
    out = tmp_path / "out"
    monkeypatch.setattr("pipeline.bulk.run.shutil.rmtree", lambda path: None)
    extract_files([str(articles)], out, model, engine)
    articles.write_bytes(articles.read_bytes().replace(b'"d99"', b'"x99"'))
    jobs = []

    class Counting:
        def run(self, waiting):
            for job in waiting:
                jobs.append(job.number)
                yield from engine.run([job])

    extract_files([str(articles)], out, model, Counting(), resume=True)
    assert jobs == [1]
    assert "x99" in {row.id for row in read_documents(out / "documents.jsonl", DocumentResult)}
    lines = articles.read_bytes().splitlines(keepends=True)
    articles.write_bytes(b"".join(lines[:10]))
    assert extract_files([str(articles)], out, model, engine, resume=True).counts.inputs == 10


def test_without_merging_there_are_no_incidents_even_of_an_earlier_run(articles, model, tmp_path):
    engine = LocalEngine(model, 1)
    extract_files([str(articles)], tmp_path, model, engine)
    assert (tmp_path / INCIDENTS).exists()
    summary = extract_files([str(articles)], tmp_path, model, engine, resume=True, merge=False)
    assert summary.counts.incidents is None
    assert not (tmp_path / INCIDENTS).exists()


def test_a_run_that_has_ended_is_not_run_again(articles, model, tmp_path):
    out = tmp_path / "out"
    first = extract_files([str(articles)], out, model)
    before = (out / "documents.jsonl").stat().st_mtime_ns
    assert extract_files([str(articles)], out, model, resume=True) == first
    assert (out / "documents.jsonl").stat().st_mtime_ns == before


@pytest.mark.parametrize("kind", DocumentFormat)
def test_a_run_without_its_documents_has_not_ended(articles, model, tmp_path, kind):
    out, engine = tmp_path / "out", LocalEngine(model, 1)
    first = extract_files([str(articles)], out, model, engine, kind)
    before = document_file(out, kind).read_bytes()
    document_file(out, kind).unlink()
    assert extract_files([str(articles)], out, model, engine, kind, resume=True) == first
    assert document_file(out, kind).read_bytes() == before


def test_parts_of_another_model_are_not_joined(articles, model, tmp_path):
    parts = tmp_path / "out" / PARTS
    parts.mkdir(parents=True)
    (parts / "manifest.json").write_text('{"schema": 1, "versions": {}, "model_sha256": "other"}')
    with pytest.raises(InputError, match="without --resume"):
        extract_files([str(articles)], tmp_path / "out", model, resume=True)


def test_a_result_that_json_cannot_hold_is_a_failure(model):
    reads = (
        Read(Place("b.jsonl", 7), Document(id="\ud800", text="Two died.")),
        Read(Place("b.jsonl", 8), Document(id="b", text="X.")),
    )
    part = run_job(Extractor.from_pretrained(model), Job(0, reads))
    failure = msgspec.json.decode(part.failures, type=Failure)
    assert (failure.line, failure.stage, part.extracted) == (7, "write", 1)


def test_jobs_are_cut_by_number_and_by_size():
    def read(text):
        return Read(Place("a"), Document(id="a", text=text))

    small = list(into_jobs([read("x")] * (MOST_DOCUMENTS + 1)))
    assert [len(job.reads) for job in small] == [MOST_DOCUMENTS, 1]
    assert [job.number for job in small] == [0, 1]
    large = list(into_jobs([read("x" * MOST_CHARACTERS), read("x"), read("x")]))
    assert [len(job.reads) for job in large] == [1, 2]
    assert len({job.digest for job in (*small, *large)}) == 4


def test_documents_of_two_runs_with_one_id_are_refused(articles, model, tmp_path):
    for name in "ab":
        extract_files([str(articles)], tmp_path / "runs" / name, model)
    with pytest.raises(InputError, match="'d0' occurs in"):
        merge_folder(tmp_path / "runs")


def test_a_folder_without_documents_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="conflict-events extract"):
        merge_folder(Path(tmp_path))
