"""A summary as lines with their numbers and levels, and as titled sections: what the judges of form walk.

In comes plain text, one paragraph a line; out comes a `Layout` whose lines know their place in it. A numbered line is
a heading (一、加强领导) or an item that runs on into its text (（一）严格时限。对县区…). Every line is matched once from
its beginning, so that the pass is linear in the text whatever it holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kepudraft.figures.figure import Span
from kepudraft.figures.fold import fold

TOP_LEVEL = 1
MAX_LEVEL = 4
_MAX_SECTIONS = 300
"""No summary has more; what a hostile text has beyond them belongs to the last one."""

_MAX_TITLE = 60
_MAX_HEADING = 45
_MAX_RUN_IN = 30
_MAX_LABEL = 25
_MAX_UNIT = 40
_DIGITS = "一二三四五六七八九"
# 五、六年级的学生, 一、二等奖: an ordinal list that begins a paragraph; but 七、一组数见变化 is a heading.
_LISTED = re.compile(f"([{_DIGITS}十]{{1,3}})(?:、|年级|等奖|季度|月|期|批|级|届|次|班|组|楼|号)")
_MARKERS = (
    (1, re.compile(rf"第?([{_DIGITS}十]{{1,3}})(?:部分[、:：.]?|[、.])\s*")),
    (2, re.compile(rf"[（(]\s?([{_DIGITS}十]{{1,3}})\s?[）)][、.]?\s*")),
    (3, re.compile(r"([0-9]{1,2})\s?(?:[.、]|[）)])\s*(?![0-9])")),
    (4, re.compile(r"[（(]\s?([0-9]{1,2})\s?[）)][、.]?\s*|([①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳])\s*")),
)
_MARKER_START = frozenset("第（(①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳0123456789十" + _DIGITS)
_MARKDOWN_HEAD = re.compile(r"#{1,6}\s*|\*\*\s*")
_SENTENCE_MARK = re.compile("[。！？；]")
_RUN_IN_END = re.compile("[。！？；：:]")
_PROSE = re.compile("[，。；：！？,;]")
_DOCUMENT = re.compile("总结|小结|报告|汇报|回顾")
_PART_TITLE = re.compile("(?:总结|计划|打算|安排|要点|思路|附件|附表)[:：]?$")
_CN = "〇○零一二三四五六七八九十"
_DATE = re.compile(
    rf"[（(]?(?:[0-9xX]{{4}}|[{_CN}]{{4}})\s?[年.\-/]\s?[0-9xX{_CN}]{{1,3}}\s?[月.\-/]\s?(?:[0-9xX{_CN}]{{1,3}}\s?日?)?[)）]?"
)
_DATE_MISSING = re.compile("【待补充[^】]{0,30}日期[^】]{0,10}】")


class LineKind(StrEnum):
    """What a line is."""

    TITLE = "title"
    HEADING = "heading"
    ITEM = "item"
    BODY = "body"
    LABEL = "label"
    UNIT = "unit"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank.

    Attributes:
        span: Where it stands, blanks at both ends left out.
        text: The folded text (simplified, half-width) of that span.
        kind: What it is.
        level: 1 for 一、, 2 for （一）, 3 for 1., 4 for （1）; 0 for a line without number.
        number: The number; 0 where there is none.
        mark: Length of the marker in `text`, the blanks behind it included.
        label: Length of the heading behind the marker; for an item the part before its first stop.
    """

    span: Span
    text: str
    kind: LineKind
    level: int = 0
    number: int = 0
    mark: int = 0
    label: int = 0

    @property
    def heading(self) -> str:
        """The heading without its number."""
        return self.text[self.mark : self.mark + self.label]

    @property
    def prose(self) -> str:
        """What is to be read as sentences: nothing of a heading, an item without its marker and label."""
        if self.kind is LineKind.HEADING:
            return ""
        return self.text[self.mark + self.label :] if self.kind is LineKind.ITEM else self.text


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the top level with all lines down to the next one."""

    head: Line
    lines: tuple[Line, ...]

    @property
    def heading(self) -> str:
        """The heading without its number."""
        return self.head.heading

    @property
    def prose(self) -> str:
        """Its sentences, headings of parts left out, items whole."""
        rest = (line.text[line.mark :] if line.kind is LineKind.ITEM else line.prose for line in self.lines)
        return "\n".join(part for part in (self.head.prose, *rest) if part)

    @property
    def parts(self) -> str:
        """The headings of its parts."""
        return "\n".join(line.heading for line in self.lines if line.kind is LineKind.HEADING)


@dataclass(frozen=True, slots=True)
class Layout:
    """A text taken apart.

    Attributes:
        text: The folded text; offsets are those of the text as given.
        lines: Every line that is not blank, in order.
        title: The title, a second line of it included; None where the text begins with prose or a heading.
        overview: The lines before the first section, without the title.
        sections: In order; empty where no line bears a number.
        top: The level that the sections have: 1 unless the text numbers them otherwise.
    """

    text: str
    lines: tuple[Line, ...]
    title: Line | None
    overview: tuple[Line, ...]
    sections: tuple[Section, ...]
    top: int


def read_layout(text: str) -> Layout:
    """Take a text apart."""
    folded = fold(text)
    lines = _signed(_lines(folded))
    title, rest = _titled(folded, lines)
    top = min((line.level for line in rest if line.kind is LineKind.HEADING), default=0)
    top = top or min((line.level for line in rest if line.level), default=TOP_LEVEL)
    starts = [i for i, line in enumerate(rest) if line.level == top][:_MAX_SECTIONS]
    first = starts[0] if starts else len(rest)
    ends = (*starts[1:], len(rest))[: len(starts)]
    sections = tuple(
        Section(rest[start], tuple(line for line in rest[start + 1 : end] if line.kind not in _SIGNATURE))
        for start, end in zip(starts, ends, strict=True)
    )
    overview = tuple(line for line in rest[:first] if line.kind not in _SIGNATURE)
    return Layout(folded, (*((title,) if title else ()), *rest), title, overview, sections, top)


def chinese_number(numeral: str) -> int:
    """1 for 一, 10 for 十, 21 for 二十一; 0 for what is no number below a hundred (一一, 十十)."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _DIGITS.find(numeral) + 1 if len(numeral) == 1 else 0
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return 0
    return (10 * (_DIGITS.find(tens) + 1) if tens else 10) + (_DIGITS.find(ones) + 1 if ones else 0)


