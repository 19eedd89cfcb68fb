"""Words that name what a figure counts from a distance: 专职、外聘分别为13人和6人, 3人拿了一等奖, 一等奖3项, 一季度讲座12场."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kepudraft.figures.scan import Figure, Kind

_NAME = "[^，。；：（）、和与及0-9]{1,12}"
_NAMES = re.compile(f"({_NAME}(?:[、和与及]{_NAME})+)分别(?:有|为|是|达到?|占|增至|获得?|由)?$")
_AND = re.compile("以?及|[、和与]")
_BREAK = re.compile(r"[，,、；;：:。！？!?\n（）()“”\"《》〔〕\[\]…]")
_WON = re.compile("(?:(?:拿|获|夺|摘|捧|得|斩获|荣获)[了得到取回走下]{0,2})?")  # 3人拿了一等奖
_BETWEEN = re.compile("[、，]|和|与|及|以及")
_BACK = 48  # characters before the first amount in which the names may stand


def name_of(text: str, figures: Sequence[Figure], i: int) -> str:
    """The name that the list gives to a figure; "" where it stands in no such list, or names and amounts are not as many.

    Args:
        text: The text, folded.
        figures: Its figures, in order.
        i: Which figure.
    """
    first, last = i, i
    while first and _BETWEEN.fullmatch(text, figures[first - 1].span.end, figures[first].span.start):
        first -= 1
    while last + 1 < len(figures) and _BETWEEN.fullmatch(text, figures[last].span.end, figures[last + 1].span.start):
        last += 1
    start = figures[first].span.start
    found = _NAMES.search(text, max(0, start - _BACK), start) if last > first else None
    names = _AND.split(found[1]) if found else []
    return names[i - first] if len(names) == last - first + 1 else ""


def grade_of(text: str, figures: Sequence[Figure], i: int) -> tuple[str, ...]:
    """一等奖 before 5项 or behind 2名 (2名一等奖, 3人拿了一等奖), and 一季度 before 讲座12场, belong to what the figure counts.

    Args:
        text: The text, folded.
        figures: Its figures, in order.
        i: Which figure.
    """
    figure = figures[i]
    if figure.kind is Kind.ORDINAL:
        return ()
    behind = figures[i + 1] if i + 1 < len(figures) else None
    if behind is not None and behind.kind is Kind.ORDINAL and _WON.fullmatch(text, figure.span.end, behind.span.start):
        return (text[behind.span.start : behind.span.end],)
    if i == 0:
        return ()
    before = figures[i - 1]
    gap = text[before.span.end : figure.span.start]
    if before.period is not None and before.period.start[5:6] in ("Q", "H"):
        return () if _BREAK.search(gap) else (before.period.start,)
    return (text[before.span.start : before.span.end],) if before.kind is Kind.ORDINAL and len(gap) <= 4 and not _BREAK.search(gap) else ()
