"""Last year's values: taken out of a statement («…（上年35.4万人次）»), and tied to the figure that they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from kepudraft.facts.sheet import Fact
from kepudraft.facts.vocabulary import vocabulary
from kepudraft.figures.scan import Figure, scan

_NAMES = "上年同期|去年同期|上一年度|上年度|上一年|上年|去年|{last}年"
# Only what goes on with a number is last year's value: 上年结转经费5万元 is something else.
_VALUE = "(?:同期)?(?:为|是|：|:)?\\s*(?=[约近]?[\\d０-９一二三四五六七八九十百千万两])"
_FORMS = (
    "[（(]\\s*(?:" + _NAMES + ")" + _VALUE + "([^（()）]{{1,24}})[)）]",
    "[，,]\\s*(?:" + _NAMES + ")" + _VALUE + "([^，,；;。（(]{{1,24}})(?=$|[，,；;。])",
)
# «（上年科普活动132场次）» names again what stands before it.
_NAMED = "[（(]\\s*(?:" + _NAMES + ")([^（()）\\d]{{2,10}}?)((?:为|是)?[约近]?[\\d０-９][^（()）]{{0,20}})[)）]"
_ALONE = re.compile(r"(?:上年|去年|上一年)(?:同期)?(?:为|是)?[约近]?\d")
_BARE = re.compile(r"[约近]?[\d０-９.,]+万?[余多+＋]?")
_NONE = ("", "-", "—", "——", "－", "/", "无", "暂无", "无数据")


@dataclass(frozen=True, slots=True)
class Parted:
    """A clause without last year's values, and these, joined by 、."""

    clause: str
    last: str


def part(text: str, year: int) -> Parted:
    """Take last year's values out of `text`; `year` is the report's."""
    rule, named = _rules(year)
    if (again := named.search(text)) and again[1] in text[: again.start()]:
        text = f"{text[: again.start()]}（{year - 1}年{again[2].lstrip('为是')}）{text[again.end() :]}"
    lasts = [m[1] or m[2] for m in rule.finditer(text)]
    return Parted(rule.sub("", text) if lasts else text, "、".join(lasts))


def stands_alone(text: str) -> bool:
    """True for «上年254场次»: a piece that belongs to the statement before it."""
    return bool(_ALONE.match(text))


def is_none(value: str) -> bool:
    """True for a cell that says there is nothing: -, 无."""
    return value.strip() in _NONE


@dataclass(frozen=True, slots=True)
class Checked:
    """A fact whose last value is sure, or without it and with the reason."""

    fact: Fact
    remark: str = ""


def checked(fact: Fact) -> Checked:
    """Last year's values, each for the one figure of its unit; where there are more, nobody can tell to which."""
    if not fact.last:
        return Checked(fact)
    own = [f for f in totals(fact) if f.quantity]
    if _BARE.fullmatch(fact.last) and len(own) == 1:
        return Checked(replace(fact, last=fact.last + _unit(own[0])))  # «（上年24）» behind 28所
    units = [_unit(f) for f in scan(fact.last).figures if f.quantity]
    if not units:
        return Checked(replace(fact, last=""), f"{fact.source.place}：上年值“{fact.last}”读不出数字，未作比较")
    if all(_is_one(own, u) for u in units) and len(set(units)) == len(units):
        return Checked(fact)
    why = "有几个同单位的数" if any(sum(_unit(f) == u for f in own) > 1 for u in units) else "与本年的单位不同"
    return Checked(
        replace(fact, last=""), f"{fact.source.place}：上年值“{fact.last}”{why}，不知对应哪一个，未作比较；请分行写"
    )


def totals(fact: Fact) -> tuple[Figure, ...]:
    """The figures of a fact that are no parts: those before 其中, 里头, 含 …"""
    found = vocabulary().part_words.search(fact.text)
    return tuple(f for f in fact.figures if not found or f.span.start < found.start())


def _is_one(own: list[Figure], unit: str) -> bool:
    """True if one figure has the unit, or the first is the sum of all others that have it."""
    amounts = [f.quantity.value for f in own if f.quantity and _unit(f) == unit]
    return len(amounts) == 1 or (len(amounts) > 2 and sum(amounts[1:]) == amounts[0])


def _unit(figure: Figure) -> str:
    return figure.quantity.unit.name if figure.quantity else ""


@lru_cache(maxsize=8)
def _rules(year: int) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile("|".join(_FORMS).format(last=year - 1)), re.compile(_NAMED.format(last=year - 1))
