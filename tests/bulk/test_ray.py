import threading
import time

import psutil
import pytest
from ray.cluster_utils import Cluster

from pipeline.bulk.local import LocalEngine
from pipeline.bulk.ray_engine import RayEngine
from pipeline.bulk.run import extract_files
from pipeline.errors import ConflictEventsError
from tests.bulk.runs import outputs


@pytest.fixture(scope="module")
def cluster():
    """Two machines with a processor each, as far as Ray can tell."""
    cluster = Cluster()
    for _ in range(2):
        cluster.add_node(num_cpus=1, object_store_memory=200 * 2**20)
    yield cluster
    cluster.shutdown()


def actors():
    return [each for each in psutil.process_iter(["cmdline"]) if "MapWorker" in "".join(each.info["cmdline"] or ())]


def kill_an_actor(killed):
    while len(alive := actors()) < 2:
        time.sleep(0.05)
    alive[0].kill()
    killed.append(alive[0].pid)


def test_a_cluster_that_loses_an_actor_writes_what_one_process_writes(cluster, articles, model, tmp_path):
    killed = []
    killer = threading.Thread(target=kill_an_actor, args=(killed,), daemon=True)
    killer.start()
    engine = RayEngine(model, 2, cluster.address)
    summary = extract_files([str(articles)], tmp_path / "ray", model, engine)
    extract_files([str(articles)], tmp_path / "local", model, LocalEngine(model, 1))
    assert len(killed) == 1
    assert summary.counts.failed == 2
    assert outputs(tmp_path / "ray") == outputs(tmp_path / "local")


def test_a_cluster_that_is_not_there_is_said(model):
    engine = RayEngine(model, 2, "127.0.0.1:9")
    with pytest.raises(ConflictEventsError, match=r"no Ray cluster at 127\.0\.0\.1:9"):
        list(engine.run([]))
