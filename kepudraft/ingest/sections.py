"""Lines of a part -> its sections: paragraphs joined, headings found on lines of their own and inside running text.

A number makes no heading: what follows it must look like one (short, then text), and an Arabic number only where most
items of its list look so. Levels follow the order in which kinds of number appear, whatever the kinds are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kepudraft.ingest.prose import Line, Prose, joined, prose
from kepudraft.ingest.rules import Rules, load_rules
from kepudraft.ingest.split import number_of

_CN = r"(?P<cn>[一二三四五六七八九十]{1,3})[、.．](?![一二三四五六七八九十][、.．]|[二三]等)"
_PART = r"第(?P<part>[一二三四五六七八九十]{1,2})(?:部分|，|、|章|项)[、：:\s]?"
_PCN = r"[（(](?P<pcn>[一二三四五六七八九十]{1,3})[)）][、.．]?"
_AR = r"(?P<ar>\d{1,2})(?:[、．]|[.](?!\d))"
_PAR = r"[（(](?P<par>\d{1,2})[)）][、.．]?"
_CIRC = r"(?P<circ>[①-⑳])"
_LENS = r"【(?P<lens>[^【】。；，：:]{2,24})】[：:]?"
_SHI = r"(?P<shi>[一二三四五六七八九十])是"
_MD = r"(?P<md>#{1,6})\s*"
_START = re.compile(rf"\s*(?:{_MD})?(?:{_CN}|{_PART}|{_PCN}|{_AR}|{_PAR}|{_CIRC}|{_SHI}|{_LENS})?\s*")
_INSIDE = re.compile(rf"(?:{_CN}|{_PCN}|{_AR}|{_SHI})")
_STYLES = ("cn", "part", "pcn", "ar", "par", "circ", "shi", "lens")
_SENTENCE_END = "。！？；!?;"
_WEAK = ("ar", "par", "circ", "shi")
"""Kinds of number that number items as often as headings."""
_WEAK_SHARE = 0.6
_LONG_ITEMS = 150
"""一是 … 二是 … opens sections only where so many characters follow each,"""
_PARAGRAPH_ITEMS = 40
"""or these where each is a paragraph that begins with a sentence in the form of a heading."""
_COLON_HEADING = 26
_LONG_HEADING = 24
_MIN_UNTITLED = 16
_LONG = 26
"""A line so long that ends without a mark is broken off by the page, not by its writer."""
_COUNTED = re.compile(r"\d[\d.]*\s*(?:余|多)?(?:万|亿)?(?:人次|人|次|份|个|期|场|名|册|元|篇|块|户|亩|家|台|条|幅)")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the text under it, up to the next heading.

    Attributes:
        level: From 1; 0 for text without heading before the first one or opened by its wording.
        number: As printed, with its mark; "" if none.
        heading: Without number; "" if it has none.
        line: Where it begins.
        paragraphs: Text under it.
    """

    level: int
    number: str
    heading: str
    line: int
    paragraphs: tuple[Prose, ...]

    @property
    def text(self) -> str:
        """Its paragraphs, parted by line breaks."""
        return "\n".join(piece.text for piece in self.paragraphs)


@dataclass(slots=True)
class _Piece:
    """A paragraph, or what follows a number inside one."""

    prose: Prose
    style: str = ""
    value: int = 0
    mark_end: int = 0
    heading_end: int = 0
    own_line: bool = False
    goes_on: bool = False


def paragraphs(lines: Sequence[Line], *, flattened: bool = False) -> tuple[Prose, ...]:
    """Join lines that a page or a converter broke into paragraphs."""
    made: list[list[Prose]] = []
    width = _wrap_width(lines)
    for line in lines:
        piece = prose(line)
        if not piece.text:
            continue
        if made and (flattened or _continues(made[-1][-1].text, made[-1][0].text, piece.text, width)):
            made[-1].append(piece)
        else:
            made.append([piece])
    return tuple(joined(pieces) for pieces in made)


