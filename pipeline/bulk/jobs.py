"""Pieces of a run: consecutive inputs that are extracted together, and what became of them as bytes.

A job's result depends on its articles and the model alone: not on its neighbours, the engine or the number of workers.
So a run that was interrupted can go on, and ends with the same bytes as one that was not.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

import msgspec

from pipeline.extract.extractor import Extractor
from pipeline.inputs.article import Place, Read
from pipeline.schema import Document, DocumentResult, Failure
from pipeline.text.characters import readable

MOST_DOCUMENTS: Final = 64
"""Inputs of a job, at most."""

MOST_CHARACTERS: Final = 1_000_000
"""Characters from which a job takes no further input."""

WRITE: Final = "write"
"""The step of a failure that shows when a result is written."""

_ENCODER: Final = msgspec.json.Encoder()


class Job(msgspec.Struct, frozen=True):
    """Consecutive inputs of a run. ``number`` counts from 0."""

    number: int
    reads: tuple[Read, ...]

    @property
    def digest(self) -> str:
        """Checksum of all that the job holds; lone surrogates, which no encoding knows, included."""
        return hashlib.sha256(repr(self.reads).encode("utf-8", "surrogatepass")).hexdigest()


class Part(msgspec.Struct, frozen=True):
    """What became of a job: rows as JSON lines, and how many; every input is in one of the two."""

    number: int
    digest: str
    extracted: int
    failed: int
    documents: bytes
    failures: bytes


class Engine(Protocol):
    """Runs jobs somewhere."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Part]:
        """Yield the part of each job, in any order; takes jobs as it needs them, not all at once."""


def into_jobs(reads: Iterable[Read]) -> Iterator[Job]:
    """Cut inputs into jobs; where depends on the inputs alone."""
    number, taken, size = 0, [], 0
    for read in reads:
        taken.append(read)
        size += len(read.found.text) if isinstance(read.found, Document) else 0
        if len(taken) == MOST_DOCUMENTS or size >= MOST_CHARACTERS:
            yield Job(number, tuple(taken))
            number, taken, size = number + 1, [], 0
    if taken:
        yield Job(number, tuple(taken))


def run_job(extractor: Extractor, job: Job) -> Part:
    """Extract from all articles of a job."""
    return as_part(job, [_outcome(extractor, read) for read in job.reads])


def as_part(job: Job, outcomes: Iterable[DocumentResult | Failure]) -> Part:
    """The outcomes of a job's inputs, in their order, as bytes."""
    rows: dict[bool, list[bytes]] = {True: [], False: []}
    for read, outcome in zip(job.reads, outcomes, strict=True):
        failed, row = _encoded(read.place, outcome)
        rows[failed].append(row)
    return Part(
        job.number,
        job.digest,
        len(rows[False]),
        len(rows[True]),
        documents=b"".join(rows[False]),
        failures=b"".join(rows[True]),
    )


def _encoded(place: Place, outcome: DocumentResult | Failure) -> tuple[bool, bytes]:
    """Whether it is a failure, and the row; a result that JSON cannot hold (lone surrogates) is a failure."""
    try:
        return isinstance(outcome, Failure), _ENCODER.encode(outcome) + b"\n"
    except UnicodeEncodeError as error:
        name = readable(outcome.id) if outcome.id else outcome.id
        failure = Failure(readable(place.input), place.line, name, WRITE, type(error).__name__, readable(str(error)))
        return True, _ENCODER.encode(failure) + b"\n"


def _outcome(extractor: Extractor, read: Read) -> DocumentResult | Failure:
    if isinstance(read.found, Failure):
        return read.found
    (outcome,) = extractor([read.found])
    if isinstance(outcome, Failure):
        return msgspec.structs.replace(outcome, input=read.place.input, line=read.place.line)
    return msgspec.structs.replace(outcome, warnings=(*read.warnings, *outcome.warnings))
