"""The rules of form, read from structure.toml and language.toml and checked on load."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kepudraft.figures.tables import Table, read_table, strings
from kepudraft.genre import Role, Topic

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Lengths:
    """Bounds: shares of the target length, and what counts as thin or as repeated.

    Attributes:
        error: Least and greatest share of the target length that is no error.
        warning: Least and greatest share that is no warning.
        thin_chars: Characters that problems and plans must have.
        thin_items: Points that they must tell.
        repeat_chars: Characters of a sentence that must not stand twice.
    """

    error: tuple[float, float]
    warning: tuple[float, float]
    thin_chars: int
    thin_items: int
    repeat_chars: int


@dataclass(frozen=True, slots=True)
class StructureRules:
    """structure.toml, checked.

    Attributes:
        strict_from: The first year in which a missing section is an error.
        partial_titles: Words of a title that tells of less than a year's work.
        title_words: One of them must stand in a title.
        order: Groups of roles in their order.
        hard: Roles whose place is no matter of taste.
        lengths: Bounds.
        heading: Words of headings by the role that they name.
        body: Words of text by role.
    """

    strict_from: int
    partial_titles: tuple[str, ...]
    title_words: tuple[str, ...]
    order: tuple[tuple[Role, ...], ...]
    hard: tuple[Role, ...]
    lengths: Lengths
    heading: Mapping[Role, tuple[str, ...]]
    body: Mapping[Role, tuple[str, ...]]

    def rank(self, role: Role) -> int:
        """The place of the role's group."""
        return next(i for i, group in enumerate(self.order) if role in group)


@dataclass(frozen=True, slots=True)
class Term:
    """A term with the years in which it holds.

    Attributes:
        words: Its wordings.
        since: First year, or None.
        until: Last year, or None.
        advice: What to write in a year outside of them, in Chinese.
    """

    words: tuple[str, ...]
    since: int | None
    until: int | None
    advice: str

    def holds(self, year: int) -> bool:
        """True if the term may be used of `year`."""
        return (self.since is None or self.since <= year) and (self.until is None or year <= self.until)


@dataclass(frozen=True, slots=True)
class StockRules:
    """Phrases that say nothing, and how many of them are too many.

    Attributes:
        phrases: The phrases.
        warning: Phrases per 100 characters of the text from which on a warning is given.
        error: The same for an error.
        paragraph: Phrases in one paragraph of `paragraph_rate` or more per 100 characters that are an error.
        paragraph_rate: See `paragraph`.
    """

    phrases: tuple[str, ...]
    warning: float
    error: float
    paragraph: int
    paragraph_rate: float


@dataclass(frozen=True, slots=True)
class Remain:
    """Something that must not be left in a finished text: a pattern, and what to do."""

    pattern: re.Pattern[str]
    advice: str


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """language.toml, checked."""

    terms: tuple[Term, ...]
    stock: StockRules
    remains: tuple[Remain, ...]
    markdown: tuple[Remain, ...]
    dangling: tuple[str, ...]


@cache
def structure_rules() -> StructureRules:
    """The rules of structure, read once.

    Raises:
        RuleError: The table breaks its form; the message names file and line.
    """
    return load_structure(read_table(_FOLDER / "structure.toml"))


@cache
def language_rules() -> LanguageRules:
    """The rules of language, read once.

    Raises:
        RuleError: The table breaks its form; the message names file and line.
    """
    return load_language(read_table(_FOLDER / "language.toml"))


def load_structure(table: Table) -> StructureRules:
    """Check a parsed structure.toml."""
    data = table.data
    order = tuple(_roles(table, group, "order") for group in _list(table, "order"))
    if sorted(r for group in order for r in group) != sorted(Role):
        raise table.fail("order 应恰好包含每个段落一次", "order")
    lengths = _section(table, data, "lengths")
    return StructureRules(
        strict_from=_integer(table, data, "strict_from"),
        partial_titles=strings(table, data.get("partial_titles"), "partial_titles"),
        title_words=strings(table, data.get("title_words"), "title_words"),
        order=order,
        hard=_roles(table, data.get("hard"), "hard"),
        lengths=Lengths(
            _bounds(table, lengths, "error"), _bounds(table, lengths, "warning"), _integer(table, lengths, "thin_chars"),
            _integer(table, lengths, "thin_items"), _integer(table, lengths, "repeat_chars"),
        ),
        heading=_by_role(table, "heading"),
        body=_by_role(table, "body"),
    )  # fmt: skip


