"""Which labelled documents a model learns from."""

import math
from collections.abc import Sequence

from pipeline.label.annotations import family_by_family
from pipeline.label.soft import SoftDocument
from pipeline.schema import Document


def take_share(documents: Sequence[Document], share: float) -> list[Document]:
    """A share of the documents, rounded up, family by family in an order that only the families' names decide.

    What a smaller share takes, a larger one takes too, but for the one family that the limit cuts.
    """
    return family_by_family(documents)[: math.ceil(share * len(documents))] if share < 1 else list(documents)


def learned_from(annotated: Sequence[Document], soft: Sequence[SoftDocument]) -> list[Document | SoftDocument]:
    """All documents to learn from; of one that is in both, the soft labels count and the annotations do not."""
    replaced = {document.id for document in soft}
    return [*(document for document in annotated if document.id not in replaced), *soft]
