"""Lines and rows -> facts: labels, status, last year's value, and what contradicts what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from kepudraft.errors import FactError
from kepudraft.facts.indicators import Indicator, find
from kepudraft.facts.lines import split_label
from kepudraft.facts.material import Material, RawLine, RawRecord
from kepudraft.facts.sheet import Fact, Source, Status
from kepudraft.facts.vocabulary import bare, vocabulary
from kepudraft.figures.scan import Figure, Kind, scan
from kepudraft.figures.units import unit_named
from kepudraft.genre import Genre, Role, UnitType

_LAST = re.compile(
    r"[（(]\s*(?:上年|去年|上一年|上年度|上年同期|去年同期|{last}年)\s*(?:同期)?(?:为|是|：|:)?\s*([^（()）]{{1,24}})[)）]"
    r"|[，,]\s*(?:上年|去年|上一年|上年同期|{last}年)(?:为|是|：|:)?\s*([^，,；;。（(]{{1,24}})(?=$|[，,；;。])"
)
_COLLOQUIAL_PART = re.compile("里头|里面|当中(?=.*\\d)")
_WHEN = re.compile(r"^((?:20\d\d年)?\d{1,2}月(?:\d{1,2}日)?(?:[至到—~～-](?:\d{1,2}月)?\d{1,2}日)?)(?:，|,|、|$)")
_SPLIT = re.compile(r"[；;。]")
_OPEN, _CLOSE = "（(“《〈「『【[", "）)”》〉」』】]"
_TAIL = " \t\u3000，,。；;、："
_COUNT_WORD = re.compile(r"(?:总?数量?|总数|人次数?|场次数?|人数|次数|场次|个数|总量|总计|合计)$")


@dataclass(frozen=True, slots=True)
class Draftable:
    """A statement before it gets its id."""

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


@dataclass(frozen=True, slots=True)
class Understood:
    """Facts in the order of the file, and what there is to say about them."""

    facts: tuple[Fact, ...]
    remarks: tuple[str, ...]


def understand(material: Material, *, unit_type: UnitType, year: int, genre: Genre) -> Understood:
    """Facts of a file's lines and rows.

    Raises:
        FactError: Nothing is stated, no figure occurs, a figure lacks its unit, or two facts contradict.
    """
    last = re.compile(_LAST.pattern.format(last=year - 1))
    drafts: list[Draftable] = []
    for item in material.items:
        if isinstance(item, RawRecord):
            drafts += _of_record(item, material.file, unit_type, genre, last)
        else:
            drafts += _of_line(item, last, genre)
    facts, remarks = _numbered(drafts, material.file)
    if not facts:
        raise FactError("没有读到任何事实", place=material.file, remedy="请每行写一条事实，或用 kepudraft init 生成的模板填写")
    if not any(f.kind is not Kind.DATE for fact in facts for f in fact.figures):
        raise FactError("整个文件没有一个数字", place=material.file, remedy="请补充数据（如场次、人次、经费）后重试")
    _refuse_contradictions(facts)
    return Understood(tuple(facts), tuple(remarks))


def _of_line(line: RawLine, last: re.Pattern[str], genre: Genre) -> Iterator[Draftable]:
    status, role, text = _reading(line.context, genre)
    above = bare(line.context)
    subject = above if any(above in t.cues for t in genre.topics) else ""
    label, body = split_label(line.text)
    if label:
        own_status, own_role, kept = _reading(label, genre)
        status = own_status if own_status is not Status.DONE else status
        role = own_role or role
        text = kept
    parts = _with_last_behind([p for piece in _pieces(body if label else line.text) if (p := piece.strip(_TAIL))])
    for n, part in enumerate(parts):
        lasts = [m[1] or m[2] for m in last.finditer(part)]
        clause = last.sub("", part).strip(_TAIL) if lasts else part
        if label and n == 0:
            if text:
                clause = _with_label(label, clause)
            elif _starts_with_amount(clause) and role not in (Role.RESULTS, Role.PROBLEMS, Role.PLANS):
                clause = label + clause  # «志愿者：68人»: the label names a section and is what the figure counts, too
        # A clause may announce a plan by its own first word, whatever stands above it.
        planned = vocabulary().planned_openings.match(clause) and status is Status.DONE
        within = re.match(r"其中[：:，,]?(?=.)", clause)
        yield Draftable(
            _COLLOQUIAL_PART.sub("其中", clause[within.end() :] if within else clause), bare(label) if label and text else subject,
            Status.PLANNED if planned else status, line.place, last="、".join(lasts), role=role, subject=subject, of="*" if within else "",
        )


def _with_last_behind(parts: list[str]) -> list[str]:
    """«活动286场次；上年254场次» is one statement: a piece that only tells last year joins the piece before it."""
    joined: list[str] = []
    for part in parts:
        if joined and re.match(r"(?:上年|去年|上一年)(?:同期)?(?:为|是)?[约近]?\d", part):
            joined[-1] = f"{joined[-1]}（{part}）"
        else:
            joined.append(part)
    return joined


def _reading(label: str, genre: Genre) -> tuple[Status, Role | None, str]:
    """What a label or heading says: status, role, and the label itself if it belongs into the sentence."""
    name = bare(label)
    if status := vocabulary().status.get(name):
        return status, Role.PROBLEMS if status is Status.PROBLEM else Role.PLANS, ""
    if re.fullmatch(r"20\d\d年(?:.*(?:计划|打算|安排))?", name):
        return Status.PLANNED, Role.PLANS, ""
    role = genre.labelled(name)
    return Status.DONE, role, "" if role or not label else label


def _with_label(label: str, clause: str) -> str:
    """«科普讲座：46场» -> 科普讲座46场; «全国科技活动周：…» -> 全国科技活动周期间，…; else «志愿服务：…» -> 志愿服务方面，…."""
    name, words = bare(label), vocabulary()
    if name in clause:
        return clause
    when = _WHEN.match(clause)
    date, rest = (when[1], clause[when.end() :]) if when else ("", clause)
    if name.endswith(words.event_endings):
        return f"{date}{label}{'' if name.endswith('期间') else '期间'}，{rest}"
    if name.endswith(words.rally_endings):
        return f"{date}{label}活动中，{rest}"
    first = scan(clause).figures[:1]
    starts = bool(first) and first[0].span.start == 0
    if name.endswith(words.contest_endings):
        prize = starts and first[0].quantity is not None and first[0].quantity.unit.name == "等奖"
        return f"在{label}中获{clause}" if prize else label + clause
    if starts and first[0].kind is not Kind.DATE:
        return label + clause
    return f"{label}方面，{clause}"


def _starts_with_amount(text: str) -> bool:
    first = scan(text).figures[:1]
    return bool(first) and first[0].span.start == 0 and first[0].kind not in (Kind.DATE, Kind.ORDINAL)


def _pieces(text: str) -> Iterator[str]:
    """`text` cut at ； and 。 that stand outside brackets and quotes."""
    depth, start = 0, 0
    for i, c in enumerate(text):
        depth = max(0, depth + (c in _OPEN) - (c in _CLOSE))
        if depth == 0 and _SPLIT.match(c):
            yield text[start:i]
            start = i + 1
    yield text[start:]


def _of_record(
    row: RawRecord, file: str, unit_type: UnitType, genre: Genre, last_year: re.Pattern[str]
) -> Iterator[Draftable]:
    part = re.match(r"^(?:其中|#)[：:，,]?\s*(?=.)", row.name)
    name = row.name[part.end() :] if part else row.name
    indicator = find(unit_type, name)
    status, role, _ = _reading(name, genre)
    if status is Status.DONE and row.context:
        status, role, _ = _reading(row.context, genre)
    figures = scan(row.value + row.unit).figures if len(row.value) < 40 else ()
    if not re.search(r"[\d０-９一二三四五六七八九十百千万两]", row.value) or status is not Status.DONE or not _is_value(row, figures):
        yield from _of_text_row(row, name, indicator, genre, last_year)
        return
    if indicator and not _same_unit(indicator, row):
        indicator = None  # the clerk counts something else under this name: tell it in the clerk's own words
    value, last = (_measured(v, row, file, indicator) for v in (row.value, row.last))
    yield Draftable(
        text=_told(name, value, indicator), topic=indicator.topic if indicator else "", status=Status.DONE, place=row.place,
        last=last, note=row.note, role=(indicator.role if indicator else None) or role,
        of=(indicator.of if indicator else "") or ("*" if part else ""), headline=bool(indicator and indicator.headline),
        name=indicator.name if indicator else bare(name),
    )


def _of_text_row(
    row: RawRecord, name: str, indicator: Indicator | None, genre: Genre, last_year: re.Pattern[str]
) -> Iterator[Draftable]:
    """A row whose value is a sentence: an award, a problem, a plan, or several figures in one cell."""
    asks_text = indicator is not None and not indicator.unit
    told = row.value if asks_text else f"{name}{'' if _starts_with_amount(row.value) else '：'}{row.value}"
    line = RawLine(told, row.place, row.context)
    for d in _of_line(line, last_year, genre):
        role = d.role or (indicator.role if indicator and asks_text else None)
        status = {Role.PROBLEMS: Status.PROBLEM, Role.PLANS: Status.PLANNED}.get(role or Role.OVERVIEW, d.status)
        topic = indicator.topic if indicator else d.topic
        last = "、".join(filter(None, (d.last, row.last)))
        yield replace(d, topic=topic, role=role, status=status, note=row.note, last=last)


def _same_unit(indicator: Indicator, row: RawRecord) -> bool:
    """True if the row measures what the indicator measures: 场 for 场次 is the same, 人 for 人次 is not."""
    written = [f.quantity.unit for f in scan(row.value + row.unit).figures if f.quantity and f.quantity.unit.name]
    if not written:
        return True
    asked = unit_named(indicator.unit)
    return written[0].name == asked.name or (written[0].dimension == asked.dimension != "unknown")


def _is_value(row: RawRecord, figures: tuple[Figure, ...]) -> bool:
    """True if the cell holds one amount and nothing else (46, 46场, 近3万), not a sentence with figures in it."""
    text = row.value.strip()
    if re.fullmatch(r"[\d０-９.,，．%％\s]+", text):
        return True
    return bool(figures) and figures[0].span.start == 0 and figures[0].span.end >= len(text)


def _measured(value: str, row: RawRecord, file: str, indicator: Indicator | None) -> str:
    """The value with its unit.

    Raises:
        FactError: Neither cell, column nor indicator names a unit.
    """
    value = re.sub(r"\s+", "", value)
    if not value or value in ("-", "—", "/", "无", "—"):
        return ""
    if value.endswith(("%", "％")) or any(f.quantity and f.quantity.unit.name for f in scan(value).figures):
        return value
    unit = row.unit or (indicator.unit if indicator else "")
    if not unit:
        raise FactError(
            f"“{row.name}”的数值{value}没有单位", place=f"{file} {row.place}", remedy="请在“单位”一列填写（如 场、人次、万元）"
        )
    return value + unit


def _told(name: str, value: str, indicator: Indicator | None) -> str:
    if indicator:
        return indicator.say.format(value)
    stem = bare(name)
    shorter = _COUNT_WORD.sub("", stem)
    return (shorter if len(shorter) >= 2 else stem) + value


def _numbered(drafts: list[Draftable], file: str) -> tuple[list[Fact], list[str]]:
    facts: list[Fact] = []
    remarks: list[str] = []
    seen: dict[tuple[str, str], Fact] = {}
    totals: dict[str, str] = {}
    for d in drafts:
        key = (re.sub(r"[\s，,。]", "", d.text), d.status)
        if key in seen:
            remarks.append(f"{d.place}与{seen[key].source.place}重复（{_short(d.text)}），只用一次")
            continue
        found = scan(d.text)
        remarks += [f"{d.place}：{defect.message}" for defect in found.defects]
        _refuse_bare_number(d, found.figures, file)
        part_of = totals.get(d.of, "") if d.of != "*" else (facts[-1].part_of or facts[-1].id if facts else "")
        fact = Fact(
            id=f"F{len(facts) + 1}", text=d.text, figures=found.figures, topic=d.topic, status=d.status,
            source=Source(file, d.place), last=d.last, note=d.note, role=d.role, part_of=part_of, headline=d.headline,
            subject=d.subject if d.subject not in d.text else "",
        )
        fact, remark = _checked_last(fact)
        remarks += [remark] if remark else []
        seen[key] = fact
        facts.append(fact)
        if d.name:
            totals.setdefault(d.name, fact.id)
    return facts, remarks


def _checked_last(fact: Fact) -> tuple[Fact, str]:
    """Last year's values, each for the one figure of its unit; where there are more, nobody can tell to which."""
    if not fact.last:
        return fact, ""
    units = [f.quantity.unit.name for f in scan(fact.last).figures if f.quantity]
    if not units:
        return replace(fact, last=""), f"{fact.source.place}：上年值“{fact.last}”读不出数字，未作比较"
    own = [f.quantity.unit.name for f in totals(fact) if f.quantity]
    if all(own.count(u) == 1 for u in units):
        return fact, ""
    why = "有几个同单位的数" if any(own.count(u) > 1 for u in units) else "与本年的单位不同"
    return replace(fact, last=""), f"{fact.source.place}：上年值“{fact.last}”{why}，不知对应哪一个，未作比较；请分行写"


