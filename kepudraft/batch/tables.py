"""Tables with a unit a row, and workbooks with a unit a sheet -> units.

A row's figures are the records «column: cell». A heading may bear the unit of measure (讲座（场）) and say that it is last year's
(上年讲座, 讲座（上年）). Places name the unit and the column, not the row: a row that has moved is the same content.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from kepudraft.batch.given import GivenUnit, of_material, refused
from kepudraft.errors import FactError, InputError, os_reason
from kepudraft.facts.archive import check_zip
from kepudraft.facts.book import EXAMPLE_SHEET, cell_text, read_sheets
from kepudraft.facts.lines import is_measure
from kepudraft.facts.material import MAX_BYTES, Material, RawLine, RawRecord, decode, tidy
from kepudraft.facts.vocabulary import bare, vocabulary

_LAST = re.compile(r"^(?:上年度?|去年|上一年度?)(?:同期|数|值)?(?:的)?|[（(]?(?:上年度?|去年|上一年度?)(?:同期|数|值)?[)）]?$")
_MEASURED = re.compile(r"[（(]\s*(?:单位[：:])?\s*([^（()）\d]{1,6})\s*[)）]")
_HEAD_ROWS = 10  # rows within which the heading must stand; titles stand above it
_MAX_COLUMNS = 500
_ITEMS = re.compile(r"[\n；;]+")
_HIDDEN = re.compile(rb"<(?:\w+:)?(?:row|col)\b[^>]*\shidden=\"(?:1|true)\"")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s+ref=\"[A-Z]+(\d+):[A-Z]+(\d+)\"")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


@dataclass(frozen=True, slots=True)
class _Column:
    """What one column holds: a field of the whole sheet, an indicator, or last year's value of one."""

    field: str = ""
    name: str = ""
    unit: str = ""
    last: bool = False


def csv_units(path: Path) -> Iterator[GivenUnit]:
    """The units of a table in text form, a row each.

    Raises:
        InputError: No heading names a column of units.
    """
    encoding = _encoding(path)
    try:
        with path.open("rb") as raw, TextIOWrapper(raw, encoding=encoding, newline="") as text:
            sample = text.read(8000)
            text.seek(0)
            delimiter = max(",\t;，|", key=lambda d: max((line.count(d) for line in sample.splitlines()[:_HEAD_ROWS]), default=0))
            rows = csv.reader(text, delimiter=delimiter, strict=True)
            yield from _of_rows((tuple(tidy(c).strip() for c in row) for row in rows), path.name)
    except csv.Error as error:
        raise InputError("读不通，引号不成对", place=path.name, remedy="请检查引号，或另存为 .xlsx") from error
    except (UnicodeDecodeError, OSError) as error:
        raise InputError("读到一半出错，文件可能已损坏", place=path.name, remedy="请另存为 UTF-8 编码后重试") from error


def xlsx_units(path: Path, notify: Any) -> Iterator[GivenUnit]:  # noqa: ANN401
    """The units of a workbook: a row each where a heading names a column of units, else a sheet each.

    Raises:
        InputError: It cannot be opened, or holds hidden or merged rows of units.
    """
    file = path.name
    check_zip(path, file)
    head = _has_unit_rows(path)
    if head is None:
        yield from _of_sheets(path, notify)
        return
    title, n_head = head
    _refuse_doubtful(path, title, n_head)
    book, formulas = _open(path, values=True), _open(path, values=False) if _part_of(path, title, _FORMULA) else None
    try:
        rows = _sheet_rows(book[title], formulas[title] if formulas else None, file)
        yield from _of_rows(rows, file)
    finally:
        for opened in (book, formulas):
            if opened is not None:
                opened.close()


