"""A finished draft: sections in order, numbered, with their verified prose and where everything came from."""

from __future__ import annotations

from dataclasses import dataclass

from kepudraft.compose.passage import Passage
from kepudraft.facts.sheet import FactSheet
from kepudraft.genre import Role
from kepudraft.outline import Unused
from kepudraft.verify.report import Report


@dataclass(frozen=True, slots=True)
class Section:
    """One numbered section or part.

    Attributes:
        number: As printed: 一、 for level 1, （一） for level 2; "" for overview and closing.
        heading: Without the number; "" for overview and closing.
        level: 1 or 2; a part is one level below its section.
        role: What the section does.
        passage: Its prose; empty where the section consists of parts.
        parts: Its numbered parts.
    """

    number: str
    heading: str
    level: int
    role: Role
    passage: Passage
    parts: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a draft came about: enough to make it again.

    Attributes:
        model: Name of the model, or "" for a draft composed offline.
        prompts: Names of the prompts used with their content hashes.
        index: Fingerprint of the exemplar index, or "" where none was asked.
        seed: Seed of the deterministic choices.
        version: Version of kepudraft.
    """

    model: str
    prompts: tuple[tuple[str, str], ...]
    index: str
    seed: int
    version: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole annual summary.

    Attributes:
        title: 江州市科技馆2025年科普工作总结.
        sheet: The facts it was drafted from (unit, year, date of signature included), derived facts among them.
        sections: In order.
        unused: Facts that the draft does not tell, with the reason.
        report: Every figure of `text` judged against `sheet`; spans index into `text`.
        provenance: How it came about.
    """

    title: str
    sheet: FactSheet
    sections: tuple[Section, ...]
    unused: tuple[Unused, ...]
    report: Report
    provenance: Provenance

    @property
    def text(self) -> str:
        """Title, headings and prose as plain text, one paragraph a line: what `report` judges."""
        return plain_text(self.title, self.sections)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the person has to supply (the 【待补充：…】), in order."""
        return tuple(s.gap for section in walk(self.sections) for s in section.passage.sentences if s.gap)


def walk(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Sections and their parts in reading order."""
    return tuple(s for section in sections for s in (section, *walk(section.parts)))


def plain_text(title: str, sections: tuple[Section, ...]) -> str:
    """The draft as plain text, one paragraph a line, without signature and date."""
    lines = [title]
    for section in walk(sections):
        if section.heading:
            lines.append(section.number + section.heading)
        if section.passage.paragraphs:
            lines.append(section.passage.text)
    return "\n".join(lines)
