"""A draft as the lines that are printed: what every renderer walks, so that all formats say the same in the same order.

In comes a `Draft`, out go `Line`s whose pieces know their place in `draft.text` and their sentence. Facts are not to be
trusted: `printable` replaces what a document must not hold, one character for one, so that spans stay valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kepudraft.assemble import Draft, Section
from kepudraft.compose.passage import Sentence
from kepudraft.facts.sheet import FactSheet

DATE_MISSING = "【待补充：成文日期】"

_GAP = re.compile(r"(【待补充[^】\n]*】)")
# Line ends other than \n, and the tab: a reader shows them as a break or as code, so they become a blank.
_BLANKS = re.compile("[\t\r\x0b\x0c\x85\u2028\u2029]")
# What XML 1.0 forbids, lone surrogates among it; and the marks that turn the reading direction: 12 would be read as 21.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


class Kind(StrEnum):
    """What a printed line is."""

    TITLE = "title"
    HEADING = "heading"
    BODY = "body"
    UNIT = "unit"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one line.

    Attributes:
        text: As in the draft, without a line break.
        start: Where it begins in `draft.text`; -1 in the signature, which is no part of it.
        sentence: The sentence that it belongs to; None in title, headings and signature.
    """

    text: str
    start: int
    sentence: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Printable text, and whether it is a 【待补充：…】 that a person has to see at once."""

    text: str
    is_gap: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line (a paragraph).

    Attributes:
        kind: What it is.
        pieces: Its text in order; at least one, with the text "" for an empty paragraph.
        level: 1 for a section's heading, 2 for a part's …; 0 for everything else.
        number: Printed numbers of the section and of those above it: 二、（一）; "" outside numbered sections.
    """

    kind: Kind
    pieces: tuple[Piece, ...]
    level: int = 0
    number: str = ""

    @property
    def text(self) -> str:
        """The line as it stands in the draft."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def runs(self) -> tuple[Run, ...]:
        """The line as it may be printed, its gaps set apart."""
        return tuple(run for piece in self.pieces for run in _runs(piece))


def lines(draft: Draft) -> tuple[Line, ...]:
    """Title, headings and paragraphs in order; their texts joined by line breaks are exactly `draft.text`."""
    found: list[Line] = []
    start = 0
    for line in (*_split(Line(Kind.TITLE, (Piece(draft.title, 0),))), *_sections(draft.sections, "")):
        placed: list[Piece] = []
        for piece in line.pieces:
            placed.append(Piece(piece.text, start, piece.sentence))
            start += len(piece.text)
        start += 1
        found.append(Line(line.kind, tuple(placed), line.level, line.number))
    return tuple(found)


def signature(sheet: FactSheet) -> tuple[Line, ...]:
    """The unit's name and the date (2025年1月6日), a line each; without a date, 【待补充：成文日期】."""
    date = "{}年{}月{}日".format(*sheet.date) if sheet.date else DATE_MISSING
    return tuple(
        line
        for kind, text in ((Kind.UNIT, sheet.unit), (Kind.DATE, date))
        for line in _split(Line(kind, (Piece(text, -1),)))
    )


def printable(text: str) -> str:
    """The text of the same length with blanks for stray line ends and U+FFFD for what no document may hold."""
    return _FORBIDDEN.sub("\ufffd", _BLANKS.sub(" ", text))


def _sections(sections: tuple[Section, ...], above: str) -> Iterator[Line]:
    for section in sections:
        number = above + section.number
        if section.heading:
            heading = Piece(section.number + section.heading, 0)
            yield from _split(Line(Kind.HEADING, (heading,), section.level, number))
        for paragraph in section.passage.paragraphs:
            pieces = tuple(Piece(s.text, 0, s) for s in paragraph) or (Piece("", 0),)
            yield from _split(Line(Kind.BODY, pieces, 0, number))
        yield from _sections(section.parts, number)


def _split(line: Line) -> Iterator[Line]:
    """The line cut at line breaks inside its pieces (a fact may hold one)."""
    pieces: list[Piece] = []
    for piece in line.pieces:
        first, *rest = piece.text.split("\n")
        pieces.append(Piece(first, piece.start, piece.sentence))
        for text in rest:
            yield Line(line.kind, tuple(pieces), line.level, line.number)
            pieces = [Piece(text, piece.start, piece.sentence)]
    yield Line(line.kind, tuple(pieces), line.level, line.number)


def _runs(piece: Piece) -> Iterator[Run]:
    text = printable(piece.text)
    whole = piece.sentence is not None and piece.sentence.gap and not _GAP.search(text)
    for part in (text,) if whole else _GAP.split(text):
        if part:
            yield Run(part, bool(whole or _GAP.fullmatch(part)))
