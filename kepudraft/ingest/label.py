"""What a section does, who wrote a text, of which level and year: by cues, and by likeness to a labelled corpus.

Both give scores; a label carries the share of its score as confidence, and what stays uncertain is asked or marked.
A text often does two things: a second role that is nearly as likely is kept beside the first, so that a search for
either finds it. The encoder is only asked where the cues leave doubt: it costs a thousand times as much.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from kepudraft.genre import Genre, Role, UnitType
from kepudraft.ingest.prose import Prose
from kepudraft.ingest.rules import LabelRules, load_labels, load_rules
from kepudraft.ingest.sections import Section

Key = TypeVar("Key", bound=StrEnum)
T = TypeVar("T")

SURE = 0.6
"""A label less sure than this is asked for at a terminal, and marked otherwise."""
_BODY_CHARS = 600
ALSO = 0.3
"""A second role with so much of the first one's share is kept too: 1.2 roles a passage of the shipped corpus."""
_ENOUGH = 0.75  # cues as sure as this need no likeness
_LIKENESS_WEIGHT = 11.0
"""Against a cue's 9 at most. Passages of the shipped corpus, each text labelled by the others, have their role first / kept in 78
/ 86 of 100 without headings and 83 / 90 with them; at 7, and as many roles kept, in 75 / 83 and 81 / 88. More than 11 suits
the fictional texts and costs those that retell real ones."""
_UNIT_WEIGHT = 5.5
_SHARPNESS = 0.7
_UNIT_SHARPNESS = 0.45
_QUERY_CHARS = 120
_MIN_ITEMS = 2
_ITEM_CHARS = 30


