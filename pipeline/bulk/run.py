"""A run of ``extract``: files in, one row per document out, with what failed and what made it."""

from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from pipeline import __version__
from pipeline.corpus.inputs import read_articles
from pipeline.errors import InputError
from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import folder_sha256
from pipeline.incidents.merge import merge_incidents
from pipeline.records import read_jsonl, write_json, write_jsonl
from pipeline.schema import SCHEMA_VERSION, Document, DocumentResult, Failure

DOCUMENTS = "documents.jsonl"
FAILURES = "failures.jsonl"
INCIDENTS = "incidents.jsonl"
RUN = "run.json"


class Counts(msgspec.Struct, frozen=True):
    """Every input document is either extracted or failed."""

    inputs: int
    extracted: int
    failed: int
    incidents: int


class RunSummary(msgspec.Struct, frozen=True):
    """``run.json``: what was run on what, by what, with which outcome."""

    schema: int
    versions: dict[str, str]
    model: str
    model_sha256: str
    parameters: dict[str, list[str] | str]
    counts: Counts


def extract_files(
    inputs: Sequence[str], output: Path, model: Path, on_document: Callable[[], None] = lambda: None
) -> RunSummary:
    """Extract from files into a folder.

    Args:
        inputs: See ``pipeline.corpus.inputs.read_articles``.
        output: Folder to write ``documents.jsonl``, ``failures.jsonl``, ``incidents.jsonl`` and ``run.json`` to.
        model: Model folder.
        on_document: Called after each document, for a progress bar.

    Raises:
        InputError: When an input does not exist, before anything is written.
        ModelError: When the model cannot be loaded.
    """
    extractor = Extractor.from_pretrained(model)
    articles = read_articles(inputs)
    failures: list[Failure] = []
    extracted = write_jsonl(output / DOCUMENTS, _results(articles, extractor, failures, on_document))
    write_jsonl(output / FAILURES, failures)
    incidents = merge_folder(output)
    summary = RunSummary(
        schema=SCHEMA_VERSION,
        versions={"conflict-events": __version__, "onnxruntime": version("onnxruntime")},
        model=extractor.card.base,
        model_sha256=folder_sha256(model),
        parameters={"inputs": list(inputs), "model": str(model)},
        counts=Counts(extracted + len(failures), extracted, len(failures), incidents),
    )
    write_json(output / RUN, summary)
    return summary


def merge_folder(folder: Path) -> int:
    """Merge over every ``documents.jsonl`` in a folder and below it; returns the number of merged incidents.

    Raises:
        InputError: When there is none, or when one document id occurs in two of them.
    """
    files = sorted(folder.rglob(DOCUMENTS))
    if not files:
        raise InputError(f"{folder}: no {DOCUMENTS}; run `conflict-events extract … --output {folder}` first")
    places: dict[str, Path] = {}
    results: list[DocumentResult] = []
    for path in files:
        for result in read_jsonl(path, DocumentResult):
            if result.id in places:
                raise InputError(f"document {result.id!r} occurs in {places[result.id]} and in {path}; keep one")
            places[result.id] = path
            results.append(result)
    return write_jsonl(folder / INCIDENTS, merge_incidents(results))


def _results(
    articles: Iterator[Document | Failure],
    extractor: Extractor,
    failures: list[Failure],
    on_document: Callable[[], None],
) -> Iterator[DocumentResult]:
    """The results; what failed is put into ``failures``."""
    for article in articles:
        found = article if isinstance(article, Failure) else next(extractor([article]))
        on_document()
        if isinstance(found, Failure):
            failures.append(found)
        else:
            yield found
