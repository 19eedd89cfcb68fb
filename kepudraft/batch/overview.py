"""What came of a batch, for a person: summary.xlsx with a row a unit, index.html with states, outliers and links.

Everything that a unit has written is untrusted: in the workbook no text can be a formula, in the page all is escaped, nothing
is loaded from anywhere, and no script runs.
"""

from __future__ import annotations

import html
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kepudraft.batch.journal import Entry, Journal
from kepudraft.batch.outliers import Outliers
from kepudraft.batch.unit import UnitResult
from kepudraft.export.atomic import shown, write_all, write_chunks

SUMMARY, INDEX = "summary.xlsx", "index.html"
STATES = {"done": "完成", "attention": "完成，需要人看", "failed": "失败", "waiting": "未起草", "started": "未做完", "same": "与别的单位相同"}
_HEADINGS = (
    "序号", "单位", "类型", "年度", "状态", "数字", "有依据", "事实", "已写入", "覆盖率", "待补充", "提示", "字数", "请求", "词元", "费用（元）",
    "秒", "问题", "在哪里", "怎么办", "文件", "输入",
)
_WIDTHS = (6, 30, 8, 7, 14, 7, 8, 7, 8, 8, 30, 30, 8, 7, 9, 11, 8, 40, 24, 40, 34, 24)
_MAX_CELL = 2000
_MAX_OUTLIERS = 200
_STYLE = """
body{font:15px/1.6 system-ui,"Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif;margin:2em auto;max-width:1200px;padding:0 1em;color:#222}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:1.8em}table{border-collapse:collapse;width:100%}
th,td{padding:.35em .6em;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}th{background:#f3f6f9;position:sticky;top:0}
td.n{text-align:right;font-variant-numeric:tabular-nums}.s{display:inline-block;padding:0 .5em;border-radius:.3em;white-space:nowrap}
.done{background:#e3f3e6}.attention{background:#fff3cd}.failed{background:#f9d9d6}.waiting,.started,.same{background:#eee}
.counts span{margin-right:1.5em}small{color:#555}a{color:#0b5ea8}
"""


def write_overview(journal: Journal, folder: Path) -> None:
    """Write both files, whole or not at all.

    Raises:
        ExportError: They cannot be written.
    """
    seen = _Seen()
    write_all({folder / SUMMARY: _workbook(seen.watched(journal.entries()))})
    write_chunks(folder / INDEX, (part.encode("utf-8", "replace") for part in _page(journal, seen)))


def state_of(entry: Entry, result: UnitResult) -> str:
    """A key of `STATES`."""
    return "attention" if entry.state == "done" and result.attention else entry.state


@dataclass
class _Seen:
    """What the page must know of all units before its first line: gathered while the workbook is filled."""

    counts: Counter[str] = field(default_factory=Counter)
    outliers: Outliers = field(default_factory=Outliers)

    def watched(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, UnitResult]]:
        """The entries with their results, passed on."""
        for entry in entries:
            result = UnitResult.of_record(entry.result)
            self.counts[state_of(entry, result)] += 1
            if entry.measures:
                self.outliers.learn(entry.measures, result.unit_type)
            yield entry, result


def _workbook(entries: Iterable[tuple[Entry, UnitResult]]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet("汇总")
    for n, width in enumerate(_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.freeze_panes = "C2"
    head = [WriteOnlyCell(sheet, value=name) for name in _HEADINGS]
    for cell in head:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDE8F0")
    sheet.append(head)
    for entry, result in entries:
        sheet.append([_cell(sheet, value, WriteOnlyCell) for value in _row(entry, result)])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_HEADINGS))}1"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _cell(sheet: Any, value: object, kind: Any) -> Any:  # noqa: ANN401 - openpyxl is untyped
    if not isinstance(value, str):
        return value
    cell = kind(sheet, value=shown(value)[:_MAX_CELL])
    cell.data_type = "s"  # «=1+1» is a text, whoever called his unit so
    return cell


