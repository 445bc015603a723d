"""The corpus as a Hugging Face dataset: one row a report, offsets into its text, keys as class labels.

The Parquet files carry the features in their metadata, so that ``datasets.load_dataset("parquet", …)`` or
``Dataset.from_parquet`` give the keys' names back without this package.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value

from pipeline.corpus.reports import read_corpus
from pipeline.labels import EVENT_TYPES, INCIDENT_TYPES, RESPONSIBILITY, ROLES, SOURCES, STYLES
from pipeline.schema import Document, Incident, Sentence

_TEXTS: Final = List(Value("string"))
_COUNT: Final = {"min": Value("int32"), "max": Value("int32")}

FEATURES: Final = Features(
    {
        "id": Value("string"),
        "family": Value("string"),
        "published": Value("string"),
        "style": ClassLabel(names=list(STYLES)),
        "text": Value("string"),
        "sentences": List(
            {
                "start": Value("int32"),
                "end": Value("int32"),
                "events": List(ClassLabel(names=list(EVENT_TYPES))),
                "responsibility": List(ClassLabel(names=list(RESPONSIBILITY))),
                "source": ClassLabel(names=list(SOURCES)),
                "spans": List({"role": ClassLabel(names=list(ROLES)), "start": Value("int32"), "end": Value("int32")}),
            }
        ),
        "incidents": List(
            {
                "id": Value("string"),
                "incident": Value("string"),
                "type": ClassLabel(names=list(INCIDENT_TYPES)),
                "main": Value("bool"),
                "sentences": List(Value("int32")),
                "date": {"start": Value("string"), "end": Value("string")},
                "place": Value("string"),
                "country": Value("string"),
                "targets": _TEXTS,
                "actors": _TEXTS,
                "weapons": _TEXTS,
                "weapon_count": _COUNT,
                "killed": _COUNT,
                "injured": _COUNT,
                "attribution": Value("string"),
                "attributed_to": Value("string"),
                "aggregate": Value("bool"),
            }
        ),
    }
)
"""A row of the table. Offsets are Unicode code points into ``text``, end-exclusive."""


def load_dataset(folder: Path) -> DatasetDict:
    """The corpus of ``folder/{train,dev,test}/*.txt`` as typed tables, checked as ``prepare`` checks it.

    Raises:
        CorpusError: When a report breaks the format.
    """
    return DatasetDict({name: as_dataset(documents) for name, documents in read_corpus(folder).items()})


def as_dataset(documents: Iterable[Document]) -> Dataset:
    """Annotated documents as a typed table."""
    return Dataset.from_list([_row(document) for document in documents], features=FEATURES)


def _row(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "family": document.family,
        "published": document.published,
        "style": document.style,
        "text": document.text,
        "sentences": [_sentence(sentence) for sentence in document.sentences],
        "incidents": [_incident(incident) for incident in document.incidents],
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(sentence)
    return fields


def _incident(incident: Incident) -> dict[str, Any]:
    fields = msgspec.to_builtins(incident)
    return {name: fields[name] for name in FEATURES["incidents"].feature}
