"""How fast texts are read, by what, on this machine: ``python -m benchmarks.throughput [--articles N] [--rounds N]``.

All contenders read the same articles of the train split, in rounds: in each round every contender makes one pass, one
after the other, so that whatever else the machine does hits all of them. Figures are medians over the rounds. Each
contender is a process of its own (or two), and peak memory is that of its processes. From text to labelled sentences:

- naive: Hugging Face's ``pipeline``, a sentence at a time, one model for each of four tasks (event types,
  responsibility, source, roles as token classification). The models are all-MiniLM-L6-v2 with heads of the right size
  and random weights: speed is compared here, not quality.
- torch fp32, torch bf16, onnx fp32, onnx int8: this project's model on each backend.

Then int8: the bare model call on the same batches, and from text to incident records, with one process of N threads
and N processes of one thread each.

Tokens are what the encoder reads, the two special tokens of each sentence included, padding not. Shares of the peak
count the products that these tokens need (linear layers, attention; four times for the naive way) against what one
large product of the same kind reaches with all threads. An int8 graph runs attention and the largest channels in 32
bits.
"""

import argparse
import hashlib
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import msgspec
import onnxruntime

from benchmarks.contenders import PRODUCTS, SIDE, Setup, serve
from benchmarks.machine import processor_name
from pipeline.config import load_params
from pipeline.extract.folder import TOKENIZER, read_card
from pipeline.extract.scoring import MAX_BATCH_TOKENS
from pipeline.records import atomic_write, read_jsonl, write_json
from pipeline.schema import Document
from pipeline.text.batches import batches_by_tokens
from pipeline.text.sentences import split_sentences
from pipeline.text.tokens import ArticleTokenizer

_LAYERS: Final = 6
_WIDTH: Final = 384
_FEED: Final = 4 * _WIDTH
_NAIVE_MODELS: Final = 4
_COMPARED: Final = ("naive", "torch fp32", "torch bf16", "onnx fp32", "onnx int8")
_SHIPPED: Final = ("int8 model call", "int8 text to records")
_PEAKS: Final = ("peak fp32", "peak int8")


class Work(msgspec.Struct, frozen=True):
    """The size of the articles. ``operations`` of the encoder are multiplications and additions on real tokens."""

    documents: int
    sentences: int
    tokens: int
    padded_tokens: int
    operations: float


class Row(msgspec.Struct, frozen=True):
    """One contender; seconds are for one pass, memory is the sum over its processes."""

    name: str
    processes: int
    threads: int
    seconds: float
    fastest: float
    slowest: float
    documents_per_second: float
    tokens_per_second: float
    peak_mib: float
    times_naive: float | None = None
    share_of_peak: float | None = None
    share_of_model_call: float | None = None
    sha256: str | None = None


class Report(msgspec.Struct, frozen=True):
    """All that one run measured. Peaks are in thousand million operations a second, by name and threads."""

    processor: str
    bf16: bool
    onnxruntime: str
    rounds: int
    work: Work
    peaks: dict[str, float]
    rows: tuple[Row, ...]


class Team:
    """A contender's processes, each with its share of the articles."""

    def __init__(self, name: str, processes: int, setup: Setup) -> None:
        self.name, self.processes, self.threads = name, processes, setup.threads
        self.seconds: list[float] = []
        self.answers: list[Any] = []
        context = get_context("spawn")
        self._lines = []
        for first in range(processes):
            here, there = context.Pipe()
            part = msgspec.structs.replace(setup, articles=setup.articles[first::processes])
            context.Process(target=serve, args=(there, name, part), daemon=True).start()
            there.close()
            self._lines.append(here)

    def wait(self) -> None:
        """Until all are built and have made a pass to warm up."""
        for line in self._lines:
            line.recv()

    def run(self) -> None:
        """One pass over the articles, all processes at once."""
        begin = time.perf_counter()
        for line in self._lines:
            line.send("run")
        self.answers = [line.recv() for line in self._lines]
        self.seconds.append(time.perf_counter() - begin)

    def end(self) -> float:
        """Stop the processes; returns the sum of their peak memory in MiB."""
        for line in self._lines:
            line.send(None)
        return sum(line.recv() for line in self._lines)

    def sha256(self) -> str | None:
        """One checksum over what came out for each article, in the articles' order."""
        if not self.answers[0]:
            return None
        rows = {
            first + self.processes * place: row
            for first, found in enumerate(self.answers)
            for place, row in enumerate(found)
        }
        return hashlib.sha256("".join(rows[index] for index in sorted(rows)).encode()).hexdigest()