def _encoding(path: Path) -> str:
    """UTF-8, UTF-16 or GB18030, told by reading on until one fails: the file is not held in memory."""
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        for name in ("utf-8-sig", "gb18030"):
            try:
                with path.open("r", encoding=name, newline="") as text:
                    while text.read(1 << 16):
                        pass
            except UnicodeDecodeError:
                continue
            return name
        if path.stat().st_size <= MAX_BYTES:
            return decode(path.read_bytes(), path.name)[1]
    except OSError as error:
        raise InputError(f"读不了文件（{os_reason(error)}）", place=path.name, remedy="请检查文件权限") from error
    raise InputError("不是能识别的文本文件", place=path.name, remedy="请另存为 UTF-8 编码的 CSV，或改用 .xlsx")


def _of_rows(rows: Iterator[Sequence[str]], file: str) -> Iterator[GivenUnit]:
    columns: list[_Column] = []
    for n, cells in enumerate(rows, 1):
        if not columns:
            columns = _columns(cells)
            if not columns and n >= _HEAD_ROWS:
                break
        elif any(cells):
            yield _unit(cells, columns, file, n)
    if not columns:
        raise InputError(
            "前十行里没有找到“单位名称”一列", place=file,
            remedy="请在表头写“单位名称”，其余每列一个指标，如“科普讲座（场）”；单个单位的表请用 kepudraft draft",
        )


def _columns(cells: Sequence[str]) -> list[_Column]:
    """The columns of a heading row; [] for any other row, and for the heading of one unit's own table."""
    fields = [vocabulary().fields.get(bare(c).lower(), "") for c in cells]
    names_value = any(vocabulary().column(c) == "name" for c in cells if bare(c) in ("指标", "指标名称"))
    if "unit" not in fields or names_value or sum(bool(c) for c in cells) < 2:
        return []
    return [_column(c, f) for c, f in zip(cells, fields, strict=True)]


def _column(heading: str, field: str) -> _Column:
    if field in ("unit", "unit_type", "year", "date"):
        return _Column(field=field)
    text = heading.replace("\n", "").strip()
    if not text or vocabulary().column(text) == "ignore" or field == "ignore":
        return _Column()
    measured = next((m for m in _MEASURED.finditer(text) if is_measure(m[1])), None)
    name = text[: measured.start()] + text[measured.end() :] if measured else text
    stem = _LAST.sub("", name).strip(" -—_·")
    last = bool(stem) and stem != name.strip()
    return _Column(name=stem if last else name.strip(), unit=measured[1].strip() if measured else "", last=last)


def _unit(cells: Sequence[str], columns: list[_Column], file: str, n: int) -> GivenUnit:
    pairs = [(column, cell.strip()) for column, cell in zip(columns, cells, strict=False) if cell.strip()]
    fields = {c.field: text for c, text in pairs if c.field}
    name = fields.get("unit", "")
    place = f"{file} 第{n}行"
    if not name:
        return refused(f"第{n}行", FactError("没有写单位名称", place=place, remedy="请填写单位名称，或删除这一行"))
    if any(cells[len(columns):]):
        return refused(name, FactError(
            f"有{len(cells)}列，表头只有{len(columns)}列", place=place, remedy="数值里如有逗号（386,000），请去掉逗号或给这一格加引号"
        ))
    last = {c.name: text for c, text in pairs if c.last}
    items: list[RawLine | RawRecord] = []
    for column, text in pairs:
        if column.name and not column.last:
            items += _records(column, text, last.get(column.name, ""), f"“{name}”行“{column.name}”列")
    kind = fields.get("unit_type", "") or str(vocabulary().type_of(name) or "")
    return of_material(Material(file, tuple(items), fields), name, place=place, unit_type=kind)


def _records(column: _Column, text: str, last: str, place: str) -> list[RawLine | RawRecord]:
    """One record, or one for each line of a cell of text (问题, 明年计划)."""
    if re.fullmatch(r"[约近]?[\d,.]+%?[万亿]?[余多]?", text) or column.unit:
        return [RawRecord(column.name, text.replace(",", ""), place, column.unit, last)]
    return [RawRecord(column.name, part.strip(), place, "", last) for part in _ITEMS.split(text) if part.strip()]


