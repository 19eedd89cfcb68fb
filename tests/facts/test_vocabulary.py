"""The words of reading.toml."""

from __future__ import annotations

import pytest

from kepudraft.facts.sheet import Status
from kepudraft.facts.vocabulary import bare, vocabulary
from kepudraft.genre import UnitType


@pytest.mark.parametrize(
    ("unit", "unit_type"),
    [
        ("江州市科技馆", "科技馆"), ("云岭县科学技术协会", "科协"), ("临溪街道办事处", "街道"), ("松坪镇", "街道"), ("北苑街道科协", "街道"),
        ("桂花坪社区居委会", "社区"), ("柳林村", "社区"), ("江州市科学技术局", "科技局"), ("江州湿地植物园", "基地"), ("望江路小学", "学校"),
        ("江州市气象学会", "学会"), ("江州自然博物馆", "基地"), ("某某厅", None),
    ],
)
def test_a_name_tells_the_type(unit: str, unit_type: str | None):
    assert vocabulary().type_of(unit) == (UnitType(unit_type) if unit_type else None)


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("问题", "problem"), ("存在的主要问题", "problem"), ("问题及原因分析", "problem"), ("问题与打算", "problem"), ("尚未完成的工作", "problem"),
        ("明年", "planned"), ("2026年", "planned"), ("2026年工作打算", "planned"), ("2025年工作计划", "planned"), ("下一阶段重点工作", "planned"),
        ("明年要建", "planned"), ("2025年", None), ("2024年", None), ("2025年重点工作", None), ("困难群众", None),
        ("计划生育", None), ("问题青少年", None),
    ],
)
def test_labels_tell_the_status_for_the_report_of_2025(label: str, status: str | None):
    assert vocabulary().status_of(label, 2025) == (Status(status) if status else None)


def test_names_are_compared_without_blanks_and_brackets():
    assert bare(" 数 值（万元）") == "数值"
    assert vocabulary().column("完 成 数（场）") == "value"
    assert vocabulary().column("天气") == ""
