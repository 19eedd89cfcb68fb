"""Claims that only a word or two tells apart: parts of one fact, or facts worded alike (甲社区讲座5场, 乙社区讲座8场).

Between such twins the words that differ decide, however well all the others fit.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from kepudraft.figures.match import units_agree
from kepudraft.figures.scan import Kind
from kepudraft.verify.claim import Claim
from kepudraft.verify.context import Context, terms_of

_ALIKE = 0.5  # share of words in common from which claims of two facts are twins
_OWN_PART = re.compile("其中|里头|含(?!量)")
_OF_WHICH = ("里", "中", "内", "当中", "之中")
_MOVED = re.compile("[增减升降涨跌多少翻高低扩添落]|(?<!参)加")


class Twins(NamedTuple):
    """All twins of one claim.

    Attributes:
        claim: The claim.
        named: Its own words that tell claims from one another.
        all: Its twins, each with such words of its own.
        words: What tells any of them from it.
        differs: True if one of them is a change or a part and it is none, or the other way round.
    """

    claim: Claim
    named: frozenset[str]
    all: tuple[tuple[Claim, frozenset[str]], ...]
    words: frozenset[str]
    differs: bool


class TwinIndex:
    """The twins of every claim of a sheet, each claim's sought when it is first asked for: most are asked for none.

    Args:
        claims: All claims, in order.
        named: Of every claim the words of its own clause that tell claims from one another; no others count.
    """

    def __init__(self, claims: Sequence[Claim], named: Sequence[frozenset[str]]) -> None:
        self._claims, self._named = claims, named
        self._worded: dict[tuple[object, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._kin: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for claim in claims:
            if (kind := _kind(claim)) is not None:
                self._kin[kind, claim.fact.id].append(claim.number)
                worded = self._worded[kind, claim.fact.status]
                for term in claim.context.own:
                    worded[term].append(claim.number)
        self._found: dict[int, Twins | None] = {}

    def get(self, number: int) -> Twins | None:
        """The twins of a claim by its number, or None if it has none."""
        if number not in self._found:
            self._found[number] = self._sought(self._claims[number])
        return self._found[number]

    def _sought(self, claim: Claim) -> Twins | None:
        kind = _kind(claim)
        if kind is None:
            return None
        own, worded = claim.context.own, self._worded[kind, claim.fact.status]
        shared = Counter(n for term in own for n in worded[term])
        alike = {n for n, words in shared.items() if words >= _ALIKE * max(len(own), len(self._claims[n].context.own))}
        twins = [self._claims[n] for n in sorted(alike.union(self._kin[kind, claim.fact.id])) if _differ(claim, self._claims[n])]
        if not twins:
            return None
        named = self._named[claim.number]
        everyone = tuple((c, self._named[c.number]) for c in twins)
        kin = [c.context for c in twins if c.fact is claim.fact]
        differs = any(k.compared != claim.context.compared or (k.part and not claim.context.part) for k in kin)
        return Twins(claim, named, everyone, frozenset().union(*(theirs for _, theirs in everyone)) - named, differs)


def _kind(claim: Claim) -> tuple[str, bool, bool] | None:
    """What twins have in common; None for a claim that has none."""
    figure = claim.figure
    if figure.quantity is None or figure.kind is Kind.ORDINAL or claim.fact.formula:
        return None
    return claim.family, claim.is_last, figure.quantity.unit.dimension == "person"


def _differ(one: Claim, other: Claim) -> bool:
    """True if two claims measure alike and have two values."""
    return one.figure.quantity != other.figure.quantity and units_agree(one.figure, other.figure)


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
    mine, strange, around = own & twins.named, own - twins.named, twins.named & context.terms.keys()
    for twin, theirs in twins.all:
        if not mine <= theirs or (claim.fact is not twin.fact and not around <= theirs):
            continue  # a word is said that only the claim has
        if not strange.isdisjoint(theirs) or _differs(context, claim, twin):
            return twin
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
