"""Edits of a draft, and the mutants that they make: what was put where, and what a checker must say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from eval.planted_cases import PLANTED, Draft, Mark, Numeral

_LATER = re.compile(r"问题|不足|打算|计划|下一?步|明年|下年|下一年|短板|困难|差距|安排|怎么干|2026")
_HEADING = re.compile(r"[一二三四五六七八九十]+、.{1,30}$")


@dataclass(frozen=True, slots=True)
class Planted:
    """One error in a mutant: text[start:end], the facts that tell of it (none: not judged), the sort of figure.

    `unit` is the unit that the explanation must name, or "". For an omission the span is empty and `figure` is what is missing.
    """

    start: int
    end: int
    facts: tuple[str, ...]
    sort: str
    unit: str = ""
    figure: Numeral | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace draft[start:end] by `new`; the error, if this edit plants one, is new[inner[0]:inner[1]] plus `reach` characters.

    Attributes:
        facts: None where nothing is planted here; else the facts that tell of the error.
        removed: The figure that the edit takes away, for omissions.
    """

    start: int
    end: int
    new: str
    facts: tuple[str, ...] | None = None
    sort: str = ""
    inner: tuple[int, int] | None = None
    reach: int = 0
    unit: str = ""
    removed: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Mutant:
    """A draft after its edits.

    Attributes:
        operator: What was done to it.
        draft: Before.
        text: After.
        edits: In the order of the text.
        planted: The errors; empty for a rewriting that keeps the draft faithful.
    """

    operator: str
    draft: Draft
    text: str
    edits: tuple[Edit, ...]
    planted: tuple[Planted, ...]

    def place(self, offset: int) -> int | None:
        """Where a place of the draft lies in the mutant; None inside an edit."""
        shift = 0
        for edit in self.edits:
            if offset < edit.start:
                break
            if offset < edit.end:
                return None
            shift += len(edit.new) - (edit.end - edit.start)
        return offset + shift


def mutant(operator: str, draft: Draft, edits: Sequence[Edit]) -> Mutant:
    """Apply edits that do not overlap."""
    ordered = tuple(sorted(edits, key=lambda e: (e.start, e.end)))
    text, end, planted = "", 0, []
    for edit in ordered:
        text += draft.text[end:edit.start]
        if edit.facts is not None:
            low, high = edit.inner or (0, len(edit.new))
            at = len(text)
            planted += [Planted(at, at, m.facts, m.numeral.sort, figure=m.numeral) for m in edit.removed] or [
                Planted(at + low, at + high + edit.reach, edit.facts, edit.sort, edit.unit)
            ]
        text += edit.new
        end = edit.end
    return Mutant(operator, draft, text + draft.text[end:], ordered, tuple(planted))


def written(numeral: Numeral, **changes: str) -> str:
    """The figure with some of its pieces changed."""
    n = replace(numeral, **changes)  # type: ignore[arg-type]
    return f"{n.before}{n.digits}{n.more}{n.scale}{n.late}{n.unit}{n.after}"


def instead(mark: Mark, new: str, facts: tuple[str, ...] | None = None, *, reach: int = 0, unit: str = "") -> Edit:
    """The edit that writes `new` over a figure; the error is the whole figure."""
    n = mark.numeral
    return Edit(n.start, n.end, new, mark.facts if facts is None else facts, n.sort, reach=reach, unit=unit)


@dataclass(frozen=True, slots=True)
class Line:
    """A body line of a draft and the section it stands in; `is_later` for problems and plans."""

    start: int
    end: int
    section: int
    is_later: bool


def body_lines(text: str) -> Iterator[Line]:
    """The lines that are neither title nor heading."""
    start, section, later = 0, 0, False
    for number, line in enumerate(text.split("\n")):
        if _HEADING.match(line):
            section, later = section + 1, bool(_LATER.search(line))
        elif number and line:
            yield Line(start, start + len(line), section, later)
        start += len(line) + 1


def sentences(text: str, line: Line, stops: str = "。") -> Iterator[tuple[int, int]]:
    """(start, end) of the sentences of a line, the stop included."""
    for found in re.finditer(f"[^{stops}]+[{stops}]", text[line.start:line.end]):
        yield line.start + found.start(), line.start + found.end()


def marks_in(draft: Draft, start: int, end: int) -> list[Mark]:
    """The marked figures between two places."""
    return [m for m in draft.marks if start <= m.numeral.start and m.numeral.end <= end]


@cache
def wording(folder: Path = PLANTED) -> dict[str, Any]:
    """The tables of wording.toml."""
    import tomllib

    return tomllib.loads((folder / "wording.toml").read_text(encoding="utf-8"))
