"""What each section of a text does: by the words of its heading, and by the cues of what stands under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kepudraft.genre import Genre, Role
from kepudraft.verify.form_rules import Cues, cues_of, structure_rules
from kepudraft.verify.layout import Layout, Section

_OUTLOOK = frozenset((Role.PROBLEMS, Role.PLANS))
_WORK_SHARE = 0.3
_PROBLEM_RATE = 2.5
_PLAN_RATE = 2.8
_LAST_PLAN_RATE = 1.0
_CLAIM_RATE = 1.0
_FULL_RATE = 4.0
_MIN_PAIRS = 2
_HAN_PAIR = re.compile("(?=([\u4e00-\u9fff]{2}))")


@dataclass(frozen=True, slots=True)
class Reading:
    """One section, read.

    Attributes:
        section: The section; None for a paragraph of a text without headings.
        named: Roles that its heading names.
        weights: Characters of cues by role in its text.
        chars: Length of its text.
        late: True in the second half of the text.
        last: True for the last section.
        prose: Its text.
    """

    section: Section | None
    named: frozenset[Role]
    weights: dict[Role, int]
    chars: int
    late: bool
    last: bool
    prose: str

    def share(self, role: Role) -> float:
        """Share of a role among the cues of the work roles."""
        total = sum(weight for r, weight in self.weights.items() if r not in _OUTLOOK)
        return self.weights.get(role, 0) / total if total else 0.0

    def rate(self, role: Role) -> float:
        """Characters of cues of a role per 100 characters of text."""
        return 100 * self.weights.get(role, 0) / max(self.chars, 1)

    def affinity(self, role: Role) -> float:
        """How far the text does what a role does: 0 to 1."""
        if role in _OUTLOOK:
            return min(1.0, self.rate(role) / _FULL_RATE)
        outlook = max(self.affinity(r) for r in _OUTLOOK)
        return self.share(role) * (1 - outlook / 2)

    @property
    def told(self) -> frozenset[Role]:
        """The roles that the section does: those named, or those that its cues show where the heading names none."""
        if self.named:
            return self.named
        work = {r for r in self.weights if r not in _OUTLOOK and self.share(r) >= _WORK_SHARE}
        problems, plans = self.rate(Role.PROBLEMS), self.rate(Role.PLANS)
        if self.late and problems >= _PROBLEM_RATE and problems > plans:
            return frozenset((*work, Role.PROBLEMS))
        if self.late and (plans >= _PLAN_RATE or (self.last and plans >= _LAST_PLAN_RATE)):
            return frozenset((*work, Role.PLANS))
        return frozenset(work)


def read_sections(layout: Layout, genre: Genre) -> tuple[Reading, ...]:
    """Read every section, or every paragraph of a text that has none."""
    cues = cues_of(genre.topics)
    if not layout.sections:
        lines = [line.prose for line in layout.overview]
        return tuple(_reading(None, "", text, cues, place, len(lines)) for place, text in enumerate(lines))
    count = len(layout.sections)
    return tuple(
        _reading(s, s.heading, s.prose, cues, place, count) for place, s in enumerate(layout.sections)
    )


def _reading(section: Section | None, heading: str, prose: str, cues: Cues, place: int, count: int) -> Reading:
    weights: dict[Role, int] = {}
    for match in cues.pattern.finditer(prose):
        word = match.group()
        for role in cues.roles[word]:
            weights[role] = weights.get(role, 0) + len(word)
    late = place >= count // 2
    reading = Reading(section, frozenset(), weights, len(prose), late, place == count - 1, prose)
    named = frozenset(r for r in named_roles(heading) if r not in _OUTLOOK or late or reading.rate(r) >= _CLAIM_RATE)
    return Reading(section, named, weights, len(prose), late, place == count - 1, prose)


def named_roles(heading: str) -> frozenset[Role]:
    """The roles whose words stand in a heading; 青少年活动 tells of youth, not of activities."""
    found = {role for role, words in structure_rules().heading.items() if any(word in heading for word in words)}
    if found & {Role.YOUTH, Role.RURAL}:
        found.discard(Role.ACTIVITIES)
    return frozenset(found)


def fit(heading: Reading, text: Reading) -> float:
    """How well the heading of one section fits the text of another or its own: 0 to about 2."""
    roles = sum(text.affinity(role) for role in heading.named)
    return min(roles, 1.0) + _overlap(heading, text)


def _overlap(heading: Reading, text: Reading) -> float:
    """Share of the heading's pairs of characters that stand in the text."""
    if heading.section is None:
        return 0.0
    pairs = set(_HAN_PAIR.findall(heading.section.heading))
    return sum(pair in text.prose for pair in pairs) / len(pairs) if len(pairs) >= _MIN_PAIRS else 0.0


def exchanged(readings: Sequence[Reading], threshold: float) -> dict[int, int]:
    """Places of headings that would fit better if exchanged with another section's, with that section's place."""
    gains: dict[int, tuple[float, int]] = {}
    own = [fit(r, r) for r in readings]
    for i, first in enumerate(readings):
        for j in range(i + 1, len(readings)):
            second = readings[j]
            gain = fit(first, second) + fit(second, first) - own[i] - own[j]
            if gain >= threshold:
                for here, there in ((i, j), (j, i)):
                    if gain > gains.get(here, (0.0, 0))[0]:
                        gains[here] = (gain, there)
    return {place: other for place, (_, other) in gains.items()}
