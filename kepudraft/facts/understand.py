"""Statements -> numbered facts: what is told twice, what contradicts what, and which figure lacks its unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kepudraft.errors import FactConflict, FactError
from kepudraft.facts.last_year import checked
from kepudraft.facts.lines import split_label
from kepudraft.facts.material import Material, RawLine, RawRecord, refuse_formula_error
from kepudraft.facts.sheet import Fact, Source, Status
from kepudraft.facts.statements import Draftable, Report, of_line, of_record
from kepudraft.facts.sums import refuse_larger_part, remarks_on_sums
from kepudraft.facts.vocabulary import bare, vocabulary
from kepudraft.figures.scan import Defect, Figure, Kind, NonFigure, Scan, scan
from kepudraft.genre import Genre, UnitType

_BLANKS = re.compile(r"[\s，,。、]")
_NO_UNIT_FOLLOWS = re.compile("[，,；;。、）)（(]|左右|上下|以上|以下|余|多")
_COUNTED_BEFORE = re.compile("[\u3400-\u9fff，、；：](?<![室号楼栋路第])(?<![A-Z]座)$")
_YEAR = re.compile("(?:19|20)\\d\\d")
_UNIT_MARK = re.compile("〔[^〕]*〕")
_NAMES_ITSELF = 4  # characters beside the amounts that tell a thing without its heading
_FATAL = ("lost-number", "mask")
_MAX_TEXT = 2000  # characters of one statement; longer ones are no statements


@dataclass(frozen=True, slots=True)
class Understood:
    """Facts in the order of the file, and what there is to say about them."""

    facts: tuple[Fact, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A line or row that cannot be taken as it stands, and why."""

    item: RawLine | RawRecord
    error: FactError


def understand(
    material: Material, *, unit_type: UnitType, year: int, genre: Genre, known: Sequence[Fact] = (),
    faults: list[Fault] | None = None,
) -> Understood:
    """Facts of a file's lines and rows.

    Args:
        material: What the file holds.
        unit_type: Who writes.
        year: Of the report.
        genre: Sections and topics.
        known: Facts told before; they come first in the answer, and the new ones must not contradict them.
        faults: Where given, what cannot be taken is added here and left out, for a person to mend; nothing is refused then.

    Raises:
        FactError: Nothing is stated, no figure occurs, a figure lacks its unit or is lost, or two facts contradict.
    """
    report = Report(unit_type, year, genre)
    made = _Numbered(material.file)
    made.know(known)
    for item in material.items:
        before = made.copy() if faults is not None else made
        try:
            _take(item, made, report)
            if faults is not None:
                made.refuse_lost()
        except FactError as error:
            if faults is None:
                raise
            faults.append(Fault(item, error))
            made = before
    if faults is None:
        made.finish()
    made.remarks += remarks_on_sums(made.facts)
    return Understood(tuple(made.facts), tuple(made.remarks))


def _take(item: RawLine | RawRecord, made: _Numbered, report: Report) -> None:
    place = f"{made.file} {item.place}"
    if isinstance(item, RawRecord):
        refuse_formula_error(f"{item.value} {item.last}", place)
        drafts = of_record(item, made.file, report)
    else:
        refuse_formula_error(item.text, place)
        drafts = of_line(item, report)
    for draft in drafts:
        made.add(draft)
    if isinstance(item, RawLine):
        made.remarks += _doubtful_heading(item, made, report.year)


