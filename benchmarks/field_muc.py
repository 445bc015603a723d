"""MUC-4's documents and answer keys as rows of two benchmarks: incident types, and confidence in an attribution."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from benchmarks.field_rows import Row, missing
from pipeline.errors import InputError
from pipeline.records import read_jsonl
from pipeline.text.sentences import split_sentences

INCIDENT_TYPES: Final = ("ATTACK", "BOMBING", "KIDNAPPING", "ARSON", "ROBBERY", "FORCED WORK STOPPAGE")
CONFIDENCES: Final = ("FACT", "CLAIMED", "ALLEGED")

_CONFIDENCE: Final = {
    "REPORTED AS FACT": "FACT",
    "CLAIMED OR ADMITTED": "CLAIMED",
    "SUSPECTED OR ACCUSED": "ALLEGED",
    "SUSPECTED OR ACCUSED BY AUTHORITIES": "ALLEGED",
    "POSSIBLE": "ALLEGED",
}
_OUTSIDE: Final = ("ACQUITTED",)
"""Confidences of the answer keys that belong to none of the three classes; such a fill is no instance."""

_PARAGRAPH: Final = re.compile(r"\n\s*\n")


class _Organization(msgspec.Struct):
    names: tuple[str, ...]
    optional: bool
    confidence: str | None


class _Template(msgspec.Struct):
    template_id: int
    incident_type: str
    incident_types: tuple[str, ...]
    optional: bool
    perp_organizations: tuple[_Organization, ...]


class _Report(msgspec.Struct):
    doc_id: str
    text: str
    text_truecased: str
    templates: tuple[_Template, ...]


def read_muc_types(path: Path, text_field: Literal["text", "text_truecased"]) -> list[Row]:
    """A row per document with the first-listed type of each required template.

    A type that stands in an optional template or as an alternative only is not scored.
    """
    rows = []
    for report, text in _reports(path, text_field):
        required = {t.incident_type for t in report.templates if not t.optional}
        others = {kind for t in report.templates for kind in t.incident_types} - required
        for kind in required | others:
            if kind not in INCIDENT_TYPES:
                known = ", ".join(INCIDENT_TYPES)
                raise InputError(f"{path}: {report.doc_id} has incident type {kind!r}; known: {known}")
        labels, unscored = (tuple(k for k in INCIDENT_TYPES if k in found) for found in (required, others))
        rows.append(Row(report.doc_id, report.doc_id, text, labels, unscored=unscored))
    return rows


def read_muc_confidence(path: Path, text_field: Literal["text", "text_truecased"]) -> list[Row]:
    """A row per required template and non-optional organization with a confidence: the first alternative."""
    return [
        Row(
            id=f"{report.doc_id}#{template.template_id}.{place}",
            group=report.doc_id,
            text=text,
            labels=(_class(path, report, organization.confidence),),
            names=organization.names,
        )
        for report, text in _reports(path, text_field)
        for template in report.templates
        for place, organization in enumerate(template.perp_organizations)
        if not (template.optional or organization.optional)
        and organization.confidence
        and organization.confidence not in _OUTSIDE
    ]


def _class(path: Path, report: _Report, confidence: str) -> str:
    if confidence not in _CONFIDENCE:
        known = ", ".join((*_CONFIDENCE, *_OUTSIDE))
        raise InputError(f"{path}: {report.doc_id} has confidence {confidence!r}; known: {known}")
    return _CONFIDENCE[confidence]


def _reports(path: Path, text_field: Literal["text", "text_truecased"]) -> Iterator[tuple[_Report, str]]:
    """Documents with the text that is asked for, its lines unwrapped.

    The lines of ``text`` end at column 75, in the middle of sentences; an empty line ends a paragraph.
    """
    if not path.is_file():
        raise missing(path)
    for report in read_jsonl(path, _Report):
        text = report.text if text_field == "text" else report.text_truecased
        yield report, "\n".join(" ".join(part.split()) for part in _PARAGRAPH.split(text) if part.strip())


def naming_sentences(row: Row, stand_in: str | None = None) -> list[str]:
    """The sentences that have one of the row's names, or all of them where none has.

    Args:
        row: With ``names``.
        stand_in: A word to put in the place of the names.
    """
    sentences = [row.text[start:end] for start, end in split_sentences(row.text)]
    pattern = names_pattern(row.names)
    if pattern is None:
        return sentences
    naming = [sentence for sentence in sentences if pattern.search(sentence)] or sentences
    return naming if stand_in is None else [pattern.sub(stand_in, sentence) for sentence in naming]


def names_pattern(names: Sequence[str]) -> re.Pattern[str] | None:
    """What finds any of the names as whole words, the longest first, in letters of either case; None without names."""
    longest_first = sorted({" ".join(name.split()) for name in names if name.strip()}, key=len, reverse=True)
    words = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None
