"""Batches under trouble: a faulty endpoint, kill -9 at random moments, a cluster that loses a node, a small local model."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.batch_speed import ROOT, batch_command, run_batch, served, stats
from eval.batch_units import write_jsonl

_FAULTS = ("--limited", "0.10", "--failing", "0.05", "--cut", "0.02", "--garbage", "0.01")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one row; what does not concern it stays 0."""

    units: int = 0
    done: int = 0
    failed: int = 0
    lost: int = 0
    requests: int = 0
    paid: int = 0
    paid_twice: int = 0
    undisturbed: int = 0
    in_flight: int = 0
    kills: int = 0
    done_at_kill: int = 0
    files: int = 0
    differing: int = 0
    unfaithful: int = 0
    model_sentences: int = 0
    seconds: float = 0.0

    def details(self) -> dict[str, object]:
        """What is not zero."""
        return {k: v for k, v in asdict(self).items() if v}


def faulty(folder: Path, count: int) -> Outcome:
    """A batch against an endpoint that limits, fails, cuts and babbles."""
    write_jsonl(folder / "units.jsonl", count)
    start = time.perf_counter()
    with served("--delay", "0.2", *_FAULTS) as url:
        run_batch(folder / "units.jsonl", folder / "out", url)
        seen = stats(url)
    done, failed = _states(folder / "out")
    return Outcome(
        units=count, done=done, failed=failed, lost=count - done - failed, requests=seen["requests"], paid=seen["paid"],
        paid_twice=seen["paid_twice"], seconds=round(time.perf_counter() - start, 1),
    )


def killed(folder: Path, count: int, kills: int) -> Outcome:
    """The same batch undisturbed, and killed at random moments and resumed until it is done."""
    source = folder / "units.jsonl"
    write_jsonl(source, count)
    start = time.perf_counter()
    with served("--delay", "0.1") as url:
        subprocess.run(_few_at_a_time(source, folder / "whole", url), cwd=ROOT, check=True)
        undisturbed = stats(url)["paid"]
    rng = random.Random(11)
    out, in_flight, made = folder / "out", 0, 0
    with served("--delay", "0.1") as url:
        share = undisturbed / kills  # requests that a life may make, in the mean, so that all kills find it at work
        while made < kills:
            in_flight += _life(source, out, url, int(rng.random() * 2 * share * 0.9), rng.random() * 0.1)
            made += 1
        subprocess.run(_few_at_a_time(source, out, url), cwd=ROOT, check=True)
        paid = stats(url)["paid"]
    differing, files = _differing(out, folder / "whole")
    return Outcome(
        units=count, kills=made, undisturbed=undisturbed, paid=paid, in_flight=in_flight, differing=differing, files=files,
        seconds=round(time.perf_counter() - start, 1),
    )


def _few_at_a_time(source: Path, out: Path, url: str) -> list[str]:
    """A run with four requests in flight, so that what a kill may cost is little and a second payment would show.

    The model's name holds no address: an undisturbed run against another port must give the same bytes.
    """
    code = (
        "import sys\nfrom kepudraft.batch import BatchOptions, DraftOptions, Limits, ModelSource, run_batch\n"
        "source = ModelSource('eval.loopback:named_model', {'base_url': sys.argv[3]})\n"
        "draft = DraftOptions(('.md', '.json'), date=(2026, 1, 6))\n"
        "run_batch(sys.argv[1], sys.argv[2], BatchOptions(draft=draft, source=source, workers=1, limits=Limits(4)))\n"
    )
    return [sys.executable, "-c", code, str(source), str(out), url]


def _life(source: Path, out: Path, url: str, requests: int, more_s: float) -> int:
    """Start, kill after so many requests and a moment more; returns the requests that were in flight at the kill."""
    before, started = stats(url)["requests"], time.time()
    process = subprocess.Popen(_few_at_a_time(source, out, url), cwd=ROOT)
    while process.poll() is None and stats(url)["requests"] - before < requests:
        time.sleep(0.01)
    time.sleep(more_s)
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    if not (out / "journal.sqlite").exists():
        return 0
    db = sqlite3.connect(out / "journal.sqlite")
    try:
        query = "SELECT COUNT(*) FROM answer WHERE state = 'asked' AND changed >= ?"  # not those of earlier lives
        return int(db.execute(query, (started,)).fetchone()[0])
    except sqlite3.OperationalError:
        return 0  # killed before there was a table
    finally:
        db.close()


def on_ray(folder: Path, count: int) -> Outcome:
    """The same units on a cluster of two nodes, one of which is killed in the middle, and on this machine alone."""
    from ray.cluster_utils import Cluster

    from kepudraft.batch import BatchOptions, DraftOptions
    from kepudraft.batch import run_batch as run
    from kepudraft.batch.ray import ray_engine

    source, out = folder / "units.jsonl", folder / "out"
    write_jsonl(source, count)
    os.environ["PYTHONPATH"] = str(ROOT)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "object_store_memory": 10**8})
    node = cluster.add_node(num_cpus=1, object_store_memory=10**8)
    at: list[int] = []

    def kill() -> None:
        while (done := len(list(out.glob("*.md")))) < count // 4:
            time.sleep(0.005)
        at.append(done)
        cluster.remove_node(node, allow_graceful=False)

    threading.Thread(target=kill, daemon=True).start()
    options = BatchOptions(draft=DraftOptions((".md", ".json"), date=(2026, 1, 6)))
    start = time.perf_counter()
    progress = run(source, out, options, engine=ray_engine(cluster.address))
    seconds = round(time.perf_counter() - start, 1)
    cluster.shutdown()
    run_batch(source, folder / "here")
    differing, files = _differing(out, folder / "here")
    return Outcome(units=count, done=progress.done, done_at_kill=at[0], differing=differing, files=files, seconds=seconds)


def local_model(folder: Path, model: str, count: int) -> Outcome:
    """A few units with a real small model in this process."""
    source, out = folder / "units.jsonl", folder / "out"
    write_jsonl(source, count)
    start = time.perf_counter()
    command = [*batch_command(source, out), "--model", model]
    subprocess.run(command, cwd=ROOT, check=False, capture_output=True)
    done, failed = _states(out)
    bad = by_model = 0
    for path in out.glob("*.json"):
        record = json.loads(path.read_text("utf-8"))
        bad += not record["faithful"]
        by_model += json.dumps(record["sections"], ensure_ascii=False).count('"origin": "model"')
    return Outcome(
        units=count, done=done, failed=failed, lost=count - done, unfaithful=bad, model_sentences=by_model,
        seconds=round(time.perf_counter() - start, 1),
    )


def _states(out: Path) -> tuple[int, int]:
    db = sqlite3.connect(out / "journal.sqlite")
    found = dict(db.execute("SELECT state, COUNT(*) FROM unit GROUP BY state").fetchall())
    db.close()
    return found.get("done", 0), found.get("failed", 0)


def _differing(one: Path, other: Path) -> tuple[int, int]:
    """How many drafts of two folders differ or stand in one alone, and how many there are."""
    digests = [
        {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.suffix in (".md", ".json")}
        for folder in (one, other)
    ]
    names = digests[0].keys() | digests[1].keys()
    return sum(digests[0].get(n) != digests[1].get(n) for n in names), len(names)
