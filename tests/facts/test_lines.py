"""Lines, list marks, headings and labels."""

from __future__ import annotations

import pytest

from kepudraft.facts.lines import clean, gather, is_heading, is_measure, split_label
from kepudraft.facts.sheet import Status


@pytest.mark.parametrize(
    "line",
    ["- 讲座46场", "* 讲座46场", "• 讲座46场", "●讲座46场", "1. 讲座46场", "1、讲座46场", "（1）讲座46场",
    "(一) 讲座46场", "一、讲座46场", "①讲座46场",
     "　　讲座46场", "**讲座46场**", "### 讲座46场", "- [x] 讲座46场", "讲座 46 场", "√ 讲座46场"],
)
def test_marks_around_a_line_go(line: str):
    assert clean(line) == "讲座46场"


@pytest.mark.parametrize(
    "line",
    ["5.2万人次观众", "3D打印机4台", "2025.5启用新馆", "12345热线接听300次", "5、6月各1场", "一、二等奖共5个", "1、2号楼装修"],
)
def test_a_number_that_begins_a_line_is_no_mark(line: str):
    assert clean(line) == line


def test_blanks_between_statements_become_commas():
    assert clean("科技节 4天 参加学生 2600人") == "科技节4天，参加学生2600人"
    assert clean("9月 科普月 活动 32 项") == "9月科普月活动32项"
    assert clean("Open Day 3 次") == "Open Day 3次"


@pytest.mark.parametrize(
    ("line", "label"),
    [("问题：展品老化", "问题"), ("问题: 展品老化", "问题"), ("开放时间9:30", ""), ("师生比1:15", ""),
    ("http://a.cn", ""), ("活动，其中：3场", "")],
)
def test_labels(line: str, label: str):
    assert split_label(line)[0] == label


def contexts(text: str):
    made = gather(((f"第{n}行", line) for n, line in enumerate(text.splitlines(), 1)), "a")
    return [(i.text, i.context, i.above) for i in made.items]


def test_a_heading_holds_until_one_of_its_own_rank():
    text = "一、主要工作\n（一）活动\n讲座46场\n（二）阵地\n画廊8处\n二、存在问题\n（一）展品方面\n展品老化12件\n"
    assert contexts(text) == [
        ("讲座46场", "活动", ("主要工作",)), ("画廊8处", "阵地", ("主要工作",)), ("展品老化12件", "展品方面", ("存在问题",)),
    ]


def test_a_numbered_line_without_anything_beneath_it_is_a_statement():
    assert [t for t, _, _ in contexts("一、成立领导小组\n二、召开联席会议\n三、讲座46场")] == ["成立领导小组", "召开联席会议", "讲座46场"]
    assert [c for _, c, _ in contexts("存在问题：\n一、展品老化\n二、人员不足")] == ["存在问题", "存在问题"]


def test_words_that_name_a_section_are_a_heading_without_any_mark():
    assert contexts("获奖情况\n省级一等奖1个\n存在问题\n展品老化") == [("省级一等奖1个", "获奖情况", ()), ("展品老化", "存在问题", ())]


@pytest.mark.parametrize("name", ["存在问题", "存在的主要问题", "问题和不足", "下一步工作打算", "2026年工作计划", "获奖情况", "问题及建议"])
def test_section_names(name: str):
    assert is_heading(name)


@pytest.mark.parametrize("name", ["讲座46场", "问题青少年帮教", "计划生育宣传", "工作用车2辆"])
def test_statements_are_no_headings(name: str):
    assert not is_heading(name)


def test_measures_are_told_from_names():
    assert [is_measure(t) for t in ("万元", "人次", "个、人次", "江州市科技馆", "含团体", "")] == [True, True, True, False, False, False]


def test_status_comes_down_from_every_heading(read):
    sheet = read("三、存在的问题及建议\n（一）设施方面\n展品待修12件\n四、2026年工作思路\n1. 更新展品50件\n")
    assert [(f.text, f.status) for f in sheet.facts] == [("展品待修12件", Status.PROBLEM), ("更新展品50件", Status.PLANNED)]


def test_signature_introduction_and_unit_of_measure_are_no_facts(read):
    sheet = read("单位：万元\n2025年，在市委领导下，现将工作总结如下：\n展教专项经费42万元\n江州市科技馆\n2026年1月6日\n")
    assert [f.text for f in sheet.facts] == ["展教专项经费42万元"]
    assert sheet.date == (2026, 1, 6)
    assert len([r for r in sheet.remarks if "没有使用" in r]) == 2
