"""What is wrong with figures as written, found beside the reading. A defect is a suspicion to show, never a correction."""

from __future__ import annotations

import re
from collections.abc import Callable

from kepudraft.figures.figure import Figure
from kepudraft.figures.page import Page

_LOST = re.compile("[十百千]?[万亿](?=元(?!旦|素))")
# 累计受益达人次， 共元。: a measure word right after a word of total.
_LOST_BEFORE_UNIT = re.compile("[达共计](?:余|近|约|超)?(?:人次|场次|万人|万人次|元|平方米|公里)(?=[，。；、,;）)])")
_MIXED = re.compile("[0-9][ \t]?[千百](?![万亿米克瓦卡伏])")
_DOUBLED = re.compile("(?<![0-9.,])([1-9][0-9]{1,2})\\1(?![0-9.,])")
_TOO_MANY = re.compile("[0-9]{4,}(?:\\.[0-9]+)?[ \t]?万|万[余多]?万")
_PAPER = frozenset(("copy", "volume", "piece"))
_EMPTY = ("“”", "‘’", "《》", "「」", "『』")
_TOTAL_BEFORE = frozenset("达共计")


def read_lost_number(page: Page, place: int, end: int) -> int:
    """落实资金万元, 共亿元: a scale and 元 whose digits are gone; 0 where it is not so."""
    match = _LOST.match(page.text, place)
    if match is None or match.end() < end:
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
    for match in _LOST_BEFORE_UNIT.finditer(page.text):
        page.blame(match.start(), match.end(), "lost-number", "“{}”缺数字")
    for figure in page.doubtful:
        _judge(page, figure)
    page.defects.sort(key=lambda defect: (defect.span.start, defect.span.end))


def is_faulty(page: Page, figure: Figure) -> bool:
    """True if any rule has something against one amount."""
    surface = page.text[figure.span.start : figure.span.end]
    return any(applies(page, figure, surface) for _, _, applies in _FAULTS)


def _judge(page: Page, figure: Figure) -> None:
    """Ask every rule about one amount."""
    start, end = figure.span.start, figure.span.end
    surface = page.text[start:end]
    for kind, message, applies in _FAULTS:
        if applies(page, figure, surface):
            page.blame(start, end, kind, message)


def _hedged_exact(page: Page, figure: Figure, surface: str) -> bool:
    """373余名, 近2286场: a count to the last digit needs no hedge; 300余名, 7.3万余人 and 1个多月 are right."""
    if not figure.qualifier or figure.quantity is None or not (digits := re.search("[0-9]{2,}(?![0-9.,]|[ \t]?[万亿千百])", surface)):
        return False
    if digits[0][-1] == "0" or "." in surface:
        return False
    hedge = surface[digits.end() : digits.end() + 2].strip()[:1]
    return hedge in ("余", "多") or (figure.qualifier[0] in "近约" and len(digits[0]) > 2)


def _lost_digits(page: Page, figure: Figure, surface: str) -> bool:
    """达万余人次: a scale alone right after a word of total."""
    return surface[0] in "万亿" and page.text[figure.span.start - 1] in _TOTAL_BEFORE


def _mixed_style(page: Page, figure: Figure, surface: str) -> bool:
    """3千余, 5百: GB/T 15835 lets only 万 and 亿 follow Arabic digits."""
    return bool(_MIXED.search(surface))


def _doubled(page: Page, figure: Figure, surface: str) -> bool:
    """7070万元: digits that PDF text may have doubled; only a suspicion."""
    return bool(_DOUBLED.search(surface))


def _too_many(page: Page, figure: Figure, surface: str) -> bool:
    """8500万多份: more printed matter than a unit gives out; 万 may stand there twice."""
    if "万" not in surface or figure.quantity is None:
        return False
    return figure.quantity.unit.dimension in _PAPER and bool(_TOO_MANY.search(surface))


_FAULTS: tuple[tuple[str, str, Callable[[Page, Figure, str], bool]], ...] = (
    ("hedged-exact", "“{}”是精确到个位的数，不应再加“余”“多”“近”“约”", _hedged_exact),
    ("lost-number", "“{}”前面可能漏了数字", _lost_digits),
    ("mixed-style", "“{}”数字写法混用，按GB/T 15835应全用阿拉伯数字（万、亿除外）", _mixed_style),
    ("doubled-digits", "“{}”的数字疑似重复，请核对", _doubled),
    ("magnitude", "“{}”数量级可疑，“万”可能多写了一次", _too_many),
)
