"""Numeral characters that are marks, names or remains: 一、 （二） 1. ① 一是, 〔2018〕78号, xx年, 5G, telephone numbers."""

from __future__ import annotations

import re

from kepudraft.figures.figure import Period
from kepudraft.figures.grammar import DIGITS, RUN, S, grammar
from kepudraft.figures.page import Page

_OPEN, _CLOSE = "（(〔[【", "）)〕]】"
_ORDER = re.compile("[一二三四五六七八九十]{1,3}")
# 一、二、三等奖; 第一、二批; 三、四年级: a list of ordinals, not list markers.
_ORDINAL_LIST = re.compile("(?:[一二三四五六七八九十]、){1,9}[一二三四五六七八九十]{1,2}(等奖|期|批|季度|年级|产业|级|区|类|届|线|楼|月)")
_DOCUMENT = re.compile(
    "[\\[〔【（(](?:[0-9]{2,4}|[0-9]{0,2}[xX*]{2})[\\]〕】）)]\\s{0,2}第?\\s{0,2}[0-9xX]{1,5}\\s{0,2}号"
)
_DAY_NUMBER = re.compile("号(?=上午|下午|晚|早|当天|当日|前|起|开始|至)")
_SERIAL = re.compile(f"(?:[0-9]{{1,6}}|[一二三四五六七八九十百]{{1,5}}){S}号")
_YEAR_SERIAL = re.compile("(?:19|20)[0-9]{2}年?第?[0-9]{1,5}号")
_MASK = re.compile(
    f"[0-9]{{0,2}}(?:[xX]{{1,6}}|\\*{{2,6}}){S}(?:[多余]?(?:万|亿)?(?:人次|年度|年|月|日|期间|期|届|人|名|份|册|本|场次|场|次|个|项|元|件"
    "|位|家|张|块|条|台|套|篇|号|平方米|%))"
    "(?![\u4e00-\u9fff：:]{0,6}\\*\\*)"
)
_MASK_RUN = re.compile("[0-9xX*]+")
_BARE_MASK = re.compile("[0-9]{1,2}[xX*]{2,6}|[xX*]{2,6}(?=[多余万亿])")
_PHONE = re.compile(
    "0[0-9]{2,3}-[0-9]{7,8}|1[3-9][0-9]{9}(?![0-9])|400-?[0-9]{3}-?[0-9]{4}|[0-9]{3,4}-[0-9]{7,8}"
    "|1[12][0-9]{3}(?=热线|服务热线|平台|电话)|1[12][0-9](?=报警|急救|电话|火警|宣传日|消防)"
)
_LABEL_BEFORE = re.compile("(?:电话|热线|手机|邮编|邮政编码|QQ|传真|账号|编号|证号|号码)(?:号)?[:：为是]?\\s?\\Z")
_DAY_NAME = re.compile(
    "[0-9]{1,2}[·•.．][0-9]{1,2}(?=[”\"」』’])"
    "|[0-9]{1,2}[·•.．][0-9]{1,2}(?=(?:全国|国际|世界|中国|国家)?[\u4e00-\u9fff]{2,8}日)"
)
_DOT_DAY = re.compile("[0-9]{1,2}[·•][0-9]{1,2}")
_LONG_NUMBER = re.compile("[0-9]+(?:[.,][0-9]+){0,6}")
_SPACE_MARK = re.compile("[0-9]{1,2}(?:[ \t]{1,2}|□)(?=[\u4e00-\u9fff])")
_MONTH_NEXT = re.compile("[0-9]{1,2}月")
_BOILER_BEFORE = frozenset(("总结", "通用", "精选", "优秀", "范文", "集锦", "汇总", "推荐", "合集", "锦集", "热门", "最新", "大全", "实用", "必备"))
_LINE_START = frozenset("\n\r\0\t ")
_SOFT = frozenset("，。；、：:;,！？”）)》…—□")
_QUOTED = re.compile("[^”\"」』’“\n，。；、,：]{2,9}[”\"」』’]")
# “百名专家进乡村”行动 is a name; “千人签名” without such a word may be a count.
_QUOTED_EVENT = re.compile("[^”\"」』’“\n，。；、,：]{2,14}[”\"」』’](?=活动|行动|工程|计划|项目)")
_ALNUM = re.compile("[A-Za-z0-9][A-Za-z0-9\\-./]{0,30}")


def read_marker(page: Page, place: int, end: int) -> int:
    """List and heading markers: 一、 （一） 1. 1、 ① 一是; gives the place to go on, 0 where it is none."""
    text = page.text
    before, after = text[place - 1], text[end]
    if after in _CLOSE and before in _OPEN and end - place <= 3:
        return page.pass_over(place - 1, end + 1, "enumeration")
    if text[place] <= "9":
        return _arabic_marker(page, place, end)
    if after == "是" or (after == "要" and (before in _LINE_START or before in _SOFT)):
        return page.pass_over(place, end + 1, "enumeration") if _ORDER.fullmatch(text, place, end) else 0
    if after in "、．.）)" and _ORDER.fullmatch(text, place, end) and before not in "周期拜":
        return page.pass_over(place, end + 1, "enumeration") if not _ORDINAL_LIST.match(text, place) else 0
    return 0


