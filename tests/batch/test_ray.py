"""The same units on a real cluster of two nodes, one of which is killed in the middle."""

from __future__ import annotations

import hashlib
import logging
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kepudraft.batch import BatchOptions, DraftOptions, run_batch
from kepudraft.errors import MissingExtra, SetupError
from tests.conftest import ROOT

NODE: dict[str, Any] = {"object_store_memory": 10**8}  # no loopback address: a driver takes that for the machine's own
HERE = BatchOptions(draft=DraftOptions((".md", ".json"), date=(2026, 1, 6)), workers=0)


def test_without_ray_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch):
    from kepudraft.batch.ray import ray_engine

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match="pip install"):
        ray_engine()


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pytest.importorskip("ray", reason="needs kepudraft[ray]")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    logging.getLogger("ray").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        try:
            made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, **NODE})
        except Exception as error:
            pytest.skip(f"this machine starts no Ray cluster: {error}")
        yield made
        made.shutdown()


@pytest.mark.filterwarnings("ignore")
def test_the_same_byte_for_byte_when_a_node_dies_in_the_middle(cluster: Any, jsonl: Path, tmp_path: Path):
    from kepudraft.batch.ray import ray_engine

    node = cluster.add_node(num_cpus=1, **NODE)
    out = tmp_path / "out"
    killed: list[int] = []

    def kill() -> None:
        end = time.monotonic() + 60
        while len(list(out.glob("*.md"))) < 3 and time.monotonic() < end:
            time.sleep(0.002)
        killed.append(len(list(out.glob("*.md"))))
        cluster.remove_node(node, allow_graceful=False)

    thread = threading.Thread(target=kill)
    thread.start()
    progress = run_batch(jsonl, out, HERE, engine=ray_engine(cluster.address))
    thread.join()
    assert progress.done == 40
    assert 3 <= killed[0] < 40
    run_batch(jsonl, tmp_path / "here", HERE)
    digests = [
        {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.suffix in (".md", ".json")}
        for folder in (out, tmp_path / "here")
    ]
    assert digests[0] == digests[1]


@pytest.mark.filterwarnings("ignore")
def test_no_cluster_is_one_sentence(jsonl: Path, tmp_path: Path):
    pytest.importorskip("ray", reason="needs kepudraft[ray]")
    from kepudraft.batch.ray import ray_engine

    with pytest.raises(SetupError, match="连不上 Ray"):
        run_batch(jsonl, tmp_path / "out", replace(HERE), engine=ray_engine("127.0.0.1:1"))
