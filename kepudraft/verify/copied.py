"""Figures that stand in a fact's own words: that they stand beside the right thing needs no weighing of words.

Most figures of most drafts do. A figure is held for copied where its very surface stands behind what stands before it in
the fact, or right behind the figure that stands before it there, with no more between them than the fact has.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from kepudraft.figures.fold import fold
from kepudraft.figures.hedged import is_far_hedged
from kepudraft.figures.match import Relation
from kepudraft.figures.scan import Figure, Kind
from kepudraft.verify.claim import Claim
from kepudraft.verify.context import terms_of, wording

_COPIED = 8  # so many characters before a figure must be the fact's for the figure to be held for copied
_OPENING = 16  # characters of a sentence before its first figure that are held against a fact's
_BEHIND = 4  # characters behind a date that are the fact's: a date stands before what it dates
_ENDS = frozenset("。；\n！？")
_MARKS = frozenset("，、；：。")
_COMMAS = ("，", "、")
_NONE = -2
_TURNS = re.compile("[年较增减升降到至从由没未不无拟将原]|比(?!例|赛|重)|同(?!学|志)|其中|计划")
"""Words that may change what a figure is said of, where a stretch is not the fact's to the letter."""
_THIS_YEAR = re.compile("^(?:本年度|全年|今年|年内)")
_AGAINST = frozenset(("比上年", "较上年", "同比", "比去年", "较去年", ""))


class Bearer(NamedTuple):
    """A claim that has a figure's value, or a rival that has another; with how well the figure's words fit it."""

    claim: Claim
    relation: Relation
    fit: float


class _Copy(NamedTuple):
    """How a claim is told in its fact's words.

    Attributes:
        bearer: The claim.
        ends: What may stand right before it, whatever stands before that.
        opening: The fact up to it, where it is the fact's first figure and no other claim of its surface opens so; else "".
        behind: The fact's words behind a date, where they tell it from others of its surface; else "".
        follows: The number of the claim before it in the fact, or of the one whose change it is; none (-2) for the first.
        leads: The number that the next figure's `follows` must be. Behind a change the fact goes on where it stood:
            «286场次，增长12.6%，公众11.8万人次».
        between: What stands between the two in the fact; of a change its verb (增长).
        is_dated: True if it follows a date; a comma behind that is left out of `between`.
    """

    bearer: Bearer
    ends: tuple[str, ...]
    opening: str
    behind: str
    follows: int
    leads: int
    between: str
    is_dated: bool


class Copied(NamedTuple):
    """A figure that was found to be a copy: the next one may follow it as it does in the fact.

    Attributes:
        bearers: Whom it tells; several where equal words stand with equal figures.
        follows: The number of the claim that the next figure's must follow.
        end: Where it ends.
    """

    bearers: Sequence[Bearer]
    follows: int
    end: int


class Copies:
    """The copies that a sheet's claims allow.

    Args:
        claims: All claims, in order.
    """

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._of = _copies(claims)

    def find(self, text: str, figure: Figure, before: Copied | None) -> Copied | None:
        """Whom a figure tells if it is copied, or None.

        Args:
            text: The text, folded.
            figure: The figure.
            before: What was found of the figure before it.
        """
        copies = self._of.get(figure.surface)
        if copies is None or (figure.qualifier and is_far_hedged(figure)):
            return None
        start, end = figure.span
        found = [c for c in copies if text.endswith(c.ends, 0, start)] or _in_turn(text, start, end, copies, before)
        if not found:
            return None
        first = found[0]
        return Copied([first.bearer] if len(found) == 1 else [c.bearer for c in found], first.leads, end)


def _in_turn(text: str, start: int, end: int, copies: Sequence[_Copy], before: Copied | None) -> Sequence[_Copy]:
    """The copy that a figure is for what stands before or behind it in the fact, if there is one."""
    for copy in copies:
        if before is not None and copy.follows == before.follows and _follows(text[before.end : start], copy):
            return (copy,)
        if (copy.opening and _opens(text, start, copy)) or (copy.behind and _dates(text, end, copy)):
            return (copy,)
    return ()


