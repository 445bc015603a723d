"""Stage ``evaluate``: score what ships, from raw text through the exported model, as users run it."""

from collections import Counter
from pathlib import Path

from pipeline.config import load_params
from pipeline.errors import ConflictEventsError
from pipeline.evaluate.calibration import calibration_figures
from pipeline.evaluate.errors import COLUMNS, error_rows
from pipeline.evaluate.incidents import incident_metrics
from pipeline.evaluate.match import answered
from pipeline.evaluate.metrics import sentence_metrics
from pipeline.evaluate.plots import plot_rows
from pipeline.evaluate.slices import slice_metrics
from pipeline.extract.extractor import Extractor
from pipeline.progress import Advance, progress
from pipeline.records import read_jsonl, write_json, write_jsonl, write_table
from pipeline.schema import Document, DocumentResult
from pipeline.stages.runner import run, say


def main(model: Path, prepared: Path, predictions: Path, metrics: Path, plots: Path) -> None:
    """Score gold and test.

    Writes ``<part>.jsonl`` predictions and ``<part>_errors.csv``, ``<part>.json`` metrics, ``slices.json`` with both
    parts, and the plots' rows.
    """
    params = load_params()
    extractor = Extractor.from_pretrained(model, params.train.threads)
    temperatures = extractor.card.temperatures
    train = read_jsonl(prepared / "train.jsonl", Document)
    train_events = Counter(event for document in train for sentence in document.sentences for event in sentence.events)
    slices = {}
    for part in ("gold", "test"):
        documents = list(read_jsonl(prepared / f"{part}.jsonl", Document))
        with progress(f"reading {part}", len(documents)) as advance:
            results = [_extract(extractor, document, advance) for document in documents]
        write_jsonl(predictions / f"{part}.jsonl", results)
        sentences = [result.sentences for result in results]
        write_table(predictions / f"{part}_errors.csv", COLUMNS, error_rows(documents, sentences))
        settings = (params.evaluate.resamples, params.evaluate.seed)
        write_json(
            metrics / f"{part}.json",
            {
                "documents": len(documents),
                **sentence_metrics(documents, sentences, *settings),
                **incident_metrics(documents, results, *settings),
                "calibration": calibration_figures(answered(documents, sentences), temperatures),
            },
        )
        slices[part] = slice_metrics(documents, sentences, train_events, *settings)
        for name, rows in plot_rows(documents, sentences, temperatures).items():
            write_json(plots / part / f"{name}.json", rows)
        records = sum(len(result.incidents) for result in results)
        say(f"evaluate: {len(documents)} {part} documents -> {records} incident records; none dropped")
    write_json(metrics / "slices.json", slices)


def _extract(extractor: Extractor, document: Document, advance: Advance) -> DocumentResult:
    """Extract from what a user would have: the text and its date, not the annotation.

    Raises:
        ConflictEventsError: When an article gives no result; a score on fewer articles is no score.
    """
    found = next(extractor([Document(id=document.id, text=document.text, published=document.published)]))
    if not isinstance(found, DocumentResult):
        raise ConflictEventsError(f"{document.id} gave no result: {found.error}: {found.message}")
    advance(1)
    return found


if __name__ == "__main__":
    run(main)
