"""What the reader hands out: figures, numerals that are none, defects. `scan` fills these types; nothing else makes them.

Those made by the thousand are tuples with names: they are as unchangeable as frozen dataclasses, and four times as quick to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from kepudraft.figures.units import Quantity


class Kind(StrEnum):
    """What sort of figure it is."""

    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    ORDINAL = "ordinal"
    DATE = "date"
    DURATION = "duration"
    MEASURE = "measure"
    RATIO = "ratio"
    RANGE = "range"


class Hedge(StrEnum):
    """How exact a figure claims to be."""

    EXACT = "exact"
    ABOUT = "about"  # 约 大约 左右 上下
    MORE = "more"  # 余 多 来 超 超过 突破 逾 破
    NEARLY = "nearly"  # 近 将近 接近
    AT_LEAST = "at_least"  # 以上 不少于 至少
    AT_MOST = "at_most"  # 以下 以内 不超过 至多
    SEVERAL = "several"  # 数 几


class Span(NamedTuple):
    """Half-open range of code points: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Period:
    """A date or period in ISO form with X for what is not said: 2018, XXXX-09-14, XXXX-Q4, XXXX-H1, T09:30.

    `end` is None for a single date; for a range both ends are given.
    """

    start: str
    end: str | None = None


class Figure(NamedTuple):
    """One figure as it stands in a text; `text[span.start:span.end] == surface` always.

    Attributes:
        span: Where it stands, with its qualifiers and unit, without the counted noun.
        surface: As written.
        kind: What sort of figure.
        quantity: Amount and unit; None for dates. For a range or a rough count (数十) the lower end.
        upper: The upper end of a range or rough count, else None.
        qualifier: 余 多 近 约 … as written, in simplified characters; two together in their order (近余); "" if none.
        hedge: What the qualifier means.
        period: The date or period; None for all other kinds.
        optional: A borderline figure (上半年, 一批, a clock time): it may be missing from a count without harm.
        proportion: A fraction or proportion as "2/3" or "1:15", which no finite decimal holds; else "".
    """

    span: Span
    surface: str
    kind: Kind
    quantity: Quantity | None
    upper: Quantity | None = None
    qualifier: str = ""
    hedge: Hedge = Hedge.EXACT
    period: Period | None = None
    optional: bool = False
    proportion: str = ""


class NonFigure(NamedTuple):
    """Numeral characters that state no figure (十八大, 一、, 三下乡), and why."""

    span: Span
    surface: str
    why: str


@dataclass(frozen=True, slots=True)
class Defect:
    """Something wrong with a figure as written (a lost number, a mask, 余 after an exact count)."""

    span: Span
    surface: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What `scan` found in a text, each list in the order of the text."""

    figures: tuple[Figure, ...]
    nonfigures: tuple[NonFigure, ...]
    defects: tuple[Defect, ...]


def plain(value: Decimal) -> str:
    """A decimal without exponent or needless zeros: 258000000, 2.5."""
    if value == value.to_integral_value():
        return format(value.quantize(Decimal(1)) if value.adjusted() < 27 else value, "f").split(".")[0]
    return format(value.normalize(), "f")


def record(figure: Figure) -> dict[str, object]:
    """The figure as a JSON object: start, end, surface, value, low, high, unit, qualifier, kind.

    `value` is None for a range or rough count, which has `low` and `high`; all three are strings.
    """
    value, low, high = _values(figure)
    return {
        "start": figure.span.start,
        "end": figure.span.end,
        "surface": figure.surface,
        "value": value,
        "low": low,
        "high": high,
        "unit": figure.quantity.unit.name if figure.quantity else "",
        "qualifier": figure.qualifier,
        "kind": figure.kind.value,
    }


def nonfigure_record(nonfigure: NonFigure) -> dict[str, object]:
    """The non-figure as a JSON object: start, end, surface, why."""
    return {
        "start": nonfigure.span.start,
        "end": nonfigure.span.end,
        "surface": nonfigure.surface,
        "why": nonfigure.why,
    }


def _values(figure: Figure) -> tuple[str | None, str | None, str | None]:
    """Value, low and high as strings."""
    if figure.period is not None:
        period = figure.period
        return (period.start, None, None) if period.end is None else (None, period.start, period.end)
    if figure.proportion:
        return figure.proportion, None, None
    assert figure.quantity is not None
    value = plain(_in_yuan(figure, figure.quantity))
    if figure.upper is None:
        return value, None, None
    return None, value, plain(_in_yuan(figure, figure.upper))


def _in_yuan(figure: Figure, quantity: Quantity) -> Decimal:
    """The amount; money is never scaled here because 万 is already multiplied out."""
    return quantity.value
