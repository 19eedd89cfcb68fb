"""CSV, Excel and Word tables -> rows; bounded, and strict where a cell's meaning is in doubt."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from kepudraft.errors import FactError
from kepudraft.facts.lines import gather
from kepudraft.facts.material import MAX_ITEMS, Material, RawLine, RawRecord
from kepudraft.facts.vocabulary import bare, vocabulary

_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_RATIO = 200
_MAX_COLUMNS = 60
_FORMULA_ERRORS = ("#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
_UNIT_IN_NAME = re.compile(r"[（(]\s*(?:单位[：:])?\s*([^（()）\d]{1,6})\s*[)）]\s*$")
OWN_SHEETS = ("示例", "填写说明")
"""Sheets that the intake form brings along; they hold no facts of the unit."""
_EXAMPLE_SHEET = re.compile("示例|样例|填写说明|说明$")

Row = tuple[str, Sequence[str], Sequence[str]]
"""A row's place, its cells as text, and the place of every cell."""


def read_csv(text: str, file: str) -> Material:
    """Rows of a CSV or TSV text; the delimiter is the most frequent of comma, tab and semicolon in its first lines."""
    head = text[:4000]
    delimiter = max(",\t;，", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text.replace("，", ",") if delimiter == "，" else text),
                               delimiter="," if delimiter == "，" else delimiter, strict=True))
    except csv.Error as error:
        raise FactError(f"表格读不通（{error}）", place=file, remedy="请检查引号是否成对，或另存为 .xlsx") from error
    named = ((f"第{n}行", [c.strip() for c in row], [f"第{n}行第{i}列" for i in range(1, len(row) + 1)])
             for n, row in enumerate(rows, 1))
    return _material(list(named), file)


def read_xlsx(path: Path, file: str) -> Material:
    """Rows of every visible sheet that is no example sheet.

    Raises:
        FactError: Not an .xlsx, a zip bomb, a formula error, a merged value cell, a hidden row with data.
    """
    from openpyxl import load_workbook

    check_zip(path, file)
    try:
        book = load_workbook(path, data_only=True)
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged file
        raise FactError("打不开这个 Excel 文件", place=file, remedy="请用 Excel 打开后另存为 .xlsx") from error
    items: list[RawLine | RawRecord] = []
    fields: dict[str, str] = {}
    remarks: list[str] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible" or _EXAMPLE_SHEET.search(sheet.title):
            if sheet.title not in OWN_SHEETS:
                remarks.append(f"工作表“{sheet.title}”是隐藏表、示例或说明，没有读取")
            continue
        found = _material(list(_sheet_rows(sheet, file)), file)
        items += found.items
        remarks += found.remarks
        fields = {**found.fields, **fields}
    return Material(file, tuple(items), fields, tuple(remarks))


def read_docx(path: Path, file: str) -> Material:
    """Paragraphs and tables of a Word file, in their order."""
    from docx import Document
    from docx.table import Table

    check_zip(path, file)
    try:
        document = Document(str(path))
        blocks = list(document.iter_inner_content())
    except Exception as error:  # python-docx raises whatever zipfile and lxml raise on a damaged file
        raise FactError("打不开这个 Word 文件", place=file, remedy="请用 Word 打开后另存为 .docx") from error
    items: list[RawLine | RawRecord] = []
    fields: dict[str, str] = {}
    paragraphs: list[tuple[str, str]] = []

    def flush() -> None:
        found = gather(paragraphs, file)
        items.extend(found.items)
        fields.update({k: v for k, v in found.fields.items() if k not in fields})
        paragraphs.clear()

    n_table = 0
    for n, block in enumerate(blocks, 1):
        if not isinstance(block, Table):
            paragraphs += [(f"第{n}段", line) for line in block.text.splitlines()]
            continue
        flush()
        n_table += 1
        found = _material(list(_word_rows(block, n_table)), file)
        items += found.items
        fields = {**found.fields, **fields}
    flush()
    return Material(file, tuple(items), fields)


