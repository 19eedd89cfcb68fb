"""A finished draft: sections in order, numbered, with their verified prose and where everything came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kepudraft.compose.passage import Passage, Sentence
from kepudraft.facts.sheet import FactSheet
from kepudraft.genre import Role
from kepudraft.outline import SectionPlan, Unused
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
        notices: What happened while drafting that the person should know, a Chinese sentence each.
    """

    title: str
    sheet: FactSheet
    sections: tuple[Section, ...]
    unused: tuple[Unused, ...]
    report: Report
    provenance: Provenance
    notices: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Title, headings and prose as plain text, one paragraph a line: what `report` judges."""
        return plain_text(self.title, self.sections)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What the person has to supply (the 【待补充：…】), in order."""
        return tuple(s.gap for section in walk(self.sections) for s in section.passage.sentences if s.gap)


def assemble(planned: Sequence[tuple[SectionPlan, tuple[Passage, ...]]]) -> tuple[Section, ...]:
    """Number and join: a plan with one passage, or with one for each of its parts.

    Sections with a heading are numbered 一、 二、 …, their parts （一） （二） …; overview and closing bear no number.
    """
    sections = []
    number = 0
    for plan, passages in planned:
        number += bool(plan.heading)
        mark = f"{chinese_ordinal(number)}、" if plan.heading else ""
        if not plan.parts:
            sections.append(Section(mark, plan.heading, 1, plan.role, passages[0]))
            continue
        parts = tuple(
            Section(f"（{chinese_ordinal(n)}）", part.heading, 2, part.role, passage)
            for n, (part, passage) in enumerate(zip(plan.parts, passages, strict=True), 1)
        )
        sections.append(Section(mark, plan.heading, 1, plan.role, Passage(()), parts))
    return tuple(sections)


def chinese_ordinal(n: int) -> str:
    """一, 二, … 十, 十一, … for n from 1 to 99."""
    tens, ones = divmod(n, 10)
    digits = "一二三四五六七八九"
    head = "" if not tens else ("十" if tens == 1 else f"{digits[tens - 1]}十")
    return head + (digits[ones - 1] if ones else "")


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


def sentence_starts(title: str, sections: tuple[Section, ...]) -> list[tuple[int, Sentence]]:
    """Every sentence with the offset at which it stands in `plain_text`."""
    found = []
    at = len(title) + 1
    for section in walk(sections):
        if section.heading:
            at += len(section.number + section.heading) + 1
        for paragraph in section.passage.paragraphs:
            for sentence in paragraph:
                found.append((at, sentence))
                at += len(sentence.text)
            at += 1
    return found
