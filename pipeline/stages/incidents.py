"""Stage ``incidents``: learn what turns labelled sentences into records and joins the records of several articles."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from joblib import Parallel, delayed

from pipeline.config import EvaluateParams, load_params
from pipeline.evaluate.incidents import incident_metrics
from pipeline.evaluate.records import match_records
from pipeline.incidents.examples import Reading, annotated, as_result, as_scored, opening
from pipeline.incidents.fit_attribution import Attributed, fit_attribution
from pipeline.incidents.fit_casualties import fit_casualties
from pipeline.incidents.fit_claims import fit_contest
from pipeline.incidents.fit_dates import fit_weights
from pipeline.incidents.fit_linking import fit_linker
from pipeline.incidents.fit_merging import fit as fit_merger
from pipeline.incidents.learned import ATTRIBUTION, CASUALTIES, CLAIMS, DATES, LINKING, MERGING
from pipeline.incidents.linking import Linker, LinkerModel
from pipeline.incidents.records import build_incidents
from pipeline.incidents.simulated import simulate
from pipeline.records import read_jsonl, write_json
from pipeline.schema import Document, DocumentResult, Incident
from pipeline.stages.runner import run, say

_BATCH: Final = 50
"""Documents that a process builds the records of at once."""


def main(labelled: Path, folder: Path, metrics: Path) -> None:
    """Fit on ``labelled/train.jsonl``, score on ``dev.jsonl``; write models and metrics.

    Args:
        labelled: Folder of labelled documents.
        folder: Where ``pipeline.incidents.learned`` reads from.
        metrics: File of the figures on ``dev`` from annotated sentences: what they show is due to this step alone.
    """
    params = load_params()
    train, dev = (list(read_jsonl(labelled / f"{part}.jsonl", Document)) for part in ("train", "dev"))
    read = simulate(train)
    seen = [*map(annotated, train), *read]
    # The linker takes as long as all others; they need nothing of each other.
    fits = ((fit_linker, [*seen, *map(opening, read)]), (fit_casualties, train), (fit_weights, train))
    (fitted, strengths), casualties, dates = Parallel(n_jobs=-1)(delayed(fit)(given) for fit, given in fits)
    write_json(folder / CASUALTIES, casualties)
    write_json(folder / DATES, dates)
    write_json(folder / LINKING, fitted)
    linker = Linker(fitted)
    write_json(folder / ATTRIBUTION, fit_attribution([case for told in read for case in _attributed(told, linker)]))
    write_json(folder / CLAIMS, fit_contest(seen, linker))
    built = Parallel(n_jobs=-1, batch_size=_BATCH)(delayed(_rebuilt)(document, fitted) for document in train)
    write_json(folder / MERGING, fit_merger(train, built))
    thresholds = {name: getattr(fitted, name) for name in fitted.__struct_fields__ if name.endswith("_threshold")}
    write_json(metrics, {"linking": {"models": strengths, **thresholds}, "dev": _score(linker, dev, params.evaluate)})
    say(f"incidents: {len(train)} train and {len(dev)} dev documents -> 6 models in {folder}; none dropped")


def _attributed(reading: Reading, linker: Linker) -> list[Attributed]:
    """The records made from a reading that answer to annotated ones."""
    match = match_records(reading.document, _clustered(reading, linker))
    return [
        Attributed(
            reading.document.family or reading.document.id,
            reading.sentences,
            found.type,
            found.sentences,
            match.gold.incidents[row].attribution,
        )
        for row, column in match.pairs
        for found in [match.predicted.incidents[column]]
    ]


def _clustered(reading: Reading, linker: Linker) -> DocumentResult:
    """Records with nothing but their type and sentences."""
    document = reading.document
    clusters = linker.link(document.text, document.published, reading.sentences)
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
