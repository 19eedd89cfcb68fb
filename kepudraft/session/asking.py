"""The interview: which indicator is asked next, how, and what an answer says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from kepudraft.facts.indicators import Indicator, indicators
from kepudraft.facts.last_year import part
from kepudraft.facts.sheet import Fact, Status
from kepudraft.figures.scan import Figure, scan
from kepudraft.figures.units import UNKNOWN, unit_named
from kepudraft.genre import Role, UnitType
from kepudraft.session.work import Work

NONE = ("无", "没有", "无。", "没有。", "0", "零", "none", "no", "-")
LATER = ("待补", "待补充", "以后补", "暂缺", "不清楚", "不知道", "?", "？")
_TAIL = " \t\u3000，,。；;"
_DIGIT = re.compile(r"[\d０-９一二三四五六七八九十百千万两]")
_VERB = re.compile(r"^(?:全年|共|累计|一共)*(?:开展|举办|组织|现有|共有|设有|建有|投入|发放|开办|办了?|有)?")
_PROBE_CHARS = 40
BARE = re.compile(r"[约近]?(?:[\d０-９]{1,3}(?:,[\d０-９]{3})+|[\d０-９]+)(?:[.．][\d０-９]+)?[万亿]?[余多+＋]?")
"""An amount without its unit."""
_MORE = re.compile("[，,；;、]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said of an indicator: its value, last year's, what else was told of it, or that there is none (yet)."""

    value: str = ""
    last: str = ""
    rest: str = ""
    none: bool = False
    later: bool = False


def next_indicator(work: Work) -> Indicator | None:
    """The key indicator that is asked next: neither answered nor told by a fact; None where all are."""
    answered = {name for name, _ in work.answers}
    return next((i for i in key_indicators(work) if i.name not in answered and not told_by(work, i)), None)


def key_indicators(work: Work) -> tuple[Indicator, ...]:
    """The indicators of the unit's type that an interview asks for."""
    return tuple(i for i in indicators(work.unit_type) if i.required) if work.unit_type else ()


def question(work: Work, indicator: Indicator) -> str:
    """One short question: what, in which unit, what counts, and last year's value where it is known."""
    keys = key_indicators(work)
    at = f"{keys.index(indicator) + 1}/{len(keys)}" if indicator in keys else ""
    last = dict(work.lasts).get(indicator.name, "")
    note = indicator.note.rstrip("。") + (f"；上年{last}" if last else "")
    if indicator.unit:
        return f"[{at}] {indicator.name}，{work.year}年多少{indicator.unit}？（{note}）"
    return f"[{at}] {indicator.name}？（{note}；几件事用“；”隔开）"


def answer_to(indicator: Indicator, line: str, work: Work) -> Answer:
    """Read an answer: «24», «24，上年20», «24场（去年20）», «无», «待补»."""
    said = line.strip(_TAIL)
    if said.lower() in NONE:
        return Answer(none=True)
    if said in LATER:
        return Answer(later=True)
    known = dict(work.lasts).get(indicator.name, "")
    if not indicator.unit:
        return Answer(said)
    parted = part(said, work.year or 0)
    clause = parted.clause.strip(_TAIL)
    # «5，620人次参与»: the value, and more about it. A comma of thousands is no break.
    at = next((m.start() for m in _MORE.finditer(clause) if is_amount(clause[: m.start()], indicator)), len(clause))
    last = _bare(parted.last or known, indicator)
    if at == len(clause) or is_amount(clause, indicator):
        return Answer(_bare(clause, indicator), last)
    return Answer(_bare(clause[:at], indicator), last, rest=clause[at + 1 :].strip(_TAIL))


def _bare(value: str, indicator: Indicator) -> str:
    """24场 for an indicator in 场次 is 24: this year's and last year's value bear one unit, or nobody could compare them."""
    figures = scan(value).figures
    number = BARE.match(value)
    if len(figures) != 1 or number is None or not same_unit(figures[0], indicator) or indicator.unit[0] in "万亿":
        return value
    quantity, asked = figures[0].quantity, unit_named(indicator.unit)
    return number[0] if quantity and quantity.unit.scale == asked.scale and figures[0].span.end == len(value) else value


def is_amount(text: str, indicator: Indicator) -> bool:
    """True if an answer is one amount (24, 24场, 近3万, 97.5%), not a sentence."""
    if len(text) > _PROBE_CHARS:
        return False
    if BARE.fullmatch(text):
        return True
    figures = scan(text).figures
    return len(figures) == 1 and figures[0].span.start == 0 and figures[0].span.end == len(text) and bool(indicator.unit)


def has_number(text: str) -> bool:
    """True if a digit or a Chinese numeral stands in the text."""
    return bool(_DIGIT.search(text))


def told_by(work: Work, indicator: Indicator) -> bool:
    """True if a fact tells the indicator."""
    for fact in work.facts:
        if not indicator.unit:
            if fact.role is indicator.role or (indicator.role, fact.status) in _BY_STATUS:
                return True
        elif any(i is indicator for i in indicators_in(fact, work.unit_type)):
            return True
    return False


_BY_STATUS = ((Role.PROBLEMS, Status.PROBLEM), (Role.PLANS, Status.PLANNED))


def indicators_in(fact: Fact, unit_type: UnitType | None) -> tuple[Indicator, ...]:
    """The indicators that a fact's figures are values of, as far as the words right before them tell: one a figure at most."""
    return tuple(i for i, _ in values_in(fact, unit_type))


def values_in(fact: Fact, unit_type: UnitType | None) -> list[tuple[Indicator, Figure]]:
    """As `indicators_in`, each with its figure."""
    if unit_type is None or fact.status is not Status.DONE:
        return []
    named, found, at, head = _named(unit_type), [], 0, ""
    for figure in fact.figures:
        words = fact.text[at : figure.span.start].strip(_TAIL + "：:")
        bare = _VERB.sub("", words.removeprefix("其中"))
        # «讲座24场，听众1380人次»: the second counts the 讲座听众.
        indicator = named.get(words) or named.get(bare) or named.get(head + bare)
        if indicator and same_unit(figure, indicator):
            found.append((indicator, figure))
        at, head = figure.span.end, head or bare
    return found


def same_unit(figure: Figure, indicator: Indicator) -> bool:
    """True if a figure counts what the indicator counts: 场 for 场次 is the same, 人 for 人次 is not."""
    if figure.quantity is None or not indicator.unit:
        return False
    scaled = [f.quantity.unit for f in scan("1" + indicator.unit).figures if f.quantity]
    asked = scaled[0] if scaled else unit_named(indicator.unit)
    unit = figure.quantity.unit
    return unit.name == asked.name or unit.dimension == asked.dimension != UNKNOWN


def lasts_of(facts: tuple[Fact, ...], unit_type: UnitType) -> tuple[tuple[str, str], ...]:
    """Indicators with the values that last year's facts give them: what an interview of this year shows."""
    found: dict[str, str] = {}
    for fact in facts:
        for indicator, figure in values_in(fact, unit_type):
            found.setdefault(indicator.name, figure.surface)
    return tuple(found.items())


@cache
def _named(unit_type: UnitType) -> dict[str, Indicator]:
    """Indicators by what stands before their value: the words of `say`, name and aliases."""
    rows = [i for i in indicators(unit_type) if i.unit]
    return {n: i for i in reversed(rows) for n in (*i.aliases, i.name, i.say.split("{}")[0]) if n}
