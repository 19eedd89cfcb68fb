"""Many units' figures -> the superior unit's fact sheet: totals that show their parts, and what must be looked at before.

    units --measures--> Collected --totals--> book (汇总, 分单位, 需要核对) --kepudraft draft--> the city's summary
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kepudraft.batch.given import facts_of
from kepudraft.batch.inputs import given_units
from kepudraft.batch.journal import NAME, Journal
from kepudraft.batch.measures import measures_json, of_json
from kepudraft.batch.rollup_book import workbook
from kepudraft.batch.rollup_checks import Finding, Kind, findings
from kepudraft.batch.totals import Reporting, totals_of
from kepudraft.batch.unit import UnitResult
from kepudraft.errors import InputError, KepudraftError
from kepudraft.facts.read import Heading
from kepudraft.facts.vocabulary import vocabulary
from kepudraft.genre import UnitType


@dataclass(frozen=True, slots=True)
class RollUp:
    """What came of a roll-up.

    Attributes:
        workbook: The .xlsx file.
        units: How many units were added up.
        totals: How many totals were made.
        findings: What must be looked at.
        failed: Units that could not be read.
    """

    workbook: bytes
    units: int
    totals: int
    findings: tuple[Finding, ...]
    failed: int


def roll_up(
    source: str | Path, *, unit: str, unit_type: UnitType | None = None, year: int | None = None,
    notify: Callable[[str], None] = lambda _: None,
) -> RollUp:
    """Add up the figures of many units.

    Args:
        source: The output folder of a batch, or what a batch takes in.
        unit: Name of the unit that adds up.
        unit_type: Its type; told by its name if None.
        year: Of the report; the units' own if None.
        notify: Told what is passed over.

    Raises:
        InputError: There is nothing to add up, units are of several years, or the type is not told.
    """
    kind = unit_type or vocabulary().type_of(unit)
    if kind is None:
        raise InputError(f"从“{unit[:20]}”看不出单位类型", place="--unit", remedy=f"请用 --unit-type 给出：{'、'.join(UnitType)}")
    found, failed = [], 0
    for reporting in _reporting(Path(source), str(source), year, notify):
        if reporting is None:
            failed += 1
        else:
            found.append(reporting)
    if not found:
        raise InputError("没有一个单位的数据能汇总", place=str(source), remedy="请先起草成功，或检查输入")
    years = sorted({r.year for r in found})
    if len(years) > 1:
        raise InputError(f"各单位的年度不同（{'、'.join(map(str, years))}），不能相加", place=str(source), remedy="请只留同一年度的")
    totals = totals_of(found)
    told = tuple(findings(found, totals))
    if failed:
        told = (Finding(Kind.FAILED, f"{failed}个单位没有读成，没有算在内", ()), *told)
    book = workbook(unit, kind, years[0], found, totals, told)
    return RollUp(book, len(found), len(totals), told, failed)


def _reporting(path: Path, source: str, year: int | None, notify: Callable[[str], None]) -> Iterator[Reporting | None]:
    if (path / NAME).is_file():
        with Journal(path, reading=True) as journal:
            for entry in journal.entries():
                if entry.state == "same":
                    continue
                result = UnitResult.of_record(entry.result)
                yield _of_json(result.unit, result.unit_type, result.year, entry.measures) if entry.measures else None
        return
    for given in given_units(source, notify=notify):
        try:
            sheet = facts_of(given, Heading(None, None, year, None))
        except KepudraftError as error:
            notify(str(error))
            yield None
        else:
            yield _of_json(sheet.unit, sheet.unit_type.value, sheet.year, measures_json(sheet))


def _of_json(name: str, unit_type: str, year: int, text: str) -> Reporting:
    found, texts = of_json(text)
    return Reporting(name, unit_type, year, tuple(found), tuple(texts))
