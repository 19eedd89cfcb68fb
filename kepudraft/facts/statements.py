"""One line or row -> the statements in it: labels, headings and first words tell the status, 其中 tells a part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kepudraft.errors import FactError
from kepudraft.facts.indicators import Indicator, find
from kepudraft.facts.last_year import is_none, part, stands_alone
from kepudraft.facts.lines import clean, is_measure, split_label
from kepudraft.facts.material import RawLine, RawRecord
from kepudraft.facts.sheet import Status
from kepudraft.facts.vocabulary import bare, vocabulary
from kepudraft.figures.scan import Figure, Kind, scan
from kepudraft.figures.units import UNKNOWN, unit_named
from kepudraft.genre import Genre, Role, UnitType

_COLLOQUIAL_PART = re.compile("里头|里面|当中(?=.*\\d)")
_WITHIN = re.compile(r"其中[：:，,]?(?=.)")
_WHEN = re.compile(r"^((?:20\d\d年)?\d{1,2}月(?:\d{1,2}日)?(?:[至到—~～-](?:\d{1,2}月)?\d{1,2}日)?)(?:，|,|、|$|(?=在))")
_HELD = re.compile(r"^([^（()）]+)[（(](\d{1,2}月\d{1,2}日)[)）]$")  # «国际护士节（5月12日）：…»
_DIGIT = re.compile(r"[\d０-９一二三四五六七八九十百千万两]")
_SPLIT = frozenset("；;。\n\r")
_OPEN, _CLOSE = "（(“《〈「『【[", "）)”》〉」』】]"
_TAIL = " \t\u3000，,。；;、：:"
_AMOUNT = re.compile("[约近]?[\\d０-９][\\d０-９.,]*[万亿]?[余多+＋]?(?=[（(，,；;、。]|左右|上下|以上|以下|以内)")
_PRIZE = re.compile(
    "(?:(?:国家|[省市县区校])级)?(?:(?:[一二三特]等|优秀|优胜|最佳|组织|团体|[金银铜])[^，。；]{0,8}奖|[一二三特]等奖|[金银铜]奖)"
)
_EACH = re.compile(r"\d+[个所家支]?[^，。；\d]{1,6}各\d")  # «防震演练：8个村各1次»
_FROM_HERE = re.compile("明年|来年|下一年|下一?步|下阶段")
_ENUMERATED = re.compile("^(?:[一二三四五六七八九十]是|首先[，,]|其次[，,]|再次[，,]|最后[，,])(?=..)")
_UNDONE = re.compile("[没未]")
_TO_DO = re.compile("(?:要|准备|打算|想)((?:新?建|办|搞|开展|举办|购置|更新|添置))$")
_INNER_LABEL = re.compile("([，,][\u4e00-\u9fff]{2,10})[：:](?=[约近]?\\d)")  # «…，开放天数：306天»
_COUNT_WORD = re.compile(r"(?:总?数量?|总数|人次数?|场次数?|人数|次数|场次|个数|总量|总计|合计)$")
_BRACKET = re.compile(r"[（(]([^（()）\d]{2,12})[)）]")
_NOTED = re.compile("[不只仅]?含|包括|指|截至|年[末底]|全年|本年|累计|单位|注|见|如|按|以")
_MAX_VALUE = 40  # a longer cell is a sentence


@dataclass(frozen=True, slots=True)
class Report:
    """What every statement is read against; the same headings stand over many, and what they say is read once."""

    unit_type: UnitType
    year: int
    genre: Genre
    _said: dict[str, _Reading] = field(default_factory=dict, compare=False, repr=False)
    _over: dict[tuple[str, ...], _Reading] = field(default_factory=dict, compare=False, repr=False)

    def said(self, label: str) -> _Reading:
        """What a label or heading says."""
        if (said := self._said.get(label)) is None:
            said = self._said[label] = _reading(label, self)
        return said

    def over(self, headings: tuple[str, ...]) -> _Reading:
        """What the headings over a statement say together."""
        if (over := self._over.get(headings)) is None:
            over = self._over[headings] = _over(headings, self)
        return over


@dataclass(frozen=True, slots=True)
class Draftable:
    """A statement before it gets its id; as `Fact`, but `of` names the total (* for the one before) and `under` the headings."""

    text: str
    topic: str
    status: Status
    place: str
    last: str = ""
    note: str = ""
    role: Role | None = None
    of: str = ""
    headline: bool = False
    name: str = ""
    subject: str = ""
    under: tuple[str, ...] = ()


class _Reading(NamedTuple):
    """What a label or heading says: status, role, and the label itself if it belongs into the sentence."""

    status: Status | None
    role: Role | None
    text: str


def of_line(line: RawLine, report: Report) -> Iterator[Draftable]:
    """The statements of a line of prose."""
    headings = (line.context, *line.above)
    over, subject = report.over(headings), _subject(line.context, report.genre)
    label, body = split_label(line.text)
    said = report.said(label)
    if said.status or said.role:
        subject = ""  # «问题：…» stands for itself, whatever heading is over it
    now = _Reading(said.status or over.status, said.role or over.role, said.text)
    pieces = [p for piece in _pieces(body if label else line.text) if (p := clean(piece).strip(_TAIL))]
    for n, piece in enumerate(_joined(pieces)):
        parted = part(_INNER_LABEL.sub(r"\1", piece), report.year)
        clause = _ENUMERATED.sub("", parted.clause.strip(_TAIL))
        if label and n == 0:
            clause = _labelled(label, said, clause)
        else:
            now, clause = _turned(now, clause, report)
        status, role = _announced(now, clause)
        within = _WITHIN.match(clause)
        yield Draftable(
            _COLLOQUIAL_PART.sub("其中", clause[within.end() :] if within else clause),
            bare(label) if label and said.text else subject, status, line.place, last=parted.last, role=role,
            subject=subject, of="*" if within else "", under=headings,
        )


def _turned(now: _Reading, clause: str, report: Report) -> tuple[_Reading, str]:
    """A paragraph may turn to the problems or plans within («…。存在问题：展品老化。明年，…»): so does what follows."""
    label, rest = split_label(clause)
    said = report.said(label)
    if said.status and rest:
        return said, rest
    if now.status is not Status.PLANNED and _FROM_HERE.match(clause):
        return _Reading(Status.PLANNED, Role.PLANS, ""), clause
    return now, clause


def _announced(now: _Reading, clause: str) -> tuple[Status, Role | None]:
    """Status and role of a clause; by its own first word it may announce a plan under a heading that says nothing."""
    if now.status is None and vocabulary().planned_openings.match(clause):
        return Status.PLANNED, now.role
    return now.status or Status.DONE, now.role


def of_record(row: RawRecord, file: str, report: Report) -> Iterator[Draftable]:
    """The statements of a table row: one where the cell holds an amount, else what its sentence states.

    Raises:
        FactError: An amount without unit, or with 万 in value and unit both.
    """
    if is_none(row.value):
        return
    within = re.match(r"^(?:其中|#)[：:，,]?\s*(?=.)", row.name)
    name = row.name[within.end() :] if within else row.name
    indicator = find(report.unit_type, name)
    said = report.said(name)
    over = report.over((row.context, *row.above))
    status, role = said.status or over.status or Status.DONE, said.role or over.role
    figures = scan(row.value + row.unit).figures if len(row.value) < _MAX_VALUE else ()
    if not _DIGIT.search(row.value) or status is not Status.DONE or not _is_value(row, figures):
        yield from _of_text_row(row, name, indicator, report)
        return
    if indicator and not _same_unit(indicator, row):
        indicator = None  # the clerk counts something else under this name: tell it in the clerk's own words
    value, last = (_measured(v, row, file, indicator) for v in (row.value, row.last))
    narrowed = _narrowed(name)
    yield Draftable(
        text=_told(name, value, indicator, narrowed), topic=indicator.topic if indicator else "", status=Status.DONE, place=row.place,
        last=last, note=row.note, role=(indicator.role if indicator else None) or role,
        of="*" if within else indicator.of if indicator else "", headline=bool(indicator and indicator.headline and not narrowed),
        name=(indicator.name if indicator else bare(name)) + narrowed, under=(row.context, *row.above),
    )


def _over(headings: tuple[str, ...], report: Report) -> _Reading:
    """The nearest heading that says status or role; a heading of problems or plans further up holds for all beneath it."""
    readings = [report.said(h) for h in headings if h]
    status = next((r.status for r in readings if r.status), None)
    role = next((r.role for r in readings if r.role), None)
    return _Reading(status, {Status.PROBLEM: Role.PROBLEMS, Status.PLANNED: Role.PLANS}.get(status, role) if status else role, "")


def _reading(label: str, report: Report) -> _Reading:
    name = bare(label)
    if status := vocabulary().status_of(name, report.year):
        return _Reading(status, Role.PROBLEMS if status is Status.PROBLEM else Role.PLANS, "")
    role = report.genre.labelled(name)
    return _Reading(None, role, "" if role or not label or name == f"{report.year}年" else label)


def _subject(heading: str, genre: Genre) -> str:
    above = bare(heading)
    if genre.labelled(above) is Role.RESULTS:
        return ""  # 获奖 over an award says nothing that the award doesn't
    return above if above in genre.cues else ""


def _labelled(label: str, said: _Reading, clause: str) -> str:
    if said.text:
        return _with_label(label, clause)
    if said.status is Status.PROBLEM and _UNDONE.search(label):
        return f"{clause}尚未完成"  # «还没搞的：天文台维修»
    if said.status is Status.PLANNED and (verb := _TO_DO.search(label)) and not clause.startswith(verb[1]):
        return verb[1] + clause  # «明年要建：创客空间1间»
    if _starts_with_amount(clause) and said.role not in (None, Role.RESULTS, Role.PROBLEMS, Role.PLANS):
        return label + clause  # «志愿者：68人»: the label names a section and is what the figure counts, too
    return clause


def _joined(pieces: list[str]) -> list[str]:
    """«活动286场次；上年254场次», «讲座46场；1200人次» are one statement: the second piece names nothing of its own."""
    joined: list[str] = []
    for piece in pieces:
        if joined and stands_alone(piece):
            joined[-1] = f"{joined[-1]}（{piece}）"
        elif joined and _is_bare_amount(piece):
            joined[-1] = f"{joined[-1]}，{piece}"
        else:
            joined.append(piece)
    return joined


def _is_bare_amount(text: str) -> bool:
    figures = scan(text).figures if len(text) < _MAX_VALUE else ()
    return len(figures) == 1 and figures[0].span.start == 0 and figures[0].span.end == len(text)


def _with_label(label: str, clause: str) -> str:
    """«科普讲座：46场» -> 科普讲座46场; «全国科技活动周：…» -> 全国科技活动周期间，…; else «志愿服务：…» -> 志愿服务方面，…."""
    name, words = bare(label), vocabulary()
    if name in clause:
        return clause
    when = _WHEN.match(clause)
    date, rest = (when[1], clause[when.end() :]) if when else ("", clause)
    held = None if date or not name.endswith(words.event_endings) else _HELD.match(label)
    if held:
        label, date = held[1], held[2]
    is_event = name.endswith((*words.event_endings, *words.rally_endings))
    if date and not rest:
        return f"{date}{label}" if is_event else f"{label}为{date}"
    if name.endswith(words.event_endings):
        return f"{date}{label}{'' if held or name.endswith('期间') else '期间'}，{rest}"
    if name.endswith(words.rally_endings):
        return f"{date}{label}活动中，{rest}"
    if _PRIZE.match(clause):
        return f"在{label.removesuffix('获奖')}中获{clause}"
    first = scan(clause).figures[:1]
    starts = bool(first) and first[0].span.start == 0
    if clause.startswith("《") or name.endswith(words.contest_endings):  # «科普短片：《潮汐》1部»
        return label + clause
    if starts and (first[0].kind is not Kind.DATE or first[0].span.end == len(clause)):
        return label + ("为" if first[0].kind is Kind.DATE else "，" if _EACH.match(clause) else "") + clause
    return f"{label}方面，{clause}"


def _starts_with_amount(text: str) -> bool:
    first = scan(text).figures[:1]
    return bool(first) and first[0].span.start == 0 and first[0].kind not in (Kind.DATE, Kind.ORDINAL)


def _pieces(text: str) -> Iterator[str]:
    """`text` cut at ； and 。 that stand outside brackets and quotes."""
    if _SPLIT.isdisjoint(text):
        yield text
        return
    depth, start = 0, 0
    for i, c in enumerate(text):
        depth = max(0, depth + (c in _OPEN) - (c in _CLOSE))
        if depth == 0 and c in _SPLIT:
            yield text[start:i]
            start = i + 1
    yield text[start:]


def _of_text_row(row: RawRecord, name: str, indicator: Indicator | None, report: Report) -> Iterator[Draftable]:
    """A row whose value is a sentence: an award, a problem, a plan, or several figures in one cell."""
    asks_text = indicator is not None and not indicator.unit
    value = _with_unit_inside(row.value, row.unit or (indicator.unit if indicator else ""))
    told = value if asks_text else f"{name}{'，' if _EACH.match(value) else '' if _starts_with_amount(value) else '：'}{value}"
    line = RawLine(told, row.place, row.context, row.above)
    for d in of_line(line, report):
        role = d.role or (indicator.role if indicator and asks_text else None)
        status = {Role.PROBLEMS: Status.PROBLEM, Role.PLANS: Status.PLANNED}.get(role or Role.OVERVIEW, d.status)
        last = "、".join(filter(None, (d.last, "" if is_none(row.last) else row.last)))
        yield replace(d, topic=indicator.topic if indicator else d.topic, role=role, status=status, note=row.note, last=last)


def _with_unit_inside(value: str, unit: str) -> str:
    """«46（含线上6场）» with the unit column 场 -> 46场（含线上6场）; 46左右 -> 46场左右."""
    amount = _AMOUNT.match(value)
    if not unit or not amount:
        return value
    return value[: amount.end()] + unit + value[amount.end() :]


def _same_unit(indicator: Indicator, row: RawRecord) -> bool:
    """True if the row measures what the indicator measures: 场 for 场次 is the same, 人 for 人次 is not."""
    written = [f.quantity.unit for f in scan(row.value + row.unit).figures if f.quantity and f.quantity.unit.name]
    if not written:
        return True
    scaled = [f.quantity.unit for f in scan("1" + indicator.unit).figures if f.quantity]  # 万元 is 元 with a scale
    asked = scaled[0] if scaled else unit_named(indicator.unit)
    return written[0].name == asked.name or (written[0].dimension == asked.dimension != UNKNOWN)


def _is_value(row: RawRecord, figures: tuple[Figure, ...]) -> bool:
    """True if the cell holds one amount and nothing else (46, 46场, 近3万), not a sentence with figures in it."""
    text = row.value.strip()
    if figures and figures[0].kind is Kind.DATE:
        return False
    if re.fullmatch(r"[\d０-９.,，．%％\s]+", text):
        return True
    return bool(figures) and figures[0].span.start == 0 and figures[0].span.end >= len(text)


def _measured(value: str, row: RawRecord, file: str, indicator: Indicator | None) -> str:
    """The value with its unit.

    Raises:
        FactError: Neither cell, column nor indicator names a unit, or value and unit both say 万.
    """
    value = re.sub(r"\s+", "", value)
    if is_none(value):
        return ""
    if value.endswith(("%", "％")) or any(f.quantity and f.quantity.unit.name for f in scan(value).figures):
        return value
    unit = row.unit or (indicator.unit if indicator else "")
    if not unit:
        raise FactError(
            f"“{row.name}”的数值{value}没有单位", place=f"{file} {row.place}", remedy="请在“单位”一列填写（如 场、人次、万元）"
        )
    if value.rstrip("余多")[-1:] in "万亿" and unit[0] in "万亿" and value.rstrip("余多"):
        raise FactError(
            f"“{row.name}”的数值{value}和单位{unit}都带“{unit[0]}”", place=f"{file} {row.place}", remedy="请只在一处写“万”"
        )
    return value + unit


def _narrowed(name: str) -> str:
    """What in brackets says that a row counts less than its name does: the （线上） of «科普讲座（线上）»; "" for a unit or a remark."""
    found = _BRACKET.search(name)
    if not found or is_measure(found[1]) or _COUNT_WORD.fullmatch(found[1]) or _NOTED.match(found[1]):
        return ""
    return found[0]


def _told(name: str, value: str, indicator: Indicator | None, narrowed: str) -> str:
    stem = bare(name)
    if indicator and indicator.unit and (not narrowed or stem in indicator.say):
        return indicator.say.replace(stem, stem + narrowed, 1).format(value) if narrowed else indicator.say.format(value)
    shorter = _COUNT_WORD.sub("", stem)
    return (shorter if len(shorter) >= 2 else stem) + narrowed + value
