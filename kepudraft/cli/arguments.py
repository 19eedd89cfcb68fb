"""Arguments that several commands share."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from kepudraft.genre import UnitType

if TYPE_CHECKING:
    # Loaded where facts are read: the help must not wait for it.
    from kepudraft.facts.sheet import FactSheet

Facts = Annotated[str, typer.Argument(metavar="事实文件", help="事实文件（yaml json csv xlsx docx txt md），“-”为标准输入")]
Unit = Annotated[str | None, typer.Option("--unit", metavar="名称", help="单位名称，文件里没有时给出")]
Type = Annotated[UnitType | None, typer.Option("--unit-type", metavar="类型", help="单位类型：" + " ".join(UnitType))]
Year = Annotated[int | None, typer.Option("--year", metavar="年", min=1990, max=2100, help="总结的年度，如 2025")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")]


def sheet_from(facts: str, unit: str | None, unit_type: UnitType | None, year: int | None, date: str | None) -> FactSheet:
    """The sheet of a file or of standard input.

    Args:
        facts: Path, or "-".
        unit: Wins over the file's.
        unit_type: Wins over the file's.
        year: Wins over the file's.
        date: Date of signature; "none" for none, None for the file's or else today's.
    """
    from kepudraft.facts.read import Heading, parse_date, read_facts, read_facts_from_bytes

    day = None if date in (None, "none") else parse_date(date or "", "--date")
    heading = Heading(unit, unit_type, year, day)
    from_stdin = facts == "-"
    sheet = read_facts_from_bytes(sys.stdin.buffer.read(), heading=heading) if from_stdin else read_facts(facts, heading)
    if sheet.date or date is not None:
        return sheet
    return replace(sheet, date=today(), remarks=(*sheet.remarks, "成文日期没有给出，按今天填写；可用 --date 改"))


def today() -> tuple[int, int, int]:
    """Year, month and day by this machine's clock."""
    from datetime import date

    now = date.today()
    return now.year, now.month, now.day
