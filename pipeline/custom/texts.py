"""Texts with labels of any label set: JSON lines and Parquet, a text a row.

A row has a ``text``, an ``id`` if it likes, and for each layer of documents a field of the layer's name with a list of
keys, or one key. For layers of sentences it has ``sentences``, each with ``start`` and ``end`` in the text and such
fields; or with a ``text`` of its own, and the row's text is then its sentences with a blank between them. A field that
is missing or null is not known; an empty list says that no key applies. An object of keys with probabilities, 0 and 1
among them, leaves open what it does not name.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from pipeline.errors import InputError
from pipeline.inputs.arrow import load_pyarrow
from pipeline.labels import LabelSet, Layer
from pipeline.schema import Failure
from pipeline.text.sentences import split_sentences

READ: Final = "read"
"""The step of a failure that shows while labelled texts are read."""

_KINDS: Final = (".jsonl", ".parquet")

Answer = tuple[str, ...] | dict[str, float] | None
"""Keys that apply; or probabilities of those keys that are known; or None where nothing is."""


class LabelledText(msgspec.Struct, frozen=True):
    """A text, the offsets of its sentences, and by layer the keys of each unit, None where they are not known."""

    id: str
    text: str
    sentences: tuple[tuple[int, int], ...]
    answers: dict[str, tuple[Answer, ...]]


def read_labelled(path: Path, labels: LabelSet) -> Iterator[LabelledText | Failure]:
    """Read a file, or the files of a folder in the order of their names; a row that cannot be used is a failure.

    Raises:
        InputError: When there is no such file, or none of a kind that is read.
    """
    files = sorted(found for found in path.iterdir() if found.suffix in _KINDS) if path.is_dir() else [path]
    if not files or not all(file.is_file() and file.suffix in _KINDS for file in files):
        raise InputError(f"{path}: no file of a kind that is read; expected {' or '.join(_KINDS)}, or a folder of them")
    for file in files:
        for number, row in _rows(file):
            place = f"{file}:{number}"
            if isinstance(row, Failure):
                yield row
                continue
            try:
                yield as_labelled(row, labels, place)
            except InputError as error:
                name = row.get("id") if isinstance(row, Mapping) else None
                yield _failure(file, number, str(error), name if isinstance(name, str) else None)


def as_labelled(row: Any, labels: LabelSet, place: str) -> LabelledText:
    """Check a row; ``place`` is its id if it has none.

    Raises:
        InputError: When the text is missing, a key is unknown, or offsets do not lie in the text.
    """
    if not isinstance(row, Mapping):
        raise InputError(f"expected an object with a text, found {type(row).__name__}")
    text, parts = _text_and_sentences(row)
    if not text.strip():
        raise InputError("the text is empty")
    spans = tuple((part["start"], part["end"]) for part in parts) if parts else tuple(split_sentences(text))
    if not spans:
        raise InputError("the text has no sentence")
    answers: dict[str, tuple[Answer, ...]] = {}
    for layer in labels.layers:
        if layer.level == "document":
            answers[layer.name] = (_answer(layer, row.get(layer.name)),)
        elif parts:
            answers[layer.name] = tuple(_answer(layer, part.get(layer.name)) for part in parts)
        else:
            answers[layer.name] = (None,) * len(spans)
    name = row.get("id")
    return LabelledText(place if name is None else str(name), text, spans, answers)


def _text_and_sentences(row: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The text, and its sentences with their offsets, in order."""
    text, sentences = row.get("text"), row.get("sentences") or []
    if not isinstance(sentences, Sequence) or not all(isinstance(sentence, Mapping) for sentence in sentences):
        raise InputError("sentences: expected a list of objects")
    if text is None and sentences:
        return _joined(sentences)
    if not isinstance(text, str):
        raise InputError(f"text: expected a string, found {type(text).__name__}")
    last = 0
    parts = [dict(sentence) for sentence in sentences]
    for part in parts:
        start, end = part.get("start"), part.get("end")
        if not (isinstance(start, int) and isinstance(end, int) and last <= start < end <= len(text)):
            raise InputError(
                f"sentences: start {start!r} and end {end!r} are no offsets in a text of {len(text)} characters "
                "after those of the sentence before"
            )
        last = end
    return text, parts


def _joined(sentences: Sequence[Mapping[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    text, parts = "", []
    for sentence in sentences:
        own = sentence.get("text")
        if not isinstance(own, str) or not own.strip():
            raise InputError("sentences: each needs a text where the row has none")
        start = len(text) + bool(text)
        text = f"{text} {own}" if text else own
        parts.append({**sentence, "start": start, "end": len(text)})
    return text, parts


def _answer(layer: Layer, value: Any) -> Answer:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return _probabilities(layer, value)
    keys = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Sequence) else None
    unknown = None if keys is None else [key for key in keys if key not in layer.keys]
    if keys is None or unknown:
        raise InputError(f"{layer.name}: {value!r} is none of its keys {', '.join(layer.keys)}")
    if layer.choice == "one" and len(keys) != 1:
        raise InputError(f"{layer.name}: expected exactly one key, found {list(keys)}")
    return keys


def _probabilities(layer: Layer, value: Mapping[str, Any]) -> Answer:
    """What an object says; a key with null is like one that is not there, for a Parquet struct has all keys."""
    given = {key: share for key, share in value.items() if share is not None}
    for key, share in given.items():
        if key not in layer.keys:
            raise InputError(f"{layer.name}: {key!r} is none of its keys {', '.join(layer.keys)}")
        if not isinstance(share, int | float) or not 0 <= share <= 1:
            raise InputError(f"{layer.name}: {key} has {share!r}; expected a probability from 0 to 1")
    if layer.choice == "one" and given and not any(given.values()):
        raise InputError(f"{layer.name}: no key has a probability above 0; expected a sum of 1")
    return {key: float(share) for key, share in given.items()}


def _rows(file: Path) -> Iterator[tuple[int, Any]]:
    """Numbers of lines or rows, and what they hold; a line that is no JSON is a failure."""
    if file.suffix == ".parquet":
        yield from _parquet_rows(file)
        return
    with file.open("rb") as handle:
        for number, line in enumerate(handle, start=1):
            if line.strip():
                try:
                    yield number, msgspec.json.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    yield number, _failure(file, number, str(error), None)


def _parquet_rows(file: Path) -> Iterator[tuple[int, Any]]:
    pyarrow = load_pyarrow()
    try:
        with pyarrow.parquet.ParquetFile(file) as table:
            rows = (row for batch in table.iter_batches() for row in batch.to_pylist())
            yield from enumerate(rows, start=1)
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(f"{file}: no Parquet file that can be read: {error}") from None


def _failure(file: Path, number: int, message: str, name: str | None) -> Failure:
    return Failure(str(file), number, name, READ, InputError.__name__, message)
