"""What a fact file holds before anyone understands it: lines and table rows, each with its place.

All bounds on untrusted files stand here and in the readers beside it: nothing is unpacked or parsed before its size is known.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from kepudraft.errors import FactError
from kepudraft.figures.fold import fold

MAX_BYTES = 20 * 1024 * 1024
MAX_ITEMS = 5000
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
# A form feed or a line separator is a blank here: what counts as a line must be what an editor counts.
_TRADITIONAL_SHARE = 0.08  # of the Chinese characters
_BLANK = re.compile("[\x0b\x0c\x1c-\x1f\x85\xa0\u2000-\u200a\u2028\u2029\u202f\u205f]")
_FORMULA_ERROR = re.compile(r"#(?:REF!|VALUE!|DIV/0!|NAME\?|N/A|NUM!|NULL!|SPILL!|CALC!)", re.I)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line of prose or a list item; `context` is the heading or label that it stands under, `above` those over it."""

    text: str
    place: str
    context: str = ""
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A table row, every cell as text; "" for an empty one. `value` keeps what the cell shows (97.5%, 2025年5月24日)."""

    name: str
    value: str
    place: str
    unit: str = ""
    last: str = ""
    note: str = ""
    context: str = ""
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """A fact file taken apart.

    Attributes:
        file: Name as the user gave it.
        items: Lines and rows in the order of the file.
        fields: What the file says of the whole sheet (unit, unit_type, year, date), by key.
        remarks: What the reader noticed (an encoding, an ignored sheet), Chinese sentences.
        title: The heading at the top of the text, or "".
    """

    file: str
    items: tuple[RawLine | RawRecord, ...]
    fields: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    title: str = ""

    def joined(self, other: Material) -> Material:
        """This and then `other`; what this says of the whole sheet wins."""
        return replace(
            self, items=(*self.items, *other.items), fields={**other.fields, **self.fields},
            remarks=(*self.remarks, *other.remarks), title=self.title or ("" if self.items else other.title),
        )


def tidy(text: str) -> str:
    """`text` without what no eye sees: control, zero-width and bidirectional marks go, odd blanks become plain ones."""
    return _BLANK.sub(" ", _UNSEEN.sub("", text))


def decode(data: bytes, file: str) -> tuple[str, str]:
    """The text of `data` and the name of its encoding: UTF-8, UTF-16 (with or without mark) or GB18030.

    Raises:
        FactError: It is no text in any of these.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return tidy(_strictly(data, name, file)), name
    if data.count(0) > len(data) // 8:
        even, odd = data[0::2].count(0), data[1::2].count(0)
        return tidy(_strictly(data, "utf-16-le" if odd > even else "utf-16-be", file)), "utf-16"
    for name in ("utf-8", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return tidy(text), name
    # UTF-16 without mark and with few ASCII characters holds no zero bytes to tell it by.
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if _is_text(text) and _mostly_chinese(text):
            return tidy(text), "utf-16"
    raise FactError(
        "不是能识别的文本文件（UTF-8、GB18030、UTF-16 都读不通）", place=file, remedy="请另存为 UTF-8 编码的文本，或改用 .xlsx"
    )


def simplified(text: str) -> str:
    """A text in Traditional script in Simplified script, of the same length; any other text as it is.

    Labels, units and section words are known in Simplified script, in which the summary is written too. Single
    characters are no sign: 瞭望 and 乾隆 stand in Simplified text.
    """
    folded = fold(text)
    if folded == text:
        return text
    changed = sum(a != b and "\u4e00" <= a <= "\u9fff" for a, b in zip(text, folded, strict=True))
    return folded if changed > _TRADITIONAL_SHARE * sum("\u4e00" <= c <= "\u9fff" for c in text) else text


def _strictly(data: bytes, name: str, file: str) -> str:
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        raise FactError(
            f"按 {name} 编码读到第{error.start}字节时出错", place=file, remedy="文件可能已损坏，请另存为 UTF-8 编码后重试"
        ) from error
    if not _is_text(text):
        raise FactError("里面有不可见的二进制内容，不是文本文件", place=file, remedy="请另存为 .txt 或 .xlsx 后重试")
    return text


def _is_text(text: str) -> bool:
    """True unless control or private characters show that a wrong encoding was used or the file is binary."""
    strange = sum((c < " " and c not in "\t\r\n\f") or "\ue000" <= c <= "\uf8ff" or c == "\ufffd" for c in text)
    return "\x00" not in text and strange * 50 <= len(text)


def _mostly_chinese(text: str) -> bool:
    return sum("\u3000" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef" for c in text) * 2 > len(text)


def refuse_formula_error(text: str, place: str) -> None:
    """Refuse a cell or line that shows a spreadsheet's error (#REF!) in place of a value.

    Raises:
        FactError: It does.
    """
    if found := _FORMULA_ERROR.search(text):
        raise FactError(f"公式出错（{found[0]}）", place=place, remedy="请改正公式，或直接填写数值")


def refuse_too_many(count: int, file: str) -> None:
    """Refuse a file with more lines or rows than any unit's year can have.

    Raises:
        FactError: `count` has reached MAX_ITEMS.
    """
    if count >= MAX_ITEMS:
        raise FactError(f"超过{MAX_ITEMS}行", place=file, remedy="请只保留本单位本年度的事实")
