"""A draft to be checked, from a file: .txt .md .docx -> plain text, one paragraph a line."""

from __future__ import annotations

import re
from pathlib import Path

from kepudraft.errors import DraftTextError, FactError
from kepudraft.facts.archive import check_zip
from kepudraft.facts.material import MAX_BYTES, decode

_MARKDOWN = re.compile(r"^#{1,6}[ \t]+|\*\*|^[ \t]*>[ \t]?", re.M)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~<])")


def read_text(path: Path) -> str:
    """The text of a draft file; Markdown marks are taken off, so that offsets count what a reader sees.

    Raises:
        DraftTextError: The file is missing, empty, too large, binary or in an unknown encoding.
    """
    try:
        return _read(path)
    except FactError as error:
        raise DraftTextError(error.what, place=error.place, remedy=error.remedy) from error


def _read(path: Path) -> str:
    name = path.name
    if not path.is_file():
        raise DraftTextError("找不到文件", place=str(path), remedy="请检查路径")
    if path.stat().st_size > MAX_BYTES:
        raise DraftTextError(f"超过{MAX_BYTES // 1_048_576}兆字节", place=name, remedy="请只留要核对的文字")
    if path.suffix.lower() == ".docx":
        text = _docx(path)
    else:
        data = path.read_bytes()
        if data[:4] == b"PK\x03\x04":
            raise DraftTextError("是 Office 或压缩文件，不是文本", place=name, remedy="Word 文件请以 .docx 为后缀")
        text, _ = decode(data, name) if data else ("", "")
        if path.suffix.lower() in (".md", ".markdown"):
            text = _ESCAPED.sub(r"\1", _MARKDOWN.sub("", text))
    if not text.strip():
        raise DraftTextError("文件是空的", place=name, remedy="请给出要核对的文字")
    return text


def _docx(path: Path) -> str:
    from docx import Document
    from docx.table import Table

    check_zip(path, path.name)
    try:
        blocks = list(Document(str(path)).iter_inner_content())
    except Exception as error:  # python-docx raises whatever zipfile and lxml raise on a damaged file
        raise DraftTextError("打不开这个 Word 文件", place=path.name, remedy="请用 Word 打开后另存为 .docx") from error
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            lines += ["　".join(cell.text for cell in row.cells) for row in block.rows]
        else:
            lines.append(block.text)
    return "\n".join(lines)
