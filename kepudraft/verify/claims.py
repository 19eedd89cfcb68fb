"""Every figure that the facts state, with its context, indexed so that a text's figures find theirs quickly."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from heapq import nlargest
from threading import Lock
from typing import NamedTuple

from kepudraft.facts.derive import with_derived
from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.fold import fold
from kepudraft.figures.match import counts_alike, rounds
from kepudraft.figures.scan import Figure, Hedge, Kind
from kepudraft.verify.claim import Claim, claims_in, family, value_key
from kepudraft.verify.context import Context, Terms, wording
from kepudraft.verify.copied import Copies
from kepudraft.verify.report import Finding, Verdict
from kepudraft.verify.twins import TwinIndex

_PRIOR = 1.0  # weight of knowing nothing: a clause of weak words says little whether they are shared or not


class Weighed(NamedTuple):
    """A context's words as its sheet weighs them, made once for all claims that it is held against.

    Attributes:
        own: The words right beside the figure, each with its weight.
        whole: The sum of these.
        length: Euclidean length of all its words.
    """

    own: list[tuple[str, float]]
    whole: float
    length: float


class Due(NamedTuple):
    """A claim that a text should tell.

    Attributes:
        number: Its number.
        words: The fact's own words up to the figure: where they stand in a text, it is told.
        omitted: What is found where it is not told.
    """

    number: int
    words: str
    omitted: Finding


Postings = dict[str, list[tuple[int, float]]]


class Claims:
    """All claims of a sheet, with everything about them that no text changes: a sheet is judged against again and again.

    Attributes:
        sheet: The sheet with its computed facts.
        all: In the order of the facts.
        copies: How they are told in the facts' own words.
        due: Those that a text should tell: this year's values, given and not computed.
        named: Of every claim, by its number, the words of its own clause that tell it from others.
        twins: Of every claim those that a word or two tells from it.
    """

    def __init__(self, sheet: FactSheet) -> None:
        self.sheet = with_derived(sheet)
        self.all = tuple(claims_in(self.sheet))
        self._idf = _weights([c.context.terms for c in self.all])
        self._telling = frozenset(t for t, weight in self._idf.items() if weight > 0 and _is_telling(t))
        self._postings: dict[object, Postings] = {}
        self._by_value: dict[object, list[Claim]] = defaultdict(list)
        self._by_number: dict[Decimal, list[Claim]] = defaultdict(list)
        self._by_own: dict[str, list[Claim]] = defaultdict(list)
        hedgeable: dict[str, list[tuple[Decimal, int]]] = defaultdict(list)
        for claim in self.all:
            self._by_value[value_key(claim.figure)].append(claim)
            if (quantity := claim.figure.quantity) is None:
                continue
            self._by_number[quantity.value].append(claim)
            if claim.figure.hedge is Hedge.EXACT and not claim.is_last:
                hedgeable[claim.family].append((quantity.in_base, claim.number))
            if not claim.is_last and not claim.fact.formula and claim.figure.kind is not Kind.ORDINAL:
                for term in claim.context.own:
                    self._by_own[term].append(claim)
        self._hedgeable = {kind: sorted(found) for kind, found in hedgeable.items()}
        self.copies = Copies(self.all)
        self._by_fact: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.all:
            self._by_fact[claim.fact.id].append(claim)
        self.due = [
            _due(c) for c in self.all
            if not c.is_last and not c.fact.formula and not c.figure.optional and not self.sheet.is_own_year(c.figure)
        ]
        self.named = [self.strong(c.context.own) for c in self.all]
        self.twins = TwinIndex(self.all, self.named)

    # What a text that copies its facts never asks for is made when it is.
    @cached_property
    def words(self) -> list[str]:
        """All facts and the unit's name, folded."""
        return [fold(f.text) for f in self.sheet.facts] + [fold(self.sheet.unit)]

    @cached_property
    def unshared(self) -> list[str]:
        """The same without shares: 22.2% makes no 22.2 right, though 46场 lets a list say 46."""
        return [_without_shares(f) for f in self.sheet.facts] + [fold(self.sheet.unit)]

    @cached_property
    def _weighed(self) -> list[Weighed]:
        return [self.weighed(c.context) for c in self.all]

    @cached_property
    def _vectors(self) -> list[Terms]:
        return [self._vector(c) for c in self.all]

    def valued(self, figure: Figure) -> Sequence[Claim]:
        """Claims whose value is that of `figure`, whatever their unit; for a hedged figure also those it may round."""
        found = self._by_value.get(value_key(figure), ())
        if figure.hedge is Hedge.EXACT or figure.quantity is None:
            return found
        near = self._hedgeable.get(family(figure), ())
        said = figure.quantity.in_base
        first = bisect_left(near, (said / 2, 0))
        last = bisect_left(near, (said * 2, 0))
        return [*found, *(self.all[n] for amount, n in near[first:last] if rounds(said, amount))]

    def of_value(self, figure: Figure) -> Sequence[Claim]:
        """Claims of the very number of `figure`, whatever their unit."""
        return self._by_number.get(figure.quantity.value, []) if figure.quantity else []

    def of_fact(self, fact: Fact) -> Sequence[Claim]:
        """The claims of a fact, in its order, last year's behind."""
        return self._by_fact.get(fact.id, ())

    def strong(self, terms: Iterable[str]) -> frozenset[str]:
        """Those of `terms` that claims know and that tell them from one another."""
        return self._telling.intersection(terms)

    def owner(self, strong: frozenset[str], *, planned: bool) -> Claim | None:
        """The claim of an amount whose own clause has all these terms, or None; one of a plan only in a plan."""
        rarest = min(strong, key=lambda t: (len(self._by_own[t]), t))
        found = (c for c in self._by_own[rarest] if strong <= c.context.own)
        return next((c for c in found if planned or c.fact.status is not Status.PLANNED), None)

    def rivals(self, figure: Figure, context: Context, weighed: Weighed, *, planned: bool) -> dict[int, float]:
        """Claims that might be meant by the words beside a figure, whatever their value: number -> how like the words are.

        Which they are depends on the sheet, the unit and what the clause speaks of: the postings are made once for each.
        """
        unit, kind = figure.quantity.unit.name if figure.quantity else None, figure.kind
        key = (unit, kind is Kind.ORDINAL, kind is Kind.PERCENT or kind is Kind.RATIO, planned, context.compared, context.last)
        postings = self._postings.get(key)
        if postings is None:
            alike = family(figure)
            postings = self._posted(key, (
                c for c in self.all
                if c.family == alike and _could_be_meant(c, context, planned)
                and (figure.quantity is None or counts_alike(figure, c.figure))
            ))
        return _scored(context, weighed, postings)

    def likely(self, context: Context, most: int) -> list[Claim]:
        """At most so many claims with an amount of their own, those whose words fit best first."""
        postings = self._postings.get("amounts")
        if postings is None:
            postings = self._posted("amounts", (c for c in self.all if c.figure.quantity and not c.fact.formula))
        scores = _scored(context, self.weighed(context), postings)
        return [self.all[n] for n in nlargest(most, scores, key=lambda n: (scores[n], -n))]

    def _posted(self, key: object, claims: Iterable[Claim]) -> Postings:
        if len(self._postings) >= _MOST_POSTINGS:
            self._postings.clear()
        postings: Postings = {}
        for claim in claims:
            for term, weight in self._vectors[claim.number].items():
                postings.setdefault(term, []).append((claim.number, weight))
        self._postings[key] = postings
        return postings

    def similarity(self, context: Context, weighed: Weighed, claim: Claim) -> float:
        """Cosine of a context's words with a claim's."""
        vector, score = self._vectors[claim.number], 0.0
        terms = context.terms
        for term, weight in vector.items():
            if term in terms:
                score += weight * terms[term]
        return score / weighed.length if weighed.length else 0.0

    def weighed(self, context: Context) -> Weighed:
        """The words beside a figure with their weights."""
        idf, default = self._idf, self._idf[""]
        own = [(t, idf.get(t, default)) for t in context.own]
        return Weighed(own, sum([w for _, w in own]), self._length(context.terms))

    def overlap(self, context: Context, weighed: Weighed, claim: Claim) -> float:
        """How far the words right beside a figure and those beside a claim's are the same, from 0 to 1, both ways."""
        return (_covered(self._weighed[claim.number], context.terms) + _covered(weighed, claim.context.terms)) / 2

    def _length(self, terms: Terms) -> float:
        telling, default, total = self._idf.get, self._idf[""], 0.0
        for term, weight in terms.items():
            share = weight * telling(term, default)
            total += share * share
        return math.sqrt(total)

    def _vector(self, claim: Claim) -> Terms:
        """A claim's words as one side of a cosine."""
        length = self._weighed[claim.number].length
        terms = claim.context.terms
        return {t: w * telling**2 / length for t, w in terms.items() if (telling := self._idf.get(t, 0.0))} if length else {}


