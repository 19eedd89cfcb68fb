"""Cleaned lines -> parts: the summaries that stand in one file, each with its title and its lines.

A page that collects summaries marks its parts (篇一, 总结1, 【篇1】, 第一篇); what stands before the first mark is the
site's. A file without marks may still hold several: a title on a line of its own, under which the numbering begins anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kepudraft.ingest.clean import Cleaned, Dropped
from kepudraft.ingest.prose import Line
from kepudraft.ingest.rules import Rules, load_rules

_CHINESE = {c: n for n, c in enumerate("一二三四五六七八九十", 1)}
_SENTENCE = re.compile("[。！？]")
_SIGNATURE = re.compile(r"^(?:(?:20|19)\d\d|[二一][〇○零九].{2})年\s*[\d一二三四五六七八九十]{1,3}月(?:\s*[\d一二三四五六七八九十]{1,3}日)?$")
_MAX_TITLE = 60
_BROKEN = 18
_HEAD_LINES = 14
_FIRST_ITEM = re.compile(r"^\s*(?:#+\s*)?(?:一、|[（(]一[)）]|1[、.．])")
_ITEM = re.compile(r"^\s*(?:#+\s*\S|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[)）]|\d{1,2}[、.．])")


@dataclass(frozen=True, slots=True)
class Part:
    """One summary of a file.

    Attributes:
        number: From 1.
        marker: The line that opens it, "" if the file holds only one.
        title: As printed; "" if there is none.
        lines: Its text, blank lines included, title and signature left out.
        signed: The date at its end, "" if none.
    """

    number: int
    marker: str
    title: str
    lines: tuple[Line, ...]
    signed: str = ""


@dataclass(frozen=True, slots=True)
class Parted:
    """All parts of a file, what was left out, and how many parts its name promises (None if it does not say)."""

    parts: tuple[Part, ...]
    headline: str
    dropped: tuple[Dropped, ...]
    promised: int | None


@dataclass(frozen=True, slots=True)
class _Mark:
    index: int
    number: int
    stem: str
    title: str


def split(cleaned: Cleaned) -> Parted:
    """Split a file into its parts."""
    rules = load_rules()
    lines = _opened(cleaned.lines, rules)
    marks = _marks(lines, rules) or _titles(lines, rules)
    dropped: list[Dropped] = []
    if marks:
        dropped += [Dropped(line.number, "合集的开头") for line in lines[: marks[0].index] if line.text.strip()]
    head = lines[: marks[0].index] if marks else lines[:_HEAD_LINES]
    headline, promised = _headline(head, rules)
    ends = [mark.index for mark in marks[1:]] + [len(lines)]
    spans: list[tuple[_Mark | None, list[Line]]] = [(None, lines)]
    if marks:
        spans = [(mark, lines[mark.index + 1 : end]) for mark, end in zip(marks, ends, strict=True)]
    parts = []
    for number, (mark, inside) in enumerate(spans, 1):
        kept = _without_tail(inside, cleaned.tails, dropped)
        parts.append(_part(number, mark, kept, dropped, rules))
    filled = tuple(part for part in parts if any(line.text.strip() for line in part.lines))
    return Parted(filled, headline, tuple(dropped), promised)


def number_of(text: str) -> int:
    """Return the value of an ordinal up to 39 in Arabic or Chinese digits; 0 if it is none."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _CHINESE.get(text, 0)
    return _CHINESE.get(tens, 1) * 10 + _CHINESE.get(ones, 0)


def _opened(lines: Sequence[Line], rules: Rules) -> list[Line]:
    """Break lines before marks that stand inside them."""
    opened = []
    for line in lines:
        pieces = rules.part_inline.split(line.text) if len(line.text) > _MAX_TITLE else [line.text]
        opened += [replace(line, text=piece) for piece in pieces]
    return opened


def _marks(lines: Sequence[Line], rules: Rules) -> list[_Mark]:
    """Return the longest run of marks 1, 2, 3 … of one kind with text between them."""
    best: list[_Mark] = []
    for pattern in rules.part_markers:
        found = []
        for index, line in enumerate(lines):
            text = line.text.strip()
            if len(text) <= 2 * _MAX_TITLE and (match := pattern.match(text)) and (number := number_of(match["n"])):
                found.append(_Mark(index, number, match["stem"].strip("【（( "), match["title"].strip()))
        run = _run(found, lines, rules.min_part)
        if len(run) > len(best):
            best = run
    return best if len(best) > 1 else []


def _run(found: Sequence[_Mark], lines: Sequence[Line], min_chars: int) -> list[_Mark]:
    run: list[_Mark] = []
    for at, mark in enumerate(found):
        following = found[at + 1].index if at + 1 < len(found) else len(lines)
        chars = sum(len(line.text) for line in lines[mark.index + 1 : following])
        if mark.number == len(run) + 1 and chars >= min_chars and (not run or _alike(run[0].stem, mark.stem)):
            run.append(mark)
    return run


def _alike(a: str, b: str) -> bool:
    return a == b or not a or not b or a in b or b in a


