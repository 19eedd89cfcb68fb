"""What must hold of an Office file before any part of it is parsed: it is a zip archive, and not a bomb."""

from __future__ import annotations

import zipfile
from pathlib import Path

from kepudraft.errors import FactError, os_reason

_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_MARKUP = 40 * 1024 * 1024  # the parts that are parsed; a unit's year needs less than one megabyte
_MAX_PARTS = 5000
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def check_zip(path: Path, file: str) -> None:
    """Refuse what is no Office file and what would unpack beyond all measure.

    Raises:
        FactError: The file cannot be read, is no zip archive, is encrypted, or is a zip bomb.
    """
    try:
        with path.open("rb") as opened:
            head = opened.read(8)
    except OSError as error:
        raise FactError(f"读不了文件（{os_reason(error)}）", place=str(path), remedy="请检查文件权限") from error
    if not head:
        raise FactError("文件是空的", place=file, remedy="请填写事实后重试")
    if head == _OLD_OFFICE:
        raise FactError("加了密码，或是旧版格式", place=file, remedy="请去掉密码，并另存为 .xlsx 或 .docx")
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        what = "已损坏，打不开" if head.startswith(b"PK") else "不是有效的 Office 文件"
        raise FactError(what, place=file, remedy="请用 Excel 或 Word 打开后另存为 .xlsx 或 .docx；文本请把后缀改为 .csv 或 .txt") from error
    unpacked = sum(p.file_size for p in parts)
    markup = sum(p.file_size for p in parts if p.filename.lower().endswith((".xml", ".rels", ".vml")))
    if unpacked > _MAX_UNPACKED or markup > _MAX_MARKUP or len(parts) > _MAX_PARTS:
        raise FactError(
            f"解压后有{unpacked // 1_000_000}兆字节，超出正常大小，没有打开", place=file, remedy="请只保留数据，另存后重试"
        )
    if any(p.flag_bits & 1 for p in parts):
        raise FactError("加了密码", place=file, remedy="请去掉密码后重试")
