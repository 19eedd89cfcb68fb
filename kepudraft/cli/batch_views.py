"""What the person sees of a batch: a progress display on a terminal, plain lines anywhere else, and what came of it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from kepudraft.batch.journal import Journal
from kepudraft.batch.overview import INDEX, SUMMARY
from kepudraft.batch.run import Progress
from kepudraft.batch.unit import UnitResult
from kepudraft.export.atomic import shown as printable

if TYPE_CHECKING:
    from kepudraft.batch.estimate import Estimate
    from kepudraft.batch.rollup import RollUp
    from kepudraft.batch.run import BatchOptions

_LINE_EVERY_S = 5.0
_BAR = 30
_LISTED = 20


def notice(text: str) -> None:
    """Something that was passed over."""
    print(f"注意：{printable(text)}", file=sys.stderr)


class Shown:
    """The progress of a run, on standard error."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._live = Live(console=self._console, refresh_per_second=8, transient=True) if self._console.is_terminal else None
        self._next = time.monotonic() + _LINE_EVERY_S

    def __enter__(self) -> Shown:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Show where the run stands."""
        if self._live:
            self._live.update(_display(progress))
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + _LINE_EVERY_S
            print(_line(progress), file=sys.stderr, flush=True)

    def notice(self, text: str) -> None:
        """Something that was passed over."""
        if self._live:
            self._console.print(Text(f"注意：{printable(text)}", style="yellow"), soft_wrap=True)
        else:
            notice(text)


def print_end(progress: Progress, out: Path) -> None:
    """Counts, what failed with its remedy, and where the results are."""
    console = Console(stderr=False, highlight=False)
    parts = [f"完成{progress.done + progress.before}个"]
    parts += [f"其中这次{progress.done}个"] if progress.before else []
    parts += [f"{progress.attention}个需要人看"] if progress.attention else []
    parts += [f"失败{progress.failed}个"] if progress.failed else []
    parts += [f"重复{progress.same}个"] if progress.same else []
    parts += [f"还有{progress.waiting}个没做"] if progress.waiting else []
    console.print(Text(f"共{progress.total}个单位：" + "，".join(parts)), soft_wrap=True)
    if progress.requests:
        console.print(Text(f"请求{progress.requests}次，累计词元{progress.tokens}，累计费用{progress.cost:.4f}元"), soft_wrap=True)
    if progress.stopped:
        console.print(Text(f"{progress.stopped}。再运行一次会接着做", style="yellow"), soft_wrap=True)
    with Journal(out, reading=True) as journal:
        _list(console, journal)
    console.print(Text(f"总览：{out / INDEX}；明细：{out / SUMMARY}"), soft_wrap=True)


def _list(console: Console, journal: Journal) -> None:
    """Units that failed or need a person, the first of each kind."""
    failed = attention = 0
    for entry in journal.entries():
        r = UnitResult.of_record(entry.result)
        name = printable(r.unit or entry.name)
        if entry.state == "failed":
            failed += 1
            if failed <= _LISTED:
                where = f"{r.place}：" if r.place else ""
                told = printable(f"失败 {name}：{where}{r.error}" + (f"。{r.remedy}" if r.remedy else ""))
                console.print(Text(told, style="red"), soft_wrap=True)
        elif entry.state == "done" and r.attention:
            attention += 1
            if attention <= _LISTED:
                gaps = "待补充 " + "；".join(r.gaps) if r.gaps else f"{r.figures - r.faithful}处数字没有依据"
                console.print(Text(printable(f"需要人看 {name}：{gaps}"), style="yellow"), soft_wrap=True)
    for n, what in ((failed, "失败"), (attention, "需要人看")):
        if n > _LISTED:
            console.print(Text(f"……还有{n - _LISTED}个{what}的，见 {SUMMARY}"), soft_wrap=True)
    if failed:
        console.print(Text("改好后加 --only-failed 再运行一次，只做失败的单位"), soft_wrap=True)


def print_plan(journal: Journal, waiting: int, told: Estimate | None, options: BatchOptions, *, short: bool) -> None:
    """What a run would do and cost."""
    console = Console(stderr=short, highlight=False)
    total, same = journal.counts()
    spent = journal.spent()
    console.print(Text(f"共{total}个单位，要起草{waiting}个，已完成{total - same - waiting}个" + (f"，重复{same}个" if same else "")), soft_wrap=True)
    if told is not None:
        price = options.price
        dated = f"（价格{price.as_of}，请向服务商核对）" if price and price.as_of else ""
        charged = f"约{told.cost:.2f}元{dated}" if told.cost is not None else "价格不明，可用 --price 给出"
        cost = "不花钱" if price is not None and price.free else charged
        console.print(Text(
            f"估计请求{told.requests}次，读入{told.usage.prompt}、写出{told.usage.completion}词元，{cost}（按{told.sampled}个单位推算，含返工）"
        ), soft_wrap=True)
    if spent.answers:
        console.print(Text(f"这个文件夹已用{spent.usage.total}词元、{spent.cost:.4f}元"), soft_wrap=True)
    if options.max_cost is not None:
        console.print(Text(f"预算{options.max_cost:g}元，到了就停"), soft_wrap=True)
    if short:
        return
    for n, entry in enumerate(journal.entries()):
        if n == _LISTED:
            console.print(Text(f"……共{total}个"))
            break
        console.print(Text(printable(f"{entry.seq:>4} {entry.name}（{entry.place}）→ {entry.stem}")), soft_wrap=True)


def print_rollup(made: RollUp, out: Path) -> None:
    """What was added up, and what must be looked at before anyone trusts it."""
    console = Console(highlight=False)
    console.print(Text(f"汇总{made.units}个单位，{made.totals}项合计，写入 {out}"), soft_wrap=True)
    kinds: dict[str, list[str]] = {}
    for finding in made.findings:
        kinds.setdefault(finding.kind.value, []).append(finding.told)
    for kind, told in kinds.items():
        console.print(Text(f"{kind}（{len(told)}处）", style="bold"), soft_wrap=True)
        for text in told[:_LISTED]:
            console.print(Text(f"  {printable(text)}"), soft_wrap=True)
        if len(told) > _LISTED:
            console.print(Text(f"  ……还有{len(told) - _LISTED}处，见“需要核对”表"))
    if made.failed:
        console.print(Text(f"{made.failed}个单位没有读成，没有算在内", style="red"), soft_wrap=True)
    console.print(Text(f"核对后起草：kepudraft draft {out} -o 总结.docx"), soft_wrap=True)


def _display(p: Progress) -> Any:  # noqa: ANN401 - a rich renderable
    finished = p.before + p.done + p.failed + p.same
    share = finished / p.total if p.total else 1.0
    filled = int(share * _BAR)
    grid = Table.grid(padding=(0, 2))
    grid.add_row(Text("█" * filled + "░" * (_BAR - filled) + f" {share:.0%}"), Text(f"{finished}/{p.total}"))
    counts = f"完成 {p.before + p.done}  失败 {p.failed}  在做 {p.active}  等待 {p.waiting}"
    grid.add_row(Text(counts), Text(f"还需 {_duration(p.seconds_left)}"))
    if p.requests or p.in_flight:
        grid.add_row(Text(f"请求 {p.requests}（在途 {p.in_flight}）  词元 {p.tokens}"), Text(f"费用 {p.cost:.4f}元"))
    if p.stopped:
        grid.add_row(Text(f"{p.stopped}，正在收尾" + ("；再按一次 Ctrl-C 立即停下" if p.interrupted else ""), style="yellow"))
    return grid


def _line(p: Progress) -> str:
    spent = f"，请求{p.requests}，词元{p.tokens}，费用{p.cost:.4f}元" if p.requests else ""
    return (
        f"完成{p.before + p.done}/{p.total}，失败{p.failed}，在做{p.active}，等待{p.waiting}{spent}，还需{_duration(p.seconds_left)}"
    )


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "…"
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}时{minutes:02d}分" if hours else f"{minutes}分{rest:02d}秒"
