"""Units and measure words: dimension, base unit and scale, read from units.toml."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


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
