"""Whether the numbers of headings and items run on: 一、 （一） 1. （1）, none left out, none twice, no level skipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kepudraft.figures.figure import Span
from kepudraft.verify.form import FormFinding, FormKind, Severity
from kepudraft.verify.layout import Layout, Line, LineKind, chinese_number

_FORMS = {1: "一、", 2: "（一）", 3: "1.", 4: "（1）"}
_NUMERALS = "一二三四五六七八九"
# 一是…；二是…；三是…: points told within the text.
_POINT = re.compile(f"(?:^|[。；，：:;,、（(\n ]|[。；]\\s)([{_NUMERALS}十]{{1,2}})是(?!否|非)")


@dataclass(slots=True)
class _Count:
    """The last number at every level that is open."""

    last: dict[int, int] = field(default_factory=dict)
    prose_since: bool = False

    def above(self, level: int) -> int:
        """The nearest open level above `level`; 0 where there is none."""
        return max((open_level for open_level in self.last if open_level < level), default=0)


def check_numbering(layout: Layout) -> Iterator[FormFinding]:
    """Find numbers left out or given twice, levels skipped, and points that do not run on."""
    count = _Count()
    if layout.top != 1 and layout.sections:
        yield _finding(layout.sections[0].head, Severity.WARNING, f"一级标题应写作“一、”，请把“{_marker(layout.sections[0].head)}”改过来")
    for line in layout.lines:
        if line.kind is LineKind.LABEL:
            count.last.clear()
        elif line.level:
            yield from _numbered(line, count, layout.top)
        count.prose_since = not line.level
    for start, text in _stretches(layout):
        yield from _points(start, text)


def _numbered(line: Line, count: _Count, top: int) -> Iterator[FormFinding]:
    level, number = line.level, line.number
    before = count.last.get(level, 0)
    above = count.above(level)
    if before == 0 and line.kind is LineKind.HEADING and level - above > 1 and level > top:
        instead = _FORMS[above + 1]
        yield _finding(line, Severity.ERROR, f"标题越级：“{line.text[:12]}”之前没有上一级标题，请改用“{instead}”一级")
    elif number != before + 1 and not (number == 1 and _may_begin_again(line, count)):
        yield _finding(line, Severity.ERROR, _why(line, before))
    for deeper in [open_level for open_level in count.last if open_level > level]:
        del count.last[deeper]
    count.last[level] = number


def _may_begin_again(line: Line, count: _Count) -> bool:
    """A second list of points in one section begins at 1 again, after a paragraph that leads it in."""
    return line.level >= 3 and count.prose_since


def _why(line: Line, before: int) -> str:
    want = _written(line.level, before + 1)
    if line.number == before:
        return f"序号“{_marker(line)}”重复，请改为“{want}”"
    return f"序号“{_marker(line)}”不连续，请改为“{want}”或补上缺少的部分"


def _written(level: int, number: int) -> str:
    tens, ones = divmod(number, 10)
    chinese = ("" if not tens else ("十" if tens == 1 else f"{_NUMERALS[tens - 1]}十")) if number < 100 else str(number)
    chinese += _NUMERALS[ones - 1] if ones and number < 100 else ""
    return {1: f"{chinese}、", 2: f"（{chinese}）", 3: f"{number}.", 4: f"（{number}）"}[level]


def _marker(line: Line) -> str:
    return line.text[: line.mark].strip(" #*")


def _finding(line: Line, severity: Severity, why: str) -> FormFinding:
    span = Span(line.span.start, line.span.start + line.mark)
    return FormFinding(FormKind.NUMBERING, span, line.text[: line.mark], severity, why)


def _stretches(layout: Layout) -> Iterator[tuple[int, str]]:
    """The overview and every section as stretches of the text, with their beginnings."""
    starts = [s.head.span.start for s in layout.sections]
    for start, end in zip((0, *starts), (*starts, len(layout.text)), strict=True):
        yield start, layout.text[start:end]


def _points(start: int, text: str) -> Iterator[FormFinding]:
    last = 0
    for match in _POINT.finditer(text):
        number = chinese_number(match.group(1))
        if number in (1, last + 1) or last == 0:  # 一缺老师。二缺器材。四是…: the list began otherwise
            last = number if number in (1, last + 1) else 0
            continue
        begin = start + match.start(1)
        surface = text[match.start(1) : match.end(1) + 1]
        want = _written(1, last + 1)[:-1] + "是"
        why = f"要点“{surface}”不连续，请改为“{want}”或补上缺少的一点"
        yield FormFinding(FormKind.NUMBERING, Span(begin, begin + len(surface)), surface, Severity.ERROR, why)
        last = number
