"""What one line or row states: labels, first words, parts, last year's values."""

from __future__ import annotations

import pytest

from kepudraft.facts.read import Heading
from kepudraft.facts.sheet import Status
from kepudraft.genre import UnitType

DONE, PLANNED, PROBLEM = Status.DONE, Status.PLANNED, Status.PROBLEM


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("问题：展品老化12件", [("展品老化12件", PROBLEM)]),
        ("明年：更新展品50件；讲座30场", [("更新展品50件", PLANNED), ("讲座30场", PLANNED)]),
        ("2026年：新建展厅1个", [("新建展厅1个", PLANNED)]),
        ("2025年：新建展厅1个", [("新建展厅1个", DONE)]),
        ("计划新建展厅1个", [("计划新建展厅1个", PLANNED)]),
        ("计划生育宣传12场", [("计划生育宣传12场", DONE)]),
        ("争取到省级资金20万元", [("争取到省级资金20万元", DONE)]),
        ("争取省级资金20万元", [("争取省级资金20万元", PLANNED)]),
        ("拟定方案3份", [("拟定方案3份", DONE)]),
        ("讲座46场。存在的主要问题：人员仅6人；设备老化", [("讲座46场", DONE), ("人员仅6人", PROBLEM), ("设备老化", PROBLEM)]),
        ("存在问题：设备老化。明年，更新设备3台。新建温室1座", [("设备老化", PROBLEM), ("明年，更新设备3台", PLANNED), ("新建温室1座", PLANNED)]),
        ("问题：一是展品老化12件；二是人员不足", [("展品老化12件", PROBLEM), ("人员不足", PROBLEM)]),
        ("还没完成的：3台展品维修", [("3台展品维修尚未完成", PROBLEM)]),
        ("明年要建：创客空间1间", [("建创客空间1间", PLANNED)]),
        ("“一站（含两点）；一台”巡演9场；讲座3场", [("“一站（含两点）；一台”巡演9场", DONE), ("讲座3场", DONE)]),
    ],
)
def test_status(read, line: str, told: list[tuple[str, Status]]):
    sheet = read(line + "\n馆校合作学校28所")
    assert [(f.text, f.status) for f in sheet.facts][:-1] == told


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("科普讲座：46场", "科普讲座46场"),
        ("全国科普月：9月，活动32项", "9月全国科普月期间，活动32项"),
        ("全国科普月：9月", "9月全国科普月"),
        ("开馆日期：2025年5月24日", "开馆日期为2025年5月24日"),
        ("市科普讲解大赛：二等奖1个", "在市科普讲解大赛中获二等奖1个"),
        ("全省汇演：优秀奖", "在全省汇演中获优秀奖"),
        ("航模比赛获奖：省级二等奖1项", "在航模比赛中获省级二等奖1项"),
        ("科普短片：《潮汐》1部", "科普短片《潮汐》1部"),
        ("防震演练：8个村各1次", "防震演练，8个村各1次"),
        ("国际护士节（5月12日）：广场咨询1场", "5月12日国际护士节，广场咨询1场"),
        ("讲座（5月12日）：听众80人", "讲座（5月12日）方面，听众80人"),
        ("三下乡：1月8日在云雾镇，咨询260人次", "1月8日三下乡活动中，在云雾镇，咨询260人次"),
        ("志愿者：68人", "志愿者68人"),
        ("社区共建：与5家单位签约", "社区共建方面，与5家单位签约"),
        ("讲座46场；1200人次", "讲座46场，1200人次"),
    ],
)
def test_labels_become_part_of_the_sentence(read, line: str, text: str):
    assert read(line + "\n馆校合作学校28所").facts[0].text == text


@pytest.mark.parametrize(
    ("line", "text", "last"),
    [
        ("讲座46场（上年40场）", "讲座46场", "40场"),
        ("讲座46场(2024年：40场)", "讲座46场", "40场"),
        ("讲座46场，上年度40场", "讲座46场", "40场"),
        ("讲座46场；上年40场", "讲座46场", "40场"),
        ("讲座46场（上年40）", "讲座46场", "40场"),
        ("讲座46场，听众900人次（去年同期40场、800人次）", "讲座46场，听众900人次", "40场、800人次"),
        ("讲座46场，听众900人次（上年讲座40场）", "讲座46场，听众900人次", "40场"),
        ("观众9万人次，其中学生2万人次（上年8万人次）", "观众9万人次，其中学生2万人次", "8万人次"),
        ("活动9场，室内5场、室外4场（上年8场）", "活动9场，室内5场、室外4场", "8场"),
        ("经费60万元，上年结转5万元", "经费60万元，上年结转5万元", ""),
        ("经费60万元（上年结转5万元）", "经费60万元（上年结转5万元）", ""),
        ("讲座46场，比上年多6场", "讲座46场，比上年多6场", ""),
    ],
)
def test_last_years_value(read, line: str, text: str, last: str):
    fact = read(line).facts[0]
    assert (fact.text, fact.last) == (text, last)


