"""Bad material, eval/cases/bad and what is made here: one sentence with place and remedy, never another error."""

from __future__ import annotations

from pathlib import Path

import pytest

from kepudraft.errors import FactError
from kepudraft.facts.read import read_facts
from tests.conftest import ROOT
from tests.facts.conftest import assert_speaks

FOLDER = ROOT / "eval" / "cases" / "bad"
SAYS = {
    "alias_bomb.yaml": "第5行用了别名", "bad_json.json": "第5行", "bad_yaml.yaml": "第6行", "bad_year.yaml": "“二十五”",
    "blank.txt": "只有空白", "contradiction.txt": "第5行：与第3行矛盾", "contradiction_last.csv": "第6行：与第4行矛盾",
    "empty.txt": "空", "formula_error.csv": "第4行第2列：公式出错（#REF!）", "lost_number.txt": "第3行“万余人次”；第4行“万元”",
    "masked_year.txt": "“20xx”", "no_facts.yaml": "没有读到任何事实", "no_figures.csv": "没有读到任何事实", "no_unit.csv": "第5行",
    "not_a_zip.xlsx": "不是有效的 Office 文件", "not_utf8.txt": "UTF-8、GB18030、UTF-16", "python_tag.yaml": "第5行有程序标签",
    "unknown_type.yaml": "“水族馆”", "unquoted_comma.csv": "第4行：有7列，表头只有5列", "value_is_list.yaml": "第5行：“数值”应是一个值",
}


def test_every_bad_case_is_listed_here():
    assert {p.name for p in FOLDER.iterdir()} == {*SAYS, "README.md", "fine_utf16.txt", "fine_equal_values.txt"}


@pytest.mark.parametrize("name", SAYS)
def test_a_bad_case_says_where_what_and_what_to_do(name: str):
    with pytest.raises(FactError) as caught:
        read_facts(FOLDER / name)
    assert_speaks(caught.value)
    assert SAYS[name] in str(caught.value)
    assert name in caught.value.place


def test_the_fine_cases_are_read():
    assert [f.text for f in read_facts(FOLDER / "fine_utf16.txt").facts] == ["接待观众38.6万人次", "开放306天"]
    equal = read_facts(FOLDER / "fine_equal_values.txt")
    assert len(equal.facts) == 2
    assert any("第5行与第3行重复" in r for r in equal.remarks)


def test_two_sheets_that_contradict_name_both_cells(tmp_path: Path, refused_file):
    from openpyxl import Workbook

    book = Workbook()
    for sheet, value in ((book.active, "38.6万"), (book.create_sheet("底稿"), "36.8万")):
        sheet.append(["指标", "数值", "单位"])
        sheet.append(["接待观众", value, "人次"])
    book.active.title = "上报"
    book.save(tmp_path / "two.xlsx")
    said = str(refused_file(tmp_path / "two.xlsx"))
    assert "底稿!B2" in said
    assert "上报!B2" in said
