"""The twelve sheets of eval/cases/facts: what a person who reads them would understand, planted by hand."""

from __future__ import annotations

import pytest

from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts
from kepudraft.facts.sheet import Status
from kepudraft.figures.scan import scan
from tests.conftest import ROOT, SHEETS

FOLDER = ROOT / "eval" / "cases" / "facts"
# number: unit, type, facts, problems, plans, and planted facts (text, place, last year's value)
PLANTED = {
    "01": ("江州市科技馆", "科技馆", 37, 3, 4, [
        ("全年接待观众38.6万人次，其中未成年人21.2万人次", "第5行", "35.4万人次"),
        ("特效影院放映1120场，观众7.9万人次", "第10行", "1046场、7.3万人次"),
        ("馆校结合学校28所", "第13行", "24所"),
        ("9月全国科普月期间，活动32项，参与3.5万人次", "第8行", ""),
    ]),
    "02": ("云岭县科学技术协会", "科协", 33, 3, 4, [
        ("实用技术培训48期，培训农民5200人次，比上年多600人次", "第16行", ""),
        ("科普活动286场次，公众11.8万人次", "第15行", "254场次、10.3万人次"),
        ("6月20日至22日，县青少年机器人竞赛，21所学校186人参赛", "第9行", "160人"),
    ]),
    "03": ("梧桐里社区", "社区", 26, 3, 3, [
        ("讲座24场，1380人次听，其中健康讲座10场", "第5行", "20场、1120人次"),
        ("办“四点半科学课”，每周1次", "第26行", ""),
    ]),
    "04": ("江州市临溪街道", "街道", 31, 2, 4, [
        ("科普活动126场次", "第4行", "112场次"),
        ("科普示范户46户", "第15行", "42户"),
        ("列入对社区（村）年度考核，占3分", "第9行", ""),
    ]),
    "05": ("江州市科学技术局", "科技局", 29, 3, 3, [
        ("5月全国科技活动周期间，活动118项，参与31.5万人次", "第13行", "105项、28.2万人次"),
        ("6月底前完成科普统计培训", "第46行", ""),
        ("科技列车行未安排", "第20行", ""),
    ]),
    "06": ("江州湿地植物园", "基地", 29, 2, 3, [
        ("科普活动92场次，园内61场次、进学校和社区31场次", "第21行", "84场次"),
        ("接待参观16.4万人次，青少年7.2万人次", "第8行", ""),
    ]),
    "07": ("云岭县科技馆", "科技馆", 33, 2, 2, [
        ("接待观众5.2万人次", "第4行", "4.7万人次"),
        ("临时展览接待观众12,000人次", "第12行", "9,500人次"),
        ("完成2号展厅空调更换", "第29行", ""),
    ]),
    "08": ("云岭县松坪镇", "街道", 34, 2, 2, [
        ("推广面积约4600亩", "第14行", ""),
        ("现有科普示范户132户", "第10行", "120户"),
    ]),
    "09": ("江州市望江路小学", "学校", 29, 2, 2, [
        ("科技社团14个，学生486人", "第6行", "12个、420人"),
        ("学生科技竞赛获奖63项，其中省级17项、市级28项、区级18项", "第10行", "51项"),
        ("种植园一亩二分，收菜送食堂", "第24行", ""),
    ]),
    "10": ("江州市气象学会", "学会", 30, 2, 2, [
        ("现有个人会员426人", "第5行", "402人"),
        ("讲座听众6200余人次", "第16行", "5300余人次"),
        ("台风影响期间电台连线科普9次", "第24行", ""),
    ]),
    "11": ("江州市桂花坪社区", "社区", 28, 2, 3, [
        ("参加主题科普活动的居民近1700人次", "事实第4项", "1480人次"),
        ("16场次讲座中青年居民参加不到两成", "事实第25项", ""),
    ]),
    "12": ("江州市科学技术协会", "科协", 39, 3, 3, [
        ("科普活动1268场次", "2025!B3", "1142场次"),
        ("学会会员31,200人", "2025!B21", ""),
        ("科技小院9个", "2025!B18", "6个"),
    ]),
}


@pytest.fixture(scope="module")
def sheets():
    return {path.name[:2]: read_facts(path) for path in SHEETS}


@pytest.mark.parametrize("number", PLANTED)
def test_unit_type_year_and_the_number_of_facts(sheets, number: str):
    unit, unit_type, n_facts, n_problems, n_plans, _ = PLANTED[number]
    sheet = sheets[number]
    assert (sheet.unit, sheet.unit_type.value, sheet.year) == (unit, unit_type, 2025)
    assert len(sheet.facts) == n_facts
    assert [f.status for f in sheet.facts].count(Status.PROBLEM) == n_problems
    assert [f.status for f in sheet.facts].count(Status.PLANNED) == n_plans


@pytest.mark.parametrize("number", PLANTED)
def test_planted_facts_stand_at_their_place_with_last_years_value(sheets, number: str):
    told = {(f.text, f.source.place, f.last) for f in sheets[number].facts}
    assert [planted for planted in PLANTED[number][5] if planted not in told] == []


@pytest.mark.parametrize("number", PLANTED)
def test_figures_are_those_of_the_text_and_ids_run_on(sheets, number: str):
    sheet = sheets[number]
    assert [f.id for f in sheet.facts] == [f"F{n}" for n in range(1, len(sheet.facts) + 1)]
    for fact in sheet.facts:
        assert fact.figures == scan(fact.text).figures
        assert fact.source.file == next(p.name for p in SHEETS if p.name.startswith(number))
        if fact.part_of:
            assert sheet.fact(fact.part_of).status is fact.status


def test_parts_belong_to_the_total_that_counts_the_same(sheets):
    by_text = {f.text: f for f in sheets["08"].facts}
    assert by_text["茶叶管护11期"].part_of == by_text["举办实用技术培训26期"].id
    by_text = {f.text: f for f in sheets["12"].facts}
    assert by_text["省级23个"].part_of == by_text["现有科普教育基地94个"].id


def test_a_heading_of_prizes_does_not_reach_problems_and_plans(sheets):
    later = [f for f in sheets["02"].facts if f.status is not Status.DONE]
    assert [f for f in later if f.subject or f.topic] == []


def test_what_is_told_twice_is_taken_once_and_said(sheets):
    assert any("第31行与第6行重复" in r for r in sheets["01"].remarks)
    assert any("第16行与第10行重复" in r for r in sheets["04"].remarks)


def test_year_on_year_is_computed_where_it_is_sure(sheets):
    derived = {f.inputs[0]: f.text for f in with_derived(sheets["01"]).facts if f.formula}
    assert derived["F1"] == "比上年增长9.0%"
    assert "F2" not in derived
    assert not [f for f in with_derived(sheets["11"]).facts if f.formula and f.inputs == ("F4",)], "近1700 is not exact"
