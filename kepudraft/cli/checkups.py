"""What `kepudraft doctor` looks at, one check a function. Each tries the thing itself, and says what to do about it."""

from __future__ import annotations

import asyncio
import importlib.metadata
import platform
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kepudraft.errors import BadCompletion, KepudraftError, ModelError, os_reason
from kepudraft.settings import Settings

if TYPE_CHECKING:
    # Each check loads what it needs, so that one that is broken spoils no other.
    from kepudraft.llm.local import LocalModel
    from kepudraft.llm.openai import OpenAIModel

    Opened = OpenAIModel | LocalModel

_FONTS = Path(__file__).with_name("fonts.toml")
_LISTED_S = 20.0
_ANSWER_S = 90.0
_SHOWN = 20
_TOKENS = 24
_GRAMMAR = 'root ::= "科普" | "科技"'
_ALLOWED = ("科普", "科技")
_LOCAL = "xllamacpp"


class State(StrEnum):
    """How a check ended; the value is what the person sees."""

    FINE = "正常"
    NOTE = "注意"  # it works, and there is something to know
    WRONG = "有误"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report.

    Attributes:
        what: What was looked at.
        state: How it is.
        said: What was found.
        remedy: What to do, or "".
        exit_code: Of the program, if it is wrong.
    """

    what: str
    state: State
    said: str
    remedy: str = ""
    exit_code: int = 2


def checked(what: str, check: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """The lines of one check; whatever fails in it becomes a line, and the next check runs."""
    try:
        yield from check()
    except KepudraftError as error:
        place = f"{error.place}：" if error.place else ""
        yield Check(what, State.WRONG, f"{place}{error.what}", error.remedy, error.exit_code)
    except Exception as error:  # a report on what is broken must not break; the text of a stranger's error may hold anything
        yield Check(what, State.WRONG, f"检查时出错（{type(error).__name__}）", "请重新安装：pip install --force-reinstall kepudraft")


def packages() -> Iterator[Check]:
    """Python, this package, and what it needs."""
    yield Check("Python", State.FINE, f"{platform.python_version()}（{platform.system()} {platform.machine()}）")
    try:
        needed = importlib.metadata.requires("kepudraft") or []
    except importlib.metadata.PackageNotFoundError:
        yield Check("安装", State.NOTE, "kepudraft 没有安装，是从源码运行的", "请在源码目录运行 make")
        return
    plain = (re.match(r"[A-Za-z0-9._-]+", entry) for entry in needed if "extra ==" not in entry)
    versions = {found[0]: _version(found[0]) for found in plain if found}
    missing = sorted(name for name, version in versions.items() if not version)
    if missing:
        yield Check("依赖包", State.WRONG, f"没有安装：{'、'.join(missing)}", f"请安装：pip install {' '.join(missing)}")
    yield Check("依赖包", State.FINE, "，".join(f"{name} {version}" for name, version in sorted(versions.items()) if version))
    local = _version(_LOCAL)
    yield Check("本地模型", State.FINE, f"{_LOCAL} {local}" if local else f"没有安装 {_LOCAL}，用 .gguf 模型文件时才需要")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def folders(settings: Settings) -> Iterator[Check]:
    """Folders that are written to."""
    kept = "请检查权限和磁盘，或在设置里换一个位置"
    yield _writable("缓存文件夹", settings.cache_dir, State.WRONG, kept)
    yield _writable("范文文件夹", settings.user_corpus_dir, State.WRONG, kept)
    yield _writable("当前文件夹", Path(), State.NOTE, "起草时请用 -o 写到别处")


def _writable(what: str, folder: Path, otherwise: State, remedy: str) -> Check:
    shown = "" if folder == Path() else f"{folder} "
    there = folder
    while not there.exists() and there != there.parent:  # it is made when it is needed
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        return Check(what, State.FINE, f"{shown}可以写入，剩余{shutil.disk_usage(there).free / 1e9:.1f}吉字节")
    except OSError as error:
        return Check(what, otherwise, f"{shown}不能写入（{os_reason(error)}）", remedy)


def encoder(settings: Settings) -> Iterator[Check]:
    """The model that finds exemplars."""
    from kepudraft.retrieval import open_encoder
    from kepudraft.retrieval.encode import Side

    begun = time.monotonic()
    opened = open_encoder(settings.encoder)
    opened.encode(["科普讲座"], side=Side.QUERY)
    yield Check("检索编码", State.FINE, f"{opened.id.name}，{opened.id.dim}维，{time.monotonic() - begun:.1f}秒")


def index(settings: Settings) -> Iterator[Check]:
    """The index over exemplars, by a search in it."""
    from kepudraft.retrieval import open_retriever

    told: list[str] = []
    retriever = open_retriever(
        settings.corpus_dir, cache=settings.cache_dir, user_corpus=settings.user_corpus_dir, encoder=settings.encoder, notify=told.append
    )
    hits = retriever.search("科普讲座", k=1)
    if not hits:
        yield Check("范文索引", State.WRONG, "一段范文也没有找到", "请重新安装，或检查设置里的 corpus_dir")
        return
    said = f"可以检索，最近的一段来自 {hits[0].excerpt.exemplar_id}"
    yield Check("范文索引", State.NOTE if told else State.FINE, "；".join([*told, said]))


def fonts() -> Iterator[Check]:
    """The fonts of an official document, where the system can list its own."""
    lister = shutil.which("fc-list")
    if lister is None:
        yield Check("公文字体", State.FINE, "本机没有 fc-list，查不了；Word 里能选到仿宋、楷体、黑体、方正小标宋就可以")
        return
    done = subprocess.run([lister, "--format", "%{family}\n"], capture_output=True, timeout=_LISTED_S, check=False)
    families = done.stdout.decode("utf-8", "replace").lower()
    there: list[str] = []
    missing: list[str] = []
    instead: list[str] = []
    for font in tomllib.loads(_FONTS.read_text(encoding="utf-8"))["fonts"]:
        found = any(family.lower() in families for family in font["families"])
        (there if found else missing).append(f"{font['name']}（{font['use']}）")
        if not found:
            instead += [family for family in font["substitutes"] if family.lower() in families][:1]
    if not missing:
        yield Check("公文字体", State.FINE, f"有{'、'.join(there)}")
        return
    shown = f"显示和打印时用 {'、'.join(dict.fromkeys(instead))} 代替" if instead else "也没有能代替的中文字体，会显示成方框"
    remedy = "Word 文件里写的仍是这些字体，在装有它们的电脑上打开就是；要在本机打印请装上"
    yield Check("公文字体", State.NOTE, f"本机没有{'、'.join(missing)}，{shown}", remedy)


def model(settings: Settings) -> Iterator[Check]:
    """The model that drafts: address, key, one answer, one answer under a grammar."""
    from kepudraft.llm import GGUF

    if not settings.model:
        yield Check("写作模型", State.FINE, "没有设置，用规则起草，不需要模型", "要用模型起草，见 kepudraft draft --help 里的 --model")
        return
    if settings.model.lower().endswith(GGUF) and not settings.base_url:
        yield from _local(settings)
    else:
        yield from _endpoint(settings)


def _endpoint(settings: Settings) -> Iterator[Check]:
    from kepudraft.llm.openai import OpenAIModel
    from kepudraft.llm.opening import whereabouts

    at = whereabouts(
        settings.model, base_url=settings.base_url, key_env=settings.api_key_env, cache=settings.cache_dir, presets=settings.presets_file
    )
    once = replace(at.endpoint, tries=1, timeout_s=_ANSWER_S, total_s=_ANSWER_S)
    opened = OpenAIModel(at.model, once)
    yield Check("模型服务", State.FINE, f"{opened.name.partition('@')[2]}，模型“{at.model}”，上下文{opened.context_tokens}个词元")
    if once.key_env:
        yield Check("密钥", State.FINE, f"在环境变量 {once.key_env} 里（不显示）")
    else:
        yield Check("密钥", State.FINE, "不用密钥")
    yield from _tried(opened)


def _local(settings: Settings) -> Iterator[Check]:
    from kepudraft.llm.local import LocalModel

    path = Path(settings.model).expanduser()
    opened = LocalModel(path)
    yield Check("模型文件", State.FINE, f"{path}，{path.stat().st_size / 1e9:.1f}吉字节")
    yield from _tried(opened)


def _tried(opened: Opened) -> Iterator[Check]:
    """Ask twice, in one event loop: what is open must be closed in the loop that opened it."""

    async def asked() -> list[Check]:
        async with opened:
            first = await _answer(opened)
            return first if first[-1].state is State.WRONG else [*first, await _constrained(opened)]

    yield from asyncio.run(asked())


async def _answer(opened: Opened) -> list[Check]:
    from kepudraft.llm.chat import ChatRequest, Message

    begun = time.monotonic()
    request = ChatRequest((Message("user", "请只回答两个字：科普"),), max_tokens=_TOKENS, temperature=0.0)
    try:
        done = await opened.complete(request)
    except BadCompletion as error:
        return [Check("模型回答", State.NOTE, f"通了，但{error.what}", error.remedy)]
    except ModelError as error:
        return [Check("模型回答", State.WRONG, error.what, error.remedy, error.exit_code)]
    spent = "" if done.usage.counted else "，服务没有报告词元数，按估计计"
    return [Check("模型回答", State.FINE, f"“{' '.join(done.text.split())[:_SHOWN]}”，{time.monotonic() - begun:.1f}秒{spent}")]


async def _constrained(opened: Opened) -> Check:
    from kepudraft.llm.chat import ChatRequest, Message

    without = "没有也能用：每个数字照样逐个核对"
    if not opened.takes_grammar:
        return Check("语法约束", State.FINE, f"这个服务没有，{without}")
    request = ChatRequest((Message("user", "请介绍一下月球。"),), max_tokens=_TOKENS, temperature=0.0, grammar=_GRAMMAR)
    try:
        done = await opened.complete(request)
    except ModelError as error:
        return Check("语法约束", State.NOTE, f"用不了：{error.what}", "请在起草时加 --no-constrain")
    if done.text in _ALLOWED:
        return Check("语法约束", State.FINE, "可用")
    return Check("语法约束", State.NOTE, f"服务没有照语法回答，{without}", "vLLM 0.12 以前的版本写法不同，可在预设文件里写 grammar = \"guided\"")

