"""Answers, pasted text and dropped files -> facts of the work; what cannot be taken as it stands becomes a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from urllib.parse import unquote, urlparse

from kepudraft.errors import FactConflict, FactError
from kepudraft.facts.heading import Heading, headed
from kepudraft.facts.indicators import Indicator
from kepudraft.facts.material import Material, RawLine, RawRecord
from kepudraft.facts.read import FORMATS, material_from_bytes
from kepudraft.facts.sheet import Fact
from kepudraft.facts.understand import Fault, understand
from kepudraft.figures.scan import Figure, Kind, NonFigure, scan
from kepudraft.genre import UnitType, load_genre
from kepudraft.session.asking import Answer, values_in
from kepudraft.session.work import Asked, Question, Work
from kepudraft.settings import shipped

TYPED = "本人输入"
"""Source of what is typed."""
_ABOVE = "\x1f"
_MAX_UNIT = 4  # characters of a measure word typed alone


@dataclass(frozen=True, slots=True)
class Taken:
    """The work with what was taken in, the new facts, and what was noticed."""

    work: Work
    added: tuple[Fact, ...]
    remarks: tuple[str, ...]


def dropped_file(line: str) -> Path | None:
    """The fact file that a line names, as a terminal writes a dropped file: quoted, with escaped blanks, or as file://."""
    said = line.strip()
    if "\n" in said or not said.lower().rstrip("'\" ").endswith(FORMATS):
        return None
    if said.startswith("file://"):
        said = unquote(urlparse(said).path)
    for name in (said, said.strip("'\""), re.sub(r"\\(.)", r"\1", said)):
        try:
            if name and Path(name).expanduser().is_file():
                return Path(name).expanduser()
        except (OSError, RuntimeError, ValueError):
            continue
    return None


def told_heading(material: Material, stem: str) -> Heading:
    """What a file says of unit, type and year by itself; None for what it leaves open."""
    unit = _tried(material, Heading(None, UnitType.COMMUNITY, 2000), stem)
    name = unit.unit if unit else None
    kind = _tried(material, Heading(name or "某单位", None, 2000), stem) if name else None
    year = _tried(material, Heading("某单位", UnitType.COMMUNITY, None), stem)
    dates = unit or year
    return Heading(name, kind.unit_type if kind else None, year.year if year else None, dates.date if dates else None)


def take_material(work: Work, material: Material, stem: str = "") -> Taken:
    """Take in a file or a pasted text; unit, type and year of the work must be known.

    Raises:
        FactError: The text's own date of signature is none.
    """
    assert work.unit_type is not None  # asked before anything is taken in
    told = headed(material, Heading(work.unit, work.unit_type, work.year, work.date), stem)
    remarks = tuple(r for r in (*material.remarks, *told.remarks))
    return _understood(work, told.material, remarks)


def take_text(work: Work, text: str) -> Taken:
    """Take in typed or pasted text, of any form that a fact file may have.

    Raises:
        FactError: It holds nothing that can be read.
    """
    data = text.encode("utf-8", "replace")
    is_line = "\n" not in text.strip()
    n = work.last_id + 1
    file = TYPED if is_line else f"粘贴材料{n}"
    try:
        material = material_from_bytes(data, file=file)
    except FactError:
        if text.lstrip()[:1] not in ("[", "{"):
            raise
        material = material_from_bytes(data, file=file, suffix=".txt")  # brackets that a person typed, no JSON
    if is_line:
        # Statements of one place are told together: every line typed by itself is a place of its own.
        material = replace(material, items=tuple(replace(i, place=f"第{n}条") for i in material.items))
    return take_material(work, material)


def take_line(work: Work, text: str, place: str) -> Taken:
    """Take in one line as it stands, without looking for headings or tables in it."""
    return _understood(work, Material(TYPED, (RawLine(text, place),)), ())


def take_answer(work: Work, indicator: Indicator, answer: Answer) -> Taken:
    """Take in the answer to an indicator.

    Raises:
        FactError: It cannot be read as a value of this indicator.
    """
    row = RawRecord(indicator.name, answer.value, f"答“{indicator.name}”", indicator.unit, answer.last, indicator.note)
    taken = _understood(work, Material(TYPED, (row,)), ())
    fault = next((q for q in taken.work.questions if q not in work.questions and q.kind is Asked.FAULT), None)
    if fault is not None:
        raise FactError(fault.why)
    if not answer.rest or len(taken.added) != 1:
        return taken
    fact = taken.added[0]
    text = f"{fact.text}，{answer.rest}"
    told = replace(fact, text=text, figures=scan(text).figures)
    return Taken(taken.work.with_fact(told), (told,), taken.remarks)


def again(work: Work, question: Question, line: str) -> Taken:
    """Take in a line that could not be read, as the person has mended it: the whole line, its amount, or only the unit."""
    return _understood(work, Material(question.file or TYPED, (_mended(question, line.strip()),)), ())


def as_asked(question: Question) -> RawLine | RawRecord:
    """The line or row that a question is about."""
    item = dict(question.item)
    above = tuple(item.pop("above", "").split(_ABOVE)) if item.get("above") else ()
    item.pop("above", None)
    return RawRecord(above=above, **item) if "name" in item else RawLine(above=above, **item)


