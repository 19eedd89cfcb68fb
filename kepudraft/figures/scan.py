"""Text to figures: one pass that stops only at numeral characters and asks the rules in their order of precedence.

Each rule is a function of the page and a place; it gives the place to go on, or 0 where it doesn't apply. None looks
further than a bounded number of characters, so that the pass is linear in the text whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from kepudraft.figures.amounts import read_amount
from kepudraft.figures.dates import read_bare_year, read_clock, read_date, read_dotted, read_half_year
from kepudraft.figures.defects import find_defects, is_faulty, read_lost_number
from kepudraft.figures.figure import (
    Defect,
    Figure,
    Hedge,
    Kind,
    NonFigure,
    Period,
    Scan,
    Span,
    nonfigure_record,
    record,
)
from kepudraft.figures.marks import (
    ordinal_list,
    quoted_slogan,
    read_leftover,
    read_letters,
    read_marker,
    read_mask,
    read_memorial_day,
    read_number_name,
    run_end,
)
from kepudraft.figures.ordinals import read_first, read_grade_prize, read_ordinal, read_ordinal_list, read_proportion
from kepudraft.figures.page import Page, open_page
from kepudraft.figures.qualifiers import QUALIFYING
from kepudraft.figures.rough import read_capitals, read_half, read_rough
from kepudraft.figures.units import Quantity

__all__ = [
    "Defect", "Figure", "Hedge", "Kind", "NonFigure", "Period", "Quantity", "Scan", "Span", "nonfigure_record",
    "record", "scan",
]  # fmt: skip

_MAX_DIGITS = 16
_SHORT = 200  # characters; whole texts are not kept in memory
_CHINESE = "〇零一二三四五六七八九十百千万亿两"
_CAPITALS = "壹贰弍叁肆伍陆柒捌玖拾佰仟"
_MARKS = "".join(map(chr, (*range(0x2460, 0x249C), *range(0x3220, 0x322A), *range(0x2776, 0x2780))))
_CANDIDATE = re.compile(f"[0-9{_CHINESE}数几成首半{_CAPITALS}xX*{_MARKS}]")
_QUOTES = frozenset("“\"「『‘")
_MARK_AFTER = frozenset("是要、．.）)〕]】")
_SPECIAL = frozenset(".-/·•．、）)]〕】:：∶时点等年月日号季~～—–－―─至到 \t篇第报急火消热服平电xX*%□")
"""After digits: what may make them a date, a mark or a name. Anything else leaves only amounts, the common case."""

_DATE_AFTER = frozenset("年月日号季-—–－―─~～至到、 ")

_PLAIN = re.compile("[0-9]{1,9}(?:\\.[0-9]{1,4})?(?:%|[\u4e00-\u9fff]{1,4})(?=[，。；、）\0])")
_PLAIN_KINDS = frozenset((Kind.COUNT, Kind.MONEY, Kind.PERCENT, Kind.MEASURE))
_STOPS = frozenset("，。；")
_CHANGING = QUALIFYING | frozenset("第每天日周期月度季年号码话线为是")
"""Characters before a number that may make it another figure or none: qualifiers, periods, labels of telephone numbers."""

_TURNING = frozenset(("分", "届", "版", "级", "世纪"))  # units that make an amount another thing behind some words
_MOST_KNOWN = 8192


def scan(text: str) -> Scan:
    """Read every figure of a text.

    Args:
        text: Any text; it is read as it stands, and offsets are code points of it.

    Returns:
        Figures, non-figures and defects, each in the order of the text.
    """
    return _remembered(text) if len(text) <= _SHORT else _scanned(text)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> Scan:
    """A statement is scanned several times on its way through the stages; what is returned can't be changed."""
    return _scanned(text)


def _scanned(text: str) -> Scan:
    page = open_page(text)
    search, folded, rules = _CANDIDATE.search, page.text, _RULES
    place = 0
    while found := search(folded, place):
        start = found.start()
        place = rules[folded[start]](page, start) or start + 1
    find_defects(page)
    return Scan(tuple(page.figures), tuple(page.nonfigures), tuple(page.defects))


def _digits(page: Page, place: int) -> int:
    """Arabic digits at `place`: at once where nothing around can change what was read of the like before."""
    text = page.text
    before = text[place - 1]
    plain = _PLAIN.match(text, place) if (before in _STOPS or ("\u4e00" <= before <= "\u9fff" and before not in _CHANGING)) else None
    if plain is None:
        return _digits_in_place(page, place)
    end, known = plain.end(), _known.get(plain[0])
    if known is not None:
        kind, quantity, faulty = known
        figure = Figure(Span(place, end), page.raw[place:end], kind, quantity)
        page.figures.append(figure)
        if faulty:
            page.doubtful.append(figure)
        return end
    after = _digits_in_place(page, place)
    if after == end and page.figures and (figure := page.figures[-1]).span == (place, end):
        _keep(plain[0], figure, page)
    return after


_known: dict[str, tuple[Kind, Quantity, bool]] = {}
"""Amounts that were read where only their own characters counted: 46场, 38.6万人次, 12.6%; kind, quantity, whether it has a defect."""


def _keep(surface: str, figure: Figure, page: Page) -> None:
    """Remember an amount that is nothing but a number and its unit."""
    quantity = figure.quantity
    if quantity is None or figure.qualifier or figure.upper is not None or figure.optional or figure.proportion:
        return
    if figure.kind in _PLAIN_KINDS and quantity.unit.name not in _TURNING:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[surface] = figure.kind, quantity, is_faulty(page, figure)


