"""What is said of a text that came back: a sentence for each change, and a note for each place to be looked at."""

from __future__ import annotations

from kepudraft.facts.sheet import FactSheet
from kepudraft.figures.scan import scan
from kepudraft.returned.changes import Change, ChangeKind, Changes
from kepudraft.returned.comments import Note
from kepudraft.verify.form import Severity
from kepudraft.verify.report import Finding, Report, Verdict

_MAX_QUOTED = 80
_MAX_LISTED = 20


def summary(changes: Changes) -> str:
    """How much was changed, in one sentence."""
    counts = "、".join(f"{kind.label}{changes.count(kind)}句" for kind in ChangeKind if changes.count(kind))
    return f"与导出时相比，{counts}，其余{changes.unchanged}句没有动。" if counts else f"与导出时相比，{changes.unchanged}句都没有动。"


def told(change: Change, text: str, sheet: FactSheet, *, counted: str = "段") -> str:
    """One change in one sentence, with its place and what stood there.

    Args:
        change: Of the edited `text`.
        text: As it was judged.
        sheet: The facts, to name what a sentence told whose wording is not known.
        counted: What the person can count in the file: 段 or 行.
    """
    where = f"第{text.count(chr(10), 0, change.span.start) + 1}{counted}" if change.span else ""
    if change.kind is ChangeKind.MOVED:
        return f"{where}移动：“{_quoted(change.text)}”"
    if change.kind is ChangeKind.ADDED:
        return f"{where}新加：“{_quoted(change.text)}”"
    before = _before(change, sheet)
    if change.kind is ChangeKind.REMOVED:
        return f"删去：{before}"
    return f"{where}改过：“{_quoted(change.text)}”，{before}"


def _before(change: Change, sheet: FactSheet) -> str:
    """The old wording; where that is not known, the facts that the old sentence told."""
    if change.before:
        return f"原句“{_quoted(change.before)}”"
    facts = {f.id: f for f in sheet.facts}
    # A computed fact follows from the others that are named.
    named = [f"{i}“{facts[i].text}”" for i in change.fact_ids if i in facts and not facts[i].formula]
    return f"原句写的是{'、'.join(named)}" if named else "原句没有写到事实"


def notes(text: str, report: Report, sheet: FactSheet, changes: Changes | None) -> tuple[Note, ...]:
    """A note for every figure without support, every fault of form, and every change that touches a figure; one on the whole first."""
    made = [Note(None, _whole(text, report, sheet, changes))]
    made += [Note(f.span, _figure(f, sheet)) for f in report.unfaithful]
    made += [
        Note(f.span, f"【{'格式有误' if f.severity is Severity.ERROR else '提醒'}】{f.explanation}") for f in report.form if f.span
    ]
    for change in changes.items if changes else ():
        if change.kind is ChangeKind.CHANGED and _touches_figures(change, sheet):
            made.append(Note(change.span, f"【导出后改过】{_before(change, sheet)}"))
    return tuple(made)


def _figure(finding: Finding, sheet: FactSheet) -> str:
    source = next((str(f.source) for f in sheet.facts if f.id == finding.fact_id), "")
    return f"【{finding.verdict.label}】{finding.explanation}" + (f"（见{source}）" if source else "")


def _touches_figures(change: Change, sheet: FactSheet) -> bool:
    """True if the figures of the sentence are others than those of the export."""
    now = sorted(f.surface for f in scan(change.text).figures)
    if change.before:
        return now != sorted(f.surface for f in scan(change.before).figures)
    known = {f.id: f for f in sheet.facts}
    return bool(now) or any(known[i].figures for i in change.fact_ids if i in known)


def _whole(text: str, report: Report, sheet: FactSheet, changes: Changes | None) -> str:
    bad = len(report.unfaithful)
    lines = [f"共{len(report.figures)}个数字，" + (f"{bad}个有问题，已在原处批注。" if bad else "全部有依据。")]
    if changes is not None:
        lines.append(summary(changes))
        lines += [told(c, text, sheet) for c in changes.items if c.kind is ChangeKind.REMOVED][:_MAX_LISTED]
    lacking = [f"{f.id}“{f.text}”（{f.source}）" for f in sheet.facts if f.id in _untold(report)]
    if lacking:
        more = f"等{len(lacking)}条" if len(lacking) > _MAX_LISTED else ""
        lines.append(f"事实里有、文稿里没有写的：{'；'.join(lacking[:_MAX_LISTED])}{more}。")
    lines += [f"【{'格式有误' if f.severity is Severity.ERROR else '提醒'}】{f.explanation}" for f in report.form if not f.span]
    return "\n".join(lines)


def _untold(report: Report) -> set[str]:
    corrected = {(f.fact_id, f.expected) for f in report.unfaithful}
    return {*report.unused, *(f.fact_id for f in report.findings if f.verdict is Verdict.OMITTED and (f.fact_id, f.surface) not in corrected)}


def _quoted(sentence: str) -> str:
    return sentence if len(sentence) <= _MAX_QUOTED else f"{sentence[:_MAX_QUOTED]}…"
