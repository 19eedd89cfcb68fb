"""Which sections a summary has, and which facts go under which heading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kepudraft.errors import OutlineError
from kepudraft.facts.sheet import Fact, FactSheet, Status
from kepudraft.figures.scan import scan
from kepudraft.genre import Genre, Role, Topic

_MIN_FACTS_TO_SPLIT = 8
_MAX_SHARE_OF_SMALL = 0.3
_MAX_HEADLINES = 3
_MIN_PART_CHARS = 40
_MIN_SECTION_CHARS = 80
_EVENT = "主题活动"
_AWARDS = "荣誉奖项"
_EVENT_HEAD = 12  # characters within which an event is named that a fact tells of
_UNDONE = re.compile("(?:未|没有?)(?:能)?(?:安排|开展|举办|召开|实施|进行|组织)$")
_DATED = re.compile(r"^(?:20\d\d年)?\d{1,2}月")
_HEADLINE = re.compile(r"^(?:全年|一年来|全年共|全年累计)(?:共|累计)?(?:接待|开展|举办|组织|服务)")


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """One section, or one part of a section.

    Attributes:
        role: What the section does.
        heading: Without its number; "" for the overview and the closing, which have none.
        fact_ids: The facts to be told here, in telling order; those of `parts` are listed again in the parts.
        query: What to look for among the exemplars.
        target_chars: Length to aim at, in Chinese characters.
        parts: Sub-sections under （一）（二）; empty where the section is told in one piece.
        topics: The facts again, grouped by what is told together.
    """

    role: Role
    heading: str
    fact_ids: tuple[str, ...]
    query: str
    target_chars: int
    parts: tuple[SectionPlan, ...] = ()
    topics: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Unused:
    """A fact that the outline leaves out, and why (Chinese, for the person)."""

    fact_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The plan of a whole summary; every fact is in exactly one section or in `unused`."""

    title: str
    sections: tuple[SectionPlan, ...]
    unused: tuple[Unused, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A fact with the section and topic that it goes to."""

    fact: Fact
    role: Role
    topic: Topic | None


def plan(sheet: FactSheet, genre: Genre, *, target_chars: int | None = None, style: int = 0) -> Outline:
    """Plan the summary of a sheet.

    Args:
        sheet: The facts; computed ones go where their inputs go.
        genre: Sections, headings and topics.
        target_chars: Length of the whole text; the unit type's usual length if None.
        style: Which style of headings, an index into `genre.styles`.

    Raises:
        OutlineError: No fact can be told.
    """
    usable, unused = _usable(sheet)
    if not usable:
        raise OutlineError("没有可写的事实", place=sheet.unit, remedy="请补全数据后重试")
    form = genre.types[sheet.unit_type]
    placed = _with_followers(_moved_to_empty(_placed(usable, genre, form.needed), form.needed, genre), sheet)
    by_role = {role: [p for p in placed if p.role is role] for role in Role}
    total = target_chars or form.chars
    weights = {role: sum(len(p.fact.text) for p in found) for role, found in by_role.items()}
    all_chars = max(1, sum(weights.values()))
    sections = []
    for role in _order(form.order, by_role):
        if not by_role[role] and role not in form.needed and role is not Role.OVERVIEW:
            continue
        target = max(_MIN_SECTION_CHARS, total * weights[role] // all_chars)
        heading = genre.heading(sheet.unit_type, role, style)
        sections.append(_section(role, heading, by_role[role], sheet, genre, target))
    return Outline(f"{sheet.unit}{sheet.year}年科普工作总结", tuple(sections), tuple(unused))


def _usable(sheet: FactSheet) -> tuple[list[Fact], list[Unused]]:
    """Facts that can be printed, and those whose figures are masked or lost."""
    usable, unused = [], []
    for fact in sheet.facts:
        broken = [d for d in scan(fact.text).defects if d.kind in ("mask", "lost-number")]
        if fact.status is Status.DONE and not fact.figures and _UNDONE.search(fact.text):
            unused.append(Unused(fact.id, "说的是没有做的事，未写入正文；需要时可改列为问题"))
        elif broken:
            unused.append(Unused(fact.id, f"“{broken[0].surface}”处的数字缺失或被遮盖，补全后才能写入"))
        elif not fact.formula:
            usable.append(fact)
    return usable, unused


def _placed(facts: list[Fact], genre: Genre, needed: Collection[Role]) -> list[_Placed]:
    placed: dict[str, _Placed] = {}
    by_topic: dict[tuple[str, Role | None, Status], _Placed] = {}
    n_parts = Counter(f.part_of for f in facts if f.part_of)
    headlines = 0
    for fact in facts:
        before = placed.get(fact.part_of)
        if before is not None and before.role is Role.OVERVIEW and n_parts[fact.part_of] > 1:
            before = None  # the overview tells one part at most; several stay in their own section
        key = (fact.topic, fact.role, fact.status)
        before = before or _same_line(fact, placed) or (by_topic.get(key) if fact.topic else None)
        role, topic = (before.role, before.topic) if before else _place(fact, genre)
        if _leads(fact, role) and headlines < _MAX_HEADLINES and (before is None or before.role is not Role.OVERVIEW):
            headlines += 1
            placed[fact.id] = _Placed(fact, Role.OVERVIEW, topic)
            continue
        placed[fact.id] = _Placed(fact, role, topic)
        if role is not Role.OVERVIEW:
            by_topic.setdefault(key, placed[fact.id])
    _open_with(placed, genre, headlines, needed)
    _with_their_topic(placed, genre)
    return list(placed.values())


def _moved_to_empty(placed: list[_Placed], needed: Collection[Role], genre: Genre) -> list[_Placed]:
    """A needed section without facts takes those that by their own words are its, whatever heading the file has over them.

    «专职2人、兼职9人» under 条件 would else be asked for in the section on the team.
    """
    empty = set(needed) - {p.role for p in placed} - {Role.PROBLEMS, Role.PLANS, Role.RESULTS}
    own = {p.fact.id: genre.topic_of(p.fact.topic + p.fact.text) for p in placed if p.fact.role and p.fact.status is Status.DONE}
    lone = {role for role, n in Counter(p.role for p in placed).items() if n == 1}
    return [
        _Placed(p.fact, topic.role, topic)
        if (topic := own.get(p.fact.id)) and topic.role in empty and p.role is not Role.OVERVIEW and p.role not in lone
        else p
        for p in placed
    ]


def _open_with(placed: dict[str, _Placed], genre: Genre, headlines: int, needed: Collection[Role]) -> None:
    """Move to the overview what may open the summary, where the sheet marks nothing, and what goes on about it.

    What opens only for want of better does not leave a needed section without facts.
    """
    opened = [p.fact for p in placed.values() if p.role is Role.OVERVIEW]
    done = [f for f in opened if not genre.is_basic(f.text)]
    for lead in genre.leads:
        found = [f for f in opened if lead.fits(f.text)]
        blocked = not lead.basic and (bool(headlines) or (lead.alone and bool(done)))
        if not found and not blocked:
            counted = Counter(p.role for p in placed.values())
            keep = {r for r in needed if counted[r] == 1} if lead.alone else set()
            found = [p.fact for p in placed.values() if _may_open(p) and p.role not in keep and lead.fits(p.fact.text)][:1]
            done += () if lead.basic else found
        if found:
            found += [p.fact for p in placed.values() if _may_open(p) and lead.is_followed_by(p.fact.text)][:1]
        for fact in found:
            parts = [p.fact for p in placed.values() if p.fact.part_of == fact.id]
            for f in (fact, *(parts if len(parts) == 1 else ())):  # several parts stay in their own section
                placed[f.id] = _Placed(f, Role.OVERVIEW, placed[f.id].topic)


def _may_open(placed: _Placed) -> bool:
    fact = placed.fact
    done = fact.status is Status.DONE and bool(fact.figures) and not _DATED.match(fact.text) and not fact.part_of
    return done and placed.role not in (Role.RESULTS, Role.OVERVIEW)


def _with_their_topic(placed: dict[str, _Placed], genre: Genre) -> None:
    """Facts of a topic that follows go where the file puts others of it: «科普大篷车38次» to «大篷车服务公众9800人次»."""
    for topic in (t for t in genre.topics if t.follows):
        of_topic = [p for p in placed.values() if p.role is not Role.OVERVIEW and genre.topic_of(p.fact.topic + p.fact.text) is topic]
        home = next((p for p in of_topic if p.fact.role and p.fact.status is Status.DONE), None)
        for p in of_topic if home else ():
            if home and p.fact.role is None and p.fact.status is Status.DONE:
                placed[p.fact.id] = _Placed(p.fact, home.role, home.topic)


def _leads(fact: Fact, role: Role) -> bool:
    """True for a total of the whole year that the overview may tell."""
    if fact.status is not Status.DONE or role in (Role.RESULTS, Role.LEADERSHIP):
        return False
    return fact.headline or bool(_HEADLINE.match(fact.text))


def _same_line(fact: Fact, placed: dict[str, _Placed]) -> _Placed | None:
    """The statement before on the same line: a clerk writes on one line what belongs together."""
    before = next(reversed(placed.values()), None)
    if before is None or before.fact.source != fact.source or before.fact.status is not fact.status or fact.role:
        return None
    return before


def _place(fact: Fact, genre: Genre) -> tuple[Role, Topic | None]:
    if fact.status is Status.PROBLEM:
        return Role.PROBLEMS, None
    if fact.status is Status.PLANNED:
        return Role.PLANS, None
    words = fact.topic + fact.text
    marked = fact.role or genre.marked(fact.text)
    topic = genre.topic_of(words, marked)
    event = genre.topic(_EVENT)
    named = event and any(cue in fact.text[:_EVENT_HEAD] for cue in event.cues)
    if (_DATED.match(fact.text) or named) and (marked or (topic and topic.role)) is Role.ACTIVITIES:
        topic = event  # events stand together, so that they can be told by date
    if marked is Role.RESULTS and topic is None:
        topic = genre.topic(_AWARDS)  # told with the prizes, by level
    role = marked or (topic.role if topic else Role.ACTIVITIES)
    return role, topic


def _with_followers(placed: list[_Placed], sheet: FactSheet) -> list[_Placed]:
    """Every computed fact right behind the fact that it is computed from."""
    followers: dict[str, list[Fact]] = {}
    for fact in sheet.facts:
        if fact.formula:
            followers.setdefault(fact.inputs[0], []).append(fact)
    return [
        _Placed(fact, p.role, p.topic) for p in placed for fact in (p.fact, *followers.get(p.fact.id, ()))
    ]


def _order(order: Iterable[Role], by_role: dict[Role, list[_Placed]]) -> list[Role]:
    """The unit type's order; a role that it does not know but has facts stands before the problems."""
    known = list(order)
    extra = [r for r in Role if by_role[r] and r not in known]
    at = known.index(Role.PROBLEMS) if Role.PROBLEMS in known else len(known)
    return known[:at] + extra + known[at:]


def _section(
    role: Role, heading: str, placed: list[_Placed], sheet: FactSheet, genre: Genre, target: int
) -> SectionPlan:
    groups = _groups(placed, role, genre)
    ids = tuple(p.fact.id for group in groups for p in group[1])
    parts: tuple[SectionPlan, ...] = ()
    own = [p for p in placed if not p.fact.formula]
    if role not in (Role.OVERVIEW, Role.PROBLEMS, Role.PLANS) and len(own) >= _MIN_FACTS_TO_SPLIT:
        parts = _parts(role, groups, sheet, genre, target)
    return SectionPlan(
        role, heading, ids, _query(role, placed, sheet, genre), target, parts,
        tuple(tuple(p.fact.id for p in members) for _, members in groups),
    )


def _groups(placed: list[_Placed], role: Role, genre: Genre) -> list[tuple[Topic | None, list[_Placed]]]:
    """Facts by topic, topics in the table's order, what has no topic last."""
    if role in (Role.PROBLEMS, Role.PLANS):
        return [(None, placed)] if placed else []
    groups: list[tuple[Topic | None, list[_Placed]]] = []
    for topic in (*genre.topics, None):
        members = [p for p in placed if p.topic is topic]
        if members:
            groups.append((topic, members))
    return groups


def _parts(
    role: Role, groups: list[tuple[Topic | None, list[_Placed]]], sheet: FactSheet, genre: Genre, target: int
) -> tuple[SectionPlan, ...]:
    """Parts by topic; topics with little share one part, and one part alone is none."""
    large = [(t, list(m)) for t, m in groups if t and _is_part(m)]
    kept = {t for t, _ in large}
    small = [(t, m) for t, m in groups if t not in kept]
    n_small = sum(_own(m) for _, m in small)
    if len(large) < 2 or n_small > _MAX_SHARE_OF_SMALL * sum(_own(m) for _, m in groups):
        return ()
    total = max(1, sum(len(p.fact.text) for _, m in groups for p in m))
    rest: list[tuple[Topic | None, list[_Placed]]] = [(None, [p for _, m in small for p in m])] if small else []
    if rest and not _is_part(rest[0][1]):  # too little for a part of its own, and under no other heading either
        return ()
    parts = []
    for topic, members in [*large, *rest]:
        heading = topic.heading if topic else small[0][0].heading if len(small) == 1 and small[0][0] else genre.roles[role].rest
        ids = tuple(p.fact.id for p in members)
        share = max(_MIN_SECTION_CHARS, target * sum(len(p.fact.text) for p in members) // total)
        within = ((ids,) if topic else tuple(tuple(p.fact.id for p in m) for _, m in small))
        parts.append(SectionPlan(role, heading, ids, _query(role, members, sheet, genre), share, (), within))
    return tuple(parts)


def _is_part(members: list[_Placed]) -> bool:
    """True for what fills a part: two facts and more than a line, or one long one."""
    chars = sum(len(p.fact.text) for p in members)
    return (_own(members) >= 2 and chars >= _MIN_PART_CHARS) or chars >= 2 * _MIN_PART_CHARS


def _own(members: list[_Placed]) -> int:
    return sum(not p.fact.formula for p in members)


def _query(role: Role, placed: list[_Placed], sheet: FactSheet, genre: Genre) -> str:
    """Role, unit type and the words of the facts: what a similar passage would speak of."""
    words = "，".join(p.fact.text for p in placed if not p.fact.formula)
    return f"{genre.roles[role].title} {sheet.unit_type} {words}"[:300]
