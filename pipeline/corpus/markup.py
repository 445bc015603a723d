"""One line of a report: ``[events | responsibility | source] text with {role:spans}``.

Spans may nest; a literal brace or backslash is written with a backslash before it.
"""

import re
from typing import Final

import msgspec

from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import Span

_LINE: Final = re.compile(r"\[(?P<events>[^|\]]*)\|(?P<responsibility>[^|\]]*)\|(?P<source>[^|\]]*)\] (?P<text>\S.*)")
_OPENING: Final = re.compile(r"\{([a-z_]+):")
_ESCAPED: Final = "{}\\"


class MarkupError(ValueError):
    """A line that cannot be read; ``mend`` says what to do."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


class Line(msgspec.Struct, frozen=True):
    """A sentence as a report's line holds it; spans are offsets into ``text``."""

    text: str
    events: tuple[str, ...]
    responsibility: tuple[str, ...]
    source: str
    spans: tuple[Span, ...]


def parse_line(raw: str) -> Line:
    """Read one line of a report.

    Args:
        raw: The line without its line break.

    Returns:
        Text without marks, label keys in the label set's order, spans in the order of their start.

    Raises:
        MarkupError: When brackets, keys, braces or roles are not as the format wants them.
    """
    match = _LINE.fullmatch(raw)
    if match is None:
        raise MarkupError(
            f"not a sentence line: {raw[:60]!r}",
            "write `[events | responsibility | source] text`, with one space behind the bracket",
        )
    text, spans = strip_marks(match["text"])
    sources = _keys(match["source"], SOURCES, "source")
    if len(sources) != 1:
        raise MarkupError(f"{len(sources)} sources, expected exactly 1", "give one of " + ", ".join(SOURCES))
    return Line(
        text=text,
        events=_keys(match["events"], EVENT_TYPES, "event type"),
        responsibility=_keys(match["responsibility"], RESPONSIBILITY, "responsibility"),
        source=sources[0],
        spans=spans,
    )


def strip_marks(marked: str) -> tuple[str, tuple[Span, ...]]:
    """Take the ``{role:…}`` marks out of a sentence.

    Returns:
        The bare text and its spans (offsets into it), ordered by start, then longest first.

    Raises:
        MarkupError: When a brace is unbalanced, a role unknown or a span empty or padded with spaces.
    """
    text: list[str] = []
    opened: list[tuple[str, int]] = []
    spans: list[Span] = []
    position = 0
    while position < len(marked):
        char = marked[position]
        if char == "\\" and marked[position + 1 : position + 2] in tuple(_ESCAPED):
            text.append(marked[position + 1])
            position += 2
        elif char == "{":
            opened.append((_role(marked, position), len(text)))
            position = marked.index(":", position) + 1
        elif char == "}":
            if not opened:
                raise MarkupError("a `}` that closes nothing", "remove it, or write a literal brace as `\\}`")
            spans.append(_close(*opened.pop(), text))
            position += 1
        else:
            text.append(char)
            position += 1
    if opened:
        raise MarkupError(f"`{{{opened[-1][0]}:` is never closed", "close the span with `}`")
    return "".join(text), tuple(sorted(spans, key=lambda span: (span.start, -span.end, ROLES.index(span.role))))


def _role(marked: str, position: int) -> str:
    match = _OPENING.match(marked, position)
    if match is None or match[1] not in ROLES:
        raise MarkupError(
            f"`{marked[position : position + 20]}` opens no known role",
            "use one of " + ", ".join(ROLES) + ", or write a literal brace as `\\{`",
        )
    return match[1]


def _close(role: str, start: int, text: list[str]) -> Span:
    covered = "".join(text[start:])
    if not covered.strip():
        raise MarkupError(f"empty `{role}` span", "remove it or move it onto its words")
    if covered != covered.strip():
        raise MarkupError(f"`{role}` span {covered!r} begins or ends with a space", "leave the space outside")
    return Span(role=role, start=start, end=len(text))


def _keys(field: str, allowed: tuple[str, ...], name: str) -> tuple[str, ...]:
    keys = field.split()
    for key in keys:
        if key not in allowed:
            raise MarkupError(f"unknown {name} {key!r}", "use one of " + ", ".join(allowed))
    if len(set(keys)) != len(keys):
        raise MarkupError(f"a {name} is given twice: {field.strip()!r}", "give each key once")
    return tuple(sorted(keys, key=allowed.index))
