"""Folds full-width forms and Traditional script to one form, character for character, so that offsets hold.

The Chinese comma is not folded: 展板50，300人 is two figures. The one exception can be no second figure: full-width
digits whose next group begins with a zero (１２，０００).
"""

from __future__ import annotations

import re
from functools import cache

from kepudraft.figures.tables import FOLDER, read_table

_WIDE = "０１２３４５６７８９％﹪．＊×✕／　\xa0○Ο◯"
_NARROW = "0123456789%%.*xx/  〇〇〇"


_KEPT = frozenset("只才几干后里面周云系台游出制卷志丑")
"""Simplified characters that are right in Traditional text too, in one of their meanings."""

_WIDE_GROUP = re.compile(r"(?<=[０-９])，(?=０[０-９]{2}(?![０-９]))")


@cache
def _folding() -> tuple[list[int], re.Pattern[str]]:
    """The map by code point, and a pattern that finds the first character to be folded.

    A list is twice as fast as a dict, in which every character that is not folded would be a miss.
    """
    table = read_table(FOLDER / "traditional.toml")
    old, new = ("".join(str(table.data.get(key, "")).split()) for key in ("traditional", "simplified"))
    if not old or len(old) != len(new):
        raise table.fail(f"繁简字数不等（{len(old)}与{len(new)}）", "simplified")
    letters = {0xFF21 + n: chr(0x41 + n) for n in range(26)} | {0xFF41 + n: chr(0x61 + n) for n in range(26)}
    pairs = dict(zip(map(ord, old), new, strict=True)) | letters
    pairs |= dict(zip(map(ord, _WIDE), _NARROW, strict=True))
    folded = list(range(0x10000))
    for code, char in pairs.items():
        folded[code] = ord(char)
    return folded, re.compile("[" + "".join(re.escape(chr(code)) for code in pairs) + "]")


def fold(text: str) -> str:
    """The text in simplified script and half-width digits and letters, of the same length."""
    folded, wanted = _folding()
    if "，０" in text:
        text = _WIDE_GROUP.sub(",", text)
    return text.translate(folded) if wanted.search(text) else text


def traditional(text: str) -> str:
    """The text in Traditional script, character for character; good enough for twins in tests, not for readers."""
    table = read_table(FOLDER / "traditional.toml")
    old, new = ("".join(str(table.data[key]).split()) for key in ("traditional", "simplified"))
    back: dict[int, str] = {}
    for char, simple in zip(old, new, strict=True):
        if simple not in _KEPT:
            back.setdefault(ord(simple), char)
    return text.translate(back)
