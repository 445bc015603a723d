"""Stage ``incidents``: learn what turns labelled sentences into records and joins the records of several articles."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from joblib import Parallel, delayed

from pipeline.config import EvaluateParams, load_params
from pipeline.evaluate.incidents import incident_metrics
from pipeline.evaluate.records import match_records
from pipeline.incidents.examples import as_result, as_scored, blurred
from pipeline.incidents.fit_casualties import fit_casualties
from pipeline.incidents.fit_claims import fit_contest
from pipeline.incidents.fit_dates import fit_weights
from pipeline.incidents.fit_linking import fit_linker
from pipeline.incidents.fit_merging import fit as fit_merger
from pipeline.incidents.learned import CASUALTIES, CLAIMS, DATES, LINKING, MERGING
from pipeline.incidents.linking import Linker, LinkerModel
from pipeline.incidents.records import build_incidents
from pipeline.records import read_jsonl, write_json
from pipeline.schema import Document, DocumentResult, Incident
from pipeline.stages.runner import run, say

_THRESHOLDS: Final = (0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
_BATCH: Final = 50
"""Documents that a process builds the records of at once."""


def main(labelled: Path, folder: Path, metrics: Path) -> None:
    """Fit on ``labelled/train.jsonl``, choose the threshold of a link on ``dev.jsonl``; write models and metrics.

    Args:
        labelled: Folder of labelled documents.
        folder: Where ``pipeline.incidents.learned`` reads from.
        metrics: File of the figures on ``dev`` from annotated sentences: what they show is due to this step alone.
    """
    params = load_params()
    train, dev = (list(read_jsonl(labelled / f"{part}.jsonl", Document)) for part in ("train", "dev"))
    # The linker takes as long as all others; they need nothing of each other.
    fits = (fit_linker, fit_casualties, fit_weights)
    (fitted, strengths), casualties, dates = Parallel(n_jobs=-1)(delayed(fit)(train) for fit in fits)
    write_json(folder / CASUALTIES, casualties)
    write_json(folder / DATES, dates)
    chosen = _choose_threshold(fitted, dev)
    write_json(folder / LINKING, chosen)
    write_json(folder / CLAIMS, fit_contest(train, Linker(chosen)))
    built = Parallel(n_jobs=-1, batch_size=_BATCH)(delayed(_rebuilt)(document, chosen) for document in train)
    write_json(folder / MERGING, fit_merger(train, built))
    thresholds = {name: getattr(chosen, name) for name in chosen.__struct_fields__ if name.endswith("_threshold")}
    write_json(
        metrics, {"linking": {"models": strengths, **thresholds}, "dev": _score(Linker(chosen), dev, params.evaluate)}
    )
    say(f"incidents: {len(train)} train and {len(dev)} dev documents -> 5 models in {folder}; none dropped")


def _choose_threshold(fitted: LinkerModel, dev: Sequence[Document]) -> LinkerModel:
    """Where F1 of records is best, over documents as annotated and as a sentence model might see them."""
    told = [seen for document in dev for seen in (document, blurred(document))]
    candidates = [msgspec.structs.replace(fitted, link_threshold=threshold) for threshold in _THRESHOLDS]
    return max(candidates, key=lambda model: _record_f1(Linker(model), told))


def _record_f1(linker: Linker, documents: Sequence[Document]) -> float:
    found = [match_records(document, _clustered(document, linker)) for document in documents]
    records = sum(len(match.gold.incidents) + len(match.predicted.incidents) for match in found)
    return round(2 * sum(len(match.pairs) for match in found) / max(1, records), 4)


def _clustered(document: Document, linker: Linker) -> DocumentResult:
    """Records with nothing but their type and sentences."""
    clusters = linker.link(document.text, document.published, as_scored(document.sentences))
    return as_result(
        document, tuple(Incident(str(n), c.type, str(n), c.main, c.sentences) for n, c in enumerate(clusters))
    )


def _rebuilt(document: Document, model: LinkerModel) -> Document:
    """The document with the records made from its sentences, each given the happening of the annotated one."""
    match = match_records(document, _built(document, Linker(model)))
    return msgspec.structs.replace(
        document,
        incidents=tuple(
            msgspec.structs.replace(match.predicted.incidents[column], incident=document.incidents[row].incident)
            for row, column in match.pairs
        ),
    )


def _built(document: Document, linker: Linker) -> DocumentResult:
    sentences = as_scored(document.sentences)
    return as_result(document, build_incidents(document.id, document.text, document.published, sentences, linker))


def _score(linker: Linker, documents: Sequence[Document], settings: EvaluateParams) -> dict[str, Any]:
    results = [_built(document, linker) for document in documents]
    return incident_metrics(documents, results, settings.resamples, settings.seed)


if __name__ == "__main__":
    run(main)
