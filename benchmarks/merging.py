"""Time and memory of merging against the number of records: ``python -m benchmarks.merging [--sizes N ...]``.

The records are synthetic: happenings of five years, at places, with targets and actors that are unevenly frequent, each
told by one to five articles that leave out or change some of it. Each size runs in a process of its own.
"""

import argparse
import random
import resource
import string
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from itertools import count
from multiprocessing import get_context
from typing import Final, NamedTuple

from pipeline.evaluate.clusters import b_cubed
from pipeline.incidents.merge import default_merger, merge_incidents
from pipeline.labels import INCIDENT_TYPES
from pipeline.schema import CountRange, DateRange, DocumentResult, Incident

SIZES: Final = (1_000, 3_000, 10_000, 30_000, 100_000)
SEED: Final = 11
_DAYS: Final = 5 * 365
_FIRST_DAY: Final = date(2015, 1, 1)
_MOST_REPORTS: Final = 5
_LEFT_OUT: Final = 0.15
_TARGETS: Final = ("market", "army post", "bus station", "police station", "hospital", "school", "convoy", "town hall")
_MEBIBYTE: Final = 1024


class Measured(NamedTuple):
    """One run: records in, happenings behind them, incidents out, their B-cubed F1, processor seconds, memory."""

    records: int
    happenings: int
    incidents: int
    f1: float
    seconds: float
    before_mib: float
    peak_mib: float


def measure(records: int) -> Measured:
    """Make records and merge them."""
    results, truth = synthetic_results(records, SEED)
    merger = default_merger()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEBIBYTE
    begin = time.process_time()
    merged = merge_incidents(results, merger)
    seconds = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEBIBYTE
    found = {member.document: incident.id for incident in merged for member in incident.members}
    f1 = b_cubed(truth, found)[2]
    return Measured(len(results), len(set(truth.values())), len(merged), f1, seconds, before, peak)


def synthetic_results(records: int, seed: int) -> tuple[list[DocumentResult], dict[str, int]]:
    """Documents of one record each, and which happening each tells."""
    rng = random.Random(seed)
    places = [_name(rng) for _ in range(max(20, records // 25))]
    actors = [
        f"{_name(rng)} {rng.choice(('Front', 'Brigade', 'Army', 'League'))}" for _ in range(max(5, records // 200))
    ]
    results: list[DocumentResult] = []
    truth: dict[str, int] = {}
    for number in count():
        happening = _happening(rng, places, actors)
        for _ in range(min(rng.randint(1, _MOST_REPORTS), records - len(results))):
            results.append(_report(rng, f"d{len(results):07}", happening))
            truth[results[-1].id] = number
        if len(results) == records:
            break
    return results, truth


def _happening(rng: random.Random, places: Sequence[str], actors: Sequence[str]) -> Incident:
    place = _uneven(rng, places)
    day = (_FIRST_DAY + timedelta(days=rng.randrange(_DAYS))).isoformat()
    return Incident(
        id="",
        type=rng.choice(INCIDENT_TYPES),
        incident="",
        main=True,
        sentences=(0,),
        date=DateRange(day, day),
        place=place,
        country=f"{string.ascii_uppercase[len(place) % 26]}{place[0]}{place[1].upper()}",
        targets=(f"{place} {rng.choice(_TARGETS)}",),
        actors=(_uneven(rng, actors),),
        killed=CountRange(toll := rng.randrange(30), toll),
    )


def _report(rng: random.Random, name: str, happening: Incident) -> DocumentResult:
    told = {
        field: None if rng.random() < _LEFT_OUT else getattr(happening, field)
        for field in ("date", "place", "country", "killed")
    }
    words = {field: () if rng.random() < _LEFT_OUT else getattr(happening, field) for field in ("targets", "actors")}
    day = happening.date.start if happening.date and happening.date.start else _FIRST_DAY.isoformat()
    published = (date.fromisoformat(day) + timedelta(days=rng.randrange(4))).isoformat()
    incident = Incident(f"{name}#1", happening.type, f"{name}#1", True, (0,), **told, **words)
    return DocumentResult(
        id=name,
        published=published,
        source=None,
        title=None,
        text_sha256="",
        sentences=(),
        incidents=(incident,),
        warnings=(),
    )


def _name(rng: random.Random) -> str:
    syllables = (rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(3, 5)))
    return "".join(syllables).capitalize()


def _uneven(rng: random.Random, names: Sequence[str]) -> str:
    """A name; the first ones are far more frequent, as capitals are in the news."""
    return names[int(len(names) * rng.random() ** 3)]


def main() -> None:
    """Print one line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of records")
    names = ("records", "happenings", "incidents", "B³ F1", "CPU s", "µs/record", "MiB input", "MiB peak")
    print(*(f"{name:>10}" for name in names))
    for size in parser.parse_args().sizes:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            run = pool.submit(measure, size).result()
        whole = f"{run.records:>10} {run.happenings:>10} {run.incidents:>10} {run.f1:>10.3f} {run.seconds:>10.1f}"
        each = 1e6 * run.seconds / run.records
        print(f"{whole} {each:>10.0f} {run.before_mib:>10.0f} {run.peak_mib:>10.0f}", flush=True)


if __name__ == "__main__":
    main()