def measure_work(articles: Sequence[Document], folder: Path) -> Work:
    """Count what the encoder has to do."""
    card = read_card(folder)
    tokenizer = ArticleTokenizer.from_file(folder / TOKENIZER, card.max_tokens, card.overlap_tokens)
    lengths: list[int] = []
    padded = sentences = 0
    for article in articles:
        tokenized = tokenizer.tokenize(article.text, split_sentences(article.text))
        own = [len(tokenizer.window_ids(tokenized, window)) for window in tokenized.windows]
        sentences += len(tokenized.token_ids)
        padded += sum(len(b) * max(own[i] for i in b) for b in batches_by_tokens(own, MAX_BATCH_TOKENS))
        lengths += own
    linear = 2 * _LAYERS * (4 * _WIDTH**2 + 2 * _WIDTH * _FEED)
    attention = 4 * _LAYERS * _WIDTH
    operations = sum(length * (linear + attention * length) for length in lengths)
    return Work(len(articles), sentences, sum(lengths), padded, float(operations))


def measure(setup: Setup, rounds: int, names: Sequence[str]) -> Report:
    """Run all contenders in rounds."""
    plans = [(name, 1, setup.threads) for name in (*_COMPARED, *_SHIPPED, *_PEAKS) if name in names or name in _PEAKS]
    plans += [(name, setup.threads, 1) for name in _SHIPPED if setup.threads > 1 and name in names]
    teams = [Team(name, count, msgspec.structs.replace(setup, threads=threads)) for name, count, threads in plans]
    for team in teams:
        team.wait()
    for number in range(rounds):
        for team in teams:
            team.run()
            print(f"\rround {number + 1} of {rounds}: {team.name:<24}", end="", flush=True)
    print("\r" + " " * 60, end="\r")
    memory = [team.end() for team in teams]
    work = measure_work(setup.articles, setup.int8)
    peaks = {team.name: 2e-9 * PRODUCTS * SIDE**3 / _median(team) for team in teams if team.name in _PEAKS}
    return Report(
        processor=processor_name(),
        bf16=_has_bf16(),
        onnxruntime=onnxruntime.__version__,
        rounds=rounds,
        work=work,
        peaks={name: round(value, 1) for name, value in peaks.items()},
        rows=tuple(
            _row(team, teams, work, peaks, peak_mib)
            for team, peak_mib in zip(teams, memory, strict=True)
            if team.name not in _PEAKS
        ),
    )


def _row(team: Team, teams: Sequence[Team], work: Work, peaks: dict[str, float], peak_mib: float) -> Row:
    seconds, naive = _median(team), [other for other in teams if other.name == "naive"]
    calls = [t for t in teams if t.name == _SHIPPED[0] and t.processes == team.processes]
    operations = work.operations * (_NAIVE_MODELS if team.name == "naive" else 1)
    peak = peaks["peak int8" if "int8" in team.name else "peak fp32"]
    return Row(
        name=team.name,
        processes=team.processes,
        threads=team.threads,
        seconds=seconds,
        fastest=min(team.seconds),
        slowest=max(team.seconds),
        documents_per_second=work.documents / seconds,
        tokens_per_second=work.tokens / seconds,
        peak_mib=peak_mib,
        times_naive=_median_ratio(naive[0], team) if naive else None,
        share_of_peak=1e-9 * operations / seconds / peak,
        share_of_model_call=_median_ratio(calls[0], team) if calls and team.name == _SHIPPED[1] else None,
        sha256=team.sha256(),
    )


