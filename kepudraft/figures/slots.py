"""Figures taken out of a text and put back: named slots for drafting, 〔数〕 for exemplars.

A slot is written ⟦F1⟧. Brackets of that form which already stand in a text become slots of their own, so that
`fill(*cut(text)) == text` holds for every text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kepudraft.figures.figure import Figure
from kepudraft.figures.scan import scan

MASK = "〔数〕"
_SLOT = re.compile("⟦F[0-9]+⟧")
_RUN_OF_MASKS = re.compile("(?:〔数〕){2,}")


@dataclass(frozen=True, slots=True)
class Slot:
    """One figure that was taken out.

    Attributes:
        name: F1, F2 … in the order of the text.
        surface: What stood there.
        figure: The figure, spans into the text it was cut from; None for a bracket that looked like a slot.
    """

    name: str
    surface: str
    figure: Figure | None

    @property
    def mark(self) -> str:
        """How the slot is written in a template."""
        return f"⟦{self.name}⟧"


class CutText(NamedTuple):
    """A text with slots for its figures; a pair, so that `fill(*cut(text))` reads as it should."""

    template: str
    slots: tuple[Slot, ...]


def cut(text: str) -> CutText:
    """Take every figure out of a text, dates included."""
    pieces: list[str] = []
    slots: list[Slot] = []
    place = 0
    for start, end, figure in _places(text):
        slot = Slot(f"F{len(slots) + 1}", text[start:end], figure)
        pieces += (text[place:start], slot.mark)
        slots.append(slot)
        place = end
    return CutText("".join((*pieces, text[place:])), tuple(slots))


def fill(template: str, slots: Sequence[Slot]) -> str:
    """Put the surfaces back.

    Raises:
        KeyError: The template names a slot that is not given.
    """
    surfaces = {slot.mark: slot.surface for slot in slots}
    return _SLOT.sub(lambda match: surfaces[match[0]], template)


def mask(text: str) -> str:
    """The text with 〔数〕 in place of every figure, dates too; figures side by side give one mask."""
    pieces: list[str] = []
    place = 0
    for figure in scan(text).figures:
        pieces += (text[place : figure.span.start], MASK)
        place = figure.span.end
    return _RUN_OF_MASKS.sub(MASK, "".join((*pieces, text[place:])))


def _places(text: str) -> list[tuple[int, int, Figure | None]]:
    """Where slots go, in order and without overlap."""
    found: list[tuple[int, int, Figure | None]] = [
        (match.start(), match.end(), None) for match in _SLOT.finditer(text)
    ]
    taken = [(start, end) for start, end, _ in found]
    for figure in scan(text).figures:
        start, end = figure.span.start, figure.span.end
        if not any(start < right and left < end for left, right in taken):
            found.append((start, end, figure))
    return sorted(found, key=lambda place: place[0])
