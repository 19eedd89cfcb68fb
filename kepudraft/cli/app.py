"""Arguments -> one library call -> view -> exit code.

Exit codes: 0 done and faithful, 2 input or setup, 3 model, 4 written but something needs a person, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from kepudraft.cli import batch, corpus, doctor, judging, session
from kepudraft.cli.arguments import Facts, Json, Type, Unit, Year, sheet_from, today
from kepudraft.cli.chinese import ChineseCommand, ChineseGroup, bare_help, usage_error
from kepudraft.cli.earlier import (
    LastYear,
    print_proposals,
    print_taken_over,
    proposed,
    read_last_years,
    taken_over,
    with_last_year,
    write_proposals,
)
from kepudraft.cli.lending import drafted
from kepudraft.cli.modelling import BaseUrl, Exemplars, KeyEnv, ModelChoice, ModelName, NoConstrain, Shown
from kepudraft.errors import InputError, KepudraftError, os_reason
from kepudraft.genre import UnitType

app = typer.Typer(
    cls=ChineseGroup, rich_markup_mode=None, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="科普工作总结起草：读入一年的事实，写出年度总结，并逐个核对数字。\n\n不需要模型和网络。",
    epilog="退出码：0 完成且数字都有依据；2 输入或安装有误；3 模型服务出错；4 已写出，但有需要人处理的地方；130 被中断。",
)

app.add_typer(corpus.app, name="corpus")
_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line; never returns."""
    _speak_chinese()
    try:
        code = app(standalone_mode=False, prog_name="kepudraft")
        if sys.stdout is not None:
            sys.stdout.flush()  # what cannot be written must be known here, not at exit
    except KepudraftError as error:
        _say(str(error))
        code = error.exit_code
    except TyperException as error:
        print(bare_help(error) or f"kepudraft：{usage_error(error)}", file=sys.stderr)
        code = 2
    except (BrokenPipeError, SystemExit):  # typer turns a closed pipe into sys.exit(1), and nothing else
        code = _piped_away()
    except OSError as error:
        if error.filename is not None:  # a file, which the command should have told of: a bug keeps its traceback
            raise
        _say(f"结果显示不了（{os_reason(error)}）。请检查输出重定向到的文件或磁盘")
        code = _piped_away() or 2
    if code == _INTERRUPTED:  # typer turns Ctrl-C into this exit code
        _say("已中断")
    sys.exit(code if isinstance(code, int) else 0)


def _speak_chinese() -> None:
    """Under LANG=C, or with a name that is no text, print what can be printed instead of failing in mid-sentence."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            try:
                "科普".encode(stream.encoding)
                stream.reconfigure(errors="replace")
            except UnicodeEncodeError:
                stream.reconfigure(encoding="utf-8", errors="replace")


def _piped_away() -> int:
    """Nobody reads on (`| head`): let nothing more be written, at exit neither."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


