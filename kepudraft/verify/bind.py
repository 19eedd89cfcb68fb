"""Which claim a text's figure tells, and whether it stands beside the thing that the claim measures.

All figures of a text are bound together: a claim that one figure tells in its own words is not what another figure,
whose words fit less well, should have told; and a value told a second time beside a thing that is told nowhere is copied.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from heapq import nlargest

from kepudraft.facts.sheet import Status
from kepudraft.figures.fold import fold
from kepudraft.figures.match import Relation, relation, units_agree
from kepudraft.figures.scan import Figure, Kind
from kepudraft.verify.claims import Claim, Claims, Weighed, family
from kepudraft.verify.context import Context, contrast, terms_of

_MARGIN = 0.50  # by so much another claim's words must fit better before a value is held to stand beside the wrong thing
_MARGIN_TWICE = 0.10  # … where the value's own claim is told elsewhere, so that the value here is one too many
_MARGIN_EXCHANGED = 0.08  # … where two figures have each other's values
_RIVAL_TOLD = 0.20  # … more, where that claim is told rightly elsewhere
_PLAIN = 0.85  # fit from which no other claim is looked at: its words could not fit so much better
_WELL = 0.30  # fit from which a claim counts as told in its own words
_EXCHANGE_GAIN = 0.30  # … where by so much both together would fit better the other way round
_PLAN_TOLD = 0.20  # … more, where a plan's value is told as done: that is the fault, not the place
_COMPANY = 0.20  # what a fit gains where a neighbour in the sentence tells the same fact
_FLOOR = 0.10  # fit below which words have nothing in common
_CONTRAST = 0.35  # what is left of a fit where the words exclude one another
_UNMARKED = 0.85  # … where one names a member of such a group and the other none
_MISFIT = 0.6  # … where one is last year's, or one a change
_PART = 0.75  # … where one is a part and the other a total
_PER_RANK = 0.08  # what a changed hedge costs against a claim of the very value
_COPIED = 8  # so many characters before a figure must be the fact's for the figure to be held for copied
_NAMED = 0.4  # weight from which a term counts as naming what a claim is about
_TELLING_DIGITS = 3  # digits from which a value alone tells its claim, where no words do
_RIVALS = 4
_SENTENCE_END = re.compile(r"[。！？\n]")
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


@dataclass(frozen=True, slots=True)
class _Bearer:
    """A claim that has the figure's value."""

    claim: Claim
    relation: Relation
    fit: float


@dataclass(frozen=True, slots=True)
class _Options:
    """What one figure may tell, judged by itself."""

    figure: Figure
    context: Context | None  # None for a copied figure: nobody needs to ask what it counts
    bearers: tuple[_Bearer, ...]
    rivals: tuple[_Bearer, ...]
    planned: bool

    @property
    def rival(self) -> Claim | None:
        """The claim of another value whose words fit best."""
        return self.rivals[0].claim if self.rivals else None

    @property
    def rival_fit(self) -> float:
        """How well they fit."""
        return self.rivals[0].fit if self.rivals else 0.0


def bind_all(
    text: str, figures: Sequence[Figure], around: Sequence[Context], claims: Claims, *, planned: Sequence[bool]
) -> list[Binding]:
    """Bind every figure of a text.

    Args:
        text: The text.
        figures: Its figures, in order.
        around: Their contexts.
        claims: What the facts state.
        planned: For every figure whether the text speaks of a plan there.
    """
    folded = fold(text)
    options = [_options(folded, f, around, i, claims, planned[i]) for i, f in enumerate(figures)]
    options = _with_company(folded, options)
    chosen = _chosen(options)
    told = Counter(b.claim.number for o, b in zip(options, chosen, strict=True) if b is not None and _is_well(o, b))
    exchanged = _exchanged(options, chosen)
    return [_decided(o, b, claims, told, exchanged) for o, b in zip(options, chosen, strict=True)]


