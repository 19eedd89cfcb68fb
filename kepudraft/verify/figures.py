"""Judges every figure of a text against facts: value, unit, hedge, what it counts, whether it is done, and coverage."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.fold import fold
from kepudraft.figures.match import Relation
from kepudraft.figures.scan import Figure, Kind, Scan, Span, scan
from kepudraft.verify.bind import Binding, Fit, bind_all
from kepudraft.verify.claims import Claim, Claims, claims_of
from kepudraft.verify.context import Context, Contexts, wording
from kepudraft.verify.explain import explained
from kepudraft.verify.formulas import Derivation, Told, derivation, meant
from kepudraft.verify.public import public_spans
from kepudraft.verify.report import FAITHFUL, Finding, Report, Verdict

_SENTENCE = re.compile(r"[。！？!?\n]")
_PLAN_HEADING = re.compile("计划|打算|下一步|下步|明年|来年|下年|新一年|展望|安排|思路|努力方向|目标任务")
_SECTION = re.compile(r"^[\s\u3000#]*(?:[一二三四五六七八九十]{1,3}、|#|第[一二三四五六七八九十]{1,2}部分)")
_PART = re.compile(r"^[\s\u3000#]*（[一二三四五六七八九十]{1,3}）")
_MUST_BE_BORNE = ("bare-number", "document-number", "alphanumeric-name", "proper-name", "phone-number")
_DIGITS = re.compile(r"[0-9０-９]+")
_RELATIONS = {
    Relation.SAME: Verdict.SUPPORTED,
    Relation.EQUAL: Verdict.EQUIVALENT,
    Relation.ROUNDED: Verdict.ROUNDED,
    Relation.HEDGE_DROPPED: Verdict.HEDGE_CHANGED,
    Relation.HEDGE_ADDED: Verdict.HEDGE_CHANGED,
    Relation.HEDGE_CHANGED: Verdict.HEDGE_CHANGED,
}


@dataclass(frozen=True, slots=True)
class _Judged:
    """A figure with its verdict and what it rests on."""

    figure: Figure
    verdict: Verdict
    binding: Binding
    derivation: Derivation | None = None


def verify(text: str, sheet: FactSheet) -> Report:
    """Judge a text, whoever wrote it.

    Args:
        text: Any text; spans of the findings index into it.
        sheet: The facts; what can be computed from them (`facts.derive`) is added here.
    """
    claims = claims_of(sheet)
    found = scan(text)
    judged = _judged(text, found, claims)
    findings = [explained(j.figure, j.verdict, j.binding, j.derivation, text) for j in judged]
    findings += _unread(text, found, claims)
    findings.sort(key=lambda f: f.span.start if f.span else 0)
    return _report(text, judged, findings, claims)


def _judged(text: str, found: Scan, claims: Claims) -> list[_Judged]:
    year = claims.sheet.year
    figures = found.figures
    around = Contexts(text, figures, year=year)
    breaks = [m.start() for m in _SENTENCE.finditer(text)]
    plans = _Plans(text)
    bindings = bind_all(text, figures, around, claims, planned=[plans.covers(f) for f in figures])
    chain = [
        Told(f, b.claim if b.fit is Fit.BOUND else None, bisect_right(breaks, f.span.start))
        for f, b in zip(figures, bindings, strict=True)
    ]
    public = public_spans(text, year=year)
    judged = [_verdict(i, figures[i], around, bindings[i], chain, claims, public, plans) for i in range(len(figures))]
    return _with_conflicts([j for j in judged if j is not None])


def _verdict(
    i: int, figure: Figure, around: Sequence[Context], binding: Binding, chain: Sequence[Told], claims: Claims,
    public: Sequence[Span], plans: _Plans,
) -> _Judged | None:
    """The verdict on one figure; None for an indefinite 一批 that states nothing."""
    if any(s.start <= figure.span.start and figure.span.end <= s.end for s in public):
        return _Judged(figure, Verdict.GENERAL, binding)
    claim = binding.claim
    if binding.fit is Fit.BOUND and claim is not None:
        if claim.fact.status is Status.PLANNED and not plans.covers(figure):
            return _Judged(figure, Verdict.STATUS_CHANGED, binding)
        verdict = _RELATIONS[binding.relation]
        if claim.fact.formula and verdict in FAITHFUL:
            return _Judged(figure, Verdict.DERIVED, binding, Derivation(claim.fact.formula, claim.fact.inputs))
        return _Judged(figure, verdict, binding)
    context = around[i]
    if _is_general(figure, context, claims.sheet, plans):
        return _Judged(figure, Verdict.GENERAL, binding)
    if found := derivation(i, plans.text, context, chain, claims):
        return _Judged(figure, Verdict.DERIVED, binding, found)
    if figure.optional and figure.kind is Kind.COUNT and figure.quantity and figure.quantity.value == 1:
        return None
    if binding.fit is Fit.ELSEWHERE:
        return _Judged(figure, Verdict.MISATTRIBUTED, binding)
    if base := meant(i, context, chain, claims):
        binding = replace(binding, fit=Fit.NOTHING, rival=base)
    return _Judged(figure, Verdict.UNSUPPORTED, binding)


def _is_general(figure: Figure, context: Context, sheet: FactSheet, plans: _Plans) -> bool:
    """The year of the report, the year after in a plan, the year before in a comparison, the date of signature; 一年."""
    if figure.period is None:
        return figure.surface == "一年"
    start, end = figure.period.start, figure.period.end
    if end is None and start == str(sheet.year):
        return True
    if end is None and start == str(sheet.year + 1):
        return plans.covers(figure)
    if end is None and start == str(sheet.year - 1):
        return bool(re.match("(?:年)?(?:度)?(?:相比|比)", context.right)) or context.left.endswith(("比", "较", "与", "同"))
    if sheet.date is not None and start == "{:04d}-{:02d}-{:02d}".format(*sheet.date):
        return plans.is_signature(figure)
    return sheet.date is None and start[:4] in (str(sheet.year), str(sheet.year + 1)) and plans.is_signature(figure)


def _is_heading(line: str) -> bool:
    """True for a short line without a sentence's end."""
    return len(line) <= 40 and not line.rstrip().endswith(("。", "；", "，"))


