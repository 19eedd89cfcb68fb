"""The words of the offline composer, read from phrases.toml and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from kepudraft.errors import RuleError

_FILE = Path(__file__).with_name("phrases.toml")
_MARKS = "一二三四五六七八九十"
# Connecting words must hold no figure: what they say would be nobody's fact.
_FREE_OF_FIGURES = ("flow", "stock", "openers", "overview", "problems", "plans", "change")
_FIGURE = re.compile(r"\d|(?<![上下])[〇零一二三四五六七八九十百千万两][个场次项人年条件]")


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb for clauses that begin with one of its nouns; the fields are those of phrases.toml."""

    verb: str
    nouns: tuple[str, ...]
    flow: bool
    later: bool
    behind: bool
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """phrases.toml, checked and compiled."""

    verbs: tuple[Verb, ...]
    texts: dict[str, tuple[str, ...]]
    raised: tuple[tuple[re.Pattern[str], str], ...]
    raised_any: re.Pattern[str]
    turned: re.Pattern[str]
    scope: re.Pattern[str]
    season: re.Pattern[str]
    period: re.Pattern[str]
    in_period: re.Pattern[str]
    period_units: frozenset[str]
    visits: re.Pattern[str]
    calendar: tuple[tuple[str, int, int], ...]
    selves: tuple[tuple[re.Pattern[str], str], ...]
    goes_on: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...]
    explicit: tuple[re.Pattern[str], ...]
    levels: tuple[re.Pattern[str], ...]
    grades: tuple[re.Pattern[str], ...]
    flow_verbs: tuple[str, ...]
    by_noun: dict[str, tuple[Verb, ...]]

    def pick(self, key: str, seed: str) -> str:
        """One of the phrases under `key` («problems.lead»), always the same for the same seed."""
        choices = self.texts[key]
        return choices[_digest(f"{key}|{seed}") % len(choices)]

    def rank_of_award(self, text: str) -> tuple[int, int]:
        """Sort key of an award: level, then grade; a title without grade before the prizes of its level."""
        grade = _first(self.grades, text)
        # «省级全国科普月优秀组织单位» is of the province.
        level = _first(self.explicit, text)
        level = _first(self.levels, text) if level == len(self.explicit) else level
        return level, -1 if grade == len(self.grades) else grade

    def self_of(self, unit: str) -> str:
        """How a unit calls itself: 本馆, 本镇, 本单位."""
        return next(name for pattern, name in self.selves if pattern.search(unit))

    def verb_for(self, noun: str, unit: str) -> Verb | None:
        """The verb of the longest known noun that ends `noun`, among those that go with a figure's unit."""
        for i in range(len(noun)):
            for verb in self.by_noun.get(noun[i:], ()):
                if not unit or not verb.units or unit in verb.units:
                    return verb
        return None

    def held_on(self, text: str) -> tuple[int, int]:
        """Month and day of the yearly event that `text` names; (0, 0) where it names none."""
        return next(((month, day) for name, month, day in self.calendar if name in text), (0, 0))


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
    return read_phrases(_FILE)


def read_phrases(path: Path) -> Phrases:
    """The phrases of a file.

    Raises:
        RuleError: The file is missing or breaks its form.
    """
    try:
        made = _compiled(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, re.error) as error:
        raise RuleError(f"词语表格式不对（{error}）", place=str(path), remedy="请改正") from error
    free = (text for key, group in made.texts.items() if key.split(".")[0] in _FREE_OF_FIGURES for text in group)
    if found := next((text for text in free if _FIGURE.search(text)), ""):
        raise RuleError(f"词语“{found}”含有数字", place=str(path), remedy="连接语里不能有数字")
    return made


def _compiled(data: dict[str, Any]) -> Phrases:
    texts = {f"{table}.{key}": tuple(data[table][key]) for table in _FREE_OF_FIGURES for key in data[table]}
    if empty := next((key for key, group in texts.items() if not group), ""):
        raise ValueError(f"{empty} 是空的")
    verbs = tuple(_verb(row) for row in data["verbs"])
    by_noun: dict[str, tuple[Verb, ...]] = {}
    for verb in verbs:
        for noun in verb.nouns:
            by_noun[noun] = (*by_noun.get(noun, ()), verb)
    turned = f"^(?P<object>[^，\\d]{{0,8}}(?:{_any(data['turned']['objects'])}))(?P<verb>{_any(data['turned']['verbs'])})(?=[约近超逾]?\\d)"
    return Phrases(
        verbs=verbs, texts=texts, raised=tuple((re.compile(f"^{a}"), b) for a, b in data["raised"]["words"]),
        raised_any=re.compile("|".join(f"(?:{a})" for a, _ in data["raised"]["words"])),
        turned=re.compile(turned), scope=re.compile(f"^(?:{_any(data['scope']['words'])})"),
        season=re.compile(f"^(?:{_any(data['scope']['seasons'])})"),
        period=re.compile(f"(?:{_any(data['periods']['endings'])})(?:期间)?$"),
        in_period=re.compile(f"^(?:全国)?(?:{_any(data['periods']['endings'])})(?:期间)?，?"),
        period_units=frozenset(data["periods"]["units"]), visits=re.compile(_any(data["visits"]["words"])),
        calendar=tuple((str(name), int(month), int(day)) for name, month, day in data["calendar"]["events"]),
        selves=tuple((re.compile(pattern), name) for pattern, name in data["self"]["names"]),
        goes_on=tuple((re.compile(a), re.compile(f"^(?:{b})"), c) for a, b, c in data["same"]["goes_on"]),
        explicit=tuple(map(re.compile, data["awards"]["explicit"])),
        levels=tuple(map(re.compile, data["awards"]["levels"])), grades=tuple(map(re.compile, data["awards"]["grades"])),
        flow_verbs=(*(v.verb for v in verbs if v.flow), *texts["flow.verbs"]), by_noun=by_noun,
    )


def _verb(row: dict[str, object]) -> Verb:
    nouns, units = row["nouns"], row.get("units", [])
    if not isinstance(nouns, list) or not isinstance(units, list):
        raise TypeError(f"“{row['verb']}”的 nouns 和 units 应是数组")
    later, behind = (bool(row.get(key, False)) for key in ("later", "behind"))
    return Verb(str(row["verb"]), tuple(map(str, nouns)), bool(row["flow"]), later, behind, frozenset(map(str, units)))


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> int:
    return next((i for i, pattern in enumerate(patterns) if pattern.search(text)), len(patterns))


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "big")
