"""A draft as Markdown (CommonMark): title, numbered headings, paragraphs, signature and date; nothing else.

Facts are typed by people, so what Markdown would take as a mark is escaped where it would act, and only there:
C# and 3*4 come out as typed, and Chinese prose is left as it is.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import zip_longest

from kepudraft.assemble import Draft
from kepudraft.export.lines import Kind, Line, lines, signature

_DEEPEST_HEADING = 6
# Acts anywhere in a line: emphasis, code, links, HTML, entities, strike-through.
_INLINE = re.compile(r"[\\`*_\[\]<~]|&(?=#|\w+;)")
# Acts at the start of a line only: headings, quotes, lists (- + 1. 1)) and rules.
_LINE_START = re.compile(r"#{1,6}(?=\s|$)|>|[-+](?=\s|$|-)")
_LIST_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_CLOSING_HASHES = re.compile(r"#(?=#*\s*$)")


def render(draft: Draft) -> str:
    """The draft as one Markdown document, ending in a line break."""
    shown = (_line(line) for line in (*lines(draft), *signature(draft.sheet)))
    return "\n\n".join(text for text in shown if text) + "\n"


def _line(line: Line) -> str:
    text = _emphasised(line).strip(" ")
    if line.kind is Kind.TITLE or line.kind is Kind.HEADING:
        return "#" * min(line.level + 1, _DEEPEST_HEADING) + " " + _CLOSING_HASHES.sub(r"\\#", text, count=1)
    text = _LIST_NUMBER.sub(r"\1\\\2", text, count=1) if _LIST_NUMBER.match(text) else text
    return "\\" + text if _LINE_START.match(text) else text


def _emphasised(line: Line) -> str:
    shown = ""
    for run, following in zip_longest(line.runs, line.runs[1:]):
        text = _INLINE.sub(r"\\\g<0>", run.text)
        if run.is_gap:
            after = "" if following is None else "*" if following.is_gap else following.text[0]
            text = _bold(text, shown[-1:], after)
        shown += text
    return shown


def _bold(text: str, before: str, after: str) -> str:
    """The text in bold. Stars beside a bracket act only next to a blank or a mark; next to letters, <strong> does."""
    return f"**{text}**" if _lets_stars_act(before) and _lets_stars_act(after) else f"<strong>{text}</strong>"


def _lets_stars_act(neighbour: str) -> bool:
    return not neighbour or neighbour.isspace() or (neighbour != "*" and unicodedata.category(neighbour)[0] == "P")
