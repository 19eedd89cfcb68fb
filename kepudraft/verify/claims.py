"""Every figure that the facts state, with its context, indexed so that a text's figures find theirs quickly."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from kepudraft.facts.derive import compared_figure, with_derived
from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.fold import fold
from kepudraft.figures.match import CONVERTIBLE, rounds
from kepudraft.figures.scan import Figure, Hedge, Kind, scan
from kepudraft.verify.context import Context, Contexts, Terms, terms_of, wording

_TOPIC = 0.4  # weight of a label or topic that the fact's own text does not say
_BASE = 0.6  # weight of the compared figure's words for a change (比上年增长9.0%)


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
        noun: The last four characters of that where they are plain Chinese words, else "".
    """

    fact: Fact
    figure: Figure
    context: Context
    is_last: bool
    number: int
    before: str = ""
    noun: str = ""


_NOUN = re.compile(r"[\u4e00-\u9fff]{4}$")
_PRIOR = 1.0  # weight of knowing nothing: a clause of weak words says little whether they are shared or not
_NOWHERE = Context({}, frozenset(), frozenset(), "", "", "", False, True, False)


class Weighed(NamedTuple):
    """Terms with their weights, and the sum of these."""

    own: list[tuple[str, float]]
    whole: float


class Claims:
    """All claims of a sheet.

    Attributes:
        sheet: The sheet with its computed facts.
        all: In the order of the facts.
    """

    def __init__(self, sheet: FactSheet) -> None:
        self.sheet = with_derived(sheet)
        self.all = tuple(_claims(self.sheet))
        self._idf = _weights([c.context.terms for c in self.all])
        self._weighed = [self.weighed(c.context) for c in self.all]
        self._norms = [self._norm(c.context.terms) for c in self.all]
        # Postings by family: a figure is only ever compared with claims of its own.
        self._postings: dict[str, dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
        self._by_value: dict[object, list[Claim]] = defaultdict(list)
        self._by_number: dict[Decimal, list[Claim]] = defaultdict(list)
        for claim in self.all:
            kind = family(claim.figure)
            for term, weight in claim.context.terms.items():
                if telling := self._idf.get(term, 0.0):
                    self._postings[kind][term].append((claim.number, weight * telling**2))
            self._by_value[value_key(claim.figure)].append(claim)
            if claim.figure.quantity:
                self._by_number[claim.figure.quantity.value].append(claim)
        self._by_own: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.all:
            if claim.figure.quantity and not claim.is_last and not claim.fact.formula:
                for term in claim.context.own:
                    self._by_own[term].append(claim)
        self._nouns = Counter((family(c.figure), c.noun) for c in self.all)
        self._hedgeable: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.all:
            if claim.figure.hedge is Hedge.EXACT and claim.figure.quantity and not claim.is_last:
                self._hedgeable[family(claim.figure)].append(claim)

    def valued(self, figure: Figure) -> Sequence[Claim]:
        """Claims whose value is that of `figure`, whatever their unit; for a hedged figure also those it may round."""
        found = self._by_value.get(value_key(figure), [])
        if figure.hedge is Hedge.EXACT or figure.quantity is None:
            return found
        said = figure.quantity.in_base
        near = [c for c in self._hedgeable[family(figure)] if c.figure.quantity and rounds(said, c.figure.quantity.in_base)]
        return [*found, *near]

    def of_value(self, figure: Figure) -> Sequence[Claim]:
        """Claims of the very number of `figure`, whatever their unit."""
        return self._by_number.get(figure.quantity.value, []) if figure.quantity else []

    def strong(self, terms: Iterable[str]) -> frozenset[str]:
        """Those of `terms` that claims know and that tell them from one another."""
        weak = wording().weak
        return frozenset(t for t in terms if t not in weak and self._idf.get(t, 0.0) > 0)

    def owner(self, strong: frozenset[str], *, planned: bool) -> Claim | None:
        """The claim of an amount whose own clause has all these terms, or None; one of a plan only in a plan."""
        rarest = min(strong, key=lambda t: (len(self._by_own[t]), t))
        found = (c for c in self._by_own[rarest] if strong <= c.context.own)
        return next((c for c in found if planned or c.fact.status is not Status.PLANNED), None)

    def is_only_noun(self, claim: Claim) -> bool:
        """True if no other claim of the family stands behind the same four characters."""
        return self._nouns[family(claim.figure), claim.noun] == 1

    def similarity(self, context: Context, kind: str) -> dict[int, float]:
        """Cosine of a context's terms with those of the claims of one family, by the claims' numbers."""
        postings = self._postings.get(kind, {})
        scores: dict[int, float] = {}
        for term, weight in context.terms.items():
            for number, other in postings.get(term, ()):
                scores[number] = scores.get(number, 0.0) + weight * other
        norm = self._norm(context.terms)
        return {n: s / (norm * self._norms[n]) for n, s in scores.items() if norm and self._norms[n]}

    def likely(self, context: Context) -> list[Claim]:
        """Claims with an amount of their own, those whose words fit best first."""
        scored = {n: s for kind in self._postings for n, s in self.similarity(context, kind).items()}
        found = [self.all[n] for n in scored if self.all[n].figure.quantity and not self.all[n].fact.formula]
        return sorted(found, key=lambda c: (-scored[c.number], c.number))

    def weighed(self, context: Context) -> Weighed:
        """The words right beside a figure with their weights, made once for all claims that it is held against."""
        idf, default = self._idf, self._idf[""]
        own = [(t, idf.get(t, default)) for t in context.own]
        return Weighed(own, sum([w for _, w in own]))

    def overlap(self, context: Context, weighed: Weighed, claim: Claim) -> float:
        """How far the words right beside a figure and those beside a claim's are the same, from 0 to 1, both ways."""
        theirs, ours = self._weighed[claim.number], weighed
        return (_covered(theirs, context.terms) + _covered(ours, claim.context.terms)) / 2

    def _norm(self, terms: Terms) -> float:
        idf, default = self._idf, self._idf[""]
        return math.sqrt(sum([(w * idf.get(t, default)) ** 2 for t, w in terms.items()]))


def _covered(weighed: Weighed, terms: Terms) -> float:
    shared = 0.0
    for term, weight in weighed.own:
        if term in terms:
            shared += weight * terms[term]
    return (shared + _PRIOR / 2) / (weighed.whole + _PRIOR)


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


def claims_of(sheet: FactSheet) -> Claims:
    """The claims of a sheet; the last few sheets' are kept, since a sheet is asked again and again."""
    return _kept(_Identity(sheet))


class _Identity:
    """Compares a sheet by identity: comparing its facts one by one would cost more than it saves."""

    def __init__(self, sheet: FactSheet) -> None:
        self.sheet = sheet

    def __hash__(self) -> int:
        return id(self.sheet)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.sheet is self.sheet


@lru_cache(maxsize=8)
def _kept(sheet: _Identity) -> Claims:
    return Claims(sheet.sheet)


def _claims(sheet: FactSheet) -> Iterable[Claim]:
    made: dict[tuple[str, int], Claim] = {}
    by_id = {f.id: f for f in sheet.facts}
    n = 0
    for fact in sheet.facts:
        base = by_id.get(fact.inputs[0]) if fact.formula else None
        whole = by_id.get(fact.part_of)
        for i, (figure, context) in enumerate(_figures(fact, sheet.year)):
            if base is not None:
                context = _as_change(context, made, base, fact)
            elif whole is not None:
                context = replace(context, part=True, terms=_added(context.terms, terms_of(_words(whole)), 0.3))
            before = fold(fact.text[max(0, figure.span.start - 8) : figure.span.start])
            noun = found.group() if (found := _NOUN.search(before)) else ""
            made[fact.id, i] = Claim(fact, figure, context, False, n, before, noun)
            yield made[fact.id, i]
            n += 1
        for figure in scan(fact.last).figures if fact.last else ():
            like = _compared(fact, figure)
            context = made[fact.id, like].context if (fact.id, like) in made else _NOWHERE
            yield Claim(fact, figure, replace(context, last=True), True, n)
            n += 1


def _figures(fact: Fact, year: int) -> Iterable[tuple[Figure, Context]]:
    labels = terms_of(fact.topic + "，" + fact.subject)
    for figure, context in zip(fact.figures, Contexts(fact.text, fact.figures, year=year), strict=True):
        yield figure, replace(context, terms=_added(context.terms, labels, _TOPIC))


def _as_change(context: Context, made: dict[tuple[str, int], Claim], base: Fact, fact: Fact) -> Context:
    """A change stands in a text behind the figure that changed: it is known by that figure's words."""
    compared = compared_figure(base, fact)
    at = next((i for i, f in enumerate(base.figures) if f is compared or f == compared), 0)
    owner = made.get((base.id, at))
    if owner is None:
        return replace(context, compared=True)
    terms = dict(context.terms)
    for term, weight in owner.context.terms.items():
        terms[term] = max(terms.get(term, 0.0), weight * _BASE)
    return replace(context, terms=terms, compared=True)


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


def _weights(listed: Sequence[Terms]) -> dict[str, float]:
    """Inverse document frequency over claims; the entry "" is the weight of a term that no claim has.

    What stands with a third of all claims tells none of them from another and is left out; weak words count half.
    """
    counts = Counter(term for terms in listed for term in terms)
    total = len(listed) + 1
    weak = wording().weak
    most = max(12, total / 3)
    weights = {
        term: 0.0 if n > most else math.log(1 + total / n) * (0.5 if term in weak else 1.0) for term, n in counts.items()
    }
    weights[""] = math.log(1 + total / 2) * 0.7
    return weights
