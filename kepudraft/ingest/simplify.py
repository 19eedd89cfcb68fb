"""Traditional script to Simplified, and the wording that a converter put in back to what it was.

Pages in Traditional script on this subject are mostly Simplified pages run through a converter, which also changes
words (項目 to 專案). Only what a converter surely made is put back at once; words that are right elsewhere too are put
back only in a text that shows the converter's hand and lacks the right word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from kepudraft.figures.fold import fold
from kepudraft.ingest.prose import Line, Prose
from kepudraft.ingest.rules import load_rules

_HAN = re.compile("[\u4e00-\u9fff]")
_TRADITIONAL_SHARE = 0.08
_SURE_WORDS = 2
_ASCII_MARKS = re.compile(r"(?<=[\u4e00-\u9fff”’》）)\d])([,;:?!])(?=[\u4e00-\u9fff“‘《（(\d]|$)(?<!\d[,:](?=\d))")
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}


@dataclass(frozen=True, slots=True)
class Restoring:
    """The words to be put back in one file, longest first; empty where no converter was at work."""

    words: tuple[tuple[str, str], ...] = ()

    def text(self, text: str) -> str:
        """Return a text with the words put back."""
        for old, new in self.words:
            text = text.replace(old, new)
        return text

    def prose(self, piece: Prose) -> Prose:
        """Return prose with the words put back."""
        text = self.text(piece.text)
        return piece if text == piece.text else piece.mapped(text)


def is_traditional(lines: Sequence[Line]) -> bool:
    """Tell whether a text is in Traditional script."""
    sample = "".join(_HAN.findall("".join(line.text for line in lines)[:20_000]))
    changed = sum(a != b for a, b in zip(sample, fold(sample), strict=True))
    return changed > len(sample) * _TRADITIONAL_SHARE


def simplified(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return lines in Simplified script, each as long as it was."""
    return tuple(replace(line, text=_simple(line.text)) for line in lines)


def converter_words(lines: Sequence[Line], *, traditional: bool) -> Restoring:
    """Return the words of a converter that are to be put back in these lines (already simplified)."""
    text = "\n".join(line.text for line in lines)
    rules = load_rules()
    sure = tuple((old, new) for old, new in rules.converter_sure if old != new and old in text)
    if not sure or (not traditional and len(sure) < _SURE_WORDS + 1):
        return Restoring()
    likely = tuple((o, n) for o, n in rules.converter_likely if len(sure) >= _SURE_WORDS and o in text and n not in text)
    return Restoring((*sure, *likely))


def with_full_marks(text: str) -> str:
    """Return a text in which ASCII punctuation between Chinese characters is full-width, as long as it was."""
    return _ASCII_MARKS.sub(lambda m: _FULL[m[1]], text)


def _simple(text: str) -> str:
    converted: str = _converter().convert(text)
    return converted if len(converted) == len(text) else fold(text)


@cache
def _converter() -> Any:  # noqa: ANN401 - opencc has no types
    from opencc import OpenCC

    return OpenCC("t2s")
