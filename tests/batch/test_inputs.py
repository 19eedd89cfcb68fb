"""Every kind of input gives its units; what can't be used is a unit with its error."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from kepudraft.batch.given import Form, GivenUnit, facts_of
from kepudraft.batch.inputs import given_units
from kepudraft.errors import FactError, InputError
from kepudraft.facts.read import Heading
from tests.batch.conftest import line

WIDE = (
    "序号,单位名称,年度,科普讲座（场）,上年科普讲座,讲座听众（人次）,存在问题\n"
    "1,梧桐里社区,2025,24,20,1380,活动室小；人手少\n2,桂花坪社区,2025,18,,900,\n"
)


def _texts(unit: GivenUnit) -> list[str]:
    return [f.text for f in facts_of(unit, Heading()).facts]


def test_a_folder_gives_a_unit_a_file_and_tells_what_it_passes_over(folder_of_units: Path):
    (folder_of_units / "图.png").write_bytes(b"x")
    (folder_of_units / "旧.xls").write_bytes(b"x")
    told: list[str] = []
    units = list(given_units(str(folder_of_units), notify=told.append))
    assert len(units) == 6
    assert "图.png" in told[0]
    with pytest.raises(FactError, match=r"另存为 \.xlsx"):
        facts_of(next(u for u in units if u.name == "旧"), Heading())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_gives_a_unit_a_row(tmp_path: Path, encoding: str):
    path = tmp_path / "units.csv"
    path.write_text(WIDE, encoding=encoding)
    first, second = given_units(str(path))
    assert first.name == "梧桐里社区"
    sheet = facts_of(first, Heading())
    assert (sheet.unit, sheet.year) == ("梧桐里社区", 2025)
    assert "科普讲座24场" in sheet.facts[0].text
    assert sheet.facts[0].last == "20场"
    assert [f.status.value for f in sheet.facts[-2:]] == ["problem", "problem"]
    assert len(_texts(second)) == 2


def test_a_row_that_has_moved_is_the_same_content_and_an_edited_one_is_not(tmp_path: Path):
    path = tmp_path / "units.csv"
    path.write_text(WIDE, encoding="utf-8")
    before = {u.name: u.digest for u in given_units(str(path))}
    head, *rows = WIDE.splitlines()
    path.write_text("\n".join([head, *reversed(rows)]).replace("1380", "1390"), encoding="utf-8")
    after = {u.name: u.digest for u in given_units(str(path))}
    assert after["桂花坪社区"] == before["桂花坪社区"]
    assert after["梧桐里社区"] != before["梧桐里社区"]


def _book(path: Path, *sheets: tuple[str, list[list[object]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_with_a_row_a_unit(tmp_path: Path):
    rows = [["2025年各社区科普数据"], ["单位名称", "年度", "科普讲座（场）", "发放资料（份）"], ["甲社区", 2025, 3, 0.5], ["乙社区", 2025, 4, None]]
    units = list(given_units(str(_book(tmp_path / "a.xlsx", ("数据", rows)))))
    assert [u.name for u in units] == ["甲社区", "乙社区"]
    assert "科普讲座3场" in _texts(units[0])[0]


def test_a_workbook_with_a_sheet_a_unit(tmp_path: Path):
    one = [["年度", 2025], ["指标", "数值", "单位"], ["科普讲座", 3, "场"]]
    bad = [["年度", 2025], ["指标", "数值", "单位"], ["科普讲座", "#REF!", "场"]]
    units = list(given_units(str(_book(tmp_path / "a.xlsx", ("甲社区", one), ("乙社区", bad)))))
    assert [(u.name, u.form) for u in units] == [("甲社区", Form.MATERIAL), ("乙社区", Form.ERROR)]
    assert facts_of(units[0], Heading()).unit == "甲社区"


def test_formulas_without_result_and_hidden_rows_are_not_passed_over_in_silence(tmp_path: Path):
    rows: list[list[object]] = [["单位名称", "年度", "科普讲座（场）", "发放资料（份）"], ["甲社区", 2025, "=1+2", 5]]
    unit = next(iter(given_units(str(_book(tmp_path / "a.xlsx", ("数据", rows))))))
    with pytest.raises(FactError, match="公式"):
        facts_of(unit, Heading())
    book = Workbook()
    for row in (["单位名称", "年度", "科普讲座（场）", "资料（份）"], ["甲社区", 2025, 1, 2], ["乙社区", 2025, 1, 2]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(InputError, match="隐藏"):
        list(given_units(str(tmp_path / "b.xlsx")))


def test_json_lines_from_standard_input_with_lines_that_cannot_be_used():
    data = "\n".join([line("甲社区", "讲座3场"), "{broken", "", "[1, 2", line("乙社区", "讲座4场")]).encode() + b"\n\xff\xfe\n"
    units = list(given_units("-", stdin=io.BytesIO(data)))
    assert [u.form for u in units] == [Form.JSON, Form.ERROR, Form.ERROR, Form.JSON, Form.ERROR]
    with pytest.raises(FactError, match="标准输入 第2行"):
        facts_of(units[1], Heading())


def test_what_can_hold_no_units_is_refused_with_the_remedy(tmp_path: Path):
    (tmp_path / "a.csv").write_text("指标,数值,单位\n讲座,3,场\n", encoding="utf-8")
    with pytest.raises(InputError, match="kepudraft draft"):
        list(given_units(str(tmp_path / "a.csv")))
    with pytest.raises(InputError, match="找不到"):
        given_units(str(tmp_path / "none"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="没有事实文件"):
        given_units(str(tmp_path / "empty"))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"\x00" * 100, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"])
def test_a_damaged_workbook_is_one_sentence(tmp_path: Path, data: bytes):
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    with pytest.raises((InputError, FactError)):
        list(given_units(str(path)))


def test_a_zip_bomb_is_not_opened(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    with pytest.raises(FactError, match="超出正常大小"):
        list(given_units(str(tmp_path / "a.xlsx")))
