"""Corrections of facts in a clerk's words: «F3 改为 46场», «F3 44场改成46场», «F3 上年40场», «F3 是计划», «删掉 F3», «增加 讲座46场»."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kepudraft.errors import FactError
from kepudraft.facts.last_year import checked
from kepudraft.facts.sheet import Fact, Source, Status
from kepudraft.figures.scan import Figure, Hedge, Kind, scan
from kepudraft.figures.units import UNKNOWN
from kepudraft.genre import Role
from kepudraft.session.asking import BARE
from kepudraft.session.intake import Taken, take_text
from kepudraft.session.work import Work

_FACT = r"[FfＦｆ]\s*(?P<id>[0-9０-９]{1,5})"
_TO = r"(?:改为|改成|改作|更正为|应为|应该是|应是|该是|写成|换成|变成|是|为|[:：=＝→]|->|改)"
_CHANGE = re.compile(rf"^(?:请?[把将])?\s*{_FACT}\s*(?:不对|错了|有误)?[，,]?\s*(?:里的?|的|中的?)?\s*(?P<old>\S*?)\s*{_TO}\s*(?P<new>.+)$", re.S)
_DROP = "(?:删除|删掉|删去|去掉|不要)"
_DELETE = re.compile(rf"^(?:请?[把将])?\s*(?:{_DROP}\s*{_FACT}|{_FACT.replace('<id>', '<id2>')}\s*{_DROP})(?:了|吧)?$")
_LAST = re.compile(rf"^{_FACT}\s*的?(?:上年|去年|上一年)(?:同期)?(?:{_TO})?\s*(?P<new>.+)$")
_ADD = re.compile(r"^(?:请?(?:增加|新增|添加|加上|加一条|补充|再加|加))(?:一条)?(?:事实)?\s*[:：]?\s*(?P<new>.+)$", re.S)
_STATUS = {
    "计划": (Status.PLANNED, Role.PLANS), "打算": (Status.PLANNED, Role.PLANS), "明年的计划": (Status.PLANNED, Role.PLANS),
    "问题": (Status.PROBLEM, Role.PROBLEMS), "不足": (Status.PROBLEM, Role.PROBLEMS),
    "完成": (Status.DONE, None), "已完成": (Status.DONE, None), "完成的": (Status.DONE, None), "做完的": (Status.DONE, None),
}
_FULLWIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_END = " \t\u3000。.！!"


@dataclass(frozen=True, slots=True)
class Corrected:
    """The work after a correction, and what to say of it."""

    work: Work
    said: str
    taken: Taken | None = None


def is_correction(line: str) -> bool:
    """True if a line speaks of a fact by its id, or asks to add one."""
    return bool(_CHANGE.match(line) or _DELETE.match(line) or _LAST.match(line))


def corrected(work: Work, line: str) -> Corrected:
    """Apply a correction.

    Raises:
        FactError: It cannot be understood or carried out; the message says how to write it.
    """
    line = line.strip()
    if found := _DELETE.match(line):
        return _deleted(work, _fact(work, found["id"] or found["id2"]))
    if found := _LAST.match(line):
        return _with_last(work, _fact(work, found["id"]), found["new"].strip(_END))
    if found := _CHANGE.match(line):
        return _changed(work, _fact(work, found["id"]), found["old"], found["new"].strip(_END))
    if found := _ADD.match(line):
        taken = take_text(work, found["new"])
        return Corrected(taken.work, "", taken)
    raise FactError(
        f"看不懂“{line[:30]}”", remedy="可以写：F3 改为 46场；F3 上年40场；F3 是计划；删除 F3；增加 讲座46场"
    )


def affected(work: Work, fact_id: str) -> tuple[str, ...]:
    """Roles of the written sections that tell a fact, or one computed from it."""
    computed = (fact_id, f"D{fact_id[1:]}")
    return tuple(
        role for role, written in work.sections
        if any(i in s.fact_ids for p in written.passages for s in p.sentences for i in computed)
    )


def _fact(work: Work, number: str) -> Fact:
    fact = work.fact(f"F{int(number.translate(_FULLWIDTH))}")
    if fact is None:
        ids = "、".join(f.id for f in work.facts[:12]) + ("等" if len(work.facts) > 12 else "")
        raise FactError(f"没有 F{number} 这条事实", remedy=f"现有：{ids or '还没有事实'}（/facts 查看全部）")
    return fact


def _deleted(work: Work, fact: Fact) -> Corrected:
    facts = tuple(replace(f, part_of="") if f.part_of == fact.id else f for f in work.facts if f.id != fact.id)
    return Corrected(replace(work, facts=facts), f"已删去 {fact.id}：{fact.text}")


def _with_last(work: Work, fact: Fact, value: str) -> Corrected:
    if value in ("无", "没有", "删除"):
        return Corrected(work.with_fact(replace(fact, last="")), f"{fact.id} 不再与上年比较")
    told = checked(replace(fact, last=value))
    if told.remark:
        raise FactError(told.remark.partition("：")[2] or told.remark, place=fact.id)
    return Corrected(work.with_fact(told.fact), f"{fact.id} 上年记为{told.fact.last}")


def _changed(work: Work, fact: Fact, old: str, new: str) -> Corrected:
    if not old and new.removesuffix("的") in _STATUS:
        return _restated(work, fact, new.removesuffix("的"))
    text = _replaced(fact, old, new)
    if text == fact.text:
        return Corrected(work, f"{fact.id} 没有变化")
    found = scan(text)
    if lost := [d for d in found.defects if d.kind in ("lost-number", "mask")]:
        raise FactError(f"“{lost[0].surface}”处的数字缺失", place=fact.id, remedy="请补上数字")
    place = fact.source.place if fact.source.place.endswith("本人更正") else f"{fact.source.place}，本人更正"
    changed = replace(fact, text=text, figures=found.figures, source=Source(fact.source.file, place.strip("，")))
    told = checked(changed)
    note = f"（{told.remark.partition('：')[2]}）" if told.remark else ""
    return Corrected(work.with_fact(told.fact), f"{fact.id} 由“{fact.text}”改为“{text}”{note}")


def _restated(work: Work, fact: Fact, word: str) -> Corrected:
    status, role = _STATUS[word]
    return Corrected(work.with_fact(replace(fact, status=status, role=role)), f"{fact.id} 记为{word}")


def _replaced(fact: Fact, old: str, new: str) -> str:
    """The text with one amount in place of another; what begins with no amount is the whole fact told anew."""
    figures = scan(new).figures
    amount = figures[0] if len(figures) == 1 and (figures[0].span.start, figures[0].span.end) == (0, len(new)) else None
    if old:
        if old in fact.text and fact.text.count(old) == 1:
            return fact.text.replace(old, _like(new, old, compared=bool(fact.last)))
        raise FactError(
            f"{fact.id} 里{'没有' if old not in fact.text else '不止一处'}“{old[:20]}”", place=fact.id, remedy=f"这条是：{fact.text}"
        )
    bare = BARE.fullmatch(new)
    if amount is None and not bare:
        return new
    target = _target(fact, amount if not bare else None)
    return fact.text[: target.span.start] + _like(new, target.surface, compared=bool(fact.last)) + fact.text[target.span.end :]


def _target(fact: Fact, amount: Figure | None) -> Figure:
    """The one figure of the fact that a new amount can stand for: the one of its unit, or the only one."""
    own = [f for f in fact.figures if f.kind is not Kind.DATE or (amount and amount.kind is Kind.DATE)]
    unit = amount.quantity.unit if amount and amount.quantity else None
    same = [f for f in own if unit and f.quantity and f.quantity.unit.name == unit.name]
    found = same or ([f for f in own if unit and f.quantity and f.quantity.unit.dimension == unit.dimension] if unit else own)
    found = found or (own if len(own) == 1 and unit is None else [])
    if len(found) == 1:
        return found[0]
    if not own:
        raise FactError(f"{fact.id} 里没有数字", place=fact.id, remedy="请写出整条，如：F3 改为 举办讲座46场")
    shown = "、".join(f.surface for f in own)
    example = f"{fact.id} {own[0].surface} 改为 {amount.surface if amount else '46场'}"
    raise FactError(
        f"{fact.id} 里有{shown}，不知道改哪一个" if found else f"{fact.id} 里的{shown}不是这个单位", place=fact.id,
        remedy=f"请写明，如：{example}；或写出整条",
    )


def _like(new: str, old: str, *, compared: bool) -> str:
    """A bare number takes the unit of the amount that it replaces; 46场 for 44场次 does too, where last year's is in 场次."""
    before, after = scan(old).figures, scan(new).figures
    if len(before) != 1 or (before[0].span.start, before[0].span.end) != (0, len(old)):
        return new
    number = BARE.match(old)
    unit = old[number.end() :] if number else ""
    if BARE.fullmatch(new):
        return new + unit
    one, other = before[0].quantity, after[0].quantity if len(after) == 1 else None
    said = BARE.match(new)
    same = compared and one and other and one.unit.dimension == other.unit.dimension != UNKNOWN and one.unit.scale == other.unit.scale
    return said[0] + unit if same and said and before[0].hedge is after[0].hedge is Hedge.EXACT else new