@app.command(cls=ChineseCommand, help="起草：读入事实，写出总结（Word、Markdown、文本），核对页（HTML）和依据（JSON）。")
def draft(
    facts: Facts,
    more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    out: Annotated[list[str] | None, typer.Option("-o", "--out", metavar="文件",
                   help="写到哪里，可写多个：-o 总结.docx -o 核对.html，或 -o '总结.{docx,md,html,json}'；不写则显示在屏幕上")] = None,
    unit: Unit = None, unit_type: Type = None, year: Year = None,
    date: Annotated[str | None, typer.Option("--date", metavar="日期", help="成文日期，如 2026-01-06；不写则用今天，none 为留空待补")] = None,
    length: Annotated[int | None, typer.Option("--length", metavar="字数", min=200, max=20000, help="全文目标字数")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="数", help="换一种措辞（同一数字结果相同）")] = 0,
    style: Annotated[int, typer.Option("--style", metavar="数", min=0, max=9, help="标题样式：0 对句，1 短句，2 平实")] = 0,
    show_exemplars: Annotated[bool, typer.Option("--show-exemplars", help="显示每部分找到的范文段落")] = False,
    with_table: Annotated[bool, typer.Option("--with-table", help="在 Word 文件后面附数据核对表，供核对人签字")] = False,
    model: ModelName = None, base_url: BaseUrl = None, key_env: KeyEnv = None,
    figures: Shown = "shown", no_constrain: NoConstrain = False, exemplars: Exemplars = None,
    last_year: LastYear = None, as_json: Json = False,
) -> int:
    """Draft one unit's summary."""
    from kepudraft.cli import views
    from kepudraft.compose.with_model import Figures
    from kepudraft.export import write
    from kepudraft.pipeline import Drafter

    targets = _targets([*(out or []), *(more or [])], facts, given=bool(out))
    given = read_last_years(last_year)
    sheet = with_last_year(sheet_from(facts, unit, unit_type, year, date), given)
    show_exemplars = show_exemplars and not as_json
    choice = ModelChoice(model, base_url, key_env)
    writer = choice.open()
    drafter = Drafter(
        target_chars=length, seed=seed, style=style, model=writer, figures=Figures(figures), constrain=not no_constrain
    )
    lends = writer is not None and choice.sees_exemplars(exemplars)
    wanted = show_exemplars or any(t.suffix.lower() == ".html" for t in targets)
    lent = drafted(
        drafter, sheet, _searcher, shown=wanted, lends=lends, asked=show_exemplars or bool(exemplars), say=_say,
        watch=views.progress(writer.name) if writer is not None else None,
    )
    made = lent.draft
    replaced = [path for path in targets if path.exists()]
    written = write(made, targets, exemplars=lent.excerpts, with_table=with_table) if targets else ()
    if as_json:
        views.print_record(made)
    else:
        views.print_draft(made, written, replaced)
        views.print_exemplars(lent.found if show_exemplars else (), stderr=not written)
        if writer is not None:
            views.print_origins(made, stderr=not written)
        print_taken_over(taken_over(made.text, made.sheet, given), stderr=not written)
    if length:
        views.print_length(made, length)
    return 4 if made.gaps or made.notices or not made.report.ok else 0


app.command("session", cls=ChineseCommand, help="一问一答地起草：随时存盘，可改可退，最后导出 Word。")(session.session)
app.command("check", cls=ChineseCommand, help="核对：逐个检查一篇文字里的数字有没有事实依据，并检查格式。")(judging.check)
app.command("doctor", cls=ChineseCommand, help="检查安装：依赖包、文件夹、索引、字体、模型服务，并说明怎么办。")(doctor.doctor)
app.command("scan", cls=ChineseCommand, help="列出一篇文字里的全部数字。")(judging.scan)


app.command("batch", cls=ChineseCommand, help="成批起草：多个单位一次做完，中断后接着做，一个单位出错不影响其他单位。")(batch.batch)
app.command("rollup", cls=ChineseCommand, help="汇总：把各单位的指标加成一张事实表，并指出相加前要核对的地方。")(batch.rollup)


@app.command(cls=ChineseCommand, help="查看读懂了哪些事实，每条从文件的哪里来。")
def facts(
    facts: Facts, unit: Unit = None, unit_type: Type = None, year: Year = None, last_year: LastYear = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="文件", help="把上年总结里的数字写成确认表（.xlsx），确认后起草时采用")] = None,
    as_json: Json = False,
) -> int:
    """Show what was understood of a fact file, and what last year's summary proposes for it."""
    from kepudraft.cli import views
    from kepudraft.facts.derive import with_derived

    given = read_last_years(last_year)
    own = sheet_from(facts, unit, unit_type, year, "none")
    sheet = with_derived(with_last_year(own, given, tell_proposals=False))
    found = proposed(own, given)
    if out is not None:
        write_proposals(found, out, facts=facts, given=given)
    if as_json:
        views.print_sheet_json(sheet)
        return 0
    views.print_sheet(sheet)
    if given.texts:
        print_proposals(found, out)
    return 0


