"""What is shown: lines of plain text that a terminal of any kind, a pipe or a screen reader takes; colour only repeats what words say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kepudraft.facts.material import tidy

_WIDE = 120  # columns from which on two things stand side by side
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u2066-\u2069\ud800-\udfff]")


class Tone(StrEnum):
    """How a line is meant; the value is its style where there is colour."""

    PLAIN = ""
    HEAD = "bold"
    ASK = "bold cyan"
    GOOD = "green"
    WARN = "yellow"
    BAD = "bold red"
    FAINT = "dim"


Piece = tuple[str, Tone]
"""Text and how it is meant."""
Row = Sequence[Piece]
"""One line of several pieces."""


class Screen:
    """Shows lines on a console.

    Args:
        console: Of rich; its width, colour and file are its own business.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._streaming = False

    @property
    def is_wide(self) -> bool:
        """True if two columns of text find room."""
        return self._console.is_terminal and not self._console.is_dumb_terminal and self._console.width >= _WIDE

    def say(self, text: str = "", tone: Tone = Tone.PLAIN) -> None:
        """One or more lines; the terminal breaks them."""
        self.row([(text, tone)])

    def row(self, pieces: Row) -> None:
        """One line of pieces, each in its own tone."""
        self.end()
        # soft_wrap: lines stay whole in a pipe and for a screen reader.
        self._console.print(_line(pieces), soft_wrap=True)

    def rows(self, rows: Sequence[Row], *, indent: str = "  ") -> None:
        """Lines whose pieces stand under one another, but for the last, which is as long as it is."""
        columns = max((len(r) for r in rows), default=0) - 1
        widths = [max((cell_len(plain(r[i][0])) for r in rows if i < len(r) - 1), default=0) for i in range(columns)]
        for row in rows:
            padded = [(t + " " * (widths[i] - cell_len(plain(t)) + 2), tone) for i, (t, tone) in enumerate(row[:-1])]
            self.row([(indent, Tone.PLAIN), *padded, row[-1]])

    def beside(self, left: Sequence[Row], right: Sequence[Row]) -> None:
        """Two blocks: side by side where there is room, else one after the other."""
        if not self.is_wide or not left or not right:
            for row in (*left, *right):
                self.row(row)
            return
        self.end()
        grid = Table.grid(padding=(0, 3, 0, 0), expand=True)
        grid.add_column(ratio=3, overflow="fold")
        grid.add_column(ratio=2, overflow="fold")
        grid.add_row(Text("\n").join(map(_line, left)), Text("\n").join(map(_line, right)))
        self._console.print(grid)

    def stream(self, piece: str) -> None:
        """A piece of prose as it grows."""
        self._streaming = True
        self._console.print(Text(plain(piece)), end="", soft_wrap=True)

    def end(self) -> None:
        """End the line of what was streamed."""
        if self._streaming:
            self._streaming = False
            self._console.print()


def plain(text: str) -> str:
    """Text without anything that steers a terminal or turns the reading direction; line breaks stay."""
    return _CONTROL.sub("", tidy(text.replace("\t", " ")))


def _line(pieces: Row) -> Text:
    # Text, not markup: a fact may hold [red].
    made = Text()
    for text, tone in pieces:
        made.append(plain(text), style=tone.value)
    return made
