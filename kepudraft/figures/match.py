"""Does one figure bear another: the same, equal in another form, rounded under a hedge that allows it, or not at all."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from kepudraft.figures.scan import Figure, Hedge, Kind
from kepudraft.figures.units import Quantity


class Relation(StrEnum):
    """How a written figure stands to the stated one."""

    SAME = "same"              # value, unit, hedge and form
    EQUAL = "equal"            # another form of the same amount: 38.6万 and 386000, 余 and 多
    ROUNDED = "rounded"        # 约38万 for 385932
    HEDGE_DROPPED = "dropped"  # 46场 for 46余场
    HEDGE_ADDED = "added"      # 近46场 for 46场
    HEDGE_CHANGED = "changed"  # 超46场 for 近46场
    NONE = "none"


# A rough amount may stand for an exact one only on the right side of it, within this share of it and within one unit
# of its last written digit: 约38万 for 385932, not 约40万.
_ROUNDING = Decimal("0.1")

# Dimensions whose units are converted into one another; in all others a figure keeps its measure word (份 is no 册).
CONVERTIBLE = frozenset({"person", "event", "money", "length", "area", "volume", "mass", "duration", "data", "visit"})
# Measure words for one thing under several names: how often (大篷车出车38趟 is 38次), lessons (460节 is 460课时), places (两处馆, 两座馆).
_TWINS = {
    "次": "次", "趟": "次", "回": "次", "车次": "次", "课时": "课时", "节": "课时", "座": "座", "处": "座", "所": "座", "间": "座",
}
_OWN = CONVERTIBLE - {"person"}  # what 个 never counts
_GENERIC = "个"  # stands for any measure word of a thing
_STRONG = ("超", "突破", "逾", "破")  # say «more than» with emphasis; 余 and 多 do not


# Looking a member up by its enum's name is slow, and every figure is compared with many.
_EXACT, _ORDINAL, _NEITHER = Hedge.EXACT, Kind.ORDINAL, Relation.NONE
_PERCENT, _RATIO = Kind.PERCENT, Kind.RATIO


def relation(written: Figure, stated: Figure, *, year: int | None = None) -> Relation:
    """How `written` stands to `stated`.

    Args:
        written: The figure of a text.
        stated: The figure of a fact.
        year: The report's year, which dates without a year mean.

    Units are compared by dimension and base; figures without a unit on either side bear each other by value alone.
    """
    if written.period is not None or stated.period is not None:
        return _of_periods(written, stated, year)
    if written.quantity is None or stated.quantity is None or not units_agree(written, stated):
        return _NEITHER
    if (written.upper is None) != (stated.upper is None):
        return _NEITHER
    if _equal(written.quantity, stated.quantity) and _equal_upper(written, stated):
        return _of_hedges(written, stated)
    return Relation.ROUNDED if _may_round(written, stated) else _NEITHER


def units_agree(one: Figure, other: Figure) -> bool:
    """True if two figures measure in one dimension: 万元 and 元 do, 人 and 人次 don't."""
    if one.quantity is None or other.quantity is None:
        return False
    if (one.kind is _ORDINAL) != (other.kind is _ORDINAL):
        return False
    a, b = one.quantity.unit, other.quantity.unit
    if a.name == b.name:
        return True
    if a.dimension == b.dimension and a.base == b.base and a.dimension in CONVERTIBLE:
        return True
    if a.name in _TWINS and _TWINS[a.name] == _TWINS.get(b.name):
        return True
    if one.kind is _PERCENT or one.kind is _RATIO or other.kind is _PERCENT or other.kind is _RATIO:
        return False  # 14% is no 14个
    return _GENERIC in (a.name, b.name) and a.dimension not in _OWN and b.dimension not in _OWN


