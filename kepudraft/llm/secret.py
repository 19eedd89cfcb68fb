"""The key of an endpoint: read from the environment, and kept out of every message."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from kepudraft.errors import SettingsError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_PLAIN_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")  # what nobody takes for a key
_KEY_LIKE = re.compile(r"\b(?:sk|ak|pk|Bearer|api[-_]?key)[-_ ][\w*.\-]{6,}", re.IGNORECASE)
_WORD = re.compile(r"[^\s\"'<>,;，。“”（）()]{6,}")
_MASK = "（密钥已隐去）"
_SHORTEST = 4  # characters; what is shorter is a filler for services that want some key
_PIECE = 6  # characters of a key in a row that are masked


class Secret:
    """A key that does not show itself.

    Args:
        name: The environment variable that holds it, or "" for an endpoint without a key.
        environ: The environment; the process's if None.

    Raises:
        SettingsError: The variable is not set, holds no key, or `name` is no name: perhaps the key itself, so it is not shown.
    """

    def __init__(self, name: str, environ: Mapping[str, str] | None = None) -> None:
        self.name = name
        self._value = _looked_up(name, os.environ if environ is None else environ) if name else ""

    def __repr__(self) -> str:
        return f"Secret({self.name!r})"

    def __bool__(self) -> bool:
        return bool(self._value)

    def reveal(self) -> str:
        """The key, to be sent and never shown."""
        return self._value

    def masked(self, text: str) -> str:
        """`text` without the key, pieces of it, and what looks like a key."""
        if len(self._value) >= _SHORTEST:
            text = text.replace(self._value, _MASK)
            text = _WORD.sub(lambda word: _MASK if self._in(word[0]) else word[0], text)
        return _KEY_LIKE.sub(_MASK, text)

    def _in(self, word: str) -> bool:
        """True if `word` holds a piece of the key, as services print it: «sk-abcdef****wxyz»."""
        key, size = self._value, min(_PIECE, len(self._value))
        return any(key[start : start + size] in word for start in range(len(key) - size + 1))


def _looked_up(name: str, environ: Mapping[str, str]) -> str:
    if not _NAME.fullmatch(name):
        raise SettingsError(
            "这里要写环境变量的名字，不是密钥本身", place="api_key_env", remedy="例如 api_key_env = \"DEEPSEEK_API_KEY\""
        )
    value = environ.get(name, "").strip()
    shown = name if _PLAIN_NAME.fullmatch(name) else "（名字略）"
    if not value:
        raise SettingsError(
            f"环境变量 {shown} 没有设置，没有密钥可用", place="api_key_env",
            remedy=f"请先设置：export {shown}=您的密钥（Windows：set {shown}=您的密钥）",
        )
    if not value.isascii() or not value.isprintable() or " " in value:
        raise SettingsError(f"环境变量 {shown} 里不是密钥", place="api_key_env", remedy="密钥只有字母、数字和符号，请重新复制")
    return value
