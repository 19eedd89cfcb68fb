"""The one port to language models, and what stands behind it: endpoints, a local file, cache, replay and script.

`open_model` opens any of them by name. Heavy packages load when a model is opened or asked, not with this package.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kepudraft.llm.chat import ChatModel

GGUF = ".gguf"


def names_file(name: str | None) -> bool:
    """True for the name of a model file, which is opened in this process unless an address is given with it."""
    return (name or "").strip().lower().endswith(GGUF)


def open_model(
    name: str,
    *,
    base_url: str = "",
    key_env: str = "",
    context_tokens: int = 0,
    grammar: str | None = None,
    threads: int = 0,
    cache: Path | None = None,
    presets: Path | None = None,
    tries: int = 4,
) -> ChatModel:
    """Open a model; nothing is asked of it yet.

    Args:
        name: A path that ends in `.gguf`, for a model in this process; `preset:model` for a service that is known
            (`openai:…`, `deepseek:…`, `bailian:…`, `zhipu:…`, `moonshot:…`, `ark:…`, `siliconflow:…`, `ollama:…`, `vllm:…`,
            `llama.cpp:…`); else the model's name at `base_url`.
        base_url: Address of the endpoint; that of the preset if "".
        key_env: Environment variable that holds the key; that of the preset if "".
        context_tokens: Of prompt and answer together; that of the preset, or 8192, if 0.
        grammar: See `kepudraft.llm.openai.Dialect`; that of the preset, or none, if None.
        threads: Of the processor, for a model in this process; 0 for one a core.
        cache: Folder in which is kept what endpoints do not take; None for nowhere.
        presets: A file of presets over the shipped ones; it may be missing.
        tries: How often an endpoint is asked for one answer; 1 where the caller itself waits and asks again.

    Raises:
        SettingsError: No model can be opened by that name, or the key is not set.
        MissingExtra: A package is not installed that this model needs.
        RuleError: The file of presets is wrong.
    """
    from kepudraft.llm.opening import opened_endpoint, opened_file, whereabouts

    if names_file(name) and not base_url:
        return opened_file(name.strip(), context_tokens=context_tokens, threads=threads)
    return opened_endpoint(
        whereabouts(
            name.strip(), base_url=base_url, key_env=key_env, context_tokens=context_tokens, grammar=grammar, cache=cache,
            presets=presets, tries=tries,
        )
    )
