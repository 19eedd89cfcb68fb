"""A draft to be checked, from a file: .txt .md .docx -> plain text, one paragraph a line."""

from __future__ import annotations

import re
from pathlib import Path

from kepudraft.errors import DraftTextError, FactError, os_reason
from kepudraft.facts.material import MAX_BYTES, decode

_MARKDOWN = re.compile(r"^#{1,6}[ \t]+|\*\*|^[ \t]*>[ \t]?", re.M)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~<])")
_OTHER_OFFICE = (".doc", ".wps", ".pdf", ".rtf", ".xls", ".xlsx", ".pptx")


def read_text(path: Path) -> str:
    """The text of a draft file; Markdown marks are taken off, so that offsets count what a reader sees.

    Raises:
        DraftTextError: The file is missing, empty, too large, binary or in an unknown encoding.
    """
    try:
        text = _read(path)
    except FactError as error:
        remedy = error.remedy.replace("请填写事实后重试", "请给出要核对的文字")
        raise DraftTextError(error.what, place=error.place, remedy=remedy) from error
    except OSError as error:
        raise DraftTextError(f"读不了文件（{os_reason(error)}）", place=str(path), remedy="请检查文件权限") from error
    if not text.strip():
        raise DraftTextError("文件是空的", place=path.name, remedy="请给出要核对的文字")
    return text


def _read(path: Path) -> str:
    name, suffix = path.name, path.suffix.lower()
    if path.is_dir():
        raise DraftTextError("是文件夹，不是文件", place=str(path)[:80], remedy="请给出一份文稿")
    if not path.is_file():
        raise DraftTextError("找不到文件", place=str(path)[:80], remedy="请检查路径")
    if path.stat().st_size > MAX_BYTES:
        raise DraftTextError(f"超过{MAX_BYTES // 1_048_576}兆字节", place=name, remedy="请只留要核对的文字")
    if suffix == ".docx":
        return _docx(path)
    if suffix in _OTHER_OFFICE:
        raise DraftTextError(f"不能读取 {suffix} 文件", place=name, remedy="请另存为 .docx 或 .txt")
    data = path.read_bytes()
    if data[:4] == b"PK\x03\x04":
        raise DraftTextError("是 Office 或压缩文件，不是文本", place=name, remedy="Word 文件请以 .docx 为后缀")
    text, _ = decode(data, name) if data else ("", "")
    return _ESCAPED.sub(r"\1", _MARKDOWN.sub("", text)) if suffix in (".md", ".markdown") else text


def _docx(path: Path) -> str:
    from kepudraft.verify.word_text import read_placed

    return read_placed(path).text
