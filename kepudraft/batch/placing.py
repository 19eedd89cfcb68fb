"""A unit's finished files into the output folder: whole or absent, and never over what a person has edited since."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Set
from pathlib import Path

from kepudraft.errors import ExportError, os_reason
from kepudraft.export.atomic import write_all


def place(folder: Path, stem: str, contents: Mapping[str, bytes], known: Mapping[str, Set[str]]) -> dict[str, str]:
    """Write the files of a unit and return suffix -> SHA-256 (hex).

    A file that stands there already and is neither the same nor one that was written before has been edited by somebody: it
    is kept under another name (STEM-改过-1a2b3c4d.docx).

    Args:
        folder: Where to.
        stem: Name without suffix.
        contents: By suffix.
        known: Hashes of what was written under this stem before, by suffix.

    Raises:
        ExportError: The folder cannot be written to.
    """
    digests = {suffix: hashlib.sha256(data).hexdigest() for suffix, data in contents.items()}
    targets: dict[Path, bytes] = {}
    for suffix, data in contents.items():
        target = folder / f"{stem}{suffix}"
        standing = _digest_of(target)
        if standing == digests[suffix]:
            continue
        if standing and standing not in known.get(suffix, ()):
            _keep(target, folder / f"{stem}-改过-{standing[:8]}{suffix}")
        targets[target] = data
    if targets:
        write_all(targets)
    return digests


def _digest_of(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ExportError(f"读不了已有的文件（{os_reason(error)}）", place=str(path), remedy="请关闭它，或换一个输出文件夹") from error


def _keep(path: Path, aside: Path) -> None:
    try:
        os.replace(path, aside)
    except OSError as error:
        raise ExportError(f"文件被改过，移不开（{os_reason(error)}）", place=str(path), remedy="请关闭它后重试") from error
