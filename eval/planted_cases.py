"""The faithful drafts of eval/cases/planted: text files with marks -> drafts, their figures and the facts that bear them.

A mark stands behind a figure: 46场⟦F2⟧ (fact F2 bears it), ⟦F2^⟧ (it is F2's value of the year before), ⟦=F1,F2⟧
(computed from those facts), ⟦G⟧ (the year of the report or a public date). Which characters make the figure is read by a
small grammar of this module, not by the scanner that is being judged: a slip of the scanner must not hide itself here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import read_facts
from kepudraft.facts.sheet import Fact, FactSheet, Source, Status
from kepudraft.figures.scan import scan

CASES = Path(__file__).parent / "cases"
PLANTED = CASES / "planted"

_FRONT = re.compile(r"\+\+\+\n(?P<front>.*?)\n\+\+\+\n(?P<body>.*)", re.S)
_PART = re.compile(r"^%%% (draft|paraphrase)\n", re.M)
_MARK = re.compile(r"⟦([^⟧]*)⟧")
_UNITS = (
    "个百分点|平方米|人次|场次|册次|课时|小时|公里|公顷|等奖|人|名|位|场|次|期|届|项|个|处|家|所|支|篇|件|份|册|本|条|块|张|幅|部|种|门|节|天"
    "|元|米|亩|户|间|座|台|棵|辆|站|批|岁|成|分|趟|%|％"
)
_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_HAN = "一二三四五六七八九十百千两"
_FIGURE = re.compile(
    r"(?P<date>(?:20\d\d年)?\d{1,2}月\d{1,2}日(?:至(?:\d{1,2}月)?\d{1,2}日)?|20\d\d年(?:\d{1,2}月)?|\d{1,2}月(?!\d))"
    rf"|(?P<ordinal>第(?:\d+|[{_HAN}]+)[届次个位名]|首届|[特一二三]等奖)"
    r"|(?P<before>近|约|超过|超|突破|不足|不到|不少于)?"
    rf"(?:(?P<digits>{_DIGITS})|(?<![{_HAN}第])(?P<han>[{_HAN}]{{2,7}}(?=[余多]?(?:{_UNITS}))|[一二三四五六七八九两](?=成)))"
    rf"(?P<more>[余多])?(?P<scale>[万亿])?(?P<late>[余多])?(?P<unit>{_UNITS})?(?P<after>以上|以下|左右)?"
)
_NO_FIGURE = re.compile(r"〔\d+〕\d+号|\d+号展厅|^\d\. |2021—2035|一楼|一次坐|三会一课", re.M)
_HAN_VALUES = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN_TENS = {"十": 10, "百": 100, "千": 1000}
SCALES = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}


class Bearing(StrEnum):
    """How the facts bear a figure."""

    FACT = "fact"
    LAST = "last"
    DERIVED = "derived"
    GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Numeral:
    """A figure taken apart: text[start:end] is before + digits + more + scale + late + unit + after.

    `sort` is count, money, percent, ordinal or date; `value` is None for dates and ordinals.
    """

    start: int
    end: int
    sort: str
    surface: str
    before: str = ""
    digits: str = ""
    more: str = ""
    scale: str = ""
    late: str = ""
    unit: str = ""
    after: str = ""
    value: Decimal | None = None

    @property
    def amount(self) -> str:
        """Everything but the unit and what follows it."""
        return f"{self.before}{self.digits}{self.more}{self.scale}{self.late}"

    @property
    def hedged(self) -> bool:
        """True if it does not claim to be exact."""
        return bool(self.before or self.more or self.late or self.after)

    @property
    def is_arabic(self) -> bool:
        """True if its digits are Arabic."""
        return self.digits[:1].isascii() and self.digits[:1].isdigit()


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure of a draft with what bears it; `facts` is empty for GENERAL."""

    numeral: Numeral
    bearing: Bearing
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A faithful text.

    Attributes:
        name: File and place: 03-梧桐里社区/2.
        split: dev or held.
        is_paraphrase: A free rewording of a few facts; else a whole draft with headings.
        text: Without marks.
        marks: In the order of the text.
        sheet: Its facts, computed ones too.
        done: Sentences that tell a planned thing as done, each with the figure's mark.
        masks: Sentences with {n} where the facts have a masked number (xx).
        values: Every number of the facts, of last year, of the computed facts and of the draft, whatever its unit.
    """

    name: str
    split: str
    is_paraphrase: bool
    text: str
    marks: tuple[Mark, ...]
    sheet: FactSheet
    done: tuple[tuple[str, Mark], ...]
    masks: tuple[str, ...]
    values: frozenset[Decimal]

    def is_planned(self, mark: Mark) -> bool:
        """True if a plan bears the mark."""
        return any(self.sheet.fact(i).status is Status.PLANNED for i in mark.facts)


def load_drafts(folder: Path = PLANTED) -> tuple[Draft, ...]:
    """Every draft and paraphrase of the folder, in the order of files and places."""
    return tuple(draft for path in sorted(folder.glob("[0-9]*.md")) for draft in read_drafts(path))


def read_drafts(path: Path) -> Iterator[Draft]:
    """The drafts of one file.

    Raises:
        ValueError: The file or one of its marks cannot be read.
    """
    found = _FRONT.fullmatch(path.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{path.name}: no front matter between +++ lines")
    front = tomllib.loads(found["front"])
    masks = tuple(front.get("masks", ()))
    sheet = _with_masked(with_derived(read_facts(CASES / front["sheet"])), masks)
    values = sheet_values(sheet)
    done = tuple((text, marks[-1]) for text, marks in map(strip_marks, front.get("done", ())))
    _, *parts = _PART.split(found["body"])
    for n, (kind, body) in enumerate(zip(parts[::2], parts[1::2], strict=True), 1):
        text, marks = strip_marks(body.strip())
        known = values | {m.numeral.value for m in marks if m.numeral.value is not None}
        yield Draft(f"{path.stem}/{n}", front["split"], kind == "paraphrase", text, marks, sheet, done, masks, known)


def strip_marks(marked: str) -> tuple[str, tuple[Mark, ...]]:
    """The text without marks, and what they said: each belongs to the last figure before it."""
    text, places, end = "", [], 0
    for found in _MARK.finditer(marked):
        text += marked[end:found.start()]
        places.append((len(text), found[1]))
        end = found.end()
    text += marked[end:]
    numerals = list(numerals_of(text))
    marks = []
    for place, said in places:
        before = [n for n in numerals if n.end <= place]
        if not before or place - before[-1].end > 8:
            raise ValueError(f"mark {said} stands behind no figure: {text[max(0, place - 20):place]}")
        marks.append(Mark(before[-1], *_bearing(said)))
    return text, tuple(marks)


def numerals_of(text: str) -> Iterator[Numeral]:
    """Every figure that the grammar knows, in order."""
    skipped = [m.span() for m in _NO_FIGURE.finditer(text)]
    for found in _FIGURE.finditer(text):
        if not any(a <= found.start() < b for a, b in skipped):
            yield _numeral(found)


def han_value(han: str) -> int:
    """三百一十二 -> 312; 十二 -> 12."""
    total, digit = 0, 0
    for c in han:
        if c in _HAN_TENS:
            total, digit = total + (digit or 1) * _HAN_TENS[c], 0
        else:
            digit = _HAN_VALUES[c]
    return total + digit


def sheet_values(sheet: FactSheet) -> frozenset[Decimal]:
    """Every number of the facts, of last year and of the computed facts, whatever its unit."""
    texts = [t for f in sheet.facts for t in (f.text, f.last, f.note)]
    return frozenset(n.value for t in texts for n in numerals_of(t) if n.value is not None)


def _with_masked(sheet: FactSheet, masks: Sequence[str]) -> FactSheet:
    """The sheet with facts that tell of a number and hide it. A reader of files refuses such lines; a caller may have them."""
    facts = []
    for n, mask in enumerate(masks, 1):
        text = mask.replace("{n}", "xx").rstrip("。")
        facts.append(Fact(f"M{n}", text, scan(text).figures, "", Status.DONE, Source(sheet.unit, f"M{n}")))
    return replace(sheet, facts=(*sheet.facts, *facts))


def _bearing(said: str) -> tuple[Bearing, tuple[str, ...]]:
    if said == "G":
        return Bearing.GENERAL, ()
    if said.startswith("="):
        return Bearing.DERIVED, tuple(said[1:].split(","))
    if said.endswith("^"):
        return Bearing.LAST, (said[:-1],)
    return Bearing.FACT, (said,)


def _numeral(found: re.Match[str]) -> Numeral:
    start, end = found.span()
    if found["date"] or found["ordinal"]:
        return Numeral(start, end, "date" if found["date"] else "ordinal", found[0])
    groups = {k: found[k] or "" for k in ("before", "more", "scale", "late", "unit", "after")}
    unit, digits = groups["unit"], found["digits"]
    number = Decimal(digits.replace(",", "")) if digits else Decimal(han_value(found["han"]))
    sort = "money" if unit == "元" else "percent" if unit in ("%", "％", "个百分点", "成") else "count"
    return Numeral(start, end, sort, found[0], digits=digits or found["han"], value=number * SCALES[groups["scale"]], **groups)
