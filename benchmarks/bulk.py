"""What bulk extraction needs and stands: memory against the number of documents, kills, Ray against this machine.

    python -m benchmarks.bulk memory  --documents 100000
    python -m benchmarks.bulk kills   --kills 50
    python -m benchmarks.bulk engines --documents 2000

Each prints a table, and writes it as CSV where ``--output`` says. Articles are those of the corpus's train part.
"""

import csv
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, Any

import msgspec
import psutil
import typer
from rich.console import Console
from rich.table import Table

from pipeline.bulk.documents import FAILURES, read_documents
from pipeline.extract.extractor import DEFAULT_MODEL
from pipeline.records import read_jsonl, write_jsonl
from pipeline.schema import Document, Failure
from pipeline.text.sentences import split_sentences

TRAIN = Path("data/prepared/train.jsonl")
_COMMAND = [sys.executable, "-m", "pipeline", "extract"]
_MIB = 2**20

app = typer.Typer(no_args_is_help=True, help=__doc__)
Output = Annotated[Path | None, typer.Option(help="CSV file to write the table to")]


class _Named(msgspec.Struct):
    id: str


@app.command()
def memory(documents: int = 100_000, workers: int = 2, model: Path = DEFAULT_MODEL, output: Output = None) -> None:
    """Memory of the reader and of its workers while short articles stream through, without merging."""
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder) / "articles.jsonl"
        write_jsonl(articles, _articles(documents, sentences=1))
        rows = []
        run = _start(articles, Path(folder) / "out", model, workers, "--no-merge")
        step = documents // 10
        while run.poll() is None:
            time.sleep(1)
            done = 64 * len(list((Path(folder) / "out/parts").glob("*.jsonl")))
            if len(rows) < min(done, documents) // step:
                rows.append(_memory_row(run.pid, done))
        extracted = sum(1 for _ in read_documents(Path(folder) / "out/documents.jsonl", _Named))
        _show(f"memory, {extracted} of {documents} documents in the end", rows, output)


@app.command()
def kills(kills: int = 50, documents: int = 1_000, model: Path = DEFAULT_MODEL, output: Output = None) -> None:
    """Kill runs with all their workers at random moments, go on with --resume, and compare with an undisturbed one."""
    moments = random.Random(17)
    rows, killed, number = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        articles, whole = Path(folder) / "articles.jsonl", Path(folder) / "whole"
        write_jsonl(articles, _articles(documents, sentences=2))
        started = time.monotonic()
        _start(articles, whole, model, 2).wait()
        took = time.monotonic() - started
        while killed < kills:
            number += 1
            row: dict[str, Any] = {"run": number, "kills": 0}
            out = Path(folder) / f"killed{number}"
            while True:
                run = _start(articles, out, model, 2, "--resume")
                try:
                    run.wait(moments.uniform(0.1, 0.6) * took if row["kills"] < 10 else None)
                    break
                except subprocess.TimeoutExpired:
                    _kill(run, with_workers=moments.random() < 0.5)
                    row["kills"] += 1
            killed += row["kills"]
            ids = [each.id for each in read_documents(out / "documents.jsonl", _Named)]
            failed = sum(1 for _ in read_jsonl(out / FAILURES, Failure))
            row |= {"lost": documents - len(set(ids)) - failed, "doubled": len(ids) - len(set(ids))}
            row["byte for byte"] = all(
                (out / name.name).read_bytes() == name.read_bytes() for name in whole.iterdir() if name.is_file()
            )
            rows.append(row)
    _show(f"{killed} kills", rows, output)


@app.command()
def engines(documents: int = 2_000, model: Path = DEFAULT_MODEL, output: Output = None) -> None:
    """Whole articles through this machine and through Ray, with one and with two workers; start-up is told apart."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few.jsonl", Path(folder) / "many.jsonl"
        write_jsonl(few, _articles(2 * 64, sentences=1))
        write_jsonl(many, _articles(documents))
        reference: bytes | None = None
        for engine in ("local", "ray"):
            for workers in (1, 2):
                out = Path(folder) / f"{engine}{workers}"
                start = _timed(few, out, model, workers, engine)
                took = _timed(many, out, model, workers, engine)
                written = (out / "documents.jsonl").read_bytes()
                reference = reference or written
                rows.append(
                    {
                        "engine": engine,
                        "workers": workers,
                        "start-up s": round(start, 1),
                        "all s": round(took, 1),
                        "documents/s": round((documents - 2 * 64) / (took - start), 1),
                        "in kB/document": round(many.stat().st_size / documents / 1e3, 1),
                        "out kB/document": round(len(written) / documents / 1e3, 1),
                        "same bytes": written == reference,
                    }
                )
    _show("engines", rows, output)


def _articles(count: int, sentences: int | None = None) -> Iterator[dict[str, Any]]:
    """Articles of the train part over and over, each under a new id; of each the first sentences, or all."""
    reports = list(read_jsonl(TRAIN, Document))
    for number, report in enumerate(islice(cycle(reports), count)):
        end = split_sentences(report.text)[:sentences][-1][1]
        yield {"id": f"a{number}", "text": report.text[:end], "published": report.published, "source": report.source}


def _start(articles: Path, out: Path, model: Path, workers: int, *options: str) -> subprocess.Popen[bytes]:
    told = [str(articles), "--output", str(out), "--model", str(model), "--workers", str(workers), *options]
    return subprocess.Popen([*_COMMAND, *told], stderr=subprocess.DEVNULL)


def _timed(articles: Path, out: Path, model: Path, workers: int, engine: str) -> float:
    started = time.monotonic()
    if code := _start(articles, out, model, workers, "--engine", engine, "--no-merge").wait():
        raise RuntimeError(f"{engine} with {workers} workers ended with {code}")
    return time.monotonic() - started


def _kill(run: subprocess.Popen[bytes], with_workers: bool) -> None:
    family = psutil.Process(run.pid).children(recursive=True) if with_workers else []
    run.kill()
    for process in family:
        process.kill()
    run.wait()


def _memory_row(pid: int, done: int) -> dict[str, Any]:
    workers = [child for child in psutil.Process(pid).children() if "spawn_main" in " ".join(child.cmdline())]
    return {
        "documents": done,
        "reader MiB": round(psutil.Process(pid).memory_info().rss / _MIB),
        "largest worker MiB": round(max((each.memory_info().rss for each in workers), default=0) / _MIB),
    }


def _show(title: str, rows: Iterable[dict[str, Any]], output: Path | None) -> None:
    rows = list(rows)
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)
    if output is not None:
        with output.open("w", newline="") as handle:
            writer = csv.DictWriter(handle, rows[0])
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    app()
