"""Reading the predictions of a run: from a folder, or from what DVC keeps of a revision or an experiment."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from pipeline.errors import InputError
from pipeline.records import read_jsonl
from pipeline.schema import Document, DocumentResult

PREDICTIONS: Final = "data/predictions"
"""Where the stage ``evaluate`` keeps its predictions in every revision; a file for each part."""

_NAMED: Final = 5


def read_run(name: str, part: str) -> list[DocumentResult]:
    """The predictions of one run on one part (``gold`` or ``test``).

    Args:
        name: A folder that holds ``<part>.jsonl``; if there is no such folder, a git revision or DVC experiment.
        part: Name of the part.

    Raises:
        InputError: When it is neither, or its predictions are not there or not readable.
    """
    if Path(name).is_dir():
        return list(read_jsonl(Path(name) / f"{part}.jsonl", DocumentResult))
    path = f"{PREDICTIONS}/{part}.jsonl"
    try:
        return msgspec.json.Decoder(DocumentResult).decode_lines(_read_revision(name, path))
    except msgspec.DecodeError as error:
        raise InputError(f"{name}: {path} does not hold predictions as they are written now: {error}") from None


def results_of(documents: Sequence[Document], results: Iterable[DocumentResult], name: str) -> list[DocumentResult]:
    """The results in the order of the documents.

    Args:
        documents: Annotated documents.
        results: A run's predictions, in any order.
        name: What to call the run in messages.

    Raises:
        InputError: When the run has other documents than the annotated ones, one of them twice, or read another text:
            figures of such runs do not compare.
    """
    listed = list(results)
    by_id = {result.id: result for result in listed}
    if len(by_id) < len(listed):
        raise InputError(f"{name}: {len(listed)} predictions of {len(by_id)} documents; each must be there once")
    annotated = {document.id for document in documents}
    _refuse(name, "annotated documents are missing", annotated - set(by_id))
    _refuse(name, "predicted documents are not among the annotated ones", set(by_id) - annotated)
    other = {document.id for document in documents if by_id[document.id].text_sha256 != _sha256(document.text)}
    _refuse(name, "documents were predicted from another text than the annotated one", other)
    return [by_id[document.id] for document in documents]


def _refuse(name: str, what: str, ids: set[str]) -> None:
    if ids:
        named = ", ".join(sorted(ids)[:_NAMED]) + (", …" if len(ids) > _NAMED else "")
        raise InputError(
            f"{name}: {len(ids)} {what}: {named}; runs compare only on the same documents, so run `dvc repro evaluate` "
            "on the same data for both, or name their annotations with --annotations"
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read_revision(revision: str, path: str) -> bytes:
    try:
        from dvc.api import read
        from dvc.exceptions import DvcException, PathMissingError
    except ImportError:
        raise InputError(
            f"{revision} is no folder; to read predictions of a revision, pip install 'conflict-events[train]'"
        ) from None
    try:
        content = read(path, rev=revision, mode="rb")
    except PathMissingError:
        raise InputError(
            f"{revision}: {path} of that revision is not in DVC's cache; run `dvc exp run` there, or `dvc pull`"
        ) from None
    except DvcException as error:
        raise InputError(f"{revision} is neither a folder nor a revision or experiment here: {error}") from None
    return bytes(content)
