"""Plain text, Markdown and Word paragraphs -> lines with the heading that each stands under."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kepudraft.facts.material import Material, RawLine
from kepudraft.facts.vocabulary import bare, vocabulary

_BULLET = re.compile(
    r"^[\s\u3000]*(?:#{1,6}[ \t]+)?"
    r"(?:[-*+•·●○◆■□▪➢►✓√–—][\s\u3000]+|[•·●○◆■□▪➢►✓√]"
    r"|[（(][一二三四五六七八九十\d]{1,3}[)）][、.．]?|[一二三四五六七八九十]{1,3}[、．.]|\d{1,2}[、．)）]|\d{1,2}[.](?!\d)|[①-⑳])?[\s\u3000]*"
)
_HEADING = re.compile(r"^[\s\u3000]*#{1,6}[ \t]+|^[\s\u3000]*(?:[（(]?[一二三四五六七八九十]{1,3}[)）、．.])")
_LABEL = re.compile(r"^([^：:，,。；;！？\n]{1,24})[：:][\s\u3000]*(.*)$", re.S)
_MARKUP = re.compile(r"\*\*|__|`")
_BRACKETED = re.compile(r"^[（(][^（()）\d]{1,12}[)）]$")
_RULE = re.compile(r"^[\s\-=*_—─]{3,}$")


def read_text(text: str, file: str) -> Material:
    """Take a text apart, a line an item; `#` lines and lines that only announce («存在问题：») become context."""
    numbered = ((f"第{n}行", line) for n, line in enumerate(text.splitlines(), 1))
    return gather(numbered, file)


def gather(lines: Iterable[tuple[str, str]], file: str) -> Material:
    """Material of (place, line) pairs."""
    items: list[RawLine] = []
    fields: dict[str, str] = {}
    remarks: list[str] = []
    context = ""
    for place, line in lines:
        if _RULE.match(line) or not (body := clean(line)):
            continue
        heading = bool(_HEADING.match(line))
        label, rest = split_label(body)
        key = vocabulary().fields.get(bare(label).lower(), "")
        if key == "ignore":
            remarks.append(f"{place}“{body[:20]}”不是事实，没有使用")
        elif key and key != "facts" and rest:
            fields.setdefault(key, rest)
        elif label and not rest:
            context = "" if key == "facts" else label
        elif (heading and not re.search(r"[，。；：:\d]", body)) or _BRACKETED.match(body):
            context = body.strip("（()）")
        else:
            items.append(RawLine(body, place, context))
    return Material(file, tuple(items), fields, tuple(remarks))


def clean(line: str) -> str:
    """A line without list marker, heading mark, Markdown emphasis and blanks around it."""
    return _MARKUP.sub("", _BULLET.sub("", line, count=1)).strip(" \t\u3000\ufeff")


def split_label(text: str) -> tuple[str, str]:
    """(label, rest) of «问题：展品老化»; ("", text) where no label stands before a colon.

    A clock time (9:30) and a ratio (1:15) are no labels.
    """
    found = _LABEL.match(text)
    if not found or found[1][-1:].isdigit() or not re.search(r"[\u3400-\u9fffA-Za-z]", found[1]):
        return "", text
    return found[1].strip(), found[2].strip()
