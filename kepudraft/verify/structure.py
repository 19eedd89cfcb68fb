"""Judges how a summary is built: title, sections and their order, numbers, headings, lengths, repeats, signature.

In comes any text, one paragraph a line; out come `FormFinding`s, whose spans index into it. What an annual summary must
have is an error; what older or narrower texts (half a year, one campaign) often lack is a warning or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kepudraft.figures.figure import Span
from kepudraft.genre import Genre, Role, UnitType, load_genre
from kepudraft.settings import shipped
from kepudraft.verify.form import FormFinding, FormKind, Severity, in_order
from kepudraft.verify.form_rules import StructureRules, structure_rules
from kepudraft.verify.layout import Layout, Line, LineKind, read_layout
from kepudraft.verify.numbering import check_numbering
from kepudraft.verify.section_roles import Reading, exchanged, read_sections
from kepudraft.verify.signature import check_signature
from kepudraft.verify.title import check_title

_OUTLOOK = frozenset((Role.PROBLEMS, Role.PLANS))
_WORK = frozenset((Role.LEADERSHIP, Role.ACTIVITIES, Role.VENUES, Role.TEAM, Role.YOUTH, Role.RURAL))
_GAIN_NAMED, _GAIN_UNNAMED, _GAIN_ERROR = 0.3, 0.55, 0.75
_MAX_PAIRED = 40
_MAX_WITHOUT_HEADINGS = 800
_MIN_WEIGHT, _MIN_CHARS = 10, 30
_FOREIGN_SHARE = 0.6
_FOREIGN_RATE = 0.8
_MAX_ONE_LINE = 100
_ONE_LINE_NUMERALS = re.compile("[一二三四五六七八九十]是|其[一二三四五六]|第[一二三四五六七八九][，,]|[①②③④⑤⑥⑦⑧⑨]")
_STOPS = re.compile("[。！？；\n]")
_ENDS = re.compile("[。！？]")
_ENUMERATOR = re.compile("^(?:[一二三四五六七八九十]{1,2}是|其[一二三四五六]是?|[①②③④⑤⑥⑦⑧⑨])")


@dataclass(frozen=True, slots=True)
class _Case:
    """A text being judged.

    `demand` is how severe a missing section is: None where none can be demanded.
    """

    text: str
    layout: Layout
    readings: tuple[Reading, ...]
    genre: Genre
    rules: StructureRules
    unit_type: UnitType
    demand: Severity | None

    def finding(self, kind: FormKind, span: Span | None, severity: Severity, why: str) -> FormFinding:
        surface = self.text[span.start : span.end] if span else ""
        return FormFinding(kind, span, surface, severity, why)


def check_structure(
    text: str,
    *,
    unit_type: UnitType,
    year: int,
    target_chars: int | None = None,
    signed: bool = False,
    genre: Genre | None = None,
) -> tuple[FormFinding, ...]:
    """Judge the structure of a text, whoever wrote it.

    Args:
        text: Title first, one paragraph a line; spans index into it.
        unit_type: Whose summary it is: which sections it must have.
        year: The year that it covers.
        target_chars: Length asked for, in characters without blanks; None where none was.
        signed: True where name and date must stand at the end; if they stand there they are judged anyway.
        genre: Sections and cues; the shipped ones if None.
    """
    genre = genre or load_genre(shipped("corpus"))
    layout = read_layout(text)
    rules = structure_rules()
    readings = read_sections(layout, genre)
    case = _Case(text, layout, readings, genre, rules, unit_type, _demand(layout, year, rules))
    return in_order(
        (
            *check_title(text, layout, year),
            *_missing(case),
            *_order(case),
            *check_numbering(layout),
            *_headings(case),
            *_empty(case),
            *_short(case),
            *_length(case, target_chars),
            *_repeats(case),
            *check_signature(text, layout, year, demanded=signed),
        )
    )


def _demand(layout: Layout, year: int, rules: StructureRules) -> Severity | None:
    if layout.title and any(word in layout.title.text for word in rules.partial_titles):
        return None
    return Severity.ERROR if year >= rules.strict_from else Severity.WARNING


def _missing(case: _Case) -> Iterator[FormFinding]:
    """Sections that the unit type needs and no heading or text tells."""
    if not any(line.prose for line in case.layout.overview):
        why = "缺少开头的总述：请在第一个标题之前用一两句话写明依据、总体情况，再接“现总结如下”"
        yield case.finding(FormKind.MISSING_SECTION, None, Severity.WARNING, why)
    if case.demand is None:
        return
    main = frozenset(role for reading in case.readings for role in reading.main)
    told = frozenset(role for reading in case.readings for role in reading.told)
    for role in case.genre.types[case.unit_type].needed:
        if role in main:
            continue
        form = case.genre.roles[role]
        if role in told:
            why = f"“{form.title}”没有单独成段：请为它立一个标题，写明{form.ask}"
            yield case.finding(FormKind.MISSING_SECTION, None, Severity.WARNING, why)
            continue
        why = f"缺少“{form.title}”：请补写{form.ask}"
        yield case.finding(FormKind.MISSING_SECTION, None, _missing_severity(case, role), why)


def _missing_severity(case: _Case, role: Role) -> Severity:
    """A section of work may hide under a heading that names nothing; problems and plans are told by their words."""
    assert case.demand is not None
    if role in _OUTLOOK or all(reading.named for reading in case.readings):
        return case.demand
    return Severity.WARNING


def _order(case: _Case) -> Iterator[FormFinding]:
    """Problems and plans come last, results before them; leadership comes first."""
    placed = [r for r in case.readings if r.section and r.main]
    later: frozenset[Role] = frozenset()
    found = []
    for reading in reversed(placed):
        if finding := _misplaced(case, reading, later):
            found.append(finding)
        later |= reading.main
    first = next((r for r in placed if r.main & _WORK), None)
    led = next((r for r in placed if r.main == {Role.LEADERSHIP}), None)
    if led and first and led is not first and led.section:
        why = f"“{led.section.heading}”讲组织领导，一般写在各项工作之前，请考虑前移"
        found.append(case.finding(FormKind.ORDER, led.section.head.span, Severity.WARNING, why))
    yield from found


def _misplaced(case: _Case, reading: Reading, later: frozenset[Role]) -> FormFinding | None:
    assert reading.section is not None
    head, title = reading.section.head.span, reading.section.heading
    if reading.main <= _OUTLOOK:
        behind = [r for r in later if case.rules.rank(r) < min(case.rules.rank(own) for own in reading.main)]
        if behind:
            names = "、".join(case.genre.roles[r].title for r in sorted(behind, key=case.rules.rank))
            why = f"“{title}”写在了“{names}”之前，请移到其后（问题和计划放在最后，先问题后计划）"
            return case.finding(FormKind.ORDER, head, Severity.ERROR, why)
    elif reading.main == {Role.RESULTS} and later & _WORK:
        why = f"“{title}”讲成效，一般写在各项工作之后，请考虑后移"
        return case.finding(FormKind.ORDER, head, Severity.WARNING, why)
    return None


def _headings(case: _Case) -> Iterator[FormFinding]:
    """Headings that speak of something else than what stands under them."""
    readings = case.readings[:_MAX_PAIRED]
    if not case.layout.sections:
        if len(case.text) > _MAX_WITHOUT_HEADINGS:
            why = "全文没有编号的标题，请按“一、”“（一）”分段立标题"
            yield case.finding(FormKind.HEADING, None, Severity.WARNING, why)
        return
    swapped = {
        place: found
        for place, found in exchanged(readings, _GAIN_NAMED).items()
        if found.gain >= _GAIN_UNNAMED or (readings[place].claimed and readings[found.other].claimed)
    }
    for place, (other, gain) in swapped.items():
        here, there = readings[place].section, readings[other].section
        assert here is not None
        assert there is not None
        sure = gain >= _GAIN_ERROR and bool(readings[place].claimed and readings[other].claimed)
        why = f"标题“{here.heading}”与下面的内容不符，像是与“{there.heading}”换了位置，请核对"
        yield case.finding(FormKind.HEADING, here.head.span, Severity.ERROR if sure else Severity.WARNING, why)
    seen: set[str] = set()
    for place, reading in enumerate(readings):
        assert reading.section is not None
        heading = reading.section.heading
        if heading and heading in seen:
            why = f"标题“{heading}”用了两次，请合并或改写其中一个"
            yield case.finding(FormKind.HEADING, reading.section.head.span, Severity.ERROR, why)
        seen.add(heading)
        if place not in swapped and (why := _foreign(case, reading)):
            yield case.finding(FormKind.HEADING, reading.section.head.span, Severity.WARNING, why)


def _foreign(case: _Case, reading: Reading) -> str:
    """Why the heading does not fit the text under it, or ""."""
    if not reading.named or reading.chars < _MIN_CHARS or reading.section is None or reading.section.parts:
        return ""
    heading = reading.section.heading
    if reading.named <= _OUTLOOK and all(reading.rate(r) < _FOREIGN_RATE for r in reading.named):
        names = "、".join(case.genre.roles[r].title for r in reading.named)
        return f"标题“{heading}”说的是{names}，下面的内容却不是，请改标题或补写{names}"
    work = {r: reading.share(r) for r in reading.weights if r not in _OUTLOOK}
    best = max(work, key=lambda r: work[r], default=None)
    if best is None or reading.named & (_OUTLOOK | {best, Role.RESULTS, Role.LEADERSHIP}):
        return ""
    if reading.weights[best] < _MIN_WEIGHT or work[best] < _FOREIGN_SHARE or any(work.get(r) for r in reading.named):
        return ""
    return f"标题“{heading}”下面写的主要是{case.genre.roles[best].title}，请改标题或把内容移到相应段落"


def _empty(case: _Case) -> Iterator[FormFinding]:
    """Headings of sections and parts with nothing under them."""
    lines = case.layout.lines
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else None
        if line.kind is not LineKind.HEADING or line.level > case.layout.top + 1:
            continue
        ended = following is None or following.kind in (LineKind.UNIT, LineKind.DATE, LineKind.LABEL)
        if ended or (following and following.level and following.level <= line.level):
            why = f"“{line.heading}”下面没有内容，请补写或删去这个标题"
            yield case.finding(FormKind.EMPTY_SECTION, line.span, Severity.ERROR, why)


def _short(case: _Case) -> Iterator[FormFinding]:
    """Problems and plans told in one line, other sections told in one sentence."""
    for reading in case.readings:
        section = reading.section
        if section is None or section.parts or not reading.prose or "【待补充" in reading.prose:
            continue
        if reading.main and reading.main <= _OUTLOOK:
            if _is_thin(reading, case.rules):
                names = "、".join(case.genre.roles[r].title for r in sorted(reading.main))
                why = f"“{names}”只有一句话，请分两点以上写明具体情况"
                yield case.finding(FormKind.THIN_SECTION, section.head.span, case.demand or Severity.WARNING, why)
        elif len(_ENDS.findall(reading.prose)) <= 1 and len(reading.prose) <= _MAX_ONE_LINE:
            why = f"“{section.heading}”只有一句话，请补充内容或并入相近的段落"
            yield case.finding(FormKind.ONE_SENTENCE, section.head.span, Severity.WARNING, why)


def _is_thin(reading: Reading, rules: StructureRules) -> bool:
    assert reading.section is not None
    size = len("".join(reading.prose.split()))
    if size < rules.lengths.thin_chars:
        return True
    listed = sum(1 for line in reading.section.lines if line.level)
    points = max(listed, len(_ONE_LINE_NUMERALS.findall(reading.prose)))
    sentences = sum(1 for part in _STOPS.split(reading.prose) if part.strip())
    return size <= _MAX_ONE_LINE and (points or sentences) < rules.lengths.thin_items


def _length(case: _Case, target_chars: int | None) -> Iterator[FormFinding]:
    if not target_chars:
        return
    size = sum(len("".join(line.text.split())) for line in case.layout.lines)
    share = size / target_chars
    lengths = case.rules.lengths
    if lengths.warning[0] <= share <= lengths.warning[1]:
        return
    sure = not lengths.error[0] <= share <= lengths.error[1]
    advice = "请补充内容" if share < 1 else "请压缩内容"
    why = f"全文{size}字，与要求的{target_chars}字相差较多，{advice}"
    yield case.finding(FormKind.LENGTH, None, Severity.ERROR if sure else Severity.WARNING, why)


def _repeats(case: _Case) -> Iterator[FormFinding]:
    """A paragraph or a sentence that stands twice."""
    paragraphs: set[str] = set()
    sentences: set[str] = set()
    least = case.rules.lengths.repeat_chars
    for line in case.layout.lines:
        if line.kind not in (LineKind.BODY, LineKind.ITEM) or "【待补充" in line.text:
            continue
        plain = _plain(line.text[line.mark :])
        if len(plain) >= least and plain in paragraphs:
            why = "这一段与前面的一段完全相同，请删去其中一段"
            yield case.finding(FormKind.REPEATED_PARAGRAPH, line.span, Severity.ERROR, why)
            continue
        paragraphs.add(plain)
        yield from _repeated_sentences(case, line, sentences, least)


def _repeated_sentences(case: _Case, line: Line, seen: set[str], least: int) -> Iterator[FormFinding]:
    start = line.mark
    while start < len(line.text):
        stop = _STOPS.search(line.text, start)
        end = stop.end() if stop else len(line.text)
        plain = _plain(line.text[start:end])
        if len(plain) >= least:
            if plain in seen:
                span = Span(line.span.start + start, line.span.start + end)
                why = "这句话前面已经写过，请删去或改写"
                yield case.finding(FormKind.REPEATED_SENTENCE, span, Severity.ERROR, why)
            seen.add(plain)
        start = end


def _plain(text: str) -> str:
    return _ENUMERATOR.sub("", "".join(text.split())).rstrip("。！？；，,;")
