"""Files that are written whole or not at all.

All targets are checked before the first byte is written; then every file is written beside its target under another
name, and only when all are on the disk are they renamed. So a target is either old or new, never half.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kepudraft.errors import ExportError, os_reason

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write every file or none; each replaces its target at once.

    Args:
        contents: What to write where.

    Raises:
        ExportError: A target cannot be written to. Nothing has been written then; only where the system refused a
            rename that it had promised, some files are written already, and the message names them.
    """
    check(tuple(contents))
    with contextlib.ExitStack() as stack:
        written = [(stack.enter_context(_beside(target, data)), target) for target, data in contents.items()]
        for i, (temporary, target) in enumerate(written):
            with _explained(target, done=[path for _, path in written[:i]]):
                os.replace(temporary, os.path.realpath(target))


def write_chunks(target: Path, chunks: Iterable[bytes]) -> None:
    """Write one file piece by piece, whole or not at all: what is too long to be held at once.

    Raises:
        ExportError: It cannot be written; what stood there before stands there still.
    """
    check((target,))
    temporary = Path(os.path.realpath(target)).with_name(f".kepudraft-{secrets.token_hex(8)}.tmp")
    try:
        with _explained(target):
            with open(temporary, "xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, os.path.realpath(target))
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def check(targets: Iterable[Path]) -> None:
    """Refuse every target that is sure to fail, without writing anything.

    Raises:
        ExportError: For the first of them.
    """
    seen: set[str] = set()
    for target in targets:
        with _explained(target):
            real = os.path.realpath(target)
            if os.path.normcase(real) in seen:
                raise ExportError("同一个文件给了两次", place=shown(target), remedy="请给每种格式不同的文件名")
            seen.add(os.path.normcase(real))
            _check_folder(target, Path(real).parent)
            _check_target(target, Path(real))


def _check_folder(target: Path, folder: Path) -> None:
    if not folder.exists():
        raise ExportError(
            f"所在文件夹“{shown(folder)}”不存在", place=shown(target), remedy="请先建立这个文件夹，或改用已有的文件夹"
        )
    if not folder.is_dir():
        raise ExportError(
            f"“{shown(folder)}”是文件，不是文件夹", place=shown(target), remedy="请改用已有的文件夹"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ExportError(
            f"没有权限在文件夹“{shown(folder)}”里写文件", place=shown(target), remedy="请改用自己能写的文件夹"
        )


def _check_target(target: Path, real: Path) -> None:
    if not real.exists():
        return
    if real.is_dir():
        raise ExportError("这是一个文件夹", place=shown(target), remedy="请在后面加上文件名")
    if not real.is_file():
        raise ExportError("这不是普通文件，不能替换", place=shown(target), remedy="请改用别的文件名")
    # Opening for update shows a read-only file, and under Windows one that Word holds open.
    os.close(os.open(real, os.O_RDWR))


@contextlib.contextmanager
def _beside(target: Path, data: bytes) -> Iterator[Path]:
    """A temporary file with the data in the target's folder; gone at the end unless it was renamed."""
    real = Path(os.path.realpath(target))
    # A short name of its own: the target's may be as long as the file system allows.
    temporary = real.with_name(f".kepudraft-{secrets.token_hex(8)}.tmp")
    try:
        with _explained(target):
            _store(temporary, data, mode_of=real)
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _store(temporary: Path, data: bytes, *, mode_of: Path) -> None:
    with open(temporary, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if mode_of.exists():
        temporary.chmod(stat.S_IMODE(mode_of.stat().st_mode))


_REASONS = {
    errno.ENOSPC: ("磁盘已满", "请清理磁盘，或改用别的位置"),
    errno.EDQUOT: ("超出磁盘配额", "请清理文件，或改用别的位置"),
    errno.EROFS: ("所在磁盘是只读的", "请改用别的位置"),
    errno.ENAMETOOLONG: ("文件名太长", "请改用短一些的文件名"),
    errno.EACCES: ("文件不能改写，可能正在Word里打开，或是只读文件", "请关闭它后重试，或改用别的文件名"),
    errno.EPERM: ("文件不能改写，可能正在Word里打开，或是只读文件", "请关闭它后重试，或改用别的文件名"),
    errno.EBUSY: ("文件正被别的程序使用", "请关闭它后重试，或改用别的文件名"),
}


@contextlib.contextmanager
def _explained(target: Path, done: Iterable[Path] = ()) -> Iterator[None]:
    """Turn the system's refusals into one sentence; the only place that does."""
    try:
        yield
    except (OSError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else None
        what, remedy = _REASONS.get(number or 0, ("文件写不了", "请换一个文件名或位置再试"))
        if number not in _REASONS:
            what += f"（{shown(os_reason(error) if isinstance(error, OSError) else error)}）"
        already = "、".join(shown(path) for path in done)
        if already:
            remedy += f"；已经写好的有{already}"
        raise ExportError(what, place=shown(target), remedy=remedy) from error


def shown(value: object) -> str:
    """The value as it can be printed: a path may hold bytes that are no text, line breaks, or turned reading order."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in _UNPRINTABLE else c for c in text)