def _exchanged(options: Sequence[_Options], chosen: Sequence[_Bearer | None]) -> set[tuple[int, int]]:
    """Pairs of claims (own, other) whose values two figures tell the other way round, to their words' disadvantage."""
    gains: dict[tuple[int, int], float] = {}
    for o, b in zip(options, chosen, strict=True):
        if b is not None and o.rival is not None:
            pair = (b.claim.number, o.rival.number)
            gains[pair] = max(gains.get(pair, -1.0), o.rival_fit - b.fit)
    return {(a, b) for (a, b), gain in gains.items() if gain + gains.get((b, a), -1.0) > _EXCHANGE_GAIN}


def _options(text: str, figure: Figure, around: Sequence[Context], i: int, claims: Claims, planned: bool) -> _Options:
    valued = claims.valued(figure)
    copied = tuple(_Bearer(c, Relation.SAME, 1.0) for c in valued if _is_copied(text, figure, c, claims))
    if copied:
        return _Options(figure, None, copied, (), planned)
    context = around[i]
    scores = claims.similarity(context, family(figure))
    own = claims.weighed(context)
    bearers = []
    for claim in valued:
        kind = relation(figure, claim.figure, year=claims.sheet.year)
        if kind is not Relation.NONE:
            fit = _fitted(scores.get(claim.number, 0.0), context, own, claim, claims)
            bearers.append(_Bearer(claim, kind, fit - _PER_RANK * _RANK[kind]))
    bearers.sort(key=lambda b: (-b.fit, b.claim.number))
    plain = bool(bearers) and bearers[0].fit >= _PLAIN and not _RANK[bearers[0].relation]
    rivals = () if plain else _rivals(figure, context, own, claims, scores, {b.claim.number for b in bearers}, planned)
    return _Options(figure, context, tuple(bearers), rivals, planned)


def _is_copied(text: str, figure: Figure, claim: Claim, claims: Claims) -> bool:
    """True if the figure and the words right before it are the fact's own: it stands beside the right thing.

    Eight characters are enough whatever they are; four are where no other claim of the kind stands behind the same.
    """
    if claim.is_last or claim.figure.surface != figure.surface:
        return False
    start = claim.figure.span.start
    if claim.noun and claims.is_only_noun(claim) and text.endswith(claim.noun, 0, figure.span.start):
        return True
    theirs = claim.before[-_COPIED:]
    return len(theirs) >= (_COPIED if start >= _COPIED else 3) and text.endswith(theirs, 0, figure.span.start)


def _fitted(score: float, context: Context, own: Weighed, claim: Claim, claims: Claims) -> float:
    """How well a figure's words fit a claim, from 0 to 1."""
    fit = (score + claims.overlap(context, own, claim)) / 2
    if contrast(context, claim.context):
        fit *= _CONTRAST
    elif (context.marks or claim.context.marks) and not _named(context, claim.context) & _named(claim.context, context):
        fit *= _UNMARKED
    if context.last != claim.context.last and not context.start:
        fit *= _MISFIT
    if context.compared != claim.context.compared or (context.level and claim.context.compared):
        fit *= _MISFIT
    elif context.part != claim.context.part and not context.marks & claim.context.marks:
        fit *= _PART
    return fit


def _named(one: Context, other: Context) -> bool:
    """True if all that `one` names of words that exclude others is named by `other`, too, close by."""
    return all(other.terms.get(t, 0.0) >= _NAMED for t in one.marks)


def _rivals(
    figure: Figure, context: Context, own: Weighed, claims: Claims, scores: dict[int, float], bearers: set[int], planned: bool
) -> tuple[_Bearer, ...]:
    """Claims of the figure's unit and kind, but of another value, those whose words fit best first."""
    found = [
        claims.all[n] for n in scores
        if n not in bearers and _could_be_meant(claims.all[n], context, planned)
        and (figure.quantity is None or _measured_alike(figure, claims.all[n].figure))
    ]
    nearest = found if len(found) <= _RIVALS else nlargest(_RIVALS, found, key=lambda c: (scores[c.number], -c.number))
    fits = [_Bearer(c, Relation.NONE, _fitted(scores[c.number], context, own, c, claims)) for c in nearest]
    return tuple(sorted(fits, key=lambda r: (-r.fit, r.claim.number)))


