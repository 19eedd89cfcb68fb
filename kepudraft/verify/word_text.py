"""The text of a Word file, every character of which knows the run that it stands in: what is judged and what is marked are one.

A paragraph is a line, a table row too, with its cells parted by a wide blank; a cell merged over several rows or columns
is read once. The document itself is not changed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kepudraft.facts.material import tidy
from kepudraft.facts.word import damage_told, open_document

APPENDIX_STYLE = "核对表题"
"""Style of the paragraph that stands over the figure table of an exported file: the summary ends before it."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BLOCK_WRAPPERS = (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml")
_TEXTS = {f"{_W}tab": "\t", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
_CELL_GAP = "　"


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one run: `start` in the whole text, `raw` as it stands in the file, `run` its w:r element."""

    start: int
    raw: str
    run: Any


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A document with its text.

    Attributes:
        document: As opened (python-docx).
        text: One paragraph or table row a line, without what no eye sees.
        pieces: The runs in order; what parts lines and cells is in none.
    """

    document: Any
    text: str
    pieces: tuple[Piece, ...]

    def runs(self, start: int, end: int) -> tuple[Stretch, ...]:
        """The runs that hold `text[start:end]`, each with the part of its raw text that does."""
        found = []
        first = max(0, bisect_right([p.start for p in self.pieces], start) - 1)
        for piece in self.pieces[first:]:
            if piece.start >= end:
                break
            shown = tidy(piece.raw)
            low, high = max(0, start - piece.start), min(len(shown), end - piece.start)
            if low < high:
                found.append(Stretch(piece.run, _raw_offset(piece.raw, low), _raw_offset(piece.raw, high - 1) + 1))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a run's raw text: `run_text[start:end]`."""

    run: Any
    start: int
    end: int


def read_placed(path: Path) -> PlacedText:
    """The text of a .docx file with its places.

    Raises:
        FactError: As `facts.word.open_document`.
    """
    document = open_document(path, path.name)
    with damage_told(path.name):
        lines = list(_lines(document))
    texts: list[str] = []
    pieces: list[Piece] = []
    size = 0
    for n, line in enumerate(lines):
        if n:
            texts.append("\n")
            size += 1
        for run, raw in line:
            shown = tidy(raw)
            if run is not None and shown:
                pieces.append(Piece(size, raw, run))
            texts.append(shown)
            size += len(shown)
    return PlacedText(document, "".join(texts), tuple(pieces))


def shown_by(child: Any) -> str:  # noqa: ANN401 - lxml is untyped
    """The text that a child of a run shows; "" for its properties, a picture, a page break."""
    if child.tag == f"{_W}t":
        return child.text or ""
    if child.tag == f"{_W}br":
        return "\n" if child.get(f"{_W}type", "textWrapping") == "textWrapping" else ""
    return _TEXTS.get(child.tag, "")


_Line = list[tuple[Any, str]]


def _lines(document: Any) -> Iterator[_Line]:  # noqa: ANN401
    over = {s.style_id for s in document.styles if s.name == APPENDIX_STYLE}
    for block in _blocks(document.element.body):
        if block.tag == f"{_W}tbl":
            yield from (_row(tr) for tr in block.iter(f"{_W}tr") if _parent(tr, "tbl") is block)
            continue
        style = block.find(f"{_W}pPr/{_W}pStyle")
        if style is not None and style.get(f"{_W}val") in over:
            return
        yield _paragraph(block)


def _blocks(parent: Any) -> Iterator[Any]:  # noqa: ANN401
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in _BLOCK_WRAPPERS:
            yield from _blocks(child)


def _paragraph(paragraph: Any) -> _Line:  # noqa: ANN401
    runs = (r for r in paragraph.iter(f"{_W}r") if _parent(r, "p") is paragraph)
    return [(run, "".join(shown_by(child) for child in run)) for run in runs]


def _row(row: Any) -> _Line:  # noqa: ANN401
    line: _Line = []
    cells = [tc for tc in row.iter(f"{_W}tc") if _parent(tc, "tr") is row and not _continues(tc)]
    for n, cell in enumerate(cells):
        if n:
            line.append((None, _CELL_GAP))
        for m, paragraph in enumerate(p for p in _blocks(cell) if p.tag == f"{_W}p"):
            if m:
                line.append((None, "\n"))
            line += _paragraph(paragraph)
    return line


def _continues(cell: Any) -> bool:  # noqa: ANN401
    """True for a cell that goes on the one above it."""
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    return merge is not None and merge.get(f"{_W}val", "continue") == "continue"


def _parent(element: Any, name: str) -> Any:  # noqa: ANN401
    return next(element.iterancestors(_W + name), None)


def _raw_offset(raw: str, offset: int) -> int:
    """Where the character stands in `raw` that `tidy(raw)` has at `offset`."""
    if len(tidy(raw)) == len(raw):
        return offset
    seen = -1
    for n, character in enumerate(raw):
        seen += len(tidy(character))
        if seen == offset:
            return n
    return len(raw) - 1
