"""Users' articles that nobody annotated."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from pipeline.corpus.leaks import word_runs
from pipeline.errors import LeakError
from pipeline.inputs.article import Place
from pipeline.inputs.reader import article_files, read_articles
from pipeline.schema import Document, Failure

PREFIX: Final = "unlabelled/"
"""What the ids of these articles begin with, so that none is that of a report."""

_STAGE: Final = "label"


def read_unlabelled(
    folder: Path, held_out: Iterable[Document], leak_words: int
) -> tuple[list[Document], list[Failure]]:
    """Read the articles of a folder, which may hold none.

    Args:
        folder: Holds files of the kinds that ``read_articles`` reads; others are passed over. It need not exist.
        held_out: Documents that models are chosen or scored on.
        leak_words: No article may share a run of so many words with them.

    Returns:
        The articles, and what could not be read or must not be learned from.
    """
    if not folder.is_dir() or not article_files(folder):
        return [], []
    seen = {run: document.id for document in held_out for run, _ in word_runs(document.text, leak_words)}
    articles, failures = [], []
    for read in read_articles([str(folder)]):
        found = read.found
        if isinstance(found, Document):
            found = _unless_held_out(found, read.place, seen, leak_words)
        if isinstance(found, Failure):
            failures.append(found)
        else:
            articles.append(msgspec.structs.replace(found, id=PREFIX + found.id))
    return articles, failures


def _unless_held_out(
    article: Document, place: Place, held_out: Mapping[str, str], leak_words: int
) -> Document | Failure:
    for run, _ in word_runs(article.text, leak_words):
        if run in held_out:
            message = (
                f"shares {run!r} with {held_out[run]}, which models are chosen or scored on; leave the article out"
            )
            return Failure(place.input, place.line, article.id, _STAGE, LeakError.__name__, message)
    return article
