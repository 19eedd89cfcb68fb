"""A batch as a user runs it: what fails stops nobody, a second run does the rest, files are whole or absent."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from kepudraft.batch import BatchOptions, DraftOptions, run_batch
from kepudraft.batch.journal import Journal
from kepudraft.errors import ExportError, InputError
from tests.batch.conftest import line
from tests.conftest import ROOT

HERE = BatchOptions(draft=DraftOptions((".md", ".json"), date=(2026, 1, 6)), workers=0)


def _files(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.suffix in (".md", ".json", ".docx")}


def test_a_bad_unit_is_a_row_and_the_second_run_does_only_what_failed(folder_of_units: Path, tmp_path: Path):
    out = tmp_path / "out"
    first = run_batch(folder_of_units, out, HERE)
    assert (first.total, first.done, first.failed) == (5, 4, 1)
    rows = list(load_workbook(out / "summary.xlsx").active.iter_rows(values_only=True))
    bad = next(r for r in rows if r[1] == "坏")
    assert bad[4] == "失败"
    assert "没有单位" in bad[17]
    assert "请写明单位" in bad[19]
    (folder_of_units / "坏.txt").write_text("单位：坏社区\n年度：2025\n讲座24场\n", encoding="utf-8")
    second = run_batch(folder_of_units, out, HERE)
    assert (second.before, second.done, second.failed) == (4, 1, 0)
    assert len(_files(out)) == 10


def test_only_failed_leaves_the_rest_alone(folder_of_units: Path, tmp_path: Path):
    out = tmp_path / "out"
    run_batch(folder_of_units, out, HERE)
    next(out.glob("*.md")).unlink()
    again = run_batch(folder_of_units, out, replace(HERE, only_failed=True))
    assert (again.done, again.failed) == (0, 1)
    assert run_batch(folder_of_units, out, HERE).done == 1  # the lost file is made again


def test_reordered_and_edited_input_redoes_just_what_changed(tmp_path: Path):
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    lines = [line(f"{c}社区", f"讲座{n}场", "志愿者30人") for n, c in enumerate("甲乙丙丁", 3)]
    source.write_text("\n".join(lines), encoding="utf-8")
    run_batch(source, out, HERE)
    lines[1] = lines[1].replace("30", "31")
    source.write_text("\n".join(reversed(lines)), encoding="utf-8")
    again = run_batch(source, out, HERE)
    assert (again.before, again.done) == (3, 1)
    assert "31人" in (out / "乙社区.md").read_text("utf-8")
    assert run_batch(source, out, replace(HERE, draft=replace(HERE.draft, seed=1))).done == 4  # parameters count as content


def test_units_of_one_name_get_a_file_each_and_keep_it(tmp_path: Path):
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    lines = [line("甲社区", "讲座3场"), line("甲社区", "讲座4场"), line("甲社区", "讲座3场"), line("../甲社区", "讲座5场")]
    source.write_text("\n".join(lines), encoding="utf-8")
    progress = run_batch(source, out, HERE)
    assert (progress.done, progress.same) == (3, 1)
    before = _files(out)
    assert {p.removesuffix(".md") for p in before if p.endswith(".md")} == {"甲社区", "甲社区（2）", "_甲社区"}
    source.write_text("\n".join([lines[1], lines[0], lines[3]]), encoding="utf-8")
    assert run_batch(source, out, HERE).done == 0
    assert _files(out) == before


def test_a_draft_that_somebody_edited_is_kept_aside_not_overwritten(tmp_path: Path):
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    source.write_text(line("甲社区", "讲座3场"), encoding="utf-8")
    run_batch(source, out, HERE)
    (out / "甲社区.md").write_text("我改过的", encoding="utf-8")
    assert run_batch(source, out, HERE).done == 0
    assert (out / "甲社区.md").read_text("utf-8") == "我改过的"
    source.write_text(line("甲社区", "讲座4场"), encoding="utf-8")
    run_batch(source, out, HERE)
    assert "4场" in (out / "甲社区.md").read_text("utf-8")
    assert [p.read_text("utf-8") for p in out.glob("甲社区-改过-*.md")] == ["我改过的"]


def test_worker_processes_give_the_same_files_as_this_process(jsonl: Path, tmp_path: Path):
    run_batch(jsonl, tmp_path / "one", HERE)
    progress = run_batch(jsonl, tmp_path / "many", replace(HERE, workers=2))
    assert progress.done == 40
    assert _files(tmp_path / "one") == _files(tmp_path / "many")


def test_an_output_folder_is_written_by_one_run_at_a_time(tmp_path: Path, jsonl: Path):
    with Journal(tmp_path / "out"), pytest.raises(InputError, match="另一个批量起草"):
        run_batch(jsonl, tmp_path / "out", HERE)


def test_the_input_folder_is_no_output_folder(folder_of_units: Path):
    with pytest.raises(InputError, match="混进事实"):
        run_batch(folder_of_units, folder_of_units, HERE)


def test_a_full_disk_stops_the_run_and_the_next_goes_on(jsonl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from kepudraft.export import atomic

    store, left = atomic._store, [7]

    def full(temporary: Path, data: bytes, *, mode_of: Path) -> None:
        left[0] -= 1
        if left[0] < 0:
            temporary.write_bytes(data[: len(data) // 2])
            raise OSError(28, "No space left on device")
        store(temporary, data, mode_of=mode_of)

    monkeypatch.setattr(atomic, "_store", full)
    with pytest.raises(ExportError, match="磁盘已满"):
        run_batch(jsonl, tmp_path / "out", HERE)
    monkeypatch.setattr(atomic, "_store", store)
    assert not list((tmp_path / "out").glob("*.tmp"))
    progress = run_batch(jsonl, tmp_path / "out", HERE)
    assert progress.before + progress.done == 40
    assert progress.before == 3
    run_batch(jsonl, tmp_path / "whole", HERE)
    assert _files(tmp_path / "out") == _files(tmp_path / "whole")


def test_a_second_run_on_another_day_signs_the_day_of_the_first(jsonl: Path, tmp_path: Path):
    undated = replace(HERE, draft=replace(HERE.draft, date=None))
    out = tmp_path / "out"
    with Journal(out) as journal:
        journal.meta("date", "2026-01-05")
    run_batch(jsonl, out, undated)
    assert all("2026年1月5日" in p.read_text("utf-8") for p in out.glob("*.md"))


def test_a_unit_that_kills_its_worker_twice_is_a_row(tmp_path: Path, jsonl: Path, monkeypatch: pytest.MonkeyPatch):
    """A real out-of-memory kill: the worker ends without a word, the others go on."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, kepudraft.batch.unit as u\nreal = u.make\n"
        "def make(unit, *rest):\n    if '7号' in unit.name and '17号' not in unit.name: os._exit(9)\n    return real(unit, *rest)\n"
        "u.make = make\n", encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    progress = run_batch(jsonl, tmp_path / "out", replace(HERE, workers=1))
    assert progress.failed >= 1
    assert progress.done + progress.failed == 40
    with Journal(tmp_path / "out", reading=True) as journal:
        errors = [e.result["error"] for e in journal.entries() if e.state == "failed"]
    assert all("意外结束" in e for e in errors)


