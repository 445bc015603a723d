"""What the model got wrong, as a table that people read."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pipeline.evaluate.match import Pair, answered
from pipeline.schema import Document, ScoredSentence

COLUMNS: Final = ("layer", "document", "sentence", "annotated", "predicted", "scores", "surprise", "text")
"""Columns of the table.

``annotated`` and ``predicted`` hold the keys of the layer; of ``spans`` only those that the other side does not have.
``scores`` are those of what is wrong, ``surprise`` is how sure the model was of the worst of it (0 to 1; 0 where it
said nothing).
"""

_NO_SENTENCE: Final = "(no sentence)"


def error_rows(gold: Sequence[Document], predicted: Sequence[Sequence[ScoredSentence]]) -> list[dict[str, Any]]:
    """A row for each layer of each annotated sentence that the model has otherwise, the most surprising first.

    Args:
        gold: Annotated documents.
        predicted: Predicted sentences of each document, in the same order.
    """
    rows = [
        {**row, "document": document.id, "sentence": index, "text": document.text[pair[0].start : pair[0].end]}
        for document, found in zip(gold, predicted, strict=True)
        for index, pair in enumerate(answered([document], [found]))
        for row in (*_labels(pair), *_spans(pair, document.text))
    ]
    return sorted(rows, key=lambda row: (row["layer"], -row["surprise"], row["document"], row["sentence"]))


def _labels(pair: Pair) -> Iterator[dict[str, Any]]:
    sentence, found = pair
    for layer, annotated, given, scores in (
        ("events", sentence.events, "events", "event_scores"),
        ("responsibility", sentence.responsibility, "responsibility", "responsibility_scores"),
        ("source", (sentence.source,), "attribution_source", "attribution_source_scores"),
    ):
        told = " ".join(annotated)
        if found is None:
            if told:
                yield _row(layer, told, _NO_SENTENCE, {}, set())
            continue
        keys = getattr(found, given)
        keys = (keys,) if isinstance(keys, str) else keys
        if wrong := set(annotated) ^ set(keys):
            score_of = getattr(found, scores)
            yield _row(layer, told, " ".join(keys), {key: score_of[key] for key in sorted(wrong)}, set(keys))


def _spans(pair: Pair, text: str) -> Iterator[dict[str, Any]]:
    sentence, found = pair
    annotated = {(span.start, span.end, span.role) for span in sentence.spans}
    scores = {(span.start, span.end, span.role): span.score for span in (found.spans if found else ())}
    missed, spurious = (
        [f"{role}: {text[start:end]}" for start, end, role in sorted(side)]
        for side in (annotated - scores.keys(), scores.keys() - annotated)
    )
    if missed or spurious:
        wrong = dict(zip(spurious, (scores[span] for span in sorted(scores.keys() - annotated)), strict=True))
        given = "; ".join(spurious) if found else _NO_SENTENCE
        yield _row("spans", "; ".join(missed), given, wrong, set(wrong))


def _row(layer: str, annotated: str, predicted: str, wrong: dict[str, float], given: set[str]) -> dict[str, Any]:
    surprises = [score if key in given else 1.0 - score for key, score in wrong.items()]
    return {
        "layer": layer,
        "annotated": annotated,
        "predicted": predicted,
        "scores": ", ".join(f"{key} {score:.2f}" for key, score in wrong.items()),
        "surprise": round(max(surprises, default=0.0), 4),
    }
