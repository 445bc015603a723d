"""Articles for tests in the corpus's own marks: ``[events | responsibility | source] text with {role:spans}``."""

import re

from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, SOURCES
from pipeline.schema import ScoredSentence, ScoredSpan

_HEAD = re.compile(r"\[(?P<events>[^|]*)\|(?P<status>[^|]*)\|(?P<source>[^\]]*)\] ")
_TOKEN = re.compile(r"\{(?P<role>\w+):|\}")


def article(*lines: str) -> tuple[str, tuple[ScoredSentence, ...]]:
    """The text and the sentences of marked lines; a line that begins with ``^`` starts a paragraph."""
    text, sentences = "", []
    for line in lines:
        text += "" if not text else "\n" if line.startswith("^") else " "
        head = _HEAD.match(line.removeprefix("^"))
        assert head is not None, line
        start, (text, spans) = len(text), _unmark(text, line.removeprefix("^")[head.end() :])
        events, status, source = head["events"].split(), head["status"].split(), head["source"].strip()
        sentences.append(
            ScoredSentence(
                start=start,
                end=len(text),
                events=tuple(events),
                event_scores={key: float(key in events) for key in EVENT_TYPES},
                responsibility=tuple(status),
                responsibility_scores={key: float(key in status) for key in RESPONSIBILITY},
                attribution_source=source,
                attribution_source_scores={key: float(key == source) for key in SOURCES},
                spans=tuple(spans),
            )
        )
    return text, tuple(sentences)


def _unmark(text: str, marked: str) -> tuple[str, list[ScoredSpan]]:
    """``marked`` without its marks behind ``text``, and the spans of the marks."""
    spans, opened, position = [], [], 0
    for token in _TOKEN.finditer(marked):
        text += marked[position : token.start()]
        position = token.end()
        if token["role"]:
            opened.append((token["role"], len(text)))
        else:
            role, start = opened.pop()
            spans.append(ScoredSpan(role, start, len(text), 1.0))
    return text + marked[position:], spans