@dataclass(frozen=True, slots=True)
class Label(Generic[T]):
    """A value, how sure it is, from 0 to 1, and what it may be as well; None if nothing else is nearly as likely."""

    value: T
    confidence: float
    also: T | None = None

    @property
    def sure(self) -> bool:
        """True if nobody need be asked."""
        return self.confidence >= SURE


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a text is to the labelled passages of each role and unit type; each adds up to 1 at most."""

    roles: Mapping[Role, float]
    unit_types: Mapping[UnitType, float]


class Neighbours(Protocol):
    """What compares texts with labelled passages; the caller wires an encoder and an index to it."""

    def near(self, texts: Sequence[str]) -> Sequence[Likeness]:
        """Return for each text what it is like."""


@dataclass(frozen=True, slots=True)
class LabelledSection:
    """A section with its role."""

    section: Section
    role: Label[Role]


def label_sections(
    sections: Sequence[Section], genre: Genre, neighbours: Neighbours | None = None
) -> tuple[LabelledSection, ...]:
    """Label every section of a text.

    Args:
        sections: All of one text, in order; where none has a heading they are cut by topic first.
        genre: The table of roles and topics.
        neighbours: Asked where cues leave doubt; None for cues alone. A part of a section may stand as a section
            without heading one level below it.
    """
    sections = _by_topic(sections, genre)
    scores = [_cue_scores(section, place, sections, genre) for place, section in enumerate(sections)]
    doubtful = [at for at, score in enumerate(scores) if _top(score).confidence < _ENOUGH and sections[at].paragraphs]
    if neighbours is not None and doubtful:
        texts = [_query(sections[at]) for at in doubtful]
        for at, found in zip(doubtful, neighbours.near(texts), strict=True):
            for role, share in found.roles.items():
                scores[at][role] += _LIKENESS_WEIGHT * share
    for score in scores[:-1]:
        score[Role.CLOSING] = min(score.values()) - 1  # only what stands last closes a text
    return _inherited([LabelledSection(s, _top(score)) for s, score in zip(sections, scores, strict=True)])


def label_unit(
    title: str, headline: str, text: str, neighbours: Neighbours | None = None
) -> Label[UnitType]:
    """Tell what kind of unit wrote a text.

    Args:
        title: Its own title, or "".
        headline: Of the page or part, which may be about others; counts less.
        text: The whole text.
        neighbours: Asked where the cues leave doubt; None for cues alone.
    """
    rules = load_labels()
    scores = dict.fromkeys(UnitType, 0.0)
    for weight, where in ((1.0, title), (0.35, headline)):
        for unit, pattern, value in rules.title:
            scores[unit] += weight * value * bool(where and pattern.search(where))
    length = max(len(text), 400) / 1000
    for unit, pattern, value in rules.unit:
        found = len(pattern.findall(text))
        early = len(pattern.findall(text[:300]))
        scores[unit] += value * (1.1 * math.log1p(found / length) + 0.6 * min(early, 3))
    if neighbours is not None and _top(scores, sharpness=_UNIT_SHARPNESS).confidence < _ENOUGH:
        for kind, share in neighbours.near([f"{title}\n{text[:_QUERY_CHARS]}"])[0].unit_types.items():
            scores[kind] += _UNIT_WEIGHT * share
    return _top(scores, sharpness=_UNIT_SHARPNESS)


def label_level(unit: UnitType, title: str, text: str) -> Label[str]:
    """Tell the level of the unit that wrote a text."""
    if unit is UnitType.COMMUNITY:
        return Label("村级", 0.95)
    if unit is UnitType.STREET:
        return Label("乡级", 0.95)
    scores: dict[str, float] = {}
    for level, pattern, value in load_labels().level:
        found = len(pattern.findall(text)) / max(len(text) / 1000, 0.5)
        scores[level] = scores.get(level, 0.0) + value * math.log1p(found) + 4 * bool(pattern.search(title))
    low = ("乡级", "村级") if unit in (UnitType.MUSEUM, UnitType.ASSOCIATION, UnitType.BUREAU) else ()
    likeliest = _top_of({level: score for level, score in scores.items() if level not in low}, 0.5)
    return likeliest if max(scores.values()) > 0 else Label("县级", 0.2)


def _top(scores: Mapping[Key, float], *, sharpness: float = _SHARPNESS) -> Label[Key]:
    return _top_of(scores, sharpness)


def _top_of(scores: Mapping[T, float], sharpness: float) -> Label[T]:
    best = max(scores, key=lambda key: scores[key])
    shares = {key: math.exp(sharpness * (score - scores[best])) for key, score in scores.items()}
    also = max((key for key in scores if key != best), key=lambda key: scores[key], default=None)
    return Label(best, round(1 / sum(shares.values()), 3), None if also is None or shares[also] < ALSO else also)


def _query(section: Section) -> str:
    text = section.text[:_BODY_CHARS]
    return f"{section.heading}\n{text}" if section.heading else text


def _cue_scores(section: Section, place: int, sections: Sequence[Section], genre: Genre) -> dict[Role, float]:
    rules = load_labels()
    scores = dict.fromkeys(Role, 0.0)
    parent = _parent(place, sections)
    _add_heading(scores, section.heading, rules, 1.0)
    if parent is not None:
        _add_heading(scores, parent.heading, rules, _parent_weight(parent, rules))
    _add_body(scores, section.text[:_BODY_CHARS], rules)
    for topic in genre.topics:
        scores[topic.role] += 0.15 * sum(cue in section.heading for cue in topic.cues)
    if section.heading:
        _add_order(scores, place, sections)
    elif not section.level:
        _add_place(scores, section, place, len(sections))
    return scores


def _add_heading(scores: dict[Role, float], heading: str, rules: LabelRules, weight: float) -> None:
    if not heading:
        return
    # What a heading says last is what it is about: 完善阵地建设，提升服务水平.
    for role, pattern, value in rules.heading:
        found = list(pattern.finditer(heading))
        if found:
            scores[role] += weight * value * (1 + 0.12 * min(len(found) - 1, 2))


def _parent_weight(parent: Section, rules: LabelRules) -> float:
    """Under problems and plans all is problems and plans; under other headings a sub-heading speaks for itself."""
    for role, pattern, value in rules.heading:
        if role in (Role.PROBLEMS, Role.PLANS) and value > 8 and pattern.search(parent.heading):
            return 2.5
    return 0.3


def _add_body(scores: dict[Role, float], text: str, rules: LabelRules) -> None:
    length = max(len(text), 120) / 200
    for role, pattern, value in rules.body:
        scores[role] += value * math.log1p(len(pattern.findall(text)) / length)


def _add_order(scores: dict[Role, float], place: int, sections: Sequence[Section]) -> None:
    """Leadership comes first, problems and plans last: in most summaries, so a little weight."""
    top = [at for at, section in enumerate(sections) if section.level == 1]
    if place not in top or len(top) < 3:
        return
    if place == top[-1]:
        scores[Role.PLANS] += 2.5
        scores[Role.PROBLEMS] += 1
    elif place == top[-2]:
        scores[Role.PROBLEMS] += 1.5
    elif place == top[0]:
        scores[Role.LEADERSHIP] += 1.2
    if place not in top[-2:]:
        scores[Role.PLANS] -= 1.5
        scores[Role.PROBLEMS] -= 1.0


def _add_place(scores: dict[Role, float], section: Section, place: int, count: int) -> None:
    if place == 0:
        scores[Role.OVERVIEW] += 9
    # A closing thanks, hopes or resolves: one that counts is the last part of the work.
    if place == count - 1 and count > 2 and len(section.text) < 260 and not _COUNT.search(section.text):
        scores[Role.CLOSING] += 3.5
    for role, pattern in load_rules().opens:
        if place and pattern.match(section.text):
            scores[role] += 8


def _parent(place: int, sections: Sequence[Section]) -> Section | None:
    level = sections[place].level
    return next((s for s in reversed(sections[:place]) if 0 < s.level < level), None)


def _inherited(labelled: Sequence[LabelledSection]) -> tuple[LabelledSection, ...]:
    """A heading over sub-sections without text of its own takes the role that most of their text has."""
    made = list(labelled)
    for at, one in enumerate(labelled):
        if one.section.paragraphs or one.role.confidence >= _ENOUGH:
            continue
        chars: dict[Role, int] = {}
        for below in labelled[at + 1 :]:
            if below.section.level <= one.section.level:
                break
            chars[below.role.value] = chars.get(below.role.value, 0) + len(below.section.text)
        if chars:
            best = max(chars, key=lambda role: chars[role])
            made[at] = replace(one, role=Label(best, round(chars[best] / max(sum(chars.values()), 1), 3)))
    return tuple(made)


def _by_topic(sections: Sequence[Section], genre: Genre) -> tuple[Section, ...]:
    """Cut text without headings by topic: neighbouring paragraphs of one role are one section."""
    if any(section.heading for section in sections):
        return tuple(piece for at, s in enumerate(sections) for piece in (_cut_head(s) if at == 0 and not s.heading else (s,)))
    paragraphs = [piece for section in sections for paragraph in section.paragraphs for piece in _items(paragraph)]
    single = [Section(0, "", "", piece.line_at(0), (piece,)) for piece in paragraphs]
    made: list[tuple[Role, list[Prose]]] = []
    for at, section in enumerate(single):
        role = _top(_cue_scores(section, at, single, genre)).value
        if made and made[-1][0] is role:
            made[-1][1].append(paragraphs[at])
        else:
            made.append((role, [paragraphs[at]]))
    return tuple(Section(0, "", "", pieces[0].line_at(0), tuple(pieces)) for _, pieces in made)


_ITEM = re.compile("(?<=[。；！？：])(?=[一二三四五六七八九]是)")


def _items(paragraph: Prose) -> list[Prose]:
    """Cut a long paragraph that tells its points one by one (一是 … 二是 … 三是 …) at the points."""
    cuts = [match.start() for match in _ITEM.finditer(paragraph.text)]
    if len(cuts) < _MIN_ITEMS or len(paragraph.text) < _ITEM_CHARS * len(cuts):
        return [paragraph]
    return [piece for a, b in zip([0, *cuts], [*cuts, None], strict=True) if (piece := paragraph.cut(a, b)).text]


_COUNT = re.compile(r"[\d零一二三四五六七八九十百千]+(?:余|多)?(?:万|亿)?(?:人次|[场次期名人元份册个项块处])|\d%")
_HEAD_CHARS = 420


def _cut_head(section: Section) -> tuple[Section, ...]:
    """A long text before the first heading is more than an overview: its later paragraphs stand alone."""
    if len(section.text) <= _HEAD_CHARS or len(section.paragraphs) < 2:
        return (section,)
    return tuple(Section(0, "", "", piece.line_at(0), (piece,)) for piece in section.paragraphs)
