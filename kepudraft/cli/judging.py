"""`kepudraft scan` and `kepudraft check`: one text shown or as JSON, or a stream of JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from kepudraft.cli import returning
from kepudraft.cli.arguments import MAX_INPUT, Json, Type, Unit, Year, sheet_from, standard_input
from kepudraft.cli.earlier import LastYear, read_last_years, taken_over, with_last_year
from kepudraft.errors import DraftTextError, InputError, KepudraftError

Lines = Annotated[bool, typer.Option("--jsonl", help="逐行读 JSON、逐行写 JSON，供程序批量使用")]
Text = Annotated[str, typer.Argument(metavar="文稿", help="文稿（txt md docx），“-”为标准输入")]


def scan(text: Text, as_json: Json = False, lines: Lines = False) -> int:
    """Show the figures of a text."""
    from kepudraft.cli import views

    if lines:
        return _stream(text, _scanned)
    body = _read(text)
    if as_json:
        views.write_json(_scanned({"text": body}))
    else:
        views.print_scan(body)
    return 0


def check(
    text: Text, more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None, *,
    facts: Annotated[str | None, typer.Option("--facts", metavar="事实文件", help="事实文件，“-”为标准输入")] = None,
    unit: Unit = None, unit_type: Type = None, year: Year = None, html: returning.Html = None, comments: returning.Comments = None,
    against: returning.Against = None, last_year: LastYear = None, as_json: Json = False, lines: Lines = False,
) -> int:
    """Judge every figure of a text, and its form; tell what changed since it was exported."""
    from kepudraft.cli import views
    from kepudraft.verify.review import review

    if more:
        raise InputError(f"多余的参数“{more[0]}”", remedy="事实文件请写在 --facts 后面")
    if lines:
        return _stream(text, _checked)
    if facts is None:
        raise InputError("没有给出事实", place="check", remedy="请用 --facts 事实文件")
    if facts == "-" and text == "-":
        raise InputError("文稿和事实不能都从标准输入读", place="check", remedy="请把其中一个存成文件")
    returning.refuse_targets(text, facts, html, comments)
    body, given = _read(text), read_last_years(last_year)
    sheet = with_last_year(sheet_from(facts, unit, unit_type, year, "none"), given)
    report = review(body, sheet)
    report = replace(report, form=tuple(dict.fromkeys((*report.form, *taken_over(body, sheet, given)))))
    back = returning.came_back(text, body, sheet, report, against)
    written = returning.write_back(back, html, comments)
    if as_json:
        views.write_json({**views.report_record(report), "changes": returning.changes_record(back)})
    else:
        returning.print_changes(back)
        views.print_report(report, body, sheet, counted=back.counted)
        views.print_written(written)
    return 0 if report.ok else 4


def _read(text: str) -> str:
    from kepudraft.facts.material import decode
    from kepudraft.verify.reading import read_text

    if text != "-":
        return read_text(Path(text))
    data = standard_input()
    if len(data) > MAX_INPUT:
        raise DraftTextError("内容太大", place="标准输入", remedy=f"上限是{MAX_INPUT // 1_048_576}兆字节")
    if not data.strip():
        raise DraftTextError("内容是空的", place="标准输入", remedy="请给出要核对的文字")
    return decode(data, "标准输入")[0]


def _stream(source: str, answer: Callable[[dict[str, Any]], dict[str, object]]) -> int:
    """One answer a line, as it is read; a line that cannot be used is answered with its error.

    Returns 2 if a line could not be used, else 4 if an answer says `ok: false`, else 0.
    """
    code = 0
    for n, line in _lines(source):
        made: dict[str, object]
        try:
            made = answer(_object(line, "标准输入" if source == "-" else source, n))
        except KepudraftError as error:
            made, code = {"id": _id(line), "line": n, "error": str(error)}, 2
        sys.stdout.write(json.dumps(made, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        if made.get("ok") is False and code != 2:
            code = 4
    return code


def _lines(source: str) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, numbered from 1 as they stand in the source."""
    if source == "-":
        if sys.stdin is None:
            raise DraftTextError("没有内容可读", place="标准输入", remedy="请给出文件名")
        yield from ((n, line) for n, line in enumerate(sys.stdin.buffer, 1) if line.strip())
        return
    try:
        with Path(source).open("rb") as file:
            yield from ((n, line) for n, line in enumerate(file, 1) if line.strip())
    except OSError as error:
        raise DraftTextError("读不了文件", place=source, remedy="请检查路径和权限") from error


def _object(line: bytes, place: str, n: int) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DraftTextError(f"第{n}行不是 JSON", place=place, remedy='每行写 {"id": …, "text": …}') from error
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise DraftTextError(f"第{n}行没有 text", place=place, remedy='每行写 {"id": …, "text": …}')
    return given


def _id(line: bytes) -> object:
    """The id of a line that cannot be used, where it has one."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return given.get("id") if isinstance(given, dict) else None


def _scanned(given: dict[str, Any]) -> dict[str, object]:
    from kepudraft.figures.figure import nonfigure_record, record
    from kepudraft.figures.scan import scan as read

    found = read(given["text"])
    head = {"id": given["id"]} if "id" in given else {}
    return {**head, "figures": [record(f) for f in found.figures], "nonfigures": [nonfigure_record(n) for n in found.nonfigures]}


def _checked(given: dict[str, Any]) -> dict[str, object]:
    from kepudraft.cli.views import report_record
    from kepudraft.facts.given import sheet_of
    from kepudraft.verify.figures import verify

    facts, year = given.get("facts"), given.get("year")
    if not isinstance(facts, list) or isinstance(year, bool) or not isinstance(year, int | str) or not str(year).isdigit():
        raise DraftTextError("缺少 facts（一列句子）或 year（四位数）", place=str(given.get("id", "")), remedy="请补上")
    report = verify(given["text"], sheet_of(facts, year=int(year), unit=str(given.get("unit", ""))))
    answer = report_record(report)
    answer.pop("form")
    return {"id": given.get("id"), **answer}
