"""A process that runs jobs, and is replaced when it dies.

It and its owner talk over a pipe of their own. They share no queue and no lock with others, so that a worker that is
killed, at whatever moment, takes nothing along but the job that it held.
"""

from collections.abc import Iterable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import msgspec

from pipeline.bulk.jobs import Job, Part, as_part, run_job
from pipeline.errors import ConflictEventsError
from pipeline.extract.extractor import EXTRACT, Extractor
from pipeline.inputs.article import Read
from pipeline.schema import Failure

MOST_DEATHS: Final = 2
"""Processes that may die at a job before its articles are tried one by one, or while they load the model."""

# It starts afresh: a fork would copy the locks that threads of the owner hold.
_PROCESSES: Final = get_context("spawn")


class _Running(NamedTuple):
    process: BaseProcess
    pipe: Connection


class Worker:
    """Runs jobs with one thread, in a process that loads the model once. To be used by one thread at a time."""

    def __init__(self, model: Path) -> None:
        """Set up without starting anything."""
        self._model = model
        self._running: _Running | None = None
        self._closed = False
        self._closing = Lock()

    def run(self, job: Job) -> Part:
        """What becomes of a job. An article that takes the process along, tried alone, is a failure.

        Raises:
            ConflictEventsError: When the model cannot be loaded, or no process lives until it is.
        """
        for _ in range(MOST_DEATHS):
            part = self._try(job)
            if part is not None:
                return part
        return _joined(job, [self._try_alone(job, read) for read in job.reads])

    def close(self) -> None:
        """End the process, in the middle of a job if need be; safe from any thread."""
        with self._closing:
            self._closed = True
            running = self._running
        if running is not None:
            running.process.kill()
            running.process.join()

    def _try_alone(self, job: Job, read: Read) -> Part:
        alone = msgspec.structs.replace(job, reads=(read,))
        return self._try(alone) or as_part(alone, [_death(read)])

    def _try(self, job: Job) -> Part | None:
        """The part, or None when the process died."""
        running = self._running or self._ready()
        try:
            self._hand_over(running, job)
            found = running.pipe.recv()
        except (EOFError, OSError):
            self._end(running)
            return None
        if isinstance(found, ConflictEventsError):
            raise found
        return found

    def _hand_over(self, running: _Running, job: Job) -> None:
        running.pipe.send(job)

    def _ready(self) -> _Running:
        """A process that has loaded the model. One that dies before that does so whatever the job."""
        for _ in range(MOST_DEATHS):
            running = self._start()
            try:
                error = running.pipe.recv()
            except (EOFError, OSError):
                self._end(running)
                continue
            if error is None:
                return running
            self._end(running)
            raise error
        raise ConflictEventsError(
            f"{MOST_DEATHS} processes in a row ended before they had loaded the model {self._model}, the last with "
            f"exit code {running.process.exitcode}: either there is too little memory for a model in each of them, "
            "then take fewer workers; or they were started from a script, then what it does must stand below "
            '`if __name__ == "__main__":`'
        )

    def _start(self) -> _Running:
        with self._closing:  # so that what is started is always known to `close`
            if self._closed:
                raise RuntimeError("the worker was closed")
            ours, theirs = _PROCESSES.Pipe()
            process = _PROCESSES.Process(target=_serve, args=(theirs, self._model), daemon=True)
            process.start()
            theirs.close()  # the only other end is the process's, so that its death closes the pipe
            self._running = _Running(process, ours)
            return self._running

    def _end(self, running: _Running) -> None:
        running.process.kill()
        running.process.join()
        running.pipe.close()
        self._running = None


def _serve(pipe: Connection, model: Path) -> None:
    """What the process does, until its owner closes the pipe or is gone.

    It sends None when the model is loaded, or the error why it is not, and then a part for each job.
    """
    with suppress(EOFError, OSError, KeyboardInterrupt):
        try:
            extractor = Extractor.from_pretrained(model, threads=1)
        except ConflictEventsError as error:
            pipe.send(error)
            return
        pipe.send(None)
        while True:
            job = pipe.recv()
            try:
                pipe.send(run_job(extractor, job))
            except ConflictEventsError as error:
                pipe.send(error)


def _joined(job: Job, parts: Iterable[Part]) -> Part:
    parts = list(parts)
    return Part(
        job.number,
        job.digest,
        sum(part.extracted for part in parts),
        sum(part.failed for part in parts),
        b"".join(part.documents for part in parts),
        b"".join(part.failures for part in parts),
    )


def _death(read: Read) -> Failure:
    message = "the process that read this article was killed"
    return Failure(read.place.input, read.place.line, read.found.id, EXTRACT, "WorkerDied", message)
