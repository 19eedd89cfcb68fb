"""The beginning of a session: a file, a name or nothing; then unit, type and year, whichever of them is open."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from kepudraft.errors import FactError, InputError
from kepudraft.facts.read import Heading, read_facts, read_material
from kepudraft.facts.vocabulary import vocabulary
from kepudraft.genre import UnitType
from kepudraft.session import asking
from kepudraft.session.desk import Desk
from kepudraft.session.intake import take_material, told_heading
from kepudraft.session.screen import Tone
from kepudraft.session.work import Step, Work

_MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class Opening:
    """What a session begins with, from the command line; "" for what is not given."""

    facts: str = ""
    unit: str = ""
    unit_type: UnitType | None = None
    year: int | None = None
    last_year: str = ""
    model: str = ""


def open_with(desk: Desk, opening: Opening) -> None:
    """Begin a new session: with a file, with a name, or with nothing."""
    today = desk.tools.today()
    work = replace(
        desk.work, unit=opening.unit, unit_type=opening.unit_type, year=opening.year, date=(today.year, today.month, today.day)
    )
    if opening.model:
        desk.log.note("model", name=opening.model)
    if opening.last_year:
        work = _with_lasts(work, Path(opening.last_year))
    desk.log.start(work)
    if opening.facts:
        take_file(desk, Path(opening.facts))
    else:
        settle(desk, work, "开始")


def settle(desk: Desk, work: Work, said: str) -> None:
    """Go to the first step that is still open; what the name tells of the type is taken and said."""
    if work.unit and work.unit_type is None and (guess := vocabulary().type_of(work.unit)):
        work = replace(work, unit_type=guess)
        desk.screen.say(f"单位类型按名称定为“{guess}”（不对请输入 /type 类型）")
    if not work.unit or work.unit_type is None or not work.year:
        step = Step.UNIT if not work.unit else Step.TYPE if work.unit_type is None else Step.YEAR
        desk.save(replace(work, step=step), said)
        return
    if not work.pending:
        desk.save(interviewing(work), said)
        return
    path = Path(work.pending)
    taken = take_material(work, read_material(path), path.stem)
    desk.taken(taken, said, then=lambda w: replace(w, pending="", source=work.pending, step=Step.FACTS))
    missing = [i.name for i in asking.key_indicators(desk.work) if not asking.told_by(desk.work, i)]
    if missing:
        desk.screen.say(f"没有认出这些关键指标：{'、'.join(missing)}。有的话请补充，如 增加 讲座24场；没有就不用管。", Tone.WARN)


def set_heading(desk: Desk, *, unit: str = "", unit_type: str = "", year: str = "") -> None:
    """Name the unit, its type or the year, at any time.

    Raises:
        InputError: The value cannot be used.
    """
    work = desk.work
    if unit:
        if "\n" in unit or not 2 <= len(unit) <= _MAX_NAME or not re.search(r"[^\d\W]", unit):
            raise InputError(f"“{unit[:20]}”不像单位名称", remedy=f"请写全称，一行，{_MAX_NAME}字以内，如 江州市科技馆")
        work = replace(work, unit=unit)
    if unit_type:
        work = replace(work, unit_type=_type_of(unit_type))
    if year:
        work = replace(work, year=_year_of(year))
    said = unit or unit_type or year
    if work.step in (Step.UNIT, Step.TYPE, Step.YEAR):
        settle(desk, work, said)
    else:
        desk.changed(work, said)


def take_file(desk: Desk, path: Path) -> None:
    """Take in a fact file; while unit, type or year are open, remember it for later."""
    work, material = desk.work, read_material(path)
    if work.step not in (Step.UNIT, Step.TYPE, Step.YEAR):
        then = interviewing if work.step is Step.ASK else _as_it_is
        desk.taken(take_material(work, material, path.stem), f"读入{path.name}", then=then)
        return
    told = told_heading(material, path.stem)
    work = replace(
        work, unit=work.unit or told.unit or "", unit_type=work.unit_type or told.unit_type, year=work.year or told.year,
        date=told.date or work.date, pending=str(path.resolve()),
    )
    desk.screen.say(f"读到文件 {path.name}")
    settle(desk, work, f"读入{path.name}")


def take_pasted(desk: Desk, text: str) -> None:
    """A text pasted before unit, type and year are known: kept as a file of the session and read when they are."""
    path = desk.log.folder / "pasted.txt"
    n = 1
    while path.exists():
        n, path = n + 1, desk.log.folder / f"pasted-{n + 1}.txt"
    path.write_text(text + "\n", encoding="utf-8", errors="replace")
    take_file(desk, path)


def interviewing(work: Work) -> Work:
    """At the next question of the interview, or behind its end."""
    return replace(work, step=Step.ASK if asking.next_indicator(work) else Step.MORE)


def _as_it_is(work: Work) -> Work:
    return work


def _type_of(line: str) -> UnitType:
    types = list(UnitType)
    if line.isdigit() and 1 <= int(line) <= len(types):
        return types[int(line) - 1]
    found = next((t for t in types if t.value == line), None) or vocabulary().type_of(line)
    if found is None:
        raise InputError(f"“{line[:20]}”不是可选的类型", remedy="请输入序号或名称：" + " ".join(types))
    return found


def _year_of(line: str) -> int:
    found = re.fullmatch(r"(\d{4})年?度?", line)
    if not found or not 1990 <= int(found[1]) <= 2100:
        raise InputError(f"年度“{line[:20]}”看不懂", remedy="请写四位数字，如 2025")
    return int(found[1])


def _with_lasts(work: Work, path: Path) -> Work:
    """Last year's values by indicator, from last year's fact file or summary."""
    material = read_material(path)
    told = told_heading(material, path.stem)
    unit_type = told.unit_type or work.unit_type
    if unit_type is None:
        raise FactError("看不出单位类型，不知道上年的数对应哪些指标", place=str(path), remedy="请在文件里加一行“类型：社区”")
    before = Heading(told.unit or work.unit or "本单位", unit_type, told.year or 2000)
    return replace(work, lasts=asking.lasts_of(read_facts(path, before).facts, unit_type))
