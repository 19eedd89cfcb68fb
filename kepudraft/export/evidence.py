"""What a reader needs to check a text figure by figure: its sentences, every figure with what bears it, and what is missing.

One value for a finished draft (`of_draft`) and for a text that somebody else wrote (`of_text`), so that the evidence page
and the figure table show both alike. It is a pure function of what was judged.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kepudraft.assemble import Draft, Provenance, walk
from kepudraft.compose.passage import Origin
from kepudraft.corpus import Excerpt
from kepudraft.export.lines import Kind, lines, signature
from kepudraft.facts.sheet import FactSheet
from kepudraft.figures.figure import Span
from kepudraft.figures.sentences import sentence_spans
from kepudraft.verify.form import FormFinding
from kepudraft.verify.layout import LineKind, read_layout
from kepudraft.verify.report import FAITHFUL, Finding, Report, Verdict

NOT_TOLD = "文稿没有写到"

_KINDS = {
    LineKind.TITLE: Kind.TITLE, LineKind.HEADING: Kind.HEADING, LineKind.UNIT: Kind.UNIT, LineKind.DATE: Kind.DATE,
}
_GAP = re.compile("【待补充[：:]?([^】\n]{0,200})】?")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence, a heading or a title.

    Attributes:
        text: As it stands.
        start: Where it begins in the text judged; -1 in a signature, which is no part of a draft's text.
        origin: Who wrote it; None where that is not known.
        fact_ids: Facts that it is known to tell.
        exemplar_ids: Exemplars that were shown for it.
        is_gap: True for a 【待补充：…】 of the composer.
    """

    text: str
    start: int
    origin: Origin | None = None
    fact_ids: tuple[str, ...] = ()
    exemplar_ids: tuple[str, ...] = ()
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One printed line; `level` is 1 for 一、 and 2 for （一）, 0 for all that is no heading."""

    kind: Kind
    level: int
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure of the text.

    Attributes:
        number: From 1, in reading order.
        finding: What was found.
        sentence: In which it stands.
        at: Where in the sentence.
        section: The heading of level 1 over it, or "".
        fact_ids: Those it is reckoned from, and the fact that bears or contradicts it.
    """

    number: int
    finding: Finding
    sentence: str
    at: int
    section: str
    fact_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact, or some figures of it, that the text does not tell; and why."""

    fact_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A text with all that is known about it.

    Attributes:
        title: Of the text; "" where it has none.
        sheet: The facts, computed ones among them where the text was drafted.
        paragraphs: In order.
        marks: Every figure of the text.
        missing: What the facts hold and the text lacks, in the order of the sheet.
        gaps: What a person has to supply.
        form: Faults of form, where they were looked for.
        exemplars: Passages that `Stretch.exemplar_ids` name, as far as their texts are at hand.
        provenance: How the draft came about; None for a text by somebody else.
        changes: What was changed since an export, a sentence each.
    """

    title: str
    sheet: FactSheet
    paragraphs: tuple[Paragraph, ...]
    marks: tuple[Mark, ...]
    missing: tuple[Missing, ...]
    gaps: tuple[str, ...]
    form: tuple[FormFinding, ...] = ()
    exemplars: tuple[Excerpt, ...] = ()
    provenance: Provenance | None = None
    changes: tuple[str, ...] = ()

    @property
    def unfaithful(self) -> tuple[Mark, ...]:
        """The figures that must not get out."""
        return tuple(m for m in self.marks if m.finding.verdict not in FAITHFUL)


def of_draft(draft: Draft, exemplars: Iterable[Excerpt] = ()) -> Evidence:
    """The evidence of a finished draft.

    Args:
        draft: The draft.
        exemplars: Passages that may have been shown for it; those that were not are left out.
    """
    shown = {id(s): section.passage.exemplar_ids for section in walk(draft.sections) for s in section.passage.sentences}
    paragraphs = []
    for line in (*lines(draft), *signature(draft.sheet)):
        stretches = tuple(
            Stretch(p.text, p.start) if p.sentence is None
            else Stretch(p.text, p.start, p.sentence.origin, p.sentence.fact_ids, shown.get(id(p.sentence), ()), bool(p.sentence.gap))
            for p in line.pieces
        )
        paragraphs.append(Paragraph(line.kind, line.level, stretches))
    used = {i for ids in shown.values() for i in ids}
    return Evidence(
        title=draft.title, sheet=draft.sheet, paragraphs=tuple(paragraphs), marks=_marks(paragraphs, draft.report, draft.sheet),
        missing=_missing(draft.report, draft.sheet, {u.fact_id: u.reason for u in draft.unused}), gaps=draft.gaps,
        form=draft.report.form, exemplars=tuple({e.id: e for e in exemplars if e.id in used}.values()), provenance=draft.provenance,
    )


