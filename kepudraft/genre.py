"""What a science-popularisation summary is made of: unit types, section roles and topics, read from corpus/roles.toml.

A domain expert edits the table; the code knows only the keys below.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from operator import add
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

    A fact that begins with one of `openings`, ends with one of `endings` or has one of `inside` belongs to the role whatever it speaks of; one
    that holds a word of `never` does not belong to it. `rest` heads the part that tells what no topic of the role holds.
    """

    title: str
    labels: tuple[str, ...]
    headings: tuple[str, ...]
    ask: str
    openings: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    rest: str = ""


@dataclass(frozen=True, slots=True)
class TypeForm:
    """A unit type's section order, the sections it must have, its usual length and its own headings."""

    order: tuple[Role, ...]
    needed: tuple[Role, ...]
    chars: int
    headings: dict[Role, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Topic:
    """What is told together under one role; `cues` are words of a fact that tell it.

    Where `follows`, facts that the file puts nowhere stand with those of the topic that it puts somewhere.
    """

    name: str
    role: Role
    heading: str
    cues: tuple[str, ...]
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """Facts that may open a summary, and those that then stand with them (the visitors of the activities told).

    Patterns are for a fact's text without blanks. One that is `alone` opens only where no other does; a `basic` one
    tells what the unit is, not what it did.
    """

    pattern: re.Pattern[str]
    followers: re.Pattern[str] | None
    alone: bool
    basic: bool

    def fits(self, text: str) -> bool:
        """True if a fact of this text may open the summary."""
        return bool(self.pattern.search(_BLANK.sub("", text)))

    def is_followed_by(self, text: str) -> bool:
        """True if a fact of this text goes on about the one that opens."""
        return bool(self.followers and self.followers.search(_BLANK.sub("", text)))


@dataclass(frozen=True, slots=True)
class Genre:
    """roles.toml, checked; `cues` are those of all topics."""

    styles: tuple[str, ...]
    roles: dict[Role, RoleForm]
    types: dict[UnitType, TypeForm]
    topics: tuple[Topic, ...]
    leads: tuple[Lead, ...]
    cues: frozenset[str] = field(compare=False, repr=False)
    _named: dict[str, Topic] = field(compare=False, repr=False)
    _known: dict[tuple[str, Role | None], Topic | None] = field(default_factory=dict, compare=False, repr=False)

    def heading(self, unit_type: UnitType, role: Role, style: int) -> str:
        """The heading of a section without its number, in style `style` (index into `styles`, wraps round)."""
        own = self.types[unit_type].headings.get(role)
        headings = own or self.roles[role].headings
        return headings[style % len(headings)]

    def topic(self, name: str) -> Topic | None:
        """The topic of this name, or None."""
        return self._named.get(name)

    def labelled(self, label: str) -> Role | None:
        """The role that a label or heading names outright, or None."""
        return next((role for role, form in self.roles.items() if label in form.labels), None)

    def marked(self, text: str) -> Role | None:
        """The role that the first or last words of a fact mark (获评…, …先进集体), or None."""
        return next(
            (role for role, form in self.roles.items()
             if text.startswith(form.openings or "\n") or text.endswith(form.endings or "\n") or any(w in text for w in form.inside)
             if not any(word in text for word in form.never)),
            None,
        )

    def is_basic(self, text: str) -> bool:
        """True for what a unit is: its households, its villages, its grounds."""
        topic = self.topic_of(text)
        return (topic is not None and topic.role is Role.OVERVIEW) or any(lead.basic and lead.fits(text) for lead in self.leads)

    def topic_of(self, text: str, role: Role | None = None) -> Topic | None:
        """The topic whose cues fit `text` best, within `role` if given; None where no cue occurs.

        The cues' lengths are added up, one cue inside another counted once: a long cue tells more than a short one.
        What stands in brackets tells only where nothing else does. Ties go to the topic that comes first in the table.
        """
        key = (text, role)
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = self._topic_of(text, role)
        return self._known[key]

    def _topic_of(self, text: str, role: Role | None) -> Topic | None:
        outside = _BRACKETED.sub("", text)
        if outside != text and (found := self.topic_of(outside, role)):
            return found
        best, best_score = None, 0
        begun = {*text, *map(add, text, text[1:])}
        for topic in self.topics:
            if _beginnings(topic.cues).isdisjoint(begun):
                continue  # most topics, at a fraction of the cost
            if role is None and any(word in text for word in self.roles[topic.role].never):
                continue
            if role is not None and topic.role is not role:
                continue
            score = _weight(text, topic)
            if score > best_score:
                best, best_score = topic, score
        return best


_KEPT = 2000  # statements whose topic is remembered: planning and composing ask several times for each
_BLANK = re.compile(r"\s+")
_BRACKETED = re.compile(r"（[^（）]*）|\([^()]*\)")


def _weight(text: str, topic: Topic) -> int:
    found = {m.group() for m in _cue_pattern(topic.cues).finditer(text)}
    return sum(len(cue) for cue in found)


@cache
def _beginnings(cues: tuple[str, ...]) -> frozenset[str]:
    """The first two characters of each cue, or its only one."""
    return frozenset(cue[:2] for cue in cues)


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
    leads = tuple(_lead(row) for row in _rows(_table(_table(data["roles"])["overview"]).get("leads", [])))
    return Genre(styles, roles, types, topics, leads, frozenset(cue for t in topics for cue in t.cues), {t.name: t for t in topics})


def _lead(row: dict[str, object]) -> Lead:
    followers = str(row.get("followers", ""))
    try:
        alone, basic = (bool(row.get(key, False)) for key in ("alone", "basic"))
        return Lead(re.compile(str(row["pattern"])), re.compile(followers) if followers else None, alone, basic)
    except re.error as error:
        raise ValueError(f"roles.overview.leads 里的“{row['pattern']}”不是正则表达式（{error}）") from error


def _role_form(key: str, value: object, styles: int) -> RoleForm:
    table = _table(value)
    headings = tuple(_strings(table["headings"]))
    if len(headings) != styles:
        raise ValueError(f"roles.{key}.headings 应有{styles}个")
    openings, endings, inside, never = (tuple(_strings(table.get(k, []))) for k in ("openings", "endings", "inside", "never"))
    return RoleForm(
        str(table["title"]), tuple(_strings(table["labels"])), headings, str(table.get("ask", "")), openings, endings, inside,
        never, str(table.get("rest", "")),
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
    return Topic(str(table["name"]), Role(str(table["role"])), str(table["heading"]), cues, bool(table.get("follows", False)))


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
