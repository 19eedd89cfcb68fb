"""What is told twice, what contradicts, and figures that lack something."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "text",
    [
        "接待观众38.6万人次\n开放306天\n接待观众36.8万人次",
        "接待观众38.6万人次（上年35.4万人次）\n接待观众38.6万人次（上年34.5万人次）",
        "接待观众38.6万人次\n接待观众近38.6万人次",
        "一、活动\n接待观众38.6万人次\n二、成效\n接待观众36.8万人次",
    ],
)
def test_contradictions_name_both_places(refused, text: str):
    said = str(refused(text))
    assert "矛盾" in said
    assert said.count("行") >= 2


@pytest.mark.parametrize(
    "text",
    [
        "5月举办讲座3场\n6月举办讲座4场",
        "市级讲座3场\n县级讲座4场",
        "讲座（线上）3场\n讲座（线下）4场",
        "科技特派员：\n培训农民460人次\n农函大：\n培训农民200人次",
        "讲座3场；300人次\n沙龙4场；400人次",
        "获市赛一等奖1个\n获市赛二等奖2个",
        "问题：展品待修3件\n明年：展品待修5件",
    ],
)
def test_what_differs_in_words_does_not_contradict(read, text: str):
    assert len(read(text).facts) == 2


def test_equal_values_in_other_forms_are_the_same_fact(read):
    sheet = read("接待观众38.6万人次\n接待观众386000人次（上年35.4万人次）")
    assert [(f.text, f.last) for f in sheet.facts] == [("接待观众38.6万人次", "35.4万人次")]
    assert any("重复" in r for r in sheet.remarks)


@pytest.mark.parametrize("text", ["接待观众38600", "讲座46，观众3万人次", "讲座46（含线上）", "观众3万", "观众4600左右"])
def test_a_number_without_unit(refused, text: str):
    assert "没有单位" in refused(text).what


@pytest.mark.parametrize("text", ["B座302启用", "执行GB/T 9704-2012", "“1+1”行动", "签约“科普中国2025”", "VR2代设备", "12345热线"])
def test_numbers_that_are_names_need_no_unit(read, text: str):
    assert read(f"讲座46场\n{text}").facts[1].text == text


def test_w_for_wan(refused):
    assert "写成“万”" in refused("接待观众3.8w人次\n讲座46场").remedy


@pytest.mark.parametrize("text", ["达万余人次", "落实资金万元", "全年xx场讲座，观众3万人次"])
def test_a_lost_or_masked_number(refused, text: str):
    assert "第2行" in refused(f"讲座46场\n{text}").what


@pytest.mark.parametrize("text", ["加强领导\n提高认识", "9月开展活动", "标题"])
def test_no_figure_at_all(refused, text: str):
    assert "数字" in refused(text).what


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#N/A", "#NAME?"])
@pytest.mark.parametrize("suffix", [".txt", ".csv"])
def test_formula_errors(refused, error: str, suffix: str):
    text = f"指标,数值,单位\n观众,{error},人次" if suffix == ".csv" else f"接待观众{error}人次"
    assert error in refused(text, suffix).what


def test_a_heading_of_problems_and_plans_is_said(read):
    sheet = read("## 问题与打算\n- 展品老化12件\n- 计划更新展品50件\n", ".md")
    assert any("问题与打算" in r for r in sheet.remarks)
