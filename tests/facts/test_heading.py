"""Whose facts, of which year: what is told and what is guessed."""

from __future__ import annotations

import time

import pytest

from kepudraft.errors import FactError
from kepudraft.facts.heading import Heading, parse_date
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.genre import UnitType

BODY = "\n接待观众38.6万人次\n"


def sheet(text, stem="", heading=None):
    return read_facts_from_bytes(text.encode(), file="a.txt", suffix=".txt", stem=stem, heading=heading)


@pytest.mark.parametrize(
    "title",
    ["江州市科技馆2025年科普工作总结", "江州市科技馆2025年度工作情况", "# 江州市科技馆（2025）", "江州市科技馆2025年科普工作年报",
    "江州市科技馆二〇二五年科普工作总结", "2025年江州市科技馆科普工作总结",
     "江州市科技馆\n2025年科普工作总结", "江州市科技馆\n（2025年度）", "单位：江州市科技馆\n年度：2025年",
     "填报单位: 江州市科技馆\n年份: ２０２５", "单位：江州市科技馆\n年度：二〇二五年"],
)
def test_titles(title: str):
    read = sheet(title + BODY)
    assert (read.unit, read.year, read.unit_type) == ("江州市科技馆", 2025, UnitType.MUSEUM)
    assert [f.text for f in read.facts] == ["接待观众38.6万人次"]


def test_the_file_name_and_the_dates_within_are_the_last_resort():
    assert (sheet(BODY, "03-江州市科技馆2025年总结").unit, sheet(BODY, "江州市科技馆2025").year) == ("江州市科技馆", 2025)
    read = sheet("单位：江州市科技馆\n2025年5月，接待观众3万人次")
    assert read.year == 2025
    assert any("文中日期" in r for r in read.remarks)


def test_a_column_named_by_its_year_tells_the_year_where_no_title_does():
    rows = "指标,单位,2024年,2025年\n接待观众,人次,468000,512000\n"
    read = read_facts_from_bytes(f"单位：江州市科技馆,,,\n{rows}".encode(), file="a.csv", suffix=".csv")
    assert (read.year, read.facts[0].last) == (2025, "468000人次")
    assert any("列名" in r for r in read.remarks)
    titled = read_facts_from_bytes(f"单位：江州市科技馆,,,\n年度：2026,,,\n{rows}".encode(), file="a.csv", suffix=".csv")
    assert titled.year == 2026


def test_what_the_caller_says_wins():
    read = sheet("江州市科技馆2024年总结" + BODY, heading=Heading("云岭县科技馆", UnitType.BASE, 2025, (2026, 1, 6)))
    assert (read.unit, read.unit_type, read.year, read.date) == ("云岭县科技馆", UnitType.BASE, 2025, (2026, 1, 6))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BODY, "没有写明单位"), ("单位：江州市科技馆" + BODY, "没有写明年度"), ("单位：某某厅\n年度：2025" + BODY, "看不出单位类型"),
        ("单位：江州市科技馆\n年度：20xx" + BODY, "看不懂"), ("单位：江州市科技馆\n年度：202" + BODY, "看不懂"),
        ("单位：江州市科技馆\n年度：2025\n成文日期：昨天" + BODY, "看不懂"),
        ("单位：江州市科技馆\n2025年5月、2024年6月，接待3万人次", "没有写明年度"),
    ],
)
def test_what_is_nowhere_told_is_asked_for(text: str, says: str):
    with pytest.raises(FactError, match=says):
        sheet(text)


def test_statements_are_no_titles():
    read = sheet("单位：江州市科技馆\n年度：2025\n新建云岭县科技馆\n联合云岭县科技馆" + BODY)
    assert len(read.facts) == 3


@pytest.mark.parametrize("said", ["2026年1月6日", "2026-1-6", "2026.01.06", "2026/1/6", " 2026 年 1 月 6 日", "２０２６年１月６日"])
def test_dates(said: str):
    assert parse_date(said, "a") == (2026, 1, 6)


@pytest.mark.parametrize("said", ["2026年2月30日", "2026年13月1日", "0000年1月1日", "一月六日", "1/6/2026"])
def test_no_dates(said: str):
    with pytest.raises(FactError, match="看不懂"):
        parse_date(said, "a")


def test_no_date_is_none():
    assert parse_date("", "a") is None


def test_a_title_that_never_ends_is_read_in_no_time():
    started = time.process_time()
    with pytest.raises(FactError):
        sheet("江州市科技馆" + "（2025年）2025年度" * 200 + "x\n")
    with pytest.raises(FactError):
        sheet("江州市科技馆" + "2025年度" * 9 + "x\n")
    assert time.process_time() - started < 1
