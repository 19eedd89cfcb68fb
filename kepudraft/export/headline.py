"""Where a long title is broken: by sense, into lines of unequal length (a trapezium or a lozenge, as GB/T 9704 asks).

江州市青山区科学技术协会2025年度科普工作总结 -> 江州市青山区科学技术协会 / 2025年度科普工作总结.
A title that offers no place to break is left whole; Word then wraps it where it must. Widths are in characters: an
Arabic digit is half a character wide.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import combinations

# 20 characters of 22 pt fill the line; a full line of title looks like a mistake.
_MAX_WIDTH = 18.0
_MIN_WIDTH = 3.0
_MAX_LINES = 4
# The lower, the better: after the unit's name or before the year; after 年度; inside the unit's name after a place, or
# after a body that another belongs to (中国科学院 / 江州植物园).
_UNIT_END, _AFTER_YEAR, _AFTER_PLACE, _AFTER_BODY = 0, 2, 4, 6
_YEAR = re.compile(r"(?:20|19)\d\d年度?")
_PLACE_END = re.compile(r"(?<=..)(?:省|自治区|市|县|区|旗|镇|乡|街道|社区)(?![民域村城级内道委])")
_BODY_END = re.compile(r"科学院|研究院|研究所|大学|学院|医院|公司|集团|博物馆|科技馆|植物园|动物园|基地|协会|学会|中心")


def break_title(title: str, unit: str) -> tuple[str, ...]:
    """The lines of the title, one if it is short; joined they are the title.

    Args:
        title: As in the draft.
        unit: The unit's name, which is kept in one line where it fits.
    """
    if width(title) <= _MAX_WIDTH:
        return (title,)
    places = _places(title, unit)
    for count in range(1, _MAX_LINES):
        fitting = [
            (sum(places[p] for p in chosen) + _unevenness(parts), parts)
            for chosen in combinations(sorted(places), count)
            if _fits(parts := _cut(title, chosen))
        ]
        if fitting:
            return min(fitting)[1]
    return (title,)


def width(text: str) -> float:
    """Width in characters of the type size: 1 for a Chinese character or mark, 0.5 for a digit or Latin letter."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in text)


def _places(title: str, unit: str) -> dict[int, int]:
    """Offsets at which the title may be broken, with what each costs."""
    places: dict[int, int] = {}
    begin = title.find(unit) if unit else -1
    if begin >= 0:
        end = begin + len(unit)
        places |= {begin + m.end(): _AFTER_BODY for m in _BODY_END.finditer(unit)}
        places |= {begin + m.end(): _AFTER_PLACE for m in _PLACE_END.finditer(unit)}
        places[end] = _UNIT_END
    for m in _YEAR.finditer(title):
        places[m.end()] = _AFTER_YEAR
        places[m.start()] = _UNIT_END
    return {at: cost for at, cost in places.items() if 0 < at < len(title)}


def _cut(title: str, at: tuple[int, ...]) -> tuple[str, ...]:
    ends = (*at, len(title))
    return tuple(title[start:end] for start, end in zip((0, *at), ends, strict=True))


def _fits(parts: tuple[str, ...]) -> bool:
    return all(_MIN_WIDTH <= width(part) <= _MAX_WIDTH for part in parts)


def _unevenness(parts: tuple[str, ...]) -> float:
    """How ugly the shape is: lines of very different length, all alike (a block), or a waist in the middle."""
    widths = [width(part) for part in parts]
    block = 1.0 if max(widths) - min(widths) < 1 else 0.0
    waist = 3.0 if any(a > b < c for a, b, c in zip(widths, widths[1:], widths[2:], strict=False)) else 0.0
    return (max(widths) - min(widths)) / 4 + block + waist
