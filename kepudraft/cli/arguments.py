"""Arguments that several commands share."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from kepudraft.errors import InputError
from kepudraft.genre import UnitType

if TYPE_CHECKING:
    # Loaded where facts are read: the help must not wait for it.
    from kepudraft.facts.sheet import FactSheet

MAX_INPUT = 20 * 1024 * 1024
"""Bytes that are read from standard input at most."""

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
    heading = Heading(_readable(unit), unit_type, year, day)
    sheet = read_facts_from_bytes(standard_input(), heading=heading) if facts == "-" else read_facts(facts, heading)
    if sheet.date or date is not None:
        return sheet
    return replace(sheet, date=today(), remarks=(*sheet.remarks, "成文日期没有给出，按今天填写；可用 --date 改"))


def _readable(unit: str | None) -> str | None:
    """The name as UTF-8, which a shell without a Chinese locale hands over as loose bytes."""
    try:
        return None if unit is None else unit.encode(errors="surrogateescape").decode()
    except UnicodeError as error:
        raise InputError("单位名称里有读不出的字符", place="--unit", remedy="请重新输入，或写在事实文件里") from error


def standard_input() -> bytes:
    """What stands at standard input, one byte more than may be read at most.

    Raises:
        InputError: There is none, as under a scheduler.
    """
    if sys.stdin is None:
        raise InputError("没有内容可读", place="标准输入", remedy="请给出文件名")
    if sys.stdin.isatty():
        print("请输入内容，写完另起一行按 Ctrl-D（Windows 上按 Ctrl-Z 再回车）：", file=sys.stderr)
    return sys.stdin.buffer.read(MAX_INPUT + 1)


def today() -> tuple[int, int, int]:
    """Year, month and day by this machine's clock."""
    from datetime import date

    now = date.today()
    return now.year, now.month, now.day
