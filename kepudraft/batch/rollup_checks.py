"""What must be looked at before figures of many units are added: each finding one Chinese sentence and the units it is about."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kepudraft.batch.outliers import Outliers
from kepudraft.batch.totals import Reporting, Total
from kepudraft.figures.scan import scan

_EXPECTED_SHARE = 0.6  # of the units of a type that report an indicator, before the others are said to miss it
_EXPECTED_LEAST = 3
_ALIKE = 0.6  # share of letter pairs that two tellings of one event have in common
_SAME_TEXT = 12  # characters from which a statement said word for word by two units is no chance
_NAMED = 3
_DATED = re.compile(r"(\d{1,2})月(\d{1,2})日")
_MONTH = re.compile(r"(\d{1,2})月")
_TOGETHER = re.compile("联合|共同(?:举办|主办|开展|承办)|协办|承办|与[^，。；]{2,20}(?:举办|开展|主办)")
_BLANKS = re.compile(r"[\s，,。；;：:、（）()“”]")


class Kind(StrEnum):
    """What a finding is about, as it is shown."""

    BASIS = "口径不同"
    MISSING = "缺少指标"
    JOINT = "可能是同一次活动"
    OUTLIER = "数值反常"
    SAME_TEXT = "文字相同"
    ROUGH = "约数"
    FAILED = "没有读成"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at."""

    kind: Kind
    told: str
    units: tuple[str, ...]


def findings(units: Sequence[Reporting], totals: Sequence[Total]) -> Iterator[Finding]:
    """Everything to look at, the worst for a sum first."""
    yield from _different_basis(units)
    yield from _joint_events(units)
    yield from _outliers(units)
    yield from _missing(units)
    yield from _rough(units, totals)
    yield from _same_texts(units)


def _different_basis(units: Sequence[Reporting]) -> Iterator[Finding]:
    """One name, counted in people by some and in visits by others."""
    by_name: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for reporting in units:
        for name, unit in dict.fromkeys((m.name, m.unit) for m in reporting.measures if m.name):
            by_name[name][unit].append(reporting.name)
    for name, by_unit in by_name.items():
        for one, other in (("人", "人次"), ("场", "场次"), ("个", "项"), ("册", "份"), ("期", "场")):
            # A unit that reports both (讲座24场、讲座听众1380人次 under one name) tells two things.
            first = [u for u in by_unit.get(one, ()) if u not in by_unit.get(other, ())]
            second = [u for u in by_unit.get(other, ()) if u not in by_unit.get(one, ())]
            if first and second:
                told = (
                    f"“{name}”有{len(first)}个单位按“{one}”报（{_names(first)}），{len(second)}个单位按“{other}”报（{_names(second)}），"
                    f"没有加在一起；请统一口径"
                )
                yield Finding(Kind.BASIS, told, (*first, *second))


def _joint_events(units: Sequence[Reporting]) -> Iterator[Finding]:
    """One event that several units report: the same day and nearly the same words, or the same words."""
    by_day: dict[str, list[tuple[int, str, frozenset[str]]]] = defaultdict(list)
    for n, reporting in enumerate(units):
        for text in reporting.texts:
            if (day := _DATED.search(text)) or _TOGETHER.search(text):
                month = _MONTH.search(text)
                key = f"{day[1]}月{day[2]}日" if day else f"{month[1]}月" if month else ""
                by_day[key].append((n, text, _pairs(_plain(text, [u.name for u in units[n : n + 1]]))))
    for key, told in by_day.items():
        for group in _groups(told):
            names = list(dict.fromkeys(units[n].name for n, _, _ in group))
            if len(names) < 2:
                continue
            first = group[0][1]
            yield Finding(
                Kind.JOINT, f"{len(names)}个单位（{_names(names)}）都报了{key}的活动，像是同一次：“{first[:40]}”；确认后只算一次", tuple(names)
            )


def _groups(told: list[tuple[int, str, frozenset[str]]]) -> Iterator[list[tuple[int, str, frozenset[str]]]]:
    left = list(told)
    while left:
        first = left.pop(0)
        alike = [t for t in left if t[0] != first[0] and _similarity(first[2], t[2]) >= _ALIKE]
        if alike:
            left = [t for t in left if t not in alike]
            yield [first, *alike]


def _outliers(units: Sequence[Reporting]) -> Iterator[Finding]:
    outliers = Outliers()
    for reporting in units:
        outliers.learn(list(reporting.measures), reporting.unit_type)
    for reporting in units:
        for told in outliers.of(list(reporting.measures), reporting.unit_type):
            yield Finding(Kind.OUTLIER, f"{reporting.name}：{told}", (reporting.name,))


def _missing(units: Sequence[Reporting]) -> Iterator[Finding]:
    by_type: dict[str, list[Reporting]] = defaultdict(list)
    for reporting in units:
        by_type[reporting.unit_type].append(reporting)
    for kind, members in by_type.items():
        having: dict[str, set[str]] = defaultdict(set)
        for reporting in members:
            for m in reporting.measures:
                if m.name and not m.event:
                    having[m.name].add(reporting.name)
        for name, has in having.items():
            lacking = [r.name for r in members if r.name not in has]
            if lacking and len(has) >= max(_EXPECTED_LEAST, _EXPECTED_SHARE * len(members)):
                told = f"“{name}”：{len(members)}个{kind}里有{len(lacking)}个没有报（{_names(lacking)}），合计不含这些单位"
                yield Finding(Kind.MISSING, told, tuple(lacking))


def _rough(units: Sequence[Reporting], totals: Sequence[Total]) -> Iterator[Finding]:
    for total in totals:
        if total.rough:
            names = [
                r.name for r in units if any(m.rough and (m.name, m.unit) == (total.name, total.unit) for m in r.measures)
            ]
            yield Finding(Kind.ROUGH, f"“{total.name}”里{_names(names)}填的是约数，合计写作“约”；请尽量补上准数", tuple(names))


def _same_texts(units: Sequence[Reporting]) -> Iterator[Finding]:
    """Paragraphs that two units have word for word: copied, or told by both of one thing."""
    said: dict[str, list[str]] = defaultdict(list)
    for reporting in units:
        for text in dict.fromkeys(_plain(t, [reporting.name]) for t in reporting.texts):
            if len(_wordy(text)) >= _SAME_TEXT:
                said[text].append(reporting.name)
    for text, names in said.items():
        if len(names) > 1:
            yield Finding(Kind.SAME_TEXT, f"{len(names)}个单位（{_names(names)}）写得一字不差：“{text[:50]}”", tuple(names))


def _wordy(text: str) -> str:
    """The text without figures: «讲座24场，听众1380人次» twice is chance where the words are a form's."""
    parts, at = [], 0
    for figure in scan(text).figures:
        parts.append(text[at : figure.span.start])
        at = figure.span.end
    return "".join([*parts, text[at:]])


def _plain(text: str, names: Sequence[str]) -> str:
    for name in names:
        text = text.replace(name, "")
    return _BLANKS.sub("", text)


def _pairs(text: str) -> frozenset[str]:
    words = re.sub(r"\d+", "", text)
    return frozenset(words[i : i + 2] for i in range(len(words) - 1))


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller >= 4 else 0.0


def _names(names: Sequence[str]) -> str:
    return "、".join(names[:_NAMED]) + ("等" if len(names) > _NAMED else "")
