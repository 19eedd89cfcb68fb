"""`kepudraft session`: the drafting session at a terminal, or fed from a pipe."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from kepudraft.cli.arguments import Type, Unit, Year

_FOLDER = Path("kepudraft-session")
_NEW = ("新", "新的", "重新开始", "new", "n")

FactFile = Annotated[str | None, typer.Argument(metavar="[事实文件]", help="事实文件；不写则一问一答")]


def session(
    facts: FactFile = None, unit: Unit = None, unit_type: Type = None, year: Year = None,
    resume: Annotated[bool, typer.Option("--resume", help="接着上次写（被强行关掉也接得上）")] = False,
    folder: Annotated[Path, typer.Option("--folder", metavar="文件夹", help="会话存在哪里")] = _FOLDER,
    last_year: Annotated[str | None, typer.Option("--last-year", metavar="文件", help="上年的事实或总结，提问时给出上年数")] = None,
    model: Annotated[str | None, typer.Option("--model", metavar="名称", help="用哪个模型写（服务:模型 或 .gguf 文件）；不写则照设置")] = None,
) -> int:
    """Run an interactive drafting session."""
    from kepudraft.cli.typed import open_typed
    from kepudraft.errors import SessionError
    from kepudraft.facts.read import read_material
    from kepudraft.session.commands import names
    from kepudraft.session.log import open_log
    from kepudraft.session.machine import Session
    from kepudraft.session.opening import Opening
    from kepudraft.settings import load_settings

    if resume and not (folder / "events.jsonl").exists():
        raise SessionError("这里没有可以接着写的会话", place=str(folder), remedy="去掉 --resume 新开一份，或用 --folder 指明在哪里")
    if facts:
        read_material(Path(facts))  # a wrong name is told before anything is begun
    with open_log(folder) as log:
        typed = open_typed(folder / "history", names())
        if not (log.is_new or resume) and not _goes_on(log, typed):
            print(f"旧会话改名保留在 {log.start_over()}")
        opening = Opening(facts or "", unit or "", unit_type, year, last_year or "", load_settings().model if model is None else model)
        at = Session(log, _screen(), _tools())
        at.begin(opening)
        _warm()
        _converse(at, typed)
    print(f"已存盘。接着写：kepudraft session --resume{'' if folder == _FOLDER else f' --folder {folder}'}")
    return 0


def _converse(at: Any, typed: Any) -> None:  # noqa: ANN401 - loaded where they are used
    going = True
    while going:
        try:
            line = typed.line(at.prompt)
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print("没有退出。刚才输入的按 ↑ 找回；要退出请按 Ctrl-D。")
            continue
        going = at.take(line)


def _warm() -> None:
    """Load what the first answer needs while the person reads the first question."""
    _example()


def _example() -> Any:  # noqa: ANN401
    from kepudraft.facts.read import Heading, read_facts_from_bytes
    from kepudraft.genre import UnitType
    from kepudraft.pipeline import Drafter

    heading = Heading("示例社区", UnitType.COMMUNITY, 2025)
    return Drafter().draft(read_facts_from_bytes("讲座24场（上年20场）\n问题：场地小\n明年：讲座30场".encode(), heading=heading))


def _goes_on(log: Any, typed: Any) -> bool:  # noqa: ANN401
    """Ask whether to go on with the session that is there."""
    work = log.state.work
    print(f"这里有一份没做完的会话：{work.unit or '单位未定'}，{len(work.facts)}条事实，已写{len(work.sections)}部分。")
    print("回车接着写；输入 新 另开一份（旧的改名保留）。")
    try:
        return typed.line("接着写> ").strip().lower() not in _NEW
    except EOFError:
        return True


def _screen() -> Any:  # noqa: ANN401
    from rich.console import Console

    from kepudraft.session.screen import Screen

    class Piped(Console):
        """A console to which a closed pipe is the caller's business."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Screen(Piped(highlight=False, emoji=False, markup=False))


def _tools() -> Any:  # noqa: ANN401
    from kepudraft.cli.editor import edit
    from kepudraft.session.tools import Tools
    from kepudraft.settings import load_settings

    return Tools(open_model=_model, searcher=_Opening().result, edit=edit, settings=load_settings())


def _model(name: str) -> Any:  # noqa: ANN401
    """The model of a name; the address that is set holds for the model that is set, and for names without a service."""
    from kepudraft.llm import open_model
    from kepudraft.settings import load_settings

    settings = load_settings()
    is_set = name == settings.model or ":" not in name
    return open_model(
        name, base_url=settings.base_url if is_set else "", key_env=settings.api_key_env if is_set else "", cache=settings.cache_dir,
        presets=settings.presets_file,
    )


class _Opening:
    """The index of exemplars, opened while the person answers the first questions; then what only the end needs."""

    def __init__(self) -> None:
        self._found: Any = None
        self._why = ""
        self._opened = threading.Event()
        threading.Thread(target=self._load, daemon=True).start()

    def result(self) -> Any:  # noqa: ANN401
        """The searcher, None where it cannot be opened: a session goes on without exemplars, and says so."""
        self._opened.wait()
        if self._why:
            print(f"没有范文可参考：{self._why}")
        return self._found

    def _load(self) -> None:
        try:
            self._open()
        finally:
            self._opened.set()
        from kepudraft.export import docx
        from kepudraft.verify.review import review

        draft = _example()
        docx.render(draft)
        review(draft.text, draft.sheet)

    def _open(self) -> None:
        from kepudraft.errors import KepudraftError
        from kepudraft.retrieval import open_retriever
        from kepudraft.settings import load_settings

        settings = load_settings()
        try:
            self._found = open_retriever(
                settings.corpus_dir, cache=settings.cache_dir, user_corpus=settings.user_corpus_dir, encoder=settings.encoder
            )
        except KepudraftError as error:
            self._why = str(error)

