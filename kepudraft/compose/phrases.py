"""The words of the offline composer, read from phrases.toml and checked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path

from kepudraft.errors import RuleError

_FILE = Path(__file__).with_name("phrases.toml")
_MARKS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb for clauses that begin with one of its nouns; a flow verb tells what happened in the year."""

    verb: str
    flow: bool
    nouns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """phrases.toml, checked."""

    verbs: tuple[Verb, ...]
    texts: dict[str, tuple[str, ...]]
    levels: tuple[str, ...]
    grades: tuple[str, ...]

    @property
    def flow_verbs(self) -> tuple[str, ...]:
        """Verbs that may stand behind 全年."""
        return (*(v.verb for v in self.verbs if v.flow), *self.texts["flow.verbs"])

    def pick(self, key: str, seed: str) -> str:
        """One of the phrases under `key` («problems.lead»), always the same for the same seed."""
        choices = self.texts[key]
        digest = blake2b(f"{key}|{seed}".encode(), digest_size=4).digest()
        return choices[int.from_bytes(digest, "big") % len(choices)]

    def rank_of_award(self, text: str) -> tuple[int, int]:
        """Sort key of an award: level, then grade; what names neither comes last."""
        level = next((i for i, word in enumerate(self.levels) if word in text), len(self.levels))
        grade = next((i for i, word in enumerate(self.grades) if word in text), len(self.grades))
        return level, grade


def number_mark(n: int) -> str:
    """一是, 二是 … for n from 1; above ten 十一是 …."""
    tens, ones = divmod(n, 10)
    if n <= 10:
        return f"{_MARKS[n - 1]}是"
    return f"{'' if tens == 1 else _MARKS[tens - 1]}十{_MARKS[ones - 1] if ones else ''}是"


@cache
def phrases() -> Phrases:
    """The shipped phrases.

    Raises:
        RuleError: The file breaks its form.
    """
    try:
        data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
        texts = {
            f"{table}.{key}": tuple(data[table][key])
            for table in ("flow", "openers", "overview", "problems", "plans", "change") for key in data[table]
        }
        verbs = tuple(Verb(v["verb"], v["flow"], tuple(v["nouns"])) for v in data["verbs"])
        levels, grades = tuple(data["awards"]["levels"]), tuple(data["awards"]["grades"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise RuleError(f"词语表格式不对（{error}）", place=str(_FILE), remedy="请改正") from error
    if digits := [t for group in texts.values() for t in group if re.search(r"[\d〇零一二三四五六七八九十百千万]场|\d", t)]:
        raise RuleError(f"词语“{digits[0]}”含有数字", place=str(_FILE), remedy="连接语里不能有数字")
    return Phrases(verbs, texts, levels, grades)
