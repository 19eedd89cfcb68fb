"""Figures that say their unit, name or grade only through their neighbours, and changes that go on in a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet
from kepudraft.verify.figures import verify
from kepudraft.verify.report import FAITHFUL, Verdict

FACTS = """单位：望川县科技馆
年度：2025
参观者18.6万人次（上年17.2万人次）
常住人口2.3万人
科普讲座24场，听众1380人次（上年20场、1120人次）
辅导员19人，其中专职13人、外聘6人
竞赛选手96人，评出一等奖3人、二等奖7人
5月24日至30日科技节，活动11项
小分队14支，走了31个村
竞赛获奖63项，其中省级17项、市级46项（上年51项）
企业科协5家，其中今年新建2家
授课460课时，大篷车出车38次
科技小院2个，其中今年新建1个
明年：新建科技小院2个
学校园地92处，校内61处、校外31处（上年84处）
志愿者860人，社团23个（上年790人、19个）
科普月活动12项，4300余人次参加
科普活动74场
"""


@pytest.fixture(scope="module")
def sheet() -> FactSheet:
    return read_facts_from_bytes(FACTS.encode())


def flagged(text: str, sheet: FactSheet) -> list[tuple[str, Verdict]]:
    return [(f.surface, f.verdict) for f in verify(text, sheet).figures if f.verdict not in FAITHFUL]


@pytest.mark.parametrize(
    "text",
    [
        "参观人次由17.2万攀升至18.6万。",
        "参观者由17.2万增至18.6万人次。",
        "接待参观18.6万人次，比上年的17.2万增长8.1%。",
        "县城常住人口为2.3万。",
        "听众1380人次，其中专职、外聘辅导员分别为13人和6人。",
        "专职、外聘分别为13人和6人。",
        "选手96人，3人拿了一等奖，7人获得二等奖。",
        "科技节从5月24日办到30日，活动11项。",
        "科技节自5月24日起至30日，活动11项。",
        "14支小分队奔赴31个村。",
        "获奖63项，其中省级17项、市级46项，比上年多12项。",
        "新建企业科协2家，总数达到5家。",
        "授课460节，大篷车出动38车次。",
        "明年计划新增科技小院2个。",
        "校内61处，校外31处，上年合计84处。",
        "讲座24场、听众1380人次，较上年多4场、260人次。",
        "去年讲座20场，来了1120人次。",
        "860名志愿者组成23个社团，社团比上年多4个，志愿者多70人。",
        "科普月里12项活动吸引4300多人次。",
    ],
)
def test_what_the_neighbours_say_is_understood(text: str, sheet: FactSheet):
    assert flagged(text, sheet) == []


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("参观人次由17.2万攀升至19.6万。", "19.6万"),
        ("县城常住人口为2.4万。", "2.4万"),
        ("专职、外聘分别为6人和13人。", "6人"),
        ("选手96人，7人拿了一等奖。", "7人"),
        ("科技节从5月24日办到31日，活动11项。", "5月24日办到31日"),
        ("14个村，31支小分队。", "31支"),
        ("获奖63项，其中省级17项、市级46项，比上年多13项。", "13项"),
        ("企业科协总数2家，新建5家。", "2家"),
        ("校内61处，校外31处，合计84处。", "84处"),
        ("讲座24场、听众1380人次，较上年多4场、250人次。", "250人次"),
        ("860名志愿者组成23个社团，社团比上年多4个，志愿者多80人。", "80人"),
    ],
)
def test_what_is_wrong_there_is_still_found(text: str, surface: str, sheet: FactSheet):
    assert surface in [s for s, _ in flagged(text, sheet)]


def test_a_number_of_something_else_takes_no_unit_from_afar(sheet: FactSheet):
    assert flagged("参观者18.6万人次，点击2.3万。", sheet) == [("2.3万", Verdict.UNSUPPORTED)]


@given(st.text("甲乙、和与及分别为由增至人次12万一等奖年上比较，。", max_size=60))
def test_whatever_is_written_is_judged_quickly_and_whole(text: str):
    sheet = read_facts_from_bytes(FACTS.encode())
    for finding in verify(text, sheet).figures:
        assert finding.span is not None
        assert text[finding.span.start : finding.span.end] == finding.surface
