"""One unit from facts to finished files, as every engine runs it: a pure function of the unit and the options.

    GivenUnit --facts_of--> FactSheet --Drafter--> Draft --render--> contents by suffix, and a UnitResult to be kept
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import Any, TypeVar

from kepudraft.assemble import Draft, walk
from kepudraft.batch.given import GivenUnit, facts_of
from kepudraft.batch.measures import measures_json
from kepudraft.errors import ExportError, InputError, KepudraftError
from kepudraft.export.files import FORMATS, rendered
from kepudraft.facts.derive import with_derived
from kepudraft.facts.read import Heading
from kepudraft.facts.sheet import FactSheet
from kepudraft.genre import UnitType
from kepudraft.outline import SectionPlan
from kepudraft.pipeline import Drafter, Written

_Result = TypeVar("_Result")
Section = Callable[[int, str, str], None]
"""Told the number, heading and state («started», «written») of each section."""


@dataclass(frozen=True, slots=True)
class DraftOptions:
    """What the drafts of a batch depend on beside facts and model.

    Attributes:
        formats: Suffixes of the files to be written.
        unit_type: Wins over the units' own.
        year: Wins over the units' own.
        date: Date of signature as (year, month, day) for units that give none; None leaves it open.
        length: Length of a draft in characters, or None.
        seed: Chooses among equal wordings.
        style: Which style of headings.
    """

    formats: tuple[str, ...] = (".docx", ".md", ".json")
    unit_type: str = ""
    year: int | None = None
    date: tuple[int, int, int] | None = None
    length: int | None = None
    seed: int = 0
    style: int = 0

    def __post_init__(self) -> None:
        unknown = [f for f in self.formats if f not in FORMATS]
        if unknown or not self.formats:
            raise InputError(f"不能写 {' '.join(unknown) or '空的格式'}", place="formats", remedy=f"可用：{' '.join(FORMATS)}")

    @property
    def heading(self) -> Heading:
        """What is given beside the facts."""
        return Heading(None, UnitType(self.unit_type) if self.unit_type else None, self.year, None)

    def parameters(self) -> dict[str, object]:
        """All that a draft depends on; the formats are not among it."""
        return {k: v for k, v in asdict(self).items() if k != "formats"}


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What is told of a unit once it is done or failed: a row of the summary.

    Attributes:
        unit: Its full name.
        unit_type: As read.
        year: As read.
        chars: Length of the draft's text.
        facts: Facts given.
        told: Facts told in the draft.
        figures: Figures in the draft.
        faithful: Figures borne by facts.
        gaps: What the person has to supply.
        remarks: What reading the facts noticed.
        sentences: Sentences by origin (model, offline).
        seconds: Of drafting and rendering, without waiting for others.
        error: What went wrong, or "".
        place: Where.
        remedy: What to do about it.
        trace: Of a bug, for whoever mends it.
    """

    unit: str = ""
    unit_type: str = ""
    year: int = 0
    chars: int = 0
    facts: int = 0
    told: int = 0
    figures: int = 0
    faithful: int = 0
    gaps: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    sentences: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    error: str = ""
    place: str = ""
    remedy: str = ""
    trace: str = ""

    @property
    def coverage(self) -> float:
        """Share of the facts that the draft tells."""
        return self.told / self.facts if self.facts else 0.0

    @property
    def attention(self) -> bool:
        """True if it is written but something needs a person."""
        return not self.error and (bool(self.gaps) or self.faithful < self.figures)

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {name: value for name in _names() if (value := getattr(self, name)) or name in ("facts", "figures")}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> UnitResult:
        """From JSON values; what is not known is left out."""
        known = _names()
        tuples: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items() if k in known}
        return cls(**tuples)


@cache
def _names() -> dict[str, None]:
    """The attributes of a result, in order."""
    return dict.fromkeys(f.name for f in fields(UnitResult))


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a unit: the files' contents by suffix (none if it failed), its row, and its figures for the roll-up."""

    result: UnitResult
    contents: Mapping[str, bytes]
    measures: str = ""


