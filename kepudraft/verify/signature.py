"""Whether unit and date stand at the end as they should: the unit's name, below it 2025年1月6日."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kepudraft.figures.figure import Span
from kepudraft.verify.form import FormFinding, FormKind, Severity
from kepudraft.verify.layout import Layout, Line, LineKind

_DATE = re.compile(r"([0-9]{4})年([1-9][0-9]?)月([1-9][0-9]?)日")
_YEAR = re.compile("[0-9]{4}")


def check_signature(text: str, layout: Layout, year: int, *, demanded: bool) -> Iterator[FormFinding]:
    """Judge name and date at the end; their absence is an error only where they are demanded."""
    unit = next((line for line in layout.lines if line.kind is LineKind.UNIT), None)
    date = next((line for line in layout.lines if line.kind is LineKind.DATE), None)
    if date is not None:
        for severity, why in _date_faults(date.text, year):
            yield _finding(text, date, severity, why)
    if date is None and (demanded or unit is not None):
        severity = Severity.ERROR if demanded else Severity.WARNING
        yield FormFinding(FormKind.SIGNATURE, None, "", severity, "文末缺少成文日期，请写成“2025年1月6日”的形式")
    if unit is None and (demanded or date is not None):
        severity = Severity.ERROR if demanded else Severity.WARNING
        yield FormFinding(FormKind.SIGNATURE, None, "", severity, "文末日期之上缺少单位署名，请补上")


def _date_faults(date: str, year: int) -> Iterator[tuple[Severity, str]]:
    if "待补充" in date:
        return
    match = _DATE.fullmatch(date)
    if match is None:
        yield Severity.WARNING, "成文日期请用阿拉伯数字写全年月日，月日前不加0，如2025年1月6日"
    elif int(match[2]) > 12 or int(match[3]) > 31:
        yield Severity.ERROR, "成文日期不存在，请核对"
    found = _YEAR.search(date)
    if found and int(found[0]) not in (year, year + 1):
        yield Severity.WARNING, f"成文日期的年份与总结的年度（{year}年）对不上，请核对"


def _finding(text: str, line: Line, severity: Severity, why: str) -> FormFinding:
    span = Span(line.span.start, line.span.end)
    return FormFinding(FormKind.SIGNATURE, span, text[span.start : span.end], severity, why)
