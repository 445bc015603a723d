"""Texts as they arrive, with labels such as a model might give, and Label Studio's export of them."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from pipeline.annotate.incident_lines import incident_line
from pipeline.annotate.marks import utf16_offsets
from pipeline.annotate.studio_tasks import studio_task
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import Document, DocumentResult, Incident, ScoredSentence, ScoredSpan, Sentence, Span
from pipeline.text.sentences import split_sentences
from tests.results import extracted

_PIECES = [
    "Two",
    "rockets",
    "“No!”",
    "Col.",
    "🚀",
    "👨‍🚒",
    "e\u0301",
    "Bria.",
    "{x}",
    "\\",
    "\\n",
    "]",
    "[ | | none]",
    "'",
    '"',
    "#",
    "ß",
]
_GAPS = [" ", "  ", "\n", "\n\n", "\r\n", "\r\n\r\n", "\u00a0", "\u2028", "\t"]


@st.composite
def results(draw: st.DrawFn) -> tuple[Document, DocumentResult]:
    """A document and a result for it, whose spans nest and whose labels are any."""
    words = draw(st.lists(st.sampled_from(_PIECES) | st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
    text = "".join(word + draw(st.sampled_from(_GAPS)) for word in words).strip() or "x"
    sentences = tuple(draw(_sentence(text, start, end)) for start, end in split_sentences(text))
    document = Document(id="a-1", text=text, published=draw(st.sampled_from([None, "2019-06-12"])))
    return document, result_of(document, sentences)


def result_of(
    document: Document, sentences: tuple[ScoredSentence, ...], incidents: tuple[Incident, ...] = ()
) -> DocumentResult:
    return extracted(document.id, *incidents, published=document.published, sentences=sentences)


def scored(start: int, end: int, **labels: Any) -> ScoredSentence:
    """A sentence with the labels given, of which the model has no doubt."""
    labels = {"events": (), "responsibility": (), "attribution_source": "none", "spans": (), **labels}
    return ScoredSentence(
        start=start,
        end=end,
        event_scores={key: float(key in labels["events"]) for key in EVENT_TYPES},
        responsibility_scores={key: float(key in labels["responsibility"]) for key in RESPONSIBILITY},
        attribution_source_scores={key: float(key == labels["attribution_source"]) for key in SOURCES},
        **labels,
    )


@st.composite
def _sentence(draw: st.DrawFn, text: str, start: int, end: int) -> ScoredSentence:
    chosen = draw(st.sets(st.sampled_from([*EVENT_TYPES, *RESPONSIBILITY])))
    places = [place for place in range(start, end) if not text[place].isspace()]
    drawn = draw(
        st.sets(st.tuples(st.sampled_from(ROLES), st.sampled_from(places), st.sampled_from(places)), max_size=6)
    )
    spans: list[Span] = []
    for role, one, other in sorted(drawn):
        span = Span(role, min(one, other), max(one, other) + 1)
        if span not in spans and not any(_cross(span, kept) for kept in spans):
            spans.append(span)
    return scored(
        start,
        end,
        events=tuple(key for key in EVENT_TYPES if key in chosen),
        responsibility=tuple(key for key in RESPONSIBILITY if key in chosen),
        attribution_source=draw(st.sampled_from(SOURCES)),
        spans=tuple(ScoredSpan(span.role, span.start, span.end, 0.5) for span in spans),
    )


def _cross(one: Span, other: Span) -> bool:
    first, second = sorted([one, other], key=lambda span: (span.start, -span.end))
    return first.start < second.start < first.end < second.end


def labels_of(result: DocumentResult) -> tuple[Sentence, ...]:
    """The model's labels as an annotation without edits."""
    return tuple(
        Sentence(
            start=sentence.start,
            end=sentence.end,
            events=sentence.events,
            responsibility=sentence.responsibility,
            source=sentence.attribution_source,
            spans=tuple(
                Span(span.role, span.start, span.end)
                for span in sorted(sentence.spans, key=lambda span: (span.start, -span.end, ROLES.index(span.role)))
            ),
        )
        for sentence in result.sentences
    )


def submitted(document: Document, result: DocumentResult, **fields: Any) -> dict[str, Any]:
    """A task as Label Studio exports it after somebody submitted the prediction as it was."""
    task = studio_task(document, result, [incident_line(each) for each in result.incidents], [], "m")
    regions = [{**region, "origin": "prediction"} for region in task["predictions"][0]["result"]]
    annotation = {
        "id": 7,
        "completed_by": 1,
        "result": regions,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2024-03-09T22:16:08.728353Z",
        "updated_at": "2024-03-09T22:16:08.728378Z",
        "lead_time": 4.288,
        **fields,
    }
    return {"id": 17, "inner_id": 1, "data": task["data"], "annotations": [annotation], "predictions": []}


def in_utf16(task: dict[str, Any]) -> dict[str, Any]:
    """The task with the offsets of an old version."""
    offsets = utf16_offsets(task["data"]["text"])
    task = json.loads(json.dumps(task))
    for region in task["annotations"][0]["result"]:
        if region["type"] != "textarea":
            region["value"] |= {bound: offsets[region["value"][bound]] for bound in ("start", "end")}
    return task


def write_export(path: Path, *tasks: dict[str, Any]) -> Path:
    path.write_text(json.dumps(tasks))
    return path
