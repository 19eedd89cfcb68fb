"""Figures that no fact states but that follow from facts by an exact formula: sums, shares, averages, changes, multiples.

A formula must be announced by a word of its kind (合计, 占, 平均每, 比上年增长, 倍, 其余) and its inputs must be near: figures of
the same sentence or the one before, or a fact that the words speak of. Otherwise some sum of some pair fits any figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from kepudraft.figures.fold import fold
from kepudraft.figures.match import counts_alike, units_agree
from kepudraft.figures.scan import Figure, Hedge, Kind
from kepudraft.verify.claim import Claim
from kepudraft.verify.claims import Claims
from kepudraft.verify.context import Context

_SUM = re.compile("合计|共计|总计|总共|累计|一共|共|总数|总量|两项|三项|两类|三类|各类|全部|加起来|之和|合起来")
_SHARE = re.compile("占|比例|比重|份额|完成|达标率|覆盖率|收回率|回收率|专职率|率")
_AVERAGE = re.compile(r"平均每|每|人均|户均|场均|日均|月均|生均|馆均|班均|次均|期均")
_CHANGE = re.compile("增长|增加|上升|提高|提升|下降|减少|降低|增幅|降幅|回落|多|少|净增|翻")
_DOWN = re.compile("下降|减少|降低|降幅|回落|少")
_REST = re.compile("其余|其他|其它|剩余|余下|另外|另有|相差|差")
_WHOLE = re.compile(r"[^，。；：\d]{0,8}(?:[，（]?(?:其中|分别|包括|含)|[（：])")
_AGAINST = re.compile("比(?:今年|本年|计划|目标|原定)")
_TOGETHER = re.compile("共|合计|总计|累计|合起来|加起来|相加")
_TOGETHER_STARTS = frozenset("共合总累加相")
_DECIMALS = re.compile(r"\.(\d+)")
_LISTED = re.compile("、")
_MARKS = "一二三四五六七八九十"
_NEAR_BEFORE, _NEAR_AFTER = 10, 6
_LIKELY = 6
_MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Derivation:
    """A formula in words and the facts that it takes; none for a count of things listed in the text itself."""

    formula: str
    fact_ids: tuple[str, ...]


class Told(NamedTuple):
    """A figure of the text with the claim that it tells, or None, and the number of its sentence."""

    figure: Figure
    claim: Claim | None
    sentence: int


class _Near(NamedTuple):
    """Claims told close by, the nearest first, and whether each stands in the figure's own sentence before it."""

    before: tuple[Claim, ...]
    others: tuple[Claim, ...]

    @property
    def all(self) -> tuple[Claim, ...]:
        return (*self.before, *self.others)


def derivation(i: int, text: str, context: Context, told: Sequence[Told], claims: Claims) -> Derivation | None:
    """The formula that bears the figure `told[i]`, or None.

    Args:
        i: Which figure.
        text: The text, folded to simplified script.
        context: The figure's context.
        told: All figures of the text, in order.
        claims: What the facts state.
    """
    figure = told[i].figure
    if figure.quantity is None or figure.kind is Kind.ORDINAL or figure.upper is not None or context.level:
        return None
    near = _near(i, told)
    behind = told[i - 1].figure.span.end if i else 0
    for found in _candidates(figure, text, context, near, claims, behind):
        if found is not None:
            return found
    return None


def meant(i: int, context: Context, told: Sequence[Told], claims: Claims) -> Claim | None:
    """The claim that a figure without support seems to be computed from: the change of the figure before, or that figure.

    None for a figure that does not look computed.
    """
    figure = told[i].figure
    words = context.left + context.right
    if figure.quantity is None or not (
        context.compared or context.level or figure.kind is Kind.PERCENT or _SUM.search(words) or _REST.search(words)
    ):
        return None
    base = next(iter(_near(i, told).before), None)
    if base is None or not context.compared:
        return base
    changes = (c for c in claims.all if c.fact.formula and base.fact.id in c.fact.inputs)
    return next((c for c in changes if units_agree(c.figure, figure)), base)


def counts_list(figure: Figure, text: str) -> bool:
    """«科普月7项、活动周4项，两项共11项»: two counts the figures listed before it, whatever else there are two of."""
    if figure.surface[0] in "0123456789" or text[figure.span.end : figure.span.end + 1] not in _TOGETHER_STARTS:
        return False
    if figure.kind is not Kind.COUNT or figure.quantity is None or figure.quantity.value > _MOST_LISTED:
        return False
    return _TOGETHER.match(text, figure.span.end) is not None


