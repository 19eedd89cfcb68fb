"""What a figure counts, as weighted terms: the words of its own clause first, those around it less and less.

Terms are the known words of wording.toml (synonyms under one name) and, of all other text, pairs of characters. No
segmenter is needed: a pair of characters is a good enough word where only one sheet's facts have to be told apart.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from operator import add
from pathlib import Path
from typing import NamedTuple, overload

from kepudraft.errors import RuleError
from kepudraft.figures.scan import Figure
from kepudraft.verify.apiece import grade_of, name_of

_FILE = Path(__file__).with_name("wording.toml")
_BREAK = re.compile(r"[，,、；;：:。！？!?\n（）()“”\"《》〔〕\[\]…]")
_SENTENCE = re.compile(r"[。！？!?\n]")
_HALF_END = "；;"
_ACROSS = 0.6  # what is left of a clause's weight on the other side of a semicolon
_HAN = re.compile(r"[\u3400-\u9fffA-Za-z]+|[0-9]{1,4}[号栋楼组班区队期]?")  # digits that are no figure name something: 1号馆
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
    groups: dict[str, tuple[frozenset[str], ...]]
    contrasted: frozenset[str]
    planned: re.Pattern[str]
    weak: frozenset[str]


class Context(NamedTuple):
    """Where a figure stands; a tuple, because one is made for nearly every figure.

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
        sets = [frozenset(names.get(w, w) for w in group) for group in data["contrast"]]
        groups = {mark: tuple(s for s in sets if mark in s) for mark in frozenset().union(*sets)}
        contrasted = {w: w for group in data["contrast"] for w in group}
        return Wording(
            {**contrasted, **names}, _any({**contrasted, **names}), _any(data["filler"]), groups,
            frozenset(groups),
            # 将 alone announces a plan; 将近 is a hedge, and 将…纳入 puts an object before its verb.
            re.compile(_any(data["planned"]).pattern + "|将(?!近|军|来[^年])"),
            frozenset(names.get(w, w) for w in data["weak"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise RuleError(f"词语表格式不对（{error}）", place=str(_FILE), remedy="请对照文件开头的说明改正") from error


def _any(words: Iterable[str]) -> re.Pattern[str]:
    """The longest of the words that stands at a place; grouped by the first character, so that few are tried there."""
    ranked = sorted(set(words), key=lambda w: (w[0], -len(w), w))
    groups = (f"{re.escape(first)}(?:{'|'.join(re.escape(w[1:]) for w in found)})" for first, found in groupby(ranked, lambda w: w[0]))
    return re.compile("|".join(groups))


@lru_cache(maxsize=20_000)
def terms_of(text: str) -> tuple[str, ...]:
    """The terms of a stretch of text without figures, in order, each once."""
    found: dict[str, None] = {}
    at = 0
    table = wording()
    for match in table.known.finditer(text):
        start, end = match.span()
        if at < start:
            _add_pairs(text[at:start], found, table)
        found[table.names[text[start:end]]] = None
        at = end
    if at < len(text):
        _add_pairs(text[at:], found, table)
    return tuple(found)


def _add_pairs(text: str, found: dict[str, None], table: Wording) -> None:
    for piece in table.filler.split(text):
        for run in (piece,) if piece.isalpha() else _HAN.findall(piece):
            if len(run) == 1 or "0" <= run[0] <= "9":
                found[run] = None
            else:
                found.update(dict.fromkeys(map(add, run, run[1:])))


class _Cut(NamedTuple):
    """A sentence cut at marks and figures into clauses, each list with an item a clause.

    Attributes:
        starts: Where it starts.
        texts: Its text, the last part of a long one.
        halves: True where a semicolon ends it.
        owners: For every figure of the sentence the clause before it.
    """

    starts: list[int]
    texts: list[str]
    halves: list[bool]
    owners: list[int]


class Sentences:
    """Where the sentences of a text end, and in which of them its figures stand.

    Attributes:
        breaks: Places of the marks that end a sentence; those inside a figure, which a page break split, end none.
        of: For every figure the number of its sentence.
        firsts: For every sentence the number of the first figure that does not stand before it; one more at the end.
    """

    def __init__(self, text: str, figures: Sequence[Figure]) -> None:
        breaks: list[int] = []
        self.breaks = breaks
        self.of: list[int] = []
        self.firsts = [0]
        places = [m.start() for m in _SENTENCE.finditer(text)]
        self._end = len(text)
        places.append(self._end + 1)
        k = 0
        for i, figure in enumerate(figures):
            start, end = figure.span
            while places[k] < start:
                breaks.append(places[k])
                self.firsts.append(i)
                k += 1
            self.of.append(len(breaks))
            while places[k] < end:
                k += 1
        breaks += places[k:-1]
        self.firsts += [len(figures)] * (len(breaks) + 2 - len(self.firsts))

    def bounds(self, number: int) -> tuple[int, int]:
        """Where a sentence begins, behind the mark before it, and where it ends, before its own mark."""
        return self.breaks[number - 1] + 1 if number else 0, self.breaks[number] if number < len(self.breaks) else self._end


class Contexts(Sequence[Context]):
    """The context of every figure of a text, in order, each worked out when it is first asked for.

    Args:
        text: Any text, folded.
        figures: What `scan` found in it, in order.
        year: The year of the report, to know the year before.
        sentences: The text's sentences, where they are known.
    """

    def __init__(self, text: str, figures: Sequence[Figure], *, year: int, sentences: Sentences | None = None) -> None:
        self._text = text
        self._figures = figures
        self._year = year
        self._sentences = sentences or Sentences(text, figures)
        self._cuts: dict[int, _Cut] = {}
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
            sentence = self._sentences.of[i]
            first = self._sentences.firsts[sentence]
            cut = self._cuts.get(sentence)
            if cut is None:
                figures = self._figures[first : self._sentences.firsts[sentence + 1]]
                cut = self._cuts[sentence] = _cut(self._text, figures, *self._sentences.bounds(sentence))
            self._made[i] = _context(self._text, self._figures, i, cut, cut.owners[i - first], self._year)
        return self._made[i]


def _cut(text: str, figures: Sequence[Figure], at: int, end: int) -> _Cut:
    cut = _Cut([], [], [], [])
    starts, texts, halves, owners = cut
    marks = [m.start() for m in _BREAK.finditer(text, at, end)]
    k, last = 0, len(marks)
    for start, behind in (*[f.span for f in figures], (end, end)):
        while k < last and (mark := marks[k]) < start:
            k += 1
            if mark < at:
                continue  # inside a figure
            starts.append(at)
            texts.append(text[at:mark] if mark - at <= _MAX_CLAUSE else text[mark - _MAX_CLAUSE : mark])
            halves.append(text[mark] in _HALF_END)
            at = mark + 1
        owners.append(len(starts))
        starts.append(at)
        texts.append(text[at:start] if start - at <= _MAX_CLAUSE else text[start - _MAX_CLAUSE : start])
        halves.append(False)
        at = behind
    return cut


_LAST_YEAR = "(?<![比较同与超])(?:上年|去年|上一年|前一年|头一年|头年|一年前|上年度|上年同期|去年同期)(?!同?期?(?:一样|持平|相同|相当|基本))"
_COMPARED = re.compile("(?:比|较|同比|与|超)(?:上年|去年|上一年)|同比|环比")
_CHANGES = re.compile("(?:增长|增加|上升|提高|提升|下降|减少|降低|增幅|降幅)")
_BY = re.compile("[多少](?:办|开|讲|放|发|出|来|增|招|建)了?$")
_CHANGED = ("增加了", "增长了", "减少了", "下降了", "上升了", "提高了", "净增了", "上涨了", "回落了", "多了", "少了")
_GROWN_TO = re.compile("，?[^，。；、：0-9]{0,4}(?:到|至|为|成)")
_BASE_YEAR = re.compile("(?:比|较)(?:上年|去年|上一年|上年同期|去年同期)的$")
_JOINED = frozenset(("", "和", "与", "及", "以及"))
_LIST = re.compile("、[^，。；：]*|[和与及以]*|[^，。；：、]{1,5}(?:、|和|与|及|以及)")  # 12个社团、420个孩子
_ENDS = ("", *"，。；、）)\n")
_LEVEL = re.compile("(?:增长|增加|上升|提高|提升|扩大|发展|下降|减少|降低|回落)(?:到|至|为)$")
_PART = re.compile("其中|里头|其他|包括|含(?!量)")


@lru_cache(maxsize=64)
def _last_year(year: int) -> re.Pattern[str]:
    return re.compile(f"{_LAST_YEAR}|(?<![比较]){year - 1}年")


def _context(text: str, figures: Sequence[Figure], i: int, cut: _Cut, owner: int, year: int) -> Context:
    span = figures[i].span
    left = cut.texts[owner]
    right = _right(cut, owner, span.end)
    apiece = name_of(text, figures, i) if text.find("分别", max(0, cut.starts[owner] - 24), span.start) >= 0 else ""
    own = [*terms_of(apiece or left), *terms_of(right), *grade_of(text, figures, i)]
    terms: Terms = dict.fromkeys(own, 1.0)
    head = _add_before(terms, cut, owner)
    _add_after(terms, cut, owner)
    compared = bool(left) and _is_compared(left, head)
    level = left.endswith(("到", "至", "为")) and bool(_LEVEL.search(left))
    start = left.endswith(("由", "从")) and bool(_GROWN_TO.match(text, span.end))
    window = max(0, cut.starts[owner] - (0 if left else 6))
    if compared and _BASE_YEAR.search(left):
        compared = False  # «比上年的7.8万元多7000元»: what it was
        last = True
    else:
        last = not compared and (
            (text.find("年", window, span.start) >= 0 and bool(_last_year(year).search(text, window, span.start)))
            or _behind_last_year(text, figures, i, year)
        )
    if i and not last and not compared and (left in _JOINED or text[figures[i - 1].span.end] == "、"):
        compared, last = _shared(text, figures, i, head, year)
    part = bool(_PART.search(head, head.rfind("；") + 1))
    marks = wording().contrasted.intersection(own)
    return Context(terms, frozenset(own), marks, left, right, head[-_MAX_CLAUSE:], part, last, compared, level, start)


def _is_compared(left: str, head: str) -> bool:
    """True if a figure behind these words is a change against the year before."""
    if ("年" in left or "比" in left) and _COMPARED.search(left):
        return True
    if ("多" in left or "少" in left) and _BY.search(left):
        return True
    if left.endswith(_CHANGED):
        return True  # «一年增加了9.2万人次»
    return bool(_CHANGES.match(left) and _COMPARED.search(head[-24:]))


def _shared(text: str, figures: Sequence[Figure], i: int, head: str, year: int) -> tuple[bool, bool]:
    """«比去年多2场、150人次», «上年为198批、1.38万人次»: what is said of the first holds for the second, too.

    Gives whether the figure is a change, and whether it is last year's.
    """
    before, start = figures[i - 1].span, figures[i].span.start
    between = text[before.end : start]
    if not between or "年" in between or not _LIST.fullmatch(between):
        return False, False
    said = text[max(0, before.start - 12) : before.start]
    said = said[max(said.rfind(mark) for mark in "，。；：\n") + 1 :]
    compared = bool(_COMPARED.search(said))
    last = "年" in said and not compared and bool(_last_year(year).search(said))
    # «比上年多4场、326件展品»: what has a noun of its own is no second change, unless 分别 says so.
    bare = text[figures[i].span.end : figures[i].span.end + 1] in _ENDS or "分别" in head[-24:]
    return compared and bare and not between.strip("、和与及以"), last


def _add_before(terms: Terms, cut: _Cut, owner: int) -> str:
    """Add the terms of the clauses before, and return their text with the figure's own: the sentence up to the figure."""
    head = cut.texts[owner]
    level, across = 0, 1.0
    for k in range(owner - 1, max(-1, owner - 7), -1):
        clause = cut.texts[k]
        if cut.halves[k]:
            across *= _ACROSS
            head = f"{clause}；{head}"
        else:
            head = clause + head
        if not clause:
            continue
        weight = _BEFORE[level if level < 3 else 3] * across
        level += 1
        for term in terms_of(clause):
            if terms.get(term, 0.0) < weight:
                terms[term] = weight
    return head


def _behind_last_year(text: str, figures: Sequence[Figure], i: int, year: int) -> bool:
    """True for «2024年接待35.4万人次»: the year before stands as a figure of its own in the same clause."""
    if i == 0:
        return False
    before = figures[i - 1]
    if before.period is None or before.period.start != str(year - 1):
        return False
    if text.endswith(("比", "较", "与", "同"), 0, before.span.start) and text[before.span.end : figures[i].span.start] != "的":
        return False
    return not _BREAK.search(text, before.span.end, figures[i].span.start)


def _right(cut: _Cut, owner: int, end: int) -> str:
    """What follows directly (46场科普讲座), not what belongs to the next figure (46场，听众9800人次)."""
    return cut.texts[owner + 1] if owner + 1 < len(cut.texts) and cut.starts[owner + 1] == end else ""


def _add_after(terms: Terms, cut: _Cut, owner: int) -> None:
    level = 0
    for k in range(owner + 1, min(len(cut.texts), owner + 4)):
        clause = cut.texts[k]
        if clause and level < len(_AFTER):
            weight = _AFTER[level]
            for term in terms_of(clause):
                if terms.get(term, 0.0) < weight:
                    terms[term] = weight
            level += 1
        if cut.halves[k]:
            return


def contrast(one: Context, other: Context) -> bool:
    """True if two clauses name different members of a group whose members exclude one another."""
    if not one.marks or not other.marks or one.marks == other.marks:
        return False
    groups = wording().groups
    for mark in one.marks:
        for group in groups[mark]:
            found = other.marks & group
            if found and found.isdisjoint(one.marks):
                return True
    return False
