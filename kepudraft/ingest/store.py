"""The user's own corpus: a folder of exemplars beside the shipped one, with a record of where each comes from.

An exemplar is there as soon as its Markdown is, and gone as soon as that is; so that file is written last and removed
first. Both are written beside their place and renamed: whoever reads meanwhile, or interrupts, never meets half a file.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kepudraft.corpus import EXEMPLARS
from kepudraft.errors import CorpusError, os_reason
from kepudraft.genre import Genre
from kepudraft.ingest.take import Intake, Taken
from kepudraft.ingest.write import RECORD, exemplar_id, markdown, record

RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one summary: its id, and True if it was not there before."""

    id: str
    new: bool


class UserCorpus:
    """The exemplars that a user took in.

    Args:
        folder: May be missing until something is added.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, intake: Intake, taken: Taken, genre: Genre, *, added: str) -> Added:
        """Store one summary; one that is there already stays as it is.

        Args:
            intake: The file it comes from.
            taken: The summary.
            genre: The table of roles.
            added: ISO date.

        Raises:
            CorpusError: The folder cannot be written.
        """
        name = exemplar_id(taken)
        if self._markdown(name).is_file():
            return Added(name, new=False)
        source = f"{intake.source} 第{taken.number}篇" if len(intake.taken) > 1 else intake.source
        kept = record(taken, source=intake.source, digest=intake.digest, parts=len(intake.taken), added=added)
        self._write(self._record(name), json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
        self._write(self._markdown(name), markdown(taken, genre, source))
        return Added(name, new=True)

    def remove(self, name: str) -> bool:
        """Remove one exemplar; False if there is none of that id.

        Raises:
            CorpusError: It cannot be removed.
        """
        if name not in self.ids():
            return False
        try:
            self._markdown(name).unlink()
            self._record(name).unlink(missing_ok=True)
        except OSError as error:
            raise CorpusError(f"删不掉（{os_reason(error)}）", place=str(self._markdown(name)), remedy="请检查文件权限") from error
        return True

    def ids(self) -> tuple[str, ...]:
        """Return the ids of all exemplars, in order."""
        return tuple(sorted(path.stem for path in (self.folder / EXEMPLARS).glob("*.md")))

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield what is known of each exemplar, in the order of ids; of one without record only its id."""
        for name in self.ids():
            yield self.record(name) or {"id": name}

    def record(self, name: str) -> dict[str, Any] | None:
        """Return what is known of one exemplar; None if nothing is, or its record is damaged."""
        try:
            found = json.loads(self._record(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("id") == name else None

    def text(self, name: str) -> str:
        """Return the Markdown of one exemplar.

        Raises:
            CorpusError: There is none of that id.
        """
        if name not in self.ids():
            raise CorpusError("没有这篇范文", place=name, remedy="编号可用 kepudraft corpus list 查看")
        return self._markdown(name).read_text(encoding="utf-8")

    def files(self) -> dict[str, tuple[str, ...]]:
        """Return for each file (by hash) of which every summary is here, in today's form, the ids of these."""
        ids: dict[str, list[str]] = {}
        parts: dict[str, int] = {}
        for one in self.records():
            digest = str(one.get("digest", ""))
            if digest and one.get("form") == RECORD:
                ids.setdefault(digest, []).append(str(one["id"]))
                parts[digest] = int(one["parts"])
        return {digest: tuple(found) for digest, found in ids.items() if len(found) >= parts[digest]}

    def _markdown(self, name: str) -> Path:
        return self.folder / EXEMPLARS / f"{name}.md"

    def _record(self, name: str) -> Path:
        return self.folder / RECORDS / f"{name}.json"

    def _write(self, path: Path, text: str) -> None:
        temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError as error:
            remedy = "请检查磁盘和权限，或用设置项 user_corpus_dir 换一个文件夹"
            raise CorpusError(f"写不了范文（{os_reason(error)}）", place=str(path.parent), remedy=remedy) from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