def _near(i: int, told: Sequence[Told]) -> _Near:
    here = told[i].sentence
    before = [t for t in reversed(told[max(0, i - _NEAR_BEFORE) : i]) if here - t.sentence <= 2]
    after = [t for t in told[i + 1 : i + 1 + _NEAR_AFTER] if t.sentence - here <= 1]

    def own(found: Sequence[Told], same: bool) -> tuple[Claim, ...]:
        kept = [t.claim for t in found if t.claim is not None and (t.sentence == here) == same]
        return tuple(c for c in kept if c.figure.quantity is not None)

    return _Near(own(before, True), (*own(before, False), *own(after, True), *own(after, False)))


def _candidates(
    figure: Figure, text: str, context: Context, near: _Near, claims: Claims, behind: int
) -> Iterator[Derivation | None]:
    words = context.left + context.right
    if context.compared or _CHANGE.search(words):
        yield _change(figure, words, near, claims, apart="分别" in context.head[-24:])
    if context.compared:
        return
    if figure.kind is Kind.RATIO:
        yield _multiple(figure, near, claims)
    if figure.kind in (Kind.RATIO, Kind.PERCENT) and _SHARE.search(context.head[-16:] + words):
        yield _share(figure, near, claims.likely(context, _LIKELY))
    if found := _AVERAGE.search(context.head[-10:] + words):
        yield _average(figure, found.group(), context.head[-10:] + words, near, claims.likely(context, _LIKELY))
    if _SUM.search(words):
        yield _sum(figure, context, near, claims)
    if _WHOLE.match(text, figure.span.end):
        yield _whole(figure, near)
    if _REST.search(words):
        yield _difference(figure, near)
    if _AGAINST.search(context.head[-12:] + words):
        yield _against(figure, near, claims.likely(context, _LIKELY))
    yield _listed(figure, text, near, behind)


def _sum(figure: Figure, context: Context, near: _Near, claims: Claims) -> Derivation | None:
    """合计, 共: the figures listed before it in its sentence; else those of one fact, or of a few that its words name."""
    listed = _distinct([c for c in near.before if _adds_to(c, figure)])
    if len(listed) >= 2:
        return next((f for n in range(len(listed), 1, -1) if (f := _summed(figure, listed[:n]))), None)
    around = _distinct([c for c in near.all if _adds_to(c, figure)])
    runs = (around[i:j] for i in range(len(around)) for j in range(len(around), i + 1, -1))
    if found := next((f for run in runs if (f := _summed(figure, run))), None):
        return found
    return _sum_of_fact(figure, context, claims) or _sum_of_named(figure, context, claims)


def _sum_of_fact(figure: Figure, context: Context, claims: Claims) -> Derivation | None:
    """共获奖4项: all figures of one fact, if its text has a character of the words beside the figure (奖)."""
    words = set(_PLAIN.sub("", context.left + context.right))
    by_fact: dict[str, list[Claim]] = {}
    for claim in claims.all:
        if _adds_to(claim, figure):
            by_fact.setdefault(claim.fact.id, []).append(claim)
    found = (_summed(figure, parts) for parts in by_fact.values() if words & set(parts[0].fact.text))
    return next((f for f in found if f), None)


def _sum_of_named(figure: Figure, context: Context, claims: Claims) -> Derivation | None:
    """线上线下活动共55场: two or three facts, each of which the figure's own words name."""
    strong = claims.strong(context.own)
    named = [c for c in claims.likely(context, _LIKELY) if _adds_to(c, figure) and strong & c.context.own]
    pool = _distinct(named)
    pairs = [(a, b) for i, a in enumerate(pool) for b in pool[i + 1 :]]
    triples = [(a, b, c) for i, (a, b) in enumerate(pairs) for c in pool[pool.index(b) + 1 :]]
    return next((f for parts in (*pairs, *triples) if (f := _summed(figure, parts))), None)


_PLAIN = re.compile("[合共总累计一获得举办开展组织达到的了有各类项个场次]")


def _summed(figure: Figure, parts: Sequence[Claim]) -> Derivation | None:
    if len(parts) < 2 or len({c.fact.status for c in parts}) > 1:
        return None
    total = sum((_amount(c.figure) for c in parts), Decimal(0))
    if not _is(figure, total):
        return None
    return Derivation("＋".join(c.figure.surface for c in parts) + f"＝{figure.surface}", _ids(parts))


