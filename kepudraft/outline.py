"""Which sections a summary has, and which facts go under which heading."""

from __future__ import annotations

from dataclasses import dataclass

from kepudraft.genre import Role


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One section, or one part of a section.

    Attributes:
        role: What the section does.
        heading: Without its number; "" for the overview and the closing, which have none.
        fact_ids: The facts to be told here, in telling order; those of `parts` are listed again in the parts.
        query: What to look for among the exemplars.
        target_chars: Length to aim at, in Chinese characters.
        parts: Sub-sections under （一）（二）; empty where the section is told in one piece.
    """

    role: Role
    heading: str
    fact_ids: tuple[str, ...]
    query: str
    target_chars: int
    parts: tuple[SectionPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Unused:
    """A fact that the outline leaves out, and why (Chinese, for the person)."""

    fact_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The plan of a whole summary; every fact is in exactly one section or in `unused`."""

    title: str
    sections: tuple[SectionPlan, ...]
    unused: tuple[Unused, ...]
