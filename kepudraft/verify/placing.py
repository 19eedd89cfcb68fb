"""Where a value belongs when not its own words but its neighbours say so: from–to, ellipsis, a part of a whole, a total.

Each rule looks at figures that are bound by value and words already, and moves some of them elsewhere.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from kepudraft.facts.sheet import Status
from kepudraft.figures.match import Relation, units_agree
from kepudraft.figures.scan import Figure, Hedge, Kind
from kepudraft.verify.bind import Binding, Fit, digits
from kepudraft.verify.claim import Claim
from kepudraft.verify.claims import Claims
from kepudraft.verify.context import Context, wording

_WELL = 0.30  # fit from which a figure's own words carry it
_TELLING = 3  # significant digits from which a value alone tells its claim
_CERTAIN = 1.0  # fit of a copied figure
_TO = ("到", "至", "为", "成")
_GROWN = re.compile("，?[^，。；、：0-9]{1,4}(?:到|至|为|成)")
_FROM = re.compile("[由从][^，。；：]{0,6}$")
_TOTAL = re.compile("(?:合计|共计|总计|总共|一共|加起来|合起来)(?:为|是|有|达|约)?$")
_OWN_PART = re.compile("其中|里头|含(?!量)")
_BOUND = Fit.BOUND


def placed(
    text: str, figures: Sequence[Figure], around: Sequence[Context], bindings: Sequence[Binding], claims: Claims,
    sentences: Sequence[int],
) -> list[Binding]:
    """The bindings, with those that cannot be right for their neighbours' sake turned to ELSEWHERE.

    Args:
        text: The text, folded.
        figures: Its figures, in order.
        around: Their contexts.
        bindings: What each was bound to by itself.
        claims: What the facts state.
        sentences: For every figure the number of its sentence.
    """
    made = list(bindings)
    told = {b.claim.number for b in bindings if b.fit is _BOUND and b.claim is not None}
    starts = [f.span.start for f in figures]
    parts = {bisect_left(starts, m.start()) for m in _OWN_PART.finditer(text)}  # figures with such a word before them
    for i, figure in enumerate(figures):
        binding = made[i]
        if binding.score >= _CERTAIN and i not in parts and text[starts[i] - 1] not in _TO:
            continue
        claim = binding.claim
        before = i - 1 if i and sentences[i - 1] == sentences[i] else -1
        if before >= 0 and text[figure.span.start - 1] in _TO and _is_from_to(text, figures[before], figure):
            made[before], made[i] = _from_to(made[before], binding, claims)
        elif before >= 0 and binding.fit is _BOUND and i in parts:
            _check_part(figures, made, sentences, i)
        elif binding.fit is _BOUND and claim is not None and binding.score < _CERTAIN and figure.quantity is not None:
            context = around[i]
            if _TOTAL.search(context.left) and not context.last and _is_no_total(figures, made, sentences, i, binding.score < _WELL):
                made[i] = Binding(Fit.NO_VALUE, None, Relation.NONE, None, 0.0)
            elif owner := _left_out(figures, made, sentences, i, context, claims, told):
                made[i] = binding._replace(fit=Fit.ELSEWHERE, rival=owner)
    return made


def _is_from_to(text: str, low: Figure, high: Figure) -> bool:
    """«由12个增加到14个», «12个发展到14个»; but in «讲座办到24场，课开到15次» each stands for itself."""
    if not _GROWN.fullmatch(text, low.span.end, high.span.start):
        return False
    return text[low.span.end] != "，" or _FROM.search(text, max(0, low.span.start - 8), low.span.start) is not None


def _from_to(low: Binding, high: Binding, claims: Claims) -> tuple[Binding, Binding]:
    """«由12个增加到14个»: both tell one thing, last year's value and this year's, or this year's and the plan."""
    one, other = low.claim, high.claim
    if low.fit is Fit.ELSEWHERE and high.fit is _BOUND and one is not None and other is not None and (
        low.rival is other or (other.fact.status is Status.PLANNED and claims.named[one.number] & claims.named[other.number])
    ):
        low = low._replace(fit=_BOUND)  # that the plan's words fit better is no wonder: they stand beside both
    if low.fit is not _BOUND or high.fit is not _BOUND or one is None or other is None or other.fact is one.fact:
        return low, high
    if other.fact.status is Status.PLANNED:
        meant = _planned_on(other, one, claims)
        return (low if meant is None else low._replace(fit=Fit.ELSEWHERE, rival=meant)), high
    meant = next((c for c in claims.of_fact(one.fact) if not c.is_last and units_agree(c.figure, one.figure)), None)
    return low, high if meant is None or not one.is_last else high._replace(fit=Fit.ELSEWHERE, rival=meant)