def _adds_to(claim: Claim, figure: Figure) -> bool:
    plain = not claim.is_last and not claim.fact.formula and claim.figure.upper is None
    return plain and claim.figure.hedge is Hedge.EXACT and units_agree(claim.figure, figure)


def _whole(figure: Figure, near: _Near) -> Derivation | None:
    """«获奖32项，其中一等奖4项、二等奖11项、三等奖17项»: the parts told behind it."""
    parts = _distinct([c for c in near.others if _adds_to(c, figure)])
    return next((f for n in range(len(parts), 1, -1) if (f := _summed(figure, parts[:n]))), None)


def _against(figure: Figure, near: _Near, likely: Sequence[Claim]) -> Derivation | None:
    """«计划开讲座30场，比今年多6场»: the figure told last less one that the words speak of."""
    for now in near.before[:1]:
        for other in (*near.all[1:], *likely):
            if other is now or not units_agree(now.figure, other.figure) or not units_agree(now.figure, figure) or other.is_last:
                continue
            if _is(figure, abs(_amount(now.figure) - _amount(other.figure))):
                high, low = sorted((now, other), key=lambda c: -_amount(c.figure))
                return Derivation(f"{high.figure.surface}－{low.figure.surface}＝{figure.surface}", _ids((high, low)))
    return None


def _share(figure: Figure, near: _Near, likely: Sequence[Claim]) -> Derivation | None:
    """占 …%, 完成率, 三分之二: one figure near by of another of its unit; the whole may be told farther away."""
    if figure.quantity is None or figure.quantity.unit.name == "百分点":
        return None
    exact = _distinct([c for c in near.all if c.figure.hedge is Hedge.EXACT and not c.fact.formula])
    far = [c for c in likely if c.figure.hedge is Hedge.EXACT]
    pairs = [(a, b) for a in exact for b in exact if a is not b] + [(a, b) for a in exact[:1] for b in far if a is not b]
    for part, whole in pairs:
        if not units_agree(part.figure, whole.figure) or part.is_last != whole.is_last or not _amount(whole.figure):
            continue
        share = _amount(part.figure) / _amount(whole.figure)
        if _is(figure, share * _wholes(figure), rounded=True):
            return Derivation(f"{part.figure.surface}÷{whole.figure.surface}＝{figure.surface}", _ids((part, whole)))
    return None


def _wholes(figure: Figure) -> int:
    """How many of its unit make a whole: 100 for %, 10 for 成, 1 for 三分之二."""
    if figure.kind is Kind.PERCENT:
        return 100
    return 10 if figure.quantity and figure.quantity.unit.name == "成" else 1


def _average(figure: Figure, cue: str, words: str, near: _Near, likely: Sequence[Claim]) -> Derivation | None:
    """平均每场213人次: a figure of its unit by one of the unit that the average is taken over."""
    over = cue.removesuffix("均") if cue.endswith("均") else words.split("每", 1)[1][:1]
    over = {"生": "人", "馆": "座", "日": "天"}.get(over, over)
    exact = [c for c in (*near.all, *likely) if c.figure.hedge is Hedge.EXACT and not c.fact.formula and not c.is_last]
    pool = _distinct(exact)
    for a, b in ((a, b) for a in pool for b in pool if a is not b):
        unit = b.figure.quantity.unit.name if b.figure.quantity else ""
        if not unit.startswith(over) or not units_agree(figure, a.figure) or not _amount(b.figure):
            continue
        if _is(figure, _amount(a.figure) / _amount(b.figure), rounded=True):
            return Derivation(f"{a.figure.surface}÷{b.figure.surface}＝{figure.surface}", _ids((a, b)))
    return None


def _change(figure: Figure, words: str, near: _Near, claims: Claims, *, apart: bool) -> Derivation | None:
    """比上年增长 …: of the figure told last before it whose value of the year before is known; of any near by if told `apart` (分别)."""
    for now in (*near.before, *near.others[:1]):
        before = _last_of(now, claims)
        if before is None or now.is_last or now.fact.formula:
            continue
        found = _changed(figure, now.figure, before.figure, bool(_DOWN.search(words)))
        if found:
            return Derivation(found, (now.fact.id,))
        # Only the figure that was told last can be meant: the change of another stands beside the wrong thing.
        if not apart and (figure.kind is Kind.PERCENT or counts_alike(figure, now.figure)):
            return None
    return None


