"""The regular expressions of amounts, compiled once from the units table. All work on folded text, none can backtrack far."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kepudraft.figures.units import units

CHINESE = "〇零一二三四五六七八九十百千万亿两"
RUN = re.compile(f"[{CHINESE}]+")
DIGITS = re.compile("[0-9]+")
S = "[ \\t]{0,2}"
"""Spaces that a figure may hold: 60000 余份, 5 月 18 日."""

ARABIC = "(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\\.[0-9]+)?|[0-9]+(?:\\.[0-9]+)?)"
_MORE = "余(?!热|杭|姚|额|江区|数)|多(?!媒体|样|功能|彩|肉|维|边|党|元化|方面|种形式|层次)"
_PLUS = "[+＋](?![0-9A-Za-z+＋〇一二三四五六七八九十])"  # 3万+份, 100+人; but 1+1, 1+N
_COME = "来(?!自|源|宾|到|访|临|馆|校|华|信|电|看|往|参|我|开|了|说)"
_SCALE = "[十百千]?万亿?|[十百千]?亿|百(?!分|合|度|姓|货|科)|千(?!米|克|瓦|卡|伏|秋|古|分之)"
_SUFFIX = (
    f"(?:及|或)?(?:以上|以下|以内)|左右|上下(?!半|[一-龥])|有余|{_PLUS}|多(?=[，。,、；;）)的来时后前间]|\\0)"
    "|(?<=成)[一二三五六七八九](?![一-龥])"
)

# 8500万多份, 300 余 人, 49.29 万份, 3千5, 2万3千元, 1.2亿: number, hedge, scale with its remainder, hedge, unit, hedge.
_ARABIC_AMOUNT = (
    f"(?P<n>{ARABIC}){S}(?P<a>{_MORE}|{_COME}|{_PLUS})?{S}"
    f"(?:(?P<s>{_SCALE})(?P<x>(?:[0-9]{{1,4}}[万千百]?){{0,3}}))?{S}(?P<b>{_MORE}|几|{_PLUS})?{S}"
)
# 三万五千, 十余万, 十几个, 二十来 家.
_CHINESE_AMOUNT = (
    f"(?P<n>[{CHINESE}]{{1,40}}(?:点[〇零一二三四五六七八九]{{1,6}}(?!十|点)[万亿]?)?){S}(?P<a>{_MORE}|{_COME}|几)?{S}"
    f"(?P<s>[十百千]?[万亿])?(?P<x>){S}(?P<b>{_MORE})?{S}"
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """Compiled patterns; each is used with `match` at a place.

    Attributes:
        arabic: An amount that begins with Arabic digits, with optional unit `u` and suffix `c`.
        chinese: The same for Chinese numerals.
        unit: A unit alone.
        noun: A noun that may follow a numeral with no unit.
    """

    arabic: re.Pattern[str]
    chinese: re.Pattern[str]
    unit: re.Pattern[str]
    noun: re.Pattern[str]


@cache
def grammar() -> Grammar:
    """The patterns, compiled on first use."""
    table = units()
    tail = f"(?:(?P<u>个[多余](?:月|小时|学时|星期)|{table.pattern})(?P<h>半(?!个|数|径|年|导|岛|月)|)(?P<c>{_SUFFIX}|))?"
    nouns = "|".join(sorted(table.nouns, key=len, reverse=True))
    return Grammar(
        arabic=re.compile(_ARABIC_AMOUNT + tail),
        chinese=re.compile(_CHINESE_AMOUNT + tail),
        unit=re.compile(table.pattern),
        noun=re.compile(nouns),
    )
