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
from kepudraft.verify.grounding import grounding_rules

_CLAUSE = re.compile("[^，,；;。！？\n]+")
_NOUN = re.compile(r"[\u4e00-\u9fff]{2}")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_CHANGE = "(?:提高|提升|增加|增长|上升|扩大|发展|升|涨|下降|减少|降低|缩减|降|减)"
_TO = re.compile(f"{_CHANGE}(?:到了?|至|为|达到?)$")  # 提高到86%: what it is now
_BY = re.compile(f"(?:{_CHANGE}|新增|增设|新建|新设|新添|添置)了?$")  # 提高了14个百分点: by how much
_NEW = re.compile("新(?:增|建|设|添|购|办|开|挂|聘|招|认定|创建?|成立)")  # what follows has come this year
_MORE = re.compile("[增新添扩加升高涨多净发建购减降少缩换退]")  # what in a fact says that a figure is a change, or may be told as one
_TOLD = re.compile(f"[比较]?(?:上一?年|去年)|同比|{_CHANGE}")  # words of any change
_LEVEL = re.compile("[均都]?(?:[与和同较比](?:上一?年|去年))?(?:持平|相同|一样)")
_FROM = re.compile("(?:由|从|自)[^，。；]*$")


@dataclass(frozen=True, slots=True)
class _Place:
    """A figure and what stands beside it: the text before and behind it, up to the next figure or mark."""

    surface: str
    unit: str
    people: bool
    clause: int
    before: str
    behind: str
    pairs: frozenset[str]
    at: int


@dataclass(frozen=True, slots=True)
class Stray:
    """A computed change, share or amount, behind a figure that is not its own.

    Attributes:
        surface: The change.
        owner: The figure that it was computed from.
        behind: The figure that it seems to belong to.
        at: Where it stands in the text.
        owner_at: Where the owner stands.
        named: True if its own clause names the other figure's thing.
    """

    surface: str
    owner: str
    behind: str
    at: int
    owner_at: int
    named: bool


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
        elif _BY.search(here.before) and not _MORE.search(own.before + own.behind):
            problems.append(f"“{surface}”是有多少，不是变了多少")
        elif _NEW.search(here.before) and not _MORE.search(own.before + own.behind):
            problems.append(f"“{surface}”是一共有多少，不是新增的")
        elif other := _moved(here, own, known, ours) or _counting(here, own, known, ours):
            problems.append(f"“{surface}”写在了“{other}”的位置")
        elif noun := _parted(here, own):
            problems.append(f"“{surface}”数的是“{noun}”，中间不要隔着别的事")
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


def _counting(here: _Place, own: _Place, known: dict[str, _Place], ours: dict[str, _Place]) -> str:
    """The figure that counts what this one has right behind it («更换了46处内容» where 46处 are 画廊 and 内容 goes with 6期); "" if there is none.

    Only at the end of a clause: what stands between two figures may be the next one's.
    """
    last = all(p.clause != here.clause or p.at <= here.at for p in ours.values())
    noun = _pairs(here.behind)
    if not last or not noun or noun & own.pairs or not own.pairs:
        return ""
    others = (o for o in known.values() if o is not own and not (own.people and not o.people))  # 1380人次参加讲座
    return next((o.surface for o in others if noun & o.pairs - own.pairs), "")


def _parted(here: _Place, own: _Place) -> str:
    """The noun of a figure that another thing has come to stand between («为行政村提供科技服务104个» for 服务行政村104个); "" if there is none.

    Words that claim nothing and the fact's own may stand there (推广新技术8项 for 新技术推广8项), and people may do anything before they
    are counted (农民参加培训5200人次).
    """
    noun, neutral = own.before[-2:], grounding_rules().neutral
    at = here.before.rfind(noun)
    if own.people or not _NOUN.fullmatch(noun) or neutral.fullmatch(noun) or at < 0 or noun in here.behind:
        return ""
    return noun if _pairs(neutral.sub("，", here.before[at + 2 :])) - own.pairs else ""


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
    """Computed changes behind another figure than the one they were computed from, in order.

    «讲座24场，听众1380人次，增长20%» says that the audience grew, and «讲座24场，其中健康讲座10场，增加4场» may say that of either:
    a writer who knows the facts says it behind the figure that changed, or names it («学员人数增加4个» names another's). Several in one
    clause go with as many figures before them, in their order.
    """
    given = {figure.surface for f in facts if not f.formula for figure in f.figures}
    computed = [(f, base) for f in facts for base in facts if f.formula and f.inputs and base.id == f.inputs[0]]
    bases = {f.figures[0].surface: compared_figure(base, f) for f, base in computed if f.figures and f.figures[0].surface not in given}
    level = [fold(same.surface) for f, base in computed if not f.figures and (same := compared_figure(base, f))]
    if not bases and not level:
        return []
    own = {p.surface: p.pairs for f in facts if not f.formula for p in _places(f.text, f.figures, 0)}
    ours = _places(text, scan(text).figures, 0)
    told = [p for p in ours if p.surface not in bases]
    found = _levels(text, told, level)
    for here in ours:
        base = bases.get(here.surface)
        owner = next((p for p in told if base is not None and p.surface == fold(base.surface)), None)
        before = [p for p in told if p.at < here.at]
        words = _pairs(_TOLD.sub("，", here.before)) | _pairs(here.behind)
        if owner is None or "分别" in here.before or words & (owner.pairs | own.get(owner.surface, frozenset())):
            continue
        if other := next((surface for surface, pairs in own.items() if surface != owner.surface and words & pairs), ""):
            found.append(Stray(here.surface, owner.surface, other, here.at, owner.at, True))
            continue
        if not before:
            continue
        beside = [p for p in ours if p.clause == here.clause and p.surface in bases]
        meant = before[-len(beside) :][beside.index(here)] if len(before) >= len(beside) else before[-1]
        if meant is not owner:
            found.append(Stray(here.surface, owner.surface, meant.surface, here.at, owner.at, False))
    return sorted(found, key=lambda s: s.at)


def _levels(text: str, told: Sequence[_Place], owners: Sequence[str]) -> list[Stray]:
    """The same of 与上年持平, which has no figure: «学术交流3场次，参会240人次，与上年持平» where the 3场次 are as many as before."""
    found = []
    for match in _LEVEL.finditer(fold(text)):
        before = next((p for p in reversed(told) if p.at < match.start()), None)
        owner = next((p for p in told if p.surface in owners), None)
        if before is not None and owner is not None and before.surface not in owners and not match.group().startswith(("均", "都")):
            found.append(Stray(match.group(), owner.surface, before.surface, match.start(), owner.at, False))
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
                behind, _pairs(before) | _pairs(behind), figure.span.start,
            ))
    return made


def _pairs(text: str) -> frozenset[str]:
    return frozenset(run[i : i + 2] for run in _HAN.findall(text) for i in range(len(run) - 1))