def counts_alike(one: Figure, other: Figure) -> bool:
    """As `units_agree`, but persons and things are two: 486个 is no rival of 14人, nor 社员多172人 the change of 社团48个."""
    persons = [f.quantity is not None and f.quantity.unit.dimension == "person" for f in (one, other)]
    return persons[0] == persons[1] and units_agree(one, other)


def _equal(one: Quantity, other: Quantity) -> bool:
    return one.value == other.value if one.unit.name == other.unit.name else one.in_base == other.in_base


def _equal_upper(written: Figure, stated: Figure) -> bool:
    if written.upper is None or stated.upper is None:
        return True
    return _equal(written.upper, stated.upper)


def _of_hedges(written: Figure, stated: Figure) -> Relation:
    if written.hedge is stated.hedge:
        if _is_strong(written) and not _is_strong(stated):
            return Relation.HEDGE_CHANGED
        return Relation.SAME if written.surface == stated.surface else Relation.EQUAL
    if written.hedge is _EXACT:
        return Relation.HEDGE_DROPPED
    if stated.hedge is _EXACT:
        return Relation.HEDGE_ADDED
    return Relation.HEDGE_CHANGED


def _is_strong(figure: Figure) -> bool:
    return figure.qualifier.startswith(_STRONG)


def _may_round(written: Figure, stated: Figure) -> bool:
    """A hedged amount may stand for an exact one: 约38万 around it, 余 and 超 below it, 近 above it."""
    if stated.hedge is not _EXACT or written.upper is not None or stated.upper is not None:
        return False
    if written.quantity is None or stated.quantity is None:
        return False
    said, true = written.quantity.in_base, stated.quantity.in_base
    if not rounds(said, true) or abs(said - true) > _last_digit(written.quantity.value) * written.quantity.unit.scale:
        return False
    if written.hedge is Hedge.ABOUT:
        return True
    if written.hedge in (Hedge.MORE, Hedge.AT_LEAST):
        return said < true
    return written.hedge in (Hedge.NEARLY, Hedge.AT_MOST) and said > true


def rounds(said: Decimal, true: Decimal) -> bool:
    """True if `said` is near enough to stand for `true` under any hedge."""
    return true > 0 and abs(said - true) <= true * _ROUNDING


def _last_digit(value: Decimal) -> Decimal:
    """One unit of the last digit that is not zero: 10000 for 380000, 0.1 for 9.6."""
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)


def _of_periods(written: Figure, stated: Figure, year: int | None) -> Relation:
    """A date bears another that says no more than it: 5月 for 5月24日 yes, 5月24日 for 5月 no."""
    if written.period is None or stated.period is None:
        return _NEITHER
    if written.period == stated.period:
        return Relation.SAME if written.surface == stated.surface else Relation.EQUAL
    said, true = written.period, stated.period
    return Relation.EQUAL if _bears(said.start, said.end, true.start, true.end, year) else _NEITHER


@lru_cache(maxsize=4096)
def _bears(start: str, end: str | None, stated_start: str, stated_end: str | None, year: int | None) -> bool:
    """True if a written period says no more than the stated one; one that names a month but no year means the report's."""
    a, b, c, d = (_with_year(date, year) if date and year is not None else date for date in (start, end, stated_start, stated_end))
    if a is None or c is None:
        return False
    if d is not None and b is None:
        return _covers(a, c) and _covers(a, d)
    if (d is None) != (b is None):
        return False
    return _covers(a, c) and (d is None or b is None or _covers(b, d))


def _with_year(date: str, year: int) -> str:
    return f"{year}{date[4:]}" if date.startswith("XXXX-") and not date.startswith("XXXX-XX") else date


def _covers(rough: str, exact: str) -> bool:
    """True if ISO date `rough` says nothing that `exact` contradicts or lacks: XXXX-05 covers 2025-05-24 and XXXX-05-24."""
    a, b = rough.split("-"), exact.split("-")
    if len(a) > len(b):
        return False
    return all(x == y or set(x) == {"X"} for x, y in zip(a, b, strict=False))