def _median(team: Team) -> float:
    return statistics.median(team.seconds)


def _median_ratio(first: Team, second: Team) -> float:
    """How many times as long the first takes, by the median over the rounds: both stood in the same weather."""
    return statistics.median(a / b for a, b in zip(first.seconds, second.seconds, strict=True))


def _has_bf16() -> bool:
    flags = Path("/proc/cpuinfo").read_text().split() if Path("/proc/cpuinfo").is_file() else []
    return "avx512_bf16" in flags or "amx_bf16" in flags


def as_markdown(report: Report) -> str:
    """The report as a table with its conditions."""
    work = report.work
    lines = [
        f"{work.documents} articles, {work.sentences} sentences, {work.tokens} tokens "
        f"({work.padded_tokens} with padding); median of {report.rounds} rounds; {report.processor}, "
        f"{'with' if report.bf16 else 'without'} bf16 instructions; onnxruntime {report.onnxruntime}; large products: "
        + ", ".join(f"{name.removeprefix('peak ')} {value:.0f} Gop/s" for name, value in report.peaks.items()),
        "",
        "| | processes × threads | documents/s | tokens/s | × naive | peak MiB | share of peak | share of model call "
        "| slowest / fastest round |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in report.rows:
        cells = (
            row.name,
            f"{row.processes} × {row.threads}",
            f"{row.documents_per_second:.1f}",
            f"{row.tokens_per_second:,.0f}",
            _or_dash(row.times_naive, ".1f"),
            f"{row.peak_mib:.0f}",
            _or_dash(row.share_of_peak, ".0%"),
            _or_dash(row.share_of_model_call, ".0%"),
            f"{row.slowest / row.fastest:.2f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _or_dash(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


@contextmanager
def _fp32_folder(trained: Path, exported: Path, wanted: bool) -> Iterator[Path]:
    """A model folder in 32 bits that is gone afterwards; another process writes it, whose memory is not ours."""
    with tempfile.TemporaryDirectory() as name:
        if wanted:
            process = get_context("spawn").Process(target=_export_fp32, args=(trained, exported, Path(name)))
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit("the export in 32 bits failed, see above")
        yield Path(name)


def _export_fp32(trained: Path, exported: Path, folder: Path) -> None:
    from pipeline.extract.from_torch import export_fp32

    export_fp32(trained, exported, folder, load_params().export)


def main() -> None:
    """Measure, print the table, and write it where told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=64, help="how many, taken evenly over the file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2, help="processor cores to use")
    parser.add_argument("--data", type=Path, default=Path("data/prepared/train.jsonl"))
    parser.add_argument("--trained", type=Path, default=Path("models/encoder"), help="torch model")
    parser.add_argument("--model", type=Path, default=Path("models/onnx"), help="int8 model folder")
    parser.add_argument("--only", nargs="+", choices=(*_COMPARED, *_SHIPPED), default=(*_COMPARED, *_SHIPPED))
    parser.add_argument("--json", type=Path, help="file to write all figures to")
    parser.add_argument("--markdown", type=Path, help="file to write the table to")
    options = parser.parse_args()
    documents = list(read_jsonl(options.data, Document))
    articles = tuple(
        msgspec.structs.replace(document, sentences=(), incidents=())
        for document in documents[:: max(1, len(documents) // options.articles)][: options.articles]
    )
    with _fp32_folder(options.trained, options.model, "onnx fp32" in options.only) as fp32:
        base = load_params().encoder.base
        setup = Setup(articles, options.trained, options.model, fp32, base, options.threads)
        report = measure(setup, options.rounds, options.only)
    print(as_markdown(report), end="")
    if options.json:
        write_json(options.json, report)
    if options.markdown:
        with atomic_write(options.markdown) as handle:
            handle.write(as_markdown(report).encode())


if __name__ == "__main__":
    main()
