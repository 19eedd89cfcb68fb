"""Parts that add up to more than their total: the fact file's own slip, told before anything is drafted."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from kepudraft.facts.last_year import totals
from kepudraft.facts.sheet import Fact
from kepudraft.figures.scan import Figure, Kind


def remarks_on_sums(facts: Sequence[Fact]) -> list[str]:
    """One Chinese sentence for every total that is smaller than the largest of its parts, or than parts listed by 、.

    Parts told apart may overlap (其中省级…，其中新建…), so only those of one list («其中专职412人、兼职3860人») are added up.
    """
    found = []
    by_id = {f.id: f for f in facts}
    for fact in facts:
        whole = next((f for f in totals(fact) if _counts(f)), None)
        parts = [f for f in fact.figures if whole and f not in totals(fact) and _alike(f, whole)]
        if whole and parts:
            found += _judged(fact, whole, _listed(fact, parts), max(parts, key=_amount))
        total = by_id.get(fact.part_of)
        if total and fact.figures and total.figures and _alike(fact.figures[0], total.figures[0]):
            found += _judged(fact, total.figures[0], [], fact.figures[0])
    return found


def _judged(fact: Fact, whole: Figure, listed: Sequence[Figure], largest: Figure) -> list[str]:
    place = fact.source.place
    if _amount(largest) > _amount(whole):
        return [f"{place}：“其中”的{largest.surface}比总数{whole.surface}还大，请核对"]
    total = sum((_amount(f) for f in listed), Decimal(0))
    if len(listed) > 1 and total > _amount(whole):
        return [f"{place}：“其中”各项相加超过总数{whole.surface}，请核对"]
    return []


def _listed(fact: Fact, parts: Sequence[Figure]) -> list[Figure]:
    """The parts of one list: nothing but words and 、 between one and the next."""
    listed = list(parts[:1])
    for before, after in pairwise(parts):
        between = fact.text[before.span.end : after.span.start]
        if not between.startswith("、") or any(mark in between for mark in "，；。（"):
            break
        listed.append(after)
    return listed


def _counts(figure: Figure) -> bool:
    return figure.quantity is not None and figure.upper is None and figure.kind in (Kind.COUNT, Kind.MONEY, Kind.DURATION, Kind.MEASURE)


def _alike(one: Figure, other: Figure) -> bool:
    if not _counts(one) or not _counts(other) or one.quantity is None or other.quantity is None:
        return False
    return one.quantity.unit == other.quantity.unit


def _amount(figure: Figure) -> Decimal:
    return figure.quantity.in_base if figure.quantity else Decimal(0)
