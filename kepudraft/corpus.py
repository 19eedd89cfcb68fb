"""Exemplars: good summaries whose wording a draft may learn from, never their figures. Reads and checks corpus/."""

from __future__ import annotations

from dataclasses import dataclass

from kepudraft.genre import Role, UnitType


@dataclass(frozen=True, slots=True)
class ExemplarSection:
    """One section of an exemplar.

    Attributes:
        role: What it does.
        heading: As printed, without number; "" for the overview before the first heading and for the closing.
        text: Its prose, sub-headings included, paragraphs parted by a line break.
    """

    role: Role
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One summary of the corpus.

    Attributes:
        id: File name without suffix.
        unit_type: Who wrote it.
        level: 国家级, 省级, 市级, 县级, 乡级 or 村级.
        year: The year it covers.
        title: As printed.
        fictional: True if unit and figures are made up.
        facts_from: Which of its facts come from where; "" for a fictional one.
        sections: In order.
    """

    id: str
    unit_type: UnitType
    level: str
    year: int
    title: str
    fictional: bool
    facts_from: str
    sections: tuple[ExemplarSection, ...]
