"""Clauses of one sentence -> the sentence: what a clause need not say again, and the mark that joins it.

A noun, a verb or a remark that the clause before has said is not said again; nothing else is taken away, and no
connective is put in that would claim a relation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from kepudraft.compose.clauses import is_stock, leading_verb
from kepudraft.compose.phrases import phrases

_HAN = "[\u4e00-\u9fff]"
# A noun at the start whose predicate follows: «临时展览|接待观众9.4万人次», «宣传栏|每月换1期».
_SUBJECT = re.compile(
    f"^(?P<noun>{_HAN}{{2,8}}?)(?=(?:接待|参与|参加|吸引|惠及|放映|播放|参训|观众|听众|会员|受益|出车|更新|服务公众|服务[居群农]|每[月周年季天])"
    r"[^，；]{0,8}\d)"
)
# «参加馆校课程的学生1.9万人次» behind «开设馆校课程…»: the doing has been named.
_DOERS = re.compile(
    f"^(?:参加|参与)(?P<doing>{_HAN}{{2,12}})的(?P<who>{_HAN}{{2,4}})(?P<amount>[约近超逾]?[\\d.]+[余多]?万?[余多]?人次?)(?P<rest>$|，.*)"
)
_COMPARED = re.compile("[比较与]上年|同比|增长|下降")
_FIRST_AMOUNT = re.compile(r"^[^\d]*[\d.]+[万亿]?[余多]?[^，；、\d]{0,4}")


def linked(told: Sequence[str]) -> str:
    """Clauses as one sentence, without end mark: «现有画廊46处；现有基地22个» -> «现有画廊46处、基地22个»."""
    told = _all_same(told)
    text, before = told[0], told[0]
    for clause in told[1:]:
        said = again(before, clause)
        if said:
            text += f"，{said}"
        else:
            text += _joined(before, clause)
            before = clause
    return text


def goes_on(before: str, clause: str) -> bool:
    """True if `clause` speaks of what `before` tells, so that it should stand right behind it."""
    return bool(again(before.split("，")[0], clause))


def again(before: str, clause: str) -> str:
    """`clause` without the noun that `before` has named, or "" if it speaks of something else.

    «举办临时展览6个», «临时展览接待观众9.4万人次» -> «接待观众9.4万人次».
    """
    if "其中" in before or len([c for c in before.split("，") if not _COMPARED.match(c)]) > 1:
        return ""  # whose the next figure is would not be plain
    first = _FIRST_AMOUNT.match(before)
    named = first.group() if first else ""
    if doers := _DOERS.match(clause):
        stem = doers["doing"].removesuffix("活动")
        if doers["doing"] in named or (len(stem) > 3 and stem in named):
            return f"{doers['who']}{doers['amount']}参加{doers['rest']}"
        return ""
    for names, begins, said in phrases().goes_on:
        if (found := begins.match(clause)) and re.search(names, named):
            return found.expand(said) + clause[found.end() :]
    if is_stock(clause):
        clause = clause.removeprefix(leading_verb(clause))
    subject = _SUBJECT.match(clause)
    if subject and subject["noun"] in named and not subject["noun"].endswith(("志愿", "科普")):
        return clause[subject.end() :]
    return ""


def _joined(before: str, clause: str) -> str:
    """The mark and the clause; a verb that both begin with is said once."""
    verb = leading_verb(clause)
    simple = "，" not in before and "，" not in clause and "、" not in before
    if is_stock(before) and is_stock(clause):
        return f"{'、' if simple else '；'}{clause.removeprefix(verb)}"
    if simple and verb and verb == leading_verb(before) and _plain_amount(before, verb) and _plain_amount(clause, verb):
        return f"、{clause.removeprefix(verb)}"
    return f"；{clause}" if not simple or not verb or not leading_verb(before) else f"，{clause}"


def _plain_amount(clause: str, verb: str) -> bool:
    """True for verb, noun and one amount: what may stand in a row behind one verb."""
    return bool(re.fullmatch(rf"{verb}{_HAN}{{2,12}}[约近超逾]?[\d.]+[余多]?万?[余多]?{_HAN}{{1,3}}", clause))


def _all_same(told: Sequence[str]) -> list[str]:
    """«A9人，与上年持平», «B5个，与上年持平» -> «A9人，B5个，均与上年持平»."""
    tail = f"，{phrases().texts['change.same'][0]}"
    merged: list[str] = []
    held: list[str] = []
    for clause in (*told, ""):
        if clause.endswith(tail) and "，" not in clause.removesuffix(tail):
            held.append(clause)
            continue
        if len(held) > 1:
            bare = [h.removesuffix(tail) for h in held]
            one = bare[0] + "".join(_joined(a, b) for a, b in pairwise(bare))
            merged.append(one.replace("；", "，") + phrases().texts["change.all_same"][0])
        else:
            merged += held
        held = []
        if clause:
            merged.append(clause)
    return merged
