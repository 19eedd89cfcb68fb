"""Findings in words that a clerk understands."""

from __future__ import annotations

from kepudraft.figures.match import Relation
from kepudraft.figures.scan import Figure
from kepudraft.verify.bind import Binding
from kepudraft.verify.claims import Claim
from kepudraft.verify.formulas import Derivation
from kepudraft.verify.report import FAITHFUL, Finding, Verdict

_HEDGES = {
    Relation.HEDGE_DROPPED: "少了“{stated}”的约数说法",
    Relation.HEDGE_ADDED: "事实里是确数，这里写成了约数",
    Relation.HEDGE_CHANGED: "约数的方向或程度变了",
}


def explained(
    figure: Figure, verdict: Verdict, binding: Binding, derivation: Derivation | None, text: str
) -> Finding:
    """The finding on one figure, with what the fact says where that differs."""
    claim, rival = binding.claim, binding.rival
    bearer = claim
    expected = ""
    if verdict in (Verdict.UNSUPPORTED, Verdict.CONFLICTING) or (verdict is Verdict.MISATTRIBUTED and rival is not None):
        bearer = rival
        expected = rival.figure.surface if rival else ""
    elif verdict not in FAITHFUL and claim is not None:
        expected = claim.figure.surface
    why = _why(figure, verdict, binding, derivation, text)
    if derivation is not None:
        fact_id = claim.fact.id if claim is not None and claim.fact.formula else next(iter(derivation.fact_ids), "")
    else:
        fact_id = bearer.fact.id if bearer and verdict is not Verdict.GENERAL else ""
    return Finding(verdict, figure.span, figure.surface, fact_id, expected, why)


def _why(figure: Figure, verdict: Verdict, binding: Binding, derivation: Derivation | None, text: str) -> str:
    claim, rival = binding.claim, binding.rival
    if verdict is Verdict.GENERAL:
        return "总结年度、成文日期或公共用语，不需要事实支持"
    if derivation is not None:
        source = f"由{'、'.join(derivation.fact_ids)}算出：" if derivation.fact_ids else ""
        return source + derivation.formula
    if verdict in (Verdict.UNSUPPORTED, Verdict.CONFLICTING):
        return _missing(figure, rival, verdict)
    assert claim is not None  # every other verdict rests on a claim
    source, stated = _source(claim), claim.figure.surface
    if verdict is Verdict.SUPPORTED:
        return f"与{source}一致"
    if verdict is Verdict.EQUIVALENT:
        return f"与{source}的{stated}相等，写法不同"
    if verdict is Verdict.ROUNDED:
        return f"是{source}的{stated}的约数"
    if verdict is Verdict.STATUS_CHANGED:
        return f"{source}是计划，这里写成了已经完成"
    if verdict is Verdict.HEDGE_CHANGED:
        return f"{source}写的是{stated}，这里写成{figure.surface}：{_HEDGES[binding.relation].format(stated=stated)}"
    return _misplaced(figure, claim, rival, text)


def _misplaced(figure: Figure, claim: Claim, rival: Claim | None, text: str) -> str:
    """«“听众46场”：46场是F2“科普讲座46场”的数，这里该是F3“听众9800人次”的9800人次»."""
    here = f"“{_around(figure, text)}”：{figure.surface}是{_source(claim)}的{'上年数' if claim.is_last else '数'}"
    if rival is None:
        return f"{here}，不是这里说的事"
    return f"{here}，这里该是{_source(rival)}的{rival.figure.surface}"


def _missing(figure: Figure, rival: Claim | None, verdict: Verdict) -> str:
    if rival is None:
        return f"事实里没有{figure.surface}这个数，也没有相近的说法"
    if verdict is Verdict.CONFLICTING:
        return f"同一件事前后写了两个数：{_source(rival)}是{rival.figure.surface}，这里写成{figure.surface}"
    if rival.fact.formula:
        return f"事实里没有{figure.surface}；按{'、'.join(rival.fact.inputs)}应是{rival.figure.surface}（{rival.fact.formula}）"
    return f"事实里没有{figure.surface}；说的像是{_source(rival)}，那里是{rival.figure.surface}"


def _source(claim: Claim) -> str:
    return f"{claim.fact.id}“{claim.fact.text}”"


def _around(figure: Figure, text: str) -> str:
    start = max(figure.span.start - 8, *(text.rfind(mark, 0, figure.span.start) + 1 for mark in "，。；、\n：（"))
    return text[start : figure.span.end]
