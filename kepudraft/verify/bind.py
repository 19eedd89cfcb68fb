"""Which claim a text's figure tells, and whether it stands beside the thing that the claim measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kepudraft.figures.match import Relation, relation, units_agree
from kepudraft.figures.scan import Figure, Kind
from kepudraft.verify.claims import Claim, Claims, family
from kepudraft.verify.context import Context, contrast

_MARGIN = 0.18  # by so much another claim's words must fit better before a value is held to stand beside the wrong thing
_FLOOR = 0.12  # similarity below which words have nothing in common
_CONTRAST = 0.35  # what is left of a similarity where the words exclude one another
_MISFIT = 0.6  # … where one is a part and the other a total, or one is last year's
_CLAIMED = 0.97  # … where another figure of the text tells the claim already, so that equal claims share out
_NAMED = 0.4  # weight from which a term counts as naming what a claim is about
_COPIED = 8  # so many characters before a figure must be the fact's for the figure to be held for copied
_RANK = {
    Relation.SAME: 0, Relation.EQUAL: 0, Relation.ROUNDED: 1, Relation.HEDGE_DROPPED: 2, Relation.HEDGE_CHANGED: 2,
    Relation.HEDGE_ADDED: 2,
}


class Fit(StrEnum):
    """How a figure and a claim stand to each other."""

    BOUND = "bound"
    ELSEWHERE = "elsewhere"    # the value is a claim's, the words are another's
    NO_VALUE = "no value"      # the words are a claim's, the value is none's
    NOTHING = "nothing"        # neither


@dataclass(frozen=True, slots=True)
class Binding:
    """A figure of the text bound to the claims.

    Attributes:
        fit: What was found.
        claim: The claim whose value it is (BOUND, ELSEWHERE), or None.
        relation: How the value stands to that claim's.
        rival: The claim whose words fit best among those of its unit (ELSEWHERE, NO_VALUE), or None.
        score: How well the words fit `claim`, or `rival` where there is none.
    """

    fit: Fit
    claim: Claim | None
    relation: Relation
    rival: Claim | None
    score: float


def bind(text: str, figure: Figure, context: Context, claims: Claims, *, told: set[int]) -> Binding:
    """Bind one figure.

    Args:
        text: The text.
        figure: Of the text.
        context: Its context.
        claims: What the facts state.
        told: Numbers of the claims that figures before it tell.
    """
    valued = claims.valued(figure)
    if copied := _copied(text, figure, valued, told):
        return Binding(Fit.BOUND, copied, Relation.SAME, None, 1.0)
    scores = claims.similarity(context, family(figure))
    bearers = []
    for claim in valued:
        kind = relation(figure, claim.figure, year=claims.sheet.year)
        if kind is not Relation.NONE:
            fit = _fitted(scores.get(claim.number, 0.0), context, claim) * (_CLAIMED if claim.number in told else 1.0)
            bearers.append((_RANK[kind], -fit, claim.number, claim, kind))
    rival, rival_score = _best_rival(figure, context, claims, scores, {b[2] for b in bearers})
    if not bearers:
        return _unborne(figure, context, claims, rival, rival_score)
    _, minus, _, claim, kind = min(bearers, key=lambda b: (b[1] + 0.15 * b[0], b[2]))
    score = -minus
    if rival is not None and rival_score > score + _margin(figure):
        return Binding(Fit.ELSEWHERE, claim, kind, rival, score)
    if owner := _owner_elsewhere(figure, context, claim, claims):
        return Binding(Fit.ELSEWHERE, claim, kind, owner, score)
    if _is_stranger(figure, context, claim, claims, score):
        return Binding(Fit.ELSEWHERE, claim, kind, None, score)
    return Binding(Fit.BOUND, claim, kind, rival, score)


def _unborne(figure: Figure, context: Context, claims: Claims, rival: Claim | None, score: float) -> Binding:
    """No claim has the value in this unit: one that has it in another unit explains more than one of another value."""
    same = [c for c in claims.of_value(figure) if c.figure.quantity and claims.shared(context, c) > 0]
    if same:
        other = max(same, key=lambda c: (claims.shared(context, c), -c.number))
        return Binding(Fit.NO_VALUE, None, Relation.NONE, other, max(score, _FLOOR))
    return Binding(Fit.NO_VALUE if rival and score >= _FLOOR else Fit.NOTHING, None, Relation.NONE, rival, score)


def _owner_elsewhere(figure: Figure, context: Context, bearer: Claim, claims: Claims) -> Claim | None:
    """«听众46场»: the claim in another unit that the figure's own words name, where the bearer's words are not named."""
    if figure.quantity is None or figure.kind is Kind.ORDINAL:
        return None
    strong = claims.strong(context.own)
    if not strong or strong & bearer.context.own or any(bearer.context.terms.get(t, 0.0) >= _NAMED for t in strong):
        return None
    return claims.owner(strong)


def _copied(text: str, figure: Figure, valued: Sequence[Claim], told: set[int]) -> Claim | None:
    """The claim whose figure and words right before it are copied: such a figure stands beside the right thing."""
    found = None
    for claim in valued:
        if claim.is_last or claim.figure.surface != figure.surface:
            continue
        start = claim.figure.span.start
        theirs = claim.fact.text[max(0, start - _COPIED) : start]
        if len(theirs) >= (_COPIED if start >= _COPIED else 3) and text.endswith(theirs, 0, figure.span.start):
            if claim.number not in told:
                return claim
            found = found or claim
    return found


def _margin(figure: Figure) -> float:
    """Dates are told more freely than amounts: an event's date stands before, behind or far from its name."""
    return _MARGIN * 2 if figure.kind is Kind.DATE else _MARGIN


def _fitted(score: float, context: Context, claim: Claim) -> float:
    if contrast(context, claim.context):
        score *= _CONTRAST
    if context.last != claim.context.last:
        score *= _MISFIT
    if context.part != claim.context.part and not context.compared:
        score *= 0.85
    if context.compared != claim.context.compared:
        score *= _MISFIT
    return score


def _best_rival(
    figure: Figure, context: Context, claims: Claims, scores: dict[int, float], bearers: set[int]
) -> tuple[Claim | None, float]:
    best, best_score = None, 0.0
    for number, plain in scores.items():
        claim = claims.all[number]
        if plain <= best_score or number in bearers or (figure.quantity and not units_agree(figure, claim.figure)):
            continue
        score = _fitted(plain, context, claim)
        if score > best_score:
            best, best_score = claim, score
    return best, best_score


def _is_stranger(figure: Figure, context: Context, claim: Claim, claims: Claims, score: float) -> bool:
    """True if the figure's own words name something, and nothing of it is the claim's."""
    if figure.kind in (Kind.DATE, Kind.ORDINAL) or len(context.own) < 2:
        return False
    if context.last != claim.context.last:
        return True
    if contrast(context, claim.context):
        return True
    return score < _FLOOR and claims.shared(context, claim) == 0.0
