"""Changes against the year before, with their formula."""

from __future__ import annotations

import pytest

from kepudraft.facts.derive import compared_figure, with_derived, year_on_year


@pytest.mark.parametrize(
    ("line", "told", "formula"),
    [
        ("观众38.6万人次（上年35.4万人次）", "比上年增长9.0%", "38.6万人次－35.4万人次＝3.2万人次；3.2万人次÷35.4万人次＝9.0%（保留1位小数）"),
        ("讲座46场（上年40场）", "比上年增加6场", "46场－40场＝6场"),
        ("讲座40场（上年46场）", "比上年减少6场", "40场－46场＝－6场"),
        ("讲座46场（上年46场）", "与上年持平", "46场＝46场"),
        ("完好率96.3%（上年95%）", "比上年提高1.3个百分点", "96.3%－95%＝1.3个百分点"),
        ("经费860万元（上年900万元）", "比上年下降4.4%", None),
        ("观众386000人次（上年35.4万人次）", "比上年增长9.0%", None),
        ("观众9,800人次（上年9,500人次）", "比上年增长3.2%", None),
        ("新增展品100件（上年0件）", "比上年增加100件", "100件－0件＝100件"),
        ("观众100001人次（上年100000人次）", "比上年增加1人次", None),
    ],
)
def test_changes(read, line: str, told: str, formula: str | None):
    (fact,) = read(line).facts
    (made,) = year_on_year(fact)
    assert made.text == told
    assert made.inputs == (fact.id,)
    assert formula in (None, made.formula)
    assert compared_figure(fact, made) == fact.figures[0]


@pytest.mark.parametrize("line",
    ["观众近4万人次（上年3万人次）", "观众4万余人次（上年3万人次）", "观众4万人次（上年约3万人次）", "观众4万人次（上年30场）", "观众4万人次"])
def test_nothing_comes_of_what_is_not_sure(read, line: str):
    assert [f for f in with_derived(read(line)).facts if f.formula] == []


def test_computed_facts_are_numbered_behind_the_own_and_made_once(read):
    sheet = with_derived(read("讲座46场（上年40场）\n展览5个（上年6个）"))
    assert [f.id for f in sheet.facts] == ["F1", "F2", "D1", "D2"]
    assert with_derived(sheet) is sheet
