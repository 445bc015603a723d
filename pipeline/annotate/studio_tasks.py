"""Label Studio's tasks: an article with the model's labels as a prediction to correct.

Offsets in a ``<Text>`` count Unicode code points, each character of a line break one, which is how this project counts
too. Source: labelstud.io/guide/task_format and labelstud.io/guide/predictions; for the unit the editor's own code,
``web/libs/editor/src/utils/selection-tools.js`` (``charsToCodePoints``) in HumanSignal/label-studio. Versions of 2021
counted UTF-16 code units (its issue 1347).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pipeline.annotate.annotated import article_fields
from pipeline.annotate.marks import SENTENCE, Flaw, shortened
from pipeline.annotate.ranking import sentence_uncertainty, uncertainty
from pipeline.annotate.studio_config import (
    ATTRIBUTION_SOURCE,
    EVENTS,
    INCIDENTS,
    RESPONSIBILITIES,
    SENTENCE_NUMBERS,
    SENTENCES,
    SPANS,
    TEXT,
    TO_MEND,
)
from pipeline.schema import Document, DocumentResult, ScoredSentence

_DIGITS: Final = 4
_SHOWN: Final = 60


def studio_task(
    document: Document,
    result: DocumentResult,
    incidents: Sequence[str],
    to_mend: Sequence[Flaw],
    model_version: str,
) -> dict[str, Any]:
    """One task of ``tasks.json``; its score is how sure the model is of the article, 0 to 1.

    Args:
        document: The article.
        result: What the model made of it.
        incidents: Its incident records, a line each.
        to_mend: What in the model's labels breaks a rule; the annotator is shown it below the text.
        model_version: Shown beside the prediction.
    """
    shown = {
        SENTENCE_NUMBERS: "\n".join(
            f"{index} {shortened(document.text[sentence.start : sentence.end], _SHOWN)}"
            for index, sentence in enumerate(result.sentences)
        ),
        TO_MEND: "\n".join(f"{flaw.where}: {flaw.message} ({flaw.mend})" for flaw in to_mend),
    }
    prediction = {
        "model_version": model_version,
        "score": round(1 - uncertainty(result), _DIGITS),
        "result": [
            *(
                region
                for index, sentence in enumerate(result.sentences)
                for region in _regions(document.text, str(index), sentence)
            ),
            *([_region(INCIDENTS, INCIDENTS, "textarea", {"text": list(incidents)})] if incidents else []),
        ],
    }
    return {"data": article_fields(document) | shown, "predictions": [prediction]}


def _regions(text: str, identifier: str, sentence: ScoredSentence) -> Iterator[dict[str, Any]]:
    """The sentence with its choices, which have its id and its offsets, and its spans."""
    value = {"start": sentence.start, "end": sentence.end, "text": text[sentence.start : sentence.end]}
    score = round(1 - sentence_uncertainty(sentence), _DIGITS)
    yield _region(identifier, SENTENCES, "labels", {**value, "labels": [SENTENCE]}, score)
    for name, keys in (
        (EVENTS, sentence.events),
        (RESPONSIBILITIES, sentence.responsibility),
        (ATTRIBUTION_SOURCE, (sentence.attribution_source,)),
    ):
        if keys:
            yield _region(identifier, name, "choices", {**value, "choices": list(keys)}, score)
    for index, span in enumerate(sentence.spans):
        value = {"start": span.start, "end": span.end, "text": text[span.start : span.end], "labels": [span.role]}
        yield _region(f"{identifier}-{index}", SPANS, "labels", value, span.score)


def _region(identifier: str, name: str, kind: str, value: dict[str, Any], score: float | None = None) -> dict[str, Any]:
    region = {"id": identifier, "from_name": name, "to_name": TEXT, "type": kind, "value": value}
    return region if score is None else {**region, "score": score}
