"""One file -> the summaries in it, cleaned, split, labelled, their defects told: the line that runs all steps of taking in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kepudraft.errors import CorpusError
from kepudraft.genre import Genre, Role, UnitType
from kepudraft.ingest.clean import Cleaned, Dropped, clean
from kepudraft.ingest.defects import SEVERE, Defect, DefectKind, find_defects
from kepudraft.ingest.label import Label, LabelledSection, Neighbours, label_level, label_sections, label_unit
from kepudraft.ingest.prose import Line
from kepudraft.ingest.read import Source, read_source
from kepudraft.ingest.rules import load_rules
from kepudraft.ingest.sections import Section, paragraphs, sections
from kepudraft.ingest.simplify import Restoring, converter_words, is_traditional, simplified
from kepudraft.ingest.split import Part, split
from kepudraft.ingest.years import find_year

MIN_CHARS = 50
"""A part with less text shows nobody how to write."""
_TITLE_CHARS = 90


@dataclass(frozen=True, slots=True)
class Taken:
    """One summary taken in.

    Attributes:
        number: Of the part in its file, from 1.
        title: As printed, in Simplified script; made up from unit type and year where there is none.
        unit_type: Who wrote it.
        level: 国家级 to 村级.
        year: Which it tells of; its value is None where nothing tells.
        sections: In order, headings and text in Simplified script with converters' words put back.
        defects: What is wrong with it.
        first_line: Where it begins.
    """

    number: int
    title: str
    unit_type: Label[UnitType]
    level: Label[str]
    year: Label[int | None]
    sections: tuple[LabelledSection, ...]
    defects: tuple[Defect, ...]
    first_line: int

    @property
    def severe(self) -> tuple[Defect, ...]:
        """Defects that teach wrong wording: with `--strict` such a part is left out."""
        return tuple(defect for defect in self.defects if defect.kind in SEVERE)

    @property
    def chars(self) -> int:
        """Characters of its text."""
        return sum(len(one.section.text) for one in self.sections)


@dataclass(frozen=True, slots=True)
class Intake:
    """What one file gave.

    Attributes:
        source: File name.
        digest: SHA-256 of the file.
        taken: Its summaries.
        dropped: Lines left out, and why.
        remarks: What was noticed, Chinese sentences.
        traditional: True if it is in Traditional script.
    """

    source: str
    digest: str
    taken: tuple[Taken, ...]
    dropped: tuple[Dropped, ...]
    remarks: tuple[str, ...]
    traditional: bool


def take_in(path: Path, genre: Genre, neighbours: Neighbours | None = None) -> Intake:
    """Read one file and take its summaries in; nothing is written.

    Args:
        path: txt, md, docx, html or pdf.
        genre: The table of roles.
        neighbours: Asked where cues leave doubt; None for cues alone.

    Raises:
        CorpusError: It cannot be read, or holds no summary.
    """
    source = read_source(path)
    traditional = is_traditional(source.lines)
    lines = simplified(source.lines)
    cleaned = clean(lines)
    restoring = converter_words(cleaned.lines, traditional=traditional)
    parted = split(cleaned)
    by_number = {line.number: line for line in lines}
    taken = [_take(part, parted.headline, cleaned, restoring, by_number, genre, neighbours) for part in parted.parts]
    kept = tuple(one for one in taken if one.chars >= MIN_CHARS)
    if not kept:
        raise CorpusError("里面没有成篇的总结", place=path.name, remedy=f"每篇至少要有{MIN_CHARS}个字的正文")
    remarks = [*source.remarks, *_remarks(source, kept, parted.promised, traditional, restoring)]
    return Intake(source.name, source.digest, kept, (*cleaned.dropped, *parted.dropped), tuple(remarks), traditional)


def _take(
    part: Part, headline: str, cleaned: Cleaned, restoring: Restoring, by_number: dict[int, Line], genre: Genre,
    neighbours: Neighbours | None,
) -> Taken:
    texts = paragraphs(part.lines, flattened=cleaned.flattened)
    found: Sequence[Section] = sections(texts, flattened=cleaned.flattened)
    if cleaned.flattened:
        title, found = _titled(part.title, found)
    else:
        title = part.title
    raw = [by_number[line.number] for line in part.lines if line.number in by_number]
    restored = [_restored(section, restoring) for section in found]
    text = "\n".join(f"{section.heading}\n{section.text}" for section in restored)
    over = f"{headline} {part.marker}"
    unit = label_unit(restoring.text(title), restoring.text(over), text, neighbours)
    year = find_year(title or headline, text, part.signed)
    defects = find_defects(part, texts, found, _with_cut_lines(raw, part, by_number), year=year.headline)
    if year.conflict:
        first = next((line.number for line in part.lines if line.text.strip()), 1)
        defects = (Defect(DefectKind.YEAR, (first,), title or headline, year.conflict), *defects)
    return Taken(
        number=part.number,
        title=restoring.text(title) or _made_title(unit.value, year.label.value),
        unit_type=unit,
        level=label_level(unit.value, title, text),
        year=year.label,
        sections=label_sections(restored, genre, neighbours),
        defects=defects,
        first_line=found[0].line if found else 1,
    )


def _titled(title: str, found: Sequence[Section]) -> tuple[str, Sequence[Section]]:
    """A text without line breaks has its title at the head of its running text: take it out."""
    if title or len(found) < 2 or found[0].heading or not found[0].paragraphs:
        return title, found
    head = found[0].paragraphs[0]
    if len(found[0].text) <= _TITLE_CHARS and not any(c in found[0].text for c in "。！？；"):
        return head.text.partition("范文")[0], found[1:]
    match = load_rules().glued_title.match(head.text)
    if match is None:
        return "", found
    rest = (head.cut(match.end()), *found[0].paragraphs[1:])
    return match[0].partition("范文")[0].strip(), (replace(found[0], paragraphs=rest), *found[1:])


def _with_cut_lines(raw: list[Line], part: Part, by_number: dict[int, Line]) -> list[Line]:
    """The lines of a part with those that held only a page number, which show where text was lost."""
    numbers = [line.number for line in part.lines]
    if not numbers:
        return raw
    inside = [line for number, line in by_number.items() if numbers[0] <= number <= numbers[-1]]
    return sorted(inside, key=lambda line: line.number)


def _restored(section: Section, restoring: Restoring) -> Section:
    if not restoring.words:
        return section
    pieces = tuple(restoring.prose(piece) for piece in section.paragraphs)
    return replace(section, heading=restoring.text(section.heading), paragraphs=pieces)


def _made_title(unit: UnitType, year: int | None) -> str:
    return f"{unit.value}{f'{year}年' if year else ''}科普工作总结"


def _remarks(
    source: Source, kept: Sequence[Taken], promised: int | None, traditional: bool, restoring: Restoring
) -> list[str]:
    made = []
    if promised is not None and promised != len(kept):
        made.append(f"页面标题说有{promised}篇，读出{len(kept)}篇")
    if traditional:
        made.append("原文是繁体，已转为简体")
    if restoring.words:
        shown = "、".join(f"{old}→{new}" for old, new in restoring.words[:6])
        made.append(f"转换软件改过的词已还原（{shown}{'等' if len(restoring.words) > 6 else ''}）")
    return made


def relabelled(
    taken: Taken, *, unit_type: UnitType | None = None, year: int | None = None, roles: dict[int, Role] | None = None
) -> Taken:
    """Return a summary with what a person said in place of what was guessed.

    Args:
        taken: The summary.
        unit_type: Who wrote it, if said.
        year: Which year it tells of, if said.
        roles: Section number from 0 -> its role, for those said.
    """
    said = roles or {}
    marked = tuple(
        replace(one, role=Label(said[at], 1.0)) if at in said else one for at, one in enumerate(taken.sections)
    )
    made = replace(taken, sections=marked)
    if unit_type is not None:
        made = replace(made, unit_type=Label(unit_type, 1.0))
    if year is not None:
        made = replace(made, year=Label(year, 1.0))
    return made
