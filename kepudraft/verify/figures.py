"""Judges every figure of a text against facts: value, unit, hedge, what it counts, whether it is done, and coverage."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from kepudraft.facts.sheet import FactSheet
from kepudraft.figures.fold import fold
from kepudraft.figures.hedged import with_far_hedges
from kepudraft.figures.match import Relation
from kepudraft.figures.scan import Figure, Kind, Span, scan
from kepudraft.verify.bind import Binding, Fit, bind_all
from kepudraft.verify.claim import Claim
from kepudraft.verify.claims import Claims, claims_of
from kepudraft.verify.context import Context, Contexts, Sentences, wording
from kepudraft.verify.explain import explained
from kepudraft.verify.formulas import Derivation, Told, counts_list, derivation, meant
from kepudraft.verify.lent import with_lent_units
from kepudraft.verify.placing import placed
from kepudraft.verify.public import public_spans
from kepudraft.verify.report import FAITHFUL, Finding, Report, Verdict
from kepudraft.verify.standing import standing
from kepudraft.verify.unread import unread
from kepudraft.verify.worded import told_in

_PLAN_HEADING = re.compile("计划|打算|下一步|下步|明年|来年|下年|下一年|新一年|新的一年|接下来|今后|展望|安排|思路|努力方向|目标任务")
_SECTION = re.compile(r"^[\s\u3000#]*(?:[一二三四五六七八九十]{1,3}、|#|第[一二三四五六七八九十]{1,2}部分)")
_PART = re.compile(r"^[\s\u3000#]*（[一二三四五六七八九十]{1,3}）")
_RELATIONS = {
    Relation.SAME: Verdict.SUPPORTED,
    Relation.EQUAL: Verdict.EQUIVALENT,
    Relation.ROUNDED: Verdict.ROUNDED,
    Relation.HEDGE_DROPPED: Verdict.HEDGE_CHANGED,
    Relation.HEDGE_ADDED: Verdict.HEDGE_CHANGED,
    Relation.HEDGE_CHANGED: Verdict.HEDGE_CHANGED,
}

# Looking a member up by its enum's name is slow, hashing one slower, and both would be done for every figure.
_BOUND, _SAME = Fit.BOUND, Relation.SAME
_SUPPORTED, _UNSUPPORTED = Verdict.SUPPORTED, Verdict.UNSUPPORTED


class _Judged(NamedTuple):
    """A figure with its verdict and what it rests on."""

    figure: Figure
    verdict: Verdict
    binding: Binding
    derivation: Derivation | None = None
    standing: str = ""


def verify(text: str, sheet: FactSheet) -> Report:
    """Judge a text, whoever wrote it.

    Args:
        text: Any text; spans of the findings index into it.
        sheet: The facts; what can be computed from them (`facts.derive`) is added here.
    """
    claims = claims_of(sheet)
    found = scan(text)
    folded = fold(text)
    public = public_spans(folded, year=sheet.year)
    figures = with_far_hedges(folded, with_lent_units(folded, found.figures, claims))
    judged = _judged(folded, figures, public, claims)
    findings = [explained(j.figure, j.verdict, j.binding, j.derivation, text, standing=j.standing) for j in judged]
    if others := unread(text, folded, found, figures, public, claims):
        # 五个 is no count of its own where 五个自信 is a changed term.
        spans = [f.span for f in others if f.span]
        kept = [f for f in findings if f.span is None or not any(s.start <= f.span.start and f.span.end <= s.end for s in spans)]
        findings = sorted((*kept, *others), key=_place)
    return _report(text, judged, findings, claims)


def _place(finding: Finding) -> int:
    return finding.span.start if finding.span else 0


def _judged(folded: str, figures: Sequence[Figure], public: Sequence[Span], claims: Claims) -> list[_Judged]:
    sentences = Sentences(folded, figures)
    around = Contexts(folded, figures, year=claims.sheet.year, sentences=sentences)
    plans = _Plans(folded, sentences)
    planned = plans.cover(figures)
    bindings = bind_all(folded, figures, around, claims, planned=planned, sentences=sentences.of)
    bindings = placed(folded, figures, around, bindings, claims, sentences.of)
    for i, figure in enumerate(figures):
        if counts_list(figure, folded) and bindings[i].score < 1:
            bindings[i] = bindings[i]._replace(fit=Fit.NOTHING, claim=None)
    chain = [
        Told(f, b.claim if b.fit is _BOUND else None, s) for f, b, s in zip(figures, bindings, sentences.of, strict=True)
    ]
    general = _inside(figures, public)
    standings = standing(folded, figures, bindings, planned)
    judged = []
    for i, (figure, binding) in enumerate(zip(figures, bindings, strict=True)):
        if i in general or (binding.fit is not _BOUND and claims.sheet.is_own_year(figure)):
            judged.append(_Judged(figure, Verdict.GENERAL, binding))
        elif i in standings:
            judged.append(_Judged(figure, Verdict.STATUS_CHANGED, binding, None, standings[i]))
        elif binding.fit is _BOUND and binding.claim is not None:
            if binding.relation is _SAME and not binding.claim.fact.formula:  # most figures of most texts
                judged.append(_Judged(figure, _SUPPORTED, binding))
            else:
                judged.append(_borne(figure, binding, binding.claim))
        elif found := _unborne(i, around[i], binding, planned[i], chain, claims, plans):
            judged.append(found)
    return _with_conflicts(judged)


def _inside(figures: Sequence[Figure], spans: Sequence[Span]) -> set[int]:
    """Numbers of the figures that stand inside one of the spans."""
    starts = [f.span.start for f in figures]
    return {
        i for s in spans for i in range(bisect_left(starts, s.start), bisect_left(starts, s.end)) if figures[i].span.end <= s.end
    }


def _borne(figure: Figure, binding: Binding, claim: Claim) -> _Judged:
    """The verdict on a figure that tells a claim as it stands."""
    verdict = _SUPPORTED if binding.relation is _SAME else _RELATIONS[binding.relation]
    if claim.fact.formula and (verdict is _SUPPORTED or verdict in FAITHFUL):
        return _Judged(figure, Verdict.DERIVED, binding, Derivation(claim.fact.formula, claim.fact.inputs))
    return _Judged(figure, verdict, binding)


def _unborne(
    i: int, context: Context, binding: Binding, planned: bool, chain: Sequence[Told], claims: Claims, plans: _Plans
) -> _Judged | None:
    """The verdict on any other figure; None for an indefinite 一批 that states nothing."""
    figure = chain[i].figure
    if _is_year_of_base(i, chain, claims.sheet.year):
        return _Judged(figure, Verdict.GENERAL, binding)
    if _is_general(figure, context, claims.sheet, plans, planned):
        return _Judged(figure, Verdict.GENERAL, binding)
    if found := derivation(i, plans.text, context, chain, claims):
        return _Judged(figure, Verdict.DERIVED, binding, found)
    if figure.optional and figure.kind is Kind.COUNT and figure.quantity and figure.quantity.value == 1:
        return None
    if binding.fit is Fit.ELSEWHERE:
        return _Judged(figure, Verdict.MISATTRIBUTED, binding)
    if base := meant(i, context, chain, claims):
        binding = binding._replace(fit=Fit.NOTHING, rival=base)
    return _Judged(figure, Verdict.UNSUPPORTED, binding)


def _is_year_of_base(i: int, chain: Sequence[Told], year: int) -> bool:
    """«2024年是25.6万人次» where that is what the facts say of the year before."""
    figure = chain[i].figure
    if figure.period is None or figure.period.start != str(year - 1) or figure.period.end is not None:
        return False
    behind = chain[i + 1] if i + 1 < len(chain) else None
    return behind is not None and behind.sentence == chain[i].sentence and behind.claim is not None and behind.claim.is_last


def _is_general(figure: Figure, context: Context, sheet: FactSheet, plans: _Plans, planned: bool) -> bool:
    """The year after the report's in a plan, the year before it in a comparison, the date of signature; 一年."""
    if figure.period is None:
        return figure.surface == "一年"
    start, end = figure.period.start, figure.period.end
    if end is None and start == str(sheet.year + 1):
        return planned
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

    def __init__(self, text: str, sentences: Sentences) -> None:
        self.text = text
        self._starts: list[int] = []
        self._planned: list[bool] = []
        self._sentences = sentences
        section, part, at = False, False, 0
        for line in text.split("\n"):
            if _SECTION.match(line) and _is_heading(line):
                section, part = bool(_PLAN_HEADING.search(line)), False
            elif _PART.match(line) and _is_heading(line):
                part = bool(_PLAN_HEADING.search(line))
            self._starts.append(at)
            self._planned.append(section or part)
            at += len(line) + 1

    def cover(self, figures: Sequence[Figure]) -> list[bool]:
        """For every figure of the text whether it stands under a heading of plans, or in a sentence that says so."""
        found: list[bool] = []
        search, last, said = wording().planned.search, -1, False
        for figure, sentence in zip(figures, self._sentences.of, strict=True):
            if sentence != last:
                last = sentence
                said = (
                    self._planned[bisect_right(self._starts, figure.span.start) - 1]
                    or search(self.text, *self._sentences.bounds(sentence)) is not None
                )
            found.append(said)
        return found

    def is_signature(self, figure: Figure) -> bool:
        """True for a date that stands alone on its line."""
        line = bisect_right(self._starts, figure.span.start) - 1
        end = self.text.find("\n", figure.span.end)
        whole = self.text[self._starts[line] : end if end >= 0 else len(self.text)]
        return whole.strip() == figure.surface


