"""What a science-popularisation summary is made of: unit types, section roles and topics, read from corpus/roles.toml.

A domain expert edits the table; the code knows only the keys below.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from kepudraft.errors import CorpusError


class UnitType(StrEnum):
    """Who writes: the value is the name shown to people and written in files."""

    MUSEUM = "科技馆"
    ASSOCIATION = "科协"
    STREET = "街道"
    COMMUNITY = "社区"
    BUREAU = "科技局"
    BASE = "基地"
    SCHOOL = "学校"
    SOCIETY = "学会"


class Role(StrEnum):
    """What a section does in a summary."""

    OVERVIEW = "overview"
    LEADERSHIP = "leadership"
    ACTIVITIES = "activities"
    VENUES = "venues"
    TEAM = "team"
    YOUTH = "youth"
    RURAL = "rural"
    RESULTS = "results"
    PROBLEMS = "problems"
    PLANS = "plans"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class RoleForm:
    """A role's Chinese title, the labels that name it, its heading in every style, and what to ask for.

    A fact that begins with one of `openings` or ends with one of `endings` belongs to the role whatever it speaks of.
    """

    title: str
    labels: tuple[str, ...]
    headings: tuple[str, ...]
    ask: str
    openings: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypeForm:
    """A unit type's section order, the sections it must have, its usual length and its own headings."""

    order: tuple[Role, ...]
    needed: tuple[Role, ...]
    chars: int
    headings: dict[Role, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Topic:
    """What is told together under one role; `cues` are words of a fact that tell it."""

    name: str
    role: Role
    heading: str
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Genre:
    """roles.toml, checked."""

    styles: tuple[str, ...]
    roles: dict[Role, RoleForm]
    types: dict[UnitType, TypeForm]
    topics: tuple[Topic, ...]
    lead_topics: tuple[str, ...]

    def heading(self, unit_type: UnitType, role: Role, style: int) -> str:
        """The heading of a section without its number, in style `style` (index into `styles`, wraps round)."""
        own = self.types[unit_type].headings.get(role)
        headings = own or self.roles[role].headings
        return headings[style % len(headings)]

    def labelled(self, label: str) -> Role | None:
        """The role that a label or heading names outright, or None."""
        return next((role for role, form in self.roles.items() if label in form.labels), None)

    def marked(self, text: str) -> Role | None:
        """The role that the first or last words of a fact mark (获评…, …先进集体), or None."""
        return next(
            (role for role, form in self.roles.items()
             if (form.openings and text.startswith(form.openings)) or (form.endings and text.endswith(form.endings))),
            None,
        )

    def topic_of(self, text: str, role: Role | None = None) -> Topic | None:
        """The topic whose cues fit `text` best, within `role` if given; None where no cue occurs.

        The cues' lengths are added up, one cue inside another counted once: a long cue tells more than a short one.
        Ties go to the topic that comes first in the table.
        """
        best, best_score = None, 0
        for topic in self.topics:
            if role is not None and topic.role is not role:
                continue
            score = _weight(text, topic)
            if score > best_score:
                best, best_score = topic, score
        return best


def _weight(text: str, topic: Topic) -> int:
    found = {m.group() for m in _cue_pattern(topic.cues).finditer(text)}
    return sum(len(cue) for cue in found)


@cache
def _cue_pattern(cues: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(c) for c in sorted(cues, key=len, reverse=True)))


@cache
def load_genre(folder: Path) -> Genre:
    """The table `roles.toml` of a corpus folder.

    Raises:
        CorpusError: The table is missing or breaks its form; the message names the place.
    """
    path = folder / "roles.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CorpusError("找不到段落表", place=str(path), remedy="请检查设置项 corpus_dir") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorpusError(f"段落表读不通（{error}）", place=str(path), remedy="请改正该行") from error
    try:
        return _checked(data)
    except (KeyError, TypeError, ValueError) as error:
        raise CorpusError(f"段落表内容不对（{error}）", place=str(path), remedy="请对照文件开头的说明改正") from error


def _checked(data: dict[str, object]) -> Genre:
    styles = tuple(_strings(data["styles"]))
    roles = {Role(key): _role_form(key, value, len(styles)) for key, value in _table(data["roles"]).items()}
    types = {UnitType(key): _type_form(value, len(styles)) for key, value in _table(data["unit_types"]).items()}
    topics = tuple(_topic(t) for t in _rows(data["topics"]))
    if missing := [r.value for r in Role if r not in roles] + [t.value for t in UnitType if t not in types]:
        raise ValueError(f"缺少 {'、'.join(missing)}")
    names = [t.name for t in topics]
    if len(set(names)) < len(names):
        raise ValueError("topics 有重名")
    lead_topics = tuple(_strings(_table(_table(data["roles"])["overview"]).get("lead_topics", [])))
    if set(lead_topics) - set(names):
        raise ValueError("roles.overview.lead_topics 里有 topics 没有的名称")
    return Genre(styles, roles, types, topics, lead_topics)


def _role_form(key: str, value: object, styles: int) -> RoleForm:
    table = _table(value)
    headings = tuple(_strings(table["headings"]))
    if len(headings) != styles:
        raise ValueError(f"roles.{key}.headings 应有{styles}个")
    openings, endings = (tuple(_strings(table.get(k, []))) for k in ("openings", "endings"))
    return RoleForm(
        str(table["title"]), tuple(_strings(table["labels"])), headings, str(table.get("ask", "")), openings, endings
    )


def _type_form(value: object, styles: int) -> TypeForm:
    table = _table(value)
    headings = {Role(k): tuple(_strings(v)) for k, v in _table(table.get("headings", {})).items()}
    if any(len(h) != styles for h in headings.values()):
        raise ValueError(f"unit_types.*.headings 应各有{styles}个")
    order = tuple(Role(r) for r in _strings(table["order"]))
    needed = tuple(Role(r) for r in _strings(table["needed"]))
    if set(needed) - set(order):
        raise ValueError("needed 里有 order 没有的段落")
    chars = table["chars"]
    if not isinstance(chars, int) or chars < 200:
        raise ValueError(f"chars = {chars!r} 应是不小于200的整数")
    return TypeForm(order, needed, chars, headings)


def _topic(table: dict[str, object]) -> Topic:
    cues = tuple(_strings(table["cues"]))
    if not cues:
        raise ValueError(f"topics“{table['name']}”没有 cues")
    return Topic(str(table["name"]), Role(str(table["role"])), str(table["heading"]), cues)


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} 应是表")
    return value


def _rows(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} 应是数组")
    return [_table(v) for v in value]


def _strings(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise TypeError(f"{value!r} 应是文字数组")
    return value
