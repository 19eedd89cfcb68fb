"""Excel workbooks -> material; strict where a cell's meaning is in doubt."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from kepudraft.errors import FactError
from kepudraft.facts.archive import check_zip
from kepudraft.facts.material import MAX_ITEMS, Material, refuse_formula_error, tidy
from kepudraft.facts.rows import Row, from_rows

_MAX_COLUMNS = 60
PARTS_SHEET, PARTS_LAST_SHEET, FINDINGS_SHEET = "分单位", "分单位上年", "需要核对"
"""Sheets that a roll-up writes beside its totals: the parts of each, and what must be looked at."""
OWN_SHEETS = ("示例", "填写说明", PARTS_SHEET, PARTS_LAST_SHEET, FINDINGS_SHEET)
"""Sheets that our own workbooks bring along; they hold no facts of the unit."""
EXAMPLE_SHEET = re.compile("示例|样例|填写说明|说明$")
"""Titles of sheets that show how to fill in a form."""
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.')
_PLAIN_FORMAT = re.compile(r"(?:#,##)?0(?:\.0+)?")


def read_xlsx(path: Path, file: str) -> Material:
    """Rows of every visible sheet that is no example sheet.

    Raises:
        FactError: Not an .xlsx, a zip bomb, a formula error or one without result, a merged value cell, a hidden row with data.
    """
    check_zip(path, file)
    made = Material(file, ())
    formulas = _load(path, file, values=False) if _has_formula(path) else None
    for sheet in _load(path, file, values=True).worksheets:
        if _is_passed_over(sheet):
            if sheet.title not in OWN_SHEETS:
                note = f"工作表“{sheet.title}”是隐藏表、示例或说明，没有读取"
                made = made.joined(Material(file, (), remarks=(note,)))
            continue
        if formulas is not None:
            _refuse_uncached(sheet, formulas[sheet.title], file)
        made = made.joined(from_rows(_rows(sheet, file), file))
    return made


def read_sheets(path: Path, file: str, notify: Callable[[str], None]) -> Iterator[tuple[str, Material | FactError]]:
    """Every visible sheet by its title as a material of its own; one that can't be used with its error.

    Args:
        path: The workbook.
        file: Its name in messages.
        notify: Told which sheets are passed over.

    Raises:
        FactError: The whole file cannot be opened.
    """
    check_zip(path, file)
    formulas = _load(path, file, values=False) if _has_formula(path) else None
    for sheet in _load(path, file, values=True).worksheets:
        if _is_passed_over(sheet):
            if sheet.title not in OWN_SHEETS:
                notify(f"工作表“{sheet.title}”是隐藏表、示例或说明，没有读取")
            continue
        try:
            if formulas is not None:
                _refuse_uncached(sheet, formulas[sheet.title], file)
            yield sheet.title, from_rows(_rows(sheet, file), file)
        except FactError as error:
            yield sheet.title, error


def _is_passed_over(sheet: Any) -> bool:  # noqa: ANN401 - openpyxl is untyped
    return sheet.sheet_state != "visible" or sheet.title in OWN_SHEETS or bool(EXAMPLE_SHEET.search(sheet.title))


def _load(path: Path, file: str, *, values: bool) -> Any:  # noqa: ANN401 - openpyxl is untyped
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings(), path.open("rb") as opened:  # openpyxl leaves a damaged file open
            warnings.simplefilter("ignore")  # it warns of styles and validations that it does not keep
            return load_workbook(opened, data_only=values)
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged file
        raise FactError("打不开这个 Excel 文件", place=file, remedy="请用 Excel 打开后另存为 .xlsx") from error


def _has_formula(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [n for n in archive.namelist() if n.startswith("xl/worksheets/") and n.endswith(".xml")]
            return any(re.search(rb"<(?:\w+:)?f[\s>/]", archive.read(n)) for n in parts)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError):
        return False  # a damaged part: loading says so


def _refuse_uncached(sheet: Any, formulas: Any, file: str) -> None:  # noqa: ANN401
    for row in formulas.iter_rows(max_row=MAX_ITEMS, max_col=_MAX_COLUMNS):
        for cell in row:
            if cell.data_type == "f" and sheet[cell.coordinate].value is None:
                raise FactError(
                    "公式没有算出的结果", place=f"{file} {sheet.title}!{cell.coordinate}",
                    remedy="请用 Excel 或 WPS 打开后保存一次，或直接填写数值",
                )


def _rows(sheet: Any, file: str) -> Iterator[Row]:  # noqa: ANN401
    if (sheet.max_row or 0) > MAX_ITEMS:
        raise FactError(
            f"工作表“{sheet.title}”有{sheet.max_row}行，超过{MAX_ITEMS}行的上限", place=file,
            remedy="请只保留本单位本年度的数据行，并删除下面的空行",
        )
    merged = {(r, c): area for area in sheet.merged_cells.ranges for r, c in _below(area)}
    hidden = _hidden_columns(sheet)
    for n, row in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), 1):
        cells: list[str] = []
        spread: dict[int, str] = {}
        for i, cell in enumerate(row):
            text = cell_text(cell, f"{file} {sheet.title}!{cell.coordinate}")
            if area := merged.get((n, i + 1)):
                text, spread[i] = cell_text(sheet.cell(area.min_row, area.min_col), ""), f"{sheet.title}!{area.coord}"
            if text and cell.column in hidden:
                raise FactError(
                    f"{cell.column_letter}列被隐藏，不知道要不要用", place=f"{file} {sheet.title}", remedy="请取消隐藏，或删除这一列"
                )
            cells.append(text)
        while cells and not cells[-1]:
            cells.pop()
        if cells and sheet.row_dimensions[n].hidden:
            raise FactError(f"第{n}行被隐藏，不知道要不要用", place=f"{file} {sheet.title}", remedy="请取消隐藏，或删除这一行")
        places = tuple(f"{sheet.title}!{c.coordinate}" for c in row[: len(cells)])
        yield Row(f"{sheet.title}!第{n}行", tuple(cells), places, exact=True, spread=spread)


def _below(area: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401
    """The cells of a merged area of one column under its first: they show its text, too. Wider areas are titles."""
    if area.min_col == area.max_col:
        yield from ((row, area.min_col) for row in range(area.min_row + 1, min(area.max_row, MAX_ITEMS) + 1))


def _hidden_columns(sheet: Any) -> set[int]:  # noqa: ANN401
    return {
        column for held in sheet.column_dimensions.values() if held.hidden and held.min
        for column in range(held.min, min(held.max, _MAX_COLUMNS) + 1)
    }


def cell_text(cell: Any, place: str) -> str:  # noqa: ANN401
    """What a cell shows: a percentage with its sign, a date in Chinese, a number without float noise."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, time):
        return f"{value.hour}:{value.minute:02d}"
    if isinstance(value, timedelta):
        return _plain(Decimal(value.days) * 24 + Decimal(value.seconds) / 3600) + "小时"
    if isinstance(value, int | float):
        return _number_text(value, cell.number_format or "", place)
    text = tidy(str(value)).strip()
    refuse_formula_error(text, place)
    return text


def _number_text(value: float, number_format: str, place: str) -> str:
    # Excel keeps 15 significant digits; more of a float is noise.
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    if not number.is_finite() or abs(number) >= Decimal(10) ** 16:
        raise FactError("数值大得不像真的", place=place, remedy="请核对这一格")
    bare = _LITERAL.sub("", number_format.split(";")[0])
    if "%" in bare:
        return f"{_plain(number * 100)}%"
    # 0"人次" shows the unit; formats that also scale (0!.0,"万") show another number than the cell holds.
    unit = "".join(m[1] or m[2] or "" for m in _LITERAL.finditer(number_format.split(";")[0])).strip()
    return _plain(number) + (unit if _PLAIN_FORMAT.fullmatch(bare.strip()) else "")


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
