"""The figure table (数据核对表): a row a figure, with all that the person who signs for it has to compare.

The evidence page and the Word file print the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from kepudraft.export.evidence import Evidence, Mark
from kepudraft.facts.sheet import Fact
from kepudraft.verify.report import FAITHFUL, Verdict

TITLE = "数据核对表"
HEADINGS = ("序号", "数字", "所在句子", "核对", "来源", "算法", "口径", "核对人签字")
"""What stands over the columns; the last one is left empty for a pen."""

_MAX_SENTENCE = 90
_MAX_FACT = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        number: From 1, in reading order.
        figure: As written.
        sentence: In which it stands, shortened around it where it is long.
        verdict: One word or two.
        source: The facts with file and place; for a figure without any, what is wrong with it.
        formula: With values, where it is computed; else "".
        note: 口径 of the facts, else "".
    """

    number: int
    figure: str
    sentence: str
    verdict: str
    source: str
    formula: str
    note: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells under `HEADINGS`."""
        return (str(self.number), self.figure, self.sentence, self.verdict, self.source, self.formula, self.note, "")


def rows(evidence: Evidence) -> tuple[Row, ...]:
    """A row for every figure of the text."""
    facts = {f.id: f for f in evidence.sheet.facts}
    return tuple(_row(mark, facts) for mark in evidence.marks)


def _row(mark: Mark, facts: dict[str, Fact]) -> Row:
    finding = mark.finding
    named = [facts[i] for i in mark.fact_ids if i in facts]
    # A computed fact stands in no file: the facts that it is computed from do.
    borne = [f for f in named if not f.formula]
    sources = [source(f) for f in borne]
    if finding.verdict not in FAITHFUL or not sources:
        sources.insert(0, finding.explanation)
    formula = finding.formula or next((f.formula for f in named if f.formula and finding.verdict is Verdict.DERIVED), "")
    notes = dict.fromkeys(f.note for f in borne if f.note)
    return Row(
        mark.number, finding.surface, _around(mark), finding.verdict.label, "\n".join(sources), formula, "；".join(notes)
    )


def source(fact: Fact) -> str:
    """«F3 科普讲座46场（事实.xlsx 填写!C8）»."""
    text = fact.text if len(fact.text) <= _MAX_FACT else f"{fact.text[: _MAX_FACT - 1]}…"
    return f"{fact.id} {text}（{fact.source}）"


def _around(mark: Mark) -> str:
    """The sentence, or what stands around the figure in a long one."""
    sentence, at = mark.sentence, mark.at
    if len(sentence) <= _MAX_SENTENCE:
        return " ".join(sentence.split())
    start = max(0, min(at - _MAX_SENTENCE // 2, len(sentence) - _MAX_SENTENCE))
    end = start + _MAX_SENTENCE
    return ("…" if start else "") + " ".join(sentence[start:end].split()) + ("…" if end < len(sentence) else "")
