"""Which claim a text's figure tells, and whether it stands beside the thing that the claim measures.

All figures of a text are bound together: a claim that one figure tells in its own words is not what another figure,
whose words fit less well, should have told; and a value told a second time beside a thing that is told nowhere is copied.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from kepudraft.facts.sheet import Status
from kepudraft.figures.match import Relation
from kepudraft.figures.scan import Figure, Kind
from kepudraft.verify.claim import Claim
from kepudraft.verify.claims import Claims
from kepudraft.verify.context import Context, contrast, terms_of
from kepudraft.verify.copied import Bearer
from kepudraft.verify.fits import Options, look_around, options_of
from kepudraft.verify.twins import meant_instead, moved

_MARGIN = 0.50  # by so much another claim's words must fit better before a value is held to stand beside the wrong thing
_MARGIN_TWICE = 0.10  # … where the value's own claim is told elsewhere, so that the value here is one too many
_MARGIN_EXCHANGED = 0.08  # … where two figures have each other's values
_RIVAL_TOLD = 0.20  # … more, where that claim is told rightly elsewhere
_WELL = 0.30  # fit from which a claim counts as told in its own words
_EXCHANGE_GAIN = 0.30  # … where by so much both together would fit better the other way round
_PLAN_TOLD = 0.20  # … more, where a plan's value is told as done: that is the fault, not the place
# «11项活动吸引4300人次», «平均每个学生7册»: the words before a figure name what drew the people, or over what is averaged.
_NAMES_OTHER = re.compile("(?:吸引|迎来|引来|带动|惠及|带来)了?$|平均|每[个名位人家户件场]")
_TOTAL = re.compile("总数|总量|总计|合计|累计|共")
_FLOOR = 0.10  # fit below which words have nothing in common
_NAMED = 0.4  # weight from which a term counts as naming what a claim is about
_TELLING_DIGITS = 3  # digits from which a value alone tells its claim, where no words do


class Fit(StrEnum):
    """How a figure and a claim stand to each other."""

    BOUND = "bound"
    ELSEWHERE = "elsewhere"    # the value is a claim's, the words are another's
    NO_VALUE = "no value"      # the words are a claim's, the value is none's
    NOTHING = "nothing"        # neither


_BOUND, _SAME = Fit.BOUND, Relation.SAME  # looking a member up by name is slow, and it is done for every figure


class Binding(NamedTuple):
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


_NOWHERE = Binding(Fit.NOTHING, None, Relation.NONE, None, 0.0)


def bind_all(
    text: str, figures: Sequence[Figure], around: Sequence[Context], claims: Claims, *, planned: Sequence[bool],
    sentences: Sequence[int],
) -> list[Binding]:
    """Bind every figure of a text.

    Args:
        text: The text, folded.
        figures: Its figures, in order.
        around: Their contexts.
        claims: What the facts state.
        planned: For every figure whether the text speaks of a plan there.
        sentences: For every figure the number of its sentence.
    """
    options = options_of(text, figures, around, claims, planned)
    look_around(options, sentences, claims)
    chosen = _chosen(options)
    told = Counter([
        b.claim.number for o, b in zip(options, chosen, strict=True)
        if b is not None and (o.context is None or _is_well(o, b))
    ])
    exchanged = _exchanged(options, chosen)
    return [
        _NOWHERE if o.context is None and b is None
        else Binding(_BOUND, b.claim, _SAME, None, 1.0) if o.context is None and b is not None
        else _decided(o, b, claims, told, exchanged) for o, b in zip(options, chosen, strict=True)
    ]


def _exchanged(options: Sequence[Options], chosen: Sequence[Bearer | None]) -> set[tuple[int, int]]:
    """Pairs of claims (own, other) whose values two figures tell the other way round, to their words' disadvantage."""
    gains: dict[tuple[int, int], tuple[float, int]] = {}
    for i, (o, b) in enumerate(zip(options, chosen, strict=True)):
        if b is not None and o.rival is not None:
            pair = (b.claim.number, o.rival.number)
            gains[pair] = max(gains.get(pair, (-1.0, -1)), (o.rival_fit - b.fit, i))
    found = set()
    for (own, other), (gain, i) in gains.items():
        back, j = gains.get((other, own), (-1.0, -1))
        if gain + back > _EXCHANGE_GAIN and not _is_part_of(options, i, j) and not _is_part_of(options, j, i):
            found.add((own, other))
    return found


def _is_part_of(options: Sequence[Options], whole: int, part: int) -> bool:
    """«资料5200份，其中活动周800份», «新建2家，总数达到5家»: exchanged, the part would be larger than its whole."""
    one, other = options[whole].figure.quantity, options[part].figure.quantity
    context, total = options[part].context, options[whole].context
    if abs(whole - part) != 1 or one is None or other is None or context is None:
        return False
    if whole > part:  # the total behind its part: only where one fact tells both
        same = options[whole].bearers[0].claim.fact is options[part].bearers[0].claim.fact
        return same and total is not None and _TOTAL.search(total.left) is not None and other.in_base < one.in_base
    return context.part and other.in_base < one.in_base


def _chosen(options: Sequence[Options]) -> list[Bearer | None]:
    """One bearer for every figure that has any, the best fits first, so that equal values share out."""
    chosen: list[Bearer | None] = [None] * len(options)
    taken: set[int] = set()
    order = []
    for i, o in enumerate(options):
        if o.context is None and len(o.bearers) == 1:  # a copied figure has no choice
            chosen[i] = best = o.bearers[0]
            taken.add(best.claim.number)
        elif o.bearers:
            order.append((-o.bearers[0].fit, i))
    for _, i in sorted(order):
        bearers = options[i].bearers
        best = bearers[0]
        if len(bearers) > 1:
            best = max(bearers, key=lambda b: (b.fit - (0.05 if b.claim.number in taken else 0.0), -b.claim.number))
        chosen[i] = best
        taken.add(best.claim.number)
    return chosen