@dataclass(slots=True)
class _Numbered:
    """Facts so far; the same statement is taken once."""

    file: str
    facts: list[Fact] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    totals: dict[str, str] = field(default_factory=dict)
    first: dict[tuple[object, ...], int] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)

    def know(self, facts: Sequence[Fact]) -> None:
        """Begin with facts told before."""
        for fact in facts:
            named = len(_UNIT_MARK.sub("", _words(fact)))
            # Where they stood is not known any more: short ones are taken to have stood under no heading.
            key = (_words(fact), fact.status, fact.part_of, fact.subject or (("",) if named < _NAMES_ITSELF else ""))
            self.first.setdefault(key, len(self.facts))
            self.facts.append(fact)

    def copy(self) -> _Numbered:
        """As it is now, to go back to."""
        return replace(
            self, facts=[*self.facts], remarks=[*self.remarks], totals={**self.totals}, first={**self.first}, lost=[*self.lost],
            doubtful={*self.doubtful},
        )

    def add(self, d: Draftable) -> None:
        """Number a statement, or merge it with the one that says the same.

        Raises:
            FactError: A figure lacks its unit, or the statement contradicts an earlier one or itself.
        """
        if not d.text:
            return
        if len(d.text) > _MAX_TEXT:
            raise FactError(f"一句话有{len(d.text)}个字，太长", place=f"{self.file} {d.place}", remedy="请分成几行，每行写一条事实")
        found = scan(d.text)
        self._note(found.defects, d.place)
        _refuse_bare_number(d, found, self.file)
        fact = Fact(
            id=self._next_id(), text=d.text, figures=found.figures, topic=d.topic, status=d.status,
            source=Source(self.file, d.place), last=d.last, note=d.note, role=d.role, part_of=self._whole(d, found.figures),
            headline=d.headline, subject=d.subject if d.subject not in d.text else "",
        )
        refuse_larger_part(fact)
        told = checked(fact)
        if self._told_before(told.fact, d):
            return
        self.remarks += [told.remark] if told.remark else []
        self.facts.append(told.fact)
        if d.name:
            self.totals.setdefault(d.name, told.fact.id)

    def finish(self) -> None:
        """Refuse a file that states nothing or has lost figures."""
        self.refuse_lost()
        if not self.facts:
            raise FactError("没有读到任何事实", place=self.file, remedy="请每行写一条事实，或用 kepudraft init 生成的模板填上数值")
        if not any(f.kind is not Kind.DATE for fact in self.facts for f in fact.figures):
            raise FactError("整个文件没有一个数字", place=self.file, remedy="请补充数据（如场次、人次、经费）后重试")

    def refuse_lost(self) -> None:
        """Refuse figures whose digits are gone."""
        if self.lost:
            shown = "；".join(self.lost[:3])
            raise FactError(f"{shown}{'等' if len(self.lost) > 3 else ''}，数字缺失或被遮盖", place=self.file, remedy="请补上数字")

    def _next_id(self) -> str:
        last = self.facts[-1].id if self.facts else ""
        return f"F{int(last[1:]) + 1 if last[1:].isdigit() else len(self.facts) + 1}"

    def _note(self, defects: tuple[Defect, ...], place: str) -> None:
        self.lost += [f"{place}“{d.surface}”" for d in defects if d.kind in _FATAL]
        self.remarks += [f"{place}：{d.message}" for d in defects if d.kind not in _FATAL]

    def _whole(self, d: Draftable, figures: tuple[Figure, ...]) -> str:
        """Id of the total that a part belongs to: the named one, or the nearest before it that counts in the same unit."""
        if d.of != "*":
            return self.totals.get(d.of, "") if d.of else ""
        unit = next((f.quantity.unit.name for f in figures if f.quantity), "")
        near = [f for f in self.facts[-6:] if not f.part_of and f.status is d.status]
        same = [f for f in near if any(g.quantity and g.quantity.unit.name == unit for g in f.figures)]
        nearest = (same or near)[-1:]
        return nearest[0].id if nearest else ""

    def _told_before(self, fact: Fact, d: Draftable) -> bool:
        """True if an earlier fact says the same; what it lacks of last year's value and note is added to it.

        Two facts alike but for their figures contradict; where place or time is named they differ by their words.
        """
        words = _words(fact)
        named = len(_UNIT_MARK.sub("", words))
        # «培训农民4.6万人次» under 科技特派员 is another thing than under 农函大; what names itself needs no heading.
        key = (words, fact.status, fact.part_of, d.subject or (d.under if named < _NAMES_ITSELF else ""))
        at = self.first.setdefault(key, len(self.facts))
        if at == len(self.facts):
            return False
        other = self.facts[at]
        if [_amount(f) for f in other.figures] != [_amount(f) for f in fact.figures]:
            if named < 2:
                return False  # «1200人次» alone names nothing that could contradict
            raise self._contradiction(other, fact, other.text, fact.text)
        if fact.last and other.last and _BLANKS.sub("", fact.last) != _BLANKS.sub("", other.last):
            raise self._contradiction(other, fact, f"上年{other.last}", f"上年{fact.last}")
        self.facts[at] = replace(other, last=other.last or fact.last, note=other.note or fact.note)
        self.remarks.append(f"{fact.source.place}与{other.source.place}重复（{_short(fact.text)}），只用一次")
        return True

    def _contradiction(self, other: Fact, fact: Fact, first: str, second: str) -> FactConflict:
        return FactConflict(
            f"与{other.source.place}矛盾：“{_short(first)}”和“{_short(second)}”", place=str(fact.source),
            remedy="请只留正确的一条，或写明两者的区别（时间、地点、范围）", fact_id=other.id,
        )


