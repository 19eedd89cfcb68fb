"""A batch with a model behind an endpoint on loopback, in worker processes as a user runs it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from openpyxl import load_workbook

from eval.batch_units import json_units
from eval.loopback import Faults, InThread, Loopback, echo_reply
from kepudraft.batch import BatchOptions, DraftOptions, Limits, ModelSource, Price, run_batch
from kepudraft.llm.chat import ChatRequest
from kepudraft.llm.scripted import ScriptedModel
from tests.conftest import ROOT

UNITS = 4


@pytest.fixture
def units(tmp_path: Path) -> Path:
    path = tmp_path / "units.jsonl"
    path.write_text("\n".join(json_units(UNITS)), encoding="utf-8")
    return path


def _options(url: str, **more: object) -> BatchOptions:
    source = ModelSource("kepudraft.llm:open_model", {"name": "m", "base_url": url, "tries": 1})
    draft = DraftOptions((".md", ".json"), date=(2026, 1, 6))
    return BatchOptions(draft=draft, source=source, workers=1, limits=Limits(16), **more)  # type: ignore[arg-type]


def _drafts(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.suffix in (".md", ".json")}


def test_a_faulty_endpoint_is_paid_once_for_each_request(units: Path, tmp_path: Path):
    faulty = Loopback(Faults(0.005, 0.5, limited=0.1, failing=0.05, cut=0.02, garbage=0.01, seed=2), echo_reply)
    calm = Loopback(Faults(0.005), echo_reply)
    with InThread(faulty) as url, InThread(calm) as calm_url:
        progress = run_batch(units, tmp_path / "a", _options(url))
        run_batch(units, tmp_path / "b", _options(calm_url))
    assert (progress.done, progress.failed) == (UNITS, 0)
    assert faulty.counts.record()["paid_twice"] == 0
    assert sum(n for kind, n in faulty.counts.kinds.items() if kind != "ok") > 0
    assert {n.partition(".")[0] for n in _drafts(tmp_path / "a")} == {n.partition(".")[0] for n in _drafts(tmp_path / "b")}
    assert '"origin": "model"' in next((tmp_path / "a").glob("*.json")).read_text("utf-8")


def test_a_second_run_asks_nothing_and_the_summary_tells_what_was_paid(units: Path, tmp_path: Path):
    server = Loopback(Faults(0.001), echo_reply)
    with InThread(server) as url:
        options = _options(url, price=Price(1000.0, 1000.0, 1000.0))
        run_batch(units, tmp_path / "out", options)
        paid = server.counts.record()["paid"]
        for path in (tmp_path / "out").glob("*.md"):
            path.unlink()  # the drafts are lost, their answers are not
        again = run_batch(units, tmp_path / "out", options)
    assert again.done == UNITS
    assert server.counts.record()["paid"] == paid
    rows = list(load_workbook(tmp_path / "out" / "summary.xlsx").active.iter_rows(min_row=2, values_only=True))
    assert sum(r[13] for r in rows) == paid
    assert sum(r[14] for r in rows) == server.counts.tokens
    assert sum(r[15] for r in rows) == pytest.approx(server.counts.tokens / 1000)


def test_the_budget_stops_the_run_and_a_larger_one_goes_on(units: Path, tmp_path: Path):
    server = Loopback(Faults(0.001), echo_reply)
    with InThread(server) as url:
        first = run_batch(units, tmp_path / "out", _options(url, max_tokens=9000))
        assert first.stopped.startswith("预算用完")
        assert first.waiting > 0
        assert server.counts.tokens <= 9000
        paid = server.counts.record()["paid"]
        assert paid
        second = run_batch(units, tmp_path / "out", _options(url, max_tokens=10_000_000))
    assert first.done + second.done == UNITS
    assert server.counts.record()["paid_twice"] == 0


def test_killed_with_requests_in_flight_pays_no_more_than_those_again(units: Path, tmp_path: Path):
    out = tmp_path / "out"
    server = Loopback(Faults(0.03), echo_reply)
    with InThread(server) as url:
        run_batch(units, tmp_path / "whole", _options(url))
    undisturbed = server.counts.record()["paid"]
    server, in_flight, kills = Loopback(Faults(0.03), echo_reply), 0, 0
    with InThread(server) as url:
        code = (
            "import sys\nfrom tests.batch.test_model import _options\nfrom kepudraft.batch import run_batch\n"
            "run_batch(sys.argv[1], sys.argv[2], _options(sys.argv[3]))\n"
        )
        for n in range(4):
            before, started = server.counts.requests, time.time()
            process = subprocess.Popen([sys.executable, "-c", code, str(units), str(out), url], env={**os.environ, "PYTHONPATH": str(ROOT)})
            end = time.monotonic() + 60
            while server.counts.requests < before + 3 * n and process.poll() is None and time.monotonic() < end:
                time.sleep(0.002)
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
            process.wait()
            if (out / "journal.sqlite").exists():
                db = sqlite3.connect(out / "journal.sqlite")
                tables = db.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'answer'").fetchone()[0]
                query = "SELECT COUNT(*) FROM answer WHERE state = 'asked' AND changed >= ?"  # not those of earlier lives
                in_flight += db.execute(query, (started,)).fetchone()[0] if tables else 0
                db.close()
        run_batch(units, out, _options(url))
    assert kills >= 3
    assert _drafts(out).keys() == _drafts(tmp_path / "whole").keys()
    # The address is part of a model's name: all else must be alike.
    texts = [{n: d for n, d in _drafts(folder).items() if n.endswith(".md")} for folder in (out, tmp_path / "whole")]
    assert texts[0] == texts[1]
    assert server.counts.record()["paid"] <= undisturbed + in_flight


def test_a_model_that_is_an_object_drafts_in_this_process(units: Path, tmp_path: Path):
    def reply(request: ChatRequest) -> str:
        return echo_reply([{"content": m.content} for m in request.messages])

    model = ScriptedModel(reply)
    options = BatchOptions(draft=DraftOptions((".md",), date=(2026, 1, 6)), model=model)
    assert run_batch(units, tmp_path / "out", options).done == UNITS
    asked = len(model.requests)
    assert asked
    assert run_batch(units, tmp_path / "out2", options).done == UNITS
    assert len(model.requests) == 2 * asked  # another folder is another journal
