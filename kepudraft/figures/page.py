"""The text being read and what has been found in it: the state that one call of `scan` owns."""

from __future__ import annotations

from dataclasses import dataclass, field

from kepudraft.figures.figure import Defect, Figure, Hedge, Kind, NonFigure, Period, Span
from kepudraft.figures.fold import fold
from kepudraft.figures.idioms import Idioms, idioms
from kepudraft.figures.units import Quantity

EDGE = "\0" * 4
"""Stands after the folded text, so that a look beyond its end, or before its start at index -1, needs no test."""

HEDGES = {
    "约": Hedge.ABOUT, "大约": Hedge.ABOUT, "左右": Hedge.ABOUT, "上下": Hedge.ABOUT,
    "余": Hedge.MORE, "多": Hedge.MORE, "来": Hedge.MORE, "超": Hedge.MORE, "超过": Hedge.MORE, "突破": Hedge.MORE,
    "逾": Hedge.MORE, "破": Hedge.MORE, "有余": Hedge.MORE, "+": Hedge.MORE, "＋": Hedge.MORE, "多于": Hedge.MORE,
    "近": Hedge.NEARLY, "将近": Hedge.NEARLY, "接近": Hedge.NEARLY, "不到": Hedge.NEARLY, "不足": Hedge.NEARLY,
    "以上": Hedge.AT_LEAST, "不少于": Hedge.AT_LEAST, "不低于": Hedge.AT_LEAST, "至少": Hedge.AT_LEAST,
    "最少": Hedge.AT_LEAST, "上": Hedge.AT_LEAST,
    "以下": Hedge.AT_MOST, "以内": Hedge.AT_MOST, "不超过": Hedge.AT_MOST, "至多": Hedge.AT_MOST, "最多": Hedge.AT_MOST,
    "数": Hedge.SEVERAL, "几": Hedge.SEVERAL,
}  # fmt: skip


_EXACT, _DATE = Hedge.EXACT, Kind.DATE  # looking a member up by its enum's name is slow


@dataclass(slots=True)
class Page:
    """One text under the reader's eyes.

    Attributes:
        raw: As given.
        text: Folded, with `EDGE` behind it; the same offsets.
        idioms: The table of words that are no figures.
        doubtful: Figures that may hold a defect.
    """

    raw: str
    text: str
    idioms: Idioms
    figures: list[Figure] = field(default_factory=list)
    nonfigures: list[NonFigure] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    doubtful: list[Figure] = field(default_factory=list)

    def count(
        self,
        span: tuple[int, int],
        kind: Kind,
        quantity: Quantity,
        *,
        upper: Quantity | None = None,
        qualifier: str = "",
        optional: bool = False,
        proportion: str = "",
    ) -> int:
        """Enter a figure with an amount; gives the place to go on."""
        start, end = span
        hedge = hedge_of(qualifier) if qualifier else _EXACT
        self.figures.append(
            Figure(Span(start, end), self.raw[start:end], kind, quantity, upper, qualifier, hedge, None, optional, proportion)
        )
        return end

    def date(self, start: int, end: int, period: Period, *, qualifier: str = "", optional: bool = False) -> int:
        """Enter a date; gives the place to go on."""
        self.figures.append(
            Figure(Span(start, end), self.raw[start:end], _DATE, None, None, qualifier, _EXACT, period, optional)
        )
        return end

    def pass_over(self, start: int, end: int, why: str) -> int:
        """Set numeral characters apart; gives the place to go on."""
        self.nonfigures.append(NonFigure(Span(start, end), self.raw[start:end], why))
        return end

    def blame(self, start: int, end: int, kind: str, message: str) -> None:
        """Enter a defect."""
        surface = self.raw[start:end]
        self.defects.append(Defect(Span(start, end), surface, kind, message.format(surface)))


def open_page(text: str) -> Page:
    """A page with nothing read yet."""
    return Page(text, fold(text) + EDGE, idioms())


def hedge_of(qualifier: str) -> Hedge:
    """What a qualifier means; of two (近…余) the first that is known."""
    found = HEDGES.get(qualifier)
    if found is not None:
        return found
    for length in (3, 2, 1):
        if qualifier[:length] in HEDGES:
            return HEDGES[qualifier[:length]]
    return Hedge.EXACT
