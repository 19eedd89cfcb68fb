"""`kepudraft corpus` as its user meets it: whole processes, Chinese, exit codes, nothing half written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.ingest.conftest import ONE

CASES = ROOT / "eval" / "cases" / "ingest"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "cache"),
            "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"}  # fmt: skip


def run(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "kepudraft", "corpus", *map(str, arguments)], capture_output=True, cwd=ROOT,
        env=environment(home), timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_the_whole_life_of_an_exemplar(home: Path, tmp_path: Path):
    path = tmp_path / "青石.txt"
    path.write_text(ONE, encoding="utf-8")
    added = json.loads(run(home, "add", path, "--json").stdout)
    (exemplar,) = added["files"][0]["exemplars"]
    assert exemplar["new"]
    assert exemplar["unit_type"]["value"] == "科协"
    again = json.loads(run(home, "add", path, "--json").stdout)
    assert again["known"] == [{"file": "青石.txt", "ids": [exemplar["id"]]}]
    assert [one["id"] for one in json.loads(run(home, "list", "--json").stdout)] == [exemplar["id"]]
    assert "青石县科协2022年工作总结" in run(home, "show", exemplar["id"]).stdout
    hits = subprocess.run(
        [sys.executable, "-m", "kepudraft", "search", "县政府召开联席会议，全县科普经费96万元", "-k", "3", "--json"],
        capture_output=True, cwd=ROOT, env=environment(home), check=True,
    )  # fmt: skip
    assert exemplar["id"] in hits.stdout.decode()
    assert run(home, "check").returncode == 0
    assert run(home, "remove", exemplar["id"]).returncode == 0
    assert json.loads(run(home, "list", "--json").stdout) == []
    assert run(home, "remove", exemplar["id"]).returncode == 2


def test_a_bad_file_is_told_and_does_not_stop_the_others(home: Path, tmp_path: Path):
    good, bad = tmp_path / "好.txt", tmp_path / "坏.docx"
    good.write_text(ONE, encoding="utf-8")
    bad.write_bytes(b"PK\x03\x04 broken")
    done = run(home, "add", bad, good, tmp_path / "没有.txt")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 2
    assert "坏.docx" in done.stderr
    assert "没有.txt" in done.stderr
    assert "收入1篇" in done.stdout
    assert "Traceback" not in done.stderr


def test_of_many_files_the_sums_and_the_severe_defects_are_told(home: Path, tmp_path: Path):
    many = tmp_path / "many"
    many.mkdir()
    for n in range(40):
        (many / f"{n:02}.txt").write_text(ONE.replace("青石县", f"青石{chr(0x4E00 + 7 * n)}县"), encoding="utf-8")
    (many / "40.html").write_bytes((CASES / "juhe-wangye.html").read_bytes())
    done = run(home, "add", many)
    assert done.returncode == 0
    assert done.stdout.count("\n") < 25
    assert "41个文件读出" in done.stdout
    assert "科协40篇" in done.stdout
    assert "40.html：" in done.stdout
    assert "收入" in done.stdout.splitlines()[-1]
    assert "以前收过" in run(home, "add", many).stdout


def test_check_shows_defects_and_writes_nothing(home: Path):
    done = run(home, "check", CASES / "juhe-wangye.html")
    assert done.returncode == 4
    for word in ("数字丢失", "结尾被截断", "不是科普工作", "第36行"):
        assert word in done.stdout
    assert not (home / "data").exists()


def test_strict_leaves_defective_parts_out(home: Path):
    done = json.loads(run(home, "add", CASES / "juhe-wangye.html", "--strict", "--json").stdout)
    assert [bool(one["id"]) for one in done["files"][0]["exemplars"]] == [True, False, False]
    assert len(json.loads(run(home, "list", "--json").stdout)) == 1


@pytest.mark.parametrize("arguments", [["show", "own-000000000000"], ["show", "../x"], ["remove", "没有"], ["add"], ["frobnicate"]])
def test_a_wrong_command_is_one_chinese_sentence(home: Path, arguments: list[str]):
    done = run(home, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("kepudraft：")
    assert done.stderr.count("\n") == 1


def test_help_is_chinese():
    shown = run(Path("/nonexistent"), "--help").stdout
    assert "用法" in shown
    assert all(name in shown for name in ("add", "list", "show", "remove", "check"))


def test_interrupted_it_keeps_what_is_whole_and_goes_on(home: Path, tmp_path: Path):
    files = []
    for number in range(40):
        path = tmp_path / f"{number}.txt"
        path.write_text(ONE.replace("青石", f"第{number}石"), encoding="utf-8")
        files.append(str(path))
    command = [sys.executable, "-m", "kepudraft", "corpus", "add", *files]
    begun = subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    folder = home / "data" / "kepudraft" / "corpus" / "exemplars"
    limit = time.monotonic() + 60
    while not list(folder.glob("*.md")) and begun.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)
    begun.send_signal(signal.SIGINT)
    _, errors = begun.communicate(timeout=60)
    assert b"Traceback" not in errors
    assert begun.returncode in (0, 130)
    assert not list(folder.glob(".*"))
    assert run(home, "check").returncode == 0


def test_what_is_uncertain_is_asked_and_an_empty_answer_keeps_the_guess(monkeypatch: pytest.MonkeyPatch):
    from kepudraft.cli.corpus_views import ask
    from kepudraft.genre import Role, load_genre
    from kepudraft.ingest.take import take_in

    genre = load_genre(ROOT / "corpus")
    intake = take_in(CASES / "juhe-wenben.txt", genre)
    second = intake.taken[1]
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "2021" if "哪一年" in question else "青少年科普" if "帮好青年" in question else ""

    monkeypatch.setattr("builtins.input", answer)
    told = ask(intake, second, genre)
    assert told.year.value == 2021
    assert told.year.sure
    assert told.unit_type == second.unit_type
    assert any("哪一年" in question for question in asked)
    for one, guessed in zip(told.sections, second.sections, strict=True):
        assert one.role == guessed.role or one.role.value is Role.YOUTH


def test_a_folder_stands_for_the_summaries_in_it(home: Path, tmp_path: Path):
    folder = tmp_path / "往年"
    (folder / "2022").mkdir(parents=True)
    (folder / "2022" / "青石.txt").write_text(ONE, encoding="utf-8")
    (folder / "白石.md").write_text(ONE.replace("青石", "白石"), encoding="utf-8")
    for other in ("~$白石.docx", ".隐藏.txt", "表.xlsx"):
        (folder / other).write_text("x", encoding="utf-8")
    files = json.loads(run(home, "add", folder, "--json").stdout)["files"]
    assert [one["file"] for one in files] == ["青石.txt", "白石.md"]
    known = json.loads(run(home, "add", folder / "*.md", folder, "--json").stdout)["known"]
    assert [one["file"] for one in known] == ["白石.md", "青石.txt"]
    (tmp_path / "空").mkdir()
    empty = run(home, "add", folder / "2022" / "*.pdf", tmp_path / "空", "--json")
    assert empty.returncode == 2
    assert "找不到文件" in empty.stdout
    assert "没有可读的总结" in empty.stdout


def test_a_place_that_cannot_be_written_is_told_in_chinese(home: Path, tmp_path: Path):
    path = tmp_path / "青石.txt"
    path.write_text(ONE, encoding="utf-8")
    (home / "data" / "kepudraft").mkdir(parents=True)
    (home / "data" / "kepudraft" / "corpus").write_text("", encoding="utf-8")
    done = run(home, "add", path)
    assert done.returncode == 2
    assert "路径中有一段不是文件夹" in done.stderr
    assert "Traceback" not in done.stderr