def check_zip(path: Path, file: str) -> None:
    """Refuse what is no Office file and what would unpack beyond all measure.

    Raises:
        FactError: It is no zip archive, or a zip bomb.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise FactError("不是有效的 Office 文件", place=file, remedy="旧的 .xls、.doc 请另存为 .xlsx、.docx") from error
    unpacked = sum(i.file_size for i in infos)
    packed = max(1, sum(i.compress_size for i in infos))
    if unpacked > _MAX_UNPACKED or (unpacked > 10_000_000 and unpacked / packed > _MAX_RATIO):
        raise FactError(
            f"解压后有{unpacked // 1_000_000}兆字节，超出正常大小，没有打开", place=file, remedy="请只保留数据表，另存后重试"
        )


def _sheet_rows(sheet: Any, file: str) -> Iterator[Row]:  # noqa: ANN401 - openpyxl is untyped
    merged = {}
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                merged[row, column] = area
    for n, row in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), 1):
        if n > MAX_ITEMS:
            raise FactError(f"工作表“{sheet.title}”超过{MAX_ITEMS}行", place=file, remedy="请只保留本单位本年度的数据行")
        cells, places = [], []
        for cell in row:
            place = f"{sheet.title}!{cell.coordinate}"
            text = _cell_text(cell.value, getattr(cell, "number_format", ""), f"{file} {place}")
            area = merged.get((cell.row, cell.column))
            if area is not None and not text and area.min_col == area.max_col:
                # A value spread over several rows belongs to none of them for sure; a label does to each.
                text = _merged_text(sheet, area, file)
            cells.append(text)
            places.append(place)
        while cells and not cells[-1]:
            cells.pop()
        if cells and sheet.row_dimensions[n].hidden:
            raise FactError(
                f"第{n}行被隐藏，不知道要不要用", place=f"{file} {sheet.title}", remedy="请取消隐藏，或删除这一行"
            )
        yield f"{sheet.title}!第{n}行", cells, places


def _merged_text(sheet: Any, area: Any, file: str) -> str:  # noqa: ANN401
    first = sheet.cell(area.min_row, area.min_col).value
    if isinstance(first, (int, float)):
        raise FactError(
            f"合并单元格里的数值{first}不知道属于哪一行", place=f"{file} {sheet.title}!{area.coord}", remedy="请取消合并，逐行填写"
        )
    return "" if first is None else str(first).strip()


def _cell_text(value: object, number_format: str, place: str) -> str:
    """What a cell shows: a percentage with its sign, a date in Chinese, a number without float noise."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, time):
        return f"{value.hour}:{value.minute:02d}"
    if isinstance(value, int | float):
        # Excel keeps 15 significant digits; more of a float is noise.
        number = Decimal(f"{value:.15g}")
        if "%" in number_format:
            return f"{_plain(number * 100)}%"
        return _plain(number)
    text = str(value).strip()
    if text.upper() in _FORMULA_ERRORS:
        raise FactError(f"公式出错（{text}）", place=place, remedy="请改正公式，或直接填写数值")
    return text


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _word_rows(table: Any, n_table: int) -> Iterator[Row]:  # noqa: ANN401 - python-docx cells are loosely typed
    for n, row in enumerate(table.rows, 1):
        if n > MAX_ITEMS:
            raise FactError(f"第{n_table}个表超过{MAX_ITEMS}行", place="", remedy="请只保留本单位本年度的数据行")
        cells: list[str] = []
        seen: list[object] = []
        for cell in row.cells[:_MAX_COLUMNS]:
            if any(cell._tc is other for other in seen):  # a cell merged across columns is listed once a column
                continue
            seen.append(cell._tc)
            cells.append(" ".join(cell.text.split()))
        place = f"表{n_table}第{n}行"
        yield place, cells, [f"{place}第{i}格" for i in range(1, len(cells) + 1)]


def _material(rows: list[Row], file: str) -> Material:
    """Rows -> records by the heading row; before it, and where there is none, by shape."""
    if len(rows) > MAX_ITEMS:
        raise FactError(f"超过{MAX_ITEMS}行", place=file, remedy="请只保留本单位本年度的数据行")
    items: list[RawLine | RawRecord] = []
    fields: dict[str, str] = {}
    remarks: list[str] = []
    columns: dict[str, int] = {}
    for place, cells, places in rows:
        filled = [c for c in cells if c]
        if not filled:
            continue
        heads = {key: i for i, c in reversed(list(enumerate(cells))) if (key := vocabulary().column(c))}
        if "name" in heads and "value" in heads:
            columns = heads | _unknown_last(cells, heads)
        elif columns:
            records = _record(cells, places, columns, place)
            if records and (key := vocabulary().fields.get(bare(records[0].name).lower(), "")) and key != "facts":
                fields.setdefault(key, records[0].value)  # «单位,云岭县科技馆» as a row of the table
            else:
                items += records
        elif len(filled) == 1 and bare(filled[0]).lower() in vocabulary().fields:
            continue  # a field left blank
        elif len(filled) == 1 or not _two_columns(filled):
            found = gather([(place, "：".join(filled) if len(filled) == 2 else " ".join(filled))], file)
            items += found.items
            fields = {**found.fields, **fields}
            remarks += found.remarks
        elif key := vocabulary().fields.get(bare(filled[0]).lower(), ""):
            fields.setdefault(key, filled[1])
        else:
            items.append(RawRecord(filled[0], filled[1], place, *filled[2:3]))
    return Material(file, tuple(items), fields, tuple(remarks))


def _two_columns(filled: list[str]) -> bool:
    """True for «指标 数值 [单位]» without a heading row."""
    return len(filled) in (2, 3) and (bool(re.search(r"\d", filled[1])) or bare(filled[0]).lower() in vocabulary().fields)


def _unknown_last(cells: Sequence[str], heads: dict[str, int]) -> dict[str, int]:
    """A heading such as 2024年 beside 2025年 is the year before: the smaller year is last year's column."""
    years = {i: int(m[1]) for i, c in enumerate(cells) if (m := re.match(r"^(20\d\d)年", c))}
    if len(years) != 2:
        return {}
    low, high = sorted(years, key=lambda i: years[i])
    return {"value": high, "last": low} if "value" not in heads or heads["value"] in years else {"last": low}


def _record(cells: Sequence[str], places: Sequence[str], columns: dict[str, int], place: str) -> list[RawRecord]:
    def cell(key: str) -> str:
        i = columns.get(key, -1)
        return cells[i] if 0 <= i < len(cells) else ""

    name, value = cell("name"), cell("value")
    if not value:
        return []  # an indicator left empty is no fact
    if not name:
        raise FactError(f"数值“{value[:20]}”前面没有指标名", place=places[columns["value"]], remedy="请在同一行填写指标名")
    unit = cell("unit")
    if not unit and (found := _UNIT_IN_NAME.search(name)):
        unit, name = found[1], name[: found.start()]
    note = "；".join(filter(None, (cell("basis"), cell("note"))))
    at = places[columns["value"]] if "!" in places[0] else place
    return [RawRecord(name, value, at, unit, cell("last"), note)]
