"""What the judges of form hand out: findings on structure and language, never on figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kepudraft.figures.figure import Span

MAX_OF_A_KIND = 50
"""A hostile or ruined text would else give a finding a line; fifty of a kind tell a person enough."""


class FormKind(StrEnum):
    """What is wrong with the form of a text; the first twelve are found by `structure`, the last two by `reuse`, the others by `language`."""

    TITLE = "title"
    MISSING_SECTION = "missing_section"
    ORDER = "order"
    NUMBERING = "numbering"
    HEADING = "heading"
    LENGTH = "length"
    EMPTY_SECTION = "empty_section"
    ONE_SENTENCE = "one_sentence"
    THIN_SECTION = "thin_section"
    REPEATED_SENTENCE = "repeated_sentence"
    REPEATED_PARAGRAPH = "repeated_paragraph"
    SIGNATURE = "signature"
    REMAINS = "remains"
    GAP = "gap"
    HALF_SENTENCE = "half_sentence"
    MARKDOWN = "markdown"
    QUOTES = "quotes"
    NUMERAL_STYLE = "numeral_style"
    PERCENT_RANGE = "percent_range"
    MIXED_NUMERALS = "mixed_numerals"
    TERM = "term"
    STOCK_PHRASES = "stock_phrases"
    REUSED = "reused"
    OLD_YEAR = "old_year"


class Severity(StrEnum):
    """An error has to be mended before the text is handed in; a warning is for a person to weigh."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class FormFinding:
    """One fault of form.

    Attributes:
        kind: What is wrong.
        span: Where, in code points of the text judged; None where something is missing from the whole.
        surface: `text[span.start:span.end]`, or "" where span is None.
        severity: Whether it has to be mended.
        explanation: One Chinese sentence that says what to do.
    """

    kind: FormKind
    span: Span | None
    surface: str
    severity: Severity
    explanation: str


def in_order(findings: Iterable[FormFinding]) -> tuple[FormFinding, ...]:
    """The findings by place, those on the whole text first, at most `MAX_OF_A_KIND` of each kind."""
    counts: dict[FormKind, int] = {}
    kept = []
    for finding in sorted(findings, key=_place):
        counts[finding.kind] = counts.get(finding.kind, 0) + 1
        if counts[finding.kind] <= MAX_OF_A_KIND:
            kept.append(finding)
    return tuple(kept)


def _place(finding: FormFinding) -> tuple[int, int]:
    return (finding.span.start, finding.span.end) if finding.span else (-1, -1)
