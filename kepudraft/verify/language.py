"""Judges the language of a summary: remains, half sentences, marks of Markdown, numerals, terms, stock phrases.

In comes any text, one paragraph a line; out come `FormFinding`s, whose spans index into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kepudraft.figures.figure import Defect, Span
from kepudraft.figures.scan import Scan, scan
from kepudraft.verify.form import FormFinding, FormKind, Severity, in_order
from kepudraft.verify.form_rules import LanguageRules, Remain, language_rules
from kepudraft.verify.layout import Layout, Line, LineKind, read_layout
from kepudraft.verify.numerals import check_numerals
from kepudraft.verify.stock import check_stock
from kepudraft.verify.terms import check_terms

_GAP = re.compile("【待补充[^】\n]{0,200}】?")
_END_MARKS = frozenset("。！？…：；:;!?")
_CLOSERS = "”’）)》】」』〉\""
_PAIRS = (("《", "》"), ("“", "”"), ("（", "）"), ("【", "】"))
_POINT_LEVEL = 3
_TABLE = frozenset("|\t　")
_DEFECTS = {
    "mask": (FormKind.REMAINS, Severity.ERROR),
    "lost-number": (FormKind.REMAINS, Severity.ERROR),
    "empty-quotes": (FormKind.QUOTES, Severity.ERROR),
    "mixed-style": (FormKind.NUMERAL_STYLE, Severity.ERROR),
    "hedged-exact": (FormKind.NUMERAL_STYLE, Severity.WARNING),
}
"""Defects of the figure reader that are faults of form; the others (doubled digits, 万 twice) concern the facts."""


def check_language(text: str, *, year: int, scanned: Scan | None = None) -> tuple[FormFinding, ...]:
    """Judge the language of a text, whoever wrote it.

    Args:
        text: Title first, one paragraph a line; spans index into it.
        year: The year that it covers: terms are judged by it.
        scanned: `scan(text)` where it is at hand already.
    """
    layout = read_layout(text)
    found = scan(text) if scanned is None else scanned
    rules = language_rules()
    return in_order(
        (
            *_remains(text, layout, rules, found),
            *_half_sentences(text, layout, rules),
            *_unbalanced(text, layout),
            *check_numerals(text, layout, found),
            *check_terms(text, layout, year),
            *check_stock(text, layout),
        )
    )


def _remains(text: str, layout: Layout, rules: LanguageRules, found: Scan) -> Iterator[FormFinding]:
    """Gaps, masks, slots, prompts, Markdown, and the defects of figures; nothing is told twice."""
    told = _Told(len(text))
    for match in _GAP.finditer(text):
        told.take(match.start(), match.end())
        yield _finding(text, match.start(), match.end(), FormKind.GAP, "这里还缺材料，请按提示补充后再上报")
    for kind, remains in ((FormKind.MARKDOWN, rules.markdown), (FormKind.REMAINS, rules.remains)):
        for remain in remains:
            yield from _matches(text, layout, remain, kind, told)
    for defect in found.defects:
        if defect.kind in _DEFECTS and told.take(defect.span.start, defect.span.end):
            yield _from_defect(defect)


class _Told:
    """The places already told, so that xx年 is one finding though two rules know it."""

    def __init__(self, size: int) -> None:
        self._taken = bytearray(size)

    def take(self, start: int, end: int) -> bool:
        """Mark a stretch as told; False if a part of it was."""
        if 1 in self._taken[start:end]:
            return False
        self._taken[start:end] = b"\x01" * (end - start)
        return True


def _matches(text: str, layout: Layout, remain: Remain, kind: FormKind, told: _Told) -> Iterator[FormFinding]:
    for match in remain.pattern.finditer(layout.text):
        if match.end() > match.start() and told.take(match.start(), match.end()):
            yield _finding(text, match.start(), match.end(), kind, remain.advice)


def _from_defect(defect: Defect) -> FormFinding:
    kind, severity = _DEFECTS[defect.kind]
    advice = {
        "mask": "请填上实际数字",
        "lost-number": "请补上数字",
        "empty-quotes": "请补上引号里的内容或删去引号",
        "mixed-style": "请改写，如3000余、500",
        "hedged-exact": "请删去这个字，或改用整数",
    }[defect.kind]
    return FormFinding(kind, defect.span, defect.surface, severity, f"{defect.message}，{advice}")


def _half_sentences(text: str, layout: Layout, rules: LanguageRules) -> Iterator[FormFinding]:
    """Paragraphs that do not end, and sentences that end on a word that wants another."""
    dangling = tuple(f"{word}。" for word in rules.dangling)
    for line in layout.lines:
        if not _is_prose(line) or not _TABLE.isdisjoint(line.text):
            continue
        ending = line.text.rstrip(_CLOSERS + "*_` ")
        if ending and ending[-1] not in _END_MARKS and not _closes_sentence(line):
            start = _last_sentence(line.text)
            why = "这一句没有写完或缺少句末标点，请补全；如果是标题，请编上序号"
            yield _finding(text, line.span.start + start, line.span.end, FormKind.HALF_SENTENCE, why)
        for word in dangling:
            place = line.text.find(word)
            while place >= 0:
                start = line.span.start + place
                why = f"句子在“{word[:-1]}”处中断，请补全"
                yield _finding(text, start, start + len(word), FormKind.HALF_SENTENCE, why)
                place = line.text.find(word, place + 1)


def _is_prose(line: Line) -> bool:
    """A point that breaks off before its first stop looks like a heading: 2. 相互配合不熟练，干事之间."""
    return line.kind in (LineKind.BODY, LineKind.ITEM) or (line.level >= _POINT_LEVEL and "，" in line.text)


def _closes_sentence(line: Line) -> bool:
    """A line that is a gap or wholly bracketed needs no full stop."""
    return (line.text.endswith("】") and "【待补充" in line.text) or (line.text[0] in "（(" and line.text[-1] in "）)")


def _last_sentence(text: str) -> int:
    return max((text.rfind(mark, 0, len(text) - 1) for mark in "。！？；"), default=-1) + 1


def _unbalanced(text: str, layout: Layout) -> Iterator[FormFinding]:
    """A bracket or quotation mark whose partner is missing in its paragraph."""
    for line in layout.lines:
        for opening, closing in _PAIRS:
            if line.text.count(opening) != line.text.count(closing):
                place = line.text.rfind(opening)
                place = place if place >= 0 else line.text.find(closing)
                start = line.span.start + place
                why = f"“{opening}”和“{closing}”不成对，请补上或删去"
                yield _finding(text, start, start + 1, FormKind.QUOTES, why)


def _finding(text: str, start: int, end: int, kind: FormKind, why: str) -> FormFinding:
    return FormFinding(kind, Span(start, end), text[start:end], Severity.ERROR, why)
