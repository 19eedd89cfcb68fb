"""The command line as its user meets it: whole processes, Chinese, exit codes, nothing half written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SHEETS

BAD = ROOT / "eval" / "cases" / "bad"
GOOD = SHEETS[0]


NOTED = """单位：云岭县科协
年度：2025
指标,数值,单位,上年,备注
科普讲座,32,场,30,听众5400人次
科普志愿者,420,人,365,
"""


def run(
    *arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "kepudraft", *map(str, arguments)], input=stdin, capture_output=True, cwd=cwd or ROOT,
        env={**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8", **(env or {})}, timeout=60,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_help_is_chinese_and_names_every_command():
    done = run("--help")
    assert done.returncode == 0
    assert "用法" in done.stdout
    for command in ("draft", "check", "facts", "init", "search"):
        assert command in done.stdout
    assert "Usage" not in done.stdout
    for command in ("draft", "check", "scan", "facts", "init", "search", "corpus"):
        assert not re.search(r"Show this|<|list\[|more", run(command, "--help").stdout), command


def test_version():
    from kepudraft import __version__

    assert run("--version").stdout.strip() == f"kepudraft {__version__}"


def test_drafting_writes_all_that_was_asked_for_and_says_where(tmp_path: Path):
    done = run("draft", GOOD, "-o", tmp_path / "总结.docx", "-o", tmp_path / "总结.md", "-o", tmp_path / "依据.json", "--date", "2026-01-06")
    assert done.returncode == 0, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"总结.docx", "总结.md", "依据.json"}
    assert "全部有依据" in done.stdout
    assert "2026年1月6日" in (tmp_path / "总结.md").read_text("utf-8")
    record = json.loads((tmp_path / "依据.json").read_text("utf-8"))
    assert record["unit"] == "江州市科技馆"
    assert all(f["verdict"] in ("supported", "equivalent", "derived", "general", "rounded") for f in record["figures"])


def test_braces_are_opened_where_the_shell_does_not(tmp_path: Path):
    done = run("draft", GOOD, "-o", f"{tmp_path}/总结.{{md,txt}}")
    assert done.returncode == 0, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"总结.md", "总结.txt"}


def test_braces_opened_by_the_shell_are_understood(tmp_path: Path):
    done = run("draft", GOOD, "-o", tmp_path / "总结.md", tmp_path / "总结.txt")
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.iterdir())) == 2


def test_without_output_the_draft_is_shown():
    done = run("draft", GOOD)
    assert done.stdout.startswith("# 江州市科技馆2025年科普工作总结")


def test_standard_input_is_read(tmp_path: Path):
    text = "单位：梧桐里社区\n年度：2025\n举办讲座24场，听众1380人次\n志愿者68人\n问题：场地小\n明年：讲座30场\n"
    done = run("draft", "-", "-o", tmp_path / "a.md", stdin=text.encode())
    assert done.returncode == 4, done.stderr  # the community's halls are missing
    assert "待补充" in done.stdout
    assert "讲座24场" in (tmp_path / "a.md").read_text("utf-8")


def test_facts_of_nobody_are_refused():
    done = run("draft", "-", "-o", "never-written.md", stdin="接待观众3万人次".encode())
    assert done.returncode == 2
    assert "单位" in done.stderr


def test_check_and_scan_answer_a_stream_line_by_line():
    lines = [
        {"id": 1, "text": "举办讲座46场，听众46场", "facts": ["科普讲座46场，听众9800人次"], "year": 2025},
        {"id": "乙", "text": "举办讲座46场", "facts": ["科普讲座46场，听众9800人次", "明年：讲座50场"], "year": "2025"},
    ]
    done = run("check", "-", "--jsonl", stdin="\n".join(json.dumps(x) for x in lines).encode())
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 4
    assert [a["id"] for a in answers] == [1, "乙"]
    assert [a["ok"] for a in answers] == [False, True]
    assert set(answers[0]) == {"id", "ok", "precision", "recall", "findings", "unused"}
    assert [f["verdict"] for f in answers[0]["findings"]] == ["supported", "misattributed", "omitted"]
    done = run("scan", "-", "--jsonl", stdin=json.dumps({"id": "a", "text": "第33届大赛近9123万元"}).encode())
    answer = json.loads(done.stdout)
    assert set(answer) == {"id", "figures", "nonfigures"}
    assert [f["value"] for f in answer["figures"]] == ["33", "91230000"]
    assert set(answer["figures"][0]) == {"start", "end", "surface", "value", "low", "high", "unit", "qualifier", "kind"}


@pytest.mark.parametrize(
    "line",
    [b"{", b"[]", b'{"id": 1}', b'{"text": "a", "facts": "x", "year": 2025}', b'{"text": "a", "facts": [1], "year": 2025}'],
)
def test_a_line_that_cannot_be_used_is_answered_and_the_rest_goes_on(line: bytes):
    good = json.dumps({"id": 2, "text": "举办讲座46场", "facts": ["讲座46场"], "year": 2025}).encode()
    done = run("check", "-", "--jsonl", stdin=line + b"\n" + good)
    answers = [json.loads(x) for x in done.stdout.splitlines()]
    assert done.returncode == 2
    assert "error" in answers[0]
    assert answers[1]["ok"] is True
    assert "Traceback" not in done.stderr


def test_scan_shows_a_table_and_json(tmp_path: Path):
    text = tmp_path / "稿.txt"
    text.write_text("接待观众38.6万人次，贯彻党的二十大精神。", encoding="utf-8")
    assert "386000" in run("scan", text).stdout
    data = json.loads(run("scan", text, "--json").stdout)
    assert [f["surface"] for f in data["figures"]] == ["38.6万人次"]
    assert [n["why"] for n in data["nonfigures"]] == ["party-event"]


@pytest.mark.parametrize(
    "path", sorted(p for p in BAD.iterdir() if p.suffix != ".md" and not p.name.startswith("fine")), ids=lambda p: p.name
)
def test_bad_input_is_one_sentence_with_exit_code_2_and_writes_nothing(path: Path, tmp_path: Path):
    done = run("draft", path, "-o", tmp_path / "总结.docx")
    assert done.returncode == 2, done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("kepudraft：")
    assert path.name in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_told_before_anything_is_done(tmp_path: Path):
    done = run("draft", GOOD, "-o", tmp_path / "nowhere" / "总结.docx", "-o", tmp_path / "总结.md")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_check_judges_any_text(tmp_path: Path):
    text = tmp_path / "稿.txt"
    text.write_text("全年接待观众38.6万人次。举办科普讲座99场次。", encoding="utf-8")
    done = run("check", text, "--facts", GOOD)
    assert done.returncode == 4
    assert "99场次" in done.stdout
    data = json.loads(run("check", text, "--facts", GOOD, "--json").stdout)
    assert data["ok"] is False
    verdicts = {f["surface"]: f["verdict"] for f in data["findings"] if f["verdict"] != "omitted"}
    assert verdicts["38.6万人次"] == "supported"
    assert verdicts["99场次"] in ("unsupported", "conflicting")
    assert set(data) == {"ok", "precision", "recall", "findings", "unused", "form", "changes"}


def test_a_drafted_word_file_passes_its_own_check(tmp_path: Path):
    run("draft", GOOD, "-o", tmp_path / "总结.docx", "--date", "2026-01-06")
    done = run("check", tmp_path / "总结.docx", "--facts", GOOD)
    assert done.returncode == 0, done.stdout[-800:]


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\xff" * 100, b"   \n"])
def test_unreadable_texts_are_told(tmp_path: Path, content: bytes):
    text = tmp_path / "稿.txt"
    text.write_bytes(content)
    done = run("check", text, "--facts", GOOD)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_facts_shows_every_fact_with_its_place():
    done = run("facts", GOOD)
    assert done.returncode == 0
    assert "第5行" in done.stdout
    data = json.loads(run("facts", GOOD, "--json").stdout)
    assert data["facts"][0]["source"] == {"file": GOOD.name, "place": "第5行"}


@pytest.mark.parametrize("suffix", ["xlsx", "yaml"])
def test_init_writes_a_form_and_overwrites_nothing(tmp_path: Path, suffix: str):
    form = tmp_path / f"事实.{suffix}"
    assert run("init", "--unit-type", "社区", "-o", form, "--example").returncode == 0
    first = form.read_bytes()
    again = run("init", "--unit-type", "社区", "-o", form)
    assert again.returncode == 2
    assert "--force" in again.stderr
    assert form.read_bytes() == first
    assert run("draft", form, "-o", tmp_path / "总结.md").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["draft"], "缺少"),
        (["draft", "a.txt", "--nonsense"], "没有选项 --nonsense"),
        (["nonsense"], "nonsense"),
        (["draft", "a.txt", "b.md"], "-o"),
        (["init", "--unit-type", "动物园"], "--unit-type"),
        (["draft", "没有这个文件.txt"], "找不到文件"),
        (["draft", "a.txt", "--length", "100"], "不能小于200"),
        (["draft", "a.txt", "--length", "99999"], "不能大于20000"),
        (["draft", "a.txt", "--seed", "x"], "不是整数"),
        (["draft", "a.txt", "-o"], "-o 后面缺少值"),
        (["draft", "a.txt", "--json=3"], "--json 后面不能带值"),
        (["draft", "a.txt", "--jso"], "是不是 --json"),
        (["init", "--unit-type", "动物园"], "科技馆、科协、街道"),
        (["check", "a.txt", "b.txt"], "请写在 --facts 后面"),
        (["search", "a", "b"], "多余的参数 b"),
        (["init", "--unit-type", "社区", "-o", "."], "没有后缀"),
        (["corpus", "nix"], "用法见 kepudraft corpus --help"),
    ],
)
def test_a_wrong_command_line_is_told_in_chinese(arguments: list[str], says: str):
    done = run(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert not re.search(r"Traceback|Usage|Got |Option |Input should|No such", done.stderr)
    assert done.stderr.count("\n") == 1


def test_search_finds_passages_of_a_role():
    data = json.loads(run("search", "科普大篷车进校园", "--role", "主要活动", "-k", "3", "--json").stdout)
    assert len(data) == 3
    assert [h["rank"] for h in data] == [1, 2, 3]
    assert {h["role"] for h in data} == {"activities"}


def test_exemplars_are_shown_on_demand(tmp_path: Path):
    done = run("draft", GOOD, "-o", tmp_path / "a.md", "--show-exemplars")
    assert done.returncode == 0, done.stderr
    assert "范文 ·" in done.stdout


def test_without_arguments_the_help_is_shown_and_no_error():
    done = run()
    assert done.returncode == 2
    assert done.stderr.startswith("用法：")
    assert done.stderr.rstrip().endswith("130 被中断。")
    assert run("-h").stdout == run("--help").stdout


@pytest.mark.parametrize("name", ["事实.csv", "./事实.csv", "../家/事实.csv"])
def test_a_draft_never_replaces_its_own_facts(tmp_path: Path, name: str):
    home = tmp_path / "家"
    home.mkdir()
    facts = home / "事实.csv"
    facts.write_text(NOTED, encoding="utf-8")
    other = home / "事实.txt"
    other.hardlink_to(facts)
    assert run("draft", name, "-o", "事实.txt", cwd=home).returncode == 2
    done = run("draft", "事实.csv", "-o", "别的.md", "-o", name.replace(".csv", ".txt"), cwd=home)
    assert done.returncode == 2
    assert "盖掉" in done.stderr
    assert facts.read_text("utf-8") == NOTED
    assert {p.name for p in home.iterdir()} == {"事实.csv", "事实.txt"}


def test_a_file_that_was_replaced_is_told_of(tmp_path: Path):
    for says in (False, True):
        done = run("draft", GOOD, "-o", tmp_path / "总结.md")
        assert ("已被替换" in done.stdout) is says


def test_a_folder_as_target_is_told(tmp_path: Path):
    done = run("draft", GOOD, "-o", tmp_path)
    assert done.returncode == 2
    assert "总结.docx" in done.stderr


def test_amounts_in_remarks_are_not_lost_silently(tmp_path: Path):
    facts = tmp_path / "事实.csv"
    facts.write_text(NOTED, encoding="utf-8")
    for command in (["facts", facts], ["draft", facts, "-o", tmp_path / "a.md"]):
        assert "听众5400人次" in run(*command).stdout
    form = tmp_path / "表.xlsx"
    run("init", "--unit-type", "科协", "--example", "-o", form)
    assert "备注里的数字" not in run("draft", form, "-o", tmp_path / "b.md").stdout  # the template's own 口径 is no remark


def test_what_needs_a_person_is_told_beside_a_draft_on_the_screen():
    text = "单位：梧桐里社区\n年度：2025\n举办讲座24场，听众1380人次\n问题：场地小\n明年：讲座30场\n"
    done = run("draft", "-", stdin=text.encode())
    assert done.returncode == 4
    assert done.stdout.startswith("# 梧桐里社区")
    assert "注意：" not in done.stdout
    assert "注意：单位类型按名称判断" in done.stderr
    assert "待补充：" in done.stderr


def test_check_lists_what_the_text_lacks_once_and_with_its_place(tmp_path: Path):
    facts, text = tmp_path / "事实.txt", tmp_path / "稿.txt"
    facts.write_text("单位：梧桐里社区\n年度：2025\n讲座24场，听众1380人次\n志愿者68人\n问题：场地小\n", encoding="utf-8")
    text.write_text("工作总结\n\n举办讲座42场。\n", encoding="utf-8")
    shown = run("check", text, "--facts", facts).stdout
    assert "第3行 没有依据" in shown
    assert "\n    举办讲座【42场】。\n" in shown
    assert "（见事实第3行）" in shown
    lacking = shown.partition("文稿里没有写的：")[2]
    assert "F1 讲座24场，听众1380人次（第3行）：缺1380人次" in lacking
    assert "F2 志愿者68人（第4行）\n" in lacking
    assert "F3 场地小（第5行）" in lacking


def test_a_text_without_figures_is_not_praised(tmp_path: Path):
    text = tmp_path / "稿.txt"
    text.write_text("各项工作进展顺利。", encoding="utf-8")
    shown = run("check", text, "--facts", GOOD).stdout
    assert "没有数字。" in shown
    assert "全部有依据" not in shown


def test_sentences_stay_whole_in_a_narrow_window(tmp_path: Path):
    text = tmp_path / "稿.txt"
    text.write_text("全年举办科普讲座99场。", encoding="utf-8")
    shown = run("check", text, "--facts", GOOD, env={"COLUMNS": "40"}).stdout
    assert re.search(r"^第1行 (没有依据|前后矛盾)：.*F\d+.*$", shown, re.M)


@pytest.mark.parametrize(("length", "says"), [("20000", "可补充事实"), ("200", "没有为此舍去事实")])
def test_a_length_that_is_not_reached_is_told(length: str, says: str):
    assert says in run("draft", GOOD, "--length", length).stderr


def test_exemplars_do_not_run_into_a_draft_on_the_screen():
    done = run("draft", GOOD, "--show-exemplars")
    assert "范文 ·" in done.stderr
    assert "范文 ·" not in done.stdout
