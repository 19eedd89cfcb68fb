"""How much of a text says nothing: stock phrases per 100 characters, of the whole and of a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from kepudraft.figures.figure import Span
from kepudraft.verify.form import FormFinding, FormKind, Severity
from kepudraft.verify.form_rules import StockRules, any_of, language_rules
from kepudraft.verify.layout import Layout, LineKind

_SHOWN = 4


@cache
def _pattern() -> re.Pattern[str]:
    return any_of(language_rules().stock.phrases)


def check_stock(text: str, layout: Layout) -> Iterator[FormFinding]:
    """Find paragraphs, and failing them a whole text, padded with stock phrases."""
    rules = language_rules().stock
    phrases: list[str] = []
    size = 0
    padded = False
    for line in layout.lines:
        if line.kind not in (LineKind.BODY, LineKind.ITEM):
            continue
        found = _pattern().findall(line.text)
        phrases += found
        size += len(line.text)
        if len(found) >= rules.paragraph and _rate(len(found), len(line.text)) >= rules.paragraph_rate:
            padded = True
            why = f"这一段套话太多（{_listed(found)}），请换成具体做法和数字"
            span = Span(line.span.start, line.span.end)
            yield FormFinding(FormKind.STOCK_PHRASES, span, text[span.start : span.end], Severity.ERROR, why)
    rate = _rate(len(phrases), size)
    if not padded and len(phrases) >= rules.paragraph and rate >= rules.warning:
        yield FormFinding(FormKind.STOCK_PHRASES, None, "", _severity(rate, rules), _whole(phrases, rate))


def _rate(count: int, size: int) -> float:
    return 100 * count / max(size, 1)


def _severity(rate: float, rules: StockRules) -> Severity:
    return Severity.ERROR if rate >= rules.error else Severity.WARNING


def _whole(phrases: list[str], rate: float) -> str:
    return f"全文套话偏多，每百字{rate:.1f}处（{_listed(phrases)}），请换成具体做法和数字"


def _listed(phrases: list[str]) -> str:
    told = list(dict.fromkeys(phrases))
    return "、".join(told[:_SHOWN]) + ("等" if len(told) > _SHOWN else "")