def _arabic_marker(page: Page, place: int, end: int) -> int:
    """1. 1、 1) 1．; within a clause it is a page number that a converter glued in."""
    text = page.text
    if end - place > 3 or text[end] not in "、．.）)":
        return 0
    before, after = text[place - 1], text[end + 1]
    at_start = before in _LINE_START or before in _SOFT
    if "0" <= after <= "9":
        year = text[end + 1 : end + 6]
        dated = (year[:2] in ("19", "20") and year[4:] in "年 ") or (text[end] == "." and _MONTH_NEXT.match(text, end + 1))
        if not (dated and at_start):
            return 0
    return page.pass_over(place, end + 1, "enumeration" if at_start else "page-number")


def read_number_name(page: Page, place: int, end: int) -> int:
    """Documents, serial numbers, telephone numbers, memorial days: 〔2018〕78号, 59号文件, 12345热线, “5·12”."""
    text = page.text
    if text[place - 1] in _OPEN and (match := _DOCUMENT.match(text, place - 1)):
        return page.pass_over(place - 1, match.end(), "document-number")
    if text[end] == "篇" and text[place - 2 : place] in _BOILER_BEFORE:
        return page.pass_over(place, end + 1, "crawl")
    after = text[end]
    if after == "号" and (end - place <= 2) and _DAY_NUMBER.match(text, end):
        return page.date(place, end + 1, Period(f"XXXX-XX-{int(text[place:end]):02}"))
    if after in "年第号 " and (match := _YEAR_SERIAL.match(text, place) or _SERIAL.match(text, place)):
        return page.pass_over(place, match.end(), "document-number")
    if end - place >= 3 and (match := _PHONE.match(text, place)):
        return page.pass_over(place, match.end(), "phone-number")
    if text[place - 1] in ":：为是话线码号" and _LABEL_BEFORE.search(text[max(0, place - 8) : place]):
        return page.pass_over(place, end, "phone-number")
    return 0


def read_memorial_day(page: Page, place: int) -> int:
    """“5·12”, 5·12防灾减灾日, 12.4国家宪法日."""
    text = page.text
    match = _DAY_NAME.match(text, place) if text[place - 1] in "“\"「『‘" or text[place - 1] not in "0123456789." else None
    match = match or _DOT_DAY.match(text, place)
    return page.pass_over(place, match.end(), "holiday-name") if match else 0


def read_letters(page: Page, place: int, end: int) -> int:
    """Names of letters and digits: 5G, 4D, N95, 鄂A12345, GB/T 15835; gives 0 where no letter touches the digits."""
    text = page.text
    before = text[place - 1]
    if (before.isascii() and before.isalpha()) or (before in "-/" and text[place - 2].isascii() and text[place - 2].isalpha()):
        return page.pass_over(place, end, "alphanumeric-name")
    match = _ALNUM.match(text, place)
    if match and text[end].isascii() and text[end].isalpha() and not grammar().unit.match(text, end):
        return page.pass_over(place, match.end(), "alphanumeric-name")
    return 0


def read_mask(page: Page, place: int) -> int:
    """20xx年, xx多人, 第xx届, **年, [xx]58号: a number that was masked; gives the place to go on."""
    text = page.text
    if text[place - 1] in _OPEN and (match := _DOCUMENT.match(text, place - 1)):
        return page.pass_over(place - 1, match.end(), "document-number")
    match = None if text[place - 1].isascii() and text[place - 1].isalnum() else _MASK.match(text, place) or _BARE_MASK.match(text, place)
    if match is None:
        run = _MASK_RUN.match(text, place)
        return run.end() if run else place + 1
    start = place - 1 if text[place - 1] == "第" else place
    page.blame(start, match.end(), "mask", "“{}”是未填的数字，请补上")
    return page.pass_over(start, match.end(), "placeholder")


def read_leftover(page: Page, place: int, end: int) -> int:
    """Digits that nothing above has read: page numbers, web remains, names."""
    text = page.text
    before = text[place - 1]
    if before in "-—–" and text[place - 2] in _LINE_START:
        return page.pass_over(place - 1, end, "page-number")
    tail = _LONG_NUMBER.match(text, place)
    end = tail.end() if tail else end
    if _SPACE_MARK.match(text, place):
        why = "enumeration" if before in "\n\r\0" or text[end] == "□" else "page-number"
        return page.pass_over(place, end, why)
    return page.pass_over(place, end, "crawl" if end - place >= 6 else "bare-number")


def quoted_slogan(page: Page, place: int, end: int) -> int:
    """“四张清单”, “五个推进”: a short quotation that begins with a small Chinese numeral is a name; 0 where it is none."""
    text = page.text
    if text[place - 1] not in "“\"「『‘" or end - place > 2:
        return 0
    match = (_QUOTED_EVENT if text[place] in "百千万亿" else _QUOTED).match(text, place)
    return page.pass_over(place, match.end() - 1, "slogan") if match else 0


def ordinal_list(page: Page, place: int) -> re.Match[str] | None:
    """一、二、三等奖 at `place`, with the shared unit as group 1."""
    return _ORDINAL_LIST.match(page.text, place)


def run_end(text: str, place: int) -> int:
    """End of the run of numerals of one script that begins at `place`."""
    match = (DIGITS if "0" <= text[place] <= "9" else RUN).match(text, place)
    return match.end() if match else place + 1
