"""Claims that only a word or two tells apart: parts of one fact, or facts worded alike (甲社区讲座5场, 乙社区讲座8场).

Between such twins the words that differ decide, however well all the others fit.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kepudraft.figures.match import units_agree
from kepudraft.figures.scan import Kind
from kepudraft.verify.claim import Claim
from kepudraft.verify.context import Context, terms_of

_ALIKE = 0.5  # share of words in common from which claims of two facts are twins
_OWN_PART = re.compile("其中|里头|含(?!量)")
_OF_WHICH = ("里", "中", "内", "当中", "之中")
_MOVED = re.compile("[增减升降涨跌多少翻高低扩添落]|(?<!参)加")


class Twin(NamedTuple):
    """Another claim, and what tells it from the first.

    Attributes:
        claim: The other one.
        mine: Words that only the first has beside it.
        theirs: Words that only the other has beside it.
    """

    claim: Claim
    mine: frozenset[str]
    theirs: frozenset[str]


class Twins(NamedTuple):
    """All twins of one claim.

    Attributes:
        claim: The claim.
        all: Its twins.
        words: What tells any of them from it.
        differs: True if one of them is a change or a part and it is none, or the other way round.
    """

    claim: Claim
    all: tuple[Twin, ...]
    words: frozenset[str]
    differs: bool


def twins_of(claims: Sequence[Claim], telling: frozenset[str]) -> dict[int, Twins]:
    """The twins of every claim that has any, by its number; only `telling` words count."""
    groups: dict[tuple[str, bool, bool], list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.figure.quantity is not None and claim.figure.kind is not Kind.ORDINAL and not claim.fact.formula:
            groups[claim.family, claim.is_last, claim.figure.quantity.unit.dimension == "person"].append(claim)
    found: dict[int, list[Twin]] = defaultdict(list)
    for group in groups.values():
        for one, other in _pairs(group):
            a, b = one.context.own & telling, other.context.own & telling
            found[one.number].append(Twin(other, a - b, b - a))
            found[other.number].append(Twin(one, b - a, a - b))
    return {n: _together(claims[n], tuple(twins)) for n, twins in found.items()}


def _together(claim: Claim, twins: tuple[Twin, ...]) -> Twins:
    context = claim.context
    kin = [t.claim.context for t in twins if t.claim.fact is claim.fact]
    differs = any(k.compared != context.compared or (k.part and not context.part) for k in kin)
    return Twins(claim, twins, frozenset().union(*(t.theirs for t in twins)), differs)


def _pairs(group: Sequence[Claim]) -> Iterable[tuple[Claim, Claim]]:
    for i, one in enumerate(group):
        for other in group[i + 1 :]:
            if one.figure.quantity == other.figure.quantity or not units_agree(one.figure, other.figure):
                continue
            if one.fact is other.fact or _are_alike(one, other):
                yield one, other


def _are_alike(one: Claim, other: Claim) -> bool:
    a, b = one.context.own, other.context.own
    return one.fact.status is other.fact.status and bool(a) and len(a & b) >= _ALIKE * max(len(a), len(b))


def meant_instead(context: Context, twins: Twins | None) -> Claim | None:
    """The twin that the words beside a figure name while they do not name the claim; None where they leave it open.

    Args:
        context: Where the figure stands.
        twins: The claim's twins; None where it has none.
    """
    if twins is None or (not twins.differs and context.own.isdisjoint(twins.words)):
        return None
    claim = twins.claim
    own = context.own
    if context.right.startswith(_OF_WHICH):  # «24场里健康讲座占10场»: what follows is no longer said of 24场
        own = frozenset(terms_of(context.left))
    for twin in twins.all:
        if own & twin.mine or (claim.fact is not twin.claim.fact and any(t in context.terms for t in twin.mine)):
            continue
        if own & twin.theirs or _differs(context, claim, twin.claim):
            return twin.claim
    return None


def moved(words: str) -> bool:
    """True if words speak of a change: 增长, 多, 净增, 回落."""
    return bool(_MOVED.search(words))


def _differs(context: Context, claim: Claim, twin: Claim) -> bool:
    """«其中68人» where 68 is the whole; «比上年多2860万元» where 220 is the change, and «经费220万元»."""
    if claim.fact is not twin.fact:
        return False
    mine, theirs = claim.context, twin.context
    if mine.compared != theirs.compared and not context.level:
        changed = context.compared or moved(context.left)
        return changed != mine.compared and (not mine.compared or not moved(context.right))
    return theirs.part and not mine.part and bool(_OWN_PART.search(context.left))
