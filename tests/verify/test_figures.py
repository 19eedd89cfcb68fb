"""Judging a text: value, form, hedge, what a figure counts, whether it is done, and what follows from facts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kepudraft.errors import UnfaithfulDraft
from kepudraft.facts.given import sheet_of
from kepudraft.facts.read import read_facts_from_bytes
from kepudraft.facts.sheet import FactSheet
from kepudraft.verify.figures import verify
from kepudraft.verify.report import Finding, Verdict

FACTS = """单位：江州市科技馆
年度：2025
全年接待观众38.6万人次，其中未成年人21.2万人次（上年35.4万人次）
科普讲座46场，听众9800人次
科普培训班12期，参训600人次
线上活动20场
线下活动35场
经费385932元
省级一等奖1项、二等奖3项
5月24日至31日全国科技活动周，活动18项
明年：更新展品40件
展品286件，完好率97.5%（上年95.0%）
志愿者200余人
"""


@pytest.fixture(scope="module")
def sheet() -> FactSheet:
    return read_facts_from_bytes(FACTS.encode())


def findings(text: str, sheet: FactSheet) -> dict[str, Finding]:
    return {f.surface: f for f in verify(text, sheet).figures}


@pytest.mark.parametrize(
    ("text", "surface", "verdict"),
    [
        # the same, and equal in another form
        ("举办科普讲座46场", "46场", Verdict.SUPPORTED),
        ("全年参观者达386000人次", "386000人次", Verdict.EQUIVALENT),
        ("举办讲座四十六场", "四十六场", Verdict.EQUIVALENT),
        ("举办讲座４６场", "４６场", Verdict.EQUIVALENT),
        ("投入经费38.5932万元", "38.5932万元", Verdict.EQUIVALENT),
        ("9800人次听讲", "9800人次", Verdict.SUPPORTED),
        ("志愿者200多人", "200多人", Verdict.EQUIVALENT),
        # rounded, only under a hedge that allows it
        ("投入经费约38万元", "约38万元", Verdict.ROUNDED),
        ("投入经费近39万元", "近39万元", Verdict.ROUNDED),
        ("投入经费38万元", "38万元", Verdict.UNSUPPORTED),
        ("投入经费近38万元", "近38万元", Verdict.UNSUPPORTED),
        ("投入经费约30万元", "约30万元", Verdict.UNSUPPORTED),
        # a hedge dropped, added, strengthened
        ("志愿者200人", "200人", Verdict.HEDGE_CHANGED),
        ("志愿者突破200人", "突破200人", Verdict.HEDGE_CHANGED),
        ("举办讲座46余场", "46余场", Verdict.HEDGE_CHANGED),
        # a wrong value, a wrong unit
        ("举办讲座45场", "45场", Verdict.UNSUPPORTED),
        ("举办讲座46期", "46期", Verdict.UNSUPPORTED),
        ("全年接待观众38.6万人", "38.6万人", Verdict.UNSUPPORTED),
        ("展品完好率提高97.5个百分点", "97.5个百分点", Verdict.UNSUPPORTED),
        # a right value beside the wrong thing
        ("听众46场", "46场", Verdict.MISATTRIBUTED),
        ("线上活动35场", "35场", Verdict.MISATTRIBUTED),
        ("全年接待观众21.2万人次", "21.2万人次", Verdict.MISATTRIBUTED),
        ("获省级一等奖3项", "3项", Verdict.MISATTRIBUTED),
        ("全年接待观众35.4万人次", "35.4万人次", Verdict.MISATTRIBUTED),
        ("上年接待观众35.4万人次", "35.4万人次", Verdict.SUPPORTED),
        # planned told as done
        ("更新展品40件", "40件", Verdict.STATUS_CHANGED),
        ("下一步，计划更新展品40件", "40件", Verdict.SUPPORTED),
        # dates
        ("5月24日至31日，科技活动周开展活动18项", "5月24日至31日", Verdict.SUPPORTED),
        ("5月25日至31日，科技活动周开展活动18项", "5月25日至31日", Verdict.UNSUPPORTED),
        ("2025年，全馆开展工作", "2025年", Verdict.GENERAL),
        ("2024年，全馆开展工作", "2024年", Verdict.UNSUPPORTED),
        ("深入实施《全民科学素质行动规划纲要（2021—2035年）》", "2021—2035年", Verdict.GENERAL),
    ],
)
def test_one_figure(sheet: FactSheet, text: str, surface: str, verdict: Verdict):
    found = findings(text, sheet)
    assert surface in found, found
    assert found[surface].verdict is verdict, found[surface]


@pytest.mark.parametrize(
    ("text", "surface", "formula"),
    [
        ("接待观众38.6万人次，比上年增长9.0%", "9.0%", "35.4万"),
        ("接待观众38.6万人次，比上年增加3.2万人次", "3.2万人次", "35.4万"),
        ("接待观众38.6万人次，同比增长9%", "9%", "35.4万"),
        ("共举办线上线下活动55场", "55场", "20场＋35场"),
        ("未成年人21.2万人次，占观众38.6万人次的54.9%", "54.9%", "÷"),
        ("举办讲座46场，听众9800人次，平均每场213人次", "213人次", "÷46场"),
        ("展品完好率97.5%，比上年提高2.5个百分点", "2.5个百分点", "95.0%"),
        ("共获省级奖励4项", "4项", "1项＋3项"),
    ],
)
def test_what_follows_from_facts_is_derived_with_its_formula(sheet: FactSheet, text: str, surface: str, formula: str):
    found = findings(text, sheet)[surface]
    assert found.verdict is Verdict.DERIVED, found
    assert formula in found.explanation
    assert found.fact_id


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("接待观众38.6万人次，比上年增长9.2%", "9.2%"),
        ("接待观众38.6万人次，比上年下降9.0%", "9.0%"),
        ("展品完好率97.5%，比上年提高2.5%", "2.5%"),
        ("共举办线上线下活动56场", "56场"),
        ("未成年人21.2万人次，占观众38.6万人次的56%", "56%"),
        ("举办讲座46场，听众9800人次，平均每场231人次", "231人次"),
    ],
)
def test_a_wrong_computation_is_not_derived(sheet: FactSheet, text: str, surface: str):
    assert findings(text, sheet)[surface].verdict not in (Verdict.DERIVED, Verdict.SUPPORTED)


def test_the_explanation_names_both_facts(sheet: FactSheet):
    found = findings("听众46场", sheet)["46场"]
    assert "F2" in found.explanation
    assert found.expected == "9800人次"


def test_two_values_for_one_thing_conflict(sheet: FactSheet):
    report = verify("一、活动\n举办科普讲座46场。\n二、成效\n全年举办科普讲座64场。", sheet)
    by_surface = {f.surface: f.verdict for f in report.figures}
    assert by_surface["46场"] is Verdict.SUPPORTED
    assert by_surface["64场"] is Verdict.CONFLICTING


def test_facts_never_told_are_omitted_and_named(sheet: FactSheet):
    report = verify("举办科普讲座46场，听众9800人次。", sheet)
    omitted = {f.fact_id for f in report.findings if f.verdict is Verdict.OMITTED}
    assert "F2" not in omitted
    assert {"F1", "F3", "F6"} <= omitted
    assert "F3" in report.unused
    assert 0 < report.recall < 0.3
    assert report.precision == 1


def test_plans_may_be_told_under_their_heading(sheet: FactSheet):
    report = verify("七、下一步工作打算\n一是更新展品40件；二是继续办好讲座。", sheet)
    assert report.ok


def test_only_raising_raises(sheet: FactSheet):
    report = verify("举办讲座45场", sheet)
    assert not report.ok
    with pytest.raises(UnfaithfulDraft, match="45场"):
        report.raise_for_unfaithful()
    verify("举办讲座46场", sheet).raise_for_unfaithful()


def test_a_date_of_signature_needs_no_fact(sheet: FactSheet):
    report = verify("江州市科技馆2025年科普工作总结\n举办讲座46场。\n江州市科技馆\n2026年1月6日", sheet)
    assert report.ok
    assert not verify("2026年1月6日举办讲座46场。", sheet).ok


def test_a_digit_that_nobody_can_read_is_told(sheet: FactSheet):
    report = verify("举办讲座46场，代号7788。", sheet)
    assert any("7788" in f.surface and f.verdict is Verdict.UNSUPPORTED for f in report.figures)


def test_list_marks_and_fixed_terms_are_no_figures(sheet: FactSheet):
    assert verify("一、活动\n（一）讲座\n一是落实三会一课；二是学习党的二十大精神。", sheet).figures == ()


def test_the_facts_own_text_is_supported(sheet: FactSheet):
    for fact in sheet.facts:
        if fact.status == "done":
            assert verify(fact.text, sheet).ok, fact.text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="科普讲座观众场人次万余约0123456789一二三十百，。；：（）\n上年比增长%《》", max_size=80))
def test_any_text_is_judged_without_error_and_spans_hold(text: str):
    sheet = read_facts_from_bytes(FACTS.encode())
    for finding in verify(text, sheet).figures:
        assert finding.span is not None
        assert text[finding.span.start : finding.span.end] == finding.surface
        assert finding.explanation


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=1, max_value=99999).filter(lambda n: n not in (46, 20, 35, 55)))
def test_no_other_number_of_lectures_is_let_through(n: int):
    sheet = read_facts_from_bytes(FACTS.encode())
    assert not verify(f"全年举办科普讲座{n}场。", sheet).ok


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("覆盖率14%。", ["14个乡镇有专职人员"]),
        ("一季度讲座12场，二季度讲座15场。", ["一季度讲座15场", "二季度讲座12场"]),
        ("印发通知12。", ["讲座46场"]),
    ],
)
def test_a_value_of_another_unit_quarter_or_term_is_not_let_through(text: str, facts: list[str]):
    assert not verify(text, sheet_of(facts, year=2025)).ok


def test_quarters_told_rightly_pass():
    assert verify("一季度讲座15场，二季度讲座12场。", sheet_of(["一季度讲座15场", "二季度讲座12场"], year=2025)).ok


def test_a_number_whose_unit_is_lost_is_no_figure_of_the_facts():
    facts = "单位：江州市科技馆\n年度：2025\n听众9800人次（上年8020人次）\n文件12号\n专职、外聘分别为13人和6人\n"
    sheet = read_facts_from_bytes(facts.encode(), suffix=".txt")
    report = verify("听众9800人次，比上年增长22.2。", sheet)
    assert [(f.surface, f.verdict) for f in report.unfaithful] == [("22.2", Verdict.UNSUPPORTED)]
    assert verify("听众9800人次，比上年增长22.2%。文件12号。", sheet).ok
    assert verify("专职、外聘分别为13和6人。", sheet).ok


def test_the_year_in_the_title_tells_no_fact_that_only_names_the_year():
    sheet = read_facts_from_bytes("单位：甲市科技馆\n年度：2025\n讲座46场\n2025年被命名为省级科普教育基地\n".encode(), suffix=".txt")
    silent = verify("甲市科技馆2025年科普工作总结\n举办讲座46场。", sheet)
    assert silent.unused == ("F2",)
    assert [f.verdict for f in silent.figures] == [Verdict.GENERAL, Verdict.SUPPORTED]
    for text in ("2025年被命名为省级科普教育基地。", "2025年，我馆被命名为省级科普教育基地。", "今年被命名为省级科普教育基地。"):
        assert not verify(f"甲市科技馆2025年科普工作总结\n举办讲座46场。{text}", sheet).unused
