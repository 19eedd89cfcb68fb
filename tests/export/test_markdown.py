"""Markdown shows the draft as typed: read back by a CommonMark reader, the text is the same."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kepudraft.export import markdown
from kepudraft.export.lines import lines, printable, signature

_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _read(text: str) -> list[str]:
    """The texts of the blocks that a reader shows."""
    shown = _READER.render(text)
    assert not re.search(r"<(?!/?(?:p|h[1-6]|strong)>)", shown), shown
    return [html.unescape(re.sub(r"<[^>]+>", "", block)) for block in re.split(r"</(?:p|h\d)>\n?", shown) if block]


def test_the_golden_summary(sample, golden):
    golden("summary.md", markdown.render(sample))


def test_read_back_it_is_the_text_with_the_signature(sample):
    assert _read(markdown.render(sample)) == [*sample.text.split("\n"), "江州市科技馆", "2026年1月6日"]


def test_prose_is_not_escaped(draft_of):
    prose = "一是举办“科技活动周”（第3届）活动5～8场，占63.4%；A4纸、C#、《手册》、10-12月、1.2万册、5>3。"
    assert prose in markdown.render(draft_of(prose))


@pytest.mark.parametrize(
    "typed",
    [
        "# 不是标题", "## 也不是", "#", "- 不是列表", "+ 加", "1. 开展活动", "12) 开展", "> 不是引用", "---", "- - -",
        "***", "___", "*强调*与_强调_", "**粗**", "`代码`", "```", "~~~", "~~删~~", "10~20和30~40", "[链接](http://a.cn)",
        "![图](x)", "[甲]: http://a.cn", "<script>alert(1)</script>", "<!-- 注 -->", "<a@b.cn>", "&lt;", "&#60;",
        "&amp", "| a | b |", "反斜\\杠\\*", "行尾\\", "    四个空格", "\t制表", "=== ", "a\x00b", "1.", "-",
    ],
)  # fmt: skip
def test_marks_in_facts_are_shown_as_typed(draft_of, typed):
    shown = _read(markdown.render(draft_of(typed, heading="题" + typed)))
    assert shown[2] == printable(typed).strip(" ")
    assert shown[1] == ("一、题" + printable(typed)).rstrip(" ")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("甲乙。【】待补充：#*_-+>|`~<&;[]()!\\.1a\t =", max_size=24), min_size=1, max_size=3))
def test_any_text_comes_back_as_typed(draft_of_paragraphs, paragraphs):
    draft = draft_of_paragraphs(paragraphs)
    typed = [printable(line.text).strip(" ") for line in (*lines(draft), *signature(draft.sheet))]
    assert _read(markdown.render(draft)) == [text for text in typed if text]


@pytest.mark.parametrize("around", ["{}", "前{}后", "。{}后", "前{}。", "（{}）", "{}{}"])
def test_gaps_are_bold_wherever_they_stand(draft_of, around):
    gap = "【待补充：参加人数】"
    shown = _READER.render(markdown.render(draft_of(around.replace("{}", gap))))
    assert shown.count(f"<strong>{gap}</strong>") == around.count("{}")
