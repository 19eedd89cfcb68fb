"""What a clerk reads beside a wrong figure: which fact, what it says, what differs, what it should be."""

from __future__ import annotations

import pytest

from kepudraft.facts.given import sheet_of
from kepudraft.verify.figures import verify
from kepudraft.verify.report import FAITHFUL, Finding

VISITORS = "接待观众38.6万人次（上年31.2万人次）"


def finding(text: str, *facts: str) -> Finding:
    """The last figure of `text` that the facts don't bear."""
    return verify(text, sheet_of(facts, year=2025)).unfaithful[-1]


@pytest.mark.parametrize(
    ("text", "facts", "says", "expected"),
    [
        # a total that its parts don't make
        ("举办讲座32场、大篷车进校园18场，合计54场。", ["科普讲座32场", "科普大篷车进校园18场"], "32场、18场相加是50场", "50场"),
        ("获一等奖2项、二等奖5项，共8项。", ["获一等奖2项、二等奖5项"], "2项、5项相加是7项", "7项"),
        # … in which last year's change is no part
        ("讲座32场，比上年增加2场；大篷车进校园18场，合计54场。", ["科普讲座32场（上年30场）", "大篷车进校园18场"], "相加是50场", "50场"),
        ("甲馆观众1.5万人次、乙馆观众2万人次，共4万人次。", ["甲馆观众1.5万人次", "乙馆观众2万人次"], "相加是3.5万人次", "3.5万人次"),
        # a right number with a wrong unit
        ("讲座46场，参与9800人。", ["讲座46场，参与9800人次"], "数字一样，单位不一样", "9800人次"),
        ("经费126元。", ["经费126万元"], "数字一样，单位不一样", "126万元"),
        # hedges, by their very words
        ("讲座46场，听众9800人次。", ["讲座46场，听众约9800人次"], "少了“约”", "约9800人次"),
        ("讲座46场，听众9800余人次。", ["讲座46场，听众9800人次"], "多了“余”", "9800人次"),
        ("讲座46场，听众超9800人次。", ["讲座46场，听众近9800人次"], "“近”和“超”意思不同", "近9800人次"),
        # changes, with what they should be
        ("接待观众38.6万人次，增长33.7%。", [VISITORS], "增长23.7%（38.6万人次－31.2万人次", "23.7%"),
        ("接待观众38.6万人次，比上年增长7%。", [VISITORS], "应是23.7%", "23.7%"),
        ("接待观众38.6万人次，比上年增加7万人次。", ["接待观众38.6万人次"], "没有上年数", ""),
        # last year's value as this year's
        ("接待观众31.2万人次。", [VISITORS], "上年数，本年是38.6万人次", "38.6万人次"),
        # a share that does not follow, a date, a stranger
        ("讲座46场，其中农村20场，占50%。", ["讲座46场，其中农村20场"], "算不出来", ""),
        ("5月3日举办讲座46场。", ["5月1日举办讲座46场"], "那里是5月1日", "5月1日"),
        ("全年发放资料12次。", ["讲座46场"], "请补进事实", ""),
        ("编入第5批。", ["获二等奖5项"], "没有相近的说法", ""),
        # a plan told as done: the value is right
        ("新建基地2个。", ["明年：新建基地2个"], "是计划", ""),
    ],
)
def test_the_explanation_says_what_differs(text: str, facts: list[str], says: str, expected: str):
    found = finding(text, *facts)
    assert says in found.explanation
    assert found.expected == expected


def test_a_computed_fact_is_named_by_those_that_the_clerk_has_seen():
    found = finding("讲座23.7%。", "讲座46场", VISITORS)
    assert "按F2算出的“比上年增长23.7%”" in found.explanation
    assert "D1" not in found.explanation


def test_the_quoted_words_begin_at_a_whole_number():
    found = finding("2024年举办讲座46场。", "讲座46场")
    assert found.explanation.startswith("“2024年举办讲座46场”")


def test_what_is_right_expects_nothing_else():
    report = verify("举办讲座46场，听众近1万人次。", sheet_of(["讲座46场，听众9800人次"], year=2025))
    assert report.ok
    assert [f.expected for f in report.figures if f.verdict in FAITHFUL] == ["", ""]
