"""From marks to annotated sentences, by the rules of the guidelines and of the corpus format."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from pipeline.annotate.marks import MARK_LABELS, SENTENCE, Flaw, Mark, flaw_of
from pipeline.labels import EVENT_TYPES, RESPONSIBILITY, ROLES, SOURCES
from pipeline.schema import Sentence, Span
from pipeline.text.sentences import split_sentences


def assemble(text: str, marks: Sequence[Mark]) -> tuple[tuple[Sentence, ...], list[Flaw]]:
    """Put the sentences of an annotated text together.

    White space at the ends of a mark does not count. Without any mark ``sentence`` the sentences are those of
    ``pipeline.text.sentences``. A sentence without a source has the source ``none``.

    Args:
        text: The annotated text.
        marks: In any order, within the text.

    Returns:
        The sentences in their order, and every flaw. With flaws the sentences lack what is flawed.
    """
    trimmed = [_trimmed(text, mark) for mark in marks]
    flaws = [flaw for mark in trimmed for flaw in _label_flaws(text, mark)]
    known = [mark for mark in trimmed if mark.label in MARK_LABELS and mark.start < mark.end]
    bounds, found = _bounds(text, [mark for mark in known if mark.label == SENTENCE])
    if found:
        return (), flaws + found
    parts: list[list[Mark]] = [[] for _ in bounds]
    starts = [start for start, _ in bounds]
    for mark in known:
        index = bisect_right(starts, mark.start) - 1
        if index < 0 or mark.end > bounds[index][1]:
            flaws.append(flaw_of(text, mark, "lies across two sentences", "keep it within one sentence"))
        else:
            parts[index].append(mark)
    for (start, end), part in zip(bounds, parts, strict=True):
        flaws += [*_source_flaws(text, start, end, part), *_crossing_flaws(text, part)]
    return tuple(_sentence(start, end, part) for (start, end), part in zip(bounds, parts, strict=True)), flaws


def _trimmed(text: str, mark: Mark) -> Mark:
    words = text[mark.start : mark.end]
    start = mark.start + len(words) - len(words.lstrip())
    return msgspec.structs.replace(mark, start=start, end=max(start, mark.start + len(words.rstrip())))


def _label_flaws(text: str, mark: Mark) -> Iterator[Flaw]:
    if mark.label not in MARK_LABELS:
        yield flaw_of(text, mark, "unknown label", "use the keys of the guidelines: " + ", ".join(MARK_LABELS))
    if mark.start == mark.end:
        yield flaw_of(text, mark, "covers no word", "remove it or mark its words")


def _bounds(text: str, marks: Sequence[Mark]) -> tuple[list[tuple[int, int]], list[Flaw]]:
    """Offsets of the sentences in their order, and what keeps the marks from being the sentences of the text."""
    if not marks:
        return split_sentences(text), []
    flaws: list[Flaw] = []
    reached = 0
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.end))
    for mark in ordered:
        if len(text[mark.start : mark.end].splitlines()) > 1:
            flaws.append(flaw_of(text, mark, "crosses a line break", "make a sentence of each line's part"))
        if mark.start < reached:
            flaws.append(flaw_of(text, mark, "overlaps the sentence before", "let each word lie in one sentence"))
        flaws += _gap_flaws(text, reached, mark.start)
        reached = max(reached, mark.end)
    flaws += _gap_flaws(text, reached, len(text))
    return [(mark.start, mark.end) for mark in ordered], flaws


def _gap_flaws(text: str, start: int, end: int) -> Iterator[Flaw]:
    gap = _trimmed(text, Mark(start, max(start, end), "text"))
    if gap.start < gap.end:
        yield flaw_of(text, gap, "lies in no sentence", "mark it as a sentence, or as part of one")


def _source_flaws(text: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[Flaw]:
    sources = [key for key in SOURCES if any(mark.label == key for mark in marks)]
    if len(sources) > 1:
        message = f"{len(sources)} sources ({', '.join(sources)}), expected exactly 1"
        yield flaw_of(text, Mark(start, end, SENTENCE), message, "keep the one whose statement carries the main clause")


def _crossing_flaws(text: str, marks: Sequence[Mark]) -> Iterator[Flaw]:
    """Spans that overlap without one lying within the other, which the corpus format cannot write."""
    open_marks: list[Mark] = []
    spans = [mark for mark in marks if mark.label in ROLES]
    for mark in sorted(spans, key=lambda mark: (mark.start, -mark.end)):
        open_marks = [outer for outer in open_marks if outer.end > mark.start]
        crossed = next((outer for outer in open_marks if outer.end < mark.end), None)
        if crossed:
            message = f"overlaps `{crossed.label}` {text[crossed.start : crossed.end]!r} without lying within it"
            yield flaw_of(text, mark, message, "let one hold the other, or part them")
        open_marks.append(mark)


def _sentence(start: int, end: int, marks: Sequence[Mark]) -> Sentence:
    labels = {mark.label for mark in marks}
    spans = {Span(mark.label, mark.start, mark.end) for mark in marks if mark.label in ROLES}
    return Sentence(
        start=start,
        end=end,
        events=tuple(key for key in EVENT_TYPES if key in labels),
        responsibility=tuple(key for key in RESPONSIBILITY if key in labels),
        source=next((key for key in SOURCES if key in labels), "none"),
        spans=tuple(sorted(spans, key=lambda span: (span.start, -span.end, ROLES.index(span.role)))),
    )