def totals(fact: Fact) -> tuple[Figure, ...]:
    """The figures of a fact that are no parts: those before 其中, 里头, 含 …"""
    found = vocabulary().part_words.search(fact.text)
    return tuple(f for f in fact.figures if not found or f.span.start < found.start())


def _refuse_bare_number(d: Draftable, figures: tuple[Figure, ...], file: str) -> None:
    for f in figures:
        rest = d.text[f.span.end : f.span.end + 1]
        if f.kind is Kind.COUNT and f.quantity and not f.quantity.unit.name and (not rest or rest in "，,；;。、）)"):
            raise FactError(
                f"“{_short(d.text)}”里的数字{f.surface}没有单位", place=f"{file} {d.place}", remedy="请写明单位（如 场、人次、万元）"
            )


def _refuse_contradictions(facts: list[Fact]) -> None:
    """Two facts alike but for their figures contradict; where place or time is named they differ by their words."""
    first: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        key = (_template(fact), fact.status)
        other = first.setdefault(key, fact)
        if other is fact or len(key[0]) < 3:
            continue
        raise FactError(
            f"与{other.source.place}矛盾：“{_short(other.text)}”和“{_short(fact.text)}”", place=str(fact.source),
            remedy="请只留正确的一条，或写明两者的区别（时间、地点、范围）",
        )


def _template(fact: Fact) -> str:
    """The words of a fact without its amounts; dates stay, for they tell one event from another."""
    parts, at = [], 0
    for f in fact.figures:
        if f.quantity is None or f.kind is Kind.ORDINAL:
            continue
        parts += [fact.text[at : f.span.start], f"〔{f.quantity.unit.name}〕"]
        at = f.span.end
    return bare("".join([*parts, fact.text[at:]])) if parts else ""


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"
