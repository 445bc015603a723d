"""Broken inputs against the readers: ``python -m benchmarks.fuzz_inputs [--inputs N] [--seed N]``.

An input is a file of odd articles, of which most are then damaged: bytes changed, cut out, put in, doubled, cut off. It
must give documents and failures, never an exception; a document can be written as JSON, and the lines of JSON are
all accounted for. Blocks of inputs run in a process of their own, so that a killed process is counted as well.
"""

import csv
import gzip
import io
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import pyarrow
import typer
from pyarrow import parquet

from pipeline.inputs.article import Read
from pipeline.inputs.reader import read_articles
from pipeline.schema import Document

Article = dict[str, Any]

_BLOCK: Final = 2_000
_MOST_ARTICLES: Final = 6
_MOST_DAMAGES: Final = 4
_SOUND: Final = 0.3
_PIECES: Final = (
    "Two rockets hit the barracks in Bria on Tuesday.",
    "date 2020-01-28 ",
    "date 2020-13-45 ",
    "<p>Three people died.</p>",
    "“No claim,” he said – naïve café €5",
    "\u202eright to left\u202c",
    "e\u0301\u0327",
    "👩‍👩‍👧 🚀",
    "\ufeff",
    "\0",
    "\r\n",
    "\n\n",
    "\r",
    "\x85\u2028",
    '"',
    '""',
    ",;\t",
    "a" * 5_000,
    "Ракеты попали в казарму. ",
    "火曜日、ロケット弾が兵舎に着弾した。",
    " ",
)
_ODD: Final = (
    None,
    "",
    " ",
    7,
    -1,
    2.5,
    1e300,
    True,
    [],
    {"a": 1},
    "\ud800",
    "2020-01-28",
    "2020-01-28T10:00:00Z",
    "May",
)
_TOKENS: Final = (
    *(b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\x00", b"\xed\xa0\x80", b"\x92", b"\n", b"\r", b'"', b",", b";", b"\t"),
    *(b"{", b"}", b"[" * 2_000, b"\\ud800", b"\\u0000", b"1e999", b"9" * 4_400, b"NaN", b"null", b"id,text\n", b"PAR1"),
    *(b'{"id": "x", "text": "y"}\n', b'"unclosed', b"\x1f\x8b\x08\x00"),
)
_ENCODINGS: Final = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "mac_roman", "shift_jis", "utf-16-le")


class Outcome(NamedTuple):
    """What became of one input."""

    kind: str
    documents: int
    failures: int
    crash: str | None


def write_jsonl(articles: Sequence[Article]) -> bytes:
    """One JSON object a line."""
    return b"".join(json.dumps(article).encode() + b"\n" for article in articles)


def write_gzip(articles: Sequence[Article]) -> bytes:
    """JSON lines, compressed."""
    return gzip.compress(write_jsonl(articles), mtime=0)


def write_csv(articles: Sequence[Article], delimiter: str = ",") -> bytes:
    """A header and a row for each article, in UTF-8."""
    return _csv_text(articles, delimiter).encode("utf-8", "surrogatepass")


def write_parquet(articles: Sequence[Article], group_rows: int = 2) -> bytes:
    """Columns of text or, where all articles allow it, of what they hold."""
    columns = {name: [article.get(name) for article in articles] for name in _names(articles)}
    handle = io.BytesIO()
    table = pyarrow.table({name: _array(values) for name, values in columns.items()})
    parquet.write_table(table, handle, row_group_size=group_rows)
    return handle.getvalue()


WRITERS: Final[dict[str, Callable[[Sequence[Article]], bytes]]] = {
    ".jsonl": write_jsonl,
    ".jsonl.gz": write_gzip,
    ".csv": write_csv,
    ".parquet": write_parquet,
}
"""Ways to write many articles, by the ending of the file's name."""