def _doubtful_heading(line: RawLine, made: _Numbered, year: int) -> list[str]:
    """A heading of problems and plans both («问题与打算») over a line that does not say which: tell how it was read, once."""
    name = next((bare(h) for h in (line.context, *line.above) if vocabulary().names_both(bare(h))), "")
    labelled = vocabulary().status_of(bare(split_label(line.text)[0]), year)
    if not name or name in made.doubtful or labelled or not made.facts or made.facts[-1].status is not Status.PROBLEM:
        return []
    made.doubtful.add(name)
    return [f"{line.place}“{name}”下没有写明的，按问题读；打算请写成“打算：…”"]


def _refuse_bare_number(d: Draftable, found: Scan, file: str) -> None:
    """Refuse «讲座46，…»: the reader takes no number without unit for a figure, so nothing would ever prove it."""
    bare_figures: list[Figure | NonFigure] = [
        f for f in found.figures if f.kind is Kind.COUNT and f.quantity and not f.quantity.unit.name
    ]
    bare_numbers: list[Figure | NonFigure] = [
        n for n in found.nonfigures if n.why == "bare-number" and _counts_something(d.text, n)
    ]
    for number in bare_figures + bare_numbers:
        rest = d.text[number.span.end :]
        if rest[:1] in ("w", "W"):
            raise FactError(f"“{_short(d.text)}”里的“w”读不懂", place=f"{file} {d.place}", remedy="请把 w 写成“万”")
        if not rest or _NO_UNIT_FOLLOWS.match(rest):
            raise FactError(
                f"“{_short(d.text)}”里的数字{number.surface}没有单位", place=f"{file} {d.place}", remedy="请写明单位（如 场、人次、万元）"
            )


def _counts_something(text: str, number: NonFigure) -> bool:
    """False for parts of names: B座302, GB/T 9704, 1+1, 科普中国2025."""
    before = text[: number.span.start]
    return bool(_COUNTED_BEFORE.search(before)) and not _YEAR.fullmatch(number.surface)


def _words(fact: Fact) -> str:
    """The words of a fact without its amounts; dates stay, for they tell one event from another."""
    parts, at = [], 0
    for f in fact.figures:
        if f.quantity is None or f.kind is Kind.ORDINAL:
            continue
        parts += [fact.text[at : f.span.start], f"〔{f.quantity.unit.name}〕"]
        at = f.span.end
    return _BLANKS.sub("", "".join([*parts, fact.text[at:]]))


def _amount(figure: Figure) -> tuple[object, ...]:
    """What must be equal of two figures that say the same: 38.6万 and 386000 are."""
    values = tuple(q.in_base if q else None for q in (figure.quantity, figure.upper))
    return (*values, figure.hedge, figure.period, figure.proportion)


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"
