"""Two pictures for what a person would rather look at than read, as inline SVG: this year against last, and the sections.

Every bar bears its value in words, and the two years differ by a pattern too: nothing is told by colour or length alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from kepudraft.export.evidence import Evidence
from kepudraft.export.lines import Kind
from kepudraft.export.markup import Markup, element, joined
from kepudraft.facts.derive import compared_figure, year_on_year
from kepudraft.facts.sheet import Fact
from kepudraft.figures.scan import Figure, scan

_WIDTH = 720
_LABEL = 200
_BAR = 230
_LINE = 17
_GAP = 12
_MAX_ROWS = 24
_MAX_LABEL = 16
_CLAUSE_ENDS = "，。；、：（"
_FILLERS = " 为是共达有约近"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of this year beside last year's, of one unit; `change` is the computed fact in words."""

    name: str
    now: Figure
    before: Figure
    change: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many facts a section tells, and how many figures stand in it."""

    heading: str
    facts: int
    figures: int


def comparisons(evidence: Evidence) -> tuple[Comparison, ...]:
    """Every figure that has a value of last year, in the order of the facts."""
    return tuple(found for fact in evidence.sheet.facts for found in _compared(fact))


def _compared(fact: Fact) -> list[Comparison]:
    found = []
    for change in year_on_year(fact):
        now = compared_figure(fact, change)
        if now is None or now.quantity is None:
            continue
        unit = now.quantity.unit.name
        before = next((f for f in scan(fact.last).figures if f.quantity and f.quantity.unit.name == unit), None)
        if before is not None:
            found.append(Comparison(_name(fact, now), now, before, change.text))
    return found


def _name(fact: Fact, figure: Figure) -> str:
    """What the figure counts: the words before it in its clause, behind those before the fact's first figure (影院放映·观众)."""
    before = fact.text[: figure.span.start]
    at = max(before.rfind(mark) for mark in _CLAUSE_ENDS) + 1
    clause = before[at:].strip(_FILLERS)
    first = fact.text[: fact.figures[0].span.start].strip(_FILLERS) if at and fact.figures else ""
    name = "·".join(part for part in (first, clause) if part)
    # «与28所学校开展馆校结合»: what is counted may stand behind the figure.
    return name if len(name) > 1 else name + fact.text[figure.span.start :]


def coverage(evidence: Evidence) -> tuple[Coverage, ...]:
    """Every section of level 1 with the facts that its sentences are known to tell; the last row is what is told nowhere."""
    told: dict[str, set[str]] = {}
    section = "（总述）"
    for paragraph in evidence.paragraphs:
        if paragraph.kind is Kind.HEADING and paragraph.level <= 1:
            section = "".join(s.text for s in paragraph.stretches)
        if paragraph.kind in (Kind.HEADING, Kind.BODY):
            told.setdefault(section, set()).update(i for s in paragraph.stretches for i in s.fact_ids)
    figures: dict[str, int] = {}
    titles = {s.text for p in evidence.paragraphs if p.kind is Kind.TITLE for s in p.stretches}
    for mark in evidence.marks:
        if not mark.section and mark.sentence in titles:
            continue
        heading = mark.section or "（总述）"
        told.setdefault(heading, set()).update(mark.fact_ids)
        figures[heading] = figures.get(heading, 0) + 1
    own = {f.id for f in evidence.sheet.facts if not f.formula}
    rows = [Coverage(heading, len(ids & own), figures.get(heading, 0)) for heading, ids in told.items()]
    untold = len({m.fact_id for m in evidence.missing} - {i for ids in told.values() for i in ids})
    return (*rows, Coverage("没有写进去", untold, 0)) if untold else tuple(rows)


def year_chart(evidence: Evidence) -> Markup:
    """Pairs of bars, each pair to its own scale from zero; "" where nothing can be compared."""
    shown = comparisons(evidence)
    if not shown:
        return Markup()
    step = 2 * _LINE + _GAP
    parts = [_hatching("hatch-years")]
    for n, pair in enumerate(shown[:_MAX_ROWS]):
        top = n * step
        now, before = (abs(float(f.quantity.value)) if f.quantity else 0.0 for f in (pair.now, pair.before))
        most = max(now, before) or 1.0
        parts.append(_text(_LABEL - 8, top + _LINE + 4, _short(pair.name), anchor="end"))
        parts += _bar(top, now / most, "#1f5f8b", f"{pair.now.surface}（{pair.change}）")
        parts += _bar(top + _LINE, before / most, "url(#hatch-years)", f"上年{pair.before.surface}")
    title = "本年与上年：" + "；".join(f"{p.name}{p.now.surface}，上年{p.before.surface}" for p in shown[:_MAX_ROWS])
    more = f"只画前{_MAX_ROWS}项，共{len(shown)}项。" if len(shown) > _MAX_ROWS else ""
    caption = f"上条实心为本年，下条斜线为上年；每一组以较大的数为满格，不同组之间不比长短。{more}"
    return _figure("本年与上年", caption, title, parts, len(shown[:_MAX_ROWS]) * step)


def coverage_chart(evidence: Evidence) -> Markup:
    """One bar a section: the facts it tells."""
    shown = coverage(evidence)
    if not shown:
        return Markup()
    most = max(1, *(c.facts for c in shown))
    step = _LINE + _GAP
    parts = [_hatching("hatch-rest")]
    for n, c in enumerate(shown):
        is_rest = n == len(shown) - 1 and c.heading == "没有写进去"
        parts.append(_text(_LABEL - 8, n * step + _LINE - 4, _short(c.heading), anchor="end"))
        told = f"{c.facts}条事实" + (f"，{c.figures}个数字" if c.figures else "")
        parts += _bar(n * step, c.facts / most, "url(#hatch-rest)" if is_rest else "#3d7a4f", told)
    title = "各部分写到的事实：" + "；".join(f"{c.heading}{c.facts}条" for c in shown)
    caption = "每一部分写到几条事实；同一条事实在总述里又写到的，各算一次。斜线是没有写进去的。"
    return _figure("各部分写到的事实", caption, title, parts, len(shown) * step)


def _figure(name: str, caption: str, title: str, parts: list[Markup], height: int) -> Markup:
    drawn = element(
        "svg", element("title", title), *parts, viewBox=f"0 0 {_WIDTH} {height}", role="img", preserveAspectRatio="xMinYMin meet"
    )
    return element("figure", element("figcaption", element("b", name), " ", caption), drawn, class_="chart")


def _bar(top: int, share: float, fill: str, label: str) -> list[Markup]:
    length = max(2, round(_BAR * share))
    bar = element("rect", x=_LABEL, y=top + 1, width=length, height=_LINE - 3, fill=fill, stroke="#333", stroke_width="0.6")
    return [bar, _text(_LABEL + length + 6, top + _LINE - 4, label)]


def _text(x: int, y: int, text: str, *, anchor: str = "start") -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, font_size=12, fill="#222")


def _hatching(name: str) -> Markup:
    """Oblique lines: a fill that is told apart without colour."""
    line = element("path", d="M0 6 L6 0", stroke="#555", stroke_width="1.2")
    ground = element("rect", width=6, height=6, fill="#fff")
    return element("defs", element("pattern", joined(ground, line), id=name, width=6, height=6, patternUnits="userSpaceOnUse"))


def _short(text: str) -> str:
    return text if len(text) <= _MAX_LABEL else f"{text[: _MAX_LABEL - 1]}…"
