"""Stage ``prepare``: read and check all data, and write the documents that the other stages read."""

from pathlib import Path

from datasets import disable_progress_bars

from pipeline.config import PrepareParams, load_params
from pipeline.corpus.agreement import measure_agreement, read_agreement
from pipeline.corpus.gold import read_gold
from pipeline.corpus.leaks import find_leaks, find_near_duplicates
from pipeline.corpus.reports import read_corpus
from pipeline.corpus.statistics import count_documents, coverage, segmentation_f1
from pipeline.corpus.table import as_dataset
from pipeline.errors import LeakError
from pipeline.evaluate.records import record_agreement
from pipeline.records import write_json, write_jsonl
from pipeline.schema import Document
from pipeline.stages.runner import run, say

_SHOWN_LEAKS = 20


def main(corpus: Path, agreement: Path, gold: Path, prepared: Path, metrics: Path) -> None:
    """Check all data and write what the other stages read.

    Args:
        corpus: Annotated reports by split.
        agreement: Reports annotated twice.
        gold: The gold articles.
        prepared: Is given ``{train,dev,test,gold}.jsonl`` for the stages, and the splits as typed tables,
            ``{train,dev,test}.parquet``.
        metrics: Counts, coverage and agreement.

    Raises:
        LeakError: When two documents share words that they must not share.
    """
    params = load_params().prepare
    splits = {**read_corpus(corpus), "gold": read_gold(gold)}
    reports = [document for name, documents in splits.items() if name != "gold" for document in documents]
    _refuse_shared_words(reports, splits["gold"], params)
    annotated_twice = read_agreement(agreement)
    checked = sum(map(len, splits.values()))
    for name in splits.keys() - {"gold"}:
        splits[name] = _spread(splits[name], params.max_reports)
    for name, documents in splits.items():
        write_jsonl(prepared / f"{name}.jsonl", documents)
    disable_progress_bars()
    for name in splits.keys() - {"gold"}:
        as_dataset(splits[name]).to_parquet(prepared / f"{name}.parquet")
    write_json(
        metrics,
        {
            "total": count_documents(reports),
            "coverage": coverage(reports, len(annotated_twice)),
            "agreement": {**measure_agreement(annotated_twice), "incidents": record_agreement(annotated_twice)},
            **{
                name: {**count_documents(documents), "segmentation_f1": segmentation_f1(documents)}
                for name, documents in splits.items()
            },
        },
    )
    kept = sum(map(len, splits.values()))
    parts = ", ".join(f"{len(documents)} {name}" for name, documents in splits.items())
    dropped = f"{checked - kept} left out by prepare.max_reports" if kept < checked else "none dropped"
    say(f"prepare: {checked} documents read and checked -> {parts}; {dropped}")


def _refuse_shared_words(reports: list[Document], gold: list[Document], params: PrepareParams) -> None:
    leaks = find_leaks(reports, gold, params.leak_words)
    if leaks:
        raise LeakError(
            f"{len(leaks)} pairs of documents share {params.leak_words} words in a row; reword one of each\n"
            + "\n".join(f"  {leak}" for leak in leaks[:_SHOWN_LEAKS])
        )
    alike = find_near_duplicates(reports, params.near_duplicate)
    if alike:
        raise LeakError(
            f"{len(alike)} pairs of documents of different families are near-duplicates; write one of each anew\n"
            + "\n".join(f"  {pair}" for pair in alike[:_SHOWN_LEAKS])
        )


def _spread(documents: list[Document], limit: int | None) -> list[Document]:
    """At most ``limit`` documents, taken evenly over the list."""
    if limit is None or limit >= len(documents):
        return documents
    return [documents[position * len(documents) // limit] for position in range(limit)]


if __name__ == "__main__":
    run(main)
