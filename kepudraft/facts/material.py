"""What a fact file holds before anyone understands it: lines and table rows, each with its place.

All bounds on untrusted files stand here and in the readers beside it: nothing is unpacked or parsed before its size is known.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field

from kepudraft.errors import FactError

MAX_BYTES = 20 * 1024 * 1024
MAX_ITEMS = 5000
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line of prose or a list item; `context` is the heading or label that it stands under."""

    text: str
    place: str
    context: str = ""


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


@dataclass(frozen=True, slots=True)
class Material:
    """A fact file taken apart.

    Attributes:
        file: Name as the user gave it.
        items: Lines and rows in the order of the file.
        fields: What the file says of the whole sheet (unit, unit_type, year, date), by key.
        remarks: What the reader noticed (an encoding, an ignored sheet), Chinese sentences.
    """

    file: str
    items: tuple[RawLine | RawRecord, ...]
    fields: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def decode(data: bytes, file: str) -> tuple[str, str]:
    """The text of `data` and the name of its encoding: UTF-8, UTF-16 (with or without mark) or GB18030.

    Raises:
        FactError: It is no text in any of these.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _strictly(data, name, file), name
    if data.count(0) > len(data) // 8:
        even, odd = data[0::2].count(0), data[1::2].count(0)
        return _strictly(data, "utf-16-le" if odd > even else "utf-16-be", file), "utf-16"
    for name in ("utf-8", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return text, name
    # UTF-16 without mark and with few ASCII characters holds no zero bytes to tell it by.
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if _is_text(text) and _mostly_chinese(text):
            return text, "utf-16"
    raise FactError(
        "不是能识别的文本文件（UTF-8、GB18030、UTF-16 都读不通）", place=file, remedy="请另存为 UTF-8 编码的文本，或改用 .xlsx"
    )


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
