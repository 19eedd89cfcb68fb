"""What the person sees: rich tables and lists, or JSON where a program reads it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kepudraft.assemble import Draft, walk
from kepudraft.compose.passage import Origin
from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.scan import Kind, Span
from kepudraft.pipeline import Found
from kepudraft.retrieval.hit import Hit
from kepudraft.verify.form import Severity
from kepudraft.verify.report import FAITHFUL, Report, Verdict

_KINDS = {
    Kind.COUNT: "数量", Kind.MONEY: "金额", Kind.PERCENT: "百分数", Kind.ORDINAL: "序数", Kind.DATE: "日期", Kind.DURATION: "时长",
    Kind.MEASURE: "度量", Kind.RATIO: "比", Kind.RANGE: "范围",
}
_STATUS = {Status.DONE: "完成", Status.PLANNED: "计划", Status.PROBLEM: "问题"}

_ORIGINS = {Origin.MODEL: "模型写", Origin.REPAIRED: "模型写、经修改", Origin.OFFLINE: "离线写", Origin.PERSON: "人写"}
_LENGTH_TOLERANCE = 0.3  # share of the length asked for
_SHOWN = 30  # characters of a sentence that are shown on each side of a figure


class _Console(Console):
    """A console to which a closed pipe is the caller's business: rich would exit with 1, which means a bug here."""

    def on_broken_pipe(self) -> None:
        """Raise it again."""
        raise BrokenPipeError


def _console(*, stderr: bool = False) -> Console:
    return _Console(highlight=False, stderr=stderr)


def _say(console: Console, text: str, style: str = "") -> None:
    """A sentence: the terminal breaks it, so that it stays whole in a file and does not break before the first long word."""
    console.print(Text(text, style=style), soft_wrap=True)


def print_draft(draft: Draft, written: Sequence[Path], replaced: Sequence[Path] = ()) -> None:
    """Outline, figures with their facts, what is missing, and where it was written.

    The text itself if it was written nowhere; what needs a person then goes to standard error.
    """
    console = _console(stderr=not written)
    if not written:
        from kepudraft.export import markdown

        sys.stdout.write(markdown.render(draft))
        sys.stdout.flush()
    for remark in (*draft.sheet.remarks, *draft.notices):
        _say(console, f"注意：{remark}", "yellow")
    if written:
        _outline(console, draft)
        _figures(console, draft.report, draft.text, draft.sheet)
    _missing(console, draft)
    print_written(written, replaced)


def print_written(written: Sequence[Path], replaced: Sequence[Path] = ()) -> None:
    """Where it was written; nothing if nowhere."""
    console = _console()
    if written:
        _say(console, "\n写出：")
    for path in written:
        _say(console, f"  {path}" + ("（原有的同名文件已被替换）" if path in replaced else ""))


def progress(model: str) -> Callable[[str], None]:
    """What tells, on standard error, which section a model is writing."""
    console = _console(stderr=True)
    _say(console, f"由模型 {model} 起草，逐句核对：")
    return lambda heading: _say(console, f"  正在写：{heading}")


def print_origins(draft: Draft, *, stderr: bool) -> None:
    """How many sentences are whose, for a draft that a model had a part in."""
    told = Counter(s.origin for section in walk(draft.sections) for s in section.passage.sentences if s.fact_ids)
    shares = "，".join(f"{_ORIGINS[origin]}{told[origin]}句" for origin in Origin if told[origin])
    _say(_console(stderr=stderr), f"写法：{shares}。")


def print_length(draft: Draft, asked: int) -> None:
    """Say so where the draft is far from the length that was asked for: nothing is made up, nothing is left out for it."""
    chars = sum(len(s.text) for section in walk(draft.sections) for s in section.passage.sentences)
    if abs(chars - asked) > asked * _LENGTH_TOLERANCE:
        why = "事实只有这些，没有编造内容凑字数；可补充事实" if chars < asked else "没有为此舍去事实；可删减事实"
        _say(_console(stderr=True), f"注意：正文{chars}字，要求{asked}字。{why}", "yellow")


