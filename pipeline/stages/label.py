"""Stage ``label``: make the documents that the encoder learns from, and those that choose between models."""

from pathlib import Path

from pipeline.config import load_params
from pipeline.corpus.statistics import count_documents
from pipeline.label.annotations import annotated
from pipeline.records import read_jsonl, write_json, write_jsonl
from pipeline.schema import Document
from pipeline.stages.runner import run

_SPLITS = ("train", "dev")


def main(prepared: Path, labelled: Path, metrics: Path) -> None:
    """Write ``labelled/{train,dev}.jsonl`` and ``metrics``."""
    params = load_params().label
    documents = {split: annotated(list(read_jsonl(prepared / f"{split}.jsonl", Document))) for split in _SPLITS}
    for split, found in documents.items():
        write_jsonl(labelled / f"{split}.jsonl", found)
    counts = {split: count_documents(found) for split, found in documents.items()}
    write_json(metrics, {"sources": params.sources, **counts})


if __name__ == "__main__":
    run(main)