def _planned_on(plan: Claim, one: Claim, claims: Claims) -> Claim | None:
    """What a plan starts from where that is not `one`: this year's claim that shares words with the plan; None if it is."""
    words = claims.named[plan.number]
    if words & claims.named[one.number]:
        return None
    found = [
        (len(words & claims.named[c.number]), -c.number) for c in claims.all
        if c.fact.status is not Status.PLANNED and not c.fact.formula and not c.is_last and units_agree(c.figure, plan.figure)
    ]
    shared, minus = max(found, default=(0, 0))
    return claims.all[-minus] if shared else None


def _check_part(figures: Sequence[Figure], made: list[Binding], sentences: Sequence[int], part: int) -> None:
    """«志愿者21人，其中教师68人»: no part is larger than its whole; of the two the one whose words fit less is out of place."""
    other = figures[part]
    for whole in range(part - 1, -1, -1):
        one = figures[whole]
        if sentences[whole] != sentences[part] or one.quantity is None or other.quantity is None:
            return
        if one.quantity.unit.name != other.quantity.unit.name or one.kind is Kind.ORDINAL:
            continue
        exact = one.hedge is Hedge.EXACT and one.upper is None and other.upper is None
        if exact and other.quantity.in_base > one.quantity.in_base and made[whole].fit is _BOUND and not _is_change(made[whole]):
            at = whole if made[whole].score < made[part].score else part
            made[at] = made[at]._replace(fit=Fit.ELSEWHERE, rival=None)
        return


def _is_change(binding: Binding) -> bool:
    return binding.claim is not None and (bool(binding.claim.fact.formula) or binding.claim.context.compared)


def _is_no_total(figures: Sequence[Figure], made: Sequence[Binding], sentences: Sequence[int], i: int, stray: bool) -> bool:
    """«专任9人、兼任6人，合计6人»: parts of its unit are listed before it, and no run of them adds up to it.

    A total of other things may follow them, too: unless it is `stray`, it must be no larger than a part to be held for wrong.
    """
    figure = figures[i]
    parts: list[Decimal] = []
    for k in range(i - 1, -1, -1):
        one = figures[k]
        if one.kind is Kind.ORDINAL:
            continue  # 一等奖1个、二等奖2个
        if sentences[k] != sentences[i] or one.quantity is None or not units_agree(one, figure):
            break
        if one.hedge is not Hedge.EXACT or made[k].claim is None:
            break
        parts.append(one.quantity.in_base)
    if len(parts) < 2 or figure.quantity is None or figure.hedge is not Hedge.EXACT:
        return False
    said, total = figure.quantity.in_base, Decimal(0)
    for part in parts:
        total += part
        if total == said and total != parts[0]:
            return False
    return stray or said <= max(parts)


def _left_out(
    figures: Sequence[Figure], made: Sequence[Binding], sentences: Sequence[int], i: int, context: Context, claims: Claims,
    told: set[int],
) -> Claim | None:
    """«讲座24场、180人次»: a figure without words of its own speaks of what the one beside it speaks of.

    None where its own fact is named nearby, or where the neighbour's fact has no figure of the kind that is not yet told.
    """
    figure, claim = figures[i], made[i].claim
    if claim is None or any(t in context.terms for t in claims.named[claim.number] if t not in context.own):
        return None
    generic = wording().weak
    for k in (i - 1, i + 1):
        if not 0 <= k < len(figures) or sentences[k] != sentences[i] or made[k].fit is not _BOUND:
            continue
        beside = made[k].claim
        if beside is None or (made[k].score < _WELL and digits(figures[k]) < _TELLING):
            return None
        fact = claims.sheet.fact(beside.fact.inputs[0]) if beside.fact.formula else beside.fact
        if fact is claim.fact:
            return None
        for other in claims.of_fact(fact):
            known = generic | other.context.own if k < i else generic
            if other.is_last or other is beside or other.number in told or not units_agree(figure, other.figure):
                continue
            return other if context.own <= known else None
        return None
    return None
