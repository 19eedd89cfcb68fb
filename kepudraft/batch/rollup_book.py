"""The workbook of a roll-up: 汇总 (the fact sheet, read by `kepudraft draft`), 分单位 (every part), 需要核对 (what to look at).

A total is a formula over its column of parts. openpyxl writes formulas without their results, and a reader that does not
calculate would see nothing; so the results, worked out in decimals, are put into the file beside the formulas.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from kepudraft.batch.rollup_checks import Finding
from kepudraft.batch.totals import Reporting, Total
from kepudraft.export.atomic import shown
from kepudraft.facts.book import FINDINGS_SHEET, PARTS_LAST_SHEET, PARTS_SHEET
from kepudraft.genre import UnitType

_TOTALS_SHEET = "汇总"
_FORMULA = re.compile(r'<c r="([A-Z]+\d+)"([^>]*)><f>(.*?)</f><v ?/?>(?:</v>)?</c>')
_TYPE = re.compile(r'\s+t="[^"]*"')


def workbook(
    unit: str, unit_type: UnitType, year: int, units: Sequence[Reporting], totals: Sequence[Total], findings: Sequence[Finding]
) -> bytes:
    """The .xlsx file.

    Args:
        unit: Who adds up.
        unit_type: Its type.
        year: Of the report.
        units: Whose figures.
        totals: The sums.
        findings: What to look at.
    """
    from openpyxl import Workbook

    book = Workbook()
    results: dict[str, str | Decimal] = {}
    _parts(book.create_sheet(PARTS_SHEET), units, [t.parts for t in totals], totals)
    if any(t.value_last is not None for t in totals):
        _parts(book.create_sheet(PARTS_LAST_SHEET), units, [t.last for t in totals], totals)
    _totals(book.active, (unit, unit_type, year), len(units), totals, results)
    _findings(book.create_sheet(FINDINGS_SHEET), findings)
    made = io.BytesIO()
    book.save(made)
    return _with_results(made.getvalue(), results)


def _totals(
    sheet: Any, head: tuple[str, UnitType, int], count: int, totals: Sequence[Total], results: dict[str, str | Decimal]  # noqa: ANN401
) -> None:
    from openpyxl.styles import Font, PatternFill

    unit, unit_type, year = head
    sheet.title = _TOTALS_SHEET
    for name, value in (("单位名称", unit), ("单位类型", unit_type.value), ("年度", year)):
        sheet.append([name, None, None])
        _put(sheet.cell(sheet.max_row, 2), value)
    sheet.append(["指标", "数值", "单位", "上年", "备注"])
    for cell in sheet[sheet.max_row]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE8F0")
    for n, total in enumerate(totals):
        row = sheet.max_row + 1
        _put(sheet.cell(row, 1), total.name)
        _put(sheet.cell(row, 3), ("万" if total.scale > 1 else "") + total.unit)
        _sum(sheet.cell(row, 2), PARTS_SHEET, n, count, total, total.value, results)
        if (last := total.value_last) is not None:
            _sum(sheet.cell(row, 4), PARTS_LAST_SHEET, n, count, total, last, results)
        # Without a figure of its own: what a note counts would be missed in the summary.
        _put(sheet.cell(row, 5), f"各单位之和，明细见“{PARTS_SHEET}”表" + ("，含约数" if total.rough else ""))
    for column, width in zip("ABCDE", (30, 16, 10, 16, 40), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A5"


def _sum(
    cell: Any, parts: str, n: int, count: int, total: Total, value: Decimal, results: dict[str, str | Decimal]  # noqa: ANN401
) -> None:
    from openpyxl.utils import get_column_letter

    column = get_column_letter(n + 3)
    formula = f"SUM('{parts}'!{column}2:{column}{count + 1})"
    if total.scale > 1:
        formula = f"{formula}/{total.scale}"
    scaled = value / total.scale
    cell.value = f'="约"&{formula}' if total.rough else f"={formula}"
    results[cell.coordinate] = f"约{_plain(scaled)}" if total.rough else scaled


def _parts(sheet: Any, units: Sequence[Reporting], columns: Sequence[Sequence[Decimal | None]], totals: Sequence[Total]) -> None:  # noqa: ANN401
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    for n, name in enumerate(["单位", "类型", *(f"{t.name}（{t.unit}）" for t in totals)], 1):
        _put(sheet.cell(1, n), name)
        sheet.cell(1, n).font = Font(bold=True)
    for i, reporting in enumerate(units, 2):
        _put(sheet.cell(i, 1), reporting.name)
        _put(sheet.cell(i, 2), reporting.unit_type)
        for n, column in enumerate(columns, 3):
            if (value := column[i - 2]) is not None:
                sheet.cell(i, n).value = _number(value)
    last = len(units) + 1
    _put(sheet.cell(last + 1, 1), "填报单位数")
    for n in range(3, len(totals) + 3):
        letter = get_column_letter(n)
        sheet.cell(last + 1, n).value = f"=COUNT({letter}2:{letter}{last})"
    sheet.column_dimensions["A"].width = 30
    sheet.freeze_panes = "C2"


def _findings(sheet: Any, findings: Sequence[Finding]) -> None:  # noqa: ANN401
    from openpyxl.styles import Alignment, Font

    for n, name in enumerate(("种类", "要核对什么", "单位"), 1):
        sheet.cell(1, n).value = name
        sheet.cell(1, n).font = Font(bold=True)
    for i, finding in enumerate(findings, 2):
        for n, text in enumerate((finding.kind.value, finding.told, "、".join(finding.units)), 1):
            _put(sheet.cell(i, n), text[:2000])
            sheet.cell(i, n).alignment = Alignment(wrap_text=True, vertical="top")
    for column, width in zip("ABC", (18, 90, 50), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"


def _put(cell: Any, value: object) -> None:  # noqa: ANN401
    """A text stays a text: a unit may call itself «=1+1»."""
    cell.value = shown(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _with_results(data: bytes, results: Mapping[str, str | Decimal]) -> bytes:
    """The file with the results of the formulas of its first sheet, as Excel would have stored them."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            content = before.read(part.filename)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = _FORMULA.sub(lambda m: _cell(m, results), content.decode("utf-8")).encode("utf-8")
            after.writestr(part, content)
    return made.getvalue()


def _cell(found: re.Match[str], results: Mapping[str, str | Decimal]) -> str:
    value = results[found[1]]
    attributes = _TYPE.sub("", found[2])
    if isinstance(value, str):
        return f'<c r="{found[1]}"{attributes} t="str"><f>{found[3]}</f><v>{escape(value)}</v></c>'
    return f'<c r="{found[1]}"{attributes}><f>{found[3]}</f><v>{_plain(value)}</v></c>'
