"""What is wrong with figures as written, found beside the reading."""

from __future__ import annotations

import re

from kepudraft.figures.page import Page

_LOST = re.compile("[十百千]?[万亿](?=元(?!旦|素))")
_EMPTY = ("“”", "‘’", "《》", "「」", "『』")


def read_lost_number(page: Page, place: int, end: int) -> int:
    """落实资金万元: a scale and 元 whose digits are gone; 0 where it is not so."""
    match = _LOST.match(page.text, place)
    if match is None:
        return 0
    page.blame(place, match.end() + 1, "lost-number", "“{}”前面缺数字")
    return page.pass_over(place, match.end() + 1, "lost-number")


def find_defects(page: Page) -> None:
    """Add the defects that show only on the finished page, and sort all by place."""
    for pair in _EMPTY:
        place = page.raw.find(pair)
        while place >= 0:
            page.blame(place, place + 2, "empty-quotes", "“{}”里面是空的")
            place = page.raw.find(pair, place + 2)
    page.defects.sort(key=lambda defect: defect.span.start)
