"""Jobs on Ray Data: on this machine, or on a cluster that runs already.

The inputs are read here, once, and cut into the same jobs as without Ray; a job is a block, so that all workers have
some. Batches of jobs go to a pool of actors, each of which keeps a worker process with the model. Model and code
travel with them (Ray's runtime environment), so the other machines need our dependencies but neither a shared disk
nor the model.

Deaths are told apart: an article that kills its process is a failure, as without Ray; an actor that is lost with its
machine is replaced by Ray, and its job is done again.
"""

import logging
import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from socket import create_connection
from typing import Any, Final
from urllib.parse import urlsplit

import pipeline
from pipeline.bulk.jobs import Job, Part
from pipeline.bulk.worker import Worker
from pipeline.errors import ConflictEventsError

JOBS_A_WORKER: Final = 128
"""Jobs that are handed to Ray at a time, per worker: memory stays bounded, and starting the actors costs little."""

_PATIENCE_SECONDS: Final = 10


class RayEngine:
    """Runs jobs in actors with one processor and one thread each."""

    def __init__(self, model: Path, workers: int = 0, address: str | None = None) -> None:
        """Set up without starting anything.

        Args:
            model: Model folder on this machine.
            workers: Actors; 0, and the most, is one for each processor of a running cluster.
            address: Of a running cluster (``auto``, ``host:port``, ``ray://…``). None is what the environment variable
                ``RAY_ADDRESS`` says, and without it a cluster of this machine that ends with the run.
        """
        self._model = model
        self._workers = workers
        self._address = address or os.environ.get("RAY_ADDRESS")

    def run(self, jobs: Iterable[Job]) -> Iterator[Part]:
        """See ``pipeline.bulk.jobs.Engine``.

        Raises:
            ConflictEventsError: When Ray is not installed or no cluster is at the address.
        """
        ray = _load_ray()
        waiting = iter(jobs)
        with _cluster(ray, self._model, self._workers, self._address):
            processors = int(ray.cluster_resources()["CPU"])
            workers = min(self._workers or processors, processors)
            while batch := list(islice(waiting, JOBS_A_WORKER * workers)):
                yield from self._run_batch(ray, batch, workers)

    def _run_batch(self, ray: Any, jobs: list[Job], workers: int) -> Iterator[Part]:
        rows = ray.data.from_items([{"job": pickle.dumps(job)} for job in jobs], override_num_blocks=len(jobs))
        parts = rows.map_batches(
            _Actor,
            batch_size=1,
            batch_format="numpy",
            compute=ray.data.ActorPoolStrategy(size=min(workers, len(jobs))),
            num_cpus=1,
        )
        for row in parts.iter_rows():
            found = pickle.loads(row["part"])
            if isinstance(found, ConflictEventsError):
                raise found
            yield found


class _Actor:
    """Runs in its copy of the model folder."""

    def __init__(self) -> None:
        self._worker = Worker(Path.cwd())

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[bytes]]:
        (job,) = batch["job"]
        found: Part | ConflictEventsError
        try:
            found = self._worker.run(pickle.loads(job))
        except ConflictEventsError as error:
            found = error
        return {"part": [pickle.dumps(found)]}


@contextmanager
def _cluster(ray: Any, model: Path, workers: int, address: str | None) -> Iterator[None]:
    if ray.is_initialized():
        raise ConflictEventsError("this process is connected to Ray already; call `ray.shutdown()` before the run")
    _check_reachable(address)
    environment = {"working_dir": str(model.resolve()), "py_modules": [str(Path(pipeline.__file__).parent)]}
    try:
        ray.init(
            address,
            num_cpus=None if address else workers or None,  # a running cluster has the processors that it has
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env=environment,
        )
    except ConnectionError as error:
        raise ConflictEventsError(f"no Ray cluster at {address}: {error}") from None
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    try:
        yield
    finally:
        ray.shutdown()


def _check_reachable(address: str | None) -> None:
    """Ray itself would try for minutes to reach a machine that is not there, and then end this process."""
    place = urlsplit(address if address and "://" in address else f"//{address or ''}")
    if place.hostname and place.port:
        try:
            create_connection((place.hostname, place.port), timeout=_PATIENCE_SECONDS).close()
        except OSError as error:
            raise ConflictEventsError(f"no Ray cluster at {address}: {error}") from None


def _load_ray() -> Any:
    # Unless the user wants it, nobody is told what is run here.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ConflictEventsError(
            f"--engine ray needs Ray ({error}); `pip install 'conflict-events[ray]'` brings it"
        ) from None
    return ray
