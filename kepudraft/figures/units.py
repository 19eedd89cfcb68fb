"""Units and measure words: dimension, base unit and scale, read from units.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from itertools import groupby

from kepudraft.figures.fold import fold
from kepudraft.figures.tables import FOLDER, Table, read_table, strings

UNKNOWN = "unknown"
_FREQUENT = "个人项名次元份场年期件家届天册%块条所张本位种篇部幅支区平小分月"
_KINDS = frozenset({"count", "money", "percent", "duration", "measure", "ratio"})
_KEYS = frozenset({"scale", "alias", "not"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit or measure word in its canonical simplified form.

    Attributes:
        name: 人次, 场, 元, 平方米, %, 百分点 …; "" where no unit is written. 万 and 亿 are never part of it.
        dimension: What it measures: person, visit, event, copy, money, area …; "unknown" for a unit not in the table.
        base: Name of the dimension's base unit.
        scale: How many base units one unit is (公里 = 1000 米).
    """

    name: str
    dimension: str
    base: str
    scale: Decimal


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount. Two quantities are compared only through `in_base`, and only within one dimension."""

    value: Decimal
    unit: Unit

    @property
    def in_base(self) -> Decimal:
        """The amount in the dimension's base unit."""
        return self.value * self.unit.scale


@dataclass(frozen=True, slots=True)
class Units:
    """The whole table, compiled.

    Attributes:
        by_name: Every spelling, simplified, to its unit.
        kinds: Dimension to the kind of its figures.
        nouns: Words that may follow a numeral without measure word.
        pattern: Regular expression source that matches one spelling at a place, the longest first.
    """

    by_name: dict[str, Unit]
    kinds: dict[str, str]
    nouns: tuple[str, ...]
    pattern: str


NO_UNIT = Unit("", "", "", Decimal(1))


@lru_cache(maxsize=4096)
def unit_named(name: str) -> Unit:
    """The unit with this name or alias, in either script; 个 before a unit of time or measure is dropped.

    A name that the table lacks gives a unit of its own of dimension "unknown"; "" gives the unit of bare numbers.
    """
    name = "".join(fold(name).split())
    if not name:
        return NO_UNIT
    table = units().by_name
    found = table.get(name) or (table.get(name[1:]) if name[0] == "个" else None)
    return found or Unit(name, UNKNOWN, name, Decimal(1))


@cache
def units() -> Units:
    """The table, read and checked once.

    Raises:
        RuleError: The table breaks its form; the message names file and line.
    """
    return load_units(read_table(FOLDER / "units.toml"))


def load_units(table: Table) -> Units:
    """Compile a parsed table."""
    by_name: dict[str, Unit] = {}
    bars: dict[str, tuple[str, ...]] = {}
    kinds: dict[str, str] = {}
    for dimension, body in table.data.items():
        if dimension == "nouns":
            continue
        if not isinstance(body, dict) or not isinstance(body.get("units"), dict):
            raise table.fail(f"量纲{dimension}缺少units", f"[{dimension}]")
        kinds[dimension] = _kind(table, dimension, body)
        for name, entry in body["units"].items():
            _add_unit(table, Unit(name, dimension, str(body.get("base", "")), _scale(table, name, entry)), entry, by_name, bars)
        if body.get("base") not in by_name and dimension != "team":
            raise table.fail(f"量纲{dimension}的基本单位不在其units中", f"[{dimension}]")
    _add_with_ge(by_name, bars, kinds)
    nouns = strings(table, table.data.get("nouns", []), "nouns")
    return Units(by_name, kinds, nouns, _pattern(by_name, bars))


def _kind(table: Table, dimension: str, body: dict[str, object]) -> str:
    kind = body.get("kind", "count")
    if kind not in _KINDS or not isinstance(kind, str):
        raise table.fail(f"量纲{dimension}的kind“{kind}”不认识", f"[{dimension}]")
    return kind


def _scale(table: Table, name: str, entry: object) -> Decimal:
    if not isinstance(entry, dict) or entry.keys() - _KEYS:
        raise table.fail(f"单位“{name}”只能有scale、alias、not三项", f'"{name}" =')
    try:
        scale = Decimal(str(entry.get("scale", "1")))
    except InvalidOperation as error:
        raise table.fail(f"单位“{name}”的scale不是数", f'"{name}" =') from error
    if not scale.is_finite() or scale <= 0:
        raise table.fail(f"单位“{name}”的scale应为正数", f'"{name}" =')
    return scale


def _add_unit(
    table: Table, unit: Unit, entry: dict[str, object], by_name: dict[str, Unit], bars: dict[str, tuple[str, ...]]
) -> None:
    """Enter a unit under its name and aliases; a spelling may stand in the table once."""
    names = (unit.name, *strings(table, entry.get("alias", []), f'"{unit.name}" ='))
    for name in names:
        if name in by_name:
            raise table.fail(f"单位“{name}”出现两次", f'"{name}"', last=True)
        by_name[name] = unit
        bars[name] = strings(table, entry.get("not", []), f'"{unit.name}" =')
    try:
        re.compile("|".join(bars[unit.name]))
    except re.error as error:
        raise table.fail(f"单位“{unit.name}”的not不是正则式：{error}", f'"{unit.name}" =') from error


def _add_with_ge(by_name: dict[str, Unit], bars: dict[str, tuple[str, ...]], kinds: dict[str, str]) -> None:
    """个小时, 个百分点, 个学时: 个 before a unit of two characters or more that is no count is dropped."""
    for name, unit in list(by_name.items()):
        if kinds[unit.dimension] in ("duration", "percent", "measure") and len(name) > 1 and name[0] >= "\u4e00":
            spelling = "个" + name
            if name[0] != "个" and spelling not in by_name:
                by_name[spelling], bars[spelling] = unit, bars[name]


def _pattern(by_name: dict[str, Unit], bars: dict[str, tuple[str, ...]]) -> str:
    """One alternation, grouped by first character, the longest spelling first within a group."""
    groups = []
    ranked = sorted(by_name, key=lambda name: (_rank(name[0]), name[0], -len(name), name))
    for first, names in groupby(ranked, key=lambda name: name[0]):
        tails = [_with_bar(name[1:], bars[name]) + _letter_end(name) for name in names]
        groups.append(re.escape(first) + (tails[0] if len(tails) == 1 else f"(?:{'|'.join(tails)})"))
    return "|".join(groups)


def _rank(first: str) -> int:
    """The most frequent units are tried first: that makes the reader a tenth faster."""
    place = _FREQUENT.find(first)
    return place if place >= 0 else len(_FREQUENT)


def _with_bar(tail: str, bar: tuple[str, ...]) -> str:
    """The rest of a spelling with the words that must not follow it."""
    return re.escape(tail) + (f"(?!{'|'.join(bar)})" if bar else "")


def _letter_end(name: str) -> str:
    """A unit in Latin letters must not run on into a word: 5G网络, 3m² but not 3mm as 3m."""
    return "(?![A-Za-z0-9])" if name[-1].isascii() and name[-1].isalpha() else ""
