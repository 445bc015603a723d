"""Sentences that one report took over from another: they are listed, but are no voice of their own."""

from collections.abc import Sequence
from typing import Final

from datasketch import MinHash, MinHashLSH

from pipeline.schema import DocumentResult
from pipeline.text.fingerprints import PERMUTATIONS, as_sketch

SIMILAR: Final = 0.6
"""Share of a sentence's runs of words that both have: a name or a figure may be changed, the sentence is the same."""

_BANDS: Final = (21, 3)
"""Bands and values a band by which similar sentences are looked up: at ``SIMILAR`` one in 170 is overlooked."""

_LATEST: Final = "9999"

Taken = dict[tuple[str, int], str]
"""Document and start of a sentence, and the id of the document that it was taken from."""


def taken_sentences(documents: Sequence[DocumentResult]) -> Taken:
    """Find the sentences that stood in an earlier document nearly word for word.

    Args:
        documents: Reports of one happening; the first to be published, then the first by id, has the original.

    Returns:
        Only sentences with a fingerprint, so short ones are never among them.
    """
    ordered = sorted(documents, key=lambda document: (document.published or _LATEST, document.id))
    if sum(any(s.fingerprint for s in document.sentences) for document in ordered) < 2:
        return {}
    index = MinHashLSH(num_perm=PERMUTATIONS, params=_BANDS)
    sketches: dict[tuple[int, int], MinHash] = {}
    origin: dict[tuple[int, int], str] = {}
    taken: Taken = {}
    for rank, document in enumerate(ordered):
        own = {}
        for sentence in document.sentences:
            if sentence.fingerprint is not None:
                key, sketch = (rank, sentence.start), as_sketch(sentence.fingerprint)
                like = [other for other in index.query(sketch) if sketches[other].jaccard(sketch) >= SIMILAR]
                if like:
                    taken[document.id, sentence.start] = origin[min(like)]
                else:
                    own[key] = sketch
        for key, sketch in own.items():
            index.insert(key, sketch)
            sketches[key], origin[key] = sketch, document.id
    return taken