def _of_sheets(path: Path, notify: Any) -> Iterator[GivenUnit]:  # noqa: ANN401
    """A unit a sheet; a sheet that cannot be used is a unit with its error."""
    for title, material in read_sheets(path, path.name, notify):
        if isinstance(material, FactError):
            yield refused(title, material)
        elif material.items:
            named = material.fields.get("unit", "").strip()
            if not named:
                material.fields["unit"] = named = title
            kind = material.fields.get("unit_type", "") or str(vocabulary().type_of(named) or "")
            yield of_material(material, named, place=f"{path.name} {title}", unit_type=kind)


def _has_unit_rows(path: Path) -> tuple[str, int] | None:
    """The sheet with a heading over rows of units, and the heading's row; None where no sheet has one."""
    book = _open(path, values=True)
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible" or EXAMPLE_SHEET.search(sheet.title):
                continue
            for n, row in enumerate(sheet.iter_rows(max_row=_HEAD_ROWS, max_col=_MAX_COLUMNS, values_only=True), 1):
                cells = [tidy(str(c)).strip() if c is not None else "" for c in row]
                while cells and not cells[-1]:
                    cells.pop()
                if len(columns := _columns(cells)) >= 2 and sum(bool(c.name) for c in columns) >= 2:
                    return sheet.title, n
        return None
    finally:
        book.close()


def _open(path: Path, *, values: bool) -> Any:  # noqa: ANN401 - openpyxl is untyped
    import warnings

    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(path, read_only=True, data_only=values)
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged file
        raise InputError("打不开这个 Excel 文件", place=path.name, remedy="请用 Excel 打开后另存为 .xlsx") from error


def _sheet_rows(sheet: Any, formulas: Any, file: str) -> Iterator[Sequence[str]]:  # noqa: ANN401
    """Cells as text; a formula without its result becomes «#N/A», which reading the facts refuses with the place."""
    sheet.reset_dimensions()  # some programs write a wrong extent
    beside = iter(()) if formulas is None else formulas.iter_rows(max_col=_MAX_COLUMNS)
    if formulas is not None:
        formulas.reset_dimensions()
        beside = formulas.iter_rows(max_col=_MAX_COLUMNS)
    try:
        for row in sheet.iter_rows(max_col=_MAX_COLUMNS):
            typed = next(beside, ())
            cells = [_shown(cell, typed[i] if i < len(typed) else None, file) for i, cell in enumerate(row)]
            while cells and not cells[-1]:
                cells.pop()
            yield tuple(cells)
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError, SyntaxError) as error:
        raise InputError("读到一半出错，文件已损坏", place=file, remedy="请用 Excel 打开后另存为 .xlsx") from error


def _shown(cell: Any, typed: Any, file: str) -> str:  # noqa: ANN401
    if cell.value is None and typed is not None and typed.data_type == "f":
        return "#N/A"
    try:
        return cell_text(cell, file)
    except FactError:
        return str(cell.value)  # an error value or a number beyond measure: reading the facts refuses it with its place


def _part_of(path: Path, title: str, pattern: re.Pattern[bytes]) -> list[tuple[bytes, ...]]:
    """What a pattern finds in a sheet's markup."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    try:
        part = book[title]._worksheet_path.lstrip("/")
    finally:
        book.close()
    with zipfile.ZipFile(path) as archive:
        return pattern.findall(archive.read(part))


def _refuse_doubtful(path: Path, title: str, n_head: int) -> None:
    place = f"{path.name} {title}"
    if _part_of(path, title, _HIDDEN):
        raise InputError("有隐藏的行或列，不知道要不要用", place=place, remedy="请取消隐藏，或删除它们")
    for _, last in _part_of(path, title, _MERGED):
        if int(last) > n_head:
            raise InputError("单位所在的行里有合并单元格，不知道属于哪个单位", place=place, remedy="请取消合并，逐行填写")
