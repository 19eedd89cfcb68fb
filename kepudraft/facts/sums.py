"""Parts larger than their total, or that add up to more: the fact file's own slip, told before anything is drafted."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from kepudraft.errors import FactError
from kepudraft.facts.last_year import totals
from kepudraft.facts.sheet import Fact
from kepudraft.facts.vocabulary import vocabulary
from kepudraft.figures.scan import Figure, Hedge, Kind


def refuse_larger_part(fact: Fact) -> None:
    """Refuse a fact that contradicts itself: «志愿者4人，其中党员5人». No draft can tell both.

    Only the figure right behind 其中 is surely a part; what stands farther behind may be something else («服务居民300人»).

    Raises:
        FactError: The part is larger than every figure of its unit before it.
    """
    for mark in vocabulary().part_words.finditer(fact.text):
        before = [f for f in fact.figures if f.span.end <= mark.start()]
        part = next((f for f in fact.figures if f.span.start >= mark.end()), None)
        wholes = [f for f in before if part and f.upper is None and _alike(f, part)]
        if part is None or not wholes or any(c in "。；" for c in fact.text[mark.end() : part.span.start]):
            continue
        whole = max(wholes, key=_amount)
        if _amount(part) > _amount(whole) and whole.hedge is Hedge.EXACT:
            raise FactError(
                f"“{fact.text}”自相矛盾：“其中”的{part.surface}比总数{whole.surface}还大", place=str(fact.source),
                remedy="请核对这两个数，改正后再试；不是其中的一部分，请另起一行",
            )


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
