"""Amounts: numeral, hedges and unit to one figure. 近300万元, 7万余人次, 三十多個, 十几个, 3至5场, 三分之二, 两天半."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from kepudraft.figures.articles import is_counted
from kepudraft.figures.figure import Figure, Hedge, Kind, Span
from kepudraft.figures.grammar import CHINESE, S, grammar
from kepudraft.figures.numerals import DIGITS, SCALES, value_of
from kepudraft.figures.page import Page, hedge_of
from kepudraft.figures.qualifiers import prefix
from kepudraft.figures.shares import read_share
from kepudraft.figures.units import NO_UNIT, UNKNOWN, Quantity, Unit, unit_named, units

_EXACT, _COUNT = Hedge.EXACT, Kind.COUNT
_HALF = Decimal("0.5")
_RANGE = re.compile(f"{S}(?:[~～至到]|[-—–－―─]{{1,2}}){S}")
_AND_HALF = re.compile("半(小时|月(?!报|刊)|学时|课时|学期|世纪|钟头)")  # 两个半小时, 一个半月
_RANGE_CHARS = frozenset("~～至到-—–－―─")
_LEADING = frozenset("百千万亿")
_PERIODS = frozenset(("天", "日", "周", "星期", "月", "个月", "季度", "季", "年", "学期", "学年"))
_RATE_UNITS = "场次|次|期|场|届|个|篇|堂|节|课时|课|学时|小时|轮|回|班"
# 两月1次, 一年一届, 每周一期: the amount after a period.
_RATE = re.compile(f"{S}(?:([0-9]{{1,3}})|([一二两三四五六七八九十]{{1,2}})){S}({_RATE_UNITS})(?!会|目|长|人|体)")
# 每年2次: the period before a numeral; at most six characters are looked at.
_EACH = re.compile("每([一二两三四五六半0-9]{0,2})个?(天|日|周|星期|月|季度|季|年|学期|学年)\\Z")
_EACH_LAST = frozenset("天日周期月度季年")
_TWO_DIGITS = re.compile("[一二三四五六七八九]{2}")
_PAGE_BREAK = re.compile("[ \t]{0,2}\n(?:[ \t\n]{0,3}[0-9]{1,3}[、 ]{1,2}(?=[余多万亿\u4e00-\u9fff])|[ \t]{0,2}(?=[余多万亿]))")
_KINDS = {kind.value: kind for kind in Kind}
# Words that end before a bare number which counts something: 参观人数达 3500，
_BEFORE_BARE = frozenset("达到共计约近超破为有逾了是数过至增量：:")
_PLUS = ("+", "＋")
_AFTER_BARE = frozenset("，。；、,;）)\n\0！")


class Reading(NamedTuple):
    """What the groups of one match of the amount grammar say; a tuple, because thousands are made.

    Attributes:
        low: The value, or the lower end.
        high: The upper end of a rough count (十几, 三五百), else None.
        infix: The hedges within and after, in order.
        scaled: 万, 亿, 千 or 百 follows the number.
        halved: A 半 after the unit was added (两天半).
        kind: What a figure of this amount is, standing alone.
        numeral: The numeral's own characters.
        hedged: A hedge stands between numeral and unit.
        doubtful: It may hold a defect; `defects` looks closer.
    """

    low: Quantity
    high: Quantity | None
    infix: str
    scaled: bool
    halved: bool
    kind: Kind
    numeral: str
    hedged: bool
    doubtful: bool


class Amount(NamedTuple):
    """A reading and where it ends."""

    reading: Reading
    end: int

    @property
    def unit(self) -> Unit:
        """`NO_UNIT` where none is written."""
        return self.reading.low.unit


def read_amount(page: Page, place: int, run_end: int) -> int:
    """Read the amount whose numeral begins at `place` and whose first run of numerals ends at `run_end`.

    Gives the place to go on, 0 where there is no amount.
    """
    text = page.text
    if text[run_end] == "分" and (share := read_share(page, place)):
        return share
    amount = _amount(text, place)
    if amount is None:
        return 0
    reading, end = amount
    after = text[end] if text[end] != " " else text[end + 1]
    if after == "\n" and (found := _over_page(page, place, reading.numeral)):
        return found
    start, qualifier = prefix(text, place, reading.numeral)
    if qualifier == "近" and _is_last(text, amount):
        start, qualifier = place, ""
    if after == "半" and reading.low.unit.name == "个" and (half := _AND_HALF.match(text, end)):
        unit = unit_named("个月" if half[1] == "月" else half[1])
        return page.count((start, half.end()), Kind.DURATION, Quantity(reading.low.value + _HALF, unit), qualifier=qualifier)
    if after in _RANGE_CHARS and (found := _range(page, start, qualifier, amount)):
        return found
    if (text[place - 1] in _EACH_LAST or reading.low.unit.name in _PERIODS) and not qualifier:
        found = _rate(page, place, amount)
        if found:
            return found
    if not _is_figure(page, place, amount, bool(qualifier)):
        return 0
    return _enter(page, start, qualifier, amount)


def _enter(page: Page, start: int, qualifier: str, amount: Amount) -> int:
    """Put an amount on the page, as what its unit makes of it."""
    reading, end = amount
    kind, name = reading.kind, reading.low.unit.name
    if name == "世纪" or (name == "届" and not _is_number_of(page.text, start, qualifier)):
        kind = Kind.ORDINAL
    if name == "级" or (name == "版" and reading.low.value % 1):  # 7级, 2024级, 2.0版
        return page.pass_over(start, end, "grade")
    if name == "分" and page.figures and page.figures[-1].span.end == start and page.figures[-1].kind is Kind.DURATION:
        return page.count((start, end), Kind.DURATION, Quantity(reading.low.value, unit_named("分钟")))  # 2小时30分
    qualifier += reading.infix
    hedge = hedge_of(qualifier) if qualifier else _EXACT
    figure = Figure(Span(start, end), page.raw[start:end], kind, reading.low, reading.high, qualifier, hedge, None, name == "世纪")
    page.figures.append(figure)
    if qualifier or reading.doubtful:
        page.doubtful.append(figure)
    return end


def _is_number_of(text: str, start: int, qualifier: str) -> bool:
    """连续5届 and 三届 count; 27届 alone stands for 第27届."""
    return bool(qualifier) or text[start - 1] in "续了办已共前这历计过" or text[start] not in "123456789"


def _is_last(text: str, amount: Amount) -> bool:
    """近三年 means the last three years, 近20年来 too; 近100天 means almost a hundred days."""
    if amount.unit.name not in _PERIODS:
        return False
    return amount.reading.low.value <= 10 or text[amount.end] in "来间内以中"


def _over_page(page: Page, place: int, numeral: str) -> int:
    """利润近 9123⏎10、万元, 展板 200⏎8、余幅: a page number stands between numeral and unit; 0 where it does not."""
    text = page.text
    gap = _PAGE_BREAK.match(text, place + len(numeral))
    if gap is None or not "0" <= numeral[0] <= "9":
        return 0
    amount = _amount(numeral + text[gap.end() : gap.end() + 12] + "\0\0", 0)
    if amount is None or amount.unit is NO_UNIT:
        return 0
    start, qualifier = prefix(text, place, numeral)
    end = gap.end() + amount.end - len(numeral)
    page.blame(start, end, "page-break", "“{}”中间夹了页码或换行")
    reading = amount.reading
    return page.count((start, end), reading.kind, reading.low, upper=reading.high, qualifier=qualifier + reading.infix)


def _amount(text: str, place: int) -> Amount | None:
    """The amount at a place; None where the numeral is none (百千万, 五四)."""
    match = (grammar().arabic if "0" <= text[place] <= "9" else grammar().chinese).match(text, place)
    if match is None:
        return None
    reading = _reading(match.groups())
    if reading is None:
        return None
    end = match.end()
    if reading.low.unit is NO_UNIT:
        while text[end - 1] in " \t":
            end -= 1
    elif match["h"] and not reading.halved:
        end = match.end("u")
    return Amount(reading, end)


@lru_cache(maxsize=32768)
def _reading(groups: tuple[str | None, ...]) -> Reading | None:
    """What the groups of the amount grammar say: numeral, hedge, scale with remainder, hedge, unit, 半, suffix."""
    numeral, a, scale, rest, b, unit_text, half, suffix = (group or "" for group in groups)
    ends = _ends(numeral, a, scale + rest)
    if ends is None or (_TWO_DIGITS.fullmatch(numeral) and ends[1] is None and unit_text not in ("年", "折")):
        return None  # 一一, 二一: no number in prose
    low, high = ends
    infix = a + b
    if unit_text[:2] in ("个多", "个余"):
        infix, unit_text = infix + unit_text[1], "个月" if unit_text[2] == "月" else unit_text[2:]
    unit = unit_named(unit_text)
    if suffix and unit.name == "成" and suffix in DIGITS:
        low, suffix = low + Decimal(DIGITS[suffix]) / 10, ""  # 八成五 is 8.5
    if unit.name == "折" and len(numeral) == 2 and low > 10:
        low /= 10  # 七五折 is 7.5
    halved = bool(half) and unit.name in ("年", "天", "小时", "个月", "日", "成")  # 一成半 is 15%
    if halved:
        low += _HALF
    if unit_text and (halved or not half):
        infix += suffix.removeprefix("及").removeprefix("或")
    upper = Quantity(high, unit) if high is not None else None
    scaled = bool(scale) or (numeral[0] in CHINESE and numeral[-1] in "万亿")
    doubtful = bool(a or b or scale) or len(numeral) > 3 or numeral[0] in "万亿"
    return Reading(Quantity(low, unit), upper, infix, scaled, halved, kind_of(unit), numeral, bool(a or b), doubtful)


@lru_cache(maxsize=8192)
def _ends(numeral: str, hedge: str, scale: str) -> tuple[Decimal, Decimal | None] | None:
    """The value, or both ends of a rough one: 十几 11 to 19, 几十 and 数十 20 to 99, 三五百 300 to 500."""
    if numeral[-1] in CHINESE and numeral[0] in CHINESE and (rough := _adjacent(numeral + scale)):
        return rough
    value = value_of(numeral)
    if value is None:
        return None
    factor = value_of(scale) if scale and scale[0] in SCALES and len(scale) <= 2 else None
    if hedge == "几":
        unit_of_last = SCALES.get(numeral[-1], 0)
        step = Decimal(unit_of_last) / 10
        return None if step == 0 else ((value + step) * (factor or 1), (value + 9 * step) * (factor or 1))
    if not scale:
        return value, None
    total = value_of(f"{numeral}{scale}") if factor is None or hedge else value * factor
    return None if total is None else (total, None)


_ADJACENT = re.compile("([一二三四五六七八九两十百千万]{0,8}[十百千万])?([一二三四五六七八两])([两二三四五六七八九])([十百千万亿]*)")


def _adjacent(numeral: str) -> tuple[Decimal, Decimal] | None:
    """Two neighbouring digits say from one to the other: 三四百, 七八个, 十七八, 二三十万, 一千五六百."""
    match = _ADJACENT.fullmatch(numeral)
    if match is None:
        return None
    head, first, second, scale = match.groups()
    low, high = DIGITS[first], DIGITS[second]
    if not 0 < high - low <= 2 or (head and SCALES.get(scale, 1) * (10 if not scale else 1) > SCALES[head[-1]]):
        return None
    base = value_of(head) if head else Decimal(0)
    factor = value_of(scale) if scale else Decimal(1)
    if base is None or factor is None:
        return None
    return base + low * factor, base + high * factor


def _is_figure(page: Page, place: int, amount: Amount, qualified: bool) -> bool:
    """Whether a numeral with what stands around it states an amount.

    A Chinese numeral needs a unit; an Arabic one a unit, a scale, a hedge, or a place where only an amount can stand.
    """
    reading = amount.reading
    named = reading.low.unit is not NO_UNIT
    if reading.numeral == "一" and not reading.hedged:
        return named and (qualified or is_counted(page, place, amount.end, reading.low.unit.name))
    if reading.numeral[0] in _LEADING and not qualified and not reading.hedged:
        return named and _leading_scale(reading)
    return named or _without_unit(page, place, amount, qualified)


def _leading_scale(reading: Reading) -> bool:
    """百名, 千份, 万人 with a measure word; but 万元 lost its digits, and 百里, 千年, 万家 are words."""
    unit = reading.low.unit
    if unit.name == "元":
        return len(reading.numeral) > 1
    return reading.kind is _COUNT and unit.name not in "里度分点大国店会门户把"


def _without_unit(page: Page, place: int, amount: Amount, qualified: bool) -> bool:
    """300多竞赛试题, 38.6万观众, 近200贫困户, 5部门; 参观人数达3500，"""
    text, end = page.text, amount.end
    numeral, arabic = amount.reading.numeral, "0" <= amount.reading.numeral[0] <= "9"
    if amount.reading.scaled and arabic:
        return True
    if amount.reading.hedged and (amount.reading.infix not in _PLUS or text[end] in _AFTER_BARE):  # “5+科普” is a name
        return True
    if grammar().noun.match(text, end):
        return numeral not in ("一", "十") or qualified
    if not arabic:
        return qualified and len(numeral) > 1 and numeral[-1] in SCALES
    if text[end] in _AFTER_BARE:
        return qualified or text[_back(text, place)] in _BEFORE_BARE
    return False


def _back(text: str, place: int) -> int:
    """The character before, past one space."""
    return place - 2 if text[place - 1] == " " else place - 1


def kind_of(unit: Unit) -> Kind:
    """The kind of a single amount with this unit."""
    if unit is NO_UNIT or unit.dimension == UNKNOWN:
        return Kind.COUNT
    return _KINDS[units().kinds[unit.dimension]]


def _range(page: Page, start: int, qualifier: str, left: Amount) -> int:
    """3至5场, 4%～6%, 5万至10万人次, 5~10万人次: two numerals of one unit; 0 where it is none."""
    text = page.text
    joint = _RANGE.match(text, left.end)
    if joint is None or not (text[joint.end()] in CHINESE or "0" <= text[joint.end()] <= "9"):
        return 0
    right = _amount(text, joint.end())
    if right is None or right.unit is NO_UNIT or right.reading.high is not None or left.reading.high is not None:
        return 0
    if left.unit is not NO_UNIT and left.unit != right.unit:
        return 0
    low, high = left.reading.low.value, right.reading.low.value
    if right.reading.scaled and not left.reading.scaled and left.unit is NO_UNIT:
        low *= _scale_of(text[joint.end() : right.end])
    if low >= high:
        return 0
    ends = Quantity(low, right.unit), Quantity(high, right.unit)
    hedges = qualifier + left.reading.infix + right.reading.infix
    return page.count((start, right.end), Kind.RANGE, ends[0], upper=ends[1], qualifier=hedges)


def _scale_of(surface: str) -> int:
    """The scale that both ends of 5~10万人次 share."""
    return (SCALES["万"] if "万" in surface else 1) * (SCALES["亿"] if "亿" in surface else 1)


def _rate(page: Page, place: int, amount: Amount) -> int:
    """A rate that begins with this amount (两月1次) or ends with it (每年2次); 0 where it is none."""
    if amount.unit.name in _PERIODS and (end := _per_period(page, place, amount)):
        return end
    return _each(page, place, amount) if page.text[place - 1] in _EACH_LAST else 0


def _per_period(page: Page, place: int, amount: Amount) -> int:
    """两月1次, 一年一届: times per period; 0 where it is none."""
    text = page.text
    match = _RATE.match(text, amount.end)
    if match is None or text[place - 1] in "前上头去后":  # 前一年150课时: the year before
        return 0
    times = value_of(match[1] or match[2])
    if times is None:
        return 0
    start = place - 1 if text[place - 1] == "每" else place
    unit = unit_named(f"{match[3]}/{_period(amount.reading.low.value, amount.unit.name)}")
    return page.count((start, match.end()), Kind.RATIO, Quantity(times, unit))


def _each(page: Page, place: int, amount: Amount) -> int:
    """每年2次, 每周一期: the period stands before the numeral; 0 where it is none."""
    text = page.text
    match = _EACH.search(text[max(0, place - 6) : place])
    if match is None or amount.unit.name not in _RATE_UNITS.split("|"):
        return 0
    number = value_of(match[1]) if match[1] else Decimal(1)
    unit = unit_named(f"{amount.unit.name}/{_period(number or Decimal(1), match[2])}")
    start = place - (match.end() - match.start())
    return page.count((start, amount.end), Kind.RATIO, Quantity(amount.reading.low.value, unit), qualifier=amount.reading.infix)


def _period(number: Decimal, name: str) -> str:
    """周, 2月, 0.5年: the period of a rate as its unit says it."""
    name = name.removeprefix("个")
    return name if number == 1 else f"{number.normalize():f}{name}"
