"""Figures that no fact states but that follow from facts by an exact formula: sums, shares, averages, changes, multiples.

A formula must be announced by a word of its kind (合计, 占, 平均, 比上年增长, 倍) and its inputs must be near: figures of the
same sentence or the one before, or the facts that the words speak of. Otherwise some sum of some pair fits any figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations

from kepudraft.figures.match import units_agree
from kepudraft.figures.scan import Figure, Hedge, Kind
from kepudraft.verify.claims import Claim, Claims
from kepudraft.verify.context import Context

_SUM = re.compile("合计|共计|总计|总共|累计|一共|共|总数|总量|两项|三项|各类|全部|以上")
_PLAIN = re.compile("[合共总累计一获得举办开展组织达到的了有各类项个场次]")
_SHARE = re.compile("占|比例|比重|率|完成|份额|达到")
_AVERAGE = re.compile("平均|人均|户均|场均|每场|每期|每次|每人|每天|每月|日均|月均|生均|均")
_CHANGE = re.compile("增长|增加|上升|提高|提升|下降|减少|降低|增幅|降幅|回落|多|少|净增|翻")
_DOWN = re.compile("下降|减少|降低|降幅|回落|少")
_NEAR_BEFORE, _NEAR_AFTER = 8, 6
_MOST_PARTS = 6
_LIKELY = 6


@dataclass(frozen=True, slots=True)
class Derivation:
    """A formula in words and the facts that it takes."""

    formula: str
    fact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A figure of the text with the claim that it tells, or None, and its line."""

    figure: Figure
    claim: Claim | None
    sentence: int


def derivation(i: int, context: Context, told: Sequence[Told], claims: Claims) -> Derivation | None:
    """The formula that bears the figure `told[i]`, or None.

    Args:
        i: Which figure.
        context: Its context.
        told: All figures of the text, in order.
        claims: What the facts state.
    """
    figure = told[i].figure
    if figure.quantity is None or figure.kind is Kind.ORDINAL or figure.upper is not None:
        return None
    near = _near(i, told)
    words = context.left + context.right
    likely = claims.likely(context)[:_LIKELY]
    for found in _candidates(figure, context, words, near, likely, claims):
        if found is not None:
            return found
    return None


def _near(i: int, told: Sequence[Told]) -> list[Claim]:
    """Claims told close by, the nearest first: same sentence or the one before or behind."""
    here = told[i].sentence
    before = [t for t in reversed(told[max(0, i - _NEAR_BEFORE) : i]) if here - t.sentence <= 1]
    after = [t for t in told[i + 1 : i + 1 + _NEAR_AFTER] if t.sentence - here <= 1]
    return [t.claim for t in (*before, *after) if t.claim is not None and t.claim.figure.quantity is not None]


def _candidates(
    figure: Figure, context: Context, words: str, near: list[Claim], likely: list[Claim], claims: Claims
) -> Iterator[Derivation | None]:
    compared = context.compared or bool(_CHANGE.search(words))
    if compared:
        yield _change(figure, words, near, claims)
    if figure.kind is Kind.PERCENT and not context.compared:
        yield _share(figure, near, likely) if _SHARE.search(words) else None
    if figure.kind is Kind.RATIO:
        yield _multiple(figure, near, claims)
        yield _share(figure, near, likely)
    if _AVERAGE.search(words):
        yield _average(figure, near, likely)
    if _SUM.search(words):
        yield _sum(figure, near, likely) or _sum_of_fact(figure, context, claims)
    if re.search("多|少|差|超", words):
        yield _difference(figure, near)


def _sum(figure: Figure, near: list[Claim], likely: list[Claim]) -> Derivation | None:
    """合计, 共: the figures of its unit close by, or those of one fact, or a few facts that the words speak of."""
    close = _distinct([c for c in near if _adds_to(c, figure)])
    for n in range(len(close), 1, -1):
        for start in range(len(close) - n + 1):
            if found := _summed(figure, close[start : start + n]):
                return found
    pool = _distinct([c for c in likely if _adds_to(c, figure)])
    for fact_id in dict.fromkeys(c.fact.id for c in pool):
        if found := _summed(figure, [c for c in pool if c.fact.id == fact_id]):
            return found
    for n in range(2, min(len(pool), _MOST_PARTS) + 1):
        for parts in combinations(pool, n):
            if found := _summed(figure, parts):
                return found
    return None


def _sum_of_fact(figure: Figure, context: Context, claims: Claims) -> Derivation | None:
    """共获奖4项: all figures of one fact, if its text has a character of the words beside the figure (奖)."""
    words = set(_PLAIN.sub("", context.left + context.right))
    by_fact: dict[str, list[Claim]] = {}
    for claim in claims.all:
        if _adds_to(claim, figure):
            by_fact.setdefault(claim.fact.id, []).append(claim)
    found = (_summed(figure, parts) for parts in by_fact.values() if words & set(parts[0].fact.text))
    return next((f for f in found if f), None)


def _summed(figure: Figure, parts: Sequence[Claim]) -> Derivation | None:
    if len(parts) < 2 or len({c.fact.status for c in parts}) > 1:
        return None
    total = sum((_amount(c.figure) for c in parts), Decimal(0))
    if not _is(figure, total):
        return None
    return Derivation("＋".join(c.figure.surface for c in parts) + f"＝{figure.surface}", _ids(parts))


def _adds_to(claim: Claim, figure: Figure) -> bool:
    return not claim.is_last and not claim.fact.formula and claim.figure.hedge is Hedge.EXACT and units_agree(claim.figure, figure) and (
        claim.figure.upper is None
    )


