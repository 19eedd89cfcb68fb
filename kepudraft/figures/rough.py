"""Rough counts and other numerals that begin with a word: 数十位, 几百人, 成百上千, 半年, 壹佰元."""

from __future__ import annotations

import re
from decimal import Decimal

from kepudraft.figures.amounts import kind_of
from kepudraft.figures.figure import Kind
from kepudraft.figures.grammar import S, grammar
from kepudraft.figures.numerals import parse, value_of
from kepudraft.figures.page import Page
from kepudraft.figures.units import NO_UNIT, Quantity, unit_named

_ROUGH = re.compile(f"[数几]([十百千万亿]{{1,3}}){S}(余|多)?{S}")
_CAPITAL = re.compile("[壹贰弍叁肆伍陆柒捌玖零拾佰仟万亿]{2,20}")
_MANY = re.compile("成百上千")
_HALF = re.compile("半(个月|个学期|个小时|年|天|学期|小时|个多月)")
_HALF_BEFORE = frozenset("时期近约达用续了过足不")
_EACH_HALF = re.compile("半(年|月)([一两二三]|[0-9])(次|期|场)")


def read_rough(page: Page, place: int) -> int:
    """数十位 (20 to 99), 几百人, 成百上千; 数据, 几何, 成立 are words and give 0."""
    text = page.text
    if text[place] == "成":
        return _many(page, place) if text.startswith("成百上千", place) else 0
    match = _ROUGH.match(text, place)
    scale = value_of(match[1]) if match else None
    if match is None or scale is None or (text[place] == "数" and text[place - 1] in "以参人总函对"):
        return 0
    unit = grammar().unit.match(text, match.end())
    end = unit.end() if unit else match.end(2) if match[2] else match.end(1)
    if not unit and not "\u4e00" <= text[end] <= "\u9fff":
        return 0
    found = unit_named(unit[0]) if unit else NO_UNIT
    low, high = Quantity(2 * scale, found), Quantity(10 * scale - 1, found)
    return page.count((place, end), kind_of(found), low, upper=high, qualifier=text[place] + (match[2] or ""))


def _many(page: Page, place: int) -> int:
    """成百上千名: from 100 to 9999."""
    unit = grammar().unit.match(page.text, place + 4)
    found = unit_named(unit[0]) if unit else NO_UNIT
    end = unit.end() if unit else place + 4
    return page.count((place, end), Kind.COUNT, Quantity(Decimal(100), found), upper=Quantity(Decimal(9999), found))


def read_capitals(page: Page, place: int) -> int:
    """壹拾贰万元, 伍佰人: two capital numerals or more with a unit; 队伍, 收拾 and 大陆 are words and give 0."""
    match = _CAPITAL.match(page.text, place)
    if match is None:
        return 0
    unit = grammar().unit.match(page.text, match.end())
    if unit is None:
        return 0
    try:
        value = parse(match[0])
    except ValueError:
        return 0
    found = unit_named(unit[0])
    end = unit.end() + (page.text[unit.end()] == "整" and found.dimension == "money")
    return page.count((place, end), kind_of(found), Quantity(value, found))


def read_half(page: Page, place: int) -> int:
    """历时半年, 近半个月: half a period after a word of time; 半年一次 is a rate; 0 else."""
    text = page.text
    if each := _EACH_HALF.match(text, place):
        start = place - 1 if text[place - 1] == "每" else place
        times = value_of(each[2]) or Decimal(1)
        return page.count((start, each.end()), Kind.RATIO, Quantity(times, unit_named(f"{each[3]}/0.5{each[1]}")))
    match = _HALF.match(text, place)
    if match is None or text[place - 1] not in _HALF_BEFORE:
        return 0
    unit = match[1].removeprefix("个") if match[1] != "个月" else "个月"
    return page.count((place, match.end()), Kind.DURATION, Quantity(Decimal("0.5"), unit_named(unit)))
