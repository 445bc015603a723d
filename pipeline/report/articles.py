"""A source article as the page shows it: its sentences with their labels, cut where spans begin and end."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

import msgspec

from pipeline.labels import ROLES
from pipeline.report.words import percent, plain
from pipeline.schema import Document, DocumentResult, ScoredSentence, ScoredSpan

_LEAST_SHOWN: Final = 0.1
"""Event types below this certainty are not named among a sentence's scores."""


class Text(StrEnum):
    """Whether the text of an article is at hand."""

    WHOLE = "whole"
    MISSING = "missing"
    CHANGED = "changed"


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a sentence that the same spans cover.

    ``roles`` are those of the spans, the innermost last; ``ends`` names the roles of the spans that end here, ``hint``
    every span with the model's certainty.
    """

    text: str
    roles: tuple[str, ...] = ()
    ends: str = ""
    hint: str = ""


class SentenceShown(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence: its pieces, or with no text at hand its offsets and those of its spans as pieces."""

    start: int
    end: int
    opens_paragraph: bool
    pieces: tuple[Piece, ...]
    events: tuple[str, ...]
    responsibility: tuple[str, ...]
    source: str
    hint: str


class ArticleShown(msgspec.Struct, frozen=True, kw_only=True):
    """An article; ``url`` only where it is a web address."""

    id: str
    title: str | None
    published: str | None
    source: str | None
    url: str | None
    text: Text
    sentences: tuple[SentenceShown, ...]
    warnings: tuple[str, ...]

    def sentence_at(self, position: int | None) -> int | None:
        """Index of the sentence that holds a position of the text; None when none does."""
        if position is None:
            return None
        index = bisect_right(self.sentences, position, key=lambda sentence: sentence.start) - 1
        return index if index >= 0 and position < self.sentences[index].end else None


def show_article(result: DocumentResult, article: Document | None) -> ArticleShown:
    """An article as the page shows it.

    Args:
        result: What was extracted from it.
        article: Its text, if at hand. A text that is not the one extracted is not shown: the offsets are not its own.
    """
    state = _state(result, article)
    text = article.text if article and state is Text.WHOLE else None
    ends = (0, *(sentence.end for sentence in result.sentences))
    return ArticleShown(
        id=result.id,
        title=result.title or (article.title if article else None),
        published=result.published or (article.published if article else None),
        source=result.source or (article.source if article else None),
        url=web_address(article.url) if article else None,
        text=state,
        sentences=tuple(
            _show_sentence(sentence, text, text is not None and "\n" in text[before : sentence.start])
            for before, sentence in zip(ends, result.sentences, strict=False)
        ),
        warnings=result.warnings,
    )


def cut(text: str, start: int, end: int, spans: Sequence[ScoredSpan]) -> Iterator[Piece]:
    """Cut a stretch of text where spans begin and end; the pieces' texts joined are the stretch.

    Args:
        text: The document's text.
        start: Where the stretch begins.
        end: Where it ends.
        spans: Spans, offsets into the document's text; what lies outside the stretch is passed over.
    """
    inside = sorted(
        (span for span in spans if start <= span.start < span.end <= end),
        key=lambda span: (span.start - span.end, ROLES.index(span.role) if span.role in ROLES else len(ROLES)),
    )
    borders = sorted({start, end, *(edge for span in inside for edge in (span.start, span.end))})
    for left, right in pairwise(borders):
        over = [span for span in inside if span.start <= left and right <= span.end]
        yield Piece(
            text[left:right],
            tuple(span.role for span in over),
            " · ".join(dict.fromkeys(plain(span.role) for span in over if span.end == right)),
            ", ".join(map(_certainty, over)),
        )


def web_address(url: str | None) -> str | None:
    """The URL when it is one that a browser may open without running anything; else None."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _state(result: DocumentResult, article: Document | None) -> Text:
    if article is None:
        return Text.MISSING
    digest = hashlib.sha256(article.text.encode("utf-8", "surrogatepass")).hexdigest()
    return Text.WHOLE if digest == result.text_sha256 else Text.CHANGED


def _show_sentence(sentence: ScoredSentence, text: str | None, opens_paragraph: bool) -> SentenceShown:
    if text is None:
        pieces = [
            Piece(f"{span.start}–{span.end}", (span.role,), plain(span.role), _certainty(span))
            for span in sentence.spans
        ]
    else:
        pieces = list(cut(text, sentence.start, sentence.end, sentence.spans))
    return SentenceShown(
        start=sentence.start,
        end=sentence.end,
        opens_paragraph=opens_paragraph,
        pieces=tuple(pieces),
        events=sentence.events,
        responsibility=sentence.responsibility,
        source=sentence.attribution_source,
        hint=_scores(sentence),
    )


def _certainty(span: ScoredSpan) -> str:
    return f"{plain(span.role)} {percent(span.score)}"


def _scores(sentence: ScoredSentence) -> str:
    """The likelier labels of each task with the model's certainty."""
    likely = [
        f"{plain(key)} {percent(score)}"
        for scores in (sentence.event_scores, sentence.responsibility_scores)
        for key, score in sorted(scores.items(), key=lambda item: -item[1])
        if score >= _LEAST_SHOWN
    ]
    source = sentence.attribution_source
    certain = sentence.attribution_source_scores.get(source)
    words = "the article’s own word" if source == "none" else f"word of {plain(source)}"
    return ", ".join([*likely, f"{words} {percent(certain)}" if certain is not None else words])
