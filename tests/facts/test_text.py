"""CSV, tabbed and Markdown tables, and lines as an editor counts them."""

from __future__ import annotations

import pytest


def told(sheet):
    return [(f.text, f.source.place, f.last) for f in sheet.facts]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，", "|"])
def test_every_delimiter_gives_the_same_rows(read, delimiter: str):
    rows = [["指标", "数值", "单位", "上年"], ["临时展览", "6", "个", "5"], ["夜场专题", "12", "场", ""]]
    text = "\n".join(delimiter.join(row) for row in rows)
    assert told(read(text, ".csv")) == [("举办临时展览6个", "第2行", "5个"), ("夜场专题12场", "第3行", "")]


def test_prose_in_cells_does_not_change_the_delimiter(read):
    text = "指标,数值,单位\n夜场专题,12,场\n问题,展品老化，更新慢，备件少，等待久，观众有意见，维修队伍小，经费紧,\n"
    assert [f.text for f in read(text, ".csv").facts] == ["夜场专题12场", "展品老化，更新慢，备件少，等待久，观众有意见，维修队伍小，经费紧"]


def test_quoted_commas_and_line_breaks_keep_the_line_numbers(read):
    text = '指标,数值,单位,备注\n临时展览观众,"12,000",人次,"两行\n备注"\n夜场专题,12,场,\n'
    assert told(read(text, ".csv")) == [("临时展览接待观众12,000人次", "第2行", ""), ("夜场专题12场", "第4行", "")]


def test_ragged_and_slipped_rows(read):
    sheet = read("指标,数值,单位,上年,备注\n夜场专题,12,场\n科学夜话，8，场\n临时展览,6,个,5,,,\n", ".csv")
    assert told(sheet) == [("夜场专题12场", "第2行", ""), ("科学夜话8场", "第3行", ""), ("举办临时展览6个", "第4行", "5个")]


def test_rows_without_value_are_named(read):
    sheet = read("指标,数值,单位\n夜场专题,12,场\n星空露营,,场\n", ".csv")
    assert len(sheet.facts) == 1
    assert any("星空露营" in r for r in sheet.remarks)


def test_a_statement_in_the_first_column_is_no_loss(read):
    sheet = read("指标,数值,单位\n夜场专题,12,场\n与气象局共建观测站1座，3月启用,,\n", ".csv")
    assert sheet.facts[1].text == "与气象局共建观测站1座，3月启用"


def test_an_open_quotation_mark_names_its_line(refused):
    assert "第3行起" in refused('指标,数值,单位\n夜场专题,12,场\n"科学夜话,8,场\n', ".csv").what


def test_a_value_cut_by_its_comma(refused):
    assert "表头只有3列" in refused("指标,数值,单位\n接待观众,386,000,人次\n", ".csv").what
    assert "拆成了两格" in refused("指标,数值,单位,上年,备注\n夜场观众,386,000,人次\n", ".csv").what


def test_years_as_headings(read):
    sheet = read("项目,单位,2025年,2024年,2023年,同比\n夜场专题,场,12,10,8,20%\n", ".csv")
    assert told(sheet) == [("夜场专题12场", "第2行", "10场")]
    assert any("2023年" in r for r in sheet.remarks)


def test_quarters_and_their_sum(read):
    sheet = read("项目,单位,一季度,二季度,合计\n夜场专题,场,5,7,12\n", ".csv")
    assert told(sheet) == [("夜场专题12场", "第2行", "")]
    assert any("一季度、二季度" in r for r in sheet.remarks)


def test_a_wide_table_is_not_read_as_prose_without_units(refused):
    assert "没有单位" in refused("社区,讲座场次,听众人次,志愿者\n东湖社区,12,300,45\n西湖社区,9,240,30\n", ".csv").what


def test_markdown_tables_and_prose_in_one_file(read):
    text = "# 江州市科技馆2025年总结\n\n| 指标 | 数值 | 上年 |\n|:---|---:|---|\n| **夜场专题** | 12场 | 10场 |\n\n## 存在问题\n- 展品老化\n"
    sheet = read(text, ".md")
    assert told(sheet) == [("夜场专题12场", "第5行", "10场"), ("展品老化", "第8行", "")]


def test_tabbed_lines_pasted_from_a_table(read):
    sheet = read("夜场专题\t12\t场\n科学夜话\t8\t场\n问题：展品老化\n", ".txt")
    assert [f.text for f in sheet.facts] == ["夜场专题12场", "科学夜话8场", "展品老化"]


def test_a_list_of_activities(read):
    text = "序号,时间,活动名称,地点,参与人次\n1,3月5日,学雷锋志愿服务,社区广场,86\n2,9月20日,科普月主场活动,文化中心,约450\n"
    assert [f.text for f in read(text, ".csv").facts] == [
        "3月5日学雷锋志愿服务（社区广场），参与86人次", "9月20日科普月主场活动（文化中心），参与约450人次",
    ]


def test_unit_of_the_name_of_the_table_and_none(read):
    sheet = read("单位：万元\n项目,数值\n展教专项,42\n研学场次（场）,12\n观众（含团体）,5.2万人次\n", ".csv")
    assert [f.text for f in sheet.facts] == ["展教专项42万元", "研学12场", "观众5.2万人次"]
    assert sheet.unit == "江州市科技馆"


def test_a_bracket_that_is_no_unit_is_no_unit(refused):
    assert "没有单位" in refused("项目,数值\n夜场观众（含团体）,520\n", ".csv").what


def test_ten_thousand_characters_on_a_line(read):
    sheet = read("；".join(f"第{n}号展厅更换灯具{n}盏" for n in range(1, 900)))
    assert len(sheet.facts) == 899


def test_one_endless_sentence_is_refused(refused):
    assert "太长" in refused("接待观众3万人次" + "很" * 10_000).what


def test_too_many_lines_and_rows(refused):
    assert "5000行" in refused("\n".join(f"第{n}项活动{n}场" for n in range(5002))).what
    assert "5000行" in refused("指标,数值,单位\n" + "\n".join(f"活动{n}号,{n},场" for n in range(5002)), ".csv").what


def test_traditional_script_is_read_as_simplified_at_the_same_places():
    from kepudraft.facts.read import read_facts_from_bytes

    text = "單位：雲汀路社區\n類型：社區\n年度：2025\n\n科普講座18場次，聽眾1240人次（上年15場次、980人次）\n問題：週末活動少\n"
    sheet = read_facts_from_bytes(text.encode(), suffix=".txt")
    assert (sheet.unit, sheet.unit_type.value) == ("云汀路社区", "社区")
    assert told(sheet)[0] == ("科普讲座18场次，听众1240人次", "第5行", "15场次、980人次")
    assert any("繁体" in r for r in sheet.remarks)


def test_a_traditional_character_or_two_leave_the_text_as_it_is(read):
    sheet = read("瞭望塔讲座12场\n“雲上乾坤”天象节目放映30场\n接待观众38.6万人次\n")
    assert sheet.facts[1].text == "“雲上乾坤”天象节目放映30场"
    assert not any("繁体" in r for r in sheet.remarks)
