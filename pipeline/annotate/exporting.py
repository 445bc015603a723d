"""A run of ``labels export``: articles in, tasks for an annotation tool out."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import nlargest
from pathlib import Path
from typing import Any, Final

import msgspec

from pipeline import __version__
from pipeline.annotate.annotated import Format, report_id
from pipeline.annotate.assemble import assemble
from pipeline.annotate.incident_lines import annotated_incidents, incident_line
from pipeline.annotate.jsonl_tasks import jsonl_task
from pipeline.annotate.marks import Flaw, marks_of
from pipeline.annotate.ranking import Ranking, disagreement_with, uncertainty
from pipeline.annotate.report_text import format_report, report_flaws
from pipeline.annotate.studio_config import label_config
from pipeline.annotate.studio_tasks import studio_task
from pipeline.bulk.documents import FAILURES
from pipeline.errors import InputError
from pipeline.extract.extractor import Extractor
from pipeline.extract.folder import folder_sha256, graphs_folder
from pipeline.inputs.article import Read
from pipeline.inputs.reader import read_articles
from pipeline.labels import STYLES
from pipeline.records import atomic_write, read_jsonl, write_json, write_jsonl
from pipeline.schema import Document, DocumentResult, Failure

TASKS: Final = {Format.LABEL_STUDIO: "tasks.json", Format.JSONL: "tasks.jsonl"}
CONFIG: Final = "config.xml"

_STAGE: Final = "labels export"
_SHOWN_DIGITS: Final = 12


class ExportSummary(msgspec.Struct, frozen=True):
    """Articles that were read, that became tasks, and that failed and are listed."""

    inputs: int
    tasks: int
    failed: int


def export_tasks(
    inputs: Sequence[str],
    output: Path,
    model: Path,
    form: Format = Format.LABEL_STUDIO,
    count: int | None = None,
    second: Path | None = None,
    on_document: Callable[[], None] = lambda: None,
) -> ExportSummary:
    """Write the tasks, for Label Studio ``config.xml`` too, and ``failures.jsonl`` into a folder.

    Args:
        inputs: See ``pipeline.inputs.reader.read_articles``.
        output: The folder.
        model: Model folder.
        form: The format of the tasks.
        count: How many articles at most; all of them by default.
        second: Second opinions of the articles, labelled documents as JSON lines. With them the articles come first on
            which they and the model disagree most, without them those that the model is least sure of.
        on_document: Called after each article, for a progress bar.

    Raises:
        InputError: When an input does not exist or the second opinions cannot be read, before anything is written.
        ModelError: When the model cannot be loaded.
    """
    articles = read_articles(inputs)
    ranking = disagreement_with(read_jsonl(second, Document)) if second else uncertainty
    extractor = Extractor.from_pretrained(model)
    failures: list[Failure] = []
    read = 0

    def counted() -> Iterator[Read]:
        nonlocal read
        for article in articles:
            yield article
            read += 1
            on_document()

    ranked = _ranked(counted(), extractor, ranking, failures)
    first = nlargest(sys.maxsize if count is None else count, ranked, key=lambda each: each[0])
    version = f"conflict-events {__version__}, model {folder_sha256(graphs_folder(model))[:_SHOWN_DIGITS]}"
    tasks = [_task(document, result, form, version) for _, document, result in first]
    if form is Format.JSONL:
        write_jsonl(output / TASKS[form], tasks)
    else:
        write_json(output / TASKS[form], tasks)
        with atomic_write(output / CONFIG) as handle:
            handle.write(label_config().encode())
    write_jsonl(output / FAILURES, failures)
    return ExportSummary(read, len(tasks), len(failures))


def _ranked(
    articles: Iterable[Read], extractor: Extractor, ranking: Ranking, failures: list[Failure]
) -> Iterator[tuple[float, Document, DocumentResult]]:
    """Each article with its score and the model's result; what failed is put into ``failures``."""
    for read in articles:
        article, place = read.found, read.place
        if isinstance(article, Failure):
            failures.append(article)
            continue
        (result,) = extractor([article])
        if isinstance(result, Failure):
            failures.append(msgspec.structs.replace(result, input=place.input, line=place.line))
            continue
        try:
            yield ranking(result), article, result
        except InputError as error:
            failures.append(Failure(place.input, place.line, article.id, _STAGE, type(error).__name__, str(error)))


def _task(document: Document, result: DocumentResult, form: Format, version: str) -> dict[str, Any]:
    incidents = [incident_line(each) for each in annotated_incidents(result.incidents, report_id(document.id))]
    if form is Format.JSONL:
        return jsonl_task(document, result, incidents)
    return studio_task(document, result, incidents, _to_mend(document, result, incidents), version)


def _to_mend(document: Document, result: DocumentResult, incidents: Sequence[str]) -> list[Flaw]:
    """What an import of the model's labels as they are would refuse, for the annotator to see."""
    marks = [mark for sentence in result.sentences for mark in marks_of(sentence)]
    sentences, flaws = assemble(document.text, marks)
    draft = Document("draft", document.text, document.published, family="draft", style=STYLES[0], sentences=sentences)
    return flaws or report_flaws(format_report(draft, incidents), draft.id)