def read_content(content: bytes, ending: str) -> list[Read]:
    """Read a file with this content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"articles{ending}"
        path.write_bytes(content)
        return list(read_articles([str(path)]))


def try_input(number: int, seed: int) -> Outcome:
    """Make one input, the same at every call, and read it."""
    rng = random.Random(f"{seed}-{number}")
    kind = rng.choice((".txt", *WRITERS))
    content = _content(rng, kind)
    try:
        found = read_content(content, kind)
        _check(found, content, kind)
    except Exception as error:  # this is what is looked for
        return Outcome(kind, 0, 0, f"input {number}: {type(error).__name__}: {error}"[:300])
    documents = sum(isinstance(read.found, Document) for read in found)
    return Outcome(kind, documents, len(found) - documents, None)


def try_block(first: int, last: int, seed: int) -> list[Outcome]:
    """Try the inputs from one number to another, the last one left out."""
    return [try_input(number, seed) for number in range(first, last)]


def _check(found: Sequence[Read], content: bytes, kind: str) -> None:
    for read in found:
        msgspec.json.encode(read)
        assert isinstance(read.found, Document) or read.found.message
    lines = [read.place.line for read in found if read.place.line is not None]
    assert lines == sorted(set(lines)), "places out of order"
    if kind == ".jsonl":
        assert lines == [number for number, line in enumerate(content.split(b"\n"), 1) if line.strip()], "a line lost"
    if kind == ".txt":
        assert len(found) == 1


def _content(rng: random.Random, kind: str) -> bytes:
    if kind == ".txt":
        content = _text(rng).encode(rng.choice(_ENCODINGS), "replace")
    elif kind == ".csv" and rng.random() < 0.5:
        text = _csv_text(_articles(rng), rng.choice(",;\t"))
        content = text.encode(rng.choice(_ENCODINGS), "replace")
    elif kind == ".jsonl.gz" and rng.random() < 0.5:
        content = gzip.compress(_damaged(rng, write_jsonl(_articles(rng))), mtime=0)
    else:
        content = WRITERS[kind](_articles(rng))
    return content if rng.random() < _SOUND else _damaged(rng, content)


def _articles(rng: random.Random) -> list[Article]:
    return [_article(rng, number) for number in range(rng.randint(0, _MOST_ARTICLES))]


def _article(rng: random.Random, number: int) -> Article:
    article: Article = {"id": f"a{number}", "text": _text(rng)}
    for name in ("id", "text", "title", "published", "source", "url", "other"):
        if rng.random() < 0.1:
            article[name] = rng.choice((*_ODD, _text(rng)))
    return article


def _text(rng: random.Random) -> str:
    return "".join(rng.choices(_PIECES, k=rng.randint(0, 5)))


def _damaged(rng: random.Random, content: bytes) -> bytes:
    for _ in range(rng.randint(1, _MOST_DAMAGES)):
        first, last = sorted(rng.randint(0, len(content)) for _ in range(2))
        piece = rng.choice(
            (
                b"",
                rng.choice(_TOKENS),
                rng.randbytes(rng.randint(1, 8)),
                2 * content[first:last],
                content[first:last][::-1],
            )
        )
        last = rng.choice((first, first + 1, first + rng.randint(0, 8), last if rng.random() < 0.5 else len(content)))
        content = content[:first] + piece + content[last:]
    return content


def _names(articles: Sequence[Article]) -> list[str]:
    return list(dict.fromkeys(["id", "text", *(name for article in articles for name in article)]))


def _csv_text(articles: Sequence[Article], delimiter: str) -> str:
    handle = io.StringIO(newline="")
    writer = csv.DictWriter(handle, _names(articles), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(articles)
    return handle.getvalue()


def _array(values: Sequence[Any]) -> Any:
    try:
        return pyarrow.array(values)
    except (pyarrow.ArrowException, ValueError):
        return pyarrow.array([str(value).encode("utf-8", "surrogatepass") for value in values])


def main(
    inputs: Annotated[int, typer.Option(help="How many inputs to try")] = 20_000,
    seed: Annotated[int, typer.Option(help="Other inputs for another number")] = 7,
    first: Annotated[int, typer.Option(help="Number of the first input, to try one again")] = 0,
) -> None:
    """Print what became of the inputs of each kind; ends with 1 after a crash."""
    tried: Counter[str] = Counter()
    documents: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    crashes: list[str] = []
    for begin in range(first, first + inputs, _BLOCK):
        end = min(begin + _BLOCK, first + inputs)
        try:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                outcomes = pool.submit(try_block, begin, end, seed).result()
        except BrokenProcessPool:
            crashes.append(f"inputs {begin} to {end - 1}: the process was killed")
            continue
        for outcome in outcomes:
            tried[outcome.kind] += 1
            documents[outcome.kind] += outcome.documents
            failures[outcome.kind] += outcome.failures
        crashes += [outcome.crash for outcome in outcomes if outcome.crash]
    typer.echo(f"{'':<10}{'inputs':>10}{'documents':>12}{'failures':>10}")
    for kind in sorted(tried):
        typer.echo(f"{kind:<10}{tried[kind]:>10}{documents[kind]:>12}{failures[kind]:>10}")
    typer.echo(f"{'all':<10}{tried.total():>10}{documents.total():>12}{failures.total():>10}")
    typer.echo("\n".join([f"{len(crashes)} crashes", *crashes]))
    raise typer.Exit(bool(crashes))


if __name__ == "__main__":
    typer.run(main)
