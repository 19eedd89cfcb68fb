"""Where a value belongs: twins that a word tells apart, what stands beside a figure, from–to, parts, totals, standing, terms."""

from __future__ import annotations

import pytest

from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet
from kepudraft.verify.figures import verify
from kepudraft.verify.report import FAITHFUL, Verdict

FACTS = """单位：望川县科学技术协会
年度：2025
科普讲座24场，听众1380人次（上年20场、1120人次）
流动科技馆巡展5站，观众4.3万人次
接待观众38.6万人次，其中未成年人21.2万人次
老年人手机班6期，180人次
1号馆观众3万人次，2号馆观众2万人次
甲社区展览5场，乙社区展览8场
图书室藏书3200册，今年添350册
理事会3次，常务理事会7次
会员1200人
作品评出一等奖2名、二等奖4名、三等奖9名
经费286万元，比上年增加22万元
志愿服务1,220小时
大篷车出车38次
“三下乡”送展品12件
印发工作要点（川科协发〔2025〕8号）
明年：科普讲座30场
"""


@pytest.fixture(scope="module")
def sheet() -> FactSheet:
    return read_facts_from_bytes(FACTS.encode())


def verdicts(text: str, sheet: FactSheet) -> list[tuple[str, Verdict]]:
    return [(f.surface, f.verdict) for f in verify(text, sheet).figures]


@pytest.mark.parametrize(
    "text",
    [
        "1号馆接待观众3万人次，2号馆接待观众2万人次。",
        "甲社区办展览5场，乙社区办展览8场。",
        "藏书达到3200册，新添350册。",
        "召开理事会3次、常务理事会7次。",
        "讲座由上年的20场增加到24场。",
        "讲座从20场添到24场，听众从1120人次涨到1380人次。",
        "去年讲座20场、听众1120人次，今年24场、1380人次。",
        "流动科技馆走了5站，接待观众4.3万人次。",
        "评出2名一等奖、4名二等奖、9名三等奖。",
        "作品获一等奖2名、二等奖4名、三等奖9名，合计15名。",
        "明年讲座由24场增加到30场。",
        "志愿服务1200余小时。",
        "大篷车出车38趟。",
        "参加“三下乡”，送去展品12件。",
        "按计划举办讲座24场。",
        "贯彻川科协发〔２０２５〕８号文件。",
        "比上年的20场多4场，讲座达到24场。",
    ],
)
def test_faithful_wordings_pass(text: str, sheet: FactSheet):
    assert all(v in FAITHFUL for _, v in verdicts(text, sheet)), verdicts(text, sheet)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        # names that a number or a character tells apart, in one fact
        ("1号馆接待观众2万人次，2号馆接待观众3万人次。", ["2万人次", "3万人次"]),
        ("甲社区办展览8场，乙社区办展览5场。", ["8场", "5场"]),
        ("召开理事会7次、常务理事会3次。", ["7次", "3次"]),
        ("图书室新添图书3200册，藏书达到350册。", ["3200册", "350册"]),
        ("经费22万元，比上年增加286万元。", ["22万元", "286万元"]),
        ("作品评出一等奖4名、二等奖2名、三等奖9名。", ["4名", "2名"]),
        # a figure without words of its own
        ("全年讲座24场、180人次。", ["180人次"]),
        # from–to, a part beyond its whole, a total that is none
        ("讲座由上年的20场增加到38场。", ["38场"]),
        ("接待观众4.3万人次，其中未成年人21.2万人次。", ["4.3万人次"]),
        ("作品获一等奖2名、二等奖4名，合计4名。", ["4名"]),
        # kinds of things that exclude one another
        ("举办沙龙24场。", ["24场"]),
        ("志愿者1200人。", ["1200人"]),
        # a change that is none
        ("举办讲座4场。", ["4场"]),
    ],
)
def test_values_beside_the_wrong_thing_are_told(text: str, wrong: list[str], sheet: FactSheet):
    found = [s for s, v in verdicts(text, sheet) if v not in FAITHFUL]
    assert set(wrong) <= set(found), verdicts(text, sheet)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("没有达到24场。", "没有做到"),
        ("全年未举办讲座24场。", "没有做到"),
        ("下一步，计划举办讲座24场。", "写成了计划"),
        ("举办讲座30场。", "写成了已经完成"),
    ],
)
def test_a_changed_standing_is_told(text: str, why: str, sheet: FactSheet):
    (finding,) = verify(text, sheet).figures
    assert finding.verdict is Verdict.STATUS_CHANGED
    assert why in finding.explanation


@pytest.mark.parametrize(
    ("text", "surface", "expected"),
    [
        ("参加“四下乡”，送去展品12件。", "四下乡", "三下乡"),
        ("坚持“五个自信”。", "五个自信", "四个自信"),
        ("落实四会一课制度。", "四会一课", "三会一课"),
    ],
)
def test_a_changed_fixed_term_is_a_finding_and_no_count(text: str, surface: str, expected: str, sheet: FactSheet):
    wrong = verify(text, sheet).unfaithful
    assert [(f.surface, f.expected) for f in wrong] == [(surface, expected)]


def test_which_congress_is_meant_only_the_facts_tell(sheet: FactSheet):
    text = "深入学习党的十九大精神。"
    assert verify(text, sheet).ok
    told = read_facts_from_bytes((FACTS + "学习宣传党的二十大精神\n").encode())
    assert [(f.surface, f.expected) for f in verify(text, told).unfaithful] == [("党的十九大", "党的二十大")]


def test_a_number_of_a_document_is_no_other_number(sheet: FactSheet):
    assert [f.surface for f in verify("贯彻川科协发〔2025〕38号文件。", sheet).unfaithful] == ["38"]