def _last_of(now: Claim, claims: Claims) -> Claim | None:
    """The value of the year before of what a claim counts: in a fact with a total and parts it is the total's."""
    told = claims.of_fact(now.fact)
    found = (c for c in told if c.is_last and c.figure.hedge is Hedge.EXACT and counts_alike(c.figure, now.figure))
    before = next(found, None)
    if before is None or next((c for c in told if not c.is_last and counts_alike(c.figure, before.figure)), now) is not now:
        return None
    return before


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


def _multiple(figure: Figure, near: _Near, claims: Claims) -> Derivation | None:
    """是上年的2倍, 翻一番."""
    for now in near.before[:2]:
        before = _last_of(now, claims)
        if before is None or now.is_last or not _amount(before.figure):
            continue
        if _is(figure, _amount(now.figure) / _amount(before.figure), rounded=True):
            return Derivation(f"{now.figure.surface}÷{before.figure.surface}＝{figure.surface}", (now.fact.id,))
    return None


def _difference(figure: Figure, near: _Near) -> Derivation | None:
    """其余9人: the total less the parts told before it."""
    pool = _distinct([c for c in near.all[:5] if _adds_to(c, figure)])
    for whole in pool:
        parts = [c for c in pool if c is not whole and _amount(c.figure) < _amount(whole.figure)]
        for n in range(1, len(parts) + 1):
            rest = _amount(whole.figure) - sum((_amount(c.figure) for c in parts[:n]), Decimal(0))
            if rest > 0 and _is(figure, rest):
                taken = "－".join(c.figure.surface for c in parts[:n])
                return Derivation(f"{whole.figure.surface}－{taken}＝{figure.surface}", _ids((whole, *parts[:n])))
    return None


def _listed(figure: Figure, text: str, near: _Near, behind: int) -> Derivation | None:
    """«展览、活动、流动服务三条线», «三项工作：一是…二是…三是…»: the text itself lists as many.

    `behind` is the end of the figure before: «一等奖1项、二等奖2项» lists amounts, and 2项 does not count these.
    """
    if figure.quantity is None or figure.kind is not Kind.COUNT or figure.hedge is not Hedge.EXACT:
        return None
    n = figure.quantity.value
    if n != int(n) or not 2 <= n <= _MOST_LISTED:
        return None
    start = max(text.rfind(mark, 0, figure.span.start) for mark in "，。；：\n") + 1
    if behind <= start and len(_LISTED.findall(text, start, figure.span.start)) == n - 1:
        return Derivation(f"前面列举了{n}项", ())
    if _TOGETHER.match(text, figure.span.end) and len(near.before) >= n:
        return Derivation(f"前面说到的{n}项", ())
    paragraph = text[figure.span.end : text.find("\n", figure.span.end) % (len(text) + 1)]
    marks = [f"{mark}是" for mark in _MARKS[: int(n) + 1]]
    if all(m in paragraph for m in marks[: int(n)]) and marks[-1] not in paragraph:
        return Derivation(f"后面列举了{n}项", ())
    return None


def _is(figure: Figure, value: Decimal, *, rounded: bool = False) -> bool:
    """True if the written figure is `value` (in base units), rounded to the digits written where rounding is allowed."""
    if figure.quantity is None:
        return False
    said = figure.quantity.in_base
    if said == value:
        return True
    step = _step(figure)
    if rounded and (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step == said:
        return True
    return _hedged(figure, said, value)


def _step(figure: Figure) -> Decimal:
    """One unit of the last digit that the figure writes, in base units: 1000 for 0.4万人次, 0.1 for 9.0%."""
    surface = fold(figure.surface)
    decimals = _DECIMALS.search(surface)
    scale = Decimal(10) ** (8 if "亿" in surface else 4 if "万" in surface else 0)
    unit = figure.quantity.unit.scale if figure.quantity else Decimal(1)
    return scale * unit * Decimal(1).scaleb(-len(decimals[1]) if decimals else 0)


def _hedged(figure: Figure, said: Decimal, value: Decimal) -> bool:
    """A hedged result may lie off by less than a unit of its last digit, on the side that the hedge says."""
    exponent = said.normalize().as_tuple().exponent
    if value <= 0 or not isinstance(exponent, int) or abs(said - value) >= Decimal(1).scaleb(exponent) or abs(said - value) > value / 10:
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
