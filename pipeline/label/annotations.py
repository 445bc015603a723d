"""Training labels from the annotations."""

from collections.abc import Sequence

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
