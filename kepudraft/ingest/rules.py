"""Reads rules.toml and labels.toml, once, checked; whoever edits them is told the line that is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kepudraft.figures.tables import Table, read_table, strings
from kepudraft.genre import Role, UnitType

_FOLDER = Path(__file__).parent
Pattern = re.Pattern[str]
_GLUED_TITLE = r"^[^。，；：]{4,80}?(?:总结|汇报|报告|计划|打算|思路|要点|安排)(?:范文)?\s*"


@dataclass(frozen=True, slots=True)
class Rules:
    """rules.toml; every name is that of its key there."""

    furniture_line: Pattern
    furniture_code: Pattern
    furniture_tail: Pattern
    furniture_intro: tuple[Pattern, ...]
    furniture_block: Pattern
    part_markers: tuple[Pattern, ...]
    part_inline: Pattern
    collection: Pattern
    title: Pattern
    glued_title: Pattern
    min_part: int
    max_heading: int
    min_body: int
    plain_heading: Pattern
    heading_end: Pattern
    complete_heading: Pattern
    opens: tuple[tuple[Role, Pattern], ...]
    line_end: Pattern
    lost_numbers: tuple[Pattern, ...]
    converter_sure: tuple[tuple[str, str], ...]
    converter_likely: tuple[tuple[str, str], ...]
    spun: tuple[tuple[Pattern, str], ...]
    own_trade: Pattern
    own_per_thousand: float
    trades: tuple[tuple[str, Pattern], ...]
    year_terms: tuple[tuple[Pattern, int, int], ...]


@dataclass(frozen=True, slots=True)
class LabelRules:
    """labels.toml: weights of cues for roles, unit types and levels."""

    heading: tuple[tuple[Role, Pattern, float], ...]
    body: tuple[tuple[Role, Pattern, float], ...]
    unit: tuple[tuple[UnitType, Pattern, float], ...]
    title: tuple[tuple[UnitType, Pattern, float], ...]
    level: tuple[tuple[str, Pattern, float], ...]


@cache
def load_rules() -> Rules:
    """The rules of taking in.

    Raises:
        RuleError: The table is missing or wrong.
    """
    table = read_table(_FOLDER / "rules.toml")
    furniture, parts, headings = (_section(table, name) for name in ("furniture", "parts", "headings"))
    trades, converter = _section(table, "trades"), _section(table, "converter")
    return Rules(
        furniture_line=_any(table, furniture, "lines"),
        furniture_code=_any(table, furniture, "code"),
        furniture_tail=_any(table, furniture, "tail"),
        furniture_intro=_each(table, furniture, "intro"),
        furniture_block=_one(table, furniture, "blocks"),
        part_markers=_each(table, parts, "markers"),
        part_inline=_one(table, parts, "inline"),
        collection=_one(table, parts, "collection"),
        title=_one(table, parts, "title"),
        glued_title=_compiled(table, _GLUED_TITLE + f"(?={headings['starts']})", "starts"),
        min_part=_number(table, parts, "min_chars"),
        max_heading=_number(table, headings, "max_chars"),
        min_body=_number(table, headings, "min_body"),
        plain_heading=_one(table, headings, "plain"),
        heading_end=_compiled(table, f"(?<={headings['tails']})(?={headings['starts']})", "tails"),
        complete_heading=_one(table, headings, "complete"),
        opens=tuple((role, _one(table, headings, role.value)) for role in (Role.PROBLEMS, Role.PLANS, Role.CLOSING)),
        line_end=_one(table, _section(table, "clean"), "end"),
        lost_numbers=_each(table, _section(table, "lost"), "numbers"),
        converter_sure=_words(table, converter, "sure"),
        converter_likely=_words(table, converter, "likely"),
        spun=tuple((_compiled(table, key, key), str(value)) for key, value in _section(table, "spun").items()),
        own_trade=_one(table, trades, "own"),
        own_per_thousand=float(trades["own_per_thousand"]),
        trades=tuple((name, _compiled(table, str(value), name)) for name, value in _inner(table, trades, "words").items()),
        year_terms=_terms(table),
    )


@cache
def load_labels() -> LabelRules:
    """The cues of roles, unit types and levels.

    Raises:
        RuleError: The table is missing or wrong.
    """
    table = read_table(_FOLDER / "labels.toml")
    return LabelRules(
        heading=tuple((Role(k), p, w) for k, p, w in _weighted(table, "heading", tuple(Role))),
        body=tuple((Role(k), p, w) for k, p, w in _weighted(table, "body", tuple(Role))),
        unit=tuple((UnitType(k), p, w) for k, p, w in _weighted(table, "unit", tuple(UnitType))),
        title=tuple((UnitType(k), p, w) for k, p, w in _weighted(table, "title", tuple(UnitType))),
        level=tuple(_weighted(table, "level", ("国家级", "省级", "市级", "县级", "乡级", "村级"))),
    )


def _weighted(table: Table, name: str, keys: tuple[str, ...]) -> list[tuple[str, Pattern, float]]:
    found = []
    for key, rows in _section(table, name).items():
        if key not in keys:
            raise table.fail(f"不认识的“{key}”", key)
        if not isinstance(rows, list) or not all(isinstance(r, list) and len(r) == 2 for r in rows):
            raise table.fail(f"{name}.{key} 应为 [[权重, 正则], …]", key)
        found += [(key, _compiled(table, str(pattern), str(pattern)), float(weight)) for weight, pattern in rows]
    return found


def _section(table: Table, name: str) -> dict[str, Any]:
    return _inner(table, table.data, name)


def _inner(table: Table, data: dict[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    if not isinstance(value, dict):
        raise table.fail(f"缺少 [{name}] 一节", name)
    return value


def _compiled(table: Table, pattern: str, word: str) -> Pattern:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise table.fail(f"正则表达式不对（{error}）", word[:20]) from error


def _one(table: Table, data: dict[str, Any], key: str) -> Pattern:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise table.fail(f"{key} 应为正则表达式", key)
    return _compiled(table, value, key)


def _each(table: Table, data: dict[str, Any], key: str) -> tuple[Pattern, ...]:
    return tuple(_compiled(table, value, value) for value in strings(table, data.get(key), key))


def _any(table: Table, data: dict[str, Any], key: str) -> Pattern:
    return _compiled(table, "|".join(f"(?:{pattern.pattern})" for pattern in _each(table, data, key)), key)


def _number(table: Table, data: dict[str, Any], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or value < 1:
        raise table.fail(f"{key} 应为正整数", key)
    return value


def _words(table: Table, data: dict[str, Any], key: str) -> tuple[tuple[str, str], ...]:
    pairs = _inner(table, data, key)
    return tuple(sorted(((old, str(new)) for old, new in pairs.items()), key=lambda pair: (-len(pair[0]), pair[0])))


def _terms(table: Table) -> tuple[tuple[Pattern, int, int], ...]:
    rows = _section(table, "years").get("terms")
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == 3 for row in rows):
        raise table.fail("terms 应为 [[正则, 起, 止], …]", "terms")
    return tuple((_compiled(table, str(term), str(term)), int(first), int(last)) for term, first, last in rows)
