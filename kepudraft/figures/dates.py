"""Dates, periods and clock times: 2018年9月14日, 6月12~15日, 3、4月份, 二〇二三年, 三季度, 上半年, 2023.9.15—9.21, 9:30."""

from __future__ import annotations

import re

from kepudraft.figures.figure import Period
from kepudraft.figures.grammar import S
from kepudraft.figures.numerals import value_of
from kepudraft.figures.page import Page

_Y = "(?:(?:19|20)[0-9]{2}|[一二][九〇零][〇零一二三四五六七八九]{2})"
_M = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_D = "(?:3[01]|[12][0-9]|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"
_TO = f"{S}(?:起?(?:一直|持续|延续|办|开|展)?(?:至|到)|[-—–－―─]{{1,2}}|[~～]){S}"
_NO_DAY = "(?!报|常|益|记|志|本|程|照|均|游|元|线|楼|馆|站|文件|召)"
_NO_MONTH = "(?!球|亮|饼|季|刊|嫂|坛)"

_JOINT = re.compile("[-—–－―─~～至到、]")
_DAY_END = f"[日号]{_NO_DAY}"
# 9月14日-9月20日, 6月12~15日, 2018年9月14日至20日, 1-3日, 12、13日.
_DAYS = re.compile(
    f"(?:(?P<y>{_Y}){S}年{S})?(?:(?P<m>{_M}){S}月{S})?(?P<d>{_D}){S}(?:日?{_TO}|、)"
    f"(?:(?P<y2>{_Y}){S}年{S})?(?:(?P<m2>{_M}){S}月{S})?(?P<d2>{_D}){S}{_DAY_END}"
)
# 3、4月份, 2023年9月至11月, 3—5月, 2021年10月至2022年3月.
_MONTHS = re.compile(
    f"(?:(?P<y>{_Y}){S}年{S})?(?P<m>{_M}){S}(?:月?(?:份)?{_TO}|、)(?:(?P<y2>{_Y}){S}年{S})?(?P<m2>{_M}){S}月份?{_NO_MONTH}"
)
# 2021—2035年, 2016至2020年度, 2022年-2024年.
_YEARS = re.compile(f"(?P<y>{_Y}){S}年?{_TO}(?P<y2>{_Y})(?:{S}(?:学年度?|年度?)|(?=[^0-9年.月-]))")
# 2018年9月14日, 2014年度, 2024年第三季度, 2024年上半年.
_YEAR = re.compile(
    f"(?P<y>{_Y}){S}年(?:度(?!假)|份)?(?:{S}(?P<m>{_M}){S}月(?:份)?(?:{S}(?P<d>{_D}){S}[日号])?{_NO_MONTH}"
    f"|{S}第?(?P<q>[一二三四1-4])季度|(?P<h>[上下])半年)?"
)
_MONTH = re.compile(f"(?P<m>{_M}){S}月(?:份)?(?:{S}(?P<d>{_D}){S}[日号])?{_NO_MONTH}")
_DAY = re.compile(f"(?P<d>{_D}){S}日{_NO_DAY}")
_QUARTER = re.compile("(?P<q>[一二三四1-4])季度")
_DOTTED = re.compile(
    f"(?P<y>(?:19|20)[0-9]{{2}})([.\\-/])(?P<m>1[0-2]|0?[1-9])(?:\\2(?P<d>3[01]|[12][0-9]|0?[1-9]))?(?![0-9.]*[0-9%])"
    f"(?:{_TO}(?:(?P<y2>(?:19|20)[0-9]{{2}})[.\\-/])?(?P<m2>1[0-2]|0?[1-9])[.\\-/](?P<d2>3[01]|[12][0-9]|0?[1-9])(?![0-9.]))?"
)
_DOTTED_DAY = re.compile("(?P<m>1[0-2]|0?[1-9])\\.(?P<d>3[01]|[12][0-9]|0?[1-9])(?=当日|当天|日|号|活动|前|起)日?")
_BARE_YEAR = re.compile("(?:199[0-9]|20[0-4][0-9])(?=[\u4e00-\u9fff“《])")
_CLOCK = re.compile(
    "(?P<h>[01]?[0-9]|2[0-4])(?:[:：](?P<i>[0-5][0-9])(?::[0-5][0-9])?"
    "|[时点](?!间|代|期|段|长|钟)(?:(?P<j>[0-5]?[0-9])分|(?P<half>半)|整)?)"
)
_CLOCK_TO = re.compile(f"{_TO}(?:[01]?[0-9]|2[0-4])(?:[:：][0-5][0-9]|[时点](?:[0-5]?[0-9]分|半)?)")
_HALF_YEAR = {"上": "H1", "下": "H2"}
_DAY_PARTS = frozenset(("上午", "下午", "晚上", "早上", "中午", "凌晨", "每晚"))
_STAMP = re.compile("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ \t][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")


