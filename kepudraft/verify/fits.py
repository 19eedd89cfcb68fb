"""What one figure of a text may tell, judged by itself and the figures beside it: claims of its value, and their best rival."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kepudraft.facts.sheet import Status
from kepudraft.figures.match import Relation, relation
from kepudraft.figures.scan import Figure
from kepudraft.verify.claim import Claim
from kepudraft.verify.claims import Claims, Weighed
from kepudraft.verify.context import Context, contrast
from kepudraft.verify.copied import Bearer, Copied
from kepudraft.verify.twins import meant_instead

_PLAIN = 0.85  # fit from which no other claim is looked at: its words could not fit so much better
_COMPANY = 0.20  # what a fit gains where a neighbour in the sentence tells the same fact
_CONTRAST = 0.35  # what is left of a fit where the words exclude one another
_UNMARKED = 0.85  # … where one names a member of such a group and the other none
_MISFIT = 0.6  # … where one is last year's, or one a change
_PART = 0.75  # … where one is a part and the other a total
_PLAN = 0.25  # what a plan's fit gains where the text speaks of plans: it is told rather than a done thing of the same value
_PER_RANK = 0.08  # what a changed hedge costs against a claim of the very value
_NAMED = 0.4  # weight from which a term counts as naming what a claim is about
_RIVALS = 4
_RANK = {
    Relation.SAME: 0, Relation.EQUAL: 0, Relation.ROUNDED: 1, Relation.HEDGE_DROPPED: 2, Relation.HEDGE_CHANGED: 2,
    Relation.HEDGE_ADDED: 2,
}
_SAME, _NONE = Relation.SAME, Relation.NONE
_PLANNED = Status.PLANNED


@dataclass(slots=True)
class Options:
    """What one figure may tell; filled in step by step, since the neighbours' facts raise a fit.

    Attributes:
        figure: The figure.
        planned: True if the text speaks of a plan there.
        context: Its context; None for a copied figure and for the year of the report: nobody needs to ask what they count.
        weighed: The context as the sheet weighs it.
        bearers: Claims of its value, those whose words fit best first.
        rival: The claim of another value whose words fit best, or None.
        rival_fit: How well they fit.
        goes_on: True if the figure before in the sentence and this one are both values of the year before of one fact.
        near: The facts that the figures before and behind in the sentence tell, "" for none.
    """

    figure: Figure
    planned: bool
    context: Context | None = None
    weighed: Weighed | None = None
    bearers: Sequence[Bearer] = ()
    rival: Claim | None = None
    rival_fit: float = 0.0
    near: tuple[str, str] = ("", "")
    goes_on: bool = False


def options_of(
    text: str, figures: Sequence[Figure], around: Sequence[Context], claims: Claims, planned: Sequence[bool]
) -> list[Options]:
    """The options of every figure of a text, each judged by itself and without rivals.

    Args:
        text: The text, folded.
        figures: Its figures, in order.
        around: Their contexts.
        claims: What the facts state.
        planned: For every figure whether the text speaks of a plan there.
    """
    made = []
    find = claims.copies.find
    copied: Copied | None = None
    for i, figure in enumerate(figures):
        options = Options(figure, planned[i])
        made.append(options)
        if copied := find(text, figure, copied):
            options.bearers = copied.bearers
            continue
        if claims.sheet.is_own_year(figure):
            continue  # whatever facts name it: it stands in the title and tells none of them
        context = options.context = around[i]
        options.weighed = claims.weighed(context)
        options.bearers = _bearers(figure, context, options.weighed, claims, planned=planned[i])
    return made


def _bearers(figure: Figure, context: Context, own: Weighed, claims: Claims, *, planned: bool) -> Sequence[Bearer]:
    year = claims.sheet.year
    found = []
    for claim in claims.valued(figure):
        kind = relation(figure, claim.figure, year=year)
        if kind is not _NONE:
            fit = _fitted(claims.similarity(context, own, claim), context, own, claim, claims)
            fit += _PLAN if planned and claim.fact.status is _PLANNED else 0.0
            found.append(Bearer(claim, kind, fit if kind is _SAME else fit - _PER_RANK * _RANK[kind]))
    return _ranked(found)


def _ranked(found: list[Bearer]) -> list[Bearer]:
    if len(found) > 1:
        found.sort(key=lambda b: (-b.fit, b.claim.number))
    return found


def look_around(options: Sequence[Options], sentences: Sequence[int], claims: Claims) -> None:
    """Raise fits where the figure before or behind, in the same sentence, tells the same fact; then look for rivals.

    Facts are told together: that is why the company is asked before the rivals.

    Args:
        options: The options of all figures of the text, in order.
        sentences: For every figure the number of its sentence.
        claims: What the facts state.
    """
    facts = [o.bearers[0].claim.fact.id if o.bearers else "" for o in options]
    last = len(options) - 1
    for i, o in enumerate(options):
        if o.context is None:
            continue
        here = sentences[i]
        near = (
            facts[i - 1] if i and sentences[i - 1] == here else "",
            facts[i + 1] if i < last and sentences[i + 1] == here else "",
        )
        o.near = near
        o.goes_on = near[0] != "" and _is_last_of(options[i - 1], near[0]) and _is_last_of(o, near[0])
        bearers = o.bearers
        plain = bool(bearers) and bearers[0].fit >= _PLAIN and not _RANK[bearers[0].relation]
        if bearers and (near[0] or near[1]):
            o.bearers = _ranked([b._replace(fit=b.fit + _COMPANY) if b.claim.fact.id in near else b for b in bearers])
        if not plain:
            _find_rival(o, {b.claim.number for b in bearers}, near, claims)


def _is_last_of(options: Options, fact: str) -> bool:
    """True if the value is most likely a fact's of the year before."""
    return bool(options.bearers) and options.bearers[0].claim.is_last and options.bearers[0].claim.fact.id == fact


