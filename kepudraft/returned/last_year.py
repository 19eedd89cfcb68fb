"""Last year's summary as input: the values of its figures for the facts of this year, each to be confirmed by a person.

A value is proposed where the words around a figure of last year's text are those of one fact of this year and the unit is
the same; the binding of `verify` finds it, asked without regard to the value. Nothing that is proposed here is a fact:
only `returned.confirming` makes it one, when a person has said yes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from kepudraft.errors import RuleError
from kepudraft.facts.last_year import checked
from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.figure import Span
from kepudraft.figures.fold import fold
from kepudraft.figures.match import units_agree
from kepudraft.figures.scan import Figure, Kind, scan
from kepudraft.figures.sentences import sentence_spans
from kepudraft.genre import Role
from kepudraft.verify.bind import Binding, Fit, bind_all
from kepudraft.verify.claim import Claim
from kepudraft.verify.claims import claims_of
from kepudraft.verify.context import Contexts, Sentences, wording
from kepudraft.verify.layout import Layout, read_layout
from kepudraft.verify.section_roles import named_roles

_FILE = Path(__file__).with_name("last_year.toml")
_COUNTED = frozenset({Kind.COUNT, Kind.MONEY, Kind.PERCENT, Kind.DURATION, Kind.MEASURE})
_FITS = 0.35
"""Fit of the words from which a value is proposed: a person looks at it, so that a doubtful one may be asked."""
_SURE = 0.12
"""By so much the best must fit better than another value for the same fact; else both are shown."""
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年)")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value of last year that a fact of this year may have.

    Attributes:
        fact: This year's fact.
        now: Its figure of this year.
        value: Last year's, as written there.
        sentence: Of last year's summary, in which it stands.
        line: Number of its line there, from 1.
        others: Other values that fit as well, as written: a person has to choose.
    """

    fact: Fact
    now: str
    value: str
    sentence: str
    line: int
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """Last year's summary: its text, and the year that it covers as far as it says so (None where it does not)."""

    name: str
    text: str
    year: int | None


def read_earlier(name: str, text: str) -> Earlier:
    """A summary with its year: that of its title, else the one that it names most."""
    layout = read_layout(text)
    title = _YEAR.search(layout.title.text) if layout.title else None
    named = _YEAR.findall(layout.text)
    most = max(sorted(set(named)), key=named.count, default=None)
    return Earlier(name, text, int(title[1]) if title else int(most) if most else None)


def proposals(sheet: FactSheet, earlier: Earlier) -> tuple[Proposal, ...]:
    """Values of last year for facts that have none yet, in the order of the facts, at most one a unit and fact."""
    text = _renamed(earlier.text)
    figures = scan(text).figures
    if not figures:
        return ()
    claims = claims_of(sheet, year=sheet.year - 1)
    folded = fold(text)
    sentences = Sentences(folded, figures)
    around = Contexts(folded, figures, year=sheet.year - 1, sentences=sentences)
    planned = _planned(text, figures)
    bindings = bind_all(folded, figures, around, claims, planned=planned, sentences=sentences.of)
    candidates: dict[int, list[_Candidate]] = {}
    for n, (figure, binding) in enumerate(zip(figures, bindings, strict=True)):
        if planned[n] or figure.kind not in _COUNTED or figure.optional or around[n].last or around[n].compared:
            continue
        claim = _claim(figure, binding)
        if claim is not None and binding.score >= _FITS:
            candidates.setdefault(claim.number, []).append(_Candidate(claim, figure, binding.score))
    found = (_proposal(rivals, earlier.text) for _, rivals in sorted(candidates.items()))
    return tuple(p for p in found if p is not None)


def _renamed(text: str) -> str:
    """The text with the new names of things; its offsets stay."""
    for old, new in _names():
        text = text.replace(old, new)
    return text


@cache
def _names() -> tuple[tuple[str, str], ...]:
    try:
        pairs = tuple((str(old), str(new)) for old, new in tomllib.loads(_FILE.read_text(encoding="utf-8"))["renamed"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise RuleError(f"上年名称表格式不对（{error}）", place=str(_FILE), remedy="请对照文件开头的说明改正") from error
    if wrong := [old for old, new in pairs if len(old) != len(new)]:
        raise RuleError(f"“{wrong[0]}”和它的新名称字数不同", place=str(_FILE), remedy="请改成字数相同的，或删去这一对")
    return pairs


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A figure of last year whose words are those of a claim."""

    claim: Claim
    figure: Figure
    score: float


def _claim(figure: Figure, binding: Binding) -> Claim | None:
    """The claim that the words are those of, if it can have a value of last year."""
    claim = binding.claim if binding.fit is Fit.BOUND else binding.rival
    if claim is None or claim.is_last or claim.fact.formula or claim.fact.status is not Status.DONE:
        return None
    return claim if claim.figure.kind is figure.kind and units_agree(claim.figure, figure) else None


def _proposal(rivals: list[_Candidate], text: str) -> Proposal | None:
    """The best of the values for one figure; None where the fact could not bear it, or has one."""
    best = max(rivals, key=lambda c: (c.score, -c.figure.span.start))
    fact, value = best.claim.fact, best.figure.surface
    if fact.last or not checked(replace(fact, last=value)).fact.last:
        return None
    others = [c.figure.surface for c in rivals if c.score > best.score - _SURE and not _same(c.figure, best.figure)]
    return Proposal(
        fact, best.claim.figure.surface, value, _sentence(text, best.figure.span), text.count("\n", 0, best.figure.span.start) + 1,
        tuple(dict.fromkeys(others)),
    )


def _same(one: Figure, other: Figure) -> bool:
    return one.quantity is not None and other.quantity is not None and one.quantity.in_base == other.quantity.in_base


def _planned(text: str, figures: tuple[Figure, ...]) -> list[bool]:
    """For every figure whether last year's text only plans it: under a heading of plans, or in a sentence that says so."""
    spans = list(_plan_spans(read_layout(text), len(text)))
    return [
        any(s.start <= f.span.start < s.end for s in spans) or bool(wording().planned.search(_sentence(text, f.span))) for f in figures
    ]


def _plan_spans(layout: Layout, size: int) -> Iterator[Span]:
    starts = [s.head.span.start for s in layout.sections]
    for section, end in zip(layout.sections, [*starts[1:], size], strict=True):
        if Role.PLANS in named_roles(section.heading):
            yield Span(section.head.span.start, end)


def _sentence(text: str, span: Span) -> str:
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.end)
    line = text[start : end if end >= 0 else len(text)]
    cut = (line[s.start : s.end] for s in sentence_spans(line) if start + s.start <= span.start < start + s.end)
    return next(cut, line).strip()
