"""Which of its facts' words each figure of a sentence stands beside: right values may be exchanged within one sentence.

`verify` binds figures to a whole sheet and must be lenient with words that it does not know. Here the sentence's facts are known, so
a figure that stands among another figure's words, and none of its own, has been moved.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kepudraft.facts.derive import compared_figure
from kepudraft.facts.sheet import Fact
from kepudraft.figures.fold import fold
from kepudraft.figures.scan import Figure, scan

_CLAUSE = re.compile("[^，,；;。！？\n]+")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_CHANGE = "(?:提高|提升|增加|增长|上升|扩大|发展|升|涨|下降|减少|降低|缩减|降|减)"
_TO = re.compile(f"{_CHANGE}(?:到了?|至|为|达到?)$")  # 提高到86%: what it is now
_BY = re.compile(f"{_CHANGE}了?$")  # 提高了14个百分点: by how much
_FROM = re.compile("(?:由|从|自)[^，。；]*$")


@dataclass(frozen=True, slots=True)
class _Place:
    """A figure and what stands beside it: the text before and behind it, up to the next figure or mark."""

    surface: str
    unit: str
    people: bool
    clause: int
    before: str
    pairs: frozenset[str]
    at: int


@dataclass(frozen=True, slots=True)
class Stray:
    """A computed share behind a figure that is not its own.

    Attributes:
        surface: The share.
        owner: The figure that it was computed from.
        behind: The figure that it seems to belong to.
        at: Where it stands in the text.
    """

    surface: str
    owner: str
    behind: str
    at: int


def misplaced(text: str, facts: Sequence[Fact]) -> list[str]:
    """What is wrong with the places of a sentence's figures, in Chinese clauses.

    Args:
        text: The sentence.
        facts: Its facts; computed ones are judged by `verify`.
    """
    theirs = [p for n, fact in enumerate(facts) if not fact.formula for p in _places(fact.text, fact.figures, 1000 * n)]
    times = Counter(p.surface for p in theirs)
    known = {p.surface: p for p in theirs if times[p.surface] == 1}
    ours: dict[str, _Place] = {}
    for place in _places(text, scan(text).figures, 0):
        ours.setdefault(place.surface, place)
    problems = []
    for surface, here in ours.items():
        own = known.get(surface)
        if own is None:
            continue
        if bool(_TO.search(own.before)) and _BY.search(here.before):
            problems.append(f"“{surface}”是变成了多少，不是变了多少")
        elif _BY.search(own.before) and _TO.search(here.before):
            problems.append(f"“{surface}”是变了多少，不是变成了多少")
        elif other := _moved(here, own, known, ours):
            problems.append(f"“{surface}”写在了“{other}”的位置")
    problems += [f"“{s.surface}”是“{s.owner}”的增减，不是“{s.behind}”的" for s in strays(text, facts)]
    return problems + _turned(ours, theirs, known)


def _moved(here: _Place, own: _Place, known: dict[str, _Place], ours: dict[str, _Place]) -> str:
    """The figure among whose words this one stands, and none of its own; "" if there is none.

    Words that stand beside their own figure, too, are only said again. People come to what the fact counts otherwise (讲座1380人次).
    """
    if not own.pairs or here.pairs & own.pairs:
        return ""
    for other in known.values():
        if other is own or (own.people and not other.people):
            continue
        taken = here.pairs & (other.pairs - own.pairs)
        there = ours.get(other.surface)
        if taken and (there is None or not taken <= there.pairs):
            return other.surface
    return ""


def _turned(ours: dict[str, _Place], theirs: Sequence[_Place], known: dict[str, _Place]) -> list[str]:
    """«由86%提高到72%» for 由72%提高到86%."""
    problems = []
    for one, two in pairwise(theirs):
        if one.clause != two.clause or one.unit != two.unit or not {one.surface, two.surface} <= known.keys() & ours.keys():
            continue
        first, second = ours[one.surface], ours[two.surface]
        order = list(ours)
        if first.clause == second.clause and order.index(two.surface) < order.index(one.surface) and _FROM.search(second.before):
            problems.append(f"“{one.surface}”和“{two.surface}”的先后反了")
    return problems


def strays(text: str, facts: Sequence[Fact]) -> list[Stray]:
    """Computed shares behind another figure than the one they were computed from, in order.

    «讲座24场，听众1380人次，增长20%» says that the audience grew. Several shares in one clause go with as many figures before them, in their order,
    and behind 其中… the whole may still be meant.
    """
    bases = {f.figures[0].surface: compared_figure(base, f) for f in facts for base in facts
             if f.formula and f.figures and f.inputs and base.id == f.inputs[0]}
    if not bases:
        return []
    ours = _places(text, scan(text).figures, 0)
    body = fold(text)
    found = []
    told = [p for p in ours if p.surface not in bases]
    for here in ours:
        base = bases.get(here.surface)
        owner = next((p for p in told if base is not None and p.surface == fold(base.surface)), None)
        before = [p for p in told if p.at < here.at]
        if owner is None or not before or not here.surface.endswith("%") or "分别" in here.before or here.pairs & owner.pairs:
            continue
        beside = [p for p in ours if p.clause == here.clause and p.surface in bases]
        meant = before[-len(beside) :][beside.index(here)] if len(before) >= len(beside) else before[-1]
        if meant is not owner and "其中" not in body[owner.at : here.at]:
            found.append(Stray(here.surface, owner.surface, meant.surface, here.at))
    return found


def _places(text: str, figures: Sequence[Figure], first: int) -> list[_Place]:
    body = fold(text)
    made = []
    for number, clause in enumerate(_CLAUSE.finditer(body), first):
        within = [f for f in figures if clause.start() <= f.span.start < clause.end()]
        for n, figure in enumerate(within):
            start = within[n - 1].span.end if n else clause.start()
            end = within[n + 1].span.start if n + 1 < len(within) else clause.end()
            before, behind = body[start : figure.span.start], body[figure.span.end : max(end, figure.span.end)]
            unit = figure.quantity.unit if figure.quantity else None
            made.append(_Place(
                fold(figure.surface), unit.name if unit else "", unit is not None and unit.dimension in ("person", "visit"), number, before,
                _pairs(before) | _pairs(behind), figure.span.start,
            ))
    return made


def _pairs(text: str) -> frozenset[str]:
    return frozenset(run[i : i + 2] for run in _HAN.findall(text) for i in range(len(run) - 1))