def _find_rival(options: Options, bearers: set[int], near: tuple[str, str], claims: Claims) -> None:
    """Set the claim of the figure's unit and kind, but of another value, whose words fit best."""
    context, own = options.context, options.weighed
    if context is None or own is None:
        return
    scores = claims.rivals(options.figure, context, own, planned=options.planned)
    found = [(s, -n) for n, s in scores.items() if n not in bearers]
    best, best_number = 0.0, -1
    for score, minus in found if len(found) <= _RIVALS else sorted(found, reverse=True)[:_RIVALS]:
        claim = claims.all[-minus]
        company = _COMPANY if claim.fact.id in near else 0.0
        if (score + 1) / 2 + company < best:
            continue  # however much of its words were shared
        fit = _fitted(score, context, own, claim, claims) + company
        if best_number < 0 or fit > best or (fit == best and -minus < best_number):
            best, best_number = fit, -minus
    if best_number >= 0:
        options.rival, options.rival_fit = claims.all[best_number], best


def _fitted(score: float, context: Context, own: Weighed, claim: Claim, claims: Claims) -> float:
    """How well a figure's words fit a claim, from 0 to 1."""
    theirs = claim.context
    fit = (score + claims.overlap(context, own, claim)) / 2
    if _excludes(context, claim, claims):
        fit *= _CONTRAST
    elif (context.marks or theirs.marks) and not _named(context, theirs) & _named(theirs, context):
        fit *= _UNMARKED
    if context.last != theirs.last and not context.start:
        fit *= _MISFIT
    if context.compared != theirs.compared or (context.level and theirs.compared):
        fit *= _MISFIT
    elif context.part != theirs.part and not context.marks & theirs.marks:
        fit *= _PART
    return fit


def _excludes(context: Context, claim: Claim, claims: Claims) -> bool:
    """True if the words beside a figure say that it is not this claim's."""
    if (context.marks or claim.context.marks) and contrast(context, claim.context):
        return True
    if claim.grade and claim.grade not in context.terms and "奖" not in context.head:
        return True
    return meant_instead(context, claims.twins.get(claim.number)) is not None


def _named(one: Context, other: Context) -> bool:
    """True if all that `one` names of words that exclude others is named by `other`, too, close by."""
    return all(other.terms.get(t, 0.0) >= _NAMED for t in one.marks)
