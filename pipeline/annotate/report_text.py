"""Writing a report in the corpus format, the reverse of ``pipeline.corpus.format``, and checking what was written."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import yaml

from pipeline.annotate.marks import Flaw, shortened
from pipeline.corpus.check import check_report
from pipeline.corpus.problems import errors_of
from pipeline.schema import Document, Sentence

_ESCAPED: Final = str.maketrans({char: f"\\{char}" for char in "{}\\"})
_SHOWN: Final = 100


def format_report(document: Document, incidents: Sequence[str] = ()) -> str:
    r"""A report's file.

    The format holds sentences and paragraphs. Of the text between two sentences only that it holds a line break is
    kept, as the end of a paragraph.

    Args:
        document: With id, family and style; its sentences hold no line break, and their spans nest.
        incidents: Its incident records, a line of YAML each; those of the document are not looked at.

    >>> document = Document(id="a", text="A {b} hit Bria.\nC", family="f", style="wire", sentences=(Sentence(0, 15),))
    >>> format_report(document).splitlines()[-1]
    '[ |  | none] A \\{b\\} hit Bria.'
    """
    head = {
        "id": document.id,
        "family": document.family,
        "published": document.published,
        "style": document.style,
    }
    records = "incidents:\n" + "".join(f"  - {line}\n" for line in incidents) if incidents else "incidents: []\n"
    return f"---\n{yaml.safe_dump(head, sort_keys=False)}{records}---\n{_body(document)}"


def report_flaws(content: str, identifier: str) -> list[Flaw]:
    """The errors that ``conflict-events corpus check`` finds in a report, each with the line that it is about.

    Args:
        content: The report's file.
        identifier: The report's id, which names its file.
    """
    with TemporaryDirectory() as folder:
        draft = Path(folder) / f"{identifier}.txt"
        draft.write_bytes(content.encode())
        errors = errors_of(check_report(draft))
    lines = content.split("\n")
    return [Flaw(_shown(lines[error.line - 1]), error.message, error.mend) for error in errors]


def _shown(line: str) -> str:
    return shortened(line.strip().removeprefix("- "), _SHOWN)


def _body(document: Document) -> str:
    lines: list[str] = []
    reached = 0
    for sentence in document.sentences:
        if lines and len(f"{document.text[reached : sentence.start]}.".splitlines()) > 1:
            lines.append("")
        lines.append(_line(document.text, sentence))
        reached = sentence.end
    return "".join(f"{line}\n" for line in lines)


def _line(text: str, sentence: Sentence) -> str:
    events, responsibility = " ".join(sentence.events), " ".join(sentence.responsibility)
    return f"[{events} | {responsibility} | {sentence.source}] {_marked(text, sentence)}"


def _marked(text: str, sentence: Sentence) -> str:
    """The sentence's text with its spans in braces; outer spans open first and close last."""
    opening: dict[int, str] = defaultdict(str)
    closing: dict[int, str] = defaultdict(str)
    for span in sorted(sentence.spans, key=lambda span: (span.start, -span.end)):
        opening[span.start] += f"{{{span.role}:"
        closing[span.end] += "}"
    return "".join(
        closing[place] + opening[place] + text[place : min(place + 1, sentence.end)].translate(_ESCAPED)
        for place in range(sentence.start, sentence.end + 1)
    )