_MOST_POSTINGS = 256


def _is_telling(term: str) -> bool:
    """A single character is what fillers leave of a word, unless it is a known word (男, 女)."""
    return term not in wording().weak and (len(term) > 1 or term in wording().names)


def _scored(context: Context, weighed: Weighed, postings: Postings) -> dict[int, float]:
    scores: dict[int, float] = {}
    length = weighed.length
    if not length:
        return scores
    for term, weight in context.terms.items():
        if term in postings:
            share = weight / length
            for number, other in postings[term]:
                scores[number] = scores.get(number, 0.0) + share * other
    return scores


def _could_be_meant(claim: Claim, context: Context, planned: bool) -> bool:
    """A change is meant only where a change is told, a plan only in a plan, last year's value where last year is named."""
    if claim.fact.status is Status.PLANNED and not planned:
        return False
    if claim.fact.formula and not context.compared:
        return False
    return claim.is_last == context.last or context.compared


def _due(claim: Claim) -> Due:
    fact, surface = claim.fact, claim.figure.surface
    start, end = claim.figure.span
    told = f"{fact.id}“{fact.text}”里的{surface}没有写进去"
    return Due(claim.number, fact.text[max(0, start - 6) : end], Finding(Verdict.OMITTED, None, surface, fact.id, surface, told))


