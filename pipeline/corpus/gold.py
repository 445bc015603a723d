"""The gold articles: read byte for byte, refused when they are not what was annotated.

Gold is for scoring only. Nothing is trained, tuned or chosen on it.
"""

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from pipeline.errors import GoldError
from pipeline.schema import Document, Incident, Sentence

GOLD_ARTICLES: Final = 5
"""How many articles gold has; a run that finds fewer fails instead of scoring a part."""


class GoldAnnotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of ``data/gold/annotations``."""

    doc_id: str
    sha256: str
    published: str | None
    sentences: tuple[Sentence, ...]
    incidents: tuple[Incident, ...]


def read_gold(folder: Path) -> list[Document]:
    """Read all gold articles with their annotations, ordered by id.

    Args:
        folder: Holds ``articles/<id>.txt`` and ``annotations/<id>.json``.

    Raises:
        GoldError: When an article or annotation is missing, an article's bytes are not those that were
            annotated, or there are not exactly ``GOLD_ARTICLES``.
    """
    annotations = sorted((folder / "annotations").glob("*.json"))
    articles = {path.stem for path in (folder / "articles").glob("*.txt")}
    stems = {path.stem for path in annotations}
    if len(annotations) != GOLD_ARTICLES or articles != stems:
        raise GoldError(
            f"{folder}: found {len(articles)} articles and {len(annotations)} annotations, expected "
            f"{GOLD_ARTICLES} of each with the same names; restore the folder from git"
        )
    return [_read_article(folder, path) for path in annotations]


def _read_article(folder: Path, path: Path) -> Document:
    try:
        annotation = msgspec.json.decode(path.read_bytes(), type=GoldAnnotation)
    except msgspec.MsgspecError as error:
        raise GoldError(f"{path}: {error}; restore the file from git") from None
    article = folder / "articles" / f"{path.stem}.txt"
    content = article.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != annotation.sha256:
        raise GoldError(
            f"{article}: sha256 is {found}, annotated was {annotation.sha256}; restore the file from git "
            "(an editor or git's autocrlf may have changed line ends)"
        )
    return Document(
        id=annotation.doc_id,
        text=content.decode("utf-8"),
        published=annotation.published,
        sentences=annotation.sentences,
        incidents=annotation.incidents,
    )
