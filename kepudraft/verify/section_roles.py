"""What each section of a text does: by the words of its heading, and by the cues of what stands under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from kepudraft.genre import Genre, Role
from kepudraft.verify.form_rules import Cues, cues_of, structure_rules
from kepudraft.verify.layout import Layout, Section

_OUTLOOK = frozenset((Role.PROBLEMS, Role.PLANS))
_WORK_SHARE = 0.3
_MAIN_SHARE, _MAIN_WEIGHT = 0.4, 6
_PROBLEM_RATE = 3.5
_PLAN_RATE = 1.0
_CLAIM_RATE = 1.5
_MIXED_RATE = 3.0
_FULL_RATE = 4.0
_MIN_PAIRS = 2
_HAN_PAIR = re.compile("(?=([\u4e00-\u9fff]{2}))")


@dataclass(frozen=True, slots=True)
class Reading:
    """One section, read.

    Attributes:
        section: The section; None for a paragraph of a text without headings.
        claimed: Roles whose words stand in its heading.
        named: Those of them that the section is taken to do.
        weights: Characters of cues by role in its text.
        chars: Length of its text.
        late: True in the second half of the text.
        last: True for the last section.
        prose: Its text.
    """

    section: Section | None
    claimed: frozenset[Role]
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
        if self.last and plans >= _PLAN_RATE:
            return frozenset((*work, Role.PLANS))
        return frozenset(work)

    @property
    def main(self) -> frozenset[Role]:
        """The roles that it does above all: those named, problems or plans, or the one with most cues."""
        if self.named or self.told & _OUTLOOK:
            return self.named or self.told & _OUTLOOK
        best = max(self.told, key=lambda r: (self.weights[r], r), default=None)
        sure = best is not None and self.weights[best] >= _MAIN_WEIGHT and self.share(best) >= _MAIN_SHARE
        return frozenset((best,) if best and sure else ())


class Exchange(NamedTuple):
    """The section whose heading fits better, and by how much both would."""

    other: int
    gain: float


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
    late, last = place >= count // 2, place == count - 1
    claimed = named_roles(heading)
    reading = Reading(section, claimed, frozenset(), weights, len(prose), late, last, prose)
    return replace(reading, named=_borne_out(reading))


def _borne_out(reading: Reading) -> frozenset[Role]:
    """The roles that a heading names in earnest.

    让热点问题有人回应, 课程带着问题走: a word of problems or plans names the section only towards the end and alone, or
    if the text bears it out; then it outweighs the words of work beside it (来年：先把空白村走完).
    """
    outlook, work = reading.claimed & _OUTLOOK, reading.claimed - _OUTLOOK
    if not outlook:
        return work
    if reading.late and not work:
        return outlook
    if reading.last and Role.PLANS in outlook:
        return frozenset((Role.PLANS,))
    sure = frozenset(r for r in outlook if reading.rate(r) >= (_MIXED_RATE if work else _CLAIM_RATE))
    return sure or work


def named_roles(heading: str) -> frozenset[Role]:
    """The roles whose words stand in a heading; 青少年活动 tells of youth, not of activities."""
    found = {role for role, words in structure_rules().heading.items() if any(word in heading for word in words)}
    if found & {Role.YOUTH, Role.RURAL}:
        found.discard(Role.ACTIVITIES)
    return frozenset(found)


def exchanged(readings: Sequence[Reading], threshold: float) -> dict[int, Exchange]:
    """Places of headings that would fit better if exchanged with another section's, the best exchange for each."""
    fits = _fits(readings)
    best: dict[int, Exchange] = {}
    for i in range(len(readings)):
        for j in range(i + 1, len(readings)):
            gain = fits[i][j] + fits[j][i] - fits[i][i] - fits[j][j]
            if gain < threshold:
                continue
            for here, there in ((i, j), (j, i)):
                if here not in best or gain > best[here].gain:
                    best[here] = Exchange(there, gain)
    return best


def _fits(readings: Sequence[Reading]) -> list[list[float]]:
    """How well each heading (row) fits each text (column): 0 to 2.

    Half of it is what the heading's roles have in the text, half the share of its pairs of characters that stand there.
    """
    affinities = [{role: reading.affinity(role) for role in Role} for reading in readings]
    rows = []
    for reading in readings:
        pairs = set(_HAN_PAIR.findall(reading.section.heading)) if reading.section else set()
        row = []
        for text, affinity in zip(readings, affinities, strict=True):
            overlap = sum([pair in text.prose for pair in pairs]) / len(pairs) if len(pairs) >= _MIN_PAIRS else 0.0
            row.append(min(1.0, sum([affinity[role] for role in reading.claimed])) + overlap)
        rows.append(row)
    return rows
