"""What an endpoint's own words say about a failure, by the lists in wording.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kepudraft.errors import RuleError

_FILE = Path(__file__).with_name("wording.toml")
_KINDS = ("context", "balance", "content", "key", "model", "grammar")


@dataclass(frozen=True, slots=True)
class Wording:
    """The lists of words, in lower case.

    Attributes:
        failures: Words of each kind of failure, in the order in which they are tried.
        refused: Words that refuse a parameter.
        declined: How an answer begins in which the model declines.
    """

    failures: Mapping[str, tuple[str, ...]]
    refused: tuple[str, ...]
    declined: tuple[str, ...]

    def kind(self, text: str) -> str:
        """The kind of failure that `text` tells of: context, balance, content, key, model, grammar, or ""."""
        low = text.lower()
        return next((kind for kind, words in self.failures.items() if any(word in low for word in words)), "")

    def refuses(self, text: str) -> bool:
        """True if `text` says that something is not taken."""
        low = text.lower()
        return any(word in low for word in self.refused)

    def declines(self, answer: str) -> bool:
        """True if `answer` begins as a model does that declines."""
        return answer.lstrip(" \n“\"'").lower().startswith(self.declined)


@cache
def load_wording(path: Path = _FILE) -> Wording:
    """Read the lists.

    Raises:
        RuleError: The file is no TOML, or lacks a list.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"规则文件读不懂（{error}）", place=str(path), remedy="请改正该行") from error
    failures = {kind: _words(tables, "failures", kind, text, path) for kind in _KINDS}
    return Wording(
        failures, _words(tables, "parameters", "refused", text, path), _words(tables, "answers", "declined", text, path)
    )


def _words(tables: Mapping[str, object], table: str, name: str, text: str, path: Path) -> tuple[str, ...]:
    found = tables.get(table)
    words = found.get(name) if isinstance(found, dict) else None
    # An empty word would be found in every text.
    if isinstance(words, Sequence) and words and all(isinstance(word, str) and word.strip() for word in words):
        return tuple(word.lower() for word in words)
    at = re.search(rf"(?m)^{name}\b", text)
    line = text.count("\n", 0, at.start()) + 1 if at else 1
    raise RuleError(f"[{table}] 里的 {name} 应为一列不空的词", place=f"{path}:{line}", remedy=f"请写成 {name} = [\"…\", \"…\"]")
