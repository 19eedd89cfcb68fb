"""The evidence page, edited drafts and last year's summary on the command line, as whole processes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from kepudraft import Drafter, Heading, read_facts, write
from kepudraft.cli.app import main
from tests.cli.test_app import run

FACTS = """单位：江州市科技馆
年度：2025
全年接待观众38.6万人次
科普讲座46场，听众9800人次
馆校结合课程460课时
问题：展品老化
明年：流动科技馆巡展8站
"""
EARLIER = """江州市科技馆2024年科普工作总结
2024年，江州市科技馆全年接待观众35.4万人次。现总结如下。
一、主要活动
围绕全国科普日，开设馆校结合课程392课时，把讲台搬到了田间地头。
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with facts, an exported draft and its record, and last year's summary."""
    (tmp_path / "事实.txt").write_text(FACTS, encoding="utf-8")
    (tmp_path / "2024.txt").write_text(EARLIER, encoding="utf-8")
    draft = Drafter().draft(read_facts(tmp_path / "事实.txt", Heading(date=(2026, 1, 6))))
    write(draft, [tmp_path / "总结.docx", tmp_path / "依据.json"])
    return tmp_path


def _edit(desk: Path, old: str, new: str) -> None:
    document = Document(str(desk / "总结.docx"))
    run_ = next(r for p in document.paragraphs for r in p.runs if old in r.text)
    run_.text = run_.text.replace(old, new)
    document.save(str(desk / "改过.docx"))


def test_a_draft_is_written_as_a_page_and_its_word_file_with_the_table(tmp_path: Path):
    (tmp_path / "事实.txt").write_text(FACTS, encoding="utf-8")
    done = run("draft", "事实.txt", "-o", "核对.html", "-o", "总结.docx", "--with-table", cwd=tmp_path)
    assert done.returncode == 4, done.stderr  # sections without facts are to be supplied
    page = (tmp_path / "核对.html").read_text("utf-8")
    assert "数据核对表" in page
    assert "exemplar-0" in page
    assert "范文 ·" not in done.stdout
    assert Document(str(tmp_path / "总结.docx")).tables


def test_without_exemplars_the_page_is_written_and_the_reason_said(desk: Path):
    refused = {"KEPUDRAFT_ENCODER": "openai:none", "OPENAI_BASE_URL": "http://127.0.0.1:9", "OPENAI_API_KEY": "x"}
    done = run("draft", "事实.txt", "-o", "核对.html", cwd=desk, env=refused)
    assert done.returncode == 4, done.stderr
    assert "核对页里没有附范文" in done.stderr
    assert "没有附范文。" in (desk / "核对.html").read_text("utf-8")


def test_an_edited_draft_is_compared_judged_and_commented(desk: Path):
    _edit(desk, "46场", "64场")
    done = run("check", "改过.docx", "--facts", "事实.txt", "--comments", "批注.docx", "--html", "核对.html", cwd=desk)
    assert done.returncode == 4
    assert "与导出时相比，改过1句" in done.stdout
    assert "〔46→64〕场" in done.stdout
    comments = [c.text for c in Document(str(desk / "批注.docx")).comments]
    assert any(c.startswith("【没有依据】") and "46场" in c for c in comments)
    assert any(c.startswith("【导出后改过】原句") for c in comments)
    page = (desk / "核对.html").read_text("utf-8")
    assert "与导出时相比" in page
    assert 'data-o="person"' in page


def test_a_file_with_the_table_is_read_without_it(desk: Path):
    run("draft", "事实.txt", "-o", "带表.docx", "--with-table", "--date", "2026-01-06", cwd=desk)
    with_table = run("check", "带表.docx", "--facts", "事实.txt", "--json", cwd=desk)
    without = run("check", "总结.docx", "--facts", "事实.txt", "--json", cwd=desk)
    assert with_table.stdout == without.stdout
    assert json.loads(without.stdout)["changes"] == []


def test_a_text_of_somebody_else_has_no_changes(desk: Path):
    done = run("check", "2024.txt", "--facts", "事实.txt", "--json", cwd=desk)
    assert json.loads(done.stdout)["changes"] is None


@pytest.mark.parametrize(("arguments", "why"), [
    (["check", "2024.txt", "--facts", "事实.txt", "--comments", "批注.docx"], "文稿不是 .docx"),
    (["check", "总结.docx", "--facts", "事实.txt", "--comments", "批注.txt"], "文件后缀应是 .docx"),
    (["check", "总结.docx", "--facts", "事实.txt", "--comments", "总结.docx"], "这是给出的文件本身"),
    (["check", "总结.docx", "--facts", "事实.txt", "--html", "没有/核对.html"], "不存在"),
    (["check", "总结.docx", "--facts", "事实.txt", "--against", "事实.txt"], "不是起草时写出的依据文件"),
    (["draft", "事实.txt", "--last-year", "没有.docx"], "找不到文件"),
    (["draft", "事实.txt", "--last-year", "没有.xlsx"], "找不到文件"),
    (["facts", "事实.txt", "-o", "上年数.xlsx"], "没有给出上年总结"),
    (["facts", "事实.txt", "--last-year", "2024.txt", "-o", "上年数.docx"], "请用 .xlsx 后缀"),
])
def test_what_cannot_be_done_is_said_and_nothing_is_written(desk: Path, monkeypatch, capsys, arguments, why):
    before = {p: p.read_bytes() for p in desk.iterdir()}
    monkeypatch.chdir(desk)
    monkeypatch.setattr(sys, "argv", ["kepudraft", *arguments])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert why in capsys.readouterr().err
    assert {p: p.read_bytes() for p in desk.iterdir()} == before


def test_last_years_figures_are_used_only_when_confirmed(desk: Path):
    done = run("draft", "事实.txt", "--last-year", "2024.txt", cwd=desk)
    assert "没有确认，没有采用" in done.stderr
    assert "上年" not in done.stdout
    done = run("facts", "事实.txt", "--last-year", "2024.txt", "-o", "上年数.xlsx", cwd=desk)
    assert "今年38.6万人次，上年35.4万人次" in done.stdout
    book = load_workbook(desk / "上年数.xlsx")
    book.active["E3"] = "是"
    book.save(desk / "上年数.xlsx")
    done = run("draft", "事实.txt", "--last-year", "上年数.xlsx", "--last-year", "2024.txt", cwd=desk)
    assert "较上年增长9.0%" in done.stdout or "9.0%" in done.stdout
    assert "采用了1个已确认的" in done.stderr


def test_what_was_taken_over_is_flagged(desk: Path):
    text = (
        "江州市科技馆2025年科普工作总结\n一、主要活动\n围绕全国科普日，开设馆校结合课程392课时，把讲台搬到了田间地头。\n"
        "2024年，江州市科技馆全年接待观众35.4万人次。\n"
    )
    (desk / "新.txt").write_text(text, encoding="utf-8")
    done = run("check", "新.txt", "--facts", "事实.txt", "--last-year", "2024.txt", cwd=desk)
    assert "第3行 这句话与上年总结完全相同，数字也没有变" in done.stdout
    assert "第4行 总结的是2025年，这里写的是2024年" in done.stdout
    assert "“全国科普日”不适用于2025年" in done.stdout


def test_a_summary_of_another_year_gives_no_values(desk: Path):
    (desk / "2023.txt").write_text(EARLIER.replace("2024", "2023"), encoding="utf-8")
    done = run("facts", "事实.txt", "--last-year", "2023.txt", cwd=desk)
    assert "2023.txt是2023年的总结，不是2024年的" in done.stdout
    assert "没有读到能作上年数的数字" in done.stdout