def _without_shares(fact: Fact) -> str:
    text = fold(fact.text)
    for figure in reversed(fact.figures):
        if figure.kind is Kind.PERCENT:
            text = f"{text[: figure.span.start]} {text[figure.span.end :]}"
    return text


def _covered(weighed: Weighed, terms: Terms) -> float:
    shared = 0.0
    for term, weight in weighed.own:
        if term in terms:
            shared += weight * terms[term]
    return (shared + _PRIOR / 2) / (weighed.whole + _PRIOR)


def claims_of(sheet: FactSheet, *, year: int | None = None) -> Claims:
    """The claims of a sheet; those of sheets asked lately are kept, since a sheet is asked again and again.

    Args:
        sheet: The facts.
        year: Of the text that is judged, if it is another than the sheet's.
    """
    return _kept.of(sheet, sheet.year if year is None else year)


class _Kept:
    """Claims of the sheets asked lately, as many as have `most` facts together, the newest in any case.

    Sheets are told apart by identity: comparing their facts one by one would cost more than it saves.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._facts = 0
        self._claims: OrderedDict[tuple[int, int], tuple[FactSheet, Claims]] = OrderedDict()
        self._lock = Lock()

    def of(self, sheet: FactSheet, year: int) -> Claims:
        key = id(sheet), year  # the sheet is held, so that no other can have its id
        with self._lock:
            if key in self._claims:
                self._claims.move_to_end(key)
                return self._claims[key][1]
        made = Claims(sheet if year == sheet.year else replace(sheet, year=year))
        with self._lock:
            if key not in self._claims:
                self._claims[key] = sheet, made
                self._facts += len(sheet.facts)
            while self._facts > self._most and len(self._claims) > 1:
                _, (old, _) = self._claims.popitem(last=False)
                self._facts -= len(old.facts)
        return made


# Claims of 30 facts take some 200 KiB; a batch with a model has two units under way for each request in flight, over all its processes.
_kept = _Kept(2000)


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
