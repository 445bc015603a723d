"""An article as it travels through an annotation tool, and what every reader of a tool's export gives for it."""

import hashlib
import re
import unicodedata
from enum import StrEnum
from typing import Any, Final, Literal

import msgspec

from pipeline.annotate.marks import Mark, Unit
from pipeline.schema import Document

Kind = Literal["refused", "skipped", "note"]

_NO_IDENTIFIER: Final = re.compile(r"[^a-z0-9]+")


class Format(StrEnum):
    """The formats of annotation tools that can be written and read."""

    LABEL_STUDIO = "label-studio"
    JSONL = "jsonl"


class Finding(msgspec.Struct, frozen=True):
    """Something to know about one task of an export; a row of the file of failures.

    A task is ``refused`` when it cannot become a report as it is, ``skipped`` when nobody finished it; a ``note`` says
    which choice was made. ``where`` is the region or the sentence, if it is about one.
    """

    kind: Kind
    input: str
    task: str
    where: str | None
    message: str
    mend: str | None

    def __str__(self) -> str:
        """One line for a person."""
        where = f"{self.where}: " if self.where else ""
        mend = f" ({self.mend})" if self.mend else ""
        return f"{self.input}: {self.task}: {self.kind}: {where}{self.message}{mend}"


class ArticleData(msgspec.Struct, frozen=True):
    """An article's fields in a tool; others are passed over, "" stands for none.

    ``text_sha256`` is of the text as it was exported.
    """

    text: str
    id: str | int | None = None
    published: str | None = None
    family: str | None = None
    style: str | None = None
    text_sha256: str | None = None


class Annotated(msgspec.Struct, frozen=True):
    """One annotated article, named by ``task`` within its file.

    Offsets of ``marks`` count in one of ``units``, the likeliest first; ``labels`` are those of the text as a whole,
    ``incidents`` the records as people wrote them.
    """

    task: str
    data: ArticleData
    marks: tuple[Mark, ...]
    labels: tuple[str, ...]
    units: tuple[Unit, ...]
    incidents: tuple[str, ...] = ()


def article_fields(document: Document) -> dict[str, str]:
    """What a tool is given of an article; never null, because Label Studio refuses a task with a field that is null."""
    return {
        "id": document.id,
        "title": document.title or "",
        "published": document.published or "",
        "source": document.source or "",
        "family": document.family or "",
        "style": document.style or "",
        "text": document.text,
        "text_sha256": text_sha256(document.text),
    }


def article_data(fields: dict[str, Any]) -> ArticleData:
    """An article's fields as a tool gives them back.

    Raises:
        msgspec.ValidationError: When there is no text, or a field is of another type.
    """
    return msgspec.convert({name: value for name, value in fields.items() if value != ""}, ArticleData)


def text_sha256(text: str) -> str:
    """What an import recognises the exported text by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def report_id(name: str) -> str:
    """The name in lower-case letters from a to z, digits and single hyphens, accents taken off."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return _NO_IDENTIFIER.sub("-", plain).strip("-")
