"""The indicators of many units added up: each total with its parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kepudraft.batch.measures import Measure

_LEAST_UNITS = 2  # what one unit alone reports is no indicator of all


@dataclass(frozen=True, slots=True)
class Reporting:
    """One unit with what it reports.

    Attributes:
        name: Its full name.
        unit_type: Its type.
        year: Of its report.
        measures: Its amounts.
        texts: All that it states.
    """

    name: str
    unit_type: str
    year: int
    measures: tuple[Measure, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """One indicator over all units.

    Attributes:
        name: What is counted.
        unit: Unit of measure.
        scale: 10000 where most units write it in 万, else 1.
        parts: This year's amount of each unit, None where it reports none.
        last: Last year's, likewise; all None unless every unit that reports this year gives last year's, too.
        rough: True if a part is given with 约, 近, 余 …: then so is the total.
    """

    name: str
    unit: str
    scale: int
    parts: tuple[Decimal | None, ...]
    last: tuple[Decimal | None, ...]
    rough: bool

    @property
    def value(self) -> Decimal:
        """The sum."""
        return sum((p for p in self.parts if p is not None), Decimal(0))

    @property
    def value_last(self) -> Decimal | None:
        """Last year's sum, or None."""
        known = [p for p in self.last if p is not None]
        return sum(known, Decimal(0)) if known else None


def totals_of(units: Sequence[Reporting]) -> list[Total]:
    """The totals of all that at least two units report, in the order in which it first occurs."""
    parts: dict[tuple[str, str], dict[int, list[Measure]]] = defaultdict(lambda: defaultdict(list))
    for n, reporting in enumerate(units):
        for m in reporting.measures:
            if m.name and (not m.event or m.last is not None or _yearly(m)):
                parts[m.name, m.unit][n].append(m)
    return [
        _total(name, unit, by_unit, len(units)) for (name, unit), by_unit in parts.items()
        if len(by_unit) >= min(_LEAST_UNITS, len(units))
    ]


def _total(name: str, unit: str, by_unit: dict[int, list[Measure]], count: int) -> Total:
    chosen = {n: found[0] for n, found in by_unit.items()}  # a unit that tells it twice tells the total first
    wan = sum(m.scale > 1 for m in chosen.values()) * 2 > len(chosen)
    compared = all(m.last is not None for m in chosen.values())
    return Total(
        name, unit, 10_000 if wan else 1, tuple(chosen[n].value if n in chosen else None for n in range(count)),
        tuple(chosen[n].last if compared and n in chosen else None for n in range(count)), any(m.rough for m in chosen.values()),
    )


def _yearly(m: Measure) -> bool:
    """True for what every unit does in the same weeks of the year (全国科普月活动): it can be added, once joint events are out."""
    from kepudraft.compose.phrases import phrases

    return any(name in m.name for name, _, _ in phrases().calendar)
