"""Presets of services, from presets.toml and a file of the user's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kepudraft.errors import RuleError

_FILE = Path(__file__).with_name("presets.toml")
_GRAMMARS = ("", "llama.cpp", "vllm", "guided")
_FIELDS = ("title", "aliases", "base_url", "key_env", "grammar", "context_tokens")
_LEAST_CONTEXT = 512


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of a service.

    Attributes:
        name: Before the colon in `--model name:model`.
        title: As people call it.
        base_url: Its address.
        key_env: The usual variable of its key; "" if it takes none.
        grammar: Dialect in which it takes grammars; "" for none.
        context_tokens: Of prompt and answer together.
        aliases: Other names.
    """

    name: str
    title: str
    base_url: str
    key_env: str = ""
    grammar: str = ""
    context_tokens: int = 8192
    aliases: tuple[str, ...] = ()


def load_presets(own: Path | None = None) -> dict[str, Preset]:
    """The shipped presets, with those of the file `own` over them, by every name that they have.

    Raises:
        RuleError: A file is no TOML, or a preset has a field that cannot be used; the message names file and line.
    """
    presets = _read(_FILE)
    if own is not None and own.is_file():
        presets |= _read(own)
    by_alias = {alias.lower(): preset for preset in presets.values() for alias in preset.aliases}
    return presets | {alias: preset for alias, preset in by_alias.items() if alias not in presets}


def _read(path: Path) -> dict[str, Preset]:
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RuleError(f"服务预设读不出来（{error}）", place=str(path), remedy="请改正或删除该文件") from error
    return {name.lower(): _preset(name, table, text, path) for name, table in tables.items()}


def _preset(name: str, table: object, text: str, path: Path) -> Preset:
    header = re.search(rf"""(?m)^[ \t]*\[[ \t]*["']?{re.escape(name)}["']?[ \t]*\]""", text)
    place = f"{path}:{text.count(chr(10), 0, header.start()) + 1 if header else 1}"
    if not isinstance(table, Mapping):
        raise RuleError(f"预设“{name}”应为一节", place=place, remedy=f"请写成 [{name}]，下面逐行写 {'、'.join(_FIELDS)}")
    for key, value in table.items():
        if wrong := _fault(key, value):
            raise RuleError(f"预设“{name}”的 {key} {wrong}", place=place, remedy=f"可用的项：{'、'.join(_FIELDS)}")
    if not table.get("base_url"):
        raise RuleError(f"预设“{name}”没有 base_url", place=place, remedy='请写上服务地址，如 base_url = "https://主机/v1"')
    values = {**table, "title": table.get("title") or name, "aliases": tuple(table.get("aliases", ()))}
    return Preset(name.lower(), **values)


def _fault(key: str, value: object) -> str:
    """What is wrong with a field; "" if nothing. Values are not shown: one may be a key in the wrong place."""
    if key not in _FIELDS:
        return "不认识"
    if key == "aliases":
        good = isinstance(value, list) and all(isinstance(alias, str) for alias in value)
        return "" if good else "应为一列文字"
    if key == "context_tokens":
        good = isinstance(value, int) and not isinstance(value, bool) and value >= _LEAST_CONTEXT
        return "" if good else f"应为不小于{_LEAST_CONTEXT}的整数"
    if not isinstance(value, str):
        return "应为文字"
    return f"只能是 {'、'.join(repr(one) for one in _GRAMMARS)}" if key == "grammar" and value not in _GRAMMARS else ""
