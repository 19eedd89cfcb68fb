"""Terms used in a year in which they do not hold: 全国科普日 for 2025, 全国科普月 before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from kepudraft.figures.figure import Span
from kepudraft.figures.fold import fold
from kepudraft.genre import Role
from kepudraft.verify.form import FormFinding, FormKind, Severity
from kepudraft.verify.form_rules import Term, any_of, language_rules
from kepudraft.verify.layout import Layout
from kepudraft.verify.section_roles import named_roles

_YEAR = re.compile("(?<![0-9])((?:19|20)[0-9]{2})(?=年|届)")
_BEFORE = re.compile("去年|上年|上一年|往年|历年|原|此前|前身|曾")
_AHEAD = re.compile("明年|来年|下年|下一年|新的一年|将于|改为|更名")
_REACH = 30
_CLAUSE_END = "。！？；\n"


@cache
def _terms() -> tuple[re.Pattern[str], dict[str, Term]]:
    # The rules are written with full-width marks, the text is folded: both have to be one form.
    table = {fold(word): term for term in language_rules().terms for word in term.words}
    return any_of(table), table


def check_terms(text: str, layout: Layout, year: int) -> Iterator[FormFinding]:
    """Find terms out of their years; one beside a year in which it holds tells of history or of plans."""
    pattern, table = _terms()
    ahead = _plans_start(layout)
    for match in pattern.finditer(layout.text):
        term = table[match.group()]
        start, end = match.span()
        if term.holds(year) or _excused(layout.text, start, end, term, year, planned=start >= ahead):
            continue
        why = f"“{text[start:end]}”不适用于{year}年：{term.advice}"
        yield FormFinding(FormKind.TERM, Span(start, end), text[start:end], Severity.ERROR, why)


def _plans_start(layout: Layout) -> int:
    """Where plans are told: the section of that name, or the last one whatever it is called."""
    named = (s.head.span.start for s in layout.sections if Role.PLANS in named_roles(s.heading))
    last = layout.sections[-1].head.span.start if layout.sections else len(layout.text)
    return min(max(named, default=last), last)


def _excused(text: str, start: int, end: int, term: Term, year: int, *, planned: bool) -> bool:
    before = text[max(0, start - _REACH) : start]
    for mark in _CLAUSE_END:
        before = before[before.rfind(mark) + 1 :]
    after = text[end : end + 8].split("\n")[0]
    years = [int(found) for found in _YEAR.findall(before + "|" + after)]
    if years and term.holds(years[-1]):
        return True
    if _BEFORE.search(before) and term.holds(year - 1):
        return True
    return (planned or bool(_AHEAD.search(before))) and term.holds(year + 1)
