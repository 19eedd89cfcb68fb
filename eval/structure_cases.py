"""Texts whose build is known from labels, never from the judge's own reading: what `eval.structure` plants faults in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kepudraft.assemble import Draft, chinese_ordinal
from kepudraft.genre import Role, UnitType

_PARTIAL = ("上半年", "学期", "活动总结", "兴村计划")


@dataclass(frozen=True, slots=True)
class Block:
    """One section: its role, its heading without number, its lines (headings of parts among them)."""

    role: Role
    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Build:
    """A text and how it is built."""

    id: str
    unit_type: UnitType
    year: int
    title: str
    overview: tuple[str, ...]
    blocks: tuple[Block, ...]
    closing: tuple[str, ...] = ()

    @property
    def is_annual(self) -> bool:
        """True if it tells of a whole year's work."""
        return not any(word in self.title for word in _PARTIAL)

    def text(self, numbers: tuple[str, ...] = ()) -> str:
        """The plain text, numbered 一、二、… unless `numbers` are given."""
        lines = [self.title, *self.overview]
        for place, block in enumerate(self.blocks):
            number = numbers[place] if numbers else f"{chinese_ordinal(place + 1)}、"
            lines += [number + block.heading, *block.lines]
        return "\n".join((*(line for line in lines if line), *self.closing))


def from_markdown(id_: str, source: str) -> Build:
    """An exemplar file as a build, by its labels."""
    head, body = source.split("---", 2)[1:]
    meta = dict(re.findall(r"^(\w+): (.*)$", head, re.M))
    overview: list[str] = []
    closing: list[str] = []
    blocks: list[Block] = []
    lines = overview
    for raw in filter(None, map(str.strip, body.splitlines())):
        match = re.fullmatch(r"## (?:[一二三四五六七八九十]+、(.*?))?\s*\{role=(\w+)\}", raw)
        if match and match[1]:
            blocks.append(Block(Role(match[2]), match[1], ()))
            continue
        if match:
            lines = closing
            continue
        line = re.sub(r"\s*\{[^}]*\}$", "", re.sub(r"^#+ ", "", raw))
        if lines is overview and blocks:
            blocks[-1] = replace(blocks[-1], lines=(*blocks[-1].lines, line))
        else:
            lines.append(line)
    return Build(id_, UnitType(meta["unit_type"]), int(meta["year"]), meta["title"], tuple(overview), tuple(blocks),
                 tuple(closing))  # fmt: skip


def from_draft(id_: str, draft: Draft) -> Build:
    """A draft as a build."""
    overview: list[str] = []
    blocks: list[Block] = []
    for section in draft.sections:
        lines = [line for line in section.passage.text.split("\n") if line]
        for part in section.parts:
            lines += [part.number + part.heading, *part.passage.text.split("\n")]
        if section.heading:
            blocks.append(Block(section.role, section.heading, tuple(lines)))
        else:
            overview += lines
    return Build(id_, draft.sheet.unit_type, draft.sheet.year, draft.title, tuple(overview), tuple(blocks))
