"""What is said of a text that came back: a sentence for each change, and a note for each place to be looked at."""

from __future__ import annotations

from difflib import SequenceMatcher

from kepudraft.facts.sheet import FactSheet
from kepudraft.figures.scan import scan
from kepudraft.returned.changes import Change, ChangeKind, Changes
from kepudraft.returned.comments import Note
from kepudraft.verify.form import Severity
from kepudraft.verify.report import Finding, Report, Verdict

_MAX_QUOTED = 80
_READABLE = 0.5  # share of equal characters from which a difference is easier to read than two sentences
_APART = 3
_MAX_BLOCKS = 5
_AROUND = 14
_DIGITS = frozenset("0123456789.,%万亿")
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
    if change.kind is ChangeKind.CHANGED and (shown := difference(change.before, change.text)):
        return f"{where}改过：“{shown}”"
    before = _before(change, sheet)
    if change.kind is ChangeKind.REMOVED:
        return f"删去：{before}"
    return f"{where}改过：“{_quoted(change.text)}”，{before}"


def difference(before: str, after: str) -> str:
    """What is different in a sentence, as «…举办科普讲座〔36→63〕场次，较上年…»; "" where too much is for that to be read.

    Two changes with hardly anything between them are shown as one, and a figure is shown whole: 〔1380→1280〕, not 1〔3→2〕80.
    """
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if not before or matcher.ratio() < _READABLE:
        return ""
    blocks: list[list[int]] = []
    for tag, *block in matcher.get_opcodes():
        if tag == "equal":
            continue
        i1, i2, j1, j2 = _whole_figures(before, after, *block)
        if blocks and i1 - blocks[-1][1] < _APART:
            blocks[-1][1], blocks[-1][3] = i2, j2
        else:
            blocks.append([i1, i2, j1, j2])
    if len(blocks) > _MAX_BLOCKS:
        return ""
    shown, at = "", 0
    for i1, i2, j1, j2 in blocks:
        shown += _kept(before[at:i1], is_first=at == 0) + f"〔{before[i1:i2]}→{after[j1:j2]}〕"
        at = i2
    rest = before[at:]
    return shown + (rest if len(rest) <= _AROUND else f"{rest[:_AROUND]}…")


def _whole_figures(before: str, after: str, i1: int, i2: int, j1: int, j2: int) -> tuple[int, int, int, int]:
    """The change widened over the digits at its ends, which are the same in both."""
    while i1 > 0 and j1 > 0 and before[i1 - 1] == after[j1 - 1] and before[i1 - 1] in _DIGITS:
        i1, j1 = i1 - 1, j1 - 1
    while i2 < len(before) and j2 < len(after) and before[i2] == after[j2] and before[i2] in _DIGITS:
        i2, j2 = i2 + 1, j2 + 1
    return i1, i2, j1, j2


def _kept(text: str, *, is_first: bool) -> str:
    """What stands before a change, its middle left out where it is long."""
    if len(text) <= 2 * _AROUND:
        return text if not is_first or len(text) <= _AROUND else f"…{text[-_AROUND:]}"
    return f"…{text[-_AROUND:]}" if is_first else f"{text[:_AROUND]}…{text[-_AROUND:]}"


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
