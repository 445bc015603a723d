"""In which encoding a file is written: UTF-8, what its byte order mark says, or a guess."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

import charset_normalizer

from pipeline.errors import InputError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark starts with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LIKELIEST: Final = "cp1252"
_BLOCK_BYTES: Final = 1 << 20
_SAMPLE_BYTES: Final = 1 << 16
_ASCII: Final = re.compile(r"[\x00-\x7f]+")

ESCAPED: Final = re.compile("[\udc80-\udcff]")
"""What the error handler ``surrogateescape`` makes of a byte that cannot be decoded."""


class Encoding(NamedTuple):
    """A codec, and what to tell about it."""

    codec: str
    warnings: tuple[str, ...] = ()


def detect_encoding(handle: BinaryIO) -> Encoding:
    """Find out how a file is encoded; it is read once in blocks, at most twice.

    A file most of whose letters beyond ASCII are UTF-8 is UTF-8 with broken places. Any other that is not UTF-8 is
    guessed from the 64 KiB around the first byte that is not, since English can be plain ASCII for long before.
    The guess is Windows-1252 where charset-normalizer finds that not too messy, since its free choice is often
    Windows-1250, which differs in some letters; else it is that choice.

    Raises:
        InputError: When no encoding fits.
    """
    handle.seek(0)
    start = handle.read(4)
    for mark, codec in _MARKS:
        if start.startswith(mark):
            return Encoding(codec, (f"decoded as {codec}, as a byte order mark says that is no part of the text",))
    broken = _first_break(handle)
    if broken is None or _is_mostly_utf8(handle):
        return Encoding("utf-8")
    sample = _sample(handle, broken)
    likeliest = charset_normalizer.from_bytes(sample, cp_isolation=[_LIKELIEST]).best()
    guess = likeliest or charset_normalizer.from_bytes(sample).best()
    if guess is None:
        raise InputError(f"neither UTF-8 (see byte {broken}) nor any other encoding of text; save it as UTF-8")
    return Encoding(guess.encoding, (f"decoded as {guess.encoding}, which was guessed",))


def _blocks(handle: BinaryIO) -> Iterator[bytes]:
    handle.seek(0)
    while block := handle.read(_BLOCK_BYTES):
        yield block
    yield b""


def _first_break(handle: BinaryIO) -> int | None:
    """Offset of the first byte that is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    for block in _blocks(handle):
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return offset - waiting + error.start
        offset += len(block)
    return None


def _is_mostly_utf8(handle: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    letters = escaped = 0
    for block in _blocks(handle):
        beyond = _ASCII.sub("", decoder.decode(block, final=not block))
        broken = len(ESCAPED.findall(beyond))
        letters, escaped = letters + len(beyond) - broken, escaped + broken
    return letters > escaped


def _sample(handle: BinaryIO, middle: int) -> bytes:
    begin = max(0, middle - _SAMPLE_BYTES // 2)
    handle.seek(begin)
    before = handle.read(middle - begin)
    if begin:  # not from within a letter of several bytes
        before = before[before.find(b"\n") + 1 :]
    return before + handle.read(_SAMPLE_BYTES // 2)