def _measured_alike(one: Figure, other: Figure) -> bool:
    """As `units_agree`, but 486个 is no rival of 14人: 个 stands for persons only where the value says so."""
    persons = [f.quantity is not None and f.quantity.unit.dimension == "person" for f in (one, other)]
    return persons[0] == persons[1] and units_agree(one, other)


def _with_company(text: str, options: Sequence[_Options]) -> list[_Options]:
    """Fits raised where the figure before or behind, in the same sentence, tells the same fact: facts are told together."""
    first = [o.bearers[0].claim.fact.id if o.bearers else "" for o in options]
    made = []
    for i, o in enumerate(options):
        near = set() if o.context is None else {
            first[j] for j in (i - 1, i + 1) if 0 <= j < len(options) and first[j] and not _SENTENCE_END.search(
                text, min(o.figure.span.start, options[j].figure.span.start), max(o.figure.span.start, options[j].figure.span.start))
        }
        if not near:
            made.append(o)
            continue
        made.append(replace(o, bearers=_raised(o.bearers, near), rivals=_raised(o.rivals, near)))
    return made


def _raised(found: tuple[_Bearer, ...], facts: set[str]) -> tuple[_Bearer, ...]:
    raised = (replace(b, fit=b.fit + _COMPANY) if b.claim.fact.id in facts else b for b in found)
    return tuple(sorted(raised, key=lambda b: (-b.fit, b.claim.number)))


def _could_be_meant(claim: Claim, context: Context, planned: bool) -> bool:
    """A change is meant only where a change is told, a plan only in a plan, last year's value where last year is named."""
    if claim.fact.status is Status.PLANNED and not planned:
        return False
    if bool(claim.fact.formula) != context.compared and claim.fact.formula:
        return False
    return claim.is_last == context.last or context.compared


def _chosen(options: Sequence[_Options]) -> list[_Bearer | None]:
    """One bearer for every figure that has any, the best fits first, so that equal values share out."""
    chosen: list[_Bearer | None] = [None] * len(options)
    taken: Counter[int] = Counter()
    order = sorted((i for i, o in enumerate(options) if o.bearers), key=lambda i: (-options[i].bearers[0].fit, i))
    for i in order:
        best = max(options[i].bearers, key=lambda b: (b.fit - (0.05 if taken[b.claim.number] else 0.0), -b.claim.number))
        chosen[i] = best
        taken[best.claim.number] += 1
    return chosen


def _is_well(options: _Options, bearer: _Bearer) -> bool:
    """True if a figure tells its claim in words that fit no other better."""
    return options.context is None or (bearer.fit >= _WELL and bearer.fit >= options.rival_fit)


def _decided(
    options: _Options, bearer: _Bearer | None, claims: Claims, told: Counter[int], exchanged: set[tuple[int, int]]
) -> Binding:
    figure, context, rival = options.figure, options.context, options.rival
    if context is None:
        claim = bearer.claim if bearer else options.bearers[0].claim
        return Binding(Fit.BOUND, claim, Relation.SAME, None, 1.0)
    if bearer is None:
        return _unborne(figure, context, claims, rival, options.rival_fit)
    claim, kind, fit = bearer.claim, bearer.relation, bearer.fit
    elsewhere = told[claim.number] - _is_well(options, bearer) > 0
    if rival is not None:
        # «由18场增加到24场»: both stand in one clause, and their order tells them apart.
        swapped = (claim.number, rival.number) in exchanged and not context.start and not context.level
        margin = _margin(figure, elsewhere, told[rival.number] > 0, swapped)
        margin += _PLAN_TOLD if claim.fact.status is Status.PLANNED and not options.planned else 0.0
        if options.rival_fit > fit + margin:
            return Binding(Fit.ELSEWHERE, claim, kind, rival, fit)
    if _is_level_for_change(context, claim):
        return Binding(Fit.ELSEWHERE, claim, kind, None, fit)
    if owner := _owner_elsewhere(options, context, claim, claims, told):
        return Binding(Fit.ELSEWHERE, claim, kind, owner, fit)
    if _is_stranger(figure, context, claim, claims, fit, elsewhere):
        return Binding(Fit.ELSEWHERE, claim, kind, None, fit)
    return Binding(Fit.BOUND, claim, kind, rival, fit)