def load_language(table: Table) -> LanguageRules:
    """Check a parsed language.toml."""
    stock = _section(table, table.data, "stock")
    bounds = _bounds(table, stock, "per_100")
    return LanguageRules(
        terms=tuple(_term(table, row) for row in _rows(table, "term")),
        stock=StockRules(
            strings(table, stock.get("phrases"), "phrases"), bounds[0], bounds[1],
            _integer(table, stock, "paragraph"), _number(table, stock, "paragraph_rate"),
        ),
        remains=tuple(_remain(table, row) for row in _rows(table, "remain")),
        markdown=tuple(_remain(table, row) for row in _rows(table, "markdown")),
        dangling=strings(table, table.data.get("dangling"), "dangling"),
    )  # fmt: skip


@cache
def cues_of(topics: tuple[Topic, ...]) -> Cues:
    """The words of text that tell a role: those of the topics of roles.toml and those of structure.toml."""
    table: dict[str, list[Role]] = {}
    own = ((word, role) for role, words in structure_rules().body.items() for word in words)
    for word, role in (*((cue, topic.role) for topic in topics for cue in topic.cues), *own):
        roles = table.setdefault(word, [])
        if role not in roles:
            roles.append(role)
    return Cues(any_of(table), {word: tuple(roles) for word, roles in table.items()})


@dataclass(frozen=True, slots=True)
class Cues:
    """Words that tell a role, compiled."""

    pattern: re.Pattern[str]
    roles: dict[str, tuple[Role, ...]]


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern of the longest of the words at a place; a tree, so that a thousand words cost hardly more than ten."""
    tree: dict[str, object] = {}
    for word in words:
        node = tree
        for char in word:
            node = node.setdefault(char, {})  # type: ignore[assignment]  # the values are trees
        node[""] = {}
    return re.compile(_pattern(tree))


def _pattern(tree: dict[str, object]) -> str:
    ends = "" in tree
    branches = []
    for char, below in sorted(tree.items()):
        if char:
            assert isinstance(below, dict)
            branches.append(re.escape(char) + _pattern(below))
    if not branches:
        return ""
    joined = branches[0] if len(branches) == 1 and not ends else f"(?:{'|'.join(branches)})"
    return f"{joined}?" if ends else joined


def _term(table: Table, row: dict[str, object]) -> Term:
    words = strings(table, row.get("words"), "words")
    since, until = (row.get(key) for key in ("since", "until"))
    if not all(year is None or isinstance(year, int) for year in (since, until)) or (since is until is None):
        raise table.fail("since、until 应为年份，至少写一个", words[0])
    advice = row.get("advice")
    if not isinstance(advice, str) or not advice:
        raise table.fail("缺少 advice", words[0])
    return Term(words, since if isinstance(since, int) else None, until if isinstance(until, int) else None, advice)


def _remain(table: Table, row: dict[str, object]) -> Remain:
    pattern, advice = row.get("pattern"), row.get("advice")
    if not isinstance(pattern, str) or not isinstance(advice, str) or not advice:
        raise table.fail("应有 pattern 和 advice", str(pattern))
    try:
        return Remain(re.compile(pattern, re.M), advice)
    except re.error as error:
        raise table.fail(f"pattern 不是正则表达式（{error}）", pattern) from error


def _by_role(table: Table, key: str) -> dict[Role, tuple[str, ...]]:
    section = _section(table, table.data, key)
    return {_roles(table, [name], name)[0]: strings(table, words, name) for name, words in section.items()}


def _roles(table: Table, value: object, word: str) -> tuple[Role, ...]:
    try:
        return tuple(Role(name) for name in strings(table, value, word))
    except ValueError as error:
        raise table.fail(f"不认识的段落（{error}）", word) from error


def _list(table: Table, key: str) -> list[object]:
    value = table.data.get(key)
    if not isinstance(value, list):
        raise table.fail(f"缺少 {key}", key)
    return value


def _rows(table: Table, key: str) -> list[dict[str, object]]:
    rows = _list(table, key)
    if not all(isinstance(row, dict) for row in rows):
        raise table.fail(f"{key} 应写成 [[{key}]]", key)
    return [row for row in rows if isinstance(row, dict)]


def _section(table: Table, data: Mapping[str, object], key: str) -> dict[str, object]:
    value = data.get(key)
    if not isinstance(value, dict):
        raise table.fail(f"缺少 [{key}]", key)
    return value


def _integer(table: Table, data: Mapping[str, object], key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise table.fail(f"{key} 应为不小于0的整数", key)
    return value


def _number(table: Table, data: Mapping[str, object], key: str) -> float:
    value = data.get(key)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise table.fail(f"{key} 应为数", key)
    return float(value)


def _bounds(table: Table, data: Mapping[str, object], key: str) -> tuple[float, float]:
    value = data.get(key)
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(v, (int, float)) for v in value):
        raise table.fail(f"{key} 应为两个数", key)
    low, high = (float(v) for v in value if isinstance(v, (int, float)))
    if low > high:
        raise table.fail(f"{key} 应先小后大", key)
    return low, high
