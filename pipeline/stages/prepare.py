"""Stage ``prepare``: read and check all data, and write the documents that the other stages read."""

from pathlib import Path

from pipeline.config import load_params
from pipeline.corpus.gold import read_gold
from pipeline.corpus.leaks import find_leaks
from pipeline.corpus.reports import read_corpus
from pipeline.corpus.statistics import count_documents, segmentation_f1
from pipeline.errors import LeakError
from pipeline.records import write_json, write_jsonl
from pipeline.schema import Document
from pipeline.stages.runner import run

_SHOWN_LEAKS = 20


def main(corpus: Path, gold: Path, prepared: Path, metrics: Path) -> None:
    """Check ``corpus`` and ``gold``, write ``prepared/{train,dev,test,gold}.jsonl`` and ``metrics``."""
    params = load_params().prepare
    splits = {**read_corpus(corpus), "gold": read_gold(gold)}
    reports = [document for name, documents in splits.items() if name != "gold" for document in documents]
    leaks = find_leaks(reports, splits["gold"], params.leak_words)
    if leaks:
        shown = "\n".join(f"  {leak}" for leak in leaks[:_SHOWN_LEAKS])
        raise LeakError(
            f"{len(leaks)} pairs of documents share {params.leak_words} words in a row; reword one of each\n{shown}"
        )
    for name in splits.keys() - {"gold"}:
        splits[name] = _spread(splits[name], params.max_reports)
    for name, documents in splits.items():
        write_jsonl(prepared / f"{name}.jsonl", documents)
    write_json(
        metrics,
        {
            "total": count_documents(reports),
            **{
                name: {**count_documents(documents), "segmentation_f1": segmentation_f1(documents)}
                for name, documents in splits.items()
            },
        },
    )


def _spread(documents: list[Document], limit: int | None) -> list[Document]:
    """At most ``limit`` documents, taken evenly over the list."""
    if limit is None or limit >= len(documents):
        return documents
    return [documents[position * len(documents) // limit] for position in range(limit)]


if __name__ == "__main__":
    run(main)
