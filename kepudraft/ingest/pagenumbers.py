"""Page numbers that a converter left inside running text, taken out.

They are told from numbered items by what stands around them: they count 1, 2, 3 … through the file, and stand where a
sentence is not over. Items count too, but begin sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kepudraft.ingest.prose import Line

_MIN_RUN = 3
_PAGE_CHARS = 60
_END = "。！？；：!?;:…”）"
_AT_START = re.compile(r"^\s*(\d{1,3})\s*[、.．]\s*(?=\S)")
_BARE_AT_START = re.compile(r"^\s*(\d{1,3})\s+(?=[\u4e00-\u9fff])")
_INSIDE_MARKED = re.compile(r"(?:^\s*|(?<=[^\d\s])\s*?(?<!\d))(\d{1,3})、\s*(?=\S)")
_INSIDE_BARE = re.compile(r"(?<=[\u4e00-\u9fff，、。；：”])\s?(\d{1,3})\s(?=[\u4e00-\u9fff])")
_DASHED = re.compile(r"\s*[-—－–]\s*(\d{1,3})\s*[-—－–]\s*(?=\s|[\u4e00-\u9fff]|$)|\s+[-—－–](\d{1,3})\s*$")
_PAGE_OF = re.compile(r"\s*第\s*\d{1,3}\s*页\s*(?:[,，/]?\s*共\s*\d{1,3}\s*页)\s*")


@dataclass(frozen=True, slots=True)
class Numbered:
    """Lines without page numbers.

    Attributes:
        lines: In order.
        emptied: Numbers of lines that held nothing else.
        flattened: True if a run was found at the starts of lines that are pages, or inside lines.
    """

    lines: tuple[Line, ...]
    emptied: tuple[int, ...]
    flattened: bool


def without_page_numbers(lines: Sequence[Line]) -> Numbered:
    """Take page numbers out of lines."""
    cut = [replace(line, text=_PAGE_OF.sub("", _DASHED.sub("", line.text))) for line in lines]
    flattened = False
    for find in (_line_starts, _inside_marked, _inside_bare):
        found = find(cut)
        if found:
            cut = _without(cut, found)
            flattened = flattened or find is not _inside_bare
    emptied = tuple(a.number for a, b in zip(lines, cut, strict=True) if a.text.strip() and not b.text.strip())
    return Numbered(tuple(cut), emptied, flattened)


_Found = tuple[int, int, int]
"""Index of a line, start and end of the number in it."""


def _line_starts(lines: Sequence[Line]) -> list[_Found]:
    """`1、…` at the start of each page's line, where the line before breaks off."""
    marks = [(i, int(m[1]), m.span()) for i, line in enumerate(lines) if (m := _AT_START.match(line.text))]
    run = _run([value for _, value, _ in marks])
    broken = sum(_breaks_off(lines, marks[at][0]) for at in run[1:])
    both = len(run) == 2 and all(_breaks_off(lines, marks[at][0]) for at in run)
    pages = all(len(lines[marks[at][0]].text) >= _PAGE_CHARS for at in run)
    # Two numbers may be a short list; not where both stand inside a sentence and before as much as a page.
    if broken * 2 < len(run) - 1 or (len(run) < _MIN_RUN and not (both and pages)):
        return []
    return [(marks[at][0], *marks[at][2]) for at in run]


def _inside_marked(lines: Sequence[Line]) -> list[_Found]:
    return _inside(lines, _INSIDE_MARKED, lambda before: before not in _END and before not in "、（(第")


def _inside_bare(lines: Sequence[Line]) -> list[_Found]:
    """A number alone between two Chinese words: `变更成本，2 形成`, `、3 科学实验`."""
    found = [(i, int(m[1]), m.span()) for i, line in enumerate(lines) if (m := _BARE_AT_START.match(line.text))]
    found += [(i, int(m[1]), m.span()) for i, line in enumerate(lines) for m in _INSIDE_BARE.finditer(line.text)]
    found.sort(key=lambda one: (one[0], one[2]))
    run = _run([value for _, value, _ in found])
    # A file that puts blanks around all its digits shows nothing this way.
    if len(run) < _MIN_RUN or len(found) > 3 * len(run):
        return []
    return [(found[at][0], *found[at][2]) for at in run]


def _inside(lines: Sequence[Line], pattern: re.Pattern[str], unfinished: Callable[[str], bool]) -> list[_Found]:
    found = [(i, int(m[1]), (m.start(), m.end())) for i, line in enumerate(lines) for m in pattern.finditer(line.text)]
    run = _run([value for _, value, _ in found])
    if len(run) < _MIN_RUN:
        return []
    broken = sum(unfinished(lines[found[at][0]].text[: found[at][2][0]].rstrip()[-1:] or "。") for at in run)
    return [(found[at][0], *found[at][2]) for at in run] if broken * 2 > len(run) else []


def _run(values: Sequence[int]) -> list[int]:
    """Return the places of the longest run 1, 2, 3 … (or from 2, where the first page shows none) in order."""
    best: list[int] = []
    for first in (1, 2):
        wanted, places = first, list[int]()
        for at, value in enumerate(values):
            if value == wanted:
                places.append(at)
                wanted += 1
        if len(places) > len(best):
            best = places
    return best


def _breaks_off(lines: Sequence[Line], index: int) -> bool:
    before = next((line.text.rstrip() for line in reversed(lines[:index]) if line.text.strip()), "。")
    return before[-1] not in _END and len(before) >= _PAGE_CHARS // 2


def _without(lines: Sequence[Line], found: Sequence[_Found]) -> list[Line]:
    texts = [line.text for line in lines]
    for index, start, end in reversed(found):
        texts[index] = texts[index][:start] + texts[index][end:]
    return [replace(line, text=text) for line, text in zip(lines, texts, strict=True)]
