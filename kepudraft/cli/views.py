"""What the person sees: rich tables and lists, or JSON where a program reads it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kepudraft.assemble import Draft, walk
from kepudraft.facts.sheet import FactSheet, Status
from kepudraft.figures.scan import Kind
from kepudraft.pipeline import Found
from kepudraft.retrieval.hit import Hit
from kepudraft.verify.form import Severity
from kepudraft.verify.report import FAITHFUL, Report, Verdict

_VERDICTS = {
    Verdict.SUPPORTED: "一致",
    Verdict.EQUIVALENT: "相等",
    Verdict.ROUNDED: "约数",
    Verdict.DERIVED: "算出",
    Verdict.GENERAL: "公知",
    Verdict.MISATTRIBUTED: "张冠李戴",
    Verdict.HEDGE_CHANGED: "确切程度变了",
    Verdict.STATUS_CHANGED: "计划写成完成",
    Verdict.CONFLICTING: "前后矛盾",
    Verdict.UNSUPPORTED: "没有依据",
    Verdict.LEAKED: "来自范文",
    Verdict.OMITTED: "没有写进",
}
_KINDS = {
    Kind.COUNT: "数量", Kind.MONEY: "金额", Kind.PERCENT: "百分数", Kind.ORDINAL: "序数", Kind.DATE: "日期", Kind.DURATION: "时长",
    Kind.MEASURE: "度量", Kind.RATIO: "比", Kind.RANGE: "范围",
}
_STATUS = {Status.DONE: "完成", Status.PLANNED: "计划", Status.PROBLEM: "问题"}


def _console() -> Console:
    return Console(highlight=False)


def print_draft(draft: Draft, written: Sequence[Path]) -> None:
    """Outline, figures with their facts, what is missing, and where it was written; the text itself if nowhere."""
    console = _console()
    if not written:
        from kepudraft.export import markdown

        sys.stdout.write(markdown.render(draft))
        return
    for remark in draft.sheet.remarks:
        console.print(Text(f"注意：{remark}", style="yellow"))
    console.print(Text(f"\n{draft.title}", style="bold"))
    for section in walk(draft.sections):
        chars = sum(len(s.text) for s in section.passage.sentences)
        n_facts = len({i for s in section.passage.sentences for i in s.fact_ids})
        name = section.number + section.heading or "（总述）"
        console.print("  " * section.level + name + (f"  {n_facts}条事实，{chars}字" if chars else ""))
    _figures(console, draft.report, draft.text, draft.sheet)
    _missing(console, draft)
    console.print("\n写出：")
    for path in written:
        console.print(Text(f"  {path}"))


def _figures(console: Console, report: Report, text: str, sheet: FactSheet) -> None:
    table = _table("数字", "所在文字", "核对", "依据")
    files = {f.source.file for f in sheet.facts}
    console.print(Text(f"\n数字核对表（依据：{'、'.join(sorted(files))}）", style="bold"))
    sources = {f.id: f.source.place if len(files) == 1 else str(f.source) for f in sheet.facts}
    for finding in report.figures:
        verdict = Text(_VERDICTS[finding.verdict], style="" if finding.verdict in FAITHFUL else "bold red")
        why = f"{finding.fact_id} {sources[finding.fact_id]}" if finding.fact_id in sources else finding.explanation
        if finding.verdict is Verdict.DERIVED:
            why = finding.explanation
        table.add_row(Text(finding.surface), Text(_around(text, finding.span)), verdict, Text(why))
    console.print(table)
    bad = len(report.unfaithful)
    console.print(f"共{len(report.figures)}个数字，{'全部有依据' if not bad else f'{bad}个没有依据'}。")


def _table(*headings: str) -> Table:
    """A plain table whose cells wrap: a cut-off figure or place is worth nothing."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _around(text: str, span: object) -> str:
    """The words before and after a figure, within its line."""
    start, end = getattr(span, "start", 0), getattr(span, "end", 0)
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    before = text[max(line_start, start - 8) : start]
    after = text[end : min(end + 4, line_end if line_end >= 0 else len(text))]
    return f"{before}【{text[start:end]}】{after}"


