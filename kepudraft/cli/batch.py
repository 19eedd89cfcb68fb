"""`kepudraft batch` and `kepudraft rollup`: arguments -> one library call -> view -> exit code."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kepudraft.cli.arguments import Type, Year
from kepudraft.cli.modelling import BaseUrl, KeyEnv, ModelName, Shown
from kepudraft.errors import InputError
from kepudraft.llm import names_file

if TYPE_CHECKING:
    # Loaded where a batch is run: the help must not wait for it.
    from kepudraft.batch import BatchOptions

Input = Annotated[str, typer.Argument(metavar="输入", help="事实文件的文件夹；xlsx（一行或一表一个单位）；csv、jsonl；“-”为标准输入")]
Out = Annotated[Path, typer.Option("-o", "--out", metavar="文件夹", help="写到哪个文件夹；再次运行会接着做")]
Formats = Annotated[str, typer.Option("--formats", metavar="格式", help="每个单位写哪些文件，如 docx,md,json")]
Price3 = Annotated[str | None, typer.Option("--price", metavar="元", help="每百万词元的价格：读入,写出 或 读入,缓存读入,写出；不写则查价格表")]


def batch(
    source: Input, out: Out, formats: Formats = "docx,md,json", unit_type: Type = None, year: Year = None,
    date: Annotated[str | None, typer.Option("--date", metavar="日期", help="成文日期；不写则用第一次运行的日期，none 为留空待补")] = None,
    length: Annotated[int | None, typer.Option("--length", metavar="字数", min=200, max=20000, help="每篇目标字数")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="数", help="换一种措辞")] = 0,
    style: Annotated[int, typer.Option("--style", metavar="数", min=0, max=9, help="标题样式：0 对句，1 短句，2 平实")] = 0,
    model: ModelName = None, base_url: BaseUrl = None, key_env: KeyEnv = None, figures: Shown = "shown",
    workers: Annotated[int | None, typer.Option("--workers", metavar="数", min=0, max=256, help="用几个进程；不写则每核一个")] = None,
    in_flight: Annotated[int, typer.Option("--in-flight", metavar="数", min=1, max=1000, help="同时最多几个请求")] = 16,
    rpm: Annotated[int | None, typer.Option("--rpm", metavar="数", min=1, help="每分钟最多几个请求")] = None,
    tpm: Annotated[int | None, typer.Option("--tpm", metavar="数", min=1, help="每分钟最多多少词元")] = None,
    budget: Annotated[str | None, typer.Option("--budget", metavar="金额", help="最多花多少，如 50元；到了就停，再次运行时已花的也算")] = None,
    max_tokens: Annotated[int | None, typer.Option("--max-tokens", metavar="数", min=1, help="最多用多少词元")] = None,
    price: Price3 = None,
    only_failed: Annotated[bool, typer.Option("--only-failed", help="只重做上次失败的单位")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只显示要做什么、估计花多少，不起草")] = False,
    engine: Annotated[str, typer.Option("--engine", metavar="引擎", help="local 本机，ray 集群")] = "local",
    ray_address: Annotated[str, typer.Option("--ray-address", metavar="地址", help="Ray 集群的地址，auto 为本机已启动的集群")] = "auto",
    provider_batch: Annotated[bool, typer.Option("--provider-batch", help="用服务商的批量接口（多为半价，几小时内返回）")] = False,
) -> int:
    """Draft many units."""
    from kepudraft.batch import run_batch
    from kepudraft.batch.inputs import given_units
    from kepudraft.cli import batch_views as views

    options = _options(formats, unit_type, year, date, length, seed, style)
    options = replace(options, workers=workers, only_failed=only_failed, max_tokens=max_tokens, figures=figures)
    options = _with_model(options, (model, base_url, key_env), (in_flight, rpm, tpm), (budget, price), folder=out if provider_batch else None)
    stdin = sys.stdin.buffer if source == "-" and sys.stdin is not None else None
    if dry_run:
        return _dry_run(given_units(source, stdin=stdin, notify=views.notice), out, options)
    if (options.source or options.model) and source != "-":  # standard input can be read once only
        _dry_run(given_units(source), out, options, short=True)
    with views.Shown() as shown:
        progress = run_batch(
            source, out, options, stdin=stdin, watch=shown, notify=shown.notice, engine=_engine(engine, ray_address, options)
        )
    views.print_end(progress, out)
    if progress.interrupted:
        raise KeyboardInterrupt
    if progress.stopped and "连不上" in progress.stopped:
        return 3
    return 4 if progress.failed or progress.attention or progress.stopped or _has_failed(out) else 0


def rollup(
    source: Annotated[str, typer.Argument(metavar="输入", help="kepudraft batch 的输出文件夹，或各单位的事实（同 batch 的输入）")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="文件", help="汇总表写到哪里（.xlsx）")],
    unit: Annotated[str, typer.Option("--unit", metavar="名称", help="汇总单位的名称，如 江州市科学技术协会")],
    unit_type: Type = None, year: Year = None,
    force: Annotated[bool, typer.Option("--force", help="文件已存在时覆盖")] = False,
) -> int:
    """Add up the units' figures."""
    from kepudraft.batch.rollup import roll_up
    from kepudraft.cli import batch_views as views
    from kepudraft.export.atomic import write_all

    if out.suffix.lower() != ".xlsx":
        raise InputError("汇总表只能写成 .xlsx", place=str(out), remedy="请把文件名改成 .xlsx 结尾")
    if out.exists() and not force:
        raise InputError("文件已存在，没有覆盖", place=str(out), remedy="请换一个文件名，或加 --force")
    made = roll_up(source, unit=unit, unit_type=unit_type, year=year, notify=views.notice)
    write_all({out: made.workbook})
    views.print_rollup(made, out)
    return 4 if made.findings else 0