def read_date(page: Page, place: int) -> int:
    """Read the date or period that begins at `place`; gives the place to go on, 0 where there is none."""
    text = page.text
    if _JOINT.search(text, place, place + 16):
        for pattern in (_DAYS, _MONTHS, _YEARS):
            match = pattern.match(text, place)
            if match and (period := _range(match)):
                return page.date(place, match.end(), period)
    match = _YEAR.match(text, place)
    if match:
        return page.date(place, match.end(), Period(_iso(match)))
    match = _MONTH.match(text, place)
    if match:
        return page.date(place, match.end(), Period(_iso(match)))
    return _quarter(page, place) or _day(page, place)


def read_dotted(page: Page, place: int) -> int:
    """2023.9.15, 2023.9.15—9.21, 2023-09-15, 3.23当日; a stamp with a clock time was left by a web page."""
    text = page.text
    if stamp := _STAMP.match(text, place):
        return page.pass_over(place, stamp.end(), "crawl")
    match = _DOTTED.match(text, place)
    if match:
        start = f"{match['y']}-{int(match['m']):02}" + (f"-{int(match['d']):02}" if match["d"] else "")
        if match["m2"]:
            last = f"{match['y2'] or match['y']}-{int(match['m2']):02}-{int(match['d2']):02}"
            return page.date(place, match.end(), Period(start, last))
        return page.date(place, match.end(), Period(start))
    match = _DOTTED_DAY.match(text, place)
    if match:
        return page.date(place, match.end(), Period(f"XXXX-{int(match['m']):02}-{int(match['d']):02}"))
    return 0


def read_bare_year(page: Page, place: int) -> int:
    """2013全国科普日: a year before a word, without 年; the caller has seen that no unit follows."""
    match = _BARE_YEAR.match(page.text, place)
    return page.date(place, match.end(), Period(match[0])) if match else 0


def read_clock(page: Page, place: int) -> int:
    """9:30, 14:00—16:00, 上午9点, 9时30分: optional, nobody's facts hold them. A lone 1:15 is a proportion, not read here."""
    text = page.text
    match = _CLOCK.match(text, place)
    if match is None:
        return 0
    tail = _CLOCK_TO.match(text, match.end())
    if not tail and text[match.end() - 1] in "点时" and text[place - 2 : place] not in _DAY_PARTS:
        return 0
    if not tail and match["i"] and len(match["h"]) < 2 and text[place - 1] not in "午晚上早间日 ":
        return 0
    minute = int(match["i"] or match["j"] or (30 if match["half"] else 0))
    end = tail.end() if tail else match.end()
    return page.date(place, end, Period(f"T{int(match['h']):02}:{minute:02}"), optional=True)


def read_half_year(page: Page, place: int) -> int:
    """上半年, 下半年 with 半 at `place`; optional."""
    half = _HALF_YEAR.get(page.text[place - 1])
    if half is None or page.text[place + 1] != "年":
        return 0
    return page.date(place - 1, place + 2, Period(f"XXXX-{half}"), optional=True)


def _quarter(page: Page, place: int) -> int:
    """四季度, 第一季度, 前三季度."""
    match = _QUARTER.match(page.text, place)
    if match is None:
        return 0
    number = _number(match["q"])
    before = page.text[place - 1]
    if before == "前" and number > 1:
        return page.date(place - 1, match.end(), Period("XXXX-Q1", f"XXXX-Q{number}"))
    return page.date(place - (before == "第"), match.end(), Period(f"XXXX-Q{number}"))


def _day(page: Page, place: int) -> int:
    """15日 alone; in Chinese numerals only from 十 on (三日内 is a duration)."""
    text = page.text
    match = _DAY.match(text, place)
    if match is None or text[match.end()] in "内之":
        return 0
    return page.date(place, match.end(), Period(_iso(match)))


def _range(match: re.Match[str]) -> Period | None:
    """Both ends; what the right end leaves out it takes from the left one, and the other way round for 3—5月."""
    parts = match.groupdict()
    year, year2 = parts.get("y"), parts.get("y2")
    month, month2 = parts.get("m"), parts.get("m2")
    day, day2 = parts.get("d"), parts.get("d2")
    start = _join(year, month, day)
    end = _join(year2 or year, month2 or (month if day2 else None), day2)
    return Period(start, end) if start < end else None


def _iso(match: re.Match[str]) -> str:
    parts = match.groupdict()
    text = _join(parts.get("y"), parts.get("m"), parts.get("d"))
    if parts.get("q"):
        return f"{text}-Q{_number(parts['q'])}"
    if parts.get("h"):
        return f"{text}-{_HALF_YEAR[parts['h']]}"
    return text


def _join(year: str | None, month: str | None, day: str | None) -> str:
    text = str(_number(year)) if year else "XXXX"
    if month or day:
        text += f"-{_number(month):02}" if month else "-XX"
    return text + (f"-{_number(day):02}" if day else "")


def _number(numeral: str) -> int:
    """A part of a date; the patterns let nothing through that is no number."""
    value = value_of(numeral)
    return int(value) if value is not None else 0
