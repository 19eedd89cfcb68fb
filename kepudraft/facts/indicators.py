"""The indicators that units of each type report (indicators.toml): what the intake template asks, and how a clause tells it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kepudraft.errors import RuleError
from kepudraft.facts.vocabulary import bare
from kepudraft.genre import Role, UnitType

_FILE = Path(__file__).with_name("indicators.toml")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of the intake template.

    Attributes:
        name: As printed.
        unit: Unit of measure; "" for a row of text.
        role: Section that tells it.
        topic: Rows with one topic are told together.
        say: Clause with {} for the value and its unit.
        note: 口径.
        of: Name of the total that it is a part of, or "".
        aliases: Other names of the row.
        headline: True if the overview may tell it.
        example: This year's value of the example unit, without unit.
        example_last: Last year's, or "".
        required: True if an interview asks for it.
    """

    name: str
    unit: str
    role: Role
    topic: str
    say: str
    note: str
    of: str
    aliases: tuple[str, ...]
    headline: bool
    example: str
    example_last: str
    required: bool


@dataclass(frozen=True, slots=True)
class ExampleUnit:
    """The fictional unit that fills a template's example sheet."""

    unit: str
    year: int


def indicators(unit_type: UnitType) -> tuple[Indicator, ...]:
    """The rows of a unit type's template, in order."""
    return _load()[0][unit_type]


def example_unit(unit_type: UnitType) -> ExampleUnit:
    """Name and year of the fictional unit behind the examples."""
    return _load()[1][unit_type]


def find(unit_type: UnitType, name: str) -> Indicator | None:
    """The indicator that a table's row names (by name or alias, blanks and brackets aside), or None."""
    return _names(unit_type).get(bare(name))


@cache
def _names(unit_type: UnitType) -> dict[str, Indicator]:
    return {bare(n): i for i in reversed(indicators(unit_type)) for n in (*i.aliases, i.name)}


@cache
def _load() -> tuple[dict[UnitType, tuple[Indicator, ...]], dict[UnitType, ExampleUnit]]:
    try:
        data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"指标表读不通（{error}）", place=str(_FILE), remedy="请改正该行") from error
    rows: dict[UnitType, tuple[Indicator, ...]] = {}
    for unit_type in UnitType:
        rows[unit_type] = tuple(_indicator(unit_type, row) for row in data.get(unit_type.value, []))
        names = {i.name for i in rows[unit_type]}
        if lost := [i.of for i in rows[unit_type] if i.of and i.of not in names]:
            raise RuleError(f"“{unit_type}”的 of = “{lost[0]}”没有这个指标", place=str(_FILE), remedy="请改正")
    try:
        examples = {t: ExampleUnit(**data["examples"][t.value]) for t in UnitType}
    except (KeyError, TypeError) as error:
        raise RuleError(f"examples 不完整（{error}）", place=str(_FILE), remedy="每类单位一行 unit 和 year") from error
    return rows, examples


def _indicator(unit_type: UnitType, row: dict[str, object]) -> Indicator:
    try:
        made = Indicator(
            name=str(row["name"]), unit=str(row["unit"]), role=Role(str(row["role"])), topic=str(row["topic"]),
            say=str(row["say"]), note=str(row["note"]), of=str(row["of"]),
            aliases=tuple(map(str, row["aliases"])),  # type: ignore[call-overload]  # a wrong shape is caught below
            headline=bool(row.get("headline", False)), example=str(row["example"]),
            example_last=str(row.get("example_last", "")), required=bool(row.get("required", False)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RuleError(
            f"“{unit_type}”的指标“{row.get('name', '?')}”缺项或写错（{error}）", place=str(_FILE), remedy="请对照文件开头的说明改正"
        ) from error
    if made.say.count("{}") != 1:
        raise RuleError(f"指标“{made.name}”的 say 应有一个{{}}", place=str(_FILE), remedy="请改正")
    return made
