"""Parts that add up to more than their total are told; what may overlap is not added up."""

from __future__ import annotations

import pytest

from kepudraft.errors import FactError
from kepudraft.facts.read import read_facts_from_bytes


def remarks(*lines: str) -> str:
    text = "\n".join(["单位：江州市科技馆", "年度：2025", *lines])
    return "\n".join(read_facts_from_bytes(text.encode()).remarks)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("志愿者52人，其中医护人员14人，服务居民300人", "比总数52人还大"),
        ("科普人员100人，其中专职60人、兼职50人", "相加超过总数100人"),
        ("获奖6项，其中省级2项、市级3项、区级2项", "相加超过总数6项"),
    ],
)
def test_parts_beyond_the_total_are_told(line: str, says: str):
    assert says in remarks(line)


@pytest.mark.parametrize(
    "line",
    [
        "科普人员100人，其中专职60人、兼职40人",
        "科普教育基地86个，其中本年新认定48个，其中省级61个",
        "接待观众38.6万人次，其中未成年人21.2万人次",
        "讲座24场，1380人次听，其中健康讲座10场",
        "经费100万元，其中上级专项60万元",
    ],
)
def test_what_adds_up_or_may_overlap_is_not(line: str):
    assert "总数" not in remarks(line)


def test_a_row_that_is_a_part_is_held_against_its_total():
    table = "指标,数值,单位\n接待观众,38.6万,人次\n其中：未成年观众,41万,人次\n"
    sheet = read_facts_from_bytes(f"单位,江州市科技馆,\n年度,2025,\n{table}".encode(), suffix=".csv")
    assert any("比总数" in r for r in sheet.remarks)


@pytest.mark.parametrize(
    ("line", "part", "whole"),
    [
        ("接待观众38.6万人次，其中未成年人41.2万人次", "41.2万人次", "38.6万人次"),
        ("共有专职4人，其中专职5人", "5人", "4人"),
        ("志愿者30人（含党员35人）", "35人", "30人"),
        ("科普志愿者40人，其中党员50余人", "50余人", "40人"),
    ],
)
def test_a_fact_that_contradicts_itself_is_refused(line: str, part: str, whole: str):
    with pytest.raises(FactError, match=f"{part}比总数{whole}还大") as caught:
        remarks(line)
    assert "第3行" in str(caught.value)
    assert "请核对" in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "经费20万元，比上年增加3万元，其中设备5万元",
        "志愿者40余人，其中党员41人",
        "讲座3场，听众200人次，其中老人260人",
        "讲座3场，其中一场有300人次参加",
    ],
)
def test_what_may_be_true_is_read(line: str):
    assert "自相矛盾" not in remarks(line)