_SIGNATURE = frozenset((LineKind.UNIT, LineKind.DATE))


def _lines(folded: str) -> list[Line]:
    lines, start = [], 0
    for raw in folded.split("\n"):
        stripped = raw.strip()
        if stripped:
            begin = start + len(raw) - len(raw.lstrip())
            lines.append(_line(stripped, begin))
        start += len(raw) + 1
    return lines


def _line(text: str, begin: int) -> Line:
    """A numbered line, or one of prose; a Markdown mark in front of the number does not hide it."""
    skip = 0
    if text[0] in "#*" and (match := _MARKDOWN_HEAD.match(text)):
        skip = match.end()
    span = Span(begin, begin + len(text))
    if text[skip : skip + 1] not in _MARKER_START:
        return Line(span, text, LineKind.BODY)
    for level, marker in _MARKERS:
        if found := marker.match(text, skip):
            number = _number(found.group(1) or found.group(found.lastindex or 0))
            listed = _LISTED.match(text, found.end()) if level == TOP_LEVEL else None
            if number and not (listed and chinese_number(listed.group(1)) == number + 1):
                return _numbered(text, span, level, number, found.end())
    return Line(span, text, LineKind.BODY)


def _number(numeral: str) -> int:
    if numeral[0] in _DIGITS or numeral[0] == "十":
        return chinese_number(numeral)
    return ord(numeral) - ord("①") + 1 if "①" <= numeral <= "⑳" else int(numeral)


def _numbered(text: str, span: Span, level: int, number: int, mark: int) -> Line:
    size = len(text) - mark
    stop = _SENTENCE_MARK.search(text, mark)
    if stop is None and size <= _MAX_HEADING:
        return Line(span, text, LineKind.HEADING, level, number, mark, size)
    if stop is not None and stop.end() == len(text) and size <= _MAX_RUN_IN and level <= 2 and "，" not in text[mark:]:
        return Line(span, text, LineKind.HEADING, level, number, mark, size - 1)
    end = _RUN_IN_END.search(text, mark, mark + _MAX_RUN_IN)
    return Line(span, text, LineKind.ITEM, level, number, mark, end.start() - mark if end else 0)


def _signed(lines: list[Line]) -> list[Line]:
    """The lines with the unit's name and the date at the end told apart."""
    if len(lines) < 3:
        return lines
    last, before = lines[-1], lines[-2]
    if _DATE.fullmatch(last.text) or _DATE_MISSING.fullmatch(last.text):
        rest, date = lines[:-1], [_as(last, LineKind.DATE)]
    elif last.kind is LineKind.BODY and lines[0].text.startswith(last.text):
        return [*lines[:-1], _as(last, LineKind.UNIT)]
    else:
        return lines
    if before.kind is LineKind.BODY and len(before.text) <= _MAX_UNIT and not _PROSE.search(before.text):
        return [*rest[:-1], _as(before, LineKind.UNIT), *date]
    return [*rest, *date]


def _as(line: Line, kind: LineKind) -> Line:
    return Line(line.span, line.text, kind)


def _titled(folded: str, lines: list[Line]) -> tuple[Line | None, list[Line]]:
    """The title, if there is one, and the other lines with headings that bear no number told apart."""
    if not lines or not _is_title(lines[0]):
        return None, [_labelled(line) for line in lines]
    first, rest = lines[0], lines[1:]
    if rest and not _DOCUMENT.search(first.text) and _is_title(rest[0]) and _DOCUMENT.search(rest[0].text):
        span = Span(first.span.start, rest[0].span.end)
        first, rest = Line(span, first.text + rest[0].text, LineKind.TITLE), rest[1:]
    text = first.text
    skipped = _MARKDOWN_HEAD.match(text)
    mark = skipped.end() if skipped else 0
    return Line(first.span, text, LineKind.TITLE, mark=mark, label=len(text) - mark), [_labelled(line) for line in rest]


def _is_title(line: Line) -> bool:
    return line.level == 0 and len(line.text) <= _MAX_TITLE and not _SENTENCE_MARK.search(line.text)


def _labelled(line: Line) -> Line:
    """2019年工作计划 on a line of its own, in the middle of a text, begins a new count of headings."""
    if line.kind is LineKind.BODY and len(line.text) <= _MAX_LABEL and _PART_TITLE.search(line.text):
        return line if _PROSE.search(line.text[:-1]) else _as(line, LineKind.LABEL)
    return line