def _is_well(options: Options, bearer: Bearer) -> bool:
    """True if a figure tells its claim in words that fit no other better."""
    return options.context is None or (bearer.fit >= _WELL and bearer.fit >= options.rival_fit)


def _decided(
    options: Options, bearer: Bearer | None, claims: Claims, told: Counter[int], exchanged: set[tuple[int, int]]
) -> Binding:
    figure, context, rival = options.figure, options.context, options.rival
    assert context is not None  # a figure that has none was decided on before
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
    if (twin := meant_instead(context, claims.twins.get(claim.number))) and (elsewhere or not _is_kept(options, claim, twin, told)):
        return Binding(Fit.ELSEWHERE, claim, kind, twin, fit)
    if _is_level_for_change(context, claim):
        return Binding(Fit.ELSEWHERE, claim, kind, None, fit)
    if owner := _owner_elsewhere(options, context, claim, claims, told):
        return Binding(Fit.ELSEWHERE, claim, kind, owner, fit)
    if _is_stranger(options, context, claim, claims, fit, elsewhere):
        return Binding(Fit.ELSEWHERE, claim, kind, None, fit)
    return Binding(Fit.BOUND, claim, kind, rival, fit)


def _is_kept(options: Options, claim: Claim, twin: Claim, told: Counter[int]) -> bool:
    """True if the text around speaks for a value that is told once, though its words are those of the claim's twin.

    «小分队14支，走了31个村» retold: 14支小分队奔赴31个村. The twin of the same fact is told well beside it, so what is left is
    this one. A twin of another fact does not count where the neighbours tell the claim's fact.
    """
    if twin.fact is claim.fact:
        return told[twin.number] > 0
    return claim.fact.id in options.near and twin.fact.id not in options.near


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
    own = claims.weighed(context)
    same = [c for c in claims.of_value(figure) if not c.fact.formula]
    fits = [(claims.overlap(context, own, c) + claims.similarity(context, own, c), -c.number) for c in same]
    if fits:
        best, minus = max(fits)
        if best >= 2 * _FLOOR or (digits(figure) >= _TELLING_DIGITS and best > 0):
            return Binding(Fit.NO_VALUE, None, Relation.NONE, claims.all[-minus], max(fit, _FLOOR))
    return Binding(Fit.NO_VALUE if rival and fit >= _FLOOR else Fit.NOTHING, None, Relation.NONE, rival, fit)


def _is_level_for_change(context: Context, claim: Claim) -> bool:
    """«增长到9.0%» where 9.0% is the growth."""
    return context.level and claim.context.compared and not claim.context.level


def _owner_elsewhere(options: Options, context: Context, bearer: Claim, claims: Claims, told: Counter[int]) -> Claim | None:
    """«听众46场»: the claim in another unit that the words right before the figure name, while its bearer's are not named."""
    figure = options.figure
    if figure.quantity is None or figure.kind is Kind.ORDINAL or context.right or not claims.named[bearer.number]:
        return None
    if _NAMES_OTHER.search(context.left):
        return None
    strong = claims.strong(terms_of(context.left))
    beside = bearer.context.left + bearer.context.right
    if any(context.left[i : i + 2] in beside for i in range(len(context.left) - 1)):
        return None
    if not strong or strong & bearer.context.own or any(bearer.context.terms.get(t, 0.0) >= _NAMED for t in strong):
        return None
    owner = claims.owner(strong, planned=options.planned)
    if owner is None or told[owner.number]:
        return None
    # «看电影的21.5万人次»: people come to what the same fact counts otherwise, but there is no «听众46场». Of two
    # things that may both be counted by either unit (期, 项) the words do not tell enough.
    people = _counts_people(owner.figure)
    return owner if people != _counts_people(figure) and (people or owner.fact is not bearer.fact) else None


def _counts_people(figure: Figure) -> bool:
    return figure.quantity is not None and figure.quantity.unit.dimension in ("person", "visit")


def _is_stranger(options: Options, context: Context, claim: Claim, claims: Claims, fit: float, elsewhere: bool) -> bool:
    """True if the figure's own words name something, and nothing of it is the claim's."""
    if options.figure.kind in (Kind.DATE, Kind.ORDINAL):
        return False
    if context.last != claim.context.last and not context.start and not (options.goes_on and not claims.strong(context.own)):
        return True  # but «去年15场，来了800人次» goes on with last year's
    if contrast(context, claim.context):
        return True
    if claim.grade and not context.terms.keys() & {claim.grade, "获得"} and "奖" not in context.head + context.right:
        return True  # «选手10人» where 10人 won a third prize
    if claim.fact.formula and not context.compared and not moved(context.head):
        return True  # «讲座2场» where 2场 is how many more there were
    # A value told once, in whatever words, is most likely its own; one told elsewhere as well is one too many here.
    return elsewhere and len(context.own) >= 2 and fit < _FLOOR


def digits(figure: Figure) -> int:
    """Significant digits of a figure's value as a measure of how likely another thing has the same: 3 for 38.6万."""
    return len(figure.quantity.value.normalize().as_tuple().digits) if figure.quantity else 0
