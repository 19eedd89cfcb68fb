"""Lines of prose -> items, each with the headings that it stands under.

A heading sets the context of what follows, a label with nothing behind its colon («存在问题：») too. A numbered line is a
heading only if something stands beneath it: «一、成立领导小组» followed by «二、…» is a fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from kepudraft.facts.material import Material, RawLine, refuse_too_many
from kepudraft.facts.vocabulary import bare, vocabulary
from kepudraft.figures.scan import Kind, scan
from kepudraft.figures.units import UNKNOWN, unit_named
from kepudraft.genre import load_genre
from kepudraft.settings import shipped

# «一、二等奖共5个» and «5、6月各1场» begin with a list of numbers, not with a mark.
_HAN_MARK = "[一二三四五六七八九十]{1,3}[、．.](?![一二三四五六七八九十]{1,2}(?:等奖|期|批|月|季|年级|级|楼|区|类|号))"
_DIGIT_MARK = r"\d{1,2}(?:[、．)）](?!\d{1,2}(?:月|日|号|年|级|期|批|等奖))|[.](?!\d))"
_BULLET = re.compile(
    r"^[\s\u3000]*(?:#{1,6}[ \t]+)?(?:[-*+•·●○◆■□▪➢►✓√–—][\s\u3000]+|[•·●○◆■□▪➢►✓√]"
    r"|[（(][一二三四五六七八九十\d]{1,3}[)）][、.．]?|" + _HAN_MARK + "|" + _DIGIT_MARK + r"|[①-⑳])?[\s\u3000]*"
    r"(?:\[[ xX√]\][\s\u3000]*)?"
)
_STYLES = (
    (re.compile(r"[\s\u3000]*(#{1,6})[ \t]+"), ""),
    (re.compile(r"[\s\u3000]*[（(][一二三四五六七八九十]{1,3}[)）]"), "（一）"),
    (re.compile(r"[\s\u3000]*(?:" + _HAN_MARK + "|[一二三四五六七八九十]{1,3}[)）])"), "一、"),
)
_LABEL = re.compile(r"^([^：:，,。；;！？\n]{1,24})[：:](?!//)[\s\u3000]*(.*)$", re.S)
_OPEN_BRACKET = re.compile("[（(《“][^）)》”]*$")
_MARKUP = re.compile(r"\*\*|__|`")
_BRACKETED = re.compile(r"^[（(][^（()）\d]{1,12}[)）]$")
_RULE = re.compile(r"^[\s\-=*_—─]{3,}$")
_STOPS = re.compile(r"[，。；：:]")
_ANNOUNCES = re.compile(r"如下[：:。.]?$")
_GAP = re.compile(r"[ \t\u3000]+")
_ENDS = re.compile("[\u3400-\u9fff）”》](?<![年月日号第约近超达共其])$")
_STARTS = re.compile("[，。；：、）”》]")
_HAN = re.compile(r"[\u3400-\u9fff，。；：、（）“”《》]")


@dataclass(slots=True)
class _Outline:
    """The headings over the present line, the nearest last, as (style, text)."""

    file: str
    items: list[RawLine] = field(default_factory=list)
    over: list[tuple[str, str]] = field(default_factory=list)
    pending: RawLine | None = None  # a numbered heading with nothing beneath it yet
    title: str = ""

    def heading(self, style: str, text: str, place: str) -> None:
        """Open a heading of this style; it ends those of its own rank and below."""
        if style[0] == "#" and not (self.items or self.over):
            self.title = text
        styles = [s for s, _ in self.over]
        if style in styles:
            self.settle()
            del self.over[styles.index(style):]
        self.pending = self._line(text, place) if style in ("（一）", "一、") and not is_heading(text) else None
        self.over.append((style, text.strip("（()）")))

    def settle(self) -> None:
        """Nothing stood beneath the last numbered line: it was a statement."""
        if self.pending:
            self.items.append(self.pending)
        self.pending = None

    def line(self, text: str, place: str, style: str) -> None:
        """Take a statement; one that is numbered like the headings over it stands beside them, not beneath."""
        styles = [s for s, _ in self.over]
        if style and style in styles:
            self.settle()
            del self.over[styles.index(style):]
        self.pending = None
        self.items.append(self._line(text, place))

    def reset(self) -> None:
        self.settle()
        self.over.clear()

    def _line(self, text: str, place: str) -> RawLine:
        refuse_too_many(len(self.items), self.file)
        above = [t for _, t in reversed(self.over)]
        return RawLine(text, place, above[0] if above else "", tuple(above[1:]))


def gather(lines: Iterable[tuple[str, str]], file: str) -> Material:
    """Material of (place, line) pairs."""
    outline = _Outline(file)
    fields: dict[str, str] = {}
    remarks: list[str] = []
    for place, line in lines:
        if _RULE.match(line) or not (body := clean(line)):
            continue
        label, rest = split_label(body)
        key = vocabulary().fields.get(bare(label).lower(), "")
        if key == "ignore" or (key == "unit" and is_measure(rest)):
            remarks.append(f"{place}“{body[:20]}”不是事实，没有使用")
        elif key and key != "facts":
            if rest:
                fields.setdefault(key, rest)
        elif label and not rest:
            outline.reset() if key == "facts" else outline.heading("：", label, place)
        elif style := _heading_style(line, body):
            outline.heading(style, body, place)
        elif _ANNOUNCES.search(body) and not _counts(body):
            remarks.append(f"{place}“{body[:20]}”是引言，没有使用")
        else:
            outline.line(body, place, _mark(line))
    outline.settle()
    return Material(file, tuple(outline.items), fields, tuple(remarks), outline.title)


def clean(line: str) -> str:
    """A line without list marker, heading mark, Markdown emphasis and needless blanks."""
    return _unspaced(_MARKUP.sub("", _BULLET.sub("", line, count=1)).strip(" \t\u3000\ufeff"))


def split_label(text: str) -> tuple[str, str]:
    """(label, rest) of «问题：展品老化»; ("", text) where no label stands before a colon.

    A clock time (9:30), a ratio (1:15) and an address (http://) are no labels.
    """
    found = _LABEL.match(text)
    if not found or found[1][-1:].isdigit() or _OPEN_BRACKET.search(found[1]) or not re.search(r"[\u3400-\u9fffA-Za-z]", found[1]):
        return "", text
    return found[1].strip(), found[2].strip()


def is_heading(text: str) -> bool:
    """True for words that name a section of a summary and state nothing: 存在问题, 获奖情况, 下一步打算."""
    name = bare(text)
    return vocabulary().status_of(name, None) is not None or name in _section_names()


def is_measure(text: str) -> bool:
    """True if `text` is a unit of measure (万元, 人次), as in «单位：万元» above a table."""
    names = [n for n in re.split(r"[、,，/和\s]+", text.strip().lstrip("万亿千百")) if n]
    return bool(names) and all(unit_named(n.lstrip("万亿千百")).dimension not in (UNKNOWN, "") for n in names)


@cache
def _section_names() -> frozenset[str]:
    return frozenset(label for form in load_genre(shipped("corpus")).roles.values() for label in form.labels)


def _heading_style(line: str, body: str) -> str:
    """How a line is marked as a heading; "" for a line that states something."""
    if _BRACKETED.match(body):
        return "（）"
    marked = _mark(line)
    if not marked:
        return "·" if len(body) <= 16 and is_heading(body) else ""
    if _STOPS.search(body) or len(body) > 40:
        return ""
    dated = marked.startswith("#") and not _counts(body)
    return marked if dated or not re.search(r"\d", body) or is_heading(body) else ""


def _mark(line: str) -> str:
    """The rank that a line's number or # claims: #, ##, 一、, （一）; "" for none."""
    return next((style or found[1] for rule, style in _STYLES if (found := rule.match(line))), "")


def _counts(text: str) -> bool:
    return any(f.kind is not Kind.DATE for f in scan(text).figures)


def _unspaced(text: str) -> str:
    """Blanks inside Chinese go; between two statements that each hold a number («46场 1200人次») a comma takes their place."""
    if not _GAP.search(text):
        return text
    parts = _GAP.split(text)
    last_amount = max((n for n, part in enumerate(parts) if re.search(r"\d", part)), default=-1)
    made = [parts[0]]
    for n, part in enumerate(parts[1:], 1):
        if not (_HAN.match(parts[n - 1][-1:]) or _HAN.match(part)):
            made.append(" ")
        elif last_amount >= n and _ends_amount(parts[n - 1]) and not _STARTS.match(part):
            made.append("，")
        made.append(part)
    return "".join(made)


def _ends_amount(token: str) -> bool:
    """True for «4天», «讲座46场»: what follows after a blank is another thing."""
    return bool(re.search(r"\d", token) and _ENDS.search(token))
