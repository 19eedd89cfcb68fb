"""From the name of a model to the model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from kepudraft.errors import SettingsError
from kepudraft.llm.chat import ChatModel
from kepudraft.llm.openai import Dialect, Endpoint, OpenAIModel
from kepudraft.llm.presets import Preset, load_presets

_GRAMMARS = ("", "llama.cpp", "vllm", "guided")
_CONTEXT = 8192


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A model's name at its endpoint, and the endpoint."""

    model: str
    endpoint: Endpoint


def whereabouts(
    name: str, *, base_url: str = "", key_env: str = "", context_tokens: int = 0, grammar: str | None = None,
    cache: Path | None = None, presets: Path | None = None, tries: int = 4,
) -> Whereabouts:
    """Where the model of that name is asked; see `kepudraft.llm.open_model`."""
    known = load_presets(presets)
    before, colon, after = name.partition(":")
    # A colon may belong to the model's name («qwen2.5:7b») where the address is given.
    preset = known.get(before.lower()) if colon else None
    model = after.strip() if preset else name
    if preset is None and not base_url:
        raise _unknown(name, known)
    if not model:
        missing = f"“{name}”后面缺少模型名称" if preset else "没有写模型名称"
        raise SettingsError(missing, place="--model", remedy="请写成 服务:模型名称，如 deepseek:deepseek-chat")
    base = preset or Preset("", "", base_url, context_tokens=_CONTEXT)
    dialect = base.grammar if grammar is None else grammar
    if dialect not in _GRAMMARS:
        raise SettingsError(f"语法的写法“{dialect}”不认识", place="grammar", remedy=f"可用：{'、'.join(filter(None, _GRAMMARS))}，或不写")
    # A service's key goes to that service alone, unless somebody says otherwise.
    elsewhere = base_url and _host(base_url) != _host(base.base_url)
    endpoint = Endpoint(
        base_url or base.base_url, key_env or ("" if elsewhere else base.key_env), context_tokens or base.context_tokens,
        cast(Dialect, dialect), tries=tries, quirks=cache,
    )
    return Whereabouts(model, endpoint)


def opened_endpoint(at: Whereabouts) -> ChatModel:
    """The model that is there.

    Raises:
        SettingsError: The address or the key cannot be used.
    """
    return OpenAIModel(at.model, at.endpoint)


def opened_file(path: str, *, context_tokens: int = 0, threads: int = 0) -> ChatModel:
    """A model from a file, in this process; see `kepudraft.llm.open_model`."""
    from kepudraft.llm.local import LocalModel, LocalOptions

    default = LocalOptions()
    options = LocalOptions(context_tokens=context_tokens or default.context_tokens, threads=threads)
    return LocalModel(Path(path).expanduser(), options)


def _host(base_url: str) -> str:
    """Host and port of an address; of one that is none, itself: what is wrong with it is said where it is opened."""
    try:
        return urlsplit(base_url).netloc
    except ValueError:
        return base_url


def _unknown(name: str, known: dict[str, Preset]) -> SettingsError:
    if not name:
        return SettingsError("没有写模型名称", place="--model", remedy="例如 deepseek:deepseek-chat，或一个 .gguf 文件")
    titles = "、".join(f"{preset.name}（{preset.title}）" for preset in dict.fromkeys(known.values()))
    return SettingsError(
        f"不知道模型“{name}”在哪里", place="--model",
        remedy=f"请写成 服务:模型，可用的服务有 {titles}；或用 --base-url 给出地址；或给出 .gguf 文件",
    )
