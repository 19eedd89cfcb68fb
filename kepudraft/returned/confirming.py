"""The table in which a person confirms last year's values: an Excel file written with proposals, read back with answers.

One row a proposal; only a row whose 确认 says yes counts. A row names its fact by its words as well as its number, so that
an answer given for other facts is never used.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kepudraft.errors import FactError
from kepudraft.export.lines import printable
from kepudraft.facts.archive import check_zip
from kepudraft.facts.last_year import checked
from kepudraft.facts.material import MAX_ITEMS, tidy
from kepudraft.facts.sheet import FactSheet
from kepudraft.returned.last_year import Proposal

HEADINGS = ("编号", "今年的事实", "今年数", "上年数（建议）", "确认（是/否）", "改为", "上年总结里的原句", "在第几段", "说明")
_WIDTHS = (7, 40, 14, 16, 12, 14, 60, 9, 34)
_YES = frozenset({"是", "对", "确认", "√", "y", "yes", "1"})
_NO = frozenset({"", "否", "不", "不对", "×", "x", "n", "no", "0"})
_GUIDE = "请逐行对照原句：建议的上年数对，在“确认”栏填“是”；不对，把正确的写在“改为”栏再填“是”；拿不准就留空，不会采用。"
_HEAD_ROW = 2


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A row that a person said yes to."""

    fact_id: str
    fact_text: str
    value: str
    place: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What the table says: the rows confirmed, and how many are not."""

    file: str
    confirmed: tuple[Confirmed, ...]
    open: int


def table(found: Sequence[Proposal]) -> bytes:
    """The table as the bytes of an .xlsx file, nothing confirmed."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet = book.active
    sheet.title = "上年数确认"
    sheet.append([_GUIDE])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(HEADINGS))
    sheet.append(HEADINGS)
    for p in found:
        note = f"另有{'、'.join(p.others)}也像，请选一个" if p.others else ""
        sheet.append([printable(str(v)) for v in (p.fact.id, p.fact.text, p.now, p.value, "", "", p.sentence, p.line, note)])
    for row in sheet.iter_rows(min_row=1):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a fact that begins with = is no formula
    for cell in sheet[_HEAD_ROW]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE8F0")
    for column, width in zip("ABCDEFGHI", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.row_dimensions[1].height = 34
    sheet.freeze_panes = sheet.cell(_HEAD_ROW + 1, 1)
    choice = DataValidation(type="list", formula1='"是,否"', allow_blank=True, showErrorMessage=True, error="请填“是”或“否”")
    choice.add(f"E{_HEAD_ROW + 1}:E{_HEAD_ROW + max(1, len(found))}")
    sheet.add_data_validation(choice)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def read_answers(path: Path) -> Answers:
    """The answers of a table that came back.

    Raises:
        FactError: It is no such table, or a cell says neither yes nor no.
    """
    if not path.is_file():
        raise FactError("找不到文件", place=str(path)[:80], remedy="请检查路径")
    rows = list(_rows(path))
    head = next((n for n, row in enumerate(rows[:10]) if row[1][: len(HEADINGS) - 1] == HEADINGS[:-1]), None)
    if head is None:
        raise FactError(
            "不是上年数确认表", place=path.name,
            remedy="请用 kepudraft facts 事实文件 --last-year 上年总结 -o 上年数.xlsx 写出确认表；上年总结请用 docx、txt 或 md",
        )
    confirmed, waiting = [], 0
    for number, cells in rows[head + 1 :]:
        fact_id, fact, _, proposed, answer, instead = cells[:6]
        if not fact:
            continue
        place = f"{path.name} 第{number}行"
        if answer.lower() in _YES:
            confirmed.append(Confirmed(fact_id, fact, instead or proposed, place))
        elif answer.lower() in _NO:
            waiting += not answer
        else:
            raise FactError(f"“确认”栏写的是“{answer[:10]}”", place=place, remedy="请填“是”或“否”")
    return Answers(path.name, tuple(confirmed), waiting)


def with_confirmed(sheet: FactSheet, answers: Answers) -> FactSheet:
    """The sheet with the confirmed values of last year, and remarks on what was used and what was not."""
    facts = {f.id: f for f in sheet.facts}
    remarks: list[str] = []
    used = 0
    for row in answers.confirmed:
        fact = facts.get(row.fact_id)
        if fact is None or _bare(fact.text) != _bare(row.fact_text):
            fact = next((f for f in facts.values() if _bare(f.text) == _bare(row.fact_text)), None)
        if fact is None:
            remarks.append(f"{row.place}：今年的事实里已经没有“{row.fact_text[:24]}”，这个上年数没有采用")
            continue
        joined = row.value if not fact.last or _bare(row.value) in _bare(fact.last).split("、") else f"{fact.last}、{row.value}"
        told = checked(replace(fact, last=joined))
        if not told.fact.last:
            remarks.append(f"{row.place}：上年数“{row.value[:20]}”用不上（{told.remark.split('：', 1)[-1]}）")
            continue
        facts[fact.id] = told.fact
        used += 1
    remarks.insert(0, f"上年数按{answers.file}采用了{used}个已确认的" + (f"，还有{answers.open}个没有确认，没有采用" if answers.open else ""))
    return replace(sheet, facts=tuple(facts[f.id] for f in sheet.facts), remarks=(*sheet.remarks, *remarks))


def _rows(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    from openpyxl import load_workbook

    check_zip(path, path.name)
    try:
        with warnings.catch_warnings(), path.open("rb") as opened:
            warnings.simplefilter("ignore")
            sheet = load_workbook(opened, data_only=True).worksheets[0]
            for number, row in enumerate(sheet.iter_rows(max_row=MAX_ITEMS, max_col=len(HEADINGS), values_only=True), 1):
                cells = tuple(tidy("" if value is None else str(value)).strip() for value in row)
                yield number, cells + ("",) * (len(HEADINGS) - len(cells))
    except Exception as error:  # openpyxl raises whatever its parsers raise on a damaged file
        raise FactError("打不开这个 Excel 文件", place=path.name, remedy="请用 Excel 打开后另存为 .xlsx") from error


def _bare(text: str) -> str:
    return "".join(printable(text).split())
