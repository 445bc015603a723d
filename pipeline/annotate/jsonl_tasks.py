"""JSON lines for doccano, a line an article with the model's labels to correct.

Everything is a span: ``sentence``, event types, responsibility and source over the sentence, roles within it. So the
project is one of sequence labelling that allows overlapping spans. Offsets count UTF-16 code units, as doccano does
where a project does not count grapheme clusters (its issue 2290); what else is known of the article becomes its
metadata, which doccano's export gives back.
"""

from collections.abc import Sequence
from typing import Any

from pipeline.annotate.annotated import article_fields
from pipeline.annotate.marks import marks_of, utf16_offsets
from pipeline.schema import Document, DocumentResult


def jsonl_task(document: Document, result: DocumentResult, incidents: Sequence[str]) -> dict[str, Any]:
    """One line of ``tasks.jsonl``.

    Args:
        document: The article.
        result: What the model made of it.
        incidents: Its incident records, a line each.
    """
    offsets = utf16_offsets(document.text)
    marks = [mark for sentence in result.sentences for mark in marks_of(sentence)]
    labels = [[offsets[mark.start], offsets[mark.end], mark.label] for mark in marks]
    return {**article_fields(document), "label": labels, "incidents": list(incidents)}
