"""Bytes of a Chinese file -> text, whatever its encoding, and a word on what did not decode.

GB18030 reads almost any bytes, and Big5 bytes are among them: what tells them apart is how common the characters are.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cache

from kepudraft.errors import CorpusError
from kepudraft.figures.fold import fold

MAX_BYTES = 20 * 1024 * 1024
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_HAN = re.compile("[\u4e00-\u9fff]")
_SAMPLE = 20_000
_WORST_SHARE = 0.02  # of bytes that do not decode in a text that is still worth reading
_LATIN_MOJIBAKE = re.compile("[\xc2-\xef][\x80-\xbf\u2013-\u2122\u0152-\u0192\u02c6\u02dc]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding that gave it, and what was mended or lost on the way ("" if nothing)."""

    text: str
    encoding: str
    remark: str = ""


def decode(data: bytes, file: str) -> Decoded:
    """Return the text of `data` in UTF-8, UTF-16, GB18030, Big5 or HZ.

    Raises:
        CorpusError: It is no text, or garbled beyond use.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _mended(data.decode(name, "replace"), name, file)
    if data.count(0) > len(data) // 8:
        even, odd = data[0::2].count(0), data[1::2].count(0)
        return _mended(data.decode("utf-16-le" if odd > even else "utf-16-be", "replace"), "utf-16", file)
    if data.isascii() and b"~{" in data:
        return _mended(data.decode("hz", "replace"), "hz", file)
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") <= len(text) * _WORST_SHARE:
        return _mended(text, "utf-8", file)
    name, text = _likeliest(data)
    return _mended(text, name, file)


def _likeliest(data: bytes) -> tuple[str, str]:
    names = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
    read = [(name, data.decode(name, "replace")) for name in names]
    return max(read, key=lambda pair: _commonness(pair[1]))


def _commonness(text: str) -> float:
    """Return the share of characters that are common in Chinese text, of either script."""
    sample = fold(text[:_SAMPLE])
    han = _HAN.findall(sample)
    good = sum(char in _common() for char in han) + sum(" " <= char <= "~" or char in "\n\r\t　，。、；：“”（）《》" for char in sample)
    return good / max(len(sample), 1)


@cache
def _common() -> frozenset[str]:
    """Return the characters of GB 2312, level 1: those that people write."""
    return frozenset(bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))


def _mended(text: str, encoding: str, file: str) -> Decoded:
    strange = sum((c < " " and c not in "\t\r\n\f") or "\ue000" <= c <= "\uf8ff" or c == "\ufffd" for c in text)
    if strange > len(text) * _WORST_SHARE:
        raise CorpusError("不是能识别的文本（UTF-8、GB18030、Big5、UTF-16 都读不通）", place=file,
                          remedy="请另存为 UTF-8 编码的 .txt 后重试")
    if len(_LATIN_MOJIBAKE.findall(text)) * 8 > len(text) and (again := _undone(text)):
        return Decoded(again, encoding, "原文是乱码（UTF-8 被当作西文保存），已经还原")
    if strange:
        return Decoded(text, encoding, "")
    return Decoded(text, encoding)


def _undone(text: str) -> str:
    """Return text that was read as cp1252 or Latin-1 though it was UTF-8; "" if it was something else."""
    for name in ("cp1252", "latin-1"):
        try:
            return text.encode(name).decode("utf-8")
        except UnicodeError:
            continue
    return ""