class _Plans:
    """Which parts of a text speak of plans, and where it is signed."""

    def __init__(self, text: str) -> None:
        self.text = text = fold(text)
        self._starts: list[int] = []
        self._planned: list[bool] = []
        self._breaks = [m.start() for m in _SENTENCE.finditer(text)]
        self._said: dict[int, bool] = {}
        section, part, at = False, False, 0
        for line in text.split("\n"):
            if _SECTION.match(line) and _is_heading(line):
                section, part = bool(_PLAN_HEADING.search(line)), False
            elif _PART.match(line) and _is_heading(line):
                part = bool(_PLAN_HEADING.search(line))
            self._starts.append(at)
            self._planned.append(section or part)
            at += len(line) + 1

    def covers(self, figure: Figure) -> bool:
        """True under a heading of plans, or in a sentence that says so before or after the figure."""
        if self._planned[bisect_right(self._starts, figure.span.start) - 1]:
            return True
        sentence = bisect_right(self._breaks, figure.span.start)
        if sentence not in self._said:
            start = self._breaks[sentence - 1] if sentence else 0
            end = self._breaks[sentence] if sentence < len(self._breaks) else len(self.text)
            self._said[sentence] = bool(wording().planned.search(self.text, start, end))
        return self._said[sentence]

    def is_signature(self, figure: Figure) -> bool:
        """True for a date that stands alone on its line."""
        line = bisect_right(self._starts, figure.span.start) - 1
        end = self.text.find("\n", figure.span.end)
        whole = self.text[self._starts[line] : end if end >= 0 else len(self.text)]
        return whole.strip() == figure.surface