def sections(pieces_of: Sequence[Prose], *, flattened: bool = False) -> tuple[Section, ...]:
    """Find the sections of a text.

    Args:
        pieces_of: Its paragraphs.
        flattened: True if line breaks mean nothing, so that headings stand inside running text.
    """
    rules = load_rules()
    seen: dict[str, int] = {}
    pieces = [piece for paragraph in pieces_of for piece in _pieces(paragraph, flattened, seen)]
    for piece in pieces:
        piece.heading_end = _heading_end(piece, rules)
    _reject_bodiless(pieces)
    _judge_lists(pieces)
    return tuple(_assembled(pieces, rules))


def _wrap_width(lines: Sequence[Line]) -> int:
    """Return the length at which a file breaks its lines; 0 if it does not."""
    lengths = sorted(len(line.text.strip()) for line in lines if line.text.strip())
    if len(lengths) < 8:
        return 0
    full = lengths[int(len(lengths) * 0.85)]
    near = sum(full - 2 <= length <= full + 2 for length in lengths)
    return full if 14 <= full <= 60 and near * 3 > len(lengths) else 0


def _continues(last: str, first: str, text: str, width: int) -> bool:
    """Tell whether `text` goes on with the paragraph that began with line `first` and ended with line `last`."""
    if _style(_START.match(text)) and not (last[-1] in "，、" and text[0].isdigit()):
        return False
    if last.startswith("#") or text.startswith("#"):
        return False
    if load_rules().line_end.search(last):
        return bool(width) and len(last) >= width - 1 and last[-1] in "；;，,、”》）" and last[-1] not in "；;"
    if last[-1] in "，、,（(“《":
        return True
    if width:
        return len(last) >= width - 2
    if last is first and _style(_START.match(first)) and len(first) <= load_rules().max_heading and not re.search("[。！？；]", first):
        return False
    return len(last) >= _LONG and not load_rules().title.match(last)


def _style(match: re.Match[str] | None) -> str:
    if match is None:
        return ""
    return next((style for style in _STYLES if match[style]), f"md{len(match['md'])}" if match["md"] else "")


def _value(match: re.Match[str], style: str) -> int:
    if style == "lens" or style.startswith("md"):
        return 1
    return ord(match[style]) - ord("①") + 1 if style == "circ" else number_of(match[style])


def _pieces(paragraph: Prose, flattened: bool, seen: dict[str, int]) -> list[_Piece]:
    """Cut a paragraph before each number that may open a heading inside it.

    Args:
        paragraph: What is cut.
        flattened: See `sections`.
        seen: The last number of each kind; only 一是 … 二是 run on from one paragraph to the next.
    """
    cuts = [0]
    _forget(seen, but="shi")
    if (first := _START.match(paragraph.text)) and (style := _style(first)) and style != "lens" and not style.startswith("md"):
        seen[style] = _value(first, style)
        if style != "shi":
            seen.pop("shi", None)
    for match in _INSIDE.finditer(paragraph.text, 1):
        style = next(style for style in ("cn", "pcn", "ar", "shi") if match[style])
        if _opens(paragraph.text, match, style, seen, flattened):
            cuts.append(match.start())
            for lower in _LOWER[style]:
                seen.pop(lower, None)
            seen[style] = _value(match, style)
    pieces = [_piece(paragraph.cut(start, end)) for start, end in zip(cuts, [*cuts[1:], None], strict=True)]
    pieces[0].own_line = len(cuts) == 1
    for piece in pieces[1:]:
        piece.goes_on = True
    return [piece for piece in pieces if piece.prose.text]


_LOWER: dict[str, tuple[str, ...]] = {"cn": ("pcn", "ar", "shi"), "pcn": ("ar", "shi"), "ar": ("shi",), "shi": ()}


def _forget(seen: dict[str, int], *, but: str) -> None:
    for style in [style for style in seen if style != but]:
        del seen[style]


def _opens(text: str, match: re.Match[str], style: str, seen: dict[str, int], flattened: bool) -> bool:
    before = text[: match.start()].rstrip()[-1:]
    value, last = _value(match, style), seen.get(style, 0)
    if text[match.end() : match.end() + 1] in ("", "，", "。", "、"):
        return False
    if style == "shi":
        return value == last + 1 and (before in "。；！？：" or (flattened and value == 1))
    gap = text[match.start() - 1] == " "
    if style == "ar":
        return value == last + 1 and before in "。；！？" and not text[match.end()].isdigit()
    if before in "。！？；：":
        return value in (1, last, last + 1)
    return (gap or flattened) and value == last + 1


