"""Facts computed from facts, each with its formula and its inputs: so far the change against the year before (同比)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from kepudraft.facts.sheet import Fact, FactSheet
from kepudraft.figures.fold import fold
from kepudraft.figures.hedged import with_far_hedges
from kepudraft.figures.scan import Figure, Hedge, Kind, scan

_WAN = Decimal(10_000)
_SMALL = Decimal(100)  # below it a difference says more than a percentage
_LARGE = Decimal(1000)  # from it on a leading figure's change is told both ways


@dataclass(frozen=True, slots=True)
class _Change:
    """This year's figure beside last year's, both exact and of one unit."""

    now: Figure
    before: Figure

    @property
    def difference(self) -> Decimal:
        return _amount(self.now) - _amount(self.before)


def with_derived(sheet: FactSheet) -> FactSheet:
    """`sheet` with computed facts behind its own, one for every value of last year that can be compared."""
    if any(f.formula for f in sheet.facts):
        return sheet
    computed = [made for fact in sheet.facts for made in year_on_year(fact)]
    numbered = tuple(replace(fact, id=f"D{n}") for n, fact in enumerate(computed, 1))
    return replace(sheet, facts=(*sheet.facts, *numbered))


def year_on_year(fact: Fact) -> tuple[Fact, ...]:
    """The changes of a fact's figures against `fact.last`, each a fact «比上年增加6场» with its formula.

    Nothing comes of a value that is not exact: a change between rough numbers would claim more than is known.
    """
    made = []
    for change in _changes(fact):
        text, formula = _told(change, fact.headline)
        made.append(Fact(
            id="D", text=text, figures=scan(text).figures, topic=fact.topic, status=fact.status, source=fact.source,
            formula=formula, inputs=(fact.id,), role=fact.role,
        ))
    return tuple(made)


def compared_figure(fact: Fact, computed: Fact) -> Figure | None:
    """The figure of `fact` whose change `computed` tells, or None."""
    return next((c.now for c in _changes(fact) if _told(c, fact.headline)[1] == computed.formula), None)


def _changes(fact: Fact) -> list[_Change]:
    changes: list[_Change] = []
    if not fact.last:
        return changes
    figures = with_far_hedges(fold(fact.text), fact.figures)
    for before in with_far_hedges(fold(fact.last), scan(fact.last).figures):
        if before.quantity is None or not _is_exact(before):
            continue
        name = before.quantity.unit.name
        now = next((f for f in figures if f.quantity and f.quantity.unit.name == name), None)
        if now is not None and _is_exact(now):
            changes.append(_Change(now, before))
    return changes


def _is_exact(figure: Figure) -> bool:
    return figure.hedge is Hedge.EXACT and figure.upper is None and figure.kind in (
        Kind.COUNT, Kind.MONEY, Kind.PERCENT, Kind.DURATION, Kind.MEASURE
    )


def _told(change: _Change, in_full: bool) -> tuple[str, str]:
    now, before, difference = change.now, change.before, change.difference
    if difference == 0:
        return "与上年持平", f"{now.surface}＝{before.surface}"
    up = difference > 0
    if now.kind is Kind.PERCENT:
        points = f"{_plain(abs(difference))}个百分点"
        return f"比上年{'提高' if up else '下降'}{points}", f"{now.surface}－{before.surface}＝{_signed(up)}{points}"
    amount = _written(abs(difference), now)
    formula = f"{now.surface}－{before.surface}＝{_signed(up)}{amount}"
    by_amount = f"{'增加' if up else '减少'}{amount}"
    if _amount(before) == 0 or _amount(now) < _SMALL or (in_full and _amount(now) < _LARGE):
        return f"比上年{by_amount}", formula
    percent = (abs(difference) / _amount(before) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if percent == 0:
        return f"比上年{by_amount}", formula  # a change too small for its percentage
    by_share = f"{'增长' if up else '下降'}{percent}%"
    formula = f"{formula}；{amount}÷{before.surface}＝{percent}%（保留1位小数）"
    return (f"比上年{by_amount}、{by_share}" if in_full else f"比上年{by_share}"), formula


def _amount(figure: Figure) -> Decimal:
    assert figure.quantity is not None  # _change lets no other figure in
    return figure.quantity.value


def _written(value: Decimal, like: Figure) -> str:
    """`value` in the scale and with the unit of `like`: 3.2万人次 beside 38.6万人次."""
    unit = like.quantity.unit.name if like.quantity else ""
    if "万" in like.surface and "亿" not in like.surface:
        return f"{_plain(value / _WAN)}万{unit}"
    return f"{_plain(value)}{unit}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _signed(up: bool) -> str:
    return "" if up else "－"
