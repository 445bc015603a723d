"""Training labels from the annotations."""

from collections.abc import Sequence
from hashlib import sha256

from pipeline.errors import CorpusError
from pipeline.schema import Document


def annotated(documents: Sequence[Document]) -> list[Document]:
    """Those documents that carry annotations.

    Raises:
        CorpusError: When none does: there would be nothing to learn from.
    """
    found = [document for document in documents if document.sentences]
    if not found:
        raise CorpusError("no annotated document; put reports into data/corpus/train and data/corpus/dev")
    return found


def family_by_family(documents: Sequence[Document]) -> list[Document]:
    """The documents in an order that only the families' names decide, so that a part of it is a fair sample.

    What a shorter beginning holds, a longer one holds too.
    """
    return sorted(documents, key=lambda document: sha256((document.family or document.id).encode()).digest())


def keep_annotations(documents: Sequence[Document], count: int | None) -> tuple[list[Document], list[Document]]:
    """Part annotated documents into those that keep their annotations and the rest, which has lost them.

    Args:
        documents: Annotated.
        count: How many keep them, taken by whole families but for the last; null is all.

    Returns:
        The first in the order of ``documents``, and the rest with nothing but id, text and date.
    """
    kept = {document.id for document in family_by_family(documents)[:count]}
    return (
        [document for document in documents if document.id in kept],
        [bare(document) for document in documents if document.id not in kept],
    )


def bare(document: Document) -> Document:
    """The document as a reader has it: id, text and date."""
    return Document(id=document.id, text=document.text, published=document.published)