def _batch(source: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kepudraft", "batch", str(source), "-o", str(out), "--formats", "md,json", "--date", "2026-01-06"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*command, "--workers", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, start_new_session=True
    )


def _wait_for(out: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while len(list(out.glob("*.md"))) < count and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)


def test_killed_at_random_moments_the_union_equals_an_undisturbed_run(tmp_path: Path, jsonl: Path):
    """Kill -9 of the run alone: its workers must notice and end, or the next run would be refused."""
    rng = random.Random(5)
    out = tmp_path / "out"
    kills = 0
    for _ in range(10):
        before = len(list(out.glob("*.md")))
        process = _batch(jsonl, out)
        _wait_for(out, before + rng.randint(0, 4), process)
        time.sleep(rng.random() * 0.05)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.communicate()
        for path in out.glob("*.json"):
            if path.name != "provider-batches.json":
                json.loads(path.read_text("utf-8"))  # whole, whenever it was killed
    last = _batch(jsonl, out)
    last.communicate()
    assert kills >= 5
    run_batch(jsonl, tmp_path / "undisturbed", HERE)
    assert _files(out) == _files(tmp_path / "undisturbed")


def test_ctrl_c_finishes_what_is_in_flight_and_ends_with_130(tmp_path: Path, jsonl: Path):
    out = tmp_path / "out"
    process = _batch(jsonl, out)
    _wait_for(out, 3, process)
    os.kill(process.pid, signal.SIGINT)
    shown, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "已中断" in shown.decode()
    db = sqlite3.connect(out / "journal.sqlite")
    done = db.execute("SELECT COUNT(*) FROM unit WHERE state = 'done'").fetchone()[0]
    db.close()
    assert done == len(list(out.glob("*.md")))
    assert 3 <= done < 40
