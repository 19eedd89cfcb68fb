"""Words whose numeral characters state no figure, read from idioms.toml; the longest match wins."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from kepudraft.figures.tables import FOLDER, Table, read_table, strings

_NUMERAL = re.compile("[0-9〇零一二三四五六七八九十百千万亿两]")
_OPEN, _CLOSE = "“\"「『‘'《〈", "”\"」』’'》〉"
_ACTIVITY = re.compile("[”\"」』’]?(?:活动|行动|工程|计划|专项|工作法|机制|模式|教育|建设|创建|品牌|示范)")
_CLEAR_BEFORE = frozenset("近超约上数几逾过破达")


@dataclass(frozen=True, slots=True)
class Idiom:
    """A word found in a text.

    Attributes:
        start: Where it begins, which may be before its numeral (每年一度).
        end: Where it ends.
        why: The reason why it is no figure.
    """

    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class _Entry:
    word: str
    offset: int  # of the first numeral character in the word
    why: str
    needs: str


@dataclass(frozen=True, slots=True)
class Idioms:
    """The whole table, compiled: entries by the numeral and the character after it, patterns by what follows a run."""

    entries: dict[str, tuple[_Entry, ...]]
    patterns: dict[str, tuple[tuple[re.Pattern[str], str], ...]]
    words: int

    def at(self, text: str, place: int, run_end: int) -> Idiom | None:
        """The longest word of the table whose first numeral stands at `place`; the run of numerals ends at `run_end`."""
        best: Idiom | None = None
        for entry in self.entries.get(text[place : place + 2], ()) or self.entries.get(text[place], ()):
            start = place - entry.offset
            if start >= 0 and text.startswith(entry.word, start) and _fits(text, start, entry):
                best = Idiom(start, start + len(entry.word), entry.why)
                break
        for pattern, why in self.patterns.get(text[run_end], ()):
            match = pattern.match(text, place)
            if match and (best is None or match.end() > best.end):
                best = Idiom(place, match.end(), why)
        return best


@cache
def idioms() -> Idioms:
    """The table, read and checked once.

    Raises:
        RuleError: The table breaks its form; the message names file and line.
    """
    return load_idioms(read_table(FOLDER / "idioms.toml"))


def load_idioms(table: Table) -> Idioms:
    """Compile a parsed table."""
    entries: defaultdict[str, list[_Entry]] = defaultdict(list)
    words: set[str] = set()
    for group in _blocks(table, "group"):
        why, needs = str(group.get("why", "")), str(group.get("needs", ""))
        if not why or needs not in _CONTEXTS:
            raise table.fail(f"分组缺少why，或needs“{needs}”不认识", needs or "[[group]]")
        for word in strings(table, group.get("words"), f'"{why}"'):
            numeral = _NUMERAL.search(word)
            if numeral is None:
                raise table.fail(f"“{word}”中没有数字", f'"{word}"')
            entries[word[numeral.start() : numeral.start() + 2]].append(_Entry(word, numeral.start(), why, needs))
            words.add(word)
    longest_first = {
        key: tuple(sorted(found, key=lambda entry: (-len(entry.word), entry.needs))) for key, found in entries.items()
    }
    for key, found in longest_first.items():
        if len(key) == 2 and key[0] in longest_first:
            longest_first[key] = (*found, *longest_first[key[0]])
    return Idioms(longest_first, _patterns(table), len(words))


def _blocks(table: Table, name: str) -> list[dict[str, object]]:
    """The tables of one array."""
    blocks = table.data.get(name, [])
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise table.fail(f"[[{name}]]的写法不对", name)
    return blocks


def _patterns(table: Table) -> dict[str, tuple[tuple[re.Pattern[str], str], ...]]:
    found: defaultdict[str, list[tuple[re.Pattern[str], str]]] = defaultdict(list)
    for block in _blocks(table, "pattern"):
        after, source, why = (str(block.get(key, "")) for key in ("after", "regex", "why"))
        if len(after) != 1 or not why or not source:
            raise table.fail("pattern须有why、regex和一个字的after", source or "[[pattern]]")
        try:
            found[after].append((re.compile(source), why))
        except re.error as error:
            raise table.fail(f"正则式有误：{error}", source) from error
    return {key: tuple(rules) for key, rules in found.items()}


def _fits(text: str, start: int, entry: _Entry) -> bool:
    """Whether the entry's context is there. 近百家, 上万户: after a qualifier a short word of scale is a count."""
    end = start + len(entry.word)
    if len(entry.word) == 2 and entry.word[0] in "百千万" and text[start - 1] in _CLEAR_BEFORE:
        return False
    return _CONTEXTS[entry.needs](text, start, end)


def _quoted(text: str, start: int, end: int) -> bool:
    return text[start - 1] in _OPEN and text[end] in _CLOSE


def _quoted_or_activity(text: str, start: int, end: int) -> bool:
    return _quoted(text, start, end) or (text[start - 1] in _OPEN and bool(_ACTIVITY.match(text, end)))


def _end(text: str, start: int, end: int) -> bool:
    return not "\u4e00" <= text[end] <= "\u9fff"


_CONTEXTS: dict[str, Callable[[str, int, int], bool]] = {
    "": lambda text, start, end: True,
    "quoted": _quoted,
    "quoted-or-activity": _quoted_or_activity,
    "end": _end,
}
