"""Findings and report: what verifying gives. Findings are data; raising is a separate step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kepudraft.errors import UnfaithfulDraft
from kepudraft.figures.scan import Span
from kepudraft.verify.form import FormFinding


class Verdict(StrEnum):
    """What is true of one figure of a text, or of one figure of a fact."""

    SUPPORTED = "supported"
    EQUIVALENT = "equivalent"
    ROUNDED = "rounded"
    DERIVED = "derived"
    GENERAL = "general"
    MISATTRIBUTED = "misattributed"
    HEDGE_CHANGED = "hedge_changed"
    STATUS_CHANGED = "status_changed"
    CONFLICTING = "conflicting"
    UNSUPPORTED = "unsupported"
    LEAKED = "leaked"
    OMITTED = "omitted"

    @property
    def label(self) -> str:
        """What the person reads."""
        return _LABELS[self]


_LABELS = {
    Verdict.SUPPORTED: "一致",
    Verdict.EQUIVALENT: "相等",
    Verdict.ROUNDED: "约数",
    Verdict.DERIVED: "算出",
    Verdict.GENERAL: "公知",
    Verdict.MISATTRIBUTED: "张冠李戴",
    Verdict.HEDGE_CHANGED: "确切程度变了",
    Verdict.STATUS_CHANGED: "计划写成完成",
    Verdict.CONFLICTING: "前后矛盾",
    Verdict.UNSUPPORTED: "没有依据",
    Verdict.LEAKED: "来自范文",
    Verdict.OMITTED: "没有写进",
}

FAITHFUL = frozenset(
    {Verdict.SUPPORTED, Verdict.EQUIVALENT, Verdict.ROUNDED, Verdict.DERIVED, Verdict.GENERAL}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure of the text with its verdict, or (OMITTED) one figure of a fact that the text lacks.

    Attributes:
        verdict: What is true of it.
        span: Where it stands in the text; None for OMITTED.
        surface: The figure as written (in the text, or in the fact for OMITTED).
        fact_id: The fact that bears or contradicts it, or "".
        expected: What the fact says, where that differs; else "".
        explanation: One Chinese sentence for the person who must decide.
        formula: For DERIVED, how it is reckoned, with values; else "".
        inputs: For DERIVED, the facts that it is reckoned from.
    """

    verdict: Verdict
    span: Span | None
    surface: str
    fact_id: str
    expected: str
    explanation: str
    formula: str = ""
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Every figure of a text judged against facts.

    Attributes:
        findings: One for each figure of the text in order, then the OMITTED ones.
        unused: Ids of facts with no figure and no wording in the text, in sheet order.
        form: What is wrong with structure and language, where that was asked for (`review`).
    """

    findings: tuple[Finding, ...]
    unused: tuple[str, ...]
    form: tuple[FormFinding, ...] = ()

    @property
    def figures(self) -> tuple[Finding, ...]:
        """The findings that stand for a figure of the text."""
        return tuple(f for f in self.findings if f.verdict is not Verdict.OMITTED)

    @property
    def unfaithful(self) -> tuple[Finding, ...]:
        """The figures that must not get out."""
        return tuple(f for f in self.figures if f.verdict not in FAITHFUL)

    @property
    def ok(self) -> bool:
        """True if every figure of the text is borne by the facts."""
        return not self.unfaithful

    @property
    def precision(self) -> float:
        """Share of the text's figures that are borne; 1.0 for a text without figures."""
        figures = self.figures
        return 1.0 if not figures else 1 - len(self.unfaithful) / len(figures)

    @property
    def recall(self) -> float:
        """Share of the facts' figures that the text tells; 1.0 where the facts hold none."""
        told = len([f for f in self.figures if f.verdict in FAITHFUL and f.fact_id])
        omitted = len(self.findings) - len(self.figures)
        return 1.0 if not told + omitted else told / (told + omitted)

    def raise_for_unfaithful(self) -> None:
        """Raise if a figure is not borne by the facts.

        Raises:
            UnfaithfulDraft: With this report.
        """
        if self.ok:
            return
        first = self.unfaithful[0]
        raise UnfaithfulDraft(
            f"有{len(self.unfaithful)}处数字没有依据，第一处：“{first.surface}”（{first.explanation}）", self
        )
