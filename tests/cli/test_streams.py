"""Pipes, terminals and locales: what the command line does where its streams are not what it hopes for."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_app import GOOD, NOTED, run
from tests.conftest import ROOT


def test_a_closed_pipe_is_no_error():
    done = subprocess.run(
        f"{sys.executable} -m kepudraft draft '{GOOD}' | head -1", shell=True, capture_output=True, cwd=ROOT, check=True, timeout=60
    )
    assert b"Traceback" not in done.stderr


def test_lines_of_a_stream_are_counted_as_they_stand_and_keep_their_id():
    done = run("check", "-", "--jsonl", stdin=b'\n\n{"id": 7}\n\nx\n')
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(a["id"], a["line"]) for a in answers] == [(7, 3), (None, 5)]
    assert answers[1]["error"].startswith("标准输入：第5行")


def test_a_stream_with_half_a_character_is_answered():
    done = run("scan", "-", "--jsonl", stdin=b'{"id": "\\ud800", "text": "46\xe5\x9c\xba"}')
    assert done.returncode == 0
    assert json.loads(done.stdout)["figures"][0]["value"] == "46"


def test_chinese_is_shown_without_a_chinese_locale(tmp_path: Path):
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    facts = tmp_path / "facts.csv"
    facts.write_text(NOTED, encoding="utf-8")
    done = run("draft", facts, "--unit", "梧桐里社区", env=plain)
    assert done.stdout.startswith("# 梧桐里社区2025年"), done.stderr
    assert "找不到文件" in run("draft", "nowhere.txt", env=plain).stderr


def _shell(command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["bash", "-c", command.replace("KEPU", f"{sys.executable} -m kepudraft")], capture_output=True, cwd=ROOT, timeout=60)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk to write to here")
@pytest.mark.parametrize("command", ["facts", "draft", "facts --json"])
def test_output_that_cannot_be_written_is_told(command: str):
    name, *rest = command.split()
    done = _shell(f"KEPU {name} '{GOOD}' {' '.join(rest)} > /dev/full")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert "显示不了" in done.stderr.decode()


@pytest.mark.parametrize("command", ["draft -", "check - --facts x.txt", "check - --jsonl", "scan -"])
def test_no_standard_input_is_told(command: str):
    done = _shell(f"KEPU {command} <&-")
    assert done.returncode == 2
    assert done.stderr.decode() == "kepudraft：标准输入：没有内容可读。请给出文件名\n"


@pytest.mark.parametrize("command", ["facts", "draft", "scan"])
def test_a_reader_that_leaves_is_no_bug(command: str):
    done = _shell(f"set -o pipefail; KEPU {command} '{GOOD}' | true")
    assert done.returncode == 0, done.stderr
    assert b"BrokenPipe" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to one process under Windows")
def test_ctrl_c_is_told_with_its_exit_code():
    # A test run in the background inherits an ignored SIGINT; at a terminal the program does not.
    listening = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); from kepudraft.cli.app import main; main()"
    waiting = subprocess.Popen(
        [sys.executable, "-c", listening, "scan", "-", "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, cwd=ROOT,
    )
    assert waiting.stdin is not None
    assert waiting.stdout is not None
    waiting.stdin.write(b'{"text": ""}\n')
    waiting.stdin.flush()
    waiting.stdout.readline()  # it has begun
    waiting.send_signal(signal.SIGINT)
    _, said = waiting.communicate(timeout=30)
    assert waiting.returncode == 130
    assert said.decode() == "kepudraft：已中断\n"
