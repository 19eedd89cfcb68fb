"""What can be computed from the facts and is offered on demand: sums, remainders, shares, averages, completion rates, multiples.

`derive` adds the change against the year before to every sheet; nothing of this module is told unless somebody asks.
Each offer is a fact of its own with formula and inputs, in exact decimals, and only of exact figures: what is computed
from rough numbers would claim more than is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.fold import fold
from kepudraft.figures.scan import Figure, Hedge, Kind, scan

_WHOLE_AND_PART = re.compile("[，（、]?(?:其中|含)[:：]?")
# Amounts listed beside each other, or of two kinds that make up a whole; «展品326件，更新42件» is no list.
_LIST = re.compile("[、和与及]|，(?=兼职|兼任|线下|线上|馆外|馆内|校外|校内|女)")
_PLAN = re.compile("(?:计划|目标|任务|应)(?:举办|开展|完成|培训|发放|接待|达到|为|是)?[^，；。0-9]{0,8}$")
_DONE = re.compile("(?:实际|完成|已|实)[^，；。0-9]{0,8}$")
_OVER = {"event": "每场", "session": "每期", "occurrence": "每次"}
_TALLIED = frozenset((Kind.COUNT, Kind.MONEY, Kind.MEASURE, Kind.DURATION))
_WAN = Decimal(10_000)
_LEAST_MULTIPLE = Decimal("1.5")  # below it a percentage says it better


def offers(sheet: FactSheet) -> tuple[Fact, ...]:
    """Everything that can be computed from the sheet's own facts, numbered C1, C2 … in the order of the facts.

    Args:
        sheet: The facts; computed ones among them are left out.
    """
    made = [one for fact in sheet.facts if not fact.formula for one in _of_fact(fact)]
    made += _of_parts(sheet)
    return tuple(replace(one, id=f"C{n}") for n, one in enumerate(made, 1))


def _of_fact(fact: Fact) -> Iterator[Fact]:
    pairs = list(pairwise(f for f in fact.figures if _is_exact(f)))
    for one, other in pairs:
        if _same_unit(one, other) and _is_planned_and_done(fact.text, one, other):
            yield from _rate(fact, one, other)
    if fact.status is Status.PLANNED:
        return
    yield from _sum(fact)
    for one, other in pairs:
        if _same_unit(one, other) and _WHOLE_AND_PART.match(fact.text, one.span.end):
            yield from _part(fact, one, other, fact.text[one.span.end : other.span.start])
        else:
            yield from _average(fact, one, other)
    yield from _multiple(fact)


def _is_planned_and_done(text: str, one: Figure, other: Figure) -> bool:
    return bool(_PLAN.search(text[: one.span.start]) and _DONE.search(text[one.span.end : other.span.start]))


def _sum(fact: Fact) -> Iterator[Fact]:
    """«一等奖1项、二等奖3项»: a run of amounts of one unit, where none of them is the whole of the others."""
    run: list[Figure] = []
    for figure in (*(f for f in fact.figures if f.kind is not Kind.ORDINAL), None):
        if figure is not None and _is_exact(figure) and figure.kind in _TALLIED and (
            not run or (_same_unit(run[-1], figure) and _LIST.match(fact.text, run[-1].span.end))
        ):
            run.append(figure)
            continue
        if len(run) >= 2 and not _is_split(fact.text, run) and not _is_planned_and_done(fact.text, run[0], run[1]):
            total = sum((_amount(f) for f in run), Decimal(0))
            written = _written(total, run[0])
            yield _made(fact, f"合计{written}", "＋".join(f.surface for f in run) + f"＝{written}")
        run = [figure] if figure is not None and _is_exact(figure) and figure.kind in _TALLIED else []


def _is_split(text: str, run: Sequence[Figure]) -> bool:
    """True if the first of the run is the sum of the others, or is told as a whole with parts, or a change stands among them."""
    rest = sum((_amount(f) for f in run[1:]), Decimal(0))
    between = text[run[0].span.start : run[-1].span.end]
    return _amount(run[0]) == rest or bool(re.search("其中|含|比上年|增|减|上年|去年", between))


def _part(fact: Fact, whole: Figure, part: Figure, between: str) -> Iterator[Fact]:
    """Share and remainder of a part: «38.6万人次，其中未成年人21.2万人次» -> 54.9%, 其余17.4万人次."""
    if _amount(whole) <= _amount(part) or _amount(part) <= 0:
        return
    noun = _WHOLE_AND_PART.sub("", between).strip("，、：:（ ") or "其中部分"
    share = _rounded(_amount(part) / _amount(whole) * 100)
    yield _made(fact, f"{noun}占{share}%", f"{part.surface}÷{whole.surface}＝{share}%（保留1位小数）")
    rest = _written(_amount(whole) - _amount(part), whole)
    yield _made(fact, f"{noun}以外{rest}", f"{whole.surface}－{part.surface}＝{rest}")


def _rate(fact: Fact, planned: Figure, done: Figure) -> Iterator[Fact]:
    """«计划20场，完成24场» -> 完成率120.0%."""
    if _amount(planned) > 0:
        rate = _rounded(_amount(done) / _amount(planned) * 100)
        yield _made(fact, f"完成率{rate}%", f"{done.surface}÷{planned.surface}＝{rate}%（保留1位小数）")


def _average(fact: Fact, count: Figure, people: Figure) -> Iterator[Fact]:
    """«讲座46场，听众9800人次» -> 平均每场213人次."""
    if count.quantity is None or people.quantity is None or people.quantity.unit.dimension not in ("visit", "person"):
        return
    each = _OVER.get(count.quantity.unit.dimension)
    if each is None or _amount(count) <= 1 or _amount(people) < _amount(count):
        return
    mean = (_amount(people) / _amount(count)).quantize(Decimal(1), ROUND_HALF_UP)
    unit = people.quantity.unit.name
    exact = "" if mean * _amount(count) == _amount(people) else "（保留整数）"
    yield _made(fact, f"平均{each}{mean}{unit}", f"{people.surface}÷{count.surface}＝{mean}{unit}{exact}")


def _multiple(fact: Fact) -> Iterator[Fact]:
    """«讲座46场（上年20场）» -> 是上年的2.3倍."""
    for before in scan(fact.last).figures if fact.last else ():
        now = next((f for f in fact.figures if _is_exact(f) and _same_unit(f, before)), None)
        if now is None or not _is_exact(before) or now.kind not in _TALLIED or _amount(before) <= 0:
            continue
        if (times := _rounded(_amount(now) / _amount(before))) >= _LEAST_MULTIPLE:
            exact = "" if times * _amount(before) == _amount(now) else "（保留1位小数）"
            yield _made(fact, f"是上年的{_plain(times)}倍", f"{now.surface}÷{before.surface}＝{_plain(times)}倍{exact}")


def _of_parts(sheet: FactSheet) -> Iterator[Fact]:
    """Shares of facts that are parts of another fact: both are named in the formula."""
    wholes = {f.id: f for f in sheet.facts}
    for part in sheet.facts:
        whole = wholes.get(part.part_of)
        if whole is None or part.formula or not part.figures or not whole.figures:
            continue
        one, other = whole.figures[0], part.figures[0]
        if _is_exact(one) and _is_exact(other) and _same_unit(one, other) and 0 < _amount(other) < _amount(one):
            share = _rounded(_amount(other) / _amount(one) * 100)
            made = _made(part, f"占{share}%", f"{other.surface}÷{one.surface}＝{share}%（保留1位小数）")
            yield replace(made, inputs=(part.id, whole.id))


def _made(fact: Fact, text: str, formula: str) -> Fact:
    return Fact(
        id="C", text=text, figures=scan(text).figures, topic=fact.topic, status=fact.status, source=fact.source,
        formula=formula, inputs=(fact.id,), role=fact.role,
    )


def _is_exact(figure: Figure) -> bool:
    return figure.quantity is not None and figure.hedge is Hedge.EXACT and figure.upper is None and figure.kind is not Kind.ORDINAL


def _same_unit(one: Figure, other: Figure) -> bool:
    return one.quantity is not None and other.quantity is not None and one.quantity.unit.name == other.quantity.unit.name


def _amount(figure: Figure) -> Decimal:
    assert figure.quantity is not None  # only exact amounts are asked
    return figure.quantity.value


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _written(value: Decimal, like: Figure) -> str:
    unit = like.quantity.unit.name if like.quantity else ""
    surface = fold(like.surface)
    return f"{_plain(value / _WAN)}万{unit}" if "万" in surface and "亿" not in surface else f"{_plain(value)}{unit}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
