"""The outline as the person wants it: the usual plan with sections moved, renamed, merged, left out and set to a length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kepudraft.errors import OutlineError
from kepudraft.genre import Role
from kepudraft.outline import Outline, SectionPlan, Unused
from kepudraft.session.work import Shaping

MIN_CHARS, MAX_CHARS = 40, 20000
_MAX_HEADING = 40


def shaped(outline: Outline, shaping: Shaping) -> Outline:
    """The outline with the person's changes; what they speak of and is no longer there is passed over."""
    by_role = {s.role.value: s for s in outline.sections}
    headings, chars = dict(shaping.headings), dict(shaping.chars)
    dropped = [by_role[r] for r in shaping.dropped if r in by_role]
    kept = [s for s in outline.sections if s.role.value not in shaping.dropped]
    kept = [replace(s, heading=headings.get(s.role.value, s.heading)) for s in kept]
    kept = _merged(_ordered(kept, shaping.order), dict(shaping.merged))
    kept = [replace(s, target_chars=chars.get(s.role.value, s.target_chars)) for s in kept]
    unused = [Unused(i, f"按您的要求删去了“{s.heading}”一节") for s in dropped for i in s.fact_ids if not i.startswith("D")]
    return replace(outline, sections=tuple(kept), unused=(*outline.unused, *unused))


def headed(outline: Outline) -> tuple[SectionPlan, ...]:
    """The sections that bear a number, in order: what 1, 2, 3 mean to the person."""
    return tuple(s for s in outline.sections if s.heading)


def numbered(outline: Outline, number: int) -> SectionPlan:
    """The section with a printed number; 0 is the overview.

    Raises:
        OutlineError: There is none.
    """
    sections = headed(outline)
    if number == 0 and (overview := next((s for s in outline.sections if not s.heading), None)):
        return overview
    if not 1 <= number <= len(sections):
        raise OutlineError(f"没有第{number}部分", remedy=f"共{len(sections)}部分，见 /outline（0 为开头的总述）")
    return sections[number - 1]


def number_of(outline: Outline, role: str) -> int:
    """The printed number of a section, 0 for one without."""
    return next((n for n, s in enumerate(headed(outline), 1) if s.role.value == role), 0)


def moved(shaping: Shaping, outline: Outline, number: int, to: int) -> Shaping:
    """A section at another place.

    Raises:
        OutlineError: One of both numbers is not there.
    """
    section, _ = _numbered_only(outline, number), _numbered_only(outline, to)
    order = [s.role.value for s in headed(outline) if s is not section]
    order.insert(to - 1, section.role.value)
    return replace(shaping, order=tuple(order))


def renamed(shaping: Shaping, outline: Outline, number: int, heading: str) -> Shaping:
    """A section under another heading.

    Raises:
        OutlineError: There is no such section, or the heading cannot be used.
    """
    section = _numbered_only(outline, number)
    heading = heading.strip(" \t\u3000。：:")
    if not heading or len(heading) > _MAX_HEADING or "\n" in heading:
        raise OutlineError("标题不能用", remedy=f"请写{_MAX_HEADING}字以内的一行，不带序号")
    return replace(shaping, headings=tuple({**dict(shaping.headings), section.role.value: heading}.items()))


def merged(shaping: Shaping, outline: Outline, number: int, into: int) -> Shaping:
    """Two sections as one, in which each is a part.

    Raises:
        OutlineError: One of both is not there, or they are the same.
    """
    section, home = _numbered_only(outline, number), _numbered_only(outline, into)
    if section is home:
        raise OutlineError("这是同一部分", remedy="请写两个不同的序号，如 /outline 合并 2 3")
    pairs = {role: home.role.value if to == section.role.value else to for role, to in shaping.merged}
    return replace(shaping, merged=(*pairs.items(), (section.role.value, home.role.value)))


def without(shaping: Shaping, outline: Outline, number: int) -> Shaping:
    """A section left out; what was merged into it, too.

    Raises:
        OutlineError: There is none, or it is the last.
    """
    section = _numbered_only(outline, number)
    if len(headed(outline)) == 1:
        raise OutlineError("只剩这一部分，不能删", remedy="可以改名：/outline 改名 1 新标题")
    taken_in = [role for role, to in shaping.merged if to == section.role.value]
    return replace(
        shaping, dropped=tuple(dict.fromkeys((*shaping.dropped, section.role.value, *taken_in))),
        merged=tuple(pair for pair in shaping.merged if pair[0] not in taken_in),
    )


def sized(shaping: Shaping, outline: Outline, number: int, chars: int) -> Shaping:
    """A section of another length.

    Raises:
        OutlineError: There is no such section, or the length is out of bounds.
    """
    section = numbered(outline, number)
    if not MIN_CHARS <= chars <= MAX_CHARS:
        raise OutlineError(f"字数{chars}不能用", remedy=f"请写{MIN_CHARS}到{MAX_CHARS}之间的数")
    return replace(shaping, chars=tuple({**dict(shaping.chars), section.role.value: chars}.items()))


def _numbered_only(outline: Outline, number: int) -> SectionPlan:
    section = numbered(outline, number)
    if not section.heading:
        raise OutlineError("总述没有标题，只能在开头", remedy="请用 1 以上的序号，见 /outline")
    return section


def _ordered(sections: Sequence[SectionPlan], order: tuple[str, ...]) -> list[SectionPlan]:
    """The headed sections in the order wanted; one that is not named follows the one that it usually follows."""
    if not order:
        return list(sections)
    by_role = {s.role.value: s for s in sections if s.heading}
    placed = [by_role[r] for r in order if r in by_role]
    before: SectionPlan | None = None
    for section in (s for s in sections if s.heading):
        if section not in placed:
            placed.insert(placed.index(before) + 1 if before in placed else 0, section)
        before = section
    ends = [s for s in sections if not s.heading and s.role is Role.CLOSING]
    return [*(s for s in sections if not s.heading and s not in ends), *placed, *ends]


def _merged(sections: list[SectionPlan], into: dict[str, str]) -> list[SectionPlan]:
    taken: dict[str, list[SectionPlan]] = {}
    present = {s.role.value for s in sections}
    for section in sections:
        if (home := into.get(section.role.value)) in present and home is not None:
            taken.setdefault(home, []).append(section)
    gone = {s.role.value for found in taken.values() for s in found}
    return [_joined(s, taken.get(s.role.value, [])) for s in sections if s.role.value not in gone]


def _joined(home: SectionPlan, others: Sequence[SectionPlan]) -> SectionPlan:
    if not others:
        return home
    parts = tuple(part for s in (home, *others) for part in (s.parts or (s,)))
    return replace(
        home, fact_ids=tuple(i for p in parts for i in p.fact_ids), target_chars=sum(s.target_chars for s in (home, *others)),
        parts=parts, topics=tuple(t for p in parts for t in p.topics),
    )
