"""What `kepudraft batch` is given -> its units, one after another, in constant memory.

A folder of fact files; an .xlsx with a sheet a unit, or a table (.xlsx, .csv) with a row a unit; JSON lines, also from
standard input. What can't be used is a unit with its error: it never stops the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from kepudraft.batch.given import GivenUnit, of_file, of_json, refused
from kepudraft.batch.tables import csv_units, xlsx_units
from kepudraft.errors import FactError, InputError, os_reason
from kepudraft.facts.material import MAX_BYTES
from kepudraft.facts.read import FORMATS
from kepudraft.facts.vocabulary import bare, vocabulary

_NEARLY = (".xls", ".et", ".doc", ".wps", ".pdf")
"""Files that hold facts but that nobody can read here: listed with the remedy instead of passed over."""
_LINES = (".jsonl", ".ndjson")

Notify = Callable[[str], None]


def given_units(source: str, *, stdin: BinaryIO | None = None, notify: Notify = lambda _: None) -> Iterator[GivenUnit]:
    """The units of an input, in its order.

    Args:
        source: A folder, an .xlsx, .csv, .tsv or .jsonl file, or "-" for JSON lines from standard input.
        stdin: What "-" reads.
        notify: Told what is passed over, a Chinese sentence each.

    Raises:
        InputError: There is no such input, or it is of no kind that can hold units.
    """
    if source == "-":
        if stdin is None:
            raise InputError("没有内容可读", place="标准输入", remedy="请给出文件或文件夹")
        return _json_lines(stdin, "标准输入")
    path = Path(source)
    suffix = path.suffix.lower()
    if path.is_dir():
        return _folder(path, notify)
    if not path.is_file():
        raise InputError("找不到这个文件或文件夹", place=source, remedy="请检查路径")
    if suffix in _LINES:
        return _json_file(path)
    if suffix in (".csv", ".tsv"):
        return csv_units(path)
    if suffix in (".xlsx", ".xlsm"):
        return xlsx_units(path, notify)
    raise InputError(
        f"不能成批读取 {suffix or '没有后缀的'} 文件", place=source,
        remedy="可用：事实文件所在的文件夹、每行或每表一个单位的 .xlsx、每行一个单位的 .csv、.jsonl；单个单位请用 kepudraft draft",
    )


def _folder(folder: Path, notify: Notify) -> Iterator[GivenUnit]:
    try:
        found = sorted(p for p in folder.iterdir() if not p.name.startswith((".", "~$")))
    except OSError as error:
        raise InputError(f"读不了文件夹（{os_reason(error)}）", place=str(folder), remedy="请检查权限") from error
    passed = [p.name for p in found if p.is_dir() or p.suffix.lower() not in (*FORMATS, *_NEARLY)]
    if passed:
        shown = "、".join(passed[:5]) + ("等" if len(passed) > 5 else "")
        notify(f"文件夹里有{len(passed)}项不是事实文件，没有读取：{shown}")
    units = [p for p in found if p.is_file() and p.suffix.lower() in (*FORMATS, *_NEARLY)]
    if not units:
        raise InputError("文件夹里没有事实文件", place=str(folder), remedy=f"请放入事实文件（{' '.join(FORMATS)}），每个单位一个")
    return (of_file(p) for p in units)


def _json_file(path: Path) -> Iterator[GivenUnit]:
    try:
        with path.open("rb") as file:
            yield from _json_lines(file, path.name)
    except OSError as error:
        raise InputError(f"读不了文件（{os_reason(error)}）", place=str(path), remedy="请检查文件权限") from error


def _json_lines(file: BinaryIO, name: str) -> Iterator[GivenUnit]:
    n = 0
    while line := file.readline(MAX_BYTES + 1):
        n += 1
        if n == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) > MAX_BYTES:
            yield refused(f"第{n}行", FactError("这一行太长", place=f"{name} 第{n}行", remedy="请只保留本单位本年度的事实"))
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_BYTES)
        elif line.strip():
            yield _json_unit(line, name, n)


def _json_unit(line: bytes, name: str, n: int) -> GivenUnit:
    place = f"{name} 第{n}行"
    try:
        text = line.decode("utf-8").strip()
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        remedy = '请每行写一个单位：{"unit": "…", "year": 2025, "facts": ["…"]}，UTF-8 编码'
        what = "不是 UTF-8 文字" if isinstance(error, UnicodeDecodeError) else "不是一个完整的 JSON"
        return refused(f"第{n}行", FactError(what, place=place, remedy=remedy))
    told = {vocabulary().fields.get(bare(str(k)).lower(), ""): v for k, v in data.items()} if isinstance(data, dict) else {}
    unit, kind = (str(told.get(key) or "").strip() for key in ("unit", "unit_type"))
    # The place is not content: a line that has moved is the same unit.
    return of_json(text, unit or f"第{n}行", place=name, unit_type=kind or _type_of(unit))


def _type_of(unit: str) -> str:
    kind = vocabulary().type_of(unit)
    return kind.value if kind else ""