def _share(figure: Figure, near: list[Claim], likely: list[Claim]) -> Derivation | None:
    """占 …%, 完成率, 三分之二: one figure of another of its unit."""
    for pool in (near, likely):
        exact = _distinct([c for c in pool if c.figure.hedge is Hedge.EXACT and not c.fact.formula])
        for part, whole in ((a, b) for a in exact for b in exact if a is not b):
            if not units_agree(part.figure, whole.figure) or part.is_last != whole.is_last or not _amount(whole.figure):
                continue
            share = _amount(part.figure) / _amount(whole.figure)
            if _is(figure, share * 100 if figure.kind is Kind.PERCENT else share, rounded=True):
                return Derivation(f"{part.figure.surface}÷{whole.figure.surface}＝{figure.surface}", _ids((part, whole)))
    return None


def _average(figure: Figure, near: list[Claim], likely: list[Claim]) -> Derivation | None:
    """平均每场 …: one figure by another of another unit."""
    pool = _distinct([c for c in (*near, *likely) if c.figure.hedge is Hedge.EXACT and not c.fact.formula and not c.is_last])
    for a, b in ((a, b) for a in pool for b in pool if a is not b and not units_agree(a.figure, b.figure)):
        if units_agree(figure, a.figure) and _amount(b.figure) and _is(figure, _amount(a.figure) / _amount(b.figure), rounded=True):
            return Derivation(f"{a.figure.surface}÷{b.figure.surface}＝{figure.surface}", _ids((a, b)))
    return None


def _change(figure: Figure, words: str, near: list[Claim], claims: Claims) -> Derivation | None:
    """比上年增长 …: of the figure told last before it whose value of the year before is known."""
    pairs = {c.fact.id: c for c in claims.all if c.is_last and c.figure.hedge is Hedge.EXACT}
    for now in near:
        before = pairs.get(now.fact.id)
        if before is None or now.is_last or now.fact.formula or not units_agree(now.figure, before.figure):
            continue
        found = _changed(figure, now.figure, before.figure, bool(_DOWN.search(words)))
        # Only the figure that was told last can be meant: a change of another one stands beside the wrong thing.
        return Derivation(found, (now.fact.id,)) if found else None
    return None


def _changed(figure: Figure, now: Figure, before: Figure, down: bool) -> str:
    difference = _amount(now) - _amount(before)
    if (difference < 0) != down and difference != 0:
        return ""
    by = abs(difference)
    text = f"{now.surface}－{before.surface}"
    unit = figure.quantity.unit.name if figure.quantity else ""
    if unit == "百分点":
        return f"{text}＝{figure.surface}" if now.kind is Kind.PERCENT and _is(figure, by) else ""
    if figure.kind is Kind.PERCENT and _amount(before):
        rate = by / _amount(before) * 100
        return f"（{text}）÷{before.surface}＝{figure.surface}" if now.kind is not Kind.PERCENT and _is(figure, rate, rounded=True) else ""
    if figure.kind is Kind.RATIO and _amount(before):
        return f"{now.surface}÷{before.surface}" if _is(figure, _amount(now) / _amount(before), rounded=True) else ""
    return f"{text}＝{figure.surface}" if units_agree(figure, now) and _is(figure, by) else ""


def _multiple(figure: Figure, near: list[Claim], claims: Claims) -> Derivation | None:
    """是上年的2倍, 翻一番."""
    pairs = {c.fact.id: c for c in claims.all if c.is_last}
    for now in near[:2]:
        before = pairs.get(now.fact.id)
        if not before or now.is_last or not _amount(before.figure) or not units_agree(now.figure, before.figure):
            continue
        if _is(figure, _amount(now.figure) / _amount(before.figure), rounded=True):
            return Derivation(f"{now.figure.surface}÷{before.figure.surface}＝{figure.surface}", (now.fact.id,))
    return None


def _difference(figure: Figure, near: list[Claim]) -> Derivation | None:
    pool = _distinct([c for c in near[:4] if _adds_to(c, figure)])
    for a, b in combinations(pool, 2):
        if _is(figure, abs(_amount(a.figure) - _amount(b.figure))):
            high, low = sorted((a, b), key=lambda c: -_amount(c.figure))
            return Derivation(f"{high.figure.surface}－{low.figure.surface}＝{figure.surface}", _ids((high, low)))
    return None


def _is(figure: Figure, value: Decimal, *, rounded: bool = False) -> bool:
    """True if the written figure is `value` (in base units), rounded to the digits written where rounding is allowed."""
    if figure.quantity is None:
        return False
    said = figure.quantity.in_base
    if said == value:
        return True
    scale = figure.quantity.unit.scale
    digits = figure.quantity.value.as_tuple().exponent
    if rounded and isinstance(digits, int):
        step = Decimal(1).scaleb(min(digits, 0))
        if (value / scale).quantize(step, ROUND_HALF_UP) == figure.quantity.value.quantize(step):
            return True
    return _hedged(figure, said, value)


def _hedged(figure: Figure, said: Decimal, value: Decimal) -> bool:
    if value <= 0 or abs(said - value) > value / 20:
        return False
    if figure.hedge in (Hedge.MORE, Hedge.AT_LEAST):
        return said < value
    if figure.hedge in (Hedge.NEARLY, Hedge.AT_MOST):
        return said > value
    return figure.hedge is Hedge.ABOUT


def _amount(figure: Figure) -> Decimal:
    return figure.quantity.in_base if figure.quantity else Decimal(0)


def _distinct(found: Sequence[Claim]) -> list[Claim]:
    return list({c.number: c for c in found}.values())


def _ids(parts: Sequence[Claim]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c.fact.id for c in parts))
