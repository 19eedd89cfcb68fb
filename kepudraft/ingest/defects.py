"""What is wrong with a text that somebody else published, each finding with its line: shown to people, never mended.

Figures are read by `figures.scan`; the rest are rules of the genre in rules.toml. The same fault in many places (a mask,
a spun word) is one finding with all its lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kepudraft.figures.scan import scan
from kepudraft.ingest.prose import Line, Prose, place
from kepudraft.ingest.rules import load_rules
from kepudraft.ingest.sections import Section
from kepudraft.ingest.split import Part, number_of


class DefectKind(StrEnum):
    """Kinds of defects; the value stands in records, `TITLES` in what people read."""

    LOST_NUMBER = "lost-number"
    LOST_TEXT = "lost-text"
    MASK = "mask"
    SPUN = "spun"
    OTHER_TRADE = "other-trade"
    YEAR = "year"
    TRUNCATED = "truncated"
    DOUBLED = "doubled-digits"
    MAGNITUDE = "magnitude"
    EMPTY_QUOTES = "empty-quotes"
    MOJIBAKE = "mojibake"


TITLES = {
    DefectKind.LOST_NUMBER: "数字丢失",
    DefectKind.LOST_TEXT: "内容缺失",
    DefectKind.MASK: "数字或名称被遮去",
    DefectKind.SPUN: "同义词替换",
    DefectKind.OTHER_TRADE: "不是科普工作",
    DefectKind.YEAR: "年份不符",
    DefectKind.TRUNCATED: "结尾被截断",
    DefectKind.DOUBLED: "数字重复",
    DefectKind.MAGNITUDE: "数量级不可能",
    DefectKind.EMPTY_QUOTES: "引号内容丢失",
    DefectKind.MOJIBAKE: "乱码",
}
SEVERE = frozenset({DefectKind.OTHER_TRADE, DefectKind.LOST_TEXT, DefectKind.MOJIBAKE, DefectKind.TRUNCATED, DefectKind.SPUN})
"""With these a part teaches wrong wording or none: `--strict` leaves it out. Wrong figures are masked anyway."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One finding.

    Attributes:
        kind: What sort.
        lines: Where, in order.
        surface: What stands there, the first of them.
        message: One Chinese sentence.
    """

    kind: DefectKind
    lines: tuple[int, ...]
    surface: str
    message: str

    def __str__(self) -> str:
        shown = "、".join(place(line) for line in self.lines[:4]) + (f"等{len(self.lines)}处" if len(self.lines) > 4 else "")
        return f"{shown}：{TITLES[self.kind]}：{self.message}"


_SCANNED = {
    "lost-number": DefectKind.LOST_NUMBER, "doubled-digits": DefectKind.DOUBLED, "magnitude": DefectKind.MAGNITUDE,
    "empty-quotes": DefectKind.EMPTY_QUOTES,
}  # fmt: skip
_MASK = re.compile(
    r"(?:20)?[xX×＊*✕]{2,}|(?<![A-Za-z0-9])[xX×](?=[市县区镇乡省村])|[某]{2,}(?=[市县区镇乡省村])|[△○]{2,}|(?<=[市县区镇乡村])[xX×]{2,}"
)
_BOX = re.compile("□+")
_MONTH_LOST = re.compile(r"(?<![\d一二三四五六七八九十个每本当逐月上下])月\s?\d{1,2}\s?日")
_BREAK = re.compile(r"[^。；！？]{0,12}\s+[-—－](\d{1,3})\s*$|^\s*[-—－]\s?(\d{2,3})\s*$")
_END_OK = re.compile(r"[。！？!?…”’）)】》；;.]$|[。！]\s*[\[(（].{0,10}$")
_ORDINAL = re.compile(r"^\s*([一二三四五六七八九十])是")
_REPLACED = re.compile("[\ufffd\ue000-\uf8ff]")
_GARBLED = re.compile("锟斤拷|烫烫烫|屯屯屯|[ÃÂâäåæçèéï][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ]")
_NEAR = 12
_PLACE_YEAR = re.compile(r"(?:20|19)\d\d(?=\s*(?:余|多)?(?:平方米|万元|元|人次|人|份|册|场次|场|次|名|公里|亩|个|余|多))")


def find_defects(
    part: Part, texts: Sequence[Prose], sections: Sequence[Section], raw: Sequence[Line], *, year: int | None
) -> tuple[Defect, ...]:
    """Return what is wrong with one part, in the order of its lines.

    Args:
        part: The part, lines in Simplified script.
        texts: Its paragraphs.
        sections: Its sections.
        raw: Its lines before page numbers were taken out.
        year: Which its headline names; None if none does.
    """
    found = [
        *_figures(texts), *_masks(texts), *_spun(texts), *_garbled(texts),
        *_trade(part, sections), *_lost_text(raw, sections), *_truncated(part, sections), *_redated(texts, year),
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda defect: (defect.lines[0], defect.kind)))


def _figures(texts: Sequence[Prose]) -> Iterable[Defect]:
    for text in texts:
        last: dict[DefectKind, int] = {}
        for defect in scan(text.text).defects:
            kind = _SCANNED.get(defect.kind)
            start = defect.span.start
            # Two rules may blame one place, and 万元（含结转资金万元） is one loss.
            if kind and start - last.get(kind, -99) > _NEAR:
                yield Defect(kind, (text.line_at(start),), defect.surface, defect.message)
            if kind:
                last[kind] = start
        for match in (found for pattern in load_rules().lost_numbers for found in pattern.finditer(text.text)):
            if match.start() - last.get(DefectKind.LOST_NUMBER, -99) > _NEAR:
                yield Defect(DefectKind.LOST_NUMBER, (text.line_at(match.start()),), match[0], f"“{match[0]}”缺数字")
                last[DefectKind.LOST_NUMBER] = match.start()
        for match in _MONTH_LOST.finditer(text.text):
            yield Defect(DefectKind.LOST_NUMBER, (text.line_at(match.start()),), match[0], f"“{match[0]}”缺月份")


def _masks(texts: Sequence[Prose]) -> Iterable[Defect]:
    for pattern, kind, what in ((_MASK, DefectKind.MASK, "遮去了年份、数字或名称"), (_BOX, DefectKind.LOST_TEXT, "是抓取时丢掉的字")):
        hits = [(text.line_at(m.start()), m[0]) for text in texts for m in pattern.finditer(text.text)]
        if hits:
            common = Counter(surface for _, surface in hits).most_common(1)[0][0]
            where = tuple(dict.fromkeys(number for number, _ in hits))
            yield Defect(kind, where, common, f"“{common}”{what}，共{len(hits)}处")


def _spun(texts: Sequence[Prose]) -> Iterable[Defect]:
    hits = [
        (text.line_at(match.start()), match[0], right)
        for text in texts for pattern, right in load_rules().spun for match in pattern.finditer(text.text)
    ]  # fmt: skip
    # One odd word may be its writer's own; two different ones are a machine's.
    if len({surface for _, surface, _ in hits}) < 2:
        return
    shown = dict.fromkeys(f"“{surface.strip('，。；、')}”（应含“{right}”）" for _, surface, right in hits)
    examples = "、".join(list(shown)[:4])
    where = tuple(sorted({number for number, _, _ in hits}))
    yield Defect(DefectKind.SPUN, where, hits[0][1], f"疑似被机器换过同义词：{examples}，共{len(hits)}处")


def _garbled(texts: Sequence[Prose]) -> Iterable[Defect]:
    hits = (text.line_at(m.start()) for text in texts for p in (_REPLACED, _GARBLED) for m in p.finditer(text.text))
    where = tuple(sorted(set(hits)))
    if where:
        yield Defect(DefectKind.MOJIBAKE, where, "", f"{len(where)}行里有乱码")


def _trade(part: Part, sections: Sequence[Section]) -> Iterable[Defect]:
    rules = load_rules()
    text = part.title + "\n" + "\n".join(s.heading + s.text for s in sections)
    own = len(rules.own_trade.findall(text)) * 1000 / max(len(text), 1)
    if own >= rules.own_per_thousand:
        return
    counted = {name: len(pattern.findall(text)) for name, pattern in rules.trades}
    best = max(counted, key=lambda name: counted[name])
    if counted[best] * 1000 / max(len(text), 1) < 3:
        return
    line = next((line.number for line in part.lines if line.text.strip()), 1)
    yield Defect(DefectKind.OTHER_TRADE, (line,), part.title, f"这一篇说的像是{best}工作，几乎没有提到科普")


def _lost_text(raw: Sequence[Line], sections: Sequence[Section]) -> Iterable[Defect]:
    for line in raw:
        if _BREAK.search(line.text):
            yield Defect(DefectKind.LOST_TEXT, (line.number,), line.text.strip()[-8:], "这里只剩页码，前后文字接不上，中间丢了内容")
    last: dict[int, tuple[str, str]] = {}
    for section in sections:
        mark = section.number.strip("（()）、.．#: ")
        value, before = number_of(mark), number_of(last.get(section.level, ("", ""))[0])
        same_kind = last.get(section.level, ("", ""))[1] == re.sub(r"[\w]", "", section.number)
        if section.level and value > before + 1 and before and same_kind and value < 30 and section.number[0] in "（(一二三四五六七八九十":
            yield Defect(DefectKind.LOST_TEXT, (section.line,), section.number, f"序号从“{last[section.level][0]}”跳到“{mark}”，中间丢了内容")
        if section.level:
            last = {level: seen for level, seen in last.items() if level < section.level}
            last[section.level] = (mark, re.sub(r"[\w]", "", section.number))
    yield from _ordinal_gaps(sections)


def _ordinal_gaps(sections: Sequence[Section]) -> Iterable[Defect]:
    """三是 … 五是: the fourth is gone. Only where each stands at the head of a paragraph."""
    for section in sections:
        before = 0
        for piece in section.paragraphs:
            match = _ORDINAL.match(piece.text)
            if match is None:
                continue
            value = number_of(match[1])
            if before and value > before + 1:
                yield Defect(DefectKind.LOST_TEXT, (piece.line_at(0),), match[0], f"“{match[0].strip()}”之前缺了第{before + 1}点")
            before = value


def _truncated(part: Part, sections: Sequence[Section]) -> Iterable[Defect]:
    if not sections:
        return
    last = sections[-1]
    if not last.paragraphs:
        yield Defect(DefectKind.TRUNCATED, (last.line,), last.heading, f"最后的标题“{last.heading}”下面没有正文")
        return
    piece = last.paragraphs[-1]
    text = piece.text.rstrip()
    if not _END_OK.search(text):
        yield Defect(DefectKind.TRUNCATED, (piece.line_at(len(text) - 1),), text[-8:], f"最后一句没有写完：“…{text[-12:]}”")


def _redated(texts: Sequence[Prose], year: int | None) -> Iterable[Defect]:
    """A count that is the headline's year (占地2022平方米) shows that years were replaced by machine."""
    for text in texts:
        for match in _PLACE_YEAR.finditer(text.text):
            if year is not None and int(match[0]) == year:
                shown = text.text[max(0, match.start() - 4) : match.end() + 4]
                message = f"“{shown}”里的数与标题年份相同，像是替换年份时改出来的"
                yield Defect(DefectKind.YEAR, (text.line_at(match.start()),), match[0], message)