def _digits_in_place(page: Page, place: int) -> int:
    """Arabic digits by all that stands around them."""
    text = page.text
    end = run_end(text, place)
    if end - place > _MAX_DIGITS:
        return page.pass_over(place, end, "alphanumeric-name")
    after = text[end]
    if after in "xX*" and (text[end + 1] in "xX*" or after == "*"):
        return read_mask(page, place)
    before = text[place - 1]
    if before == "第" or (before == " " and text[place - 2] == "第"):
        return read_ordinal(page, place) or page.pass_over(place, end, "lexicalised")
    return _digits_by_form(page, place, end) or read_leftover(page, place, end)


def _digits_by_form(page: Page, place: int, end: int) -> int:
    """Digits by what stands around them, the narrowest form first."""
    text = page.text
    before, after = text[place - 1], text[end]
    if after == " ":
        after = text[end + 1]
    if after in "届大" and (idiom := page.idioms.at(page.text, place, end)):
        return page.pass_over(idiom.start, idiom.end, idiom.why)
    if after not in _SPECIAL and end - place < 5:
        if (before.isascii() or after.isascii()) and (found := read_letters(page, place, end)):
            return found
        return read_amount(page, place, end) or read_bare_year(page, place)
    return _digits_by_sign(page, place, end)


def _digits_by_sign(page: Page, place: int, end: int) -> int:
    """Digits before a mark or a word of time, or long ones."""
    text = page.text
    after = text[end]
    if after in ".-/·•．" and "0" <= text[end + 1] <= "9" and (found := read_dotted(page, place) or read_memorial_day(page, place)):
        return found
    if after == "/" and (fraction := _FRACTION.match(text, place)):
        return read_proportion(page, place, fraction)
    if found := read_number_name(page, place, end) or read_marker(page, place, end):
        return found
    if after in _DATE_AFTER and (found := read_date(page, place)):
        return found
    if after in ":：∶时点" and (found := read_clock(page, place) or _colon_ratio(page, place)):
        return found
    if after == "等" and (found := read_grade_prize(page, place, end)):
        return found
    if text[place - 1].isascii() and (found := read_letters(page, place, end)):
        return found
    return read_amount(page, place, end) or read_bare_year(page, place) or read_letters(page, place, end)


def _colon_ratio(page: Page, place: int) -> int:
    """师生比1:15: a proportion; 0 where no number follows."""
    match = _COLON.match(page.text, place)
    return read_proportion(page, place, match) if match else 0


def _chinese(page: Page, place: int) -> int:
    """A Chinese numeral at `place`."""
    text = page.text
    end = run_end(text, place)
    if end - place > 24:
        return end
    if idiom := page.idioms.at(text, place, end):
        return page.pass_over(idiom.start, idiom.end, idiom.why)
    before = text[place - 1]
    if before == "第":
        return read_ordinal(page, place)
    if before in "周期拜" and (found := _weekday(page, place, end)):
        return found
    return _chinese_by_form(page, place, end) or read_lost_number(page, place, end) or end


def _chinese_by_form(page: Page, place: int, end: int) -> int:
    text = page.text
    after = text[end]
    if after == "、" and (listed := ordinal_list(page, place)):
        return read_ordinal_list(page, place, listed)
    if text[place - 1] in _QUOTES and (found := quoted_slogan(page, place, end)):
        return found
    if after in _MARK_AFTER and (found := read_marker(page, place, end)):
        return found
    if after in _DATE_AFTER and text[place] in "一二三四五六七八九十" and (found := read_date(page, place)):
        return found
    if after == "等" and (found := read_grade_prize(page, place, end)):
        return found
    if after == "号":
        return page.pass_over(place, end + 1, "document-number")
    return read_amount(page, place, end)


def _weekday(page: Page, place: int, end: int) -> int:
    """周六, 星期三, 礼拜天; but 每周一期 is a rate."""
    text = page.text
    if end - place != 1 or text[place] not in "一二三四五六":
        return 0
    start = place - 2 if text[place - 2 : place] in ("星期", "礼拜") else place - 1
    if text[place - 1] == "期" and start == place - 1:
        return 0
    if text[place - 2] == "每" and text[end] in "次期场节课个届堂":
        return 0
    if text[place - 1] == "周" and text[place - 2] in "动传普" and text[end] in "项场次个期天类大":
        return 0  # 科技活动周四项, 宣传周三场: the week's name ends before the numeral
    return page.pass_over(start, end, "weekday")


def _mask(page: Page, place: int) -> int:
    return read_mask(page, place)


def _mark(page: Page, place: int) -> int:
    return page.pass_over(place, place + 1, "enumeration")


def _half(page: Page, place: int) -> int:
    return read_half_year(page, place) or read_half(page, place)


_FRACTION = re.compile("[1-9][0-9]?/[1-9][0-9]{0,2}(?=[的以多左强\u4e00-\u9fff，。；、])(?!年|月)")
_COLON = re.compile("[0-9]{1,4}[:：∶][0-9]{1,6}(?:\\.[0-9]{1,4})?(?![:：∶0-9])")


_RULES: Mapping[str, Callable[[Page, int], int]] = (
    dict.fromkeys("0123456789", _digits)
    | dict.fromkeys(_CHINESE, _chinese)
    | dict.fromkeys(_CAPITALS, read_capitals)
    | dict.fromkeys("xX*", _mask)
    | dict.fromkeys(_MARKS, _mark)
    | {"数": read_rough, "几": read_rough, "成": read_rough, "首": read_first, "半": _half}
)
