"""Whether figures are written one way, as GB/T 15835 asks: 4%～6%, 5万～10万, Arabic for exact counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kepudraft.figures.figure import Figure, Hedge, Kind, Span
from kepudraft.figures.scan import Scan
from kepudraft.verify.form import FormFinding, FormKind, Severity
from kepudraft.verify.layout import Layout

_DASH = "[~～—–－-]{1,2}|[至到]"
_PERCENT_RANGE = re.compile(f"(?<![0-9.%])([0-9]{{1,4}}(?:\\.[0-9]{{1,4}})?)\\s?(?:{_DASH})\\s?[0-9]{{1,4}}(?:\\.[0-9]{{1,4}})?\\s?[%‰]")
_SCALED_RANGE = re.compile(f"(?<![0-9.,年月])([0-9]{{1,4}}(?:\\.[0-9]{{1,4}})?)\\s?(?:{_DASH})\\s?([0-9]{{1,4}}(?:\\.[0-9]{{1,4}})?)\\s?[万亿]")
# Counted to the last unit, beyond twenty: 三百一十二, 二十六; 一百遍 and 十八 are as good in Chinese.
_CHINESE = re.compile("[二三四五六七八九十百千两〇零一]{2,}[一二三四五六七八九](?![万亿])")
_ARABIC = re.compile("[0-9]")
_WIDE = re.compile("[０-９]")
_GROUPED = re.compile("[0-9]{1,3}(?:,[0-9]{3})+")
_UNGROUPED = re.compile("(?<![0-9,.])[0-9]{4,}(?![0-9,年])")
_COUNTS = frozenset((Kind.COUNT, Kind.MONEY, Kind.MEASURE))
_LARGE = 100_000
_FEW = 0.5


def check_numerals(text: str, layout: Layout, found: Scan) -> Iterator[FormFinding]:
    """Find ranges that lack their sign, and one kind of figure written in two ways."""
    for match in _PERCENT_RANGE.finditer(layout.text):
        why = f"百分数范围的前一个数也要带百分号，请写作“{match.group(1)}%～…%”的形式"
        yield _finding(text, match.span(), FormKind.PERCENT_RANGE, Severity.ERROR, why)
    for match in _SCALED_RANGE.finditer(layout.text):
        why = "范围的前一个数也要带“万”或“亿”，请写作“5万～10万”的形式"
        yield _finding(text, match.span(), FormKind.NUMERAL_STYLE, Severity.WARNING, why)
    counts = [f for f in found.figures if f.kind in _COUNTS and f.quantity is not None and f.upper is None]
    yield from _chinese_beside_arabic(text, layout, counts)
    yield from _scaled_beside_plain(text, layout, counts)
    spans = [f for f in found.figures if f.kind is Kind.DURATION and f.quantity is not None and f.upper is None]
    yield from _grouped_beside_plain(text, layout, sorted((*counts, *spans), key=lambda f: f.span.start))
    yield from _wide_beside_narrow(text, found.figures)


def _chinese_beside_arabic(text: str, layout: Layout, counts: Sequence[Figure]) -> Iterator[FormFinding]:
    """三百一十二人 in a text that writes 1240人; 三个, 十几 and 百余 are right."""
    arabic = sum(1 for f in counts if _ARABIC.search(layout.text, f.span.start, f.span.end))
    for figure in counts:
        surface = layout.text[figure.span.start : figure.span.end]
        if figure.hedge is not Hedge.EXACT or not arabic or _ARABIC.search(surface) or _quoted(layout.text, figure.span):
            continue
        if _CHINESE.match(surface):
            why = f"“{figure.surface}”是精确数，与全文写法不一，请改用阿拉伯数字"
            yield _finding(text, (figure.span.start, figure.span.end), FormKind.MIXED_NUMERALS, Severity.WARNING, why)


def _quoted(text: str, span: Span) -> bool:
    """True within “…” and 《…》 of one line: names keep their numerals."""
    begin = text.rfind("\n", 0, span.start) + 1
    before = text[begin : span.start]
    return before.rfind("“") > before.rfind("”") or before.rfind("《") > before.rfind("》")


def _scaled_beside_plain(text: str, layout: Layout, counts: Sequence[Figure]) -> Iterator[FormFinding]:
    """100000人次 in a text that writes 9.6万人次."""
    scaled, plain = set(), []
    for figure in counts:
        assert figure.quantity is not None
        surface = layout.text[figure.span.start : figure.span.end]
        if "万" in surface and _ARABIC.search(surface):
            scaled.add(figure.quantity.unit.name)
        elif figure.quantity.value >= _LARGE and surface[:1].isdigit() and "万" not in surface and "亿" not in surface:
            plain.append(figure)
    for figure in plain:
        assert figure.quantity is not None
        if figure.quantity.unit.name in scaled:
            why = f"“{figure.surface}”与全文用“万”的写法不一，请统一"
            yield _finding(text, (figure.span.start, figure.span.end), FormKind.MIXED_NUMERALS, Severity.WARNING, why)


def _grouped_beside_plain(text: str, layout: Layout, counts: Sequence[Figure]) -> Iterator[FormFinding]:
    """9,800小时 in a text that writes 1120场: the rarer way is shown."""
    grouped = [f for f in counts if _GROUPED.match(layout.text, f.span.start, f.span.end)]
    plain = [f for f in counts if _UNGROUPED.match(layout.text, f.span.start, f.span.end)]
    if not grouped or not plain:
        return
    fewer = grouped if len(grouped) <= len(plain) else plain
    advice = "不加千分号" if fewer is grouped else "加千分号"
    for figure in fewer:
        why = f"“{figure.surface}”与全文写法不一，请统一为{advice}"
        yield _finding(text, (figure.span.start, figure.span.end), FormKind.MIXED_NUMERALS, Severity.WARNING, why)


def _wide_beside_narrow(text: str, figures: Sequence[Figure]) -> Iterator[FormFinding]:
    """１２期 in full-width digits."""
    for figure in figures:
        if _WIDE.search(figure.surface):
            why = f"“{figure.surface}”用了全角数字，请改为半角"
            yield _finding(text, (figure.span.start, figure.span.end), FormKind.MIXED_NUMERALS, Severity.WARNING, why)


def _finding(text: str, place: tuple[int, int], kind: FormKind, severity: Severity, why: str) -> FormFinding:
    return FormFinding(kind, Span(*place), text[slice(*place)], severity, why)
