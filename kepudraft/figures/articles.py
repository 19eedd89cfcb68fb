"""一 with a measure word is an article (一个重要平台) unless the sentence counts with it."""

from __future__ import annotations

import re

from kepudraft.figures.figure import Kind
from kepudraft.figures.page import Page

_LOOK_BACK = 8
"""Characters between a count and the 一 that goes on with the list: longer than a noun phrase is no list."""

# 新增一个健身点, 仅一人, 短短一天, 历时一周.
_COUNTING = re.compile(
    "(?:新增(?:加|设|建|了)?|原有|共(?:有|计|设)?|[仅只](?:有|用|剩)?|短短|至少(?:有|要|举办|开展|组织|建)?|为期|历时|持续"
    "|每村|增加(?:了)?到?)\\Z"
)
_COUNTING_LAST = frozenset("增加设建了有共计仅只用剩短少要办展织期时续村到")
_ALWAYS = frozenset(("倍", "成"))
_NO_LIST = frozenset("批次起面道代步样线行级环对把口点回头席重股大层片地会部期")
# After its noun at the end of a clause: 《…》一册，
_CLAUSE_END = frozenset("，。；、,;）)！\n\0")
_NOT_AFTER = frozenset("一了是这那某每另同第任哪上下有成为统唯万之合其归化进的着在到出过把将和与或作当做")
_TIMES = frozenset("天年月周日")
_ITEM_START = frozenset("，,；;、和及与：:")
# 一区两县, 一个展厅、两个活动室: another count right after.
_LIST_AHEAD = re.compile(
    "[\u4e00-\u9fff]{0,10}[、，,；;和及与]?(?:[二三四五六七八九两]|[2-9]|[1-9][0-9])"
    "[个所座间处名支家项台条块场本件套区县市乡镇村人]"
)


def is_counted(page: Page, start: int, end: int, unit: str) -> bool:
    """Whether 一 at `start` with the unit that ends at `end` states a count.

    It does in a list of counts (十个行政村，一个居委会), after its noun (《…》一册), after 新增, 仅, 共, 至少, 短短, and in
    一倍 or 一年半, which can be no article.
    """
    text = page.text
    if unit == "番":
        return text[start - 1] == "翻" or text[start - 2 : start] == "翻了"
    if unit in _ALWAYS or text[end - 1] == "半":
        return True
    if text[start - 1] in _COUNTING_LAST and _COUNTING.search(text[max(0, start - 5) : start]):
        return True
    if text[start - 1] == "每":
        return False
    if unit in _NO_LIST:
        return False
    before = text[start - 1]
    if text[end] in _CLAUSE_END and ("\u4e00" <= before <= "\u9fff" or before in "》”") and unit not in _TIMES:
        return before not in _NOT_AFTER
    return _in_list(page, start, end)


def _in_list(page: Page, start: int, end: int) -> bool:
    """Whether another count of the sentence stands beside it."""
    text = page.text
    if page.figures and page.figures[-1].kind is Kind.COUNT:
        last = page.figures[-1]
        gap = start - last.span.end
        if gap == 0:
            return True
        if 0 < gap <= _LOOK_BACK and "。" not in (between := text[last.span.end : start]) and "\n" not in between:
            if text[start - 1] in _ITEM_START:
                return True
            if last.quantity is not None and last.quantity.value == 1 and not re.search("[，,；;]", between):
                return True
    return (text[start - 1] in _ITEM_START or text[start - 1] in "了有设。\n\0") and bool(_LIST_AHEAD.match(text, end))