def _tried(material: Material, heading: Heading, stem: str) -> Heading | None:
    try:
        told = headed(material, heading, stem)
    except FactError:
        return None
    return Heading(told.unit, told.unit_type, told.year, told.date)


def _understood(work: Work, material: Material, remarks: Sequence[str]) -> Taken:
    assert work.unit_type is not None
    assert work.year is not None
    faults: list[Fault] = []
    genre = load_genre(shipped("corpus"))
    found = understand(material, unit_type=work.unit_type, year=work.year, genre=genre, known=work.facts, faults=faults)
    known = {f.id for f in work.facts}
    kept = tuple(f for f in found.facts if f.id in known)
    fresh, last_id = _numbered([f for f in found.facts if f.id not in known], work.last_id)
    added, questions, notes = _against_known(fresh, kept, work.unit_type)
    questions = [*(_question(f, material.file) for f in faults), *questions]
    said = dict.fromkeys((*work.remarks, *remarks, *found.remarks, *notes))
    new = tuple(r for r in said if r not in work.remarks)
    work = replace(
        work, facts=(*kept, *added), last_id=last_id, remarks=tuple(said), questions=(*work.questions, *questions),
    )
    return Taken(work, tuple(added), new)


def _numbered(facts: list[Fact], last: int) -> tuple[list[Fact], int]:
    """The facts with ids that were never given before."""
    names = {f.id: f"F{n}" for n, f in enumerate(facts, last + 1)}
    return [replace(f, id=names[f.id], part_of=names.get(f.part_of, f.part_of)) for f in facts], last + len(facts)


def _against_known(
    fresh: list[Fact], known: tuple[Fact, ...], unit_type: UnitType
) -> tuple[list[Fact], list[Question], list[str]]:
    """«讲座24场» beside the answer «举办科普讲座24场次»: the same indicator told twice, with one value or with two."""
    by_indicator = {i.name: (f, figure) for f in reversed(known) for i, figure in values_in(f, unit_type)}
    added, questions, notes = [], [], []
    for fact in fresh:
        told = [(by_indicator[i.name], figure) for i, figure in values_in(fact, unit_type) if i.name in by_indicator]
        other = next((f for (f, before), figure in told if not _same(before, figure)), None)
        if other is not None:
            item = {"text": fact.text, "place": fact.source.place, "context": "", "above": ""}
            why = f"与{other.id}“{other.text}”（{other.source}）说的是同一件事，数不一样"
            questions.append(Question(Asked.CONFLICT, fact.text, why, other.id, item=tuple(item.items()), file=fact.source.file))
        elif told and len(told) == len([f for f in fact.figures if f.kind is not Kind.DATE]):
            first = told[0][0][0]
            notes.append(f"{fact.source.place}“{fact.text}”与{first.id}“{first.text}”是同一件事，只用一次")
        else:
            added.append(fact)
    return added, questions, notes


def _same(one: Figure, other: Figure) -> bool:
    if one.quantity is None or other.quantity is None:
        return False
    return (one.quantity.in_base, one.hedge) == (other.quantity.in_base, other.hedge)


def _question(fault: Fault, file: str) -> Question:
    item, error = fault.item, fault.error
    plain = {f.name: str(getattr(item, f.name)) for f in fields(item) if f.name != "above"} | {"above": _ABOVE.join(item.above)}
    text = item.text if isinstance(item, RawLine) else f"{item.name} {item.value}{item.unit}"
    conflict = error.fact_id if isinstance(error, FactConflict) else ""
    why = f"{error.what}。{error.remedy}" if error.remedy and not conflict else error.what
    return Question(
        Asked.CONFLICT if conflict else Asked.FAULT, text, why, conflict, item=tuple(plain.items()), file=file
    )


def _mended(question: Question, line: str) -> RawLine | RawRecord:
    item = as_asked(question)
    if isinstance(item, RawRecord):
        figures = scan(line).figures
        if len(figures) == 1 and figures[0].span.start == 0 and figures[0].span.end == len(line):
            return replace(item, value=line, unit="")
        if len(line) <= _MAX_UNIT and not re.search(r"\d", line):
            return replace(item, unit=line)
        return RawLine(line, item.place, item.context, item.above)
    return replace(item, text=_with_amount(item.text, line))


def _with_amount(text: str, line: str) -> str:
    """«场» or «46场» put in place of the one bare 46 of «讲座46»; anything else is the whole line."""
    found = scan(text)
    bare: list[Figure | NonFigure] = [f for f in found.figures if f.quantity and not f.quantity.unit.name]
    bare += [n for n in found.nonfigures if n.why == "bare-number"]
    if len(bare) != 1:
        return line
    number = bare[0].surface
    if len(line) <= _MAX_UNIT and not re.search(r"[\d\s]", line):
        line = number + line
    figures = scan(line).figures
    whole = len(figures) == 1 and figures[0].span.start == 0 and figures[0].span.end == len(line)
    return text[: bare[0].span.start] + line + text[bare[0].span.end :] if whole else line
