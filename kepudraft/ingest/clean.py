"""Lines of a file -> the lines that belong to the text, and what was left out and why.

In order: furniture of the site, repeated page headers, page numbers glued into the text. Lines are joined into
paragraphs later (`split.paragraphs`), when it is known where a part begins.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kepudraft.ingest.pagenumbers import without_page_numbers
from kepudraft.ingest.prose import PAGE, Line
from kepudraft.ingest.rules import Rules, load_rules

_MAX_FURNITURE = 120
_MAX_LINK = 48
_REPEATS = 3
_EDGE = 2
"""Lines at the top and at the bottom of a page among which its header and footer are."""
_SPACED = re.compile(
    r"(?<=[\u4e00-\u9fff，。、；：“”（）《》]) +(?=[\dxX]{1,12}(?!\d))"
    r"|(?<=[\dxX%])(?<!\d\.) +(?=[\u4e00-\u9fff，。、；：“”（）《》])"
)
_HAN_GAP = re.compile(r"(?<=[”』」》]) +(?=[，。、；：])|(?<=[，。；：、]) +(?=[“‘《])|(?<=”) +(?=[“、])")
_LINK_DATE = re.compile(r"^.{4,40}\D(?:0?[1-9]|1[0-2])-(?:[0-2]?\d|3[01])$")
_SENTENCE = re.compile("[。！？；]")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line that was left out, and why, in Chinese."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What `clean` gives back.

    Attributes:
        lines: Those of the text, in order; blank ones are kept.
        dropped: The others.
        flattened: True if page numbers stood in the text, so that line breaks mean nothing.
        tails: Numbers of lines after which links follow until the next part.
    """

    lines: tuple[Line, ...]
    dropped: tuple[Dropped, ...]
    flattened: bool
    tails: frozenset[int]


def clean(lines: Sequence[Line]) -> Cleaned:
    """Take furniture and page numbers out of lines (Simplified)."""
    rules = load_rules()
    repeated = _repeated(lines)
    kept: list[Line] = []
    dropped: list[Dropped] = []
    tails: set[int] = set()
    for line in lines:
        if line.text.strip() and rules.furniture_tail.search(line.text) and len(line.text) <= _MAX_LINK and not _SENTENCE.search(line.text):
            tails.add(line.number)
        if reason := _furniture(line, rules, repeated):
            dropped.append(Dropped(line.number, reason))
        else:
            kept.append(line)
    numbered = without_page_numbers(kept)
    tidied = [replace(line, text=_unspaced(line.text, spaced)) for spaced in [_is_spaced(numbered.lines)] for line in numbered.lines]
    dropped += [Dropped(number, "页码") for number in numbered.emptied]
    return Cleaned(tuple(tidied), tuple(dropped), numbered.flattened, frozenset(tails))


def is_link(line: Line) -> bool:
    """Tell whether a line looks like an entry of a list of links."""
    text = line.text.strip()
    return bool(text) and len(text) <= _MAX_LINK and (line.linked or bool(_LINK_DATE.match(text)))


def _furniture(line: Line, rules: Rules, repeated: frozenset[str]) -> str:
    text = line.text.strip()
    if not text:
        return ""
    if rules.furniture_code.search(text) and not _SENTENCE.search(text):
        return "程序代码"
    if _code_share(text):
        return "程序代码"
    if len(text) <= _MAX_FURNITURE and rules.furniture_line.search(text) and not _is_prose(text):
        return "网站栏目或广告"
    if is_link(line):
        return "链接"
    return "页眉页脚" if text in repeated else ""


def _is_prose(text: str) -> bool:
    """Two full sentences are the text's own, whatever words stand in them."""
    return len(_SENTENCE.findall(text)) >= 2 and len(text) > 60


def _code_share(text: str) -> bool:
    marks = sum(c in "{}();=<>[]|&$\\\"'" for c in text)
    return marks >= 3 and marks * 4 > len(text) and not re.search("[\u4e00-\u9fff]{4}", text)


def _repeated(lines: Sequence[Line]) -> frozenset[str]:
    """Short lines that stand on several pages of a PDF, or at the edge of both where there are two: headers and footers."""
    pages: dict[int, list[str]] = {}
    for line in lines:
        if line.number > PAGE and (text := line.text.strip()):
            pages.setdefault(line.number // PAGE, []).append(text)
    counted = Counter(text for texts in pages.values() for text in texts if 1 < len(text) <= _MAX_LINK)
    found = {text for text, n in counted.items() if n >= max(_REPEATS, len(pages) // 2)}
    if len(pages) == 2:
        first, second = ({*texts[:_EDGE], *texts[-_EDGE:]} for texts in pages.values())
        found |= {text for text in first & second if 1 < len(text) <= _MAX_LINK}
    return frozenset(text for text in found if not text.endswith("。"))


def _is_spaced(lines: Sequence[Line]) -> bool:
    """Tell whether a file puts blanks around all digits, as converters from PDF and Word do."""
    text = "\n".join(line.text for line in lines)
    spaced = len(re.findall(r"[\u4e00-\u9fff] [\dxX]", text))
    tight = len(re.findall(r"[\u4e00-\u9fff][\dxX]", text))
    return spaced > 8 and spaced > tight


def _unspaced(text: str, spaced: bool) -> str:
    text = _HAN_GAP.sub("", text)
    return _SPACED.sub("", text) if spaced else text
