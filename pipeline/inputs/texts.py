"""Text files: an article each, the id is the file's name without its ending."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import InputError
from pipeline.inputs.article import LONGEST, Place, Read, Row, failed, read_row
from pipeline.inputs.encodings import detect_encoding


def read_text(path: Path) -> Iterator[Read]:
    """The article of a text file; line breaks stay as they are."""
    place = Place(str(path))
    try:
        text, warnings = _decoded(path)
    except (OSError, UnicodeDecodeError, InputError) as error:
        yield failed(place, error, path.stem)
    else:
        yield read_row(place, Row(path.stem, text), warnings)


def _decoded(path: Path) -> tuple[str, tuple[str, ...]]:
    with path.open("rb") as handle:
        size = handle.seek(0, 2)
        if size > LONGEST:
            raise InputError(f"{size} bytes are more than an article may have ({LONGEST})")
        encoding = detect_encoding(handle)
        handle.seek(0)
        return handle.read().decode(encoding.codec), encoding.warnings