def _outline(console: Console, draft: Draft) -> None:
    _say(console, f"\n{draft.title}", "bold")
    for section in walk(draft.sections):
        chars = sum(len(s.text) for s in section.passage.sentences)
        n_facts = len({i for s in section.passage.sentences for i in s.fact_ids})
        name = section.number + section.heading or "（总述）"
        _say(console, "  " * section.level + name + (f"  {n_facts}条事实，{chars}字" if chars else ""))


def _figures(console: Console, report: Report, text: str, sheet: FactSheet) -> None:
    files = {f.source.file for f in sheet.facts}
    console.print(Text(f"\n数字核对表（依据：{'、'.join(sorted(files))}）", style="bold"))
    if not report.figures:
        console.print("没有数字。")
        return
    table = _table("数字", "所在文字", "核对", "依据")
    sources = {f.id: f.source.place if len(files) == 1 else str(f.source) for f in sheet.facts}
    for finding in report.figures:
        verdict = Text(finding.verdict.label, style="" if finding.verdict in FAITHFUL else "bold red")
        why = f"{finding.fact_id} {sources[finding.fact_id]}" if finding.fact_id in sources else finding.explanation
        if finding.verdict is Verdict.DERIVED:
            why = finding.explanation
        table.add_row(Text(finding.surface), Text(_around(text, finding.span)), verdict, Text(why))
    console.print(table)
    bad = len(report.unfaithful)
    console.print(f"共{len(report.figures)}个数字，{'全部有依据' if not bad else f'{bad}个有问题'}。")


