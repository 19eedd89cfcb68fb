"""Parts that add up to more than their total are told; what may overlap is not added up."""

from __future__ import annotations

import pytest

from kepudraft.facts.read import read_facts_from_bytes


def remarks(*lines: str) -> str:
    text = "\n".join(["单位：江州市科技馆", "年度：2025", *lines])
    return "\n".join(read_facts_from_bytes(text.encode()).remarks)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("接待观众38.6万人次，其中未成年人41.2万人次", "比总数38.6万人次还大"),
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
