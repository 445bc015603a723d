"""One report of the corpus, ``data/corpus/<split>/<id>.txt``: a YAML head, then a sentence a line.

The article's raw text follows from the file: sentences of a paragraph are joined by one space, paragraphs by an
empty line; every offset counts in that text.
"""

from pathlib import Path
from typing import Final

import msgspec
import yaml

from pipeline.corpus.markup import Line, MarkupError, parse_line
from pipeline.corpus.problems import Problem
from pipeline.schema import Claim, CountRange, DateRange, Document, Incident, Sentence, Span

_FENCE: Final = "---"
_PARAGRAPH_BREAK: Final = "\n\n"


class IncidentEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An incident record as the head of a report writes it; a bare number stands for a count that is exact."""

    id: int
    incident: str
    type: str
    main: bool
    sentences: list[int]
    date: DateRange | None
    place: str | None
    country: str | None
    targets: list[str]
    actors: list[str]
    weapons: list[str]
    weapon_count: int | CountRange | None
    killed: int | CountRange | None
    injured: int | CountRange | None
    attribution: str | None
    attributed_to: str | None
    aggregate: bool
    claims: list[Claim] = []


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The YAML head of a report."""

    id: str
    family: str
    published: str | None
    style: str
    incidents: list[IncidentEntry]


class Report(msgspec.Struct, frozen=True):
    """A report as read, with the file's line numbers (from 1) that findings are reported by."""

    path: str
    document: Document
    sentence_lines: tuple[int, ...]
    incident_lines: tuple[int, ...]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which a date stays the string that was written; in C where PyYAML was built with it."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_report(path: Path) -> tuple[Report | None, list[Problem]]:
    """Read one report.

    Returns:
        The report, or None when its head or a line cannot be read, and every finding on the way. What is read
        may still break rules that ``pipeline.corpus.check`` knows.
    """
    try:
        content = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [Problem(str(path), 1, f"not UTF-8: {error}", "save the file as UTF-8")]
    lines = content.replace("\r\n", "\n").split("\n")
    if lines[0] != _FENCE or _FENCE not in lines[1:]:
        return None, [Problem(str(path), 1, "no YAML head", "begin with `---`, the head, and `---` again")]
    fence = lines.index(_FENCE, 1)
    head, incident_lines, problems = _read_head(path, "\n".join(lines[1:fence]))
    paragraphs, sentence_lines, found = _read_body(path, lines[fence + 1 :], first_line=fence + 2)
    problems += found
    if head is None or problems:
        return None, problems
    text, sentences = _assemble(paragraphs)
    document = Document(
        id=head.id,
        text=text,
        published=head.published,
        family=head.family,
        style=head.style,
        sentences=sentences,
        incidents=tuple(_incident(entry) for entry in head.incidents),
    )
    return Report(str(path), document, tuple(sentence_lines), incident_lines), problems


def _read_head(path: Path, head: str) -> tuple[Head | None, tuple[int, ...], list[Problem]]:
    try:
        node = yaml.compose(head, Loader=_Loader)
        entry = msgspec.convert(yaml.load(head, Loader=_Loader), Head)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 2
        return None, (), [Problem(str(path), line, f"the head is not YAML: {error.problem}", "mend the YAML")]
    except msgspec.ValidationError as error:
        return None, (), [Problem(str(path), 2, f"head: {error}", "mend the field that `$.…` names")]
    return entry, _incident_lines(node), []


def _incident_lines(head: yaml.Node | None) -> tuple[int, ...]:
    for key, value in head.value if head else ():
        if key.value == "incidents":
            return tuple(item.start_mark.line + 2 for item in value.value)
    return ()


def _read_body(path: Path, lines: list[str], first_line: int) -> tuple[list[list[Line]], list[int], list[Problem]]:
    paragraphs: list[list[Line]] = [[]]
    numbers: list[int] = []
    problems: list[Problem] = []
    for number, raw in enumerate(lines, start=first_line):
        if not raw.strip():
            paragraphs.append([])
            continue
        try:
            paragraphs[-1].append(parse_line(raw.rstrip()))
            numbers.append(number)
        except MarkupError as error:
            problems.append(Problem(str(path), number, str(error), error.mend))
    filled = [paragraph for paragraph in paragraphs if paragraph]
    if not filled and not problems:
        problems.append(Problem(str(path), first_line, "the report has no sentence", "write the text below the head"))
    return filled, numbers, problems


def _assemble(paragraphs: list[list[Line]]) -> tuple[str, tuple[Sentence, ...]]:
    text = ""
    sentences: list[Sentence] = []
    for paragraph in paragraphs:
        text += _PARAGRAPH_BREAK if text else ""
        for position, line in enumerate(paragraph):
            text += " " if position else ""
            start = len(text)
            text += line.text
            spans = tuple(Span(span.role, start + span.start, start + span.end) for span in line.spans)
            sentences.append(Sentence(start, len(text), line.events, line.responsibility, line.source, spans))
    return text, tuple(sentences)


def _incident(entry: IncidentEntry) -> Incident:
    return Incident(
        id=str(entry.id),
        type=entry.type,
        incident=entry.incident,
        main=entry.main,
        sentences=tuple(entry.sentences),
        date=entry.date,
        place=entry.place,
        country=entry.country,
        targets=tuple(entry.targets),
        actors=tuple(entry.actors),
        weapons=tuple(entry.weapons),
        weapon_count=_count(entry.weapon_count),
        killed=_count(entry.killed),
        injured=_count(entry.injured),
        attribution=entry.attribution,
        attributed_to=entry.attributed_to,
        aggregate=entry.aggregate,
        claims=tuple(entry.claims),
    )


def _count(value: int | CountRange | None) -> CountRange | None:
    return CountRange(value, value) if isinstance(value, int) else value