def _options(
    formats: str, unit_type: Any, year: int | None, date: str | None, length: int | None, seed: int, style: int  # noqa: ANN401
) -> BatchOptions:
    from kepudraft.batch import BatchOptions, DraftOptions
    from kepudraft.facts.read import parse_date

    suffixes = tuple(dict.fromkeys(f".{f.strip().lstrip('.').lower()}" for f in formats.split(",") if f.strip()))
    day = None if date in (None, "none") else parse_date(date or "", "--date")
    draft = DraftOptions(suffixes, unit_type.value if unit_type else "", year, day, length, seed, style)
    return BatchOptions(draft=draft, dated=date != "none")


def _with_model(
    options: BatchOptions, named: tuple[str | None, str | None, str | None], limits: tuple[int, int | None, int | None],
    money: tuple[str | None, str | None], *, folder: Path | None,
) -> BatchOptions:
    from kepudraft.batch import Limits, parse_budget, price_of

    model, base_url, key_env = named
    if model is None and base_url is None:
        if any(money) or folder:
            raise InputError("没有给出模型，不会花钱", place="--budget/--price/--provider-batch", remedy="请同时给出 --model，或去掉这些选项")
        return options
    source = _source(model, base_url, key_env)
    opened = source.open()
    known = _price(money[1]) if money[1] else price_of(opened.name)
    cost = parse_budget(money[0]) if money[0] else None
    if cost is not None and known is None:
        raise InputError(f"不知道模型 {model} 的价格，没法控制预算", place="--budget", remedy="请用 --price 给出每百万词元的价格，如 --price 2,8")
    # Two units a request in flight: while one is being judged, another has something to ask.
    options = replace(
        options, source=source, limits=Limits(*limits), price=known, max_cost=cost, places=max(64, 2 * limits[0]), exemplars=True
    )
    if names_file(model) and not base_url:
        # One model in this process: a second one has no memory. A small one writes better without exemplars (`eval draft`).
        return replace(options, source=None, model=opened, places=2, limits=Limits(1), exemplars=False)
    if folder is not None:
        from kepudraft.batch.provider_batch import open_provider_batch
        from kepudraft.cli.batch_views import notice

        return replace(options, model=open_provider_batch(source, folder, notice), places=10_000, limits=Limits(100_000))
    return options


def _source(model: str | None, base_url: str | None, key_env: str | None) -> Any:  # noqa: ANN401
    from kepudraft.batch import ModelSource

    # One try each: waiting and asking again is the batch's own business, since a 429 concerns all units.
    return ModelSource("kepudraft.llm:open_model", {"name": model or "", "base_url": base_url or "", "key_env": key_env or "", "tries": 1})


def _price(text: str) -> Any:  # noqa: ANN401
    from kepudraft.batch import Price

    try:
        values = [float(v) for v in text.replace("，", ",").split(",")]
    except ValueError:
        values = []
    if len(values) not in (2, 3) or min(values, default=-1) < 0:
        raise InputError(f"价格“{text[:20]}”看不懂", place="--price", remedy="请写成 读入,写出，如 --price 2,8")
    return Price(values[0], values[-2], values[-1])


def _dry_run(units: Any, out: Path, options: BatchOptions, *, short: bool = False) -> int:  # noqa: ANN401
    """Plan into the journal where there is one, else into a folder that goes away; nothing is drafted."""
    from kepudraft.batch.estimate import estimate
    from kepudraft.batch.journal import NAME, Journal
    from kepudraft.batch.run import opened, plan_units, settled, shop_of
    from kepudraft.cli import batch_views as views

    with tempfile.TemporaryDirectory() as scratch:
        folder = out if (out / NAME).is_file() else Path(scratch)
        with Journal(folder) as journal:
            fixed = settled(options, journal)
            plan_units(journal, units, fixed)
            numbers = journal.waiting(suffixes=fixed.draft.formats, only_failed=fixed.only_failed)
            model = opened(fixed)
            told = estimate(journal, numbers, shop_of(out, fixed), model, fixed.price) if model else None
            views.print_plan(journal, len(numbers), told, fixed, short=short)
    return 0


def _engine(name: str, address: str, options: BatchOptions) -> Any:  # noqa: ANN401
    if name == "local":
        return None
    if name != "ray":
        raise InputError(f"没有引擎“{name}”", place="--engine", remedy="可用：local ray")
    if options.source or options.model:
        raise InputError("Ray 集群上只做不用模型的起草", place="--engine ray", remedy="用模型时瓶颈在接口，请用 local；或去掉 --model")
    from kepudraft.batch.ray import ray_engine

    return ray_engine(address)


def _has_failed(out: Path) -> bool:
    from kepudraft.batch.journal import Journal

    with Journal(out, reading=True) as journal:
        return next(journal.entries("failed"), None) is not None