def _with_conflicts(judged: list[_Judged]) -> list[_Judged]:
    """A wrong value beside a thing that the text tells rightly elsewhere: the text contradicts itself."""
    if all(j.verdict is not _UNSUPPORTED for j in judged):
        return judged
    right = {j.binding.claim.number for j in judged if j.verdict in FAITHFUL and j.binding.claim}
    return [
        j._replace(verdict=Verdict.CONFLICTING)
        if j.verdict is Verdict.UNSUPPORTED and j.binding.rival is not None and j.binding.rival.number in right
        and j.binding.score >= 0.35 and j.binding.fit is Fit.NO_VALUE else j
        for j in judged
    ]


def _report(text: str, judged: Sequence[_Judged], findings: list[Finding], claims: Claims) -> Report:
    told: set[int] = set()
    facts: set[str] = set()
    for j in judged:
        if j.verdict is not _SUPPORTED and j.verdict not in FAITHFUL:
            continue
        if (claim := j.binding.claim) is not None and j.binding.fit is _BOUND:
            told.add(claim.number)
            facts.add(claim.fact.id)
        if j.derivation:
            facts.update(j.derivation.fact_ids)
    # Equal figures may have been bound to one another's claims: what stands in the fact's very words is told.
    omitted = [d.omitted for d in claims.due if d.number not in told and d.words not in text]
    untold = [f for f in claims.sheet.facts if not f.formula and f.id not in facts]
    worded = told_in({f.id: f.text for f in untold if claims.sheet.is_worded(f)}, text)
    return Report((*findings, *omitted), tuple(f.id for f in untold if f.id not in worded))