def _piece(text: Prose) -> _Piece:
    match = _START.match(text.text)
    style = _style(match)
    if match is None or not style:
        return _Piece(text)
    if style == "shi" and match["md"]:
        return _Piece(text, f"md{len(match['md'])}", 1, match.end("md"))
    return _Piece(text, style, _value(match, style), match.end())


def _heading_end(piece: _Piece, rules: Rules) -> int:
    """Return where the heading of a numbered piece ends; 0 if it has none."""
    text = piece.prose.text
    if not piece.style:
        whole = piece.own_line and len(text) <= 24 and rules.plain_heading.match(text.rstrip("：:"))
        return len(text) if whole else 0
    if piece.style == "lens":
        return piece.mark_end
    rest = text[piece.mark_end :]
    if not piece.own_line and piece.style in ("cn", "pcn", "part") and (known := rules.complete_heading.match(rest)):
        return piece.mark_end + known.end()
    stop = _first_stop(rest)
    if piece.own_line and 0 <= stop < len(rest) - 1 <= rules.max_heading and not re.search("[。！？；，,]", rest):
        stop = -1  # 进校：课程排进作息表, on a line of its own
    end = _whole_end(piece, rest, rules) if stop < 0 and len(rest) <= rules.max_heading else _run_in_end(piece, rest, stop, rules)
    return piece.mark_end + end if end else 0


def _whole_end(piece: _Piece, rest: str, rules: Rules) -> int:
    """The end of a heading in a piece that holds no end of a sentence."""
    if not rest or rest[-1] in "，、,；;":
        return 0
    worded = _worded_cut(rest, rules, rules.max_heading) if len(rest) > _LONG_HEADING and not piece.own_line else 0
    return _blank_cut(rest) or worded or len(rest)


def _run_in_end(piece: _Piece, rest: str, stop: int, rules: Rules) -> int:
    """The end of a heading that is the first sentence of its piece, or that running text follows without a mark."""
    limit = rules.max_heading
    if cut := _blank_cut(rest[:limit] if stop < 0 else rest[: min(stop, limit)]):
        return cut
    behind = len(rest[stop + 1 :].strip())
    if 0 <= stop <= limit and (not behind or len(rest) - stop - 1 >= rules.min_body):
        if not _may_end(piece, rest, stop) and (behind or rest[stop] in "；;"):
            return 0
        return (_worded_cut(rest, rules, stop) if behind and stop > _LONG_HEADING else 0) or stop + 1
    return 0 if piece.style in _WEAK else _worded_cut(rest, rules, limit)


def _may_end(piece: _Piece, rest: str, stop: int) -> bool:
    """Tell whether the first sentence looks like a heading."""
    if rest[stop] in "；;" or (rest[stop] in "：:" and stop > _COLON_HEADING):
        return False
    return piece.style not in _WEAK or not (_COUNTED.search(rest[:stop]) or (piece.style == "shi" and rest[stop] != "。"))


def _first_stop(rest: str) -> int:
    """Return the first end of a sentence that stands outside quotation marks and brackets; -1 if none."""
    depth = 0
    for at, char in enumerate(rest):
        if char in "“‘《（(":
            depth += 1
        elif char in "”’》）)":
            depth = max(0, depth - 1)
        elif not depth and (char in _SENTENCE_END or char in "：:"):
            return at
    return -1


def _blank_cut(rest: str) -> int:
    """Return the place of a blank that parts a heading from its text: 开展各类活动 2012年，我馆…"""
    for match in re.finditer(r"(?<=[\u4e00-\u9fff”》）]) +(?=[\u4e00-\u9fff\dxX“（(])", rest):
        left = rest[: match.start()]
        quoted = left.count("“") > left.count("”") or left.count("《") > left.count("》")
        if len(left) >= 5 and len(rest) - match.end() >= 6 and not quoted and not re.search("[。！？；]", left):
            return match.start()
    return 0


def _worded_cut(rest: str, rules: Rules, limit: int) -> int:
    """Return where a heading ends by its wording: 工作与成效|xx年，市科技局…"""
    for match in rules.heading_end.finditer(rest, 4, limit + 1):
        if len(rest) - match.start() >= rules.min_body:
            return match.start()
    return 0


