"""Articles and a model for runs, and what runs write."""

import msgspec

from pipeline.bulk.documents import FAILURES, INCIDENTS, RUN
from pipeline.bulk.jobs import MOST_DOCUMENTS
from pipeline.extract.folder import CARD
from pipeline.labels import LABELS
from pipeline.records import write_json, write_jsonl
from tests.conftest import CARD_OF_TINY

COUNT = 2 * MOST_DOCUMENTS + 20


def outputs(folder):
    return {name: (folder / name).read_bytes() for name in ("documents.jsonl", FAILURES, INCIDENTS, RUN)}


def write_articles(path):
    """So many short articles that they make three jobs, with a broken line and a doubled id among them."""
    rows = [
        {"id": f"d{n}", "text": f"A motorcycle bomb hit Tessalit’s market, killing {n}.", "published": "2019-06-12"}
        for n in range(COUNT)
    ]
    write_jsonl(path, rows)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:100], b"{broken\n", lines[3], *lines[100:]]))


def find_a_bombing_in_each_sentence(folder):
    """Set the thresholds of a model so."""
    events = {key: float(key != "explosive_device") for key in LABELS.keys("events")}
    thresholds = {"events": events, "responsibility": dict.fromkeys(LABELS.keys("responsibility"), 1.0)}
    write_json(folder / CARD, msgspec.structs.replace(CARD_OF_TINY, thresholds=thresholds))
