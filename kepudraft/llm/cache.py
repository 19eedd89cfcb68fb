"""Answers kept in a SQLite file, so that the same request costs once.

Many processes may use one file. A cache may lose what it holds but never a draft: whatever is wrong with the file is
told, a damaged one is set aside, and the model is asked as if there were none. Requests are kept as hashes only.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from kepudraft.errors import os_reason
from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta, Usage
from kepudraft.llm.wrapped import WrappedModel

_BUSY_S = 10.0
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS answers_1 (key TEXT PRIMARY KEY, text TEXT NOT NULL, finish TEXT NOT NULL, model TEXT NOT NULL)"
)
_log = logging.getLogger(__name__)


class CachedModel(WrappedModel):
    """The same model, asked only what it was not asked before. An answer from the cache costs `Usage()`.

    Args:
        model: Who is asked.
        path: The file; it and its folder are made where missing.
        notify: Told in Chinese, once for each fault, when the file cannot be used; logged if None.
    """

    def __init__(self, model: ChatModel, path: Path, *, notify: Callable[[str], None] | None = None) -> None:
        super().__init__(model)
        self._path = path
        self._notify = notify or _log.warning
        self._told: set[str] = set()

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`."""
        key = request.key(self._model.name)
        row = await asyncio.to_thread(self._used, "SELECT text, finish, model FROM answers_1 WHERE key = ?", (key,))
        if row is not None and all(isinstance(field, str) for field in row) and row[0]:
            if on_delta is not None:
                on_delta(row[0])
            return Completion(row[0], Usage(), row[1], row[2])
        done = await self._model.complete(request, on_delta=on_delta)
        await asyncio.to_thread(
            self._used, "INSERT OR REPLACE INTO answers_1 VALUES (?, ?, ?, ?)", (key, done.text, done.finish, done.model)
        )
        return done

    def _used(self, statement: str, values: tuple[str, ...]) -> Any:  # noqa: ANN401 - a row, of what types is not known
        """Run one statement and return its first row, or None; a file that fails counts as empty."""
        before = self._identity()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(mode=0o600)  # answers tell of the unit's facts
            with closing(sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)) as database:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute(_SCHEMA)
                return database.execute(statement, values).fetchone()
        except (sqlite3.OperationalError, OSError, UnicodeError) as error:  # locked, full, not writable: it may pass
            self._tell(f"回答缓存 {self._path} 用不了（{error}），这次不用缓存")
        except sqlite3.Error:
            self._set_aside(before)
        return None

    def _set_aside(self, damaged: tuple[int, int] | None) -> None:
        """Move a damaged file out of the way, unless another process has done so already."""
        if damaged is None or self._identity() != damaged:
            return
        aside = self._path.with_name(f"{self._path.name}.damaged-{os.getpid()}")
        try:
            os.replace(self._path, aside)
            for ending in ("-wal", "-shm"):  # they belong to it
                self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        except OSError as error:
            self._tell(f"回答缓存 {self._path} 已损坏，又移不开（{os_reason(error)}），这次不用缓存")
            return
        self._tell(f"回答缓存 {self._path} 已损坏，移到 {aside.name}，重新建立；起草不受影响")

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _tell(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self._notify(message)
