"""The words of fact files (reading.toml): what columns, labels and fields are called."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kepudraft.errors import RuleError
from kepudraft.facts.sheet import Status
from kepudraft.genre import UnitType

_FILE = Path(__file__).with_name("reading.toml")
_TRIM = re.compile(r"[\s\u3000]+")
_YEAR_ALONE = re.compile(r"(20\d\d)年度?")
_PLAN_WORD = re.compile("计划|打算|思路|设想")
_PLANS_TOO = re.compile("打算|计划|下一?步|明年|来年|思路")
_BRACKETED = re.compile(r"[（(][^（()）]*[)）]")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """reading.toml, checked; lookups are by name without blanks and brackets."""

    columns: dict[str, str]
    fields: dict[str, str]
    status: dict[str, Status]
    status_forms: tuple[tuple[Status, re.Pattern[str]], ...]
    planned_openings: re.Pattern[str]
    event_endings: tuple[str, ...]
    contest_endings: tuple[str, ...]
    rally_endings: tuple[str, ...]
    part_words: re.Pattern[str]
    types: tuple[tuple[UnitType, re.Pattern[str]], ...]

    def column(self, heading: str) -> str:
        """name, value, unit, last, note, basis, origin or ignore; "" for a heading that nobody knows."""
        return self.columns.get(bare(heading).lower(), "")

    def status_of(self, label: str, year: int | None) -> Status | None:
        """The status that a label or heading names outright (问题, 下一步打算, 2026年), or None.

        Args:
            label: Without blanks and brackets.
            year: Year of the report; None where it is not known yet: then a year alone (2026年) says nothing.
        """
        if found := self.status.get(label):
            return found
        if told := _YEAR_ALONE.fullmatch(label):
            return Status.PLANNED if year and int(told[1]) > year else None
        status = next((status for status, form in self.status_forms if form.fullmatch(label)), None)
        told = _YEAR_ALONE.match(label)
        if status and told and year and int(told[1]) <= year and not _PLAN_WORD.search(label):
            return None  # 2025年重点工作 in the report of 2025 is what was done
        return status

    def names_both(self, label: str) -> bool:
        """True for a heading of problems and plans both (问题与打算)."""
        form = dict(self.status_forms)[Status.PROBLEM]
        return bool(_PLANS_TOO.search(label) and form.fullmatch(label))

    def type_of(self, unit: str) -> UnitType | None:
        """The unit type that a unit's name tells, or None."""
        return next((kind for kind, pattern in self.types if pattern.search(unit)), None)


def bare(text: str) -> str:
    """`text` without blanks and without what stands in round brackets."""
    return _BRACKETED.sub("", _TRIM.sub("", text))


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary.

    Raises:
        RuleError: reading.toml breaks its form.
    """
    try:
        data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
        return Vocabulary(
            columns=_inverted(data["columns"]),
            fields=_inverted(data["fields"]),
            status={word: Status(key) for word, key in _inverted(data["status"]).items()},
            status_forms=tuple((Status(key), re.compile(rule)) for key, rule in data["status_forms"].items()),
            planned_openings=re.compile("|".join(sorted(data["openings"]["planned"], key=len, reverse=True))),
            event_endings=tuple(data["events"]["endings"]),
            contest_endings=tuple(data["events"]["contests"]),
            rally_endings=tuple(data["events"]["rallies"]),
            part_words=re.compile("|".join(data["parts"]["words"])),
            types=tuple((UnitType(name), re.compile(rule)) for name, rule in data["types"]["rules"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, ValueError, re.error) as error:
        raise RuleError(f"规则文件格式不对（{error}）", place=str(_FILE), remedy="请按文件开头的说明改正") from error


def _inverted(table: dict[str, list[str]]) -> dict[str, str]:
    words: dict[str, str] = {}
    for key, names in table.items():
        for name in names:
            if words.setdefault(name, key) != key:
                raise ValueError(f"“{name}”同时列在{words[name]}和{key}下")
    return words
