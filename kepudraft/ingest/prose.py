"""Text that knows where it comes from: the types that the steps of taking in pass on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

PAGE = 10_000
"""A line of a PDF has the number page × PAGE + line on the page."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line (or block of markup) of a file.

    Attributes:
        number: From 1, as an editor counts; of a PDF see `PAGE`.
        text: Without its line break.
        linked: True if most of it stands inside links.
    """

    number: int
    text: str
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Prose:
    """Running text joined from lines.

    Attributes:
        text: The text.
        starts: Offset in `text` and number of the line that begins there, in order; the first offset is 0.
    """

    text: str
    starts: tuple[tuple[int, int], ...]

    def line_at(self, offset: int) -> int:
        """Return the number of the line that holds the character at `offset`."""
        return self.starts[max(0, bisect_right(self.starts, (offset, 1 << 60)) - 1)][1]

    def cut(self, start: int, end: int | None = None) -> Prose:
        """Return the part from `start` to `end`, without blanks at its ends."""
        end = len(self.text) if end is None else end
        piece = self.text[start:end]
        start += len(piece) - len(piece.lstrip())
        piece = piece.strip()
        inside = [(max(0, at - start), line) for at, line in self.starts if start < at < start + len(piece)]
        return Prose(piece, ((0, self.line_at(start)), *inside))

    def mapped(self, text: str) -> Prose:
        """Return other wording of the same text; lines are kept in proportion."""
        scale = len(text) / max(len(self.text), 1)
        return Prose(text, tuple((round(at * scale), line) for at, line in self.starts))


def prose(line: Line) -> Prose:
    """Return the text of one line, without blanks at its ends."""
    return Prose(line.text.strip(), ((0, line.number),))


def joined(pieces: Iterable[Prose]) -> Prose:
    """Return pieces as one running text; a blank stands only between two Latin letters or digits."""
    text, starts = "", list[tuple[int, int]]()
    for piece in pieces:
        if text and piece.text and text[-1].isascii() and text[-1].isalpha() and piece.text[0].isascii():
            text += " "
        starts += [(len(text) + at, line) for at, line in piece.starts]
        text += piece.text
    return Prose(text, tuple(starts))


def place(number: int) -> str:
    """Return where a line is, for people."""
    page, line = divmod(number, PAGE)
    return f"第{page}页第{line}行" if page else f"第{line}行"
