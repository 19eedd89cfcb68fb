"""Blank forms for a unit's facts: the indicators of its type as an Excel sheet or as YAML, with a filled example."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from kepudraft.facts.indicators import Indicator, example_unit, indicators
from kepudraft.genre import UnitType

_HEADINGS = ("指标", "单位", "本年", "上年", "口径", "来源", "备注")
_WIDTHS = (30, 9, 26, 14, 46, 16, 20)
_GUIDE = (
    "一、只填“填写”工作表；没有的指标留空，不要填0或“无”。",
    "二、“本年”“上年”填数值，如 46、38.6万、97.5%；约数照实写，如 近3万、200余。单位已印好的不必再写。",
    "三、没有单位的行（荣誉、问题、计划等）在“本年”栏写一句话，一行一件事；行不够可以插入行，指标名照抄。",
    "四、人与人次、场与场次口径不同，请按“口径”栏填写；流量为1月1日至12月31日累计，存量为12月31日数。",
    "五、填好后运行：kepudraft draft 本文件.xlsx -o 总结.docx",
)


def workbook(unit_type: UnitType, *, year: int, unit: str = "", filled: bool = False) -> bytes:
    """An .xlsx file: the form, a filled example and a guide.

    Args:
        unit_type: Whose indicators.
        year: Year of the summary.
        unit: Name of the unit, printed into the form where given.
        filled: Fill the form itself with the example unit's values (for trying the program out).
    """
    from openpyxl import Workbook

    book = Workbook()
    example = example_unit(unit_type)
    form, sample, guide = book.active, book.create_sheet("示例"), book.create_sheet("填写说明")
    form.title = "填写"
    _form(form, unit_type, example.unit if filled else unit, example.year if filled else year, filled=filled)
    _form(sample, unit_type, example.unit, example.year, filled=True)
    guide.column_dimensions["A"].width = 100
    for line in _GUIDE:
        guide.append([line])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def yaml_form(unit_type: UnitType, *, year: int, unit: str = "", filled: bool = False) -> str:
    """The same form as YAML text."""
    example = example_unit(unit_type)
    head = (example.unit, example.year) if filled else (unit, year)
    lines = [f"# {line}" for line in _GUIDE[:4]]
    lines += [f"单位: {head[0]}", f"类型: {unit_type}", f"年度: {head[1]}", "成文日期:", "事实:"]
    for i in indicators(unit_type):
        lines += [f"  - 指标: {i.name}", f"    数值: {_quoted(i.example) if filled else ''}".rstrip()]
        if i.unit:
            lines += [f"    单位: {_quoted(i.unit)}", f"    上年: {_quoted(i.example_last) if filled else ''}".rstrip()]
        if i.note:
            lines.append(f"    口径: {_quoted(i.note)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """YAML scalar that is text whatever it looks like."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if text else ""


def _form(sheet: Any, unit_type: UnitType, unit: str, year: int, *, filled: bool) -> None:  # noqa: ANN401 - openpyxl is untyped
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet.append([f"{unit_type}科普工作事实表"])
    sheet.merge_cells("A1:G1")
    sheet["A1"].font = Font(bold=True, size=16)
    for name, value in (("单位名称", unit), ("单位类型", unit_type.value), ("年度", year), ("成文日期", "")):
        sheet.append([name, None, value])
    sheet.append(_HEADINGS)
    head = sheet.max_row
    for cell in sheet[head]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDE8F0")
    for row in _rows(unit_type, filled=filled):
        sheet.append(row)
    for column, width in zip("ABCDEFG", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = sheet.cell(head + 1, 1)
    types = DataValidation(type="list", formula1='"' + ",".join(UnitType) + '"', allow_blank=False)
    years = DataValidation(type="whole", operator="between", formula1="1990", formula2="2100", showErrorMessage=True)
    # A warning, not a stop: 38.6万 and 近3万 are good values too.
    amounts = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", errorStyle="warning",
                             error="这里一般填数值；带“万”“近”“余”的也可以", showErrorMessage=True, allow_blank=True)
    types.add("C3")
    years.add("C4")
    for n, indicator in enumerate(indicators(unit_type), head + 1):
        if indicator.unit:
            amounts.add(f"C{n}:D{n}")
    for rule in (types, years, amounts):
        sheet.add_data_validation(rule)


def _rows(unit_type: UnitType, *, filled: bool) -> Iterator[tuple[object, ...]]:
    for i in indicators(unit_type):
        name = f"其中：{i.name}" if i.of and not i.name.startswith("其中") else i.name
        value, last = (_cell(i.example, i), _cell(i.example_last, i)) if filled else (None, None)
        yield name, i.unit or None, value, last, i.note or None, None, None


def _cell(text: str, indicator: Indicator) -> object:
    """Plain numbers as numbers, so that Excel can add them up; anything else as typed."""
    if not text:
        return None
    if indicator.unit and text.replace(".", "", 1).isdigit():
        return float(text) if "." in text else int(text)
    return text
