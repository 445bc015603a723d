"""Jobs on this machine: in this process, or in worker processes."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import chain, islice
from pathlib import Path
from queue import SimpleQueue

from pipeline.bulk.jobs import Job, Part, run_job
from pipeline.bulk.worker import Worker
from pipeline.extract.extractor import Extractor


class LocalEngine:
    """Runs jobs with one thread a worker; a single job, or a single worker, needs no other process."""

    def __init__(self, model: Path, workers: int = 0) -> None:
        """Set up without starting anything.

        Args:
            model: Model folder.
            workers: Processes; 0 is one for each processor that this process may use.
        """
        self._model = model
        self._workers = workers or len(os.sched_getaffinity(0))

    def run(self, jobs: Iterable[Job]) -> Iterator[Part]:
        """See ``pipeline.bulk.jobs.Engine``."""
        waiting = iter(jobs)
        first = list(islice(waiting, 2))
        if len(first) < 2 or self._workers == 1:
            yield from self._run_here(chain(first, waiting))
        else:
            yield from self._run_in_workers(chain(first, waiting))

    def _run_here(self, jobs: Iterator[Job]) -> Iterator[Part]:
        extractor: Extractor | None = None
        for job in jobs:
            extractor = extractor or Extractor.from_pretrained(self._model, threads=1)
            yield run_job(extractor, job)

    def _run_in_workers(self, jobs: Iterator[Job]) -> Iterator[Part]:
        """Each process has a thread that waits for it; one job more than there are processes is read ahead."""
        workers = [Worker(self._model) for _ in range(self._workers)]
        idle: SimpleQueue[Worker] = SimpleQueue()
        for worker in workers:
            idle.put(worker)

        def work(job: Job) -> Part:
            worker = idle.get()
            try:
                return worker.run(job)
            finally:
                idle.put(worker)

        with ThreadPoolExecutor(self._workers) as threads:
            try:
                pending: set[Future[Part]] = set()
                while True:
                    pending |= {threads.submit(work, job) for job in islice(jobs, self._workers + 1 - len(pending))}
                    if not pending:
                        return
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    for part in done:
                        yield part.result()
            finally:
                for worker in workers:
                    worker.close()
                threads.shutdown(wait=False, cancel_futures=True)
