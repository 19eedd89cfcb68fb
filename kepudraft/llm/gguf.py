"""Looks at a GGUF file before llama.cpp does: that library says nothing of what is wrong with one.

Layout: magic, version, number of tensors, number of entries; the entries; for each tensor its name, shape, type and
offset; then, aligned, the tensors' data.
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path
from typing import BinaryIO

from kepudraft.errors import SettingsError, os_reason

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # bytes of a value of each plain type
_ALIGNMENT = 32
_MOST = 1 << 20  # entries, tensors: no model has more
_LONGEST = 1 << 16  # bytes of a name
_ENDS = 1 << 20  # bytes at either end that identify a file
_DOWNLOAD = "请重新下载这个文件"


def check_gguf(path: Path) -> None:
    """Refuse a file that cannot be a whole model.

    Raises:
        SettingsError: It is missing, is no GGUF file, or ends too early.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            if file.read(4) != _MAGIC:
                raise SettingsError("这不是 GGUF 模型文件", place=str(path), remedy="请下载 .gguf 格式的对话模型")
            try:
                begins = _last_tensor(file)
            except (struct.error, ValueError, OverflowError, RecursionError) as error:
                raise SettingsError("模型文件的开头损坏或不全", place=str(path), remedy=_DOWNLOAD) from error
    except FileNotFoundError as error:
        raise SettingsError("没有这个模型文件", place=str(path), remedy="请检查路径") from error
    except OSError as error:
        raise SettingsError(f"模型文件读不了（{os_reason(error)}）", place=str(path), remedy="请检查路径和权限") from error
    if size <= begins:
        raise SettingsError(
            f"模型文件不全：只有{size / 1e6:.0f}兆字节，后面的缺了", place=str(path), remedy=f"下载可能中断了，{_DOWNLOAD}"
        )


def fingerprint(path: Path) -> str:
    """Twelve hex digits by which a model file is told from others: from its size and both ends, as reading all takes long."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        digest.update(f"{size}:".encode() + file.read(_ENDS))
        file.seek(max(0, size - _ENDS))
        digest.update(file.read(_ENDS))
    return digest.hexdigest()[:12]


def _last_tensor(file: BinaryIO) -> int:
    """Where in the file the data of its last tensor begins."""
    (version,) = _numbers(file, "<I")
    tensors, entries = _numbers(file, "<QQ")
    if version not in _VERSIONS or not 0 < tensors <= _MOST or entries > _MOST:
        raise ValueError("header")
    alignment = _ALIGNMENT
    for _ in range(entries):
        name = _string(file)
        (kind,) = _numbers(file, "<I")
        if name == b"general.alignment" and kind == 4:
            (alignment,) = _numbers(file, "<I")
        else:
            _skip(file, kind)
    last = 0
    for _ in range(tensors):
        _string(file)
        (dimensions,) = _numbers(file, "<I")
        if dimensions > 8:
            raise ValueError("dimensions")
        *_, offset = _numbers(file, f"<{dimensions}QIQ")
        last = max(last, offset)
    if not 0 < alignment <= _MOST:
        raise ValueError("alignment")
    return -(-file.tell() // alignment) * alignment + last


def _numbers(file: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _string(file: BinaryIO) -> bytes:
    (length,) = _numbers(file, "<Q")
    if length > _LONGEST:
        raise ValueError("string")
    return file.read(length)


def _skip(file: BinaryIO, kind: int) -> None:
    """Go over one value."""
    count, of = 1, kind
    if kind == _ARRAY:
        (of,) = _numbers(file, "<I")
        (count,) = _numbers(file, "<Q")
    if of == _STRING:
        for _ in range(count):
            (length,) = _numbers(file, "<Q")
            file.seek(length, os.SEEK_CUR)
    elif of in _SIZES:
        file.seek(count * _SIZES[of], os.SEEK_CUR)
    else:  # arrays of arrays: no model has them
        raise ValueError("type")
