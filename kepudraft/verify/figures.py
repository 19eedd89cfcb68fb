"""Judges every figure of a text against facts: value, unit, hedge and coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kepudraft.facts.sheet import Fact, FactSheet
from kepudraft.figures.match import Relation, relation, units_agree
from kepudraft.figures.scan import Figure, Kind, scan
from kepudraft.verify.report import FAITHFUL, Finding, Report, Verdict

_VERDICTS = {
    Relation.SAME: Verdict.SUPPORTED,
    Relation.EQUAL: Verdict.EQUIVALENT,
    Relation.ROUNDED: Verdict.ROUNDED,
    Relation.HEDGE_DROPPED: Verdict.HEDGE_CHANGED,
    Relation.HEDGE_ADDED: Verdict.HEDGE_CHANGED,
    Relation.HEDGE_CHANGED: Verdict.HEDGE_CHANGED,
}
_BEST_FIRST = (Relation.SAME, Relation.EQUAL, Relation.ROUNDED, Relation.HEDGE_DROPPED, Relation.HEDGE_CHANGED,
               Relation.HEDGE_ADDED)
_CONTEXT = 12


@dataclass(frozen=True, slots=True)
class _Stated:
    """A figure that a fact states, with the words around it."""

    fact: Fact
    figure: Figure
    words: frozenset[str]
    is_last: bool = False


def verify(text: str, sheet: FactSheet) -> Report:
    """Judge a text, whoever wrote it.

    Args:
        text: Any text; spans of the findings index into it.
        sheet: The facts; computed ones (`derive.with_derived`) count as facts with a formula.
    """
    stated = _all_stated(sheet)
    by_value = _by_value(stated)
    used: set[int] = set()
    findings = []
    for figure in scan(text).figures:
        finding, bearer = _judge(figure, text, sheet, stated, by_value)
        findings.append(finding)
        if bearer is not None and finding.verdict in FAITHFUL:
            used.add(id(bearer))
    omitted = [s for s in stated if id(s) not in used and not s.is_last and not s.fact.formula and not s.figure.optional]
    told = {f.fact_id for f in findings if f.verdict in FAITHFUL}
    unused = tuple(f.id for f in sheet.facts if not f.formula and f.id not in told and not _is_worded(f, text))
    return Report((*findings, *(_omitted(s) for s in omitted)), unused)


def _all_stated(sheet: FactSheet) -> list[_Stated]:
    found = []
    for fact in sheet.facts:
        found += [_Stated(fact, f, _words(fact.text, f)) for f in fact.figures]
        if fact.last:
            found += [_Stated(fact, f, _words(fact.text, f), is_last=True) for f in scan(fact.last).figures]
    return found


def _by_value(stated: Sequence[_Stated]) -> dict[object, list[_Stated]]:
    table: dict[object, list[_Stated]] = {}
    for s in stated:
        table.setdefault(_key(s.figure), []).append(s)
    return table


def _key(figure: Figure) -> object:
    return figure.quantity.in_base if figure.quantity else None


def _judge(
    figure: Figure, text: str, sheet: FactSheet, stated: Sequence[_Stated], by_value: dict[object, list[_Stated]]
) -> tuple[Finding, _Stated | None]:
    words = _words(text, figure)
    found = [(r, s) for s in by_value.get(_key(figure), ()) if (r := relation(figure, s.figure)) is not Relation.NONE]
    if not found and figure.hedge.value != "exact":
        found = [(r, s) for s in stated if (r := relation(figure, s.figure)) is not Relation.NONE]
    if found:
        best, bearer = min(found, key=lambda f: (_BEST_FIRST.index(f[0]), -len(words & f[1].words)))
        verdict = _VERDICTS[best]
        if bearer.fact.formula and verdict in FAITHFUL:
            verdict = Verdict.DERIVED
        return _finding(verdict, figure, bearer), bearer
    if _is_general(figure, sheet):
        return Finding(Verdict.GENERAL, figure.span, figure.surface, "", "", "总结年度或公共日期，不需要事实支持"), None
    near = max((s for s in stated if units_agree(figure, s.figure)), key=lambda s: len(words & s.words), default=None)
    if near is None or not words & near.words:
        return Finding(Verdict.UNSUPPORTED, figure.span, figure.surface, "", "", "事实里没有这个数"), None
    why = f"事实里没有这个数；最接近的是{near.fact.id}“{near.fact.text}”里的{near.figure.surface}"
    return Finding(Verdict.UNSUPPORTED, figure.span, figure.surface, near.fact.id, near.figure.surface, why), None


def _finding(verdict: Verdict, figure: Figure, bearer: _Stated) -> Finding:
    source = f"{bearer.fact.id}“{bearer.fact.text}”"
    stated = bearer.figure.surface
    explanation = {
        Verdict.SUPPORTED: f"与{source}一致",
        Verdict.EQUIVALENT: f"与{source}的{stated}相等，写法不同",
        Verdict.ROUNDED: f"是{source}的{stated}的约数",
        Verdict.DERIVED: f"由{'、'.join(bearer.fact.inputs)}算出：{bearer.fact.formula}",
        Verdict.HEDGE_CHANGED: f"{source}写的是{stated}，这里写成{figure.surface}，确切程度变了",
    }[verdict]
    expected = "" if verdict in FAITHFUL else stated
    return Finding(verdict, figure.span, figure.surface, bearer.fact.id, expected, explanation)


def _is_general(figure: Figure, sheet: FactSheet) -> bool:
    """The year that the summary covers needs no fact."""
    return figure.kind is Kind.DATE and figure.period is not None and figure.period.start == str(sheet.year)


def _words(text: str, figure: Figure) -> frozenset[str]:
    """Character pairs around a figure, within its clause's neighbourhood."""
    before = text[max(0, figure.span.start - _CONTEXT) : figure.span.start]
    after = text[figure.span.end : figure.span.end + _CONTEXT]
    pairs = (p for part in (before, after) for p in (part[i : i + 2] for i in range(len(part) - 1)))
    return frozenset(p for p in pairs if p.isalpha())


def _omitted(s: _Stated) -> Finding:
    return Finding(
        Verdict.OMITTED, None, s.figure.surface, s.fact.id, s.figure.surface,
        f"{s.fact.id}“{s.fact.text}”里的{s.figure.surface}没有写进去",
    )


def _is_worded(fact: Fact, text: str) -> bool:
    """True if a fact without figures stands in the text, most of its character pairs at least."""
    body = fact.text
    pairs = [body[i : i + 2] for i in range(len(body) - 1) if body[i : i + 2].isalpha()]
    return bool(pairs) and not fact.figures and sum(p in text for p in pairs) >= 0.8 * len(pairs)
