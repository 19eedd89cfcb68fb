"""Excel workbooks: what a cell shows, and what nobody could be sure of."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest

from kepudraft.facts.book import read_xlsx
from kepudraft.facts.read import read_facts
from tests.facts.conftest import MUSEUM

HEAD = ["指标", "数值", "单位", "上年", "备注"]


def told(path: Path):
    return [(f.text, f.source.place, f.last) for f in read_facts(path, MUSEUM).facts]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (38.6, "General", "38.6"), (0.1 + 0.2, "General", "0.3"), (386000, "#,##0", "386000"), (46.0, "0.00", "46"),
        (0.975, "0.0%", "97.5%"), (1, "0%", "100%"), (97.5, '0.0"%"', "97.5%"), (46, '0"场"', "46场"), (386000, '#,##0"元"', "386000元"),
        (386000, '0!.0,"万"', "386000"), (386000, '0.0,"千"', "386000"), (123456789012345, "0", "123456789012345"), (2e8, "General", "200000000"),
        (date(2025, 5, 24), "yyyy-mm-dd", "2025年5月24日"), (datetime(2025, 5, 24, 9, 30), "yyyy-mm-dd h:mm",
        "2025年5月24日"), (time(9, 5), "h:mm", "9:05"),
        (True, "General", "是"), ("  46场\u200b ", "General", "46场"), (-5, "General", "-5"), (0, "General", "0"),
    ],
)
def test_what_a_cell_shows(book, value, number_format: str, shown: str):
    def change(sheet):
        sheet["B2"].number_format = number_format

    path = book([["名称乙", "值乙"], ["展品", value]], change)
    (found,) = [i for i in read_xlsx(path, "a").items if getattr(i, "name", "") == "展品"] or [None]
    text = found.value if found else read_xlsx(path, "a").items[-1].text.removeprefix("展品：")
    assert text == shown


def test_rows_with_places(book):
    path = book([HEAD, ["夜场观众", 38.6, "万人次", 35.4, "含团体"], ["达标率", 0.975, None, 0.95]], lambda s: [
        setattr(s[c], "number_format", "0.0%") for c in ("B3", "D3")])
    assert told(path) == [("夜场观众38.6万人次", "2025!B2", "35.4万人次"), ("达标率97.5%", "2025!B3", "95%")]
    assert read_facts(path, MUSEUM).facts[0].note == "含团体"


def test_merged_titles_and_labels_are_fine(book):
    def change(sheet):
        sheet.merge_cells("A1:E1")
        sheet.merge_cells("A3:A4")

    rows = [["江州市科技馆2025年度科普统计表"], ["类别", "项目", "完成数", "计量单位"], ["活动", "夜场专题", 12, "场"], [None, "科学夜话", 8, "场"]]
    assert told(book(rows, change)) == [("夜场专题12场", "2025!C3", ""), ("科学夜话8场", "2025!C4", "")]


def test_a_merged_block_that_is_one_row_is_one_row(book):
    def change(sheet):
        for column in "ABC":
            sheet.merge_cells(f"{column}2:{column}3")

    assert told(book([HEAD[:3], ["夜场专题", 12, "场"], [], ["科学夜话", 8, "场"]], change)) == [
        ("夜场专题12场", "2025!B2", ""), ("科学夜话8场", "2025!B4", "")]


@pytest.mark.parametrize("value", [12, "12场", "近3万"])
@pytest.mark.parametrize("headed", [True, False])
def test_a_value_merged_over_rows_is_refused(book, refused_file, value, headed: bool):
    def change(sheet):
        first = 2 if headed else 1
        sheet.merge_cells(f"B{first}:B{first + 1}")

    rows = ([HEAD[:3]] if headed else []) + [["夜场专题", value, "场"], ["科学夜话", None, "场"]]
    said = refused_file(book(rows, change))
    assert "合并" in said.what
    assert f"2025!B{2 if headed else 1}:B{3 if headed else 2}" in said.place


def test_hidden_rows_and_columns_with_data_are_refused(book, refused_file):
    rows = [HEAD, ["夜场专题", 12, "场"], ["科学夜话", 8, "场"]]
    assert "第3行被隐藏" in refused_file(book(rows, lambda s: setattr(s.row_dimensions[3], "hidden", True))).what
    assert "D列被隐藏" in refused_file(book(rows, lambda s: setattr(s.column_dimensions["D"], "hidden", True))).what
    assert len(told(book(rows, lambda s: setattr(s.row_dimensions[9], "hidden", True)))) == 2


def test_hidden_sheets_and_examples_are_skipped_and_said(book):
    def change(sheet):
        for title in ("底稿", "示例", "填写说明", "口径说明"):
            other = sheet.parent.create_sheet(title)
            other.append(HEAD)
            other.append(["夜场专题", 99, "场"])
        sheet.parent["底稿"].sheet_state = "hidden"

    path = book([HEAD, ["夜场专题", 12, "场"]], change)
    assert told(path) == [("夜场专题12场", "2025!B2", "")]
    remarks = "".join(read_facts(path, MUSEUM).remarks)
    assert "底稿" in remarks
    assert "口径说明" in remarks
    assert "“示例”" not in remarks


def test_formulas(book, refused_file):
    rows = [HEAD, ["夜场专题", 12, "场"], ["科学夜话", "=SUM(B2:B2)", "场"]]
    said = refused_file(book(rows))
    assert "2025!B3" in said.place
    assert "公式没有算出" in said.what
    assert "公式出错（#REF!）" in refused_file(book([HEAD, ["夜场专题", "#REF!", "场"]])).what


def test_a_formula_with_its_result_is_read(book, tmp_path: Path):
    path = book([HEAD, ["夜场专题", "=6*2", "场"]])
    patched = tmp_path / "cached.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(patched, "w") as new:
        for part in old.infolist():
            data = old.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = data.replace(b"<v></v>", b"<v>12</v>").replace(b"<v/>", b"<v>12</v>").replace(b"<v />", b"<v>12</v>")
            new.writestr(part, data)
    assert told(patched) == [("夜场专题12场", "2025!B2", "")]


def test_what_is_too_much(book, refused_file):
    assert "5000行" in refused_file(book([HEAD], lambda s: s.cell(9000, 1, "夜场专题"))).what
    assert "不像真的" in refused_file(book([HEAD, ["夜场专题", 1e300, "场"]])).what


def test_no_table_no_value_no_unit(book, refused_file):
    assert "没有读到任何事实" in refused_file(book([])).what
    assert "没有读到任何事实" in refused_file(book([HEAD, ["夜场专题"]])).what
    assert "没有单位" in refused_file(book([HEAD, ["夜场专题", 12]])).what
    assert "没有指标名" in refused_file(book([HEAD, [None, 12, "场"]])).what


def test_fields_side_by_side_years_and_signatures(book):
    rows = [["东湖区科技馆2025年度科普统计表"], ["填报单位：东湖区科技馆", None, "填报日期：2026年1月5日"],
            ["序号", "项目", "计量单位", "2025年", "2024年", "同比"], [1, "夜场专题", "场", 12, 10, 0.2],
            ["填表人：某某", None, "联系电话：12345678"]]
    sheet = read_facts(book(rows))
    assert [(f.text, f.last) for f in sheet.facts] == [("夜场专题12场", "10场")]
    assert (sheet.unit, sheet.year, sheet.date) == ("东湖区科技馆", 2025, (2026, 1, 5))


def test_titles_of_further_sheets_are_no_facts(book):
    def change(sheet):
        other = sheet.parent.create_sheet("获奖")
        for row in (["江州市科技馆2025年获奖情况"], ["序号", "名称", "等级"], [1, "全省科普讲解大赛", "二等奖1名"]):
            other.append(row)

    assert [t for t, _, _ in told(book([HEAD, ["夜场专题", 12, "场"]], change))] == ["夜场专题12场", "在全省科普讲解大赛中获二等奖1名"]