def _reject_bodiless(pieces: Sequence[_Piece]) -> None:
    """A numbered sentence with nothing under it is an item, not a heading."""
    for at, piece in enumerate(pieces):
        if not piece.heading_end or piece.heading_end < len(piece.prose.text.rstrip()):
            continue
        following = pieces[at + 1] if at + 1 < len(pieces) else None
        ended = piece.prose.text.rstrip()[-1] in _SENTENCE_END
        if following is None:
            keep = not ended and piece.style in ("cn", "pcn", "part")
        else:
            keep = following.style != piece.style and not (ended and _outranks(following.style, piece.style))
        if not keep and (ended or piece.style in _WEAK):
            piece.heading_end = 0


def _outranks(style: str, other: str) -> bool:
    order = ("md1", "md2", "part", "cn", "md3", "pcn", "ar", "par", "circ", "shi", "")
    return style in order and other in order and bool(style) and order.index(style) < order.index(other)


def _judge_lists(pieces: Sequence[_Piece]) -> None:
    """Take the items of a list for headings only where most of them look like headings."""
    for style in _WEAK:
        run: list[_Piece] = []
        chars = 0
        for piece in [*pieces, _Piece(Prose("", ((0, 0),)), "end")]:
            if piece.style == style and (not run or piece.value == run[-1].value + 1):
                run.append(piece)
            elif piece.style == style or (piece.style and not _outranks(style, piece.style)):
                _settle(run, chars)
                run, chars = [piece] if piece.style == style else [], 0
            chars += len(piece.prose.text) if run else 0


def _settle(run: Sequence[_Piece], chars: int) -> None:
    if not run:
        return
    headed = sum(bool(piece.heading_end) for piece in run) >= _WEAK_SHARE * len(run)
    alone = all(piece.own_line and 0 < piece.heading_end - piece.mark_end <= _LONG_HEADING for piece in run)
    enough = _PARAGRAPH_ITEMS if alone else _LONG_ITEMS
    short = run[0].style == "shi" and (run[0].value != 1 or len(run) < 3 or chars < enough * len(run))
    if not headed or short:
        for piece in run:
            piece.heading_end = 0


def _assembled(pieces: Sequence[_Piece], rules: Rules) -> list[Section]:
    made: list[Section] = []
    stack: list[str] = []
    body: list[Prose] = []
    head: tuple[int, str, str, int] = (0, "", "", pieces[0].prose.line_at(0) if pieces else 0)

    def finish() -> None:
        if body or head[2]:
            made.append(Section(*head, tuple(body)))
        body.clear()

    for at, piece in enumerate(pieces):
        if piece.heading_end:
            finish()
            head = _head(piece, stack)
            if rest := piece.prose.cut(piece.heading_end):
                body += [rest] if rest.text else []
        else:
            if _opens_untitled(piece, head[2], bool(body or made), len(pieces) - at, rules):
                finish()
                head = (0, "", "", piece.prose.line_at(0))
            if piece.goes_on and body:
                body[-1] = joined((body[-1], piece.prose))
            else:
                body.append(piece.prose)
    finish()
    return made


def _head(piece: _Piece, stack: list[str]) -> tuple[int, str, str, int]:
    style = piece.style or "plain"
    if style == "plain":
        stack.clear()
    if style in stack:
        del stack[stack.index(style) + 1 :]
    else:
        stack.append(style)
    start = 0 if style == "lens" else piece.mark_end  # 【组织建设】 is its own mark
    number = piece.prose.text[:start].strip().lstrip("#").strip()
    heading = piece.prose.text[start : piece.heading_end].strip(" 【】").rstrip("。：:；;，,、 .．!！")
    return len(stack), number, heading, piece.prose.line_at(piece.mark_end)


def _opens_untitled(piece: _Piece, heading: str, begun: bool, left: int, rules: Rules) -> bool:
    text = piece.prose.text
    if not begun or piece.style or len(text) < _MIN_UNTITLED or re.search("问题|不足|困难|计划|打算|安排|下一步|今后|明年|设想|思路", heading):
        return False
    return any(pattern.match(text) and (role.value != "closing" or left <= 2) for role, pattern in rules.opens)
