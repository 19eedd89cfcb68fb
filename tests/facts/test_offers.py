"""What is computed from facts on demand, each with its formula; and nothing from what is not exact."""

from __future__ import annotations

import pytest

from kepudraft.facts.derive import with_derived
from kepudraft.facts.offers import offers


@pytest.mark.parametrize(
    ("line", "told", "formula"),
    [
        ("省级一等奖1项、二等奖3项", "合计4项", "1项＋3项＝4项"),
        ("经费：街道2万元、捐赠1.6万元", "合计3.6万元", "2万元＋1.6万元＝3.6万元"),
        ("观众38.6万人次，其中未成年人21.2万人次", "未成年人占54.9%", "21.2万人次÷38.6万人次＝54.9%（保留1位小数）"),
        ("观众38.6万人次，其中未成年人21.2万人次", "未成年人以外17.4万人次", "38.6万人次－21.2万人次＝17.4万人次"),
        ("讲座46场，听众9800人次", "平均每场213人次", "9800人次÷46场＝213人次（保留整数）"),
        ("计划举办讲座20场，实际完成24场", "完成率120.0%", "24场÷20场＝120.0%（保留1位小数）"),
        ("讲座46场（上年20场）", "是上年的2.3倍", "46场÷20场＝2.3倍"),
    ],
)
def test_an_offer_tells_its_formula_and_its_inputs(read, line: str, told: str, formula: str):
    sheet = read(line)
    made = {f.text: f for f in offers(sheet)}
    assert told in made, list(made)
    assert made[told].formula == formula
    assert made[told].inputs == (sheet.facts[0].id,)
    assert made[told].id.startswith("C")


@pytest.mark.parametrize("line", [
    "观众近4万人次，其中未成年人2万人次", "讲座46余场，听众9800人次", "讲座1场，听众80人次", "讲座46场（上年45场）", "获一等奖1项",
    "讲座24场、听众1380人次", "展品326件，更新42件", "代表182人，选出理事61人",
])
def test_nothing_is_offered_that_is_not_sure(read, line: str):
    assert [f.text for f in offers(read(line)) if "合计" in f.text or "占" in f.text or "倍" in f.text] == []


def test_offers_are_not_told_unless_asked(read):
    sheet = read("观众38.6万人次，其中未成年人21.2万人次")
    assert offers(sheet)
    assert [f for f in with_derived(sheet).facts if f.formula] == []
