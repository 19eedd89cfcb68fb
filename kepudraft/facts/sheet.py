"""A unit's facts of one year, each with its place in the file that it came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kepudraft.figures.scan import Figure
from kepudraft.genre import Role, UnitType


class Status(StrEnum):
    """How a fact stands to the year of the report."""

    DONE = "done"
    PLANNED = "planned"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read: `file` as given by the user, `place` in its own terms (第3行, 指标!B4)."""

    file: str
    place: str

    def __str__(self) -> str:
        return f"{self.file} {self.place}".strip()


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the unit states.

    Attributes:
        id: F1, F2 … in the order of the file; D1, D2 … for a fact computed from others.
        text: The statement in prose, without label or list marker: 接待观众38.6万人次，其中未成年人21.2万人次.
        figures: Every figure of `text`, in order, spans into `text`.
        topic: What it is about (an indicator's name, a label, a head noun); "" where nothing tells.
        status: Done, planned or a problem.
        source: File and place.
        last: Last year's value as written (35.4万人次), or "".
        note: 口径 or remark, never printed in the draft.
        formula: For a computed fact, the formula with values; else "".
        inputs: For a computed fact, the ids it is computed from.
        role: The section that the indicator or the file asks for; None leaves it to the outline.
        part_of: Id of the fact whose total this is a part of (其中), or "".
        headline: True if the overview sentence may tell it.
        subject: What a heading above it names and the text does not (科技特派员 over «在派642人»), or "".
    """

    id: str
    text: str
    figures: tuple[Figure, ...]
    topic: str
    status: Status
    source: Source
    last: str = ""
    note: str = ""
    formula: str = ""
    inputs: tuple[str, ...] = ()
    role: Role | None = None
    part_of: str = ""
    headline: bool = False
    subject: str = ""


@dataclass(frozen=True, slots=True)
class FactSheet:
    """All facts of one unit and year.

    Attributes:
        unit: The unit's full name (江州市科技馆).
        unit_type: Who writes.
        year: Year that the summary covers (2025).
        facts: In the order of the file.
        date: Date of signature as (year, month, day), or None where it is not given.
        remarks: What the reader guessed or noticed, a Chinese sentence each; to be shown to the person.
    """

    unit: str
    unit_type: UnitType
    year: int
    facts: tuple[Fact, ...]
    date: tuple[int, int, int] | None = None
    remarks: tuple[str, ...] = ()

    def fact(self, fact_id: str) -> Fact:
        """The fact with this id.

        Raises:
            KeyError: There is none.
        """
        for fact in self.facts:
            if fact.id == fact_id:
                return fact
        raise KeyError(fact_id)

    def is_own_year(self, figure: Figure) -> bool:
        """True for the bare year that the summary covers: it stands in the title of every summary and tells no fact."""
        period = figure.period
        return period is not None and period.end is None and period.start == str(self.year)

    def is_worded(self, fact: Fact) -> bool:
        """True if only words say what a fact says: it states no figure, or none but the year that the summary covers."""
        return all(self.is_own_year(f) for f in fact.figures)