@pytest.mark.parametrize("line", ["讲座9场，沙龙5场（上年8场）", "讲座46场（上年800人次）", "讲座46场（上年近四十场、三十九场）"])
def test_a_last_value_that_fits_no_one_figure_is_dropped_and_said(read, line: str):
    sheet = read(line)
    assert sheet.facts[0].last == ""
    assert any("未作比较" in r for r in sheet.remarks)


def test_parts(read):
    sheet = read("科普活动92场次；其中讲座31场次\n里头不算\n科普讲座12场，里头健康讲座3场\n")
    assert sheet.facts[1].part_of == "F1"
    assert sheet.facts[-1].text == "科普讲座12场，其中健康讲座3场"


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("1.夜场46场;2.沙龙3场；", ["夜场46场", "沙龙3场"]),
        ("夜场：46场 沙龙：3场", ["夜场46场，沙龙3场"]),
        ("展厅\t46间", ["展厅46间"]),
        ("**夜场**：46场", ["夜场46场"]),
    ],
)
def test_several_statements_on_a_line(read, line: str, texts: list[str]):
    assert [f.text for f in read(line).facts] == texts


def test_lines_within_a_cell_or_a_text_are_statements_of_their_own(read):
    in_cell = read('指标,数值,单位\n1.夜场\n"2.科学\n夜话",8,场\n获奖,"一等奖1个\n二等奖2个",\n', ".csv")
    assert [f.text for f in in_cell.facts] == ["科学夜话8场", "一等奖1个", "二等奖2个"]
    in_text = read("facts:\n  - |\n    夜场46场\n    沙龙3场\n", ".yaml")
    assert [f.text for f in in_text.facts] == ["夜场46场", "沙龙3场"]


def row(name, value, unit="", last=""):
    return f"指标,数值,单位,上年\n{name},\"{value}\",{unit},\"{last}\"\n馆校学校数,28,所,\n"


@pytest.mark.parametrize(
    ("name", "value", "unit", "last", "told"),
    [
        ("夜场专题", "46", "场", "40", ("夜场专题46场", "40场")),
        ("夜场专题", "46场", "", "40场", ("夜场专题46场", "40场")),
        ("夜场专题", "46场", "场次", "40", ("夜场专题46场", "")),
        ("夜场观众", "近3万", "人次", "2.8万", ("夜场观众近3万人次", "2.8万人次")),
        ("夜场观众", "3.6", "万人次", "", ("夜场观众3.6万人次", "")),
        ("夜场专题", "46（含线上6场）", "场", "", ("夜场专题46场（含线上6场）", "")),
        ("夜场观众", "4600左右", "人次", "", ("夜场观众4600人次左右", "")),
        ("达标率", "97.5%", "", "95%", ("达标率97.5%", "95%")),
        ("达标率", "97.5", "%", "", ("达标率97.5%", "")),
        ("夜场专题", "46", "场", "-", ("夜场专题46场", "")),
        ("夜场专题数量", "46", "场", "无", ("夜场专题46场", "")),
    ],
)
def test_values(read, name, value, unit, last, told):
    fact = read(row(name, value, unit, last), ".csv").facts[0]
    assert (fact.text, fact.last) == told


@pytest.mark.parametrize("value", ["无", "-", "——", "/", "暂无", ""])
def test_none_is_no_fact(read, value: str):
    assert [f.text for f in read(row("夜场专题", value, "场"), ".csv").facts] == ["馆校学校28所"]


def test_wan_in_value_and_unit(refused):
    assert "都带“万”" in refused(row("夜场观众", "3.6万", "万人次"), ".csv").what


def test_a_clerk_who_counts_something_else_under_an_indicators_name_is_left_the_words(read):
    assert read("指标,数值,单位\n接待观众,96,批\n", ".csv").facts[0].text == "接待观众96批"


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("临时展览（引进）,12,个", "举办临时展览（引进）12个"),
        ("科普剧巡演（进乡镇）,9,场", "科普剧巡演（进乡镇）9场"),
        ("临时展览（个数）,12,个", "举办临时展览12个"),
        ("临时展览（含引进）,12,个", "举办临时展览12个"),
        ("临时展览（全年累计）,12,个", "举办临时展览12个"),
    ],
)
def test_brackets_that_narrow_what_is_counted_are_kept(read, row: str, text: str):
    assert read(f"指标,数值,单位\n{row}\n", ".csv").facts[0].text == text


def test_what_is_narrowed_is_another_thing_and_no_headline(read):
    sheet = read("指标,数值,单位\n接待观众,38.6万,人次\n接待观众（临时展厅）,9.4万,人次\n", ".csv")
    assert [f.headline for f in sheet.facts] == [True, False]


def test_a_row_of_a_part_belongs_to_the_total_above_it_by_whatever_name(read):
    sheet = read("项目,数值\n接待来馆人员,47600人次\n其中：未成年人,15800人次\n", ".csv")
    assert sheet.facts[1].part_of == "F1"


def test_what_a_bureau_spends_is_not_told_as_the_spending_of_all_society(read):
    bureau = Heading("江州市科学技术局", UnitType.BUREAU, 2025)
    sheet = read("指标,数值,单位\n科普经费,36,万元\n全社会科普经费,2860,万元\n", ".csv", bureau)
    assert [f.text for f in sheet.facts] == ["科普经费36万元", "全社会科普经费投入2860万元"]
