"""Statements handed over by a program -> FactSheet, one fact a statement, none refused."""

from __future__ import annotations

from collections.abc import Sequence

from kepudraft.errors import FactError
from kepudraft.facts.last_year import checked
from kepudraft.facts.material import RawLine
from kepudraft.facts.sheet import Fact, FactSheet, Source, Status
from kepudraft.facts.statements import Report, of_line
from kepudraft.figures.scan import scan
from kepudraft.genre import UnitType, load_genre
from kepudraft.settings import shipped


def sheet_of(
    statements: Sequence[str], *, year: int, unit: str = "", unit_type: UnitType = UnitType.ASSOCIATION
) -> FactSheet:
    """A sheet of statements; the n-th is F1, F2 … and keeps all its clauses.

    Labels, 其中 and last year's values are read as in a file. Nothing is refused: whoever asks whether a text follows from
    statements may hand over statements that contradict one another.

    Args:
        statements: Terse or full sentences («科普讲座46场，听众9800人次», «明年：更新展品40件»).
        year: The report's year.
        unit: The unit's name, if known.
        unit_type: Who writes; it matters for headings only.

    Raises:
        FactError: A statement is no text.
    """
    report = Report(unit_type, year, load_genre(shipped("corpus")))
    facts = tuple(_fact(n, s, report) for n, s in enumerate(statements, 1))
    return FactSheet(unit=unit, unit_type=unit_type, year=year, facts=facts)


def _fact(n: int, statement: str, report: Report) -> Fact:
    if not isinstance(statement, str):
        raise FactError(f"第{n}条事实不是文字（{statement!r:.40}）", place="facts", remedy="每条事实写成一句话")
    place = f"第{n}条"
    drafts = list(of_line(RawLine(statement.strip(), place), report))
    if not drafts:
        return Fact(f"F{n}", statement, (), "", Status.DONE, Source("facts", place))
    text = "；".join(d.text for d in drafts if d.text)
    first = drafts[0]
    last = "、".join(d.last for d in drafts if d.last)
    fact = Fact(
        id=f"F{n}", text=text, figures=scan(text).figures, topic=first.topic, status=first.status,
        source=Source("facts", place), last=last, role=first.role, subject=first.subject,
    )
    return checked(fact).fact
