"""A sheet's done facts as measures: what is counted, in which unit, how much this year and last. What a roll-up adds up.

The name of a measure is the indicator's where one is told («举办科普讲座46场» and «讲座46场» are both 科普讲座), else the unit's own
words without verb and amounts. 人 and 人次 stay two measures: adding them is what the roll-up warns of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise

from kepudraft.compose.phrases import phrases
from kepudraft.facts.indicators import Indicator, find, indicators
from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.scan import Figure, Hedge, Kind, scan
from kepudraft.genre import UnitType

_COUNTED = (Kind.COUNT, Kind.MONEY, Kind.DURATION, Kind.MEASURE)
_CLAUSE = re.compile(r"[，,；;。：:（）()、]")
_LEAD = re.compile(r"^(?:20\d\d年|全年|年内|本年度?|今年|当年|共|累计|其中|现有|共有|设有|拥有|有|荣?获(?!奖))+")
_DATE = re.compile(r"^(?:20\d\d年)?\d{1,2}月(?:\d{1,2}日)?(?:[至到～~—-](?:\d{1,2}月)?\d{1,2}日)?(?:期间)?")
_GENERIC = re.compile(
    r"^(?:参与|参加|参训|听众|观众|公众|学生|学员|营员|居民|群众|服务|覆盖|受益|惠及|人数|行程|出车|更换|更新|添|新?增|播放|阅读|获奖|经费|面积|线上|线下|活动|接待)"
)
_ADDED = re.compile(r"^(?:添置?|新?增加?|新购)$")
_DOING = re.compile(r"(?:参赛|参加|参与|出车|举办|开展|期间)$")
_AFTER = re.compile(r"[\u4e00-\u9fff]{0,4}")


@dataclass(frozen=True, slots=True)
class Measure:
    """One amount that a unit reports.

    Attributes:
        name: What is counted.
        unit: Unit of measure (场, 人次, 元).
        value: This year's amount in that unit; a rough one («近3万») by its number.
        last: Last year's, or None.
        rough: True if the unit gives it with 约, 近, 余 …
        text: The fact as the unit states it.
        event: True if the fact tells one dated event.
        scale: 10000 where the unit writes it in 万, else 1: so is the sum written.
    """

    name: str
    unit: str
    value: Decimal
    last: Decimal | None
    rough: bool
    text: str
    event: bool
    scale: int = 1


def measures(sheet: FactSheet) -> Iterator[Measure]:
    """The amounts of a sheet's done facts."""
    for fact in sheet.facts:
        if fact.formula or fact.status is not Status.DONE:
            continue
        last = _last_values(fact)
        event = bool(_DATE.match(fact.text))
        for figure in fact.figures:
            if figure.kind not in _COUNTED or figure.quantity is None or not figure.quantity.unit.name or figure.upper is not None:
                continue
            unit = figure.quantity.unit.name
            scale = 10_000 if "万" in figure.surface else 1
            yield Measure(
                _name(fact, figure, sheet.unit_type), unit, figure.quantity.value, last.pop(unit, None),
                figure.hedge is not Hedge.EXACT, fact.text, event, scale,
            )


def measures_json(sheet: FactSheet) -> str:
    """The same with the sheet's plain sentences, as JSON text for the journal."""
    rows = [
        [m.name, m.unit, str(m.value), None if m.last is None else str(m.last), int(m.rough), m.text, int(m.event), m.scale]
        for m in measures(sheet)
    ]
    texts = [f.text for f in sheet.facts if not f.formula]
    return json.dumps([rows, texts], ensure_ascii=False, separators=(",", ":"))


def of_json(text: str) -> tuple[list[Measure], list[str]]:
    """What `measures_json` has written: measures, and all statements."""
    rows, texts = json.loads(text)
    made = [
        Measure(name, unit, Decimal(value), None if last is None else Decimal(last), bool(rough), told, bool(event), scale)
        for name, unit, value, last, rough, told, event, scale in rows
    ]
    return made, texts


def amounts_of_json(text: str) -> Iterator[tuple[str, str, Decimal]]:
    """Of the same, name, unit of measure and amount of each that is no event's: all that thousands of units are compared by."""
    for name, unit, value, _, _, _, event, _ in json.loads(text)[0]:
        if not event:
            yield name, unit, Decimal(value)


def _last_values(fact: Fact) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for f in scan(fact.last).figures if fact.last else ():
        if f.quantity and f.quantity.unit.name and f.kind in _COUNTED:
            found.setdefault(f.quantity.unit.name, f.quantity.value)
    return found


def _name(fact: Fact, figure: Figure, unit_type: UnitType) -> str:
    if indicator := _said(unit_type, fact.text):
        return indicator.name
    clauses = _clauses(fact.text)
    at = next((n for n, (start, end) in enumerate(clauses) if start <= figure.span.start < end), 0)
    start, end = clauses[at]
    part = "其中" in fact.text[: figure.span.start] or bool(fact.part_of)
    own = _words(fact.text[start : figure.span.start]) or _words(_AFTER.match(fact.text[figure.span.end : end])[0])  # type: ignore[index]
    if not part and (indicator := find(unit_type, own)):
        return indicator.name
    if at and (not own or _GENERIC.match(own)) and (whole := _DOING.sub("", _words(fact.text[: clauses[0][1]], amounts=True))):
        if own == "活动" and whole.endswith(("月", "周", "日", "节")):
            return whole
        known = find(unit_type, whole)
        return f"{known.name if known else whole}{'新增' if _ADDED.match(own) else own}"
    own = own or fact.topic or fact.subject
    return f"其中：{own}" if part and own else own


def _clauses(text: str) -> list[tuple[int, int]]:
    bounds = [0, *(m.end() for m in _CLAUSE.finditer(text) if not text[m.start() - 1 : m.start() + 2].replace(",", "").isdigit()), len(text)]
    return [(a, b) for a, b in pairwise(bounds) if b > a]


def _words(text: str, *, amounts: bool = False) -> str:
    """What a clause counts: without its date, verb and marks."""
    if amounts:
        first = next((f for f in scan(text).figures if f.kind in _COUNTED), None)
        text = text[: first.span.start] if first else text
    text = _LEAD.sub("", _DATE.sub("", text.strip("，,；;。：:（）()、 ")))
    if text.startswith(_verbs()):
        verb = next(v for v in _verbs() if text.startswith(v))
        text = text.removeprefix(verb) or text
    return _LEAD.sub("", text).strip("，,；;。：:（）()、 了共为达约近超")


def _said(unit_type: UnitType, text: str) -> Indicator | None:
    """The indicator whose clause a statement is, word for word."""
    if len(scan(text).figures) != 1:
        return None
    return next((i for head, tail, i in _patterns(unit_type) if text.startswith(head) and text.endswith(tail)), None)


@cache
def _verbs() -> tuple[str, ...]:
    known = {v.verb for v in phrases().verbs} | set(phrases().texts["flow.verbs"])
    return tuple(sorted(known, key=len, reverse=True))


@cache
def _patterns(unit_type: UnitType) -> tuple[tuple[str, str, Indicator], ...]:
    made = []
    for indicator in indicators(unit_type):
        head, _, tail = indicator.say.partition("{}")
        if indicator.unit and len(head + tail) >= 2:
            made.append((head, tail, indicator))
    return tuple(sorted(made, key=lambda p: -len(p[0] + p[1])))
