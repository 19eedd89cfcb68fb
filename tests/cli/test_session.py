"""`kepudraft session` as its user meets it: pipes, terminals of all kinds, Ctrl-C, Ctrl-D, two at once."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.session.conftest import ANSWERS


def piped(*arguments: str, lines: list[str] | bytes = b"", cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    data = lines if isinstance(lines, bytes) else "".join(f"{line}\n" for line in lines).encode()
    done = subprocess.run(
        [sys.executable, "-m", "kepudraft", "session", *arguments], input=data, capture_output=True, cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "80", **(env or {})}, timeout=120,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_piped_session_ends_in_a_word_file(tmp_path: Path):
    done = piped(lines=[*ANSWERS, "", "", "全部", "/show 2", "/export 总结.docx"], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "总结.docx").stat().st_size > 5000
    assert "\x1b" not in done.stdout
    assert "答> 24，上年20\n" in done.stdout  # the answer stands under its question
    assert "一致" in done.stdout
    assert "kepudraft session --resume" in done.stdout
    again = piped("--resume", lines=["/check"], cwd=tmp_path)
    assert "全部有依据" in again.stdout


def test_an_old_session_is_asked_about_and_kept(tmp_path: Path):
    piped(lines=["梧桐里社区"], cwd=tmp_path)
    assert "接着上次：梧桐里社区" in piped(lines=[""], cwd=tmp_path).stdout
    done = piped(lines=["新", "江州市科技馆"], cwd=tmp_path)
    assert "旧会话改名保留在" in done.stdout
    assert "梧桐里社区" in (tmp_path / "kepudraft-session" / "events-1.jsonl").read_text("utf-8")
    assert "接着上次：江州市科技馆" in piped("--resume", cwd=tmp_path).stdout


def test_nothing_to_resume_is_said(tmp_path: Path):
    done = piped("--resume", cwd=tmp_path)
    assert done.returncode == 2
    assert "没有可以接着写的会话" in done.stderr
    assert not list(tmp_path.iterdir())


def test_wrong_files_and_folders_are_told_without_traceback(tmp_path: Path):
    (tmp_path / "occupied").write_text("")
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "empty.txt").write_text("")
    for arguments in (["--folder", "occupied"], ["a.pdf"], ["没有.txt"], ["empty.txt"], ["--last-year", "没有.txt"], ["--year", "1"]):
        done = piped(*arguments, cwd=tmp_path)
        assert "Traceback" not in done.stderr, done.stderr
        assert re.search("[\u4e00-\u9fff]", done.stdout + done.stderr)


def test_other_encodings_and_binary_input_do_not_end_it(tmp_path: Path):
    data = "梧桐里社区\n2025\n".encode("gb18030") + b"\xff\xfe\x00\x01\x80\n" + "讲座24场\n".encode()
    done = piped(lines=data, cwd=tmp_path)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "[1/11] 科普经费" in done.stdout


class Terminal:
    """A real terminal of a process, of which the test types and reads."""

    def __init__(self, *arguments: str, cwd: Path, **env: str) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kepudraft", "session", *arguments], stdin=slave, stdout=slave, stderr=slave, cwd=cwd, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", **env},
        )
        os.close(slave)
        self.shown = ""
        self.at = 0

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    @property
    def fresh(self) -> str:
        """What was shown behind what was last waited for, without what steers a terminal."""
        return _bare(self.shown)[self.at :]

    def prompt(self) -> None:
        """Wait until it listens: what is typed before goes astray."""
        self.until("答>", keep=True)
        time.sleep(0.3)

    def until(self, words: str, *, keep: bool = False) -> None:
        """Read until something new is shown."""
        end = time.monotonic() + 60
        while words not in self.fresh:
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"{words!r} is not shown in: {self.shown[-2000:]!r}")
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # the process has ended
                piece = b""
            if not piece:
                raise AssertionError(f"ended before {words!r}: {self.shown[-2000:]!r}")
            self.shown += piece.decode("utf-8", "replace")
        if not keep:
            self.at += self.fresh.index(words) + len(words)

    def end(self) -> int:
        while True:
            try:
                if not os.read(self.master, 65536):
                    break
            except OSError:
                break
        return self.process.wait(30)


def _bare(text: str) -> str:
    return re.sub(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[=>()][A-Z0-9]?)", "", text)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[object]:
    opened: list[Terminal] = []

    def open_(*arguments: str, **env: str) -> Terminal:
        opened.append(Terminal(*arguments, cwd=tmp_path, **env))
        return opened[-1]

    yield open_
    for one in opened:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        os.close(one.master)


def test_in_a_terminal_chinese_is_typed_ctrl_c_keeps_and_ctrl_d_saves(terminal):
    t = terminal("--unit", "梧桐里社区", "--year", "2025")
    t.until("[1/11]")
    t.prompt()
    t.type("打到一半")
    t.until("打到一半")
    t.type("\x03")
    t.until("没有退出")
    t.prompt()
    t.type("\x1b[A")  # the arrow brings it back
    t.until("打到一半")
    t.type("\x15" + "3.6万元，上年3\r")
    t.until("记下 F1 投入科普经费3.6万元（上年3万元）")
    t.prompt()
    # What is pasted in brackets is one input, line breaks and all.
    t.type("\x1b[200~宣传栏6处\n讲座24场\x1b[201~")
    t.until("讲座24场")
    t.type("\r")
    t.until("记下 F3 讲座24场")
    t.prompt()
    t.type("\x04")
    t.until("已存盘")
    assert t.end() == 0
    again = terminal("--resume")
    again.until("3条事实")


def test_two_windows_on_one_folder(terminal, tmp_path: Path):
    t = terminal("--unit", "梧桐里社区", "--year", "2025")
    t.until("[1/11]")
    done = piped("--resume", cwd=tmp_path)
    assert done.returncode == 2
    assert "另一个窗口正在用这份会话" in done.stderr


def test_a_dumb_terminal_and_no_colour_get_plain_text(terminal):
    t = terminal("--unit", "梧桐里社区", "--year", "2025", TERM="dumb")
    t.prompt()
    t.type("3.6\n")
    t.until("[2/11]")
    t.prompt()
    assert "\x1b" not in t.shown
    t.process.send_signal(signal.SIGINT)
    t.until("没有退出")
    t.type("\x04")
    t.until("已存盘")
    n = terminal("--resume", NO_COLOR="1")
    n.prompt()
    n.type("/facts\r")
    n.until("投入科普经费3.6万元")
    assert not re.search(r"\x1b\[(?:[0-9;]*;)?3[0-7]m", n.shown.split("/facts")[-1])


def test_the_person_s_own_editor_is_used(tmp_path: Path):
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nsed -i 's/68人/86人/' \"$1\"\n")
    editor.chmod(0o755)
    facts = "单位：梧桐里社区\n年度：2025\n讲座24场\n志愿者68人\n宣传栏6处\n"
    (tmp_path / "f.txt").write_text(facts, encoding="utf-8")
    lines = ["", "全部", *[f"/edit {n}" for n in (1, 2, 3)], "3"]
    done = piped("f.txt", lines=lines, cwd=tmp_path, env={"EDITOR": str(editor), "VISUAL": ""})
    assert "“86人”没有事实依据" in done.stdout
    for wrong in ("false", "/nowhere/editor", "'", "rm"):
        done = piped("--resume", lines=["/edit 2"], cwd=tmp_path, env={"EDITOR": wrong, "VISUAL": ""})
        assert "Traceback" not in done.stderr
        assert done.returncode == 0
