"""Classifying many texts by a model of any label set: what ``conflict-events classify`` does."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from pipeline.errors import ModelError
from pipeline.extract.extractor import Extractor
from pipeline.inputs.reader import read_articles
from pipeline.records import write_jsonl
from pipeline.schema import Classification, Document, Failure

CLASSIFIED: Final = "classified.jsonl"
FAILURES: Final = "failures.jsonl"
CLASSIFY: Final = "classify"
"""The step of a failure that shows while a text is classified."""


def classify_files(inputs: Iterable[str], folder: Path, model: Path, advance: Callable[[int], None]) -> tuple[int, int]:
    """Write ``classified.jsonl`` and ``failures.jsonl``; memory does not grow with the number of texts that go well.

    Args:
        inputs: As for ``pipeline.inputs.reader.read_articles``.
        folder: Where to write.
        model: Model folder.
        advance: Called after each text.

    Returns:
        How many texts were classified, and how many inputs failed.

    Raises:
        InputError: When an input does not exist or is of a kind that cannot be read.
        ModelError: When the model cannot be loaded.
    """
    extractor = Extractor.from_pretrained(model)
    failures: list[Failure] = []
    counts: Counter[str] = Counter()

    def classified() -> Iterator[Classification]:
        for found in _classify(extractor, inputs):
            advance(1)
            counts[type(found).__name__] += 1
            if isinstance(found, Failure):
                failures.append(found)
            else:
                yield found

    write_jsonl(folder / CLASSIFIED, classified())
    write_jsonl(folder / FAILURES, failures)
    return counts[Classification.__name__], len(failures)


def _classify(extractor: Extractor, inputs: Iterable[str]) -> Iterator[Classification | Failure]:
    for read in read_articles(inputs):
        if not isinstance(read.found, Document):
            yield read.found
            continue
        try:
            yield extractor.classify(read.found)
        except ModelError:
            raise
        except Exception as error:  # one bad text must not stop a million
            yield Failure(read.found.id, None, read.found.id, CLASSIFY, type(error).__name__, str(error))