def _follows(said: str, copy: _Copy) -> bool:
    """True if what stands between two figures stands there in the fact, or tells by how much the first of them changed."""
    if copy.bearer.claim.fact.formula:
        return said.endswith(copy.between) and said[: -len(copy.between)].lstrip("，、") in _AGAINST
    if copy.is_dated:  # «5月，科技活动周» and «5月科技活动周» are one
        said = said.removeprefix("，")
    return said == copy.between or (said in _COMMAS and not copy.between) or _is_same(said, copy.between)


def _opens(text: str, start: int, copy: _Copy) -> bool:
    """True if a sentence opens as the fact does."""
    at = max(0, start - _OPENING)
    at = max(at, *(text.rfind(mark, at, start) + 1 for mark in _ENDS))
    return (at == 0 or text[at - 1] in _ENDS) and _is_same(text[at:start], copy.opening)


def _dates(text: str, end: int, copy: _Copy) -> bool:
    """True if a date stands before what it dates in the fact, a verb between them or none."""
    at = end + 1 if text.startswith("，", end) else end
    return text.startswith(copy.behind, at) or (text.startswith(copy.behind, at + 2) and _says_nothing(text[at : at + 2]))


@lru_cache(maxsize=20_000)
def _is_same(said: str, stated: str) -> bool:
    """True if two stretches say the same but for words that tell nothing: 开展讲座 and 讲座, 发放资料 and 发资料."""
    if said == stated:
        return True
    said, stated = _THIS_YEAR.sub("", said), _THIS_YEAR.sub("", stated)
    if _TURNS.search(said) or _TURNS.search(stated) or not _ENDS.isdisjoint(said) or (said[:1] in _MARKS) != (stated[:1] in _MARKS):
        return False
    weak = wording().weak
    return frozenset(terms_of(said)) - weak == frozenset(terms_of(stated)) - weak


def _says_nothing(words: str) -> bool:
    return wording().weak.issuperset(terms_of(words))


def _copies(claims: Sequence[Claim]) -> Mapping[str, Sequence[_Copy]]:
    given = [c for c in claims if not c.is_last and not is_far_hedged(c.figure)]
    nouns = Counter((c.family, c.noun) for c in claims)
    surfaces = Counter(c.figure.surface for c in claims)
    openings = Counter((c.figure.surface, c.since) for c in given if c.follows < 0)
    dates = Counter((c.figure.surface, _behind(c)) for c in given if c.figure.kind is Kind.DATE)
    # 理事会3次 is no copy in 常务理事会3次: the end of another's longer name.
    ends_of_longer = {c.before[i:] for c in claims for i in range(1, len(c.before)) if "\u4e00" <= c.before[i - 1] <= "\u9fff"}
    found: dict[str, list[_Copy]] = defaultdict(list)
    for claim in given:
        start, surface, computed = claim.figure.span.start, claim.figure.surface, bool(claim.fact.formula)
        ends = (claim.noun,) if claim.noun and nouns[claim.family, claim.noun] == 1 else ()
        alone = claim.before not in ends_of_longer and (not computed or surfaces[surface] == 1)
        if len(claim.before) >= (_COPIED if start >= _COPIED else 3) and (start >= _COPIED or alone):
            ends = (*ends, claim.before)
        first = claim.follows < 0 and start <= _OPENING and openings[surface, claim.since] == 1 and not _says_nothing(claim.since)
        dated = claim.follows >= 0 and not computed and claims[claim.follows].figure.kind is Kind.DATE
        behind = _behind(claim) if claim.figure.kind is Kind.DATE else ""
        found[surface].append(_Copy(
            Bearer(claim, Relation.SAME, 1.0), ends, claim.since if first else "", behind if dates[surface, behind] == 1 else "",
            claim.follows if claim.follows >= 0 else _NONE, claim.follows if computed else claim.number,
            claim.since.removeprefix("比上年" if computed else "，" if dated else ""), dated,
        ))
    return dict(found)


def _behind(claim: Claim) -> str:
    """The words behind a figure up to the next one, a few of them, folded; "" where there are not so many."""
    fact, end = claim.fact, claim.figure.span.end
    stop = next((f.span.start for f in fact.figures if f.span.start >= end), len(fact.text))
    words = fold(fact.text[end:stop]).lstrip("，")[:_BEHIND]
    return words if len(words) == _BEHIND else ""
