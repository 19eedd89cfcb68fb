"""Whether the title says who, which year and what: 江州市科技馆2025年科普工作总结."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kepudraft.figures.figure import Span
from kepudraft.verify.form import FormFinding, FormKind, Severity
from kepudraft.verify.form_rules import structure_rules
from kepudraft.verify.layout import Layout

_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
_CHINESE_YEAR = re.compile("[一二][〇零一二三四五六七八九]{3}(?=年)")
_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_NOT_UNIT = re.compile(r"年度?|学年|科普|科学技术普及|全民科学素质|科技|工作|活动|情况|关于|的|[0-9〇零一二三四五六七八九（）()《》“” ]")


def check_title(text: str, layout: Layout, year: int) -> Iterator[FormFinding]:
    """Find a title that is missing or lacks year, unit or the word 总结."""
    form = "请写成“单位＋年份＋科普工作总结”的形式"
    if layout.title is None:
        yield FormFinding(FormKind.TITLE, None, "", Severity.ERROR, f"第一行不是标题，{form}")
        return
    span, title = layout.title.span, layout.title.heading
    for severity, why in _faults(title, year):
        yield FormFinding(FormKind.TITLE, Span(span.start, span.end), text[span.start : span.end], severity, f"{why}，{form}")


def _faults(title: str, year: int) -> Iterator[tuple[Severity, str]]:
    word = next((w for w in structure_rules().title_words if w in title), "")
    if not word:
        yield Severity.ERROR, "标题没有“工作总结”字样"
    years = [int(found) for found in _YEAR.findall(title)]
    years += [int(found.translate(_CHINESE_DIGITS)) for found in _CHINESE_YEAR.findall(title)]
    if not years:
        yield Severity.ERROR, "标题没有年份"
    elif not {year, year - 1} & set(years) or (year not in years and "学年" not in title):
        yield Severity.ERROR, f"标题的年份与总结的年度（{year}年）不一致"
    if word and not _NOT_UNIT.sub("", title.split(word)[0]):
        yield Severity.WARNING, "标题没有单位名称"