def of_text(text: str, report: Report, sheet: FactSheet, *, edited: Sequence[Span] = (), changes: Sequence[str] = ()) -> Evidence:
    """The evidence of any text.

    Args:
        text: One paragraph a line, as it was judged.
        report: Of `text` against `sheet`.
        sheet: The facts.
        edited: Where a person's wording stands in an export that came back.
        changes: What was changed since the export, a sentence each.
    """
    layout = read_layout(text)
    kinds = {line.span.start: line for line in layout.lines}
    title = layout.title.span if layout.title else Span(0, 0)
    paragraphs, at = [], 0
    for raw in text.split("\n"):
        body = raw.strip()
        start = at + (len(raw) - len(raw.lstrip()))
        at += len(raw) + 1
        if body:
            line = kinds.get(start)
            kind = Kind.TITLE if title.start <= start < title.end else _KINDS.get(line.kind, Kind.BODY) if line else Kind.BODY
            level = line.level if line and kind is Kind.HEADING else 0
            cut = [Span(0, len(body))] if kind is not Kind.BODY else sentence_spans(body)
            pieces = (Stretch(body[s.start : s.end], start + s.start) for s in cut)
            paragraphs.append(Paragraph(kind, level, tuple(_by_person(piece, edited) for piece in pieces)))
    gaps = tuple(m[1].strip() or "未写明" for m in _GAP.finditer(text))
    marks, missing = _marks(paragraphs, report, sheet), _missing(report, sheet, {})
    name = layout.title.text if layout.title else ""
    return Evidence(name, sheet, tuple(paragraphs), marks, missing, gaps, report.form, changes=tuple(changes))


def _by_person(stretch: Stretch, edited: Sequence[Span]) -> Stretch:
    end = stretch.start + len(stretch.text)
    is_edited = any(span.start < end and stretch.start < span.end for span in edited)
    return replace(stretch, origin=Origin.PERSON) if is_edited else stretch


def _marks(paragraphs: list[Paragraph], report: Report, sheet: FactSheet) -> tuple[Mark, ...]:
    inputs = {f.id: f.inputs for f in sheet.facts}
    placed: list[tuple[int, str, str]] = []
    section = ""
    for paragraph in paragraphs:
        if paragraph.kind is Kind.HEADING and paragraph.level <= 1:
            section = "".join(s.text for s in paragraph.stretches)
        placed += [(s.start, s.text, section) for s in paragraph.stretches if s.start >= 0]
    starts = [start for start, _, _ in placed]
    marks = []
    for number, finding in enumerate((f for f in report.figures if f.span), 1):
        assert finding.span is not None  # of all but OMITTED, which is no figure of the text
        at = max(0, bisect_right(starts, finding.span.start) - 1)
        start, sentence, heading = placed[at] if placed else (0, "", "")
        named = (*finding.inputs, *inputs.get(finding.fact_id, ()), finding.fact_id)
        fact_ids = tuple(dict.fromkeys(i for i in named if i))
        marks.append(Mark(number, finding, sentence, finding.span.start - start, heading, fact_ids))
    return tuple(marks)


def _missing(report: Report, sheet: FactSheet, reasons: dict[str, str]) -> tuple[Missing, ...]:
    """Facts left out with the outline's reason, facts not told at all, and facts told in part; none told as wrong elsewhere."""
    corrected = {(f.fact_id, f.expected) for f in report.unfaithful}
    lacking: dict[str, list[str]] = {}
    for finding in report.findings:
        if finding.verdict is Verdict.OMITTED and (finding.fact_id, finding.surface) not in corrected:
            lacking.setdefault(finding.fact_id, []).append(finding.surface)
    found = []
    for fact in sheet.facts:
        surfaces = tuple(dict.fromkeys(lacking.get(fact.id, ())))
        if fact.id in reasons:
            found.append(Missing(fact.id, reasons[fact.id]))
        elif surfaces and len(surfaces) < len(fact.figures):
            found.append(Missing(fact.id, f"没有写：{'、'.join(surfaces)}"))
        elif surfaces or (fact.id in report.unused and sheet.is_worded(fact)):
            found.append(Missing(fact.id, NOT_TOLD))
    return tuple(found)