@app.command(cls=ChineseCommand, help="生成空白填报表：按单位类型列出指标（.xlsx 或 .yaml）。")
def init(
    unit_type: Annotated[UnitType, typer.Option("--unit-type", metavar="类型", help="单位类型：" + " ".join(UnitType))],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="文件", help="写到哪里：.xlsx 或 .yaml")] = Path("事实.xlsx"),
    unit: Unit = None, year: Year = None,
    example: Annotated[bool, typer.Option("--example", help="填好一个虚构单位的例子，供试用")] = False,
    force: Annotated[bool, typer.Option("--force", help="文件已存在时覆盖")] = False,
) -> int:
    """Write an intake form."""
    from kepudraft.cli import views
    from kepudraft.export.atomic import write_all
    from kepudraft.facts.intake import workbook, yaml_form

    if out.is_file() and not force:
        raise InputError("文件已存在，没有覆盖", place=str(out), remedy="请换一个文件名，或加 --force")
    made_for = year or today()[0]
    if out.suffix.lower() == ".xlsx":
        content = workbook(unit_type, year=made_for, unit=unit or "", filled=example)
    elif out.suffix.lower() in (".yaml", ".yml"):
        content = yaml_form(unit_type, year=made_for, unit=unit or "", filled=example).encode()
    else:
        wrong = f"不能写 {out.suffix} 文件" if out.suffix else "文件名没有后缀，不知道写成哪种格式"
        raise InputError(wrong, place=str(out), remedy="可用：.xlsx .yaml")
    write_all({out: content})
    views.print_form_written(out, example)
    return 0


@app.command(cls=ChineseCommand, help="在范文里查找相近的段落。")
def search(
    query: Annotated[str, typer.Argument(metavar="查询", help="要找的内容，如 “科普大篷车进校园”")],
    role: Annotated[str | None, typer.Option("--role", metavar="部分", help="只在某一部分里找，如 主要活动、存在问题")] = None,
    unit_type: Type = None,
    k: Annotated[int, typer.Option("-k", metavar="数", min=1, max=50, help="显示几段")] = 5,
    as_json: Json = False,
) -> int:
    """Search the exemplars."""
    from kepudraft.cli import views

    hits = _searcher().search(query, role=_role(role), unit_type=unit_type, k=k)
    views.print_hits_json(hits) if as_json else views.print_hits(hits)
    return 0


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="显示版本")] = False) -> None:
    if version:
        from kepudraft._version import __version__

        typer.echo(f"kepudraft {__version__}")
        raise typer.Exit


def _targets(names: list[str], facts: str, *, given: bool) -> list[Path]:
    """Paths to write; {docx,md} is opened here for shells that do not.

    Raises:
        InputError: A target is a folder, or the file of facts, which the draft would replace.
    """
    if names and not given:
        raise InputError(f"多余的参数“{names[0]}”", remedy="输出文件请写在 -o 后面")
    opened: list[str] = []
    for name in names:
        head, brace, rest = name.partition("{")
        inner, closed, tail = rest.partition("}")
        opened += [head + choice + tail for choice in inner.split(",")] if brace and closed else [name]
    targets = [Path(name) for name in opened]
    for target in targets:
        if target.is_dir():
            raise InputError("这是一个文件夹", place=str(target), remedy=f"请在后面加上文件名，如 {target / '总结.docx'}")
        if facts != "-" and target.exists() and Path(facts).exists() and target.samefile(facts):
            raise InputError("这是事实文件，写出总结会把它盖掉", place=str(target), remedy="请换一个文件名")
    return targets


def _searcher() -> Any:  # noqa: ANN401 - the retriever's module loads only where it is asked for
    from kepudraft.retrieval import open_retriever
    from kepudraft.settings import load_settings

    settings = load_settings()
    return open_retriever(
        settings.corpus_dir, cache=settings.cache_dir, user_corpus=settings.user_corpus_dir, encoder=settings.encoder, notify=_say
    )


def _role(name: str | None) -> Any:  # noqa: ANN401
    from kepudraft.genre import Role, load_genre
    from kepudraft.settings import load_settings

    if name is None:
        return None
    genre = load_genre(load_settings().corpus_dir)
    for role in Role:
        if name in (role.value, genre.roles[role].title) or name in genre.roles[role].labels:
            return role
    titles = "、".join(form.title for form in genre.roles.values())
    raise InputError(f"没有“{name}”这一部分", place="--role", remedy=f"可用：{titles}")


def _say(message: str) -> None:
    print(f"kepudraft：{message}", file=sys.stderr)