def _table(*headings: str) -> Table:
    """A plain table whose cells wrap: a cut-off figure or place is worth nothing."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _around(text: str, span: Span | None) -> str:
    """The words before and after a figure, within its line."""
    start, end = (span.start, span.end) if span else (0, 0)
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    before = text[max(line_start, start - 8) : start]
    after = text[end : min(end + 4, line_end if line_end >= 0 else len(text))]
    return f"{before}【{text[start:end]}】{after}"


def _sentence(text: str, span: Span | None) -> str:
    """The sentence in which a figure stands, the figure in 【】, as much of it as helps to find it."""
    start, end = (span.start, span.end) if span else (0, 0)
    first = max(text.rfind(mark, 0, start) for mark in "。！？\n") + 1
    last = min((at + 1 for mark in "。！？\n" if (at := text.find(mark, end)) >= 0), default=len(text))
    before, after = text[first:start].lstrip(), text[end:last].rstrip()
    before = before if len(before) <= _SHOWN else f"…{before[-_SHOWN:]}"
    after = after if len(after) <= _SHOWN else f"{after[:_SHOWN]}…"
    return f"{before}【{text[start:end]}】{after}"


def _missing(console: Console, draft: Draft) -> None:
    omitted = [f for f in draft.report.findings if f.verdict is Verdict.OMITTED]
    noted = _notes_with_figures(draft.sheet, draft.text)
    if not (draft.gaps or draft.unused or omitted):
        console.print("事实全部写入，没有待补充的内容。")
    if draft.gaps:
        _say(console, "\n待补充：", "bold yellow")
        for gap in draft.gaps:
            _say(console, f"  {gap}")
    if draft.unused or omitted:
        _say(console, "\n没有写进去的事实：", "bold yellow")
        facts = {f.id: f for f in draft.sheet.facts}
        for unused in draft.unused:
            _say(console, f"  {unused.fact_id} {facts[unused.fact_id].text}：{unused.reason}")
        for finding in omitted:
            if finding.fact_id not in {u.fact_id for u in draft.unused}:
                _say(console, f"  {finding.explanation}")
    _notes(console, noted)


def _notes_with_figures(sheet: FactSheet, text: str = "") -> list[Fact]:
    """Facts whose remark holds an amount that `text` lacks: a clerk may have meant it to be told."""
    from kepudraft.facts.indicators import indicators
    from kepudraft.figures.scan import scan

    # The template's own 口径, the longest first: one may begin with another.
    printed = sorted({i.note for i in indicators(sheet.unit_type) if i.note}, key=len, reverse=True)

    def own(note: str) -> str:
        for known in printed:
            note = note.replace(known, "")
        return note

    return [
        f for f in sheet.facts
        if any(figure.quantity and figure.surface not in text for figure in scan(own(f.note)).figures)
    ]


def _notes(console: Console, noted: Sequence[Fact]) -> None:
    if noted:
        _say(console, "\n备注里的数字不会写进总结；要写的请在事实表里另起一行：", "bold yellow")
    for fact in noted:
        _say(console, f"  {fact.id} {fact.text}（{fact.source.place}）的备注：{fact.note}")


def print_record(draft: Draft) -> None:
    """The evidence record."""
    from kepudraft.export import records

    sys.stdout.write(records.render(draft))


def print_report(report: Report, text: str, sheet: FactSheet, *, counted: str = "行") -> None:
    """Findings, the doubtful ones first with their place and sentence, then all figures, what is lacking, and the form.

    Args:
        report: Of `text` against `sheet`.
        text: As it was judged.
        sheet: The facts.
        counted: What the person can count in the file: 行, or 段 in a Word file.
    """
    console = _console()
    places = {f.id: f.source.place for f in sheet.facts}
    for finding in report.unfaithful:
        at = _nth(text, finding.span.start if finding.span else 0, counted)
        fact = places.get(finding.fact_id, "")
        seen = f"（见事实{fact}）" if fact else ""
        _say(console, f"{at} {finding.verdict.label}：{finding.explanation}{seen}", "bold red")
        _say(console, f"    {_sentence(text, finding.span)}")
    _figures(console, report, text, sheet)
    _lacking(console, report, sheet)
    for fault in report.form:
        where = _nth(text, fault.span.start, counted) + " " if fault.span else ""
        is_error = fault.severity is Severity.ERROR
        _say(console, f"{'格式有误' if is_error else '格式提醒'}：{where}{fault.explanation}", "red" if is_error else "yellow")


def _nth(text: str, offset: int, counted: str) -> str:
    return f"第{text.count(chr(10), 0, offset) + 1}{counted}"


def _lacking(console: Console, report: Report, sheet: FactSheet) -> None:
    """What the facts hold and the text lacks, a line a fact; not what was told above as a wrong value's right one."""
    corrected = {(f.fact_id, f.expected) for f in report.unfaithful}
    lacking: dict[str, list[str]] = {i: [] for i in report.unused}
    for finding in report.findings:
        if finding.verdict is Verdict.OMITTED and (finding.fact_id, finding.surface) not in corrected:
            lacking.setdefault(finding.fact_id, []).append(finding.surface)
    shown = [f for f in sheet.facts if lacking.get(f.id) or (f.id in lacking and sheet.is_worded(f))]
    if shown:
        _say(console, "\n事实里有、文稿里没有写的：", "bold yellow")
    for fact in shown:
        amounts = "、".join(dict.fromkeys(lacking[fact.id]))
        part = f"：缺{amounts}" if 0 < len(lacking[fact.id]) < len(fact.figures) else ""
        _say(console, f"  {fact.id} {fact.text}（{fact.source.place}）{part}")
    if report.form:
        _say(console, "")


def report_record(report: Report) -> dict[str, object]:
    """`ok`, `precision`, `recall`, `findings`, `unused`, `form`, as JSON values."""
    findings = [
        {
            "verdict": f.verdict.value, "start": f.span.start if f.span else None, "end": f.span.end if f.span else None,
            "surface": f.surface, "fact": f.fact_id, "expected": f.expected, "explanation": f.explanation,
        }
        for f in report.findings
    ]
    form = [
        {
            "kind": f.kind.value, "severity": f.severity.value, "start": f.span.start if f.span else None,
            "end": f.span.end if f.span else None, "surface": f.surface, "explanation": f.explanation,
        }
        for f in report.form
    ]
    return {"ok": report.ok, "precision": report.precision, "recall": report.recall, "findings": findings,
            "unused": list(report.unused), "form": form}


