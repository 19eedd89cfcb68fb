"""What the READMEs say is what happens: their commands are run, their output is compared, their figures are the kept ones."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

READMES = ["README.md", "README.zh-CN.md"]


def block(text: str, head: str) -> str:
    found = re.search(re.escape(head) + r"\n```\w*\n(.*?)\n```", text, re.S)
    assert found, head
    return found[1]


@pytest.mark.parametrize("name", READMES)
def test_the_example_gives_the_output_that_is_shown(name: str, tmp_path: Path):
    text = (ROOT / name).read_text("utf-8")
    (tmp_path / "facts.txt").write_text(block(text, "<!-- input: facts.txt -->") + "\n", encoding="utf-8")
    command = re.search(r"```console\n\$ kepudraft (.*?)\n```", text)
    assert command
    done = subprocess.run(
        [sys.executable, "-m", "kepudraft", *command[1].split()], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "summary.md").read_text("utf-8").rstrip() == block(text, "<!-- output: summary.md -->")
    assert (tmp_path / "summary.docx").is_file()
    assert json.loads((tmp_path / "summary.json").read_text("utf-8"))["figures"]


@pytest.mark.parametrize("name", READMES)
def test_the_ten_lines_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    text = (ROOT / name).read_text("utf-8")
    (tmp_path / "facts.txt").write_text(block(text, "<!-- input: facts.txt -->") + "\n", encoding="utf-8")
    code = re.search(r"```python\n(.*?)\n```", text, re.S)
    assert code
    monkeypatch.chdir(tmp_path)
    exec(compile(code[1], name, "exec"), {})
    shown = capsys.readouterr().out
    assert "梧桐里社区举办讲座24场" in shown
    assert "supported F1" in shown
    assert {p.name for p in tmp_path.iterdir()} == {"facts.txt", "summary.docx", "summary.md", "summary.json"}


def test_both_readmes_say_the_same():
    texts = [(ROOT / name).read_text("utf-8") for name in READMES]
    for pattern in (r"^\$ .*$", r"^make \w+", r"^py .*$|^\.venv.*$", r"KEPUDRAFT_\w+", r"--[a-z-]+", r"^## ", r"^\| `?[a-z]+[^|]*\| [0-9.]+"):
        one, other = (len(re.findall(pattern, t, re.M)) for t in texts)
        assert one == other, pattern


@pytest.mark.parametrize("name", READMES)
def test_every_command_and_option_named_exists(name: str):
    text = (ROOT / name).read_text("utf-8")
    for command in set(re.findall(r"kepudraft (draft|check|facts|init|scan|search|corpus)\b", text)):
        shown = subprocess.run([sys.executable, "-m", "kepudraft", command, "--help"], capture_output=True, text=True, check=True).stdout
        row = re.search(rf"^\| `kepudraft {command} .*$", text, re.M)
        for option in re.findall(r"(?<= |`)--[a-z-]+", row[0] if row else ""):
            assert option in shown, (command, option)


@pytest.mark.parametrize("name", READMES)
def test_the_make_targets_named_exist(name: str):
    made = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", (ROOT / name).read_text("utf-8"), re.M):
        assert re.search(rf"^{target}:", made, re.M), target


def test_the_demo_of_the_makefile_runs_as_written(tmp_path: Path):
    """`make demo` without installing: its two lines, in an empty folder."""
    lines = re.findall(r"^\t\$\(BIN\)/kepudraft (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert len(lines) == 2
    (tmp_path / "demo").mkdir()
    for line in lines:
        done = subprocess.run(
            [sys.executable, "-m", "kepudraft", *line.split()], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert {p.name for p in (tmp_path / "demo").iterdir()} == {"facts.xlsx", "summary.docx", "summary.md", "summary.json"}


@pytest.mark.parametrize("name", READMES)
def test_measured_figures_come_from_the_kept_results(name: str):
    text = (ROOT / name).read_text("utf-8")
    rows = re.findall(r"^\|.*\| ([0-9.]+) ?[a-zA-Z%]* \|.*\| `([a-z]+)` \|$", text, re.M)
    assert len(rows) >= 8
    for value, task in rows:
        kept = (ROOT / "eval" / "results" / f"{task}.json").read_text("utf-8")
        numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", kept)]
        digits = len(value.partition(".")[2])
        assert any(round(n, digits) == float(value) for n in numbers), (value, task)
