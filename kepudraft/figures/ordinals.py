"""Places in an order: 第33届, 第一名, 27届, 一等奖, 首届, 一、二、三等奖."""

from __future__ import annotations

import re
from decimal import Decimal

from kepudraft.figures.dates import read_date
from kepudraft.figures.figure import Kind
from kepudraft.figures.grammar import CHINESE, S, grammar
from kepudraft.figures.marks import ordinal_list
from kepudraft.figures.numerals import value_of
from kepudraft.figures.page import Page
from kepudraft.figures.units import NO_UNIT, Quantity, unit_named

_FIRST = frozenset("届次座场批家个部条期支本所款例")
_FIRST_BAR = {"个": "人", "部": "门", "期": "间", "场": "馆", "家": "庭", "本": "地", "所": "有", "次": "要"}
_NUMERAL = re.compile(f"(?:([0-9]{{1,5}})|([{CHINESE}]{{1,6}})){S}")
_ORDINAL_UNIT = re.compile(
    "届|次|名|批次|批|个|期|季度|位|组|轮|站|场次|场|部|条|集|版|年|天|阶段|步|章|节"
    "|课|项|家|所|座|代|方阵|日|周|号|类|等奖|等|级|医院|中学|小学"
)
_NAMES = re.compile(
    "(?:人民|中心|附属|实验|职业|高级|中医|市立|完全)?(?:医院|中学|小学|幼儿园|中|小学校|高中|职高)"
    "|[一-龥]{0,4}(?:中学|小学|幼儿园|医院)"
)
_PLENUM = re.compile(f"[{CHINESE}]{{1,4}}届中央(?:委员会|纪委|纪律检查委员会)?(?:第[{CHINESE}]{{1,3}}次全体会议)?")
_ORDINAL_RANGE = re.compile(
    f"([0-9]{{1,4}}|[{CHINESE}]{{1,5}})(?:至|到|[-—–~～]{{1,2}})第?([0-9]{{1,4}}|[{CHINESE}]{{1,5}}){S}(名|位|届|期|批|次|组|章|条)"
)
_PRIZE = re.compile("等奖")
_PUNCTUATION = frozenset("，。；、：:;,！？）)”\n\0 .．")
_CONGRESS = re.compile("次(?:全国)?(?:党员|党|妇女|团员|人民)?代表大会")
_PARTY_BEFORE = re.compile("(?:党的|中共|共产党|全国人民)[\u4e00-\u9fff]{0,6}第\\Z")


def read_ordinal(page: Page, place: int) -> int:
    """The ordinal whose numeral begins at `place` after 第: 第33届, 第一名, 排名第三.

    Names of institutions (第一中学) and list words (第一，) state no order that could be checked.
    """
    text = page.text
    match = _NUMERAL.match(text, place)
    start = place - 1 if text[place - 1] == "第" else place - 2
    value = value_of(match[1] or match[2]) if match else None
    if match is None or value is None:
        return place + 1
    if found := _among_others(page, start, place):
        return found
    numeral_end = match.end(1) if match[1] else match.end(2)
    if _NAMES.match(text, numeral_end):
        return page.pass_over(start, numeral_end, "proper-name")
    if _CONGRESS.match(text, numeral_end) and _PARTY_BEFORE.search(text[max(0, start - 10) : start + 1]):
        return page.pass_over(start, numeral_end + 1, "party-event")
    return _with_unit(page, start, match, value)


def _among_others(page: Page, start: int, place: int) -> int:
    """第1—3名, 第三至第五名, 第一、二批, 第十九届中央委员会第四次全体会议; 0 where the ordinal stands alone."""
    text = page.text
    if listed := ordinal_list(page, place):
        return read_ordinal_list(page, place, listed, start=start)
    if plenum := _PLENUM.match(text, place):
        return page.pass_over(start, plenum.end(), "party-event")
    match = _ORDINAL_RANGE.match(text, place)
    low, high = (value_of(match[1]), value_of(match[2])) if match else (None, None)
    if match is None or low is None or high is None or low >= high:
        return 0
    unit = unit_named(match[3])
    return page.count((start, match.end()), Kind.RANGE, Quantity(low, unit), upper=Quantity(high, unit))


def _with_unit(page: Page, start: int, match: re.Match[str], value: Decimal) -> int:
    text, end = page.text, match.end()
    numeral_end = match.end(1) if match[1] else match.end(2)
    unit = _ORDINAL_UNIT.match(text, end)
    if unit and unit[0] == "季度" and value <= 4:
        return read_date(page, match.start())
    if unit and unit[0] == "号":
        return page.pass_over(start, unit.end(), "document-number")
    if unit is None:
        unit = grammar().unit.match(text, end)
    if unit:
        return page.count((start, unit.end()), Kind.ORDINAL, Quantity(value, unit_named(unit[0])))
    if text[numeral_end] in _PUNCTUATION and not "\u4e00" <= text[start - 1] <= "\u9fff":
        return page.pass_over(start, numeral_end, "enumeration")
    return page.count((start, numeral_end), Kind.ORDINAL, Quantity(value, NO_UNIT))


def read_first(page: Page, place: int) -> int:
    """首届, 首次, 首场, 首座: the first of its kind."""
    text = page.text
    measure = text[place + 1]
    if measure not in _FIRST or text[place + 2] == _FIRST_BAR.get(measure) or "0" <= text[place - 1] <= "9":
        return 0
    return page.count((place, place + 2), Kind.ORDINAL, Quantity(Decimal(1), unit_named(measure)))


def read_grade_prize(page: Page, place: int, end: int) -> int:
    """一等奖, 2等奖; 0 where no prize follows."""
    text = page.text
    if not _PRIZE.match(text, end):
        return 0
    value = value_of(text[place:end])
    if value is None:
        return 0
    return page.count((place, end + 2), Kind.ORDINAL, Quantity(value, unit_named("等奖")))


def read_ordinal_list(page: Page, place: int, match: re.Match[str], *, start: int | None = None) -> int:
    """一、二、三等奖: each numeral is an ordinal of the shared unit."""
    text, unit = page.text, match[1]
    if unit in ("年级", "级", "产业", "线", "楼", "季度", "月", "区", "类"):
        return page.pass_over(place, match.end(), "grade" if "级" in unit else "lexicalised") if unit != "月" else 0
    at = place
    for part in text[place : match.start(1)].split("、"):
        value = value_of(part)
        last = at + len(part) == match.start(1)
        if value is not None:
            begin = start if start is not None and at == place else at
            page.count((begin, match.end() if last else at + len(part)), Kind.ORDINAL, Quantity(value, unit_named(unit)))
        at += len(part) + 1
    return match.end()


def read_proportion(page: Page, place: int, match: re.Match[str]) -> int:
    """1:15 or 1/3 as the proportion of both numbers."""
    mark = "/" if "/" in match[0] else ":"
    left, _, right = match[0].replace("：", ":").replace("∶", ":").partition(mark)
    if Decimal(right) == 0:
        return 0
    value = Decimal(left) / Decimal(right)
    return page.count((place, match.end()), Kind.RATIO, Quantity(value, NO_UNIT), proportion=f"{left}{mark}{right}")
