"""What a figure counts, as weighted terms: the words of its own clause first, those around it less and less.

Terms are the known words of wording.toml (synonyms under one name) and, of all other text, pairs of characters. No
segmenter is needed: a pair of characters is a good enough word where only one sheet's facts have to be told apart.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import overload

from kepudraft.errors import RuleError
from kepudraft.figures.fold import fold
from kepudraft.figures.scan import Figure, Kind

_FILE = Path(__file__).with_name("wording.toml")
_BREAK = re.compile(r"[，,、；;：:。！？!?\n（）()“”\"《》〔〕\[\]…]")
_SENTENCE_END = "。！？!?\n"
_HALF_END = "；;"
_ACROSS = 0.6  # what is left of a clause's weight on the other side of a semicolon
_HAN = re.compile(r"[\u3400-\u9fffA-Za-z]+")
_BEFORE = (0.6, 0.4, 0.3, 0.2)  # weights of the clauses before, the nearest first
_AFTER = (0.25, 0.12)
_MAX_CLAUSE = 40

Terms = dict[str, float]


@dataclass(frozen=True, slots=True)
class Wording:
    """wording.toml, compiled."""

    names: dict[str, str]
    known: re.Pattern[str]
    filler: re.Pattern[str]
    groups: tuple[frozenset[str], ...]
    contrasted: frozenset[str]
    planned: re.Pattern[str]
    weak: frozenset[str]


@dataclass(frozen=True, slots=True)
class Context:
    """Where a figure stands.

    Attributes:
        terms: Term -> weight, 1 for its own clause.
        own: The terms of its own clause.
        marks: Those of them that exclude others (省级, 线上).
        left: The text of its clause before it, back to the last mark or figure.
        right: The text after it, up to the next mark or figure.
        head: The sentence before it without its figures, the last part of it.
        part: True behind 其中, 含 …: the figure is a part of a total before it.
        last: True if the clause speaks of the year before (上年…, but not 比上年…).
        compared: True if the figure is a change (比上年增长…).
        level: True if it is what something grew to (增长到…), so no change.
        start: True if it is what something grew from (由12个增加到…): this year's or last year's.
    """

    terms: Terms
    own: frozenset[str]
    marks: frozenset[str]
    left: str
    right: str
    head: str
    part: bool
    last: bool
    compared: bool
    level: bool = False
    start: bool = False


@cache
def wording() -> Wording:
    """The shipped wording.

    Raises:
        RuleError: wording.toml breaks its form.
    """
    try:
        data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
        names: dict[str, str] = {}
        for group in data["same"]:
            for word in group:
                names.setdefault(word, group[0])
        groups = tuple(frozenset(names.get(w, w) for w in group) for group in data["contrast"])
        contrasted = {w: w for group in data["contrast"] for w in group}
        words = sorted({**contrasted, **names}, key=len, reverse=True)
        return Wording(
            {**contrasted, **names}, _any(words), _any(sorted(data["filler"], key=len, reverse=True)), groups,
            frozenset().union(*groups),
            # 将 alone announces a plan; 将近 is a hedge, and 将…纳入 puts an object before its verb.
            re.compile(_any(sorted(data["planned"], key=len, reverse=True)).pattern + "|将(?!近|军|来[^年])"),
            frozenset(names.get(w, w) for w in data["weak"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise RuleError(f"词语表格式不对（{error}）", place=str(_FILE), remedy="请对照文件开头的说明改正") from error


def _any(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))


@lru_cache(maxsize=20_000)
def terms_of(text: str) -> tuple[str, ...]:
    """The terms of a stretch of text without figures, in order, each once."""
    found: dict[str, None] = {}
    at = 0
    table = wording()
    for match in table.known.finditer(text):
        _pairs(text[at : match.start()], found, table)
        found[table.names[match.group()]] = None
        at = match.end()
    _pairs(text[at:], found, table)
    return tuple(found)


def _pairs(text: str, found: dict[str, None], table: Wording) -> None:
    for piece in table.filler.split(text):
        for run in _HAN.findall(piece):
            if len(run) == 1:
                found[run] = None
            for i in range(len(run) - 1):
                found[run[i : i + 2]] = None


@dataclass(frozen=True, slots=True)
class _Clause:
    """A stretch between two marks or figures."""

    start: int
    end: int
    text: str
    ends_sentence: bool
    ends_half: bool


class Contexts(Sequence[Context]):
    """The context of every figure of a text, in order, each worked out when it is first asked for.

    Args:
        text: Any text.
        figures: What `scan` found in it, in order.
        year: The year of the report, to know the year before.
    """

    def __init__(self, text: str, figures: Sequence[Figure], *, year: int) -> None:
        self._text = fold(text)
        self._figures = figures
        self._year = year
        self._clauses, self._owners = _clauses(self._text, figures)
        self._made: dict[int, Context] = {}

    def __len__(self) -> int:
        return len(self._figures)

    @overload
    def __getitem__(self, i: int) -> Context: ...
    @overload
    def __getitem__(self, i: slice) -> Sequence[Context]: ...
    def __getitem__(self, i: int | slice) -> Context | Sequence[Context]:
        if isinstance(i, slice):
            return [self[n] for n in range(len(self))[i]]
        if i >= len(self):
            raise IndexError(i)
        if i not in self._made:
            self._made[i] = _context(self._text, self._figures, i, self._clauses, self._owners[i], self._year)
        return self._made[i]


def _clauses(text: str, figures: Sequence[Figure]) -> tuple[list[_Clause], list[int]]:
    """The text cut at marks and figures, and for every figure the clause before it."""
    marks = [(m.start(), m.end(), m.group()) for m in _BREAK.finditer(text)]
    spans = [(f.span.start, f.span.end) for f in figures]
    clauses: list[_Clause] = []
    owners: list[int] = []
    at, m = 0, 0
    for start, end in [*spans, (len(text), len(text))]:
        while m < len(marks) and marks[m][0] < start:
            mark_start, mark_end, mark = marks[m]
            m += 1
            if mark_start < at:
                continue
            clauses.append(_Clause(at, mark_start, text[at:mark_start][-_MAX_CLAUSE:], mark in _SENTENCE_END, mark in _HALF_END))
            at = mark_end
        owners.append(len(clauses))
        clauses.append(_Clause(at, start, text[at:start][-_MAX_CLAUSE:], False, False))
        at = end
    return clauses, owners[:-1]


_LAST_YEAR = "(?<![比较同与超])(?:上年|去年|上一年|上年度|上年同期|去年同期)"
_COMPARED = re.compile("(?:比|较|同比|与|超)(?:上年|去年|上一年)|同比|环比")
_CHANGES = re.compile("(?:增长|增加|上升|提高|提升|下降|减少|降低|增幅|降幅)")
_BY = re.compile("[多少](?:办|开|讲|放|发|出|来|增|招|建)了?$")
_GROWN_TO = re.compile("，?(?:增长|增加|上升|提高|提升|扩大|发展|下降|减少|降低|增|升|降|变)(?:到|至|为|成)")
_LEVEL = re.compile("(?:增长|增加|上升|提高|提升|扩大|发展|下降|减少|降低|回落)(?:到|至|为)$")
_PART = re.compile("其中|里头|其他|包括|含(?!量)")


@lru_cache(maxsize=64)
def _last_year(year: int) -> re.Pattern[str]:
    return re.compile(f"{_LAST_YEAR}|(?<![比较]){year - 1}年")


def _context(
    text: str, figures: Sequence[Figure], i: int, clauses: list[_Clause], owner: int, year: int
) -> Context:
    figure = figures[i]
    left = clauses[owner]
    right_text = _right(clauses, owner, figure)
    own = [*terms_of(left.text), *terms_of(right_text), *_grade(text, figures, i)]
    terms: Terms = dict.fromkeys(own, 1.0)
    head = _add_before(terms, clauses, owner)
    _add_after(terms, clauses, owner)
    window = text[max(0, left.start - 6) : figure.span.start]
    compared = bool(_COMPARED.search(left.text) or _BY.search(left.text)) or bool(
        _CHANGES.match(left.text) and _COMPARED.search(head[-24:])
    )
    start = left.text.endswith(("由", "从")) and bool(_GROWN_TO.match(text, figure.span.end))
    last = not compared and (bool(_last_year(year).search(left.text or window)) or _behind_last_year(text, figures, i, year))
    table = wording()
    return Context(
        terms, frozenset(own), table.contrasted.intersection(own), left.text, right_text, head[-_MAX_CLAUSE:],
        bool(_PART.search(head.rsplit("；", 1)[-1])), last, compared, bool(_LEVEL.search(left.text)), start,
    )


def _add_before(terms: Terms, clauses: list[_Clause], owner: int) -> str:
    """Add the terms of the clauses before, and return their text with the figure's own: the sentence up to the figure."""
    head = clauses[owner].text
    level, across = 0, 1.0
    for k in range(owner - 1, max(-1, owner - 7), -1):
        clause = clauses[k]
        if clause.ends_sentence:
            break
        across *= _ACROSS if clause.ends_half else 1.0
        head = clause.text + ("；" if clause.ends_half else "") + head
        if not clause.text:
            continue
        weight = _BEFORE[min(level, len(_BEFORE) - 1)] * across
        level += 1
        for term in terms_of(clause.text):
            if terms.get(term, 0.0) < weight:
                terms[term] = weight
    return head