def _titles(lines: Sequence[Line], rules: Rules) -> list[_Mark]:
    """Titles of several summaries that follow each other without marks."""
    found: list[_Mark] = []
    for index, line in enumerate(lines):
        text = line.text.strip().lstrip("# ")
        if not rules.title.match(text) or _ITEM.match(text):
            continue
        following = [other.text for other in lines[index + 1 :]]
        if found and not _begins_anew(following, rules):
            continue
        if found and sum(len(other.text) for other in lines[found[-1].index + 1 : index]) < 2 * rules.min_part:
            if len(found) == 1:
                found = [_Mark(index, 1, "", text)]
            continue
        found.append(_Mark(index, len(found) + 1, "", text))
    return found if len(found) > 1 else []


def _begins_anew(following: Sequence[str], rules: Rules) -> bool:
    """Tell whether the next numbered line is the first of its kind, with enough text before the next title."""
    chars = 0
    first: bool | None = None
    for text in following:
        text = text.strip().lstrip("# ")
        if rules.title.match(text) and not _ITEM.match(text):
            break
        if first is None and _ITEM.match(text):
            first = bool(_FIRST_ITEM.match(text))
        chars += len(text)
    return bool(first) and chars >= 2 * rules.min_part


def _headline(head: Sequence[Line], rules: Rules) -> tuple[str, int | None]:
    """Return the name of the page, and how many parts it promises."""
    promised, headline = None, ""
    for line in head:
        text = line.text.strip().lstrip("# ")
        if not text or len(text) > _MAX_TITLE or _SENTENCE.search(text):
            continue
        if match := rules.collection.search(text):
            promised = number_of(match["count"]) or None
            return text, promised
        if not headline and rules.title.match(text):
            headline = text
    return headline, promised


def _without_tail(lines: Sequence[Line], tails: frozenset[int], dropped: list[Dropped]) -> list[Line]:
    for at, line in enumerate(lines):
        if line.number in tails:
            dropped += [Dropped(other.number, "相关链接") for other in lines[at:] if other.text.strip()]
            return list(lines[:at])
    return list(lines)


def _part(number: int, mark: _Mark | None, lines: list[Line], dropped: list[Dropped], rules: Rules) -> Part:
    lines = _without_intro(lines, dropped, rules) if mark is None or number == 1 else lines
    title, body = _title(lines, mark, rules, dropped)
    signed, body = _signature(body, dropped)
    marker = (mark.stem + str(mark.number)) if mark and not (mark.title and not mark.stem) else (mark.title if mark else "")
    return Part(number, marker, title or (mark.title if mark else ""), tuple(body), signed)


def _without_intro(lines: list[Line], dropped: list[Dropped], rules: Rules) -> list[Line]:
    """Leave out the paragraph with which a site introduces what it shows."""
    kept, seen = list(lines), 0
    for line in lines:
        if not line.text.strip():
            continue
        seen += 1
        if seen > _HEAD_LINES or _ITEM.match(line.text):
            break
        if len(line.text) < 400 and sum(bool(p.search(line.text)) for p in rules.furniture_intro) >= 2 and not rules.title.match(line.text.strip()):
            kept.remove(line)
            dropped.append(Dropped(line.number, "合集的开头"))
    return kept


def _title(lines: list[Line], mark: _Mark | None, rules: Rules, dropped: list[Dropped]) -> tuple[str, list[Line]]:
    """Return the title and the lines behind it; short lines before it are the site's."""
    head: list[int] = []
    for at, line in enumerate(lines):
        text = line.text.strip()
        if not text:
            continue
        if len(text) > _MAX_TITLE or text[-1] in "。；，：:,;" or _SENTENCE.search(text) or _ITEM.match(text.lstrip("# ")) or len(head) >= 6:
            break
        # A line that a page broke off in the middle of a sentence: 2014 年，县科协在县委、县政府的正确领导下，深入学
        if "，" in text and len(text) >= _BROKEN and not rules.title.match(text.lstrip("# ")):
            break
        head.append(at)
    if not head:
        return "", lines
    titles = [at for at in head if rules.title.match(lines[at].text.strip().lstrip("# "))]
    chosen = titles[0] if titles else head[-1 if mark is None else 0]
    if not titles and rules.plain_heading.match(lines[chosen].text.strip().lstrip("# ")):
        return "", lines
    dropped += [Dropped(lines[at].number, "标题前后的行") for at in head if at != chosen]
    return lines[chosen].text.strip().lstrip("# "), lines[head[-1] + 1 :]


def _signature(lines: list[Line], dropped: list[Dropped]) -> tuple[str, list[Line]]:
    """Return the date that ends a text, and the lines without date and the name over it."""
    filled = [at for at, line in enumerate(lines) if line.text.strip()]
    if not filled or not _SIGNATURE.match(lines[filled[-1]].text.strip()):
        return "", lines
    at = filled[-1]
    signed = lines[at].text.strip()
    if len(filled) > 2 and len(name := lines[filled[-2]].text.strip()) <= 24 and not re.search("[。，；：]", name):
        at = filled[-2]
    dropped += [Dropped(line.number, "落款") for line in lines[at:] if line.text.strip()]
    return signed, lines[:at]