def _with_conflicts(judged: list[_Judged]) -> list[_Judged]:
    """A wrong value beside a thing that the text tells rightly elsewhere: the text contradicts itself."""
    right = {j.binding.claim.number for j in judged if j.verdict in FAITHFUL and j.binding.claim}
    return [
        replace(j, verdict=Verdict.CONFLICTING)
        if j.verdict is Verdict.UNSUPPORTED and j.binding.rival is not None and j.binding.rival.number in right
        and j.binding.score >= 0.35 and j.binding.fit is Fit.NO_VALUE else j
        for j in judged
    ]


def _unread(text: str, found: Scan, claims: Claims) -> list[Finding]:
    """Numbers that state no figure that could be bound: a bare number, a document number, a name with digits.

    They must stand in a fact or in the unit's name as they are; what nobody set apart for a reason, too.
    """
    spans = sorted((f.span.start, f.span.end) for f in found.figures)
    spans = sorted([*spans, *((n.span.start, n.span.end) for n in found.nonfigures if n.why not in _MUST_BE_BORNE)])
    starts = [s for s, _ in spans]
    spans = sorted([*spans, *((s.start, s.end) for s in public_spans(text, year=claims.sheet.year))])
    starts = [s for s, _ in spans]
    known = [*(f.text for f in claims.sheet.facts), claims.sheet.unit]
    findings = []
    for match in _DIGITS.finditer(text):
        k = bisect_right(starts, match.start()) - 1
        if k >= 0 and match.start() < spans[k][1]:
            continue
        token = re.compile(rf"(?<![0-9０-９.]){re.escape(match.group())}(?![0-9０-９])")
        if any(token.search(words) for words in known):
            continue
        around = text[max(0, match.start() - 4) : match.end() + 1].strip()
        findings.append(Finding(
            Verdict.UNSUPPORTED, Span(*match.span()), match.group(), "", "", f"“{around}”里的数字没有单位或是编号，事实里没有同样的写法"
        ))
    return findings


def _report(text: str, judged: Sequence[_Judged], findings: list[Finding], claims: Claims) -> Report:
    told: set[int] = set()
    facts: set[str] = set()
    for j in judged:
        if j.verdict not in FAITHFUL:
            continue
        if j.binding.claim and j.binding.fit is Fit.BOUND:
            told.add(j.binding.claim.number)
            facts.add(j.binding.claim.fact.id)
        if j.derivation:
            facts.update(j.derivation.fact_ids)
    omitted = [c for c in claims.all if c.number not in told and not c.is_last and not c.fact.formula and not c.figure.optional]
    judged_facts = {c.fact.id for c in claims.all if c.number in told}
    unused = tuple(
        f.id for f in claims.sheet.facts
        if not f.formula and f.id not in judged_facts and f.id not in facts and not _is_worded(f, text)
    )
    return Report((*findings, *(_omitted(c) for c in omitted if not _stands(c, text))), unused)


def _stands(claim: Claim, text: str) -> bool:
    """True if the fact's very words stand in the text: equal figures may have been bound to one another's claims."""
    start, end = claim.figure.span.start, claim.figure.span.end
    return claim.fact.text[max(0, start - 6) : end] in text


def _omitted(claim: Claim) -> Finding:
    return Finding(
        Verdict.OMITTED, None, claim.figure.surface, claim.fact.id, claim.figure.surface,
        f"{claim.fact.id}“{claim.fact.text}”里的{claim.figure.surface}没有写进去",
    )


def _is_worded(fact: Fact, text: str) -> bool:
    """True if a fact without figures stands in the text, most of its character pairs at least."""
    body = fact.text
    pairs = [body[i : i + 2] for i in range(len(body) - 1) if body[i : i + 2].isalpha()]
    return bool(pairs) and not fact.figures and sum(p in text for p in pairs) >= 0.8 * len(pairs)
