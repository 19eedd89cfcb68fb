"""A text in the person's own editor."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from kepudraft.errors import InputError, os_reason
from kepudraft.facts.material import MAX_BYTES, decode

_USUAL = ("sensible-editor", "nano", "vim", "vi")


def edit(text: str) -> str:
    """Let the person edit a text in $VISUAL or $EDITOR, or what the machine has.

    Raises:
        InputError: There is no editor, it failed, or what it left cannot be read.
    """
    command = _editor()
    with tempfile.TemporaryDirectory(prefix="kepudraft-") as folder:
        path = Path(folder) / "正文.txt"
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InputError(f"临时文件写不了（{os_reason(error)}）", place=folder, remedy="请清理磁盘后再试") from error
        code = _run([*command, str(path)])
        if code:
            raise InputError(f"编辑器没有正常结束（退出码{code}），没有采用改动", place=command[0], remedy="可用环境变量 EDITOR 换一个编辑器")
        return _read(path)


def _editor() -> list[str]:
    for name in ("VISUAL", "EDITOR"):
        if value := os.environ.get(name, "").strip():
            try:
                return [value] if Path(value).is_file() else shlex.split(value, posix=os.name != "nt")
            except ValueError as error:
                raise InputError(f"环境变量 {name} 的引号不成对", place=value[:40], remedy="请改正后再试") from error
    if os.name == "nt":
        return ["notepad"]
    found = next((path for n in _USUAL if (path := shutil.which(n))), None)
    if found is None or not (sys.stdin and sys.stdin.isatty()):
        raise InputError("没有可用的编辑器", remedy="请设置环境变量 EDITOR，如 export EDITOR=nano；或用 /retry 2 意见")
    return [found]


def _run(command: list[str]) -> int:
    """Run it; Ctrl-C in the editor is the editor's business, and must not leave it running behind us."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        return subprocess.run(command, check=False).returncode
    except OSError as error:
        raise InputError(f"编辑器打不开（{os_reason(error)}）", place=command[0], remedy="请用环境变量 EDITOR 指定一个") from error
    finally:
        signal.signal(signal.SIGINT, before)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("改后的内容太大", remedy=f"上限是{MAX_BYTES // 1_048_576}兆字节")
        data = path.read_bytes()
    except OSError as error:
        raise InputError("编辑后的文件不见了，没有采用改动", place=path.name, remedy="请用“保存”，不要另存到别处") from error
    return decode(data, "改后的正文")[0] if data.strip() else ""