def _missing(console: Console, draft: Draft) -> None:
    omitted = [f for f in draft.report.findings if f.verdict is Verdict.OMITTED]
    if not (draft.gaps or draft.unused or omitted):
        console.print("事实全部写入，没有待补充的内容。")
        return
    if draft.gaps:
        console.print(Text("\n待补充：", style="bold yellow"))
        for gap in draft.gaps:
            console.print(Text(f"  {gap}"))
    if draft.unused or omitted:
        console.print(Text("\n没有写进去的事实：", style="bold yellow"))
        facts = {f.id: f for f in draft.sheet.facts}
        for unused in draft.unused:
            console.print(Text(f"  {unused.fact_id} {facts[unused.fact_id].text}：{unused.reason}"))
        for finding in omitted:
            if finding.fact_id not in {u.fact_id for u in draft.unused}:
                console.print(Text(f"  {finding.explanation}"))


def print_record(draft: Draft) -> None:
    """The evidence record."""
    from kepudraft.export import records

    sys.stdout.write(records.render(draft))


def print_report(report: Report, text: str, sheet: FactSheet) -> None:
    """Findings, the doubtful ones first with line and sentence, then all figures."""
    console = _console()
    for finding in report.unfaithful:
        line = text.count("\n", 0, finding.span.start if finding.span else 0) + 1
        console.print(Text(f"第{line}行 {_VERDICTS[finding.verdict]}：{finding.explanation}", style="bold red"))
        console.print(Text(f"    …{_around(text, finding.span)}…"))
    _figures(console, report, text, sheet)
    for finding in report.findings:
        if finding.verdict is Verdict.OMITTED:
            console.print(Text(f"没有写进：{finding.explanation}", style="yellow"))
    for fault in report.form:
        where = f"第{text.count(chr(10), 0, fault.span.start) + 1}行 " if fault.span else ""
        name = "格式有误" if fault.severity is Severity.ERROR else "格式提醒"
        console.print(Text(f"{name}：{where}{fault.explanation}", style="red" if fault.severity is Severity.ERROR else "yellow"))


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
        console.print(Text(f"第{text.count(chr(10), 0, defect.span.start) + 1}行：{defect.message}", style="yellow"))


def print_sheet(sheet: FactSheet) -> None:
    """Unit, type, year and every fact with its place."""
    console = _console()
    console.print(Text(f"{sheet.unit}（{sheet.unit_type}），{sheet.year}年度", style="bold"))
    for remark in sheet.remarks:
        console.print(Text(f"注意：{remark}", style="yellow"))
    table = _table("编号", "事实", "状态", "上年", "来源")
    for f in sheet.facts:
        source = f"{'、'.join(f.inputs)}：{f.formula}" if f.formula else str(f.source)
        table.add_row(f.id, Text(f.text), _STATUS[f.status], Text(f.last), Text(source))
    console.print(table)
    own = [f for f in sheet.facts if not f.formula]
    console.print(f"共{len(own)}条事实，{sum(len(f.figures) for f in own)}个数字；另有{len(sheet.facts) - len(own)}个可算出的比较。")


def print_sheet_json(sheet: FactSheet) -> None:
    """The sheet as JSON."""
    from kepudraft.export.records import sheet_record

    write_json(sheet_record(sheet))


def print_exemplars(found: Sequence[Found]) -> None:
    """The exemplar passages found for each section."""
    console = _console()
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
    console.print(Text(f"已写出{'填好的例子' if example else '空白填报表'}：{path}"))
    console.print(Text(f"下一步：kepudraft draft {path} -o 总结.docx"))


def write_json(value: object) -> None:
    """Print a value as indented JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
