"""All that a person has decided so far, as one frozen value; undoing is going back to an earlier one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kepudraft.compose.passage import Passage
from kepudraft.facts.sheet import Fact, FactSheet
from kepudraft.genre import Role, UnitType

MAX_VERSIONS = 20
"""Earlier texts of a section that are kept at hand for comparing; the log keeps all."""


class Step(StrEnum):
    """What is asked next, where no question is open."""

    UNIT = "unit"
    TYPE = "type"
    YEAR = "year"
    ASK = "ask"
    MORE = "more"
    FACTS = "facts"
    OUTLINE = "outline"
    DRAFT = "draft"
    DONE = "done"


class Asked(StrEnum):
    """What a question is about."""

    FAULT = "fault"
    CONFLICT = "conflict"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only the person can decide.

    Attributes:
        kind: A line that cannot be read, two facts that contradict, or a figure that no fact bears.
        text: The line, or the sentence in which the figure stands.
        why: What is wrong, a Chinese sentence.
        fact_id: The earlier fact of two that contradict.
        role: Section of the sentence.
        surface: The figure.
        expected: What the facts say in its place, or "".
        item: The line or row as it was read, by attribute; of a `RawRecord` where it has a name.
        file: Where it was read.
        retyping: True while the sentence is being typed again.
    """

    kind: Asked
    text: str
    why: str
    fact_id: str = ""
    role: str = ""
    surface: str = ""
    expected: str = ""
    item: tuple[tuple[str, str], ...] = ()
    file: str = ""
    retyping: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A section's prose.

    Attributes:
        passages: One, or one for each part.
        how: How it came about, for the person (起草, 重写：写得简洁些, 本人修改).
        basis: Digest of the facts and parts that it was written from.
        accepted: The person has gone on from it.
        locked: It must not be changed.
        older: Earlier texts, the latest last.
    """

    passages: tuple[Passage, ...]
    how: str = ""
    basis: str = ""
    accepted: bool = False
    locked: bool = False
    older: tuple[tuple[Passage, ...], ...] = ()

    def rewritten(self, passages: tuple[Passage, ...], how: str, basis: str) -> Written:
        """With new prose, the present one kept among the older where its words differ."""
        same = [p.text for p in self.passages] == [p.text for p in passages]
        older = self.older if same else (*self.older, self.passages)[-MAX_VERSIONS:]
        return replace(self, passages=passages, how=how, basis=basis, accepted=False, older=older)


@dataclass(frozen=True, slots=True)
class Shaping:
    """What the person changed of the outline, by section role.

    Attributes:
        order: All sections with a heading, in the order wanted; () for the usual one.
        headings: Role and new heading.
        merged: Role and the role whose section takes it in.
        dropped: Roles left out.
        chars: Role and length wanted, in characters.
    """

    order: tuple[str, ...] = ()
    headings: tuple[tuple[str, str], ...] = ()
    merged: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    chars: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """The state of a session that undoing changes.

    Attributes:
        unit: Name, or "".
        unit_type: Who writes, or None.
        year: Of the report, or None.
        date: Of signature, or None.
        facts: With their ids.
        last_id: Number of the last id given; none is given twice, for prose refers to them.
        remarks: What reading guessed or noticed.
        answers: Indicator and what was said of it (24场, 无, 待补).
        lasts: Indicator and last year's value, where known.
        questions: Open ones; the first is asked.
        source: Path of the first fact file read, or "".
        pending: Path of a fact file that waits for unit, type or year; or "".
        shaping: Changes to the outline.
        length: Of the whole in characters, or None.
        sections: Prose by section role.
        step: What is asked next.
        current: Role of the section in hand while drafting.
    """

    unit: str = ""
    unit_type: UnitType | None = None
    year: int | None = None
    date: tuple[int, int, int] | None = None
    facts: tuple[Fact, ...] = ()
    last_id: int = 0
    remarks: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()
    lasts: tuple[tuple[str, str], ...] = ()
    questions: tuple[Question, ...] = ()
    pending: str = ""
    source: str = ""
    shaping: Shaping = field(default_factory=Shaping)
    length: int | None = None
    sections: tuple[tuple[str, Written], ...] = ()
    step: Step = Step.UNIT
    current: str = ""

    @property
    def sheet(self) -> FactSheet:
        """The facts as a sheet; unit, type and year must be known."""
        assert self.unit_type is not None  # no step beyond YEAR is reached without
        assert self.year is not None
        return FactSheet(self.unit, self.unit_type, self.year, self.facts, self.date, self.remarks)

    def written(self, role: str) -> Written | None:
        """The prose of a section, or None."""
        return dict(self.sections).get(role)

    def with_section(self, role: str, written: Written) -> Work:
        """With this prose of a section."""
        return replace(self, sections=tuple({**dict(self.sections), role: written}.items()))

    def fact(self, fact_id: str) -> Fact | None:
        """The fact with this id, or None."""
        return next((f for f in self.facts if f.id == fact_id), None)

    def with_fact(self, fact: Fact) -> Work:
        """With a fact in place of the one of its id."""
        return replace(self, facts=tuple(fact if f.id == fact.id else f for f in self.facts))


def basis_of(facts: tuple[Fact, ...], parts: tuple[str, ...]) -> str:
    """Digest of what a section is written from: facts in telling order, and the headings of its parts."""
    told = "\n".join((*(f"{f.id} {f.text} {f.status} {f.last}" for f in facts), *parts))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def role_of(name: str) -> Role:
    """The section role of a key of `Work.sections`."""
    return Role(name)
