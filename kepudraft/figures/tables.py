"""Reads the rule tables that lie beside the code, and says file and line where one is wrong."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from kepudraft.errors import RuleError

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Table:
    """One TOML file, parsed, with its source at hand to name lines."""

    name: str
    source: str
    data: dict[str, object]

    def fail(self, what: str, word: str, *, last: bool = False) -> RuleError:
        """An error that points at the first or last line on which `word` stands."""
        lines = [n for n, text in enumerate(self.source.splitlines(), 1) if word and word in text] or [1]
        line = lines[-1 if last else 0]
        return RuleError(what, place=f"{self.name} 第{line}行", remedy="请按文件开头的说明改正这一行")


def read_table(path: Path) -> Table:
    """Read a rule table.

    Raises:
        RuleError: The file is missing, is not UTF-8 or is not TOML.
    """
    try:
        source = path.read_text(encoding="utf-8")
        return Table(path.name, source, tomllib.loads(source))
    except FileNotFoundError as error:
        raise RuleError("规则文件不存在", place=path.name, remedy="请重新安装本软件") from error
    except UnicodeDecodeError as error:
        raise RuleError("规则文件不是UTF-8编码", place=path.name, remedy="请另存为UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"规则文件不合TOML格式（{error}）", place=path.name, remedy="请改正该行") from error


def strings(table: Table, value: object, word: str) -> tuple[str, ...]:
    """The value as a tuple of non-empty strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise table.fail("此处应为字符串列表", word)
    return tuple(value)