def _margin(figure: Figure, twice: bool, rival_told: bool, exchanged: bool) -> float:
    """How much better another claim's words must fit: a value told once, in whatever words, is most likely its own."""
    if exchanged:
        return _MARGIN_EXCHANGED
    margin = _MARGIN_TWICE if twice else _MARGIN
    if figure.kind is Kind.DATE:
        margin *= 2  # an event's date stands before, behind or far from its name
    return margin + (_RIVAL_TOLD if rival_told else 0.0)


def _unborne(figure: Figure, context: Context, claims: Claims, rival: Claim | None, fit: float) -> Binding:
    """No claim has the value in this unit: one that has it in another unit explains more than one of another value."""
    same = [c for c in claims.of_value(figure) if c.figure.quantity and not c.fact.formula]
    own = claims.weighed(context)
    fits = [(claims.overlap(context, own, c) + claims.similarity(context, family(c.figure)).get(c.number, 0.0), -c.number) for c in same]
    if fits:
        best, minus = max(fits)
        if best >= 2 * _FLOOR or (digits(figure) >= _TELLING_DIGITS and best > 0):
            return Binding(Fit.NO_VALUE, None, Relation.NONE, claims.all[-minus], max(fit, _FLOOR))
    return Binding(Fit.NO_VALUE if rival and fit >= _FLOOR else Fit.NOTHING, None, Relation.NONE, rival, fit)


def _is_level_for_change(context: Context, claim: Claim) -> bool:
    """«增长到9.0%» where 9.0% is the growth."""
    return context.level and claim.context.compared and not claim.context.level


def _owner_elsewhere(options: _Options, context: Context, bearer: Claim, claims: Claims, told: Counter[int]) -> Claim | None:
    """«听众46场»: the claim in another unit that the words right before the figure name, while its bearer's are not named."""
    figure = options.figure
    if figure.quantity is None or figure.kind is Kind.ORDINAL or context.right or not claims.strong(bearer.context.own):
        return None
    strong = claims.strong(terms_of(context.left))
    beside = bearer.context.left + bearer.context.right
    if any(context.left[i : i + 2] in beside for i in range(len(context.left) - 1)):
        return None
    if not strong or strong & bearer.context.own or any(bearer.context.terms.get(t, 0.0) >= _NAMED for t in strong):
        return None
    owner = claims.owner(strong, planned=options.planned)
    return owner if owner is not None and not told[owner.number] else None


def _is_stranger(figure: Figure, context: Context, claim: Claim, claims: Claims, fit: float, elsewhere: bool) -> bool:
    """True if the figure's own words name something, and nothing of it is the claim's."""
    if figure.kind in (Kind.DATE, Kind.ORDINAL):
        return False
    if (context.last != claim.context.last and not context.start) or contrast(context, claim.context):
        return True
    # A value told once, in whatever words, is most likely its own; one told elsewhere as well is one too many here.
    return elsewhere and len(context.own) >= 2 and fit < _FLOOR


def digits(figure: Figure) -> int:
    """Significant digits of a figure's value as a measure of how likely another thing has the same: 3 for 38.6万."""
    return len(figure.quantity.value.normalize().as_tuple().digits) if figure.quantity else 0