def make(unit: GivenUnit, drafter: Drafter, options: DraftOptions) -> Made:
    """Draft one unit offline. Never raises for what is wrong with the unit: that is in the result."""
    start = time.perf_counter()
    try:
        sheet = _sheet(unit, options)
        return _made(drafter.draft(sheet), options, start)
    except Exception as error:  # a bug met by one unit must not stop the others; it is told with its trace
        return failed(error, start)


async def make_with_model(unit: GivenUnit, drafter: Drafter, options: DraftOptions, section: Section) -> Made:
    """The same with the drafter's model, all sections at a time: none depends on another, and so no endpoint has to wait for one.

    Raises:
        ModelError: The run must stop; what was answered is in the journal.
    """
    start = time.perf_counter()
    try:
        sheet = with_derived(_sheet(unit, options))
        outline = drafter.outline(sheet)

        async def written(n: int, plan: SectionPlan) -> tuple[Written, list[str]]:
            section(n, plan.heading, "started")
            noted: list[str] = []
            passages = await drafter.write_section(plan, sheet, notify=noted.append)
            section(n, plan.heading, "written")
            return (plan, passages), noted

        done = await _all([written(n, plan) for n, plan in enumerate(outline.sections)])
        notices = [notice for _, noted in done for notice in noted]
        return _made(drafter.finish(outline, [one for one, _ in done], sheet, notices=notices), options, start)
    except StopRun:
        raise
    except Exception as error:
        return failed(error, start)


async def _all(work: Sequence[Coroutine[Any, Any, _Result]]) -> list[_Result]:
    """What came of all of them, in order; where one fails, the others are given up before its error is raised."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class StopRun(BaseException):
    """Raised through a unit that may not go on: budget used up, interrupted. What it has so far is in the journal.

    No `Exception`, so that nothing on the way takes it for the failure of one request and goes on.
    """


def failed(error: BaseException, start: float) -> Made:
    """The row of a unit that could not be drafted."""
    seconds = round(time.perf_counter() - start, 4)
    if isinstance(error, KepudraftError):
        return Made(UnitResult(error=error.what, place=error.place, remedy=error.remedy, seconds=seconds), {})
    trace = "".join(traceback.format_exception(error))[-4000:]
    told = f"程序内部错误（{type(error).__name__}）"
    return Made(UnitResult(error=told, remedy="其他单位不受影响；请把日志里的这一条反馈给我们", trace=trace, seconds=seconds), {})


def _sheet(unit: GivenUnit, options: DraftOptions) -> FactSheet:
    from dataclasses import replace

    sheet = facts_of(unit, options.heading)
    return sheet if sheet.date or options.date is None else replace(sheet, date=options.date)


def _made(draft: Draft, options: DraftOptions, start: float) -> Made:
    contents = {suffix: rendered(draft, suffix) for suffix in options.formats}
    sentences = [s for section in walk(draft.sections) for s in section.passage.sentences]
    told = {i for s in sentences for i in s.fact_ids}
    own = [f for f in draft.sheet.facts if not f.formula]
    figures = draft.report.figures
    result = UnitResult(
        unit=draft.sheet.unit, unit_type=draft.sheet.unit_type.value, year=draft.sheet.year, chars=len(draft.text), facts=len(own),
        told=sum(f.id in told for f in own), figures=len(figures), faithful=len(figures) - len(draft.report.unfaithful),
        gaps=draft.gaps, remarks=(*draft.sheet.remarks, *draft.notices), sentences=dict(Counter(s.origin.value for s in sentences if s.fact_ids)),
        seconds=round(time.perf_counter() - start, 4),
    )
    return Made(result, contents, measures_json(draft.sheet))


def stops(error: BaseException) -> bool:
    """True for what ends the whole run: a place that can't be written to fails for all units alike."""
    return isinstance(error, ExportError)
