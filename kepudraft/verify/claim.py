"""Every figure that the facts state, with what stands beside it there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kepudraft.facts.derive import compared_figure
from kepudraft.facts.sheet import Fact, FactSheet
from kepudraft.figures.fold import fold
from kepudraft.figures.hedged import with_far_hedges
from kepudraft.figures.match import CONVERTIBLE
from kepudraft.figures.scan import Figure, Kind, scan
from kepudraft.verify.context import Context, Contexts, Terms, terms_of

_TOPIC = 0.4  # weight of a label or topic that the fact's own text does not say
_BASE = 0.6  # weight of the compared figure's words for a change (比上年增长9.0%)


_NOUN = re.compile(r"[\u4e00-\u9fff]{4}$")
_NOWHERE = Context({}, frozenset(), frozenset(), "", "", "", False, True, False)


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """A figure that a fact states.

    Attributes:
        fact: The fact.
        figure: Its figure; for last year's value the figure of `fact.last`.
        context: Where it stands in the fact.
        is_last: True for last year's value.
        number: Its index among all claims.
        before: What stands right before it in the fact, folded, at most eight characters.
        since: What stands between it and the figure before it in the fact, or the fact's beginning, folded.
        follows: The number of the claim before it in the fact; of a change that of the claim that changed; -1 for none.
        noun: The last four characters of that where they are plain Chinese words, else "".
        family: What figures that could be taken for one another share.
        grade: The prize under which it is counted (一等奖), or "".
        source: The fact by its number and words; a computed one by those it is computed from, whose numbers the clerk has seen.
        agrees: What is said of a figure that tells it as it is.
    """

    fact: Fact
    figure: Figure
    context: Context
    is_last: bool
    number: int
    family: str
    source: str
    agrees: str
    before: str = ""
    since: str = ""
    follows: int = -1
    noun: str = ""
    grade: str = ""


def value_key(figure: Figure) -> object:
    """What figures share that may bear one another: the amount in the base unit, the month or quarter, or the bare year."""
    if figure.quantity is not None:
        return figure.quantity.in_base
    return figure.period.start[5:7] if figure.period else ""


def family(figure: Figure) -> str:
    """What figures that could be taken for one another share: dates, ordinals, a convertible dimension, or things."""
    if figure.quantity is None:
        return "date"
    if figure.kind is Kind.ORDINAL:
        return "ordinal"
    dimension = figure.quantity.unit.dimension
    return dimension if dimension in CONVERTIBLE and dimension != "person" else "thing"


def claims_in(sheet: FactSheet) -> Iterable[Claim]:
    """The claims of a sheet that holds its computed facts, in the order of the facts."""
    made: dict[tuple[str, int], Claim] = {}
    by_id = {f.id: f for f in sheet.facts}
    n = 0
    for fact in sheet.facts:
        base = by_id.get(fact.inputs[0]) if fact.formula else None
        whole = by_id.get(fact.part_of)
        source = f"按{'、'.join(fact.inputs)}算出的“{fact.text}”" if fact.formula else f"{fact.id}“{fact.text}”"
        agrees = f"与{source}一致"
        text, end, last = fold(fact.text), 0, -1
        for i, (figure, context) in enumerate(_figures(fact, text, sheet.year)):
            if base is not None:
                owner = _owner(made, base, fact)
                context, last = _as_change(context, owner), owner.number if owner else -1
            elif whole is not None:
                context = context._replace(part=True, terms=_added(context.terms, terms_of(_words(whole)), 0.3))
            start = figure.span.start
            before = text[max(0, start - 8) : start]
            grade = next((t for t in context.marks if t.endswith("等奖")), "")
            noun = found.group() if (found := _NOUN.search(before)) else ""
            made[fact.id, i] = Claim(
                fact, figure, context, False, n, family(figure), source, agrees, before, text[end:start], last, noun, grade
            )
            yield made[fact.id, i]
            end, last = figure.span.end, n
            n += 1
        for figure in scan(fact.last).figures if fact.last else ():
            like = _compared(fact, figure)
            context = made[fact.id, like].context if (fact.id, like) in made else _NOWHERE
            yield Claim(fact, figure, context._replace(last=True), True, n, family(figure), source, agrees)
            n += 1


def _figures(fact: Fact, text: str, year: int) -> Iterable[tuple[Figure, Context]]:
    labels = terms_of(fact.topic + "，" + fact.subject)
    figures = with_far_hedges(text, fact.figures)
    for figure, context in zip(figures, Contexts(text, figures, year=year), strict=True):
        yield figure, context._replace(terms=_added(context.terms, labels, _TOPIC))


def _owner(made: dict[tuple[str, int], Claim], base: Fact, fact: Fact) -> Claim | None:
    """The claim whose change a computed fact tells."""
    compared = compared_figure(base, fact)
    at = next((i for i, f in enumerate(base.figures) if f is compared or f == compared), 0)
    return made.get((base.id, at))


def _as_change(context: Context, owner: Claim | None) -> Context:
    """A change stands in a text behind the figure that changed: it is known by that figure's words."""
    if owner is None:
        return context._replace(compared=True)
    terms = dict(context.terms)
    for term, weight in owner.context.terms.items():
        terms[term] = max(terms.get(term, 0.0), weight * _BASE)
    return context._replace(terms=terms, compared=True)


def _compared(fact: Fact, last: Figure) -> int:
    """Index of the figure that last year's value belongs to: the first of its unit."""
    name = last.quantity.unit.name if last.quantity else ""
    return next((i for i, f in enumerate(fact.figures) if f.quantity and f.quantity.unit.name == name), -1)


def _words(fact: Fact) -> str:
    """A fact's text up to its first figure."""
    return fact.text[: fact.figures[0].span.start] if fact.figures else fact.text


def _added(terms: Terms, more: Iterable[str], weight: float) -> Terms:
    joined = dict(terms)
    for term in more:
        joined[term] = max(joined.get(term, 0.0), weight)
    return joined
