"""Findings in words that a clerk understands: which fact, what it says, what differs, and how it was reckoned."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from kepudraft.facts.derive import year_on_year
from kepudraft.figures.hedged import is_far_hedged
from kepudraft.figures.match import Relation, units_agree
from kepudraft.figures.scan import Figure, Hedge, Kind, scan
from kepudraft.verify.bind import Binding
from kepudraft.verify.claim import Claim
from kepudraft.verify.formulas import Derivation
from kepudraft.verify.report import Finding, Verdict

_TOTAL = re.compile(r"(?:合计|共计|总计|总共|一共|累计|共)[^，。；：、\d\n]{0,6}$")
_CHANGE = re.compile(r"(?:增长|增加|上升|提高|提升|增幅|净增|下降|减少|降低|降幅|回落|多|少)了?(?:约|近|超过?)?$")
_NO_PART = re.compile(r"(?:增|减|升|降|提高|回落|去年|上年|比)[^，。；、]{0,6}$")  # what is no part of a total
_SENTENCE_END = "。！？\n"
_CLAUSE_MARKS = "，。；、\n：（"
_SHOWN_BEFORE = 8
_WAN = Decimal(10_000)


_SUPPORTED = Verdict.SUPPORTED


@dataclass(frozen=True, slots=True)
class _Said:
    """Why a verdict was given, and what should stand there: "" where nothing is known or the value is right as it is."""

    why: str
    expected: str = ""


def explained(
    figure: Figure, verdict: Verdict, binding: Binding, derivation: Derivation | None, text: str, *, standing: str = ""
) -> Finding:
    """The finding on one figure, with what the fact says where that differs; `standing` is why its status is changed."""
    if verdict is Verdict.STATUS_CHANGED and binding.claim is not None:
        return Finding(verdict, figure.span, figure.surface, binding.claim.fact.id, "", f"{binding.claim.source}{standing}")
    if verdict is _SUPPORTED and binding.claim is not None:  # most figures of most texts
        return Finding(verdict, figure.span, figure.surface, binding.claim.fact.id, "", binding.claim.agrees)
    said = _said(figure, verdict, binding, derivation, text)
    reckoned = derivation or Derivation("", ())
    return Finding(
        verdict, figure.span, figure.surface, _fact_id(verdict, binding, derivation), said.expected, said.why,
        reckoned.formula, reckoned.fact_ids,
    )


def _fact_id(verdict: Verdict, binding: Binding, derivation: Derivation | None) -> str:
    """The fact whose words these are, where the value is wrong or another's; else the one whose value it is."""
    claim, rival = binding.claim, binding.rival
    if derivation is not None:
        return claim.fact.id if claim is not None and claim.fact.formula else next(iter(derivation.fact_ids), "")
    bearer = claim
    if verdict in (Verdict.UNSUPPORTED, Verdict.CONFLICTING) or (verdict is Verdict.MISATTRIBUTED and rival is not None):
        bearer = rival
    return bearer.fact.id if bearer and verdict is not Verdict.GENERAL else ""


def _this_year(claim: Claim) -> Figure | None:
    """For last year's value the figure of this year; None for any other claim."""
    if not claim.is_last:
        return None
    return next((f for f in claim.fact.figures if units_agree(f, claim.figure)), None)


def _said(figure: Figure, verdict: Verdict, binding: Binding, derivation: Derivation | None, text: str) -> _Said:
    claim, rival = binding.claim, binding.rival
    if verdict is Verdict.GENERAL:
        return _Said("总结年度、成文日期或公共用语，不需要事实支持")
    if derivation is not None:
        source = f"由{'、'.join(derivation.fact_ids)}算出：" if derivation.fact_ids else ""
        return _Said(source + derivation.formula)
    if verdict in (Verdict.UNSUPPORTED, Verdict.CONFLICTING):
        return _missing(figure, rival, verdict, text)
    assert claim is not None  # every other verdict rests on a claim
    source, stated = claim.source, claim.figure.surface
    if verdict is Verdict.EQUIVALENT:
        return _Said(f"与{source}的{stated}相等，写法不同")
    if verdict is Verdict.ROUNDED:
        return _Said(f"是{source}的{stated}的约数")
    if verdict is Verdict.HEDGE_CHANGED:
        differs = _hedge(figure, claim.figure, binding.relation)
        stated, here = _with_hedge(claim.figure), _with_hedge(figure)
        return _Said(f"{source}写的是{stated}，这里写成{here}：{differs}", stated)
    return _misplaced(figure, claim, rival, text)


def _with_hedge(figure: Figure) -> str:
    """约300人 for the 300人 of 约为300人."""
    return figure.qualifier + figure.surface if is_far_hedged(figure) else figure.surface


