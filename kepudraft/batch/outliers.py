"""Amounts that stand out: against the unit's own last year, and against units of its type and size.

A unit's size is how it stands to the others in the median of all that it reports (as a ratio, in decimal orders); an amount
is odd where it stands quite differently from that. So a large museum is not odd for being large.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from kepudraft.batch.measures import Measure, amounts_of_json, of_json

_YEAR_RATIO = 3.0
_YEAR_LEAST = 20  # below, threefold is nothing odd
_PEERS = 5  # units that must report a measure before anyone stands out
_ORDERS = 0.9  # decimal orders from what the unit's size would let expect: eightfold
_SPREADS = 5.0  # and as many median deviations
_SIZED_BY = 4  # measures that must be known before a size is

_Key = tuple[str, str, str]


class Outliers:
    """Learns what units report, then tells what stands out; holds numbers only."""

    def __init__(self) -> None:
        self._values: dict[_Key, array[float]] = defaultdict(lambda: array("d"))
        self._middles: dict[_Key, float] = {}
        self._deviations: dict[_Key, float] = {}

    def learn(self, measures: str | list[Measure], unit_type: str) -> None:
        """Take in what a unit reports."""
        found = amounts_of_json(measures) if isinstance(measures, str) else ((m.name, m.unit, m.value) for m in measures if not m.event)
        for name, unit, value in found:
            if value > 0:
                self._values[unit_type, name, unit].append(math.log10(value))

    def of(self, measures: str | list[Measure], unit_type: str) -> Iterator[str]:
        """What stands out of a unit's amounts, a Chinese sentence each."""
        mine = _list(measures)
        for m in mine:
            if told := _against_last_year(m):
                yield told
        known = [(m, key) for m in mine if m.value > 0 and not m.event and len(self._values[key := (unit_type, m.name, m.unit)]) >= _PEERS]
        offsets = [math.log10(m.value) - self._middle(key) for m, key in known]
        size = median(offsets) if len(offsets) >= _SIZED_BY else 0.0
        for (m, key), offset in zip(known, offsets, strict=True):
            away = offset - size
            if abs(away) > max(_ORDERS, _SPREADS * self._deviation(key)):
                typical = 10 ** (self._middle(key) + size)
                way = "远高于" if away > 0 else "远低于"
                yield f"{m.name}{_told(float(m.value))}{m.unit}，{way}规模相近的同类单位（约{_told(typical)}{m.unit}）"

    def _middle(self, key: _Key) -> float:
        if key not in self._middles:
            self._middles[key] = median(self._values[key])
        return self._middles[key]

    def _deviation(self, key: _Key) -> float:
        if key not in self._deviations:
            middle = self._middle(key)
            self._deviations[key] = median(abs(v - middle) for v in self._values[key])
        return self._deviations[key]


def _list(measures: str | list[Measure]) -> list[Measure]:
    return of_json(measures)[0] if isinstance(measures, str) else measures


def _against_last_year(m: Measure) -> str:
    if m.last is None or max(m.value, m.last) < _YEAR_LEAST:
        return ""
    now, before = _told(float(m.value)), _told(float(m.last))
    if m.last == 0 or m.value == 0:
        return f"{m.name}上年{before}{m.unit}，本年{now}{m.unit}"
    ratio = float(m.value / m.last)
    if ratio >= _YEAR_RATIO or ratio <= 1 / _YEAR_RATIO:
        return f"{m.name}本年{now}{m.unit}，上年{before}{m.unit}，是上年的{ratio:.2g}倍"
    return ""


def _told(value: float) -> str:
    if value >= 10_000:
        return f"{float(f'{value / 10_000:.3g}'):g}万"
    return f"{float(f'{value:.3g}'):g}"