def _behind_last_year(text: str, figures: Sequence[Figure], i: int, year: int) -> bool:
    """True for «2024年接待35.4万人次»: the year before stands as a figure of its own in the same clause."""
    if i == 0:
        return False
    before = figures[i - 1]
    if before.period is None or before.period.start != str(year - 1) or text[: before.span.start].endswith(("比", "较", "与", "同")):
        return False
    return not _BREAK.search(text, before.span.end, figures[i].span.start)


def _right(clauses: list[_Clause], owner: int, figure: Figure) -> str:
    """What follows directly (46场科普讲座), not what belongs to the next figure (46场，听众9800人次)."""
    if owner + 1 >= len(clauses):
        return ""
    after = clauses[owner + 1]
    return after.text if after.start == figure.span.end else ""


def _grade(text: str, figures: Sequence[Figure], i: int) -> tuple[str, ...]:
    """一等奖 before 5项, and 一季度 before 讲座12场, belong to what the figure counts."""
    if i == 0 or figures[i].kind is Kind.ORDINAL:
        return ()
    before = figures[i - 1]
    gap = text[before.span.end : figures[i].span.start]
    if before.period is not None and before.period.start[5:6] in ("Q", "H"):
        return () if _BREAK.search(gap) else (before.period.start,)
    return (before.surface,) if before.kind is Kind.ORDINAL and len(gap) <= 4 and not _BREAK.search(gap) else ()


def _add_after(terms: Terms, clauses: list[_Clause], owner: int) -> None:
    level = 0
    for k in range(owner + 1, min(len(clauses), owner + 4)):
        clause = clauses[k]
        if clause.text and level < len(_AFTER):
            for term in terms_of(clause.text):
                if terms.get(term, 0.0) < _AFTER[level]:
                    terms[term] = _AFTER[level]
            level += 1
        if clause.ends_sentence or clause.ends_half:
            return


def contrast(one: Context, other: Context) -> bool:
    """True if two clauses name different members of a group whose members exclude one another."""
    if not one.marks or not other.marks or one.marks == other.marks:
        return False
    for group in wording().groups:
        a, b = one.marks & group, other.marks & group
        if a and b and not a & b:
            return True
    return False