def _hedge(figure: Figure, stated: Figure, relation: Relation) -> str:
    """«少了“约”»: the very word, where the figure bears one."""
    here, there = figure.qualifier, stated.qualifier
    if relation is Relation.HEDGE_DROPPED:
        return f"少了“{there}”，约数成了确数" if there else "约数成了确数"
    if relation is Relation.HEDGE_ADDED:
        return f"多了“{here}”，确数成了约数" if here else "确数成了约数"
    return f"“{there}”和“{here}”意思不同" if here and there else "约数的方向或程度变了"


def _misplaced(figure: Figure, claim: Claim, rival: Claim | None, text: str) -> _Said:
    """«“听众46场”：46场是F2“科普讲座46场”的数，这里该是F3“听众9800人次”的9800人次»."""
    here = f"“{_around(figure, text)}”：{figure.surface}是{claim.source}的{'上年数' if claim.is_last else '数'}"
    if rival is not None:
        return _Said(f"{here}，这里该是{rival.source}的{rival.figure.surface}", rival.figure.surface)
    if (now := _this_year(claim)) is not None:
        return _Said(f"{here}，本年是{now.surface}", now.surface)
    return _Said(f"{here}，与这里说的事情、对象或时间对不上")


def _missing(figure: Figure, rival: Claim | None, verdict: Verdict, text: str) -> _Said:
    none = f"事实里没有{figure.surface}"
    if (total := _total(figure, text)) is not None:
        return _Said(f"{none}，合计也不对：{total.why}", total.expected)
    if rival is None or (figure.kind is Kind.ORDINAL) != (rival.figure.kind is Kind.ORDINAL):
        return _Said(f"{none}，也没有相近的说法；确有其事请补进事实，否则请删去")
    stated = rival.figure.surface
    if rival.fact.formula:
        return _Said(f"{none}；按{'、'.join(rival.fact.inputs)}应是{stated}（{rival.fact.formula}）", stated)
    if _CHANGE.search(text[max(0, figure.span.start - 12) : figure.span.start]):
        return _changed(figure, rival, none)
    if figure.kind is not Kind.DATE and stated != figure.surface and _digits(figure) == _digits(rival.figure):
        return _Said(f"{rival.source}是{stated}，这里写成{figure.surface}：数字一样，单位不一样", stated)
    if verdict is Verdict.CONFLICTING:
        return _Said(f"同一件事前后写了两个数：{rival.source}是{stated}，这里写成{figure.surface}", stated)
    if not units_agree(figure, rival.figure) and figure.kind is not rival.figure.kind:
        return _Said(f"{none}，由{rival.source}的数也算不出来")
    return _Said(f"{none}；说的像是{rival.source}，那里是{stated}", stated)


def _total(figure: Figure, text: str) -> _Said | None:
    """«前面的32场、18场相加是50场» for a figure told as a total; None where fewer than two parts stand before it in its sentence."""
    start = max(text.rfind(mark, 0, figure.span.start) for mark in _SENTENCE_END) + 1
    before = text[start : figure.span.start]
    if figure.quantity is None or not _TOTAL.search(before):
        return None
    unit = figure.quantity.unit.name
    parts = [
        f for f in scan(before).figures
        if f.quantity and f.quantity.unit.name == unit and f.kind is figure.kind and f.hedge is Hedge.EXACT
        and f.upper is None and not _NO_PART.search(before[: f.span.start])
    ]
    if len(parts) < 2:
        return None
    total = _written(sum((f.quantity.value for f in parts if f.quantity), Decimal(0)), figure)
    return _Said(f"前面的{'、'.join(f.surface for f in parts)}相加是{total}", total)


def _written(value: Decimal, like: Figure) -> str:
    unit = like.quantity.unit.name if like.quantity else ""
    if "万" in like.surface:
        return f"{(value / _WAN).normalize():f}万{unit}"
    return f"{value.normalize():f}{unit}"


def _changed(figure: Figure, rival: Claim, none: str) -> _Said:
    """What did change against last year, with its formula."""
    changes = year_on_year(rival.fact)
    if not changes:
        return _Said(f"{none}；说的像是{rival.source}的增减，但那里没有上年数，算不出来")
    told = "，".join(f"{c.text}（{c.formula}）" for c in changes)
    right = next((f.surface for c in changes for f in c.figures if units_agree(f, figure)), "")
    return _Said(f"{none}；{rival.source}{told}", right)


def _digits(figure: Figure) -> str:
    return re.sub(r"[^\d.]", "", figure.surface) or figure.surface


def _around(figure: Figure, text: str) -> str:
    start = max(figure.span.start - _SHOWN_BEFORE, *(text.rfind(mark, 0, figure.span.start) + 1 for mark in _CLAUSE_MARKS))
    while start > 0 and text[start].isdigit() and text[start - 1].isdigit():
        start -= 1
    return text[start : figure.span.end]
