"""Shares in words: 百分之九十 is 90%, 千分之三 is 3‰, 三分之二 the proportion 2/3, 百分之三至百分之五 a range."""

from __future__ import annotations

import re

from kepudraft.figures.figure import Kind
from kepudraft.figures.grammar import CHINESE, S
from kepudraft.figures.numerals import value_of
from kepudraft.figures.page import Page
from kepudraft.figures.qualifiers import prefix
from kepudraft.figures.units import NO_UNIT, Quantity, unit_named

_JOINT = re.compile(f"{S}(?:[~～至到]|[-—–－―─]{{1,2}}){S}")
_PROPORTION = re.compile(
    f"([{CHINESE}]{{1,4}}|[0-9]{{1,5}})分之"
    f"([{CHINESE}]{{1,8}}(?:点[〇零一二三四五六七八九]{{1,6}})?|[0-9]{{1,5}}(?:\\.[0-9]{{1,6}})?)(?P<c>以上|以下|左右)?"
)
_SHARES = {"百": "%", "千": "‰", "100": "%", "1000": "‰"}


def read_share(page: Page, place: int) -> int:
    """百分之九十 is 90%, 千分之三 3‰, 三分之二 the proportion 2/3; 0 where it is none."""
    text = page.text
    match = _PROPORTION.match(text, place)
    if match is None or match[2] in ("百", "千"):
        return 0
    start, qualifier = prefix(text, place, "0")
    top, bottom = value_of(match[2]), value_of(match[1])
    if top is None or bottom is None or bottom == 0:
        return 0
    qualifier += match["c"] or ""
    if match[1] in _SHARES:
        joint = _JOINT.match(text, match.end())
        other = _PROPORTION.match(text, joint.end()) if joint else None
        high = value_of(other[2]) if other and other[1] == match[1] else None
        if other and high is not None and high > top:  # 百分之三至百分之五
            unit = unit_named(_SHARES[match[1]])
            return page.count((start, other.end()), Kind.RANGE, Quantity(top, unit), upper=Quantity(high, unit))
        return page.count((start, match.end()), Kind.PERCENT, Quantity(top, unit_named(_SHARES[match[1]])), qualifier=qualifier)
    return page.count(
        (start, match.end()), Kind.RATIO, Quantity(top / bottom, NO_UNIT), qualifier=qualifier,
        proportion=f"{top.normalize():f}/{bottom.normalize():f}",
    )  # fmt: skip
