"""Stage ``label``: make the documents that the encoder learns from, and those that choose between models."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline.config import LabelParams, load_params
from pipeline.corpus.statistics import count_documents
from pipeline.label.annotations import annotated, bare, keep_annotations
from pipeline.label.unlabelled import read_unlabelled
from pipeline.records import read_jsonl, write_json, write_jsonl
from pipeline.schema import Document
from pipeline.stages.runner import run, say
from pipeline.weak.analysis import function_figures, key_rows, score_labels
from pipeline.weak.annotations import annotated_votes
from pipeline.weak.label_model import fit_label_model
from pipeline.weak.library import load_library
from pipeline.weak.soft import soft_documents
from pipeline.weak.voting import apply, joined

_HELD_OUT: Final = ("dev", "test")


def main(prepared: Path, unlabelled: Path, labelled: Path, metrics: Path, plots: Path) -> None:
    """Label the training texts as ``label.sources`` says, and measure what the labelling functions are worth.

    Args:
        prepared: Annotated documents by part.
        unlabelled: Users' articles; may be empty.
        labelled: Is given ``train.jsonl`` and ``dev.jsonl`` (annotated), ``soft.jsonl`` (labelled by functions; a
            document of ``train.jsonl`` that is here too is learned from as it is here), and ``failures.jsonl``.
        metrics: Counts; figures on functions and on the label model, which nothing is chosen by on ``test``.
        plots: Folder of the rows that are drawn.
    """
    params = load_params()
    parts = {part: list(read_jsonl(prepared / f"{part}.jsonl", Document)) for part in ("train", "dev", "test", "gold")}
    dev = annotated(parts["dev"])
    kept, rest = keep_annotations(annotated(parts["train"]), params.label.annotated)
    held_out = [document for part in ("dev", "test", "gold") for document in parts[part]]
    articles, failures = read_unlabelled(unlabelled, held_out, params.prepare.leak_words)
    library = load_library()
    votes, truth = apply(library, kept), annotated_votes(kept)
    texts = _texts(params.label, kept, rest, articles)
    text_votes = apply(library, texts)
    if params.label.sources == "functions":
        model = fit_label_model(library, text_votes)
    else:
        model = fit_label_model(library, joined(votes, text_votes), joined(truth, annotated_votes(texts)))
    soft = soft_documents(texts, model.probabilities(text_votes), params.label.function_weight)
    write_jsonl(labelled / "train.jsonl", kept)
    write_jsonl(labelled / "dev.jsonl", dev)
    write_jsonl(labelled / "soft.jsonl", soft)
    write_jsonl(labelled / "failures.jsonl", failures)
    functions = function_figures(library, votes, truth)
    scores = {part: score_labels(library, model, annotated(parts[part])) for part in _HELD_OUT}
    write_json(plots / "functions.json", [{"function": name, **row} for name, row in functions.items()])
    write_json(plots / "keys.json", key_rows(scores["dev"]))
    write_json(
        metrics,
        {
            "sources": params.label.sources,
            "train": count_documents(kept),
            "dev": count_documents(dev),
            "soft": {
                "documents": len(soft),
                "sentences": sum(len(document.sentences) for document in soft),
                "unlabelled_articles": len(articles),
                "failures": len(failures),
            },
            "labels": scores,
            "functions": functions,
        },
    )
    idle = len(rest) if params.label.sources == "annotations" else 0
    say(
        f"label: {len(parts['train'])} reports, {len(articles) + len(failures)} articles without labels -> "
        f"{len(kept)} annotated, {len(soft)} labelled by functions; dropped: {idle} reports without annotations "
        f"(label.annotated), {len(failures)} articles (see {labelled / 'failures.jsonl'})"
    )


def _texts(
    params: LabelParams, kept: Sequence[Document], rest: Sequence[Document], articles: Sequence[Document]
) -> list[Document]:
    """What the functions label: nothing, all training texts, or those without annotations."""
    if params.sources == "annotations":
        return []
    return [*(map(bare, kept) if params.sources == "functions" else ()), *rest, *articles]


if __name__ == "__main__":
    run(main)
