"""`kepudraft corpus`: other people's summaries taken into the user's own corpus, listed, shown, checked and removed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kepudraft.cli.chinese import ChineseCommand, ChineseGroup
from kepudraft.errors import InputError
from kepudraft.genre import UnitType

app = typer.Typer(
    cls=ChineseGroup, rich_markup_mode=None, no_args_is_help=True,
    help="自己的范文：把本单位往年的和兄弟单位的总结收进来，起草时一起检索。",
)

Files = Annotated[list[Path], typer.Argument(metavar="文件…", help="总结（txt md docx html pdf）或放总结的文件夹；一个文件里可以有多篇")]
Ids = Annotated[list[str], typer.Argument(metavar="编号…", help="范文编号，见 corpus list")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")]
Strict = Annotated[bool, typer.Option("--strict", help="不收有严重缺陷的篇目（别的行业、机器换词、内容缺失、被截断）")]


@app.command(cls=ChineseCommand, help="收入总结：清洗、分篇、分段、标注，指出缺陷，并编入索引。重复收入不会有第二份。")
def add(
    files: Files, strict: Strict = False, as_json: Json = False,
    unit_type: Annotated[UnitType | None, typer.Option("--unit-type", metavar="类型", help="这些总结都是哪类单位的")] = None,
    year: Annotated[int | None, typer.Option("--year", metavar="年", min=1990, max=2100, help="这些总结都是哪一年的")] = None,
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="拿不准的标注是否在终端里询问")] = True,
) -> int:
    """Take files into the user's corpus."""
    from kepudraft.cli import corpus_views, taking

    said = taking.Said(unit_type=unit_type, year=year, strict=strict)
    asked = ask and not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    found = taking.named_files(files)
    with corpus_views.Progress(len(found), quiet=as_json) as shown:
        outcome = taking.add_files(found, said, shown, ask=corpus_views.ask if asked else None)
    corpus_views.print_added_json(outcome) if as_json else corpus_views.print_added(outcome)
    if outcome.interrupted:
        raise KeyboardInterrupt
    return 2 if outcome.failed else 0


@app.command("list", cls=ChineseCommand, help="列出自己的范文。")
def list_(as_json: Json = False) -> int:
    """List the user's exemplars."""
    from kepudraft.cli import corpus_views

    records = list(_corpus().records())
    corpus_views.print_json(records) if as_json else corpus_views.print_list(records)
    return 0


@app.command(cls=ChineseCommand, help="显示一篇范文：标注、缺陷和正文。")
def show(name: Annotated[str, typer.Argument(metavar="编号", help="范文编号，见 corpus list")], as_json: Json = False) -> int:
    """Show one exemplar of the user."""
    from kepudraft.cli import corpus_views

    corpus = _corpus()
    text, record = corpus.text(name), corpus.record(name) or {"id": name}
    corpus_views.print_json({**record, "text": text}) if as_json else corpus_views.print_one(record, text)
    return 0


@app.command(cls=ChineseCommand, help="移除范文，索引随之更新。")
def remove(names: Ids, as_json: Json = False) -> int:
    """Remove exemplars of the user."""
    from kepudraft.cli import corpus_views, taking

    corpus = _corpus()
    missing = sorted(set(names) - set(corpus.ids()))
    if missing:
        raise InputError("没有这篇范文", place="、".join(missing), remedy="编号可用 kepudraft corpus list 查看")
    removed = [name for name in dict.fromkeys(names) if corpus.remove(name)]
    taking.refresh_index(None)
    corpus_views.print_json({"removed": removed}) if as_json else corpus_views.print_removed(removed)
    return 0


@app.command(cls=ChineseCommand, help="检查：给出文件时只看不收，指出缺陷和拿不准的标注；不给文件时检查自己的范文。")
def check(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[文件…]", help="总结（txt md docx html pdf）或文件夹")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="只有严重缺陷才算有问题")] = False, as_json: Json = False,
) -> int:
    """Check files, or the user's corpus, without changing anything."""
    from kepudraft.cli import corpus_views, taking

    if not files:
        faults = taking.corpus_faults(_corpus())
        corpus_views.print_json(faults) if as_json else corpus_views.print_faults(faults)
        return 2 if faults else 0
    found = taking.named_files(files)
    with corpus_views.Progress(len(found), quiet=as_json) as shown:
        outcome = taking.read_files(found, shown)
    corpus_views.print_checked_json(outcome) if as_json else corpus_views.print_checked(outcome)
    if outcome.failed:
        return 2
    return 4 if any(one.severe if strict else one.defects for intake in outcome.intakes for one in intake.taken) else 0


def _corpus() -> Any:  # noqa: ANN401 - loads where it is used
    from kepudraft.ingest.store import UserCorpus
    from kepudraft.settings import load_settings

    return UserCorpus(load_settings().user_corpus_dir)
