"""The folder of a session: what is answered is on the disk, whatever happens next."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from eval.session_process import course_of, killed_sessions
from kepudraft.errors import SessionError
from kepudraft.session.log import LOG, State, follow, open_log
from kepudraft.session.work import Work
from tests.conftest import ROOT


def test_steps_are_read_back_as_they_were(written, tmp_path: Path):
    state = written.log.state
    written.say("/undo", "/undo", "/redo")
    state = written.log.state
    written.log.close()
    with open_log(tmp_path / "session") as log:
        assert log.state == state


def test_a_line_that_a_crash_cut_off_is_dropped_and_the_log_goes_on(tmp_path: Path):
    with open_log(tmp_path) as log:
        log.step(Work(unit="一"), "甲")
        log.step(Work(unit="二"), "乙")
    whole = (tmp_path / LOG).read_bytes()
    second = whole.split(b"\n")[1]
    for cut in random.Random(0).sample(range(1, len(second)), 20):
        (tmp_path / LOG).write_bytes(whole[: -len(second) - 1 + cut])
        with open_log(tmp_path) as log:
            assert log.state.work == Work(unit="一")
            log.step(Work(unit="三"), "丙")
        with open_log(tmp_path) as log:
            assert log.state.work == Work(unit="三")


@pytest.mark.parametrize("damage", [
    b"not json\n", b"{}\n", b'{"n":1}\n', b'{"n":1,"kind":"no"}\n', b'{"n":1,"kind":"undo"}\n', b'[1]\n', b"\xff\xfe\n",
    b'{"n":1,"kind":"step","said":"","patch":3}\n',
    b'{"n":1,"kind":"step","said":"","patch":{"year":"x"}}\n', b'{"n":1,"kind":"step","said":"","patch":{"facts":{"ids":["F9"],"set":[]}}}\n',
    b'{"n":1,"kind":"step","said":"","patch":{"nobody":1}}\n', b'{"n":1,"kind":"step","said":"","patch":{"step":"nowhere"}}\n',
    b'{"n":1,"kind":"step","said":"","patch":{"current":"../x"}}\n', b"[" * 100_000 + b"\n",
])  # fmt: skip
def test_a_damaged_log_is_refused_with_the_line_and_what_to_do(tmp_path: Path, damage: bytes):
    (tmp_path / LOG).write_bytes(damage + damage)
    with pytest.raises(SessionError, match="第1行") as caught:
        open_log(tmp_path)
    assert caught.value.remedy
    with pytest.raises(SessionError):  # the lock is free again
        open_log(tmp_path)


def test_two_sessions_on_one_folder_are_refused_politely(tmp_path: Path):
    with open_log(tmp_path):
        code = f"from pathlib import Path\nfrom kepudraft.session.log import open_log\nopen_log(Path({str(tmp_path)!r}))"
        env = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=env)
    assert "另一个窗口正在用这份会话" in other.stderr
    with open_log(tmp_path):
        pass


def test_a_dead_process_holds_no_lock(tmp_path: Path):
    code = (
        "import os, signal\nfrom pathlib import Path\nfrom kepudraft.session.log import open_log\n"
        f"log = open_log(Path({str(tmp_path)!r}))\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT)
    with open_log(tmp_path) as log:
        assert log.is_new


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SessionError, match="不能用"):
        open_log(tmp_path / "file" / "session")


def test_half_a_step_on_a_full_disk_leaves_the_log_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with open_log(tmp_path) as log:
        log.step(Work(unit="一"), "甲")
        inner = log._file

        class Full:
            def __getattr__(self, name: str) -> object:
                return getattr(inner, name)

            def write(self, data: bytes) -> int:
                inner.write(bytes(data)[:7])
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(log, "_file", Full())
        with pytest.raises(SessionError, match="没有存下来"):
            log.step(Work(unit="二"), "乙")
        assert log.state.work.unit == "一"
        monkeypatch.undo()
        log.step(Work(unit="三"), "丙")
    with open_log(tmp_path) as log:
        assert log.state.work.unit == "三"
        assert [json.loads(line)["n"] for line in (tmp_path / LOG).read_text("utf-8").splitlines()] == [1, 2]


def test_starting_over_keeps_the_old_log(tmp_path: Path):
    with open_log(tmp_path) as log:
        log.step(Work(unit="一"), "甲")
        aside = log.start_over()
        assert log.is_new
        log.step(Work(unit="二"), "乙")
    assert "一" in aside.read_text("utf-8")
    with open_log(tmp_path) as log:
        assert log.state.work.unit == "二"


def test_a_step_that_changes_nothing_is_none(tmp_path: Path):
    with open_log(tmp_path) as log:
        log.step(Work(), "甲")
        assert log.is_new


def test_redo_ends_where_a_new_step_begins():
    state = State()
    for unit in ("一", "二"):
        state = follow(state, {"kind": "step", "said": unit, "patch": {"unit": unit}})
    state = follow(state, {"kind": "undo"})
    assert state.future
    state = follow(state, {"kind": "step", "said": "三", "patch": {"unit": "三"}})
    assert not state.future
    assert [w.unit for _, w in state.past] == ["", "一"]
    assert state.work == replace(Work(), unit="三")


def test_people_find_facts_and_versions_as_files(written):
    assert "举办科普讲座24场次" in (written.folder / "facts.json").read_text("utf-8")
    versions = sorted((written.folder / "drafts").iterdir())
    assert len(versions) >= 8
    assert "科普讲座24场次" in versions[-1].read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="processes are killed by signal")
def test_a_killed_process_loses_no_answer_and_no_section(tmp_path: Path):
    (tmp_path / "facts.txt").write_text("讲座24场\n志愿者68人\n问题：场地小\n", encoding="utf-8")
    opening = ("facts.txt", "--unit", "梧桐里社区", "--year", "2025")
    lines = ("F1 改为 26场", "", "", "", "", "", "")
    course = course_of(lines, tmp_path / "whole", home=tmp_path, opening=opening)
    assert course.after[-1] > len(lines)
    kills = killed_sessions(course, 4, tmp_path / "killed", home=tmp_path, seed=1)
    assert [k.lost for k in kills] == [""] * 4
    assert max(k.answered for k in kills) > 2
