"""一 with a measure word is an article (一个重要平台) unless the sentence counts with it."""

from __future__ import annotations

import re

from kepudraft.figures.figure import Kind
from kepudraft.figures.page import Page

_LOOK_BACK = 60
"""Characters of the same sentence that are looked at for another count."""

# 新增一个健身点, 仅一人, 短短一天, 历时一周.
_COUNTING = re.compile("(?:新增(?:加|设|建|了)?|原有|共(?:有|计|设)?|[仅只](?:有|用|剩)?|短短|至少(?:有|要|举办|开展|组织|建)?|为期|历时|持续|每村|增加(?:了)?到?)\\Z")
_ALWAYS = frozenset(("倍", "番", "成"))
_NO_LIST = frozenset(("批", "次", "起", "面", "道", "代", "步", "样", "线", "行", "级", "环", "对", "把", "口", "点", "回", "头", "席", "重", "股", "大", "层", "片", "地", "会", "部", "期"))
# After its noun at the end of a clause: 《…》一册，
_CLAUSE_END = frozenset("，。；、,;）)！\n\0")
_NOT_AFTER = frozenset("了是这那某每另同第任哪上下有成为统唯万之合其归化进的着在到出过把将和与或作当做")
_ITEM_START = frozenset("，,；;、和及与：:")
# 一区两县, 一个展厅、两个活动室: another count right after.
_LIST_AHEAD = re.compile("[\u4e00-\u9fff]{0,10}[、，,；;和及与]?(?:[二三四五六七八九两]|[2-9]|[1-9][0-9])[个所座间处名支家项台条块场本件套区县市乡镇村人]")


def is_counted(page: Page, start: int, end: int, unit: str) -> bool:
    """Whether 一 at `start` with the unit that ends at `end` states a count.

    It does in a list of counts (十个行政村，一个居委会), after its noun (《…》一册), after 新增, 仅, 共, 至少, 短短, and in
    一倍 or 一年半, which can be no article.
    """
    text = page.text
    if unit in _ALWAYS or text[end - 1] == "半":
        return True
    if _COUNTING.search(text[max(0, start - 5) : start]):
        return True
    if text[start - 1] == "每":
        return False
    if unit in _NO_LIST:
        return False
    if text[end] in _CLAUSE_END and ("\u4e00" <= text[start - 1] <= "\u9fff" or text[start - 1] in "》”") and unit not in ("天", "年", "月", "周", "日"):
        return text[start - 1] not in _NOT_AFTER
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
    return (text[start - 1] in _ITEM_START or text[start - 1] in "了有设") and bool(_LIST_AHEAD.match(text, end))