def _row(entry: Entry, r: UnitResult) -> Sequence[object]:
    state = state_of(entry, r)
    if state == "same":
        return [entry.seq, entry.name, "", None, f"与第{entry.same_as}个单位相同，只起草一次", *[None] * 15, entry.stem, entry.place]
    files = "、".join(f"{entry.stem}{suffix}" for suffix in entry.files)
    done = state in ("done", "attention")
    numbers = (r.figures, r.faithful, r.facts, r.told, round(r.coverage, 4)) if done else (None,) * 5
    return [
        entry.seq, r.unit or entry.name, r.unit_type or entry.unit_type, r.year or None, STATES[state], *numbers,
        "；".join(r.gaps), "；".join(r.remarks), r.chars or None, r.requests or None, r.tokens or None, r.cost or None,
        round(r.seconds, 3) or None, r.error, r.place, r.remedy, files, entry.place,
    ]


def _page(journal: Journal, seen: _Seen) -> Iterator[str]:
    counts = seen.counts
    yield (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>批量起草总览</title>'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><h1>批量起草总览</h1>'
    )
    yield '<p class="counts">' + "".join(
        f'<span><b class="s {key}">{name}</b> {counts[key]}</span>' for key, name in STATES.items() if key in counts
    ) + f'</p><p><a href="{SUMMARY}">{SUMMARY}</a> 里每个单位一行，可以筛选。</p>'
    yield from _to_look_at(journal)
    yield from _outliers(journal, seen.outliers)
    yield "<h2>全部单位</h2><table><tr><th>序号<th>单位<th>状态<th>数字<th>有依据<th>覆盖率<th>字数<th>文件<th>说明</tr>"
    for entry in journal.entries():
        yield _unit_row(entry)
    yield "</table></body></html>\n"


def _to_look_at(journal: Journal) -> Iterator[str]:
    found = False
    for entry in journal.entries("failed"):
        r = UnitResult.of_record(entry.result)
        if not r.error:
            continue
        if not found:
            yield "<h2>没有起草成的单位</h2><table><tr><th>单位<th>问题<th>在哪里<th>怎么办</tr>"
            found = True
        yield f"<tr><td>{_text(r.unit or entry.name)}<td>{_text(r.error)}<td>{_text(r.place)}<td>{_text(r.remedy)}</tr>\n"
    if found:
        yield "</table><p>改好后加 <code>--only-failed</code> 再运行一次，只做这些单位。</p>"


def _outliers(journal: Journal, outliers: Outliers) -> Iterator[str]:
    shown_n = 0
    for entry in journal.entries():
        r = UnitResult.of_record(entry.result)
        for told in outliers.of(entry.measures, r.unit_type) if entry.measures else ():
            if not shown_n:
                yield "<h2>数值反常，请核对</h2><ul>"
            shown_n += 1
            if shown_n <= _MAX_OUTLIERS:
                yield f"<li>{_text(r.unit)}：{_text(told)}</li>\n"
    if shown_n:
        more = f"<p>还有{shown_n - _MAX_OUTLIERS}处没有列出。</p>" if shown_n > _MAX_OUTLIERS else ""
        yield f"</ul>{more}"


def _unit_row(entry: Entry) -> str:
    r = UnitResult.of_record(entry.result)
    state = state_of(entry, r)
    links = " ".join(f'<a href="{quote(entry.stem + suffix)}">{_text(suffix[1:])}</a>' for suffix in entry.files)
    if state == "same":
        links, told = "", f"与第{entry.same_as}个单位相同，只起草一次"
    else:
        told = r.error or ("待补充：" + "；".join(r.gaps) if r.gaps else "")
    done = state in ("done", "attention")
    numbers = (r.figures, r.faithful, f"{r.coverage:.0%}", r.chars) if done else ("", "", "", "")
    cells = "".join(f'<td class="n">{n}' for n in numbers)
    return (
        f'<tr><td class="n">{entry.seq}<td>{_text(r.unit or entry.name)}<td><span class="s {state}">{STATES[state]}</span>{cells}'
        f"<td>{links}<td><small>{_text(told)}</small></tr>\n"
    )


def _text(value: str) -> str:
    return html.escape(shown(value)[:_MAX_CELL])
