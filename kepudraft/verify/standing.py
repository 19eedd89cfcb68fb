"""Whether a text tells a thing as the facts do: as done, as planned, or as not done at all."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from kepudraft.facts.sheet import Fact, Status
from kepudraft.figures.scan import Figure
from kepudraft.verify.bind import Binding, Fit

# Right before a figure, within its clause: 没有达到46场, 未能举办讲座46场; but 未成年人46人 denies nothing.
_DENIED = re.compile("(?:没有|没能|没|未能|尚未|并未|未曾|未|不曾|无法)(?!成年|满|来|必|知|有少|少)(?:再|能|够|按期|如期)*"
                     "(?:达到|达|举办|开展|组织|完成|实现|办|做到|超过|突破|开|召开|举行|安排|建成|发放|接待|培训)[^，。；：、！？\\n0-9]{0,10}$")
_DENIAL = re.compile("没|未|不曾|无法")
_DENYING = re.compile("没|未|不|无|缺")
# … 明年计划举办讲座46场; but 按计划, 原计划 and 计划数 tell of this year, and so does what a plan starts from.
_INTENDED = re.compile(
    "(?:(?<![按原内外超照据])(?<!年初)(?<!既定)计划(?!数|内|外|的|完成)|拟(?!定|订)|打算|力争|争取|准备|预计"
    "|将(?=举办|开展|组织|新增|新建|增加|安排|实施|建设|举行|召开|培训|发放|接待))[^，。；：、！？\\n0-9]{0,14}$"
)
_SO_FAR = re.compile("今年|本年|已|现有|目前|由|从|比|较|原有|基础|了|过")
_PLANNING = re.compile("计划|拟|打算|力争|争取|准备|预计|明年|来年|下年")
_REACH = 26
_PLANNED = Status.PLANNED


def standing(text: str, figures: Sequence[Figure], bindings: Sequence[Binding], planned: Sequence[bool]) -> dict[int, str]:
    """Why figures that tell a claim tell it as what it is not: the figure's number -> a Chinese clause.

    Args:
        text: The text, folded.
        figures: Its figures, in order.
        bindings: What they are bound to.
        planned: For every figure whether its sentence or heading speaks of a plan.
    """
    denials = [m.start() for m in _DENIAL.finditer(text)]
    found: dict[int, str] = {}
    for i, binding in enumerate(bindings):
        claim = binding.claim
        if binding.fit is not Fit.BOUND or claim is None or figures[i].quantity is None:
            continue
        fact = claim.fact
        if fact.status is _PLANNED:
            if not planned[i]:
                found[i] = "是计划，这里写成了已经完成"
        elif planned[i] and not claim.is_last and _is_intended(text, figures[i], fact):
            found[i] = "是已经做了的，这里写成了计划"
        elif denials and _is_near(denials, figures[i].span.start) and _is_denied(text, figures[i], fact):
            found[i] = "是做到了的，这里写成了没有做到"
    return found


def _is_intended(text: str, figure: Figure, fact: Fact) -> bool:
    if fact.status is not Status.DONE or _PLANNING.search(fact.text):
        return False
    start = figure.span.start
    match = _INTENDED.search(text, max(0, start - _REACH), start)
    if match is None or _SO_FAR.search(match.group()):
        return False
    return not text.startswith(("增加到", "增至", "的基础", "基础上", "提高到", "扩大到", "发展到"), figure.span.end)


def _is_near(denials: Sequence[int], start: int) -> bool:
    """True if one of the places is within reach before a figure."""
    k = bisect_left(denials, start)
    return k > 0 and denials[k - 1] >= start - _REACH


def _is_denied(text: str, figure: Figure, fact: Fact) -> bool:
    start = figure.span.start
    return _DENIED.search(text, max(0, start - _REACH), start) is not None and not _DENYING.search(fact.text)