def print_scan(text: str) -> None:
    """Every figure with its line, value, unit, hedge and kind, and what was set apart."""
    from kepudraft.figures.figure import record
    from kepudraft.figures.scan import scan

    console = _console()
    found = scan(text)
    table = _table("行", "数字", "所在文字", "值", "单位", "约数", "种类")
    for figure in found.figures:
        r = record(figure)
        value = str(r["value"] or f"{r['low']}～{r['high']}")
        line = text.count("\n", 0, figure.span.start) + 1
        table.add_row(str(line), Text(figure.surface), Text(_around(text, figure.span)), Text(value), Text(str(r["unit"])),
                      Text(figure.qualifier), _KINDS[figure.kind])
    console.print(table)
    console.print(f"共{len(found.figures)}个数字；另有{len(found.nonfigures)}处数词不是数字（序号、固定用语等）。")
    for defect in found.defects:
        _say(console, f"{_nth(text, defect.span.start, '行')}：{defect.message}", "yellow")


def print_sheet(sheet: FactSheet) -> None:
    """Unit, type, year and every fact with its place."""
    console = _console()
    _say(console, f"{sheet.unit}（{sheet.unit_type}），{sheet.year}年度", "bold")
    for remark in sheet.remarks:
        _say(console, f"注意：{remark}", "yellow")
    table = _table("编号", "事实", "状态", "上年", "来源")
    for f in sheet.facts:
        source = f"{'、'.join(f.inputs)}：{f.formula}" if f.formula else str(f.source)
        table.add_row(f.id, Text(f.text), _STATUS[f.status], Text(f.last), Text(source))
    console.print(table)
    own = [f for f in sheet.facts if not f.formula]
    console.print(f"共{len(own)}条事实，{sum(len(f.figures) for f in own)}个数字；另有{len(sheet.facts) - len(own)}个可算出的比较。")
    _notes(console, _notes_with_figures(sheet))


def print_sheet_json(sheet: FactSheet) -> None:
    """The sheet as JSON."""
    from kepudraft.export.records import sheet_record

    write_json(sheet_record(sheet))


def print_exemplars(found: Sequence[Found], *, stderr: bool) -> None:
    """The exemplar passages found for each section; beside a draft on the screen they go to standard error."""
    console = _console(stderr=stderr)
    for section in found:
        console.print(Text(f"\n范文 · {section.plan.heading or '总述'}", style="bold"))
        _hits(console, section.hits)


def print_hits(hits: Sequence[Hit]) -> None:
    """Passages with score and reason."""
    console = _console()
    if not hits:
        console.print("没有找到相近的段落。")
    _hits(console, hits)


def _hits(console: Console, hits: Sequence[Hit]) -> None:
    for hit in hits:
        e = hit.excerpt
        console.print(Text(f"{hit.rank}. {e.heading or '总述'}（{e.exemplar_id}，{e.unit_type}）{hit.score:.4f} {hit.why}", style="cyan"))
        console.print(Text("   " + " ".join(e.text.split())[:160]))


def print_hits_json(hits: Sequence[Hit]) -> None:
    """Hits as a JSON list."""
    write_json([
        {"rank": h.rank, "score": round(h.score, 6), "why": h.why, "id": h.excerpt.id, "exemplar": h.excerpt.exemplar_id,
         "unit_type": h.excerpt.unit_type.value, "role": h.excerpt.role.value, "heading": h.excerpt.heading, "text": h.excerpt.text}
        for h in hits
    ])


def print_form_written(path: Path, example: bool) -> None:
    """What to do with the form."""
    console = _console()
    _say(console, f"已写出{'填好的例子' if example else '空白填报表'}：{path}")
    _say(console, f"下一步：{'' if example else '填好数值，然后 '}kepudraft draft {_quoted(path)} -o 总结.docx")


def _quoted(path: Path) -> str:
    """The path as it can be typed."""
    return f'"{path}"' if " " in str(path) else str(path)


def write_json(value: object) -> None:
    """Print a value as indented JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
