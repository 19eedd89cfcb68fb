"""The journal of a batch: what is planned, begun, answered and done, so that a second run does the rest and pays nothing twice.

One SQLite file in the output folder, written by one process. Everything is filed under the hash of its content, never under
a row number. It is written ahead (WAL) without waiting for the disk at each entry: a killed process loses nothing; after a
power failure the last entries may lack, and are made again.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from kepudraft.batch.given import Form, GivenUnit
from kepudraft.batch.names import folded, numbered, safe_stem
from kepudraft.errors import ExportError, InputError, os_reason
from kepudraft.llm.chat import Completion, Usage

NAME = "journal.sqlite"
_SCHEMA_VERSION = "1"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS plan (
    seq INTEGER PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, place TEXT NOT NULL, form TEXT NOT NULL, body TEXT NOT NULL,
    digest TEXT NOT NULL, unit_type TEXT NOT NULL, stem TEXT NOT NULL DEFAULT '', same_as INTEGER);
CREATE INDEX IF NOT EXISTS plan_key ON plan (key);
CREATE TABLE IF NOT EXISTS stem (folded TEXT PRIMARY KEY, key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS unit (
    key TEXT PRIMARY KEY, stem TEXT NOT NULL, state TEXT NOT NULL, result TEXT NOT NULL DEFAULT '{}',
    measures TEXT NOT NULL DEFAULT '', files TEXT NOT NULL DEFAULT '{}', changed REAL NOT NULL);
CREATE INDEX IF NOT EXISTS unit_stem ON unit (stem);
CREATE TABLE IF NOT EXISTS section (
    unit TEXT NOT NULL, n INTEGER NOT NULL, heading TEXT NOT NULL, state TEXT NOT NULL, changed REAL NOT NULL,
    PRIMARY KEY (unit, n));
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, unit TEXT NOT NULL, state TEXT NOT NULL, text TEXT NOT NULL DEFAULT '', finish TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT '', prompt INTEGER NOT NULL DEFAULT 0, completion INTEGER NOT NULL DEFAULT 0,
    cached INTEGER NOT NULL DEFAULT 0, counted INTEGER NOT NULL DEFAULT 1, cost REAL NOT NULL DEFAULT 0, changed REAL NOT NULL);
CREATE INDEX IF NOT EXISTS answer_unit ON answer (unit);
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """A unit with its content key and the stem of its files."""

    seq: int
    key: str
    stem: str
    unit: GivenUnit


@dataclass(frozen=True, slots=True)
class Entry:
    """A planned unit beside what is known of its draft.

    Attributes:
        seq: Its place in the input, from 1.
        name: As the input calls it.
        place: Where it stands there.
        unit_type: As far as the input tells.
        stem: Stem of its files.
        state: waiting, started, done, failed, or same (alike to an earlier one).
        result: What `UnitResult` holds, as JSON values; empty before it is done.
        measures: Its figures for the roll-up, as JSON text, or "".
        files: Suffix -> SHA-256 of what was written.
        same_as: For one that is alike to an earlier one, the earlier one's `seq`.
    """

    seq: int
    name: str
    place: str
    unit_type: str
    stem: str
    state: str
    result: Mapping[str, Any]
    measures: str
    files: Mapping[str, str]
    same_as: int | None


@dataclass(frozen=True, slots=True)
class Spent:
    """What all answers in the journal have cost."""

    usage: Usage
    cost: float
    answers: int


class Journal:
    """See the module. To be closed; a second process that opens the same one is refused.

    Args:
        folder: The output folder; made if it is not there.
        reading: Open for reading only: nothing is made, nothing is locked.
    """

    def __init__(self, folder: Path, *, reading: bool = False) -> None:
        self.folder = folder
        path = folder / NAME
        self._lock: IO[bytes] | None = None
        if reading and not path.is_file():
            raise InputError("这里没有批量起草的结果", place=str(folder), remedy="请给出 kepudraft batch 的输出文件夹")
        with _explained(path):
            if not reading:
                folder.mkdir(parents=True, exist_ok=True)
                self._lock = _locked(folder)
            self._db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
            if reading:
                self._db.execute("PRAGMA query_only = ON")
            else:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._db.executescript(_SCHEMA)
            version = self.meta("schema", _SCHEMA_VERSION) if not reading else _SCHEMA_VERSION
        if version != _SCHEMA_VERSION:
            raise InputError("日志是另一个版本写的", place=str(path), remedy="请换一个输出文件夹")

    def close(self) -> None:
        """Fold the log into the file, so that the journal is one file again, and let go of it."""
        with contextlib.suppress(sqlite3.Error):
            if self._lock is not None:
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def meta(self, key: str, default: str) -> str:
        """A value that holds for the whole folder; the default is kept where there is none yet."""
        with self._writing():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (key, default))
            return str(self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])

    def set_meta(self, key: str, value: str) -> None:
        """Replace a value that holds for the whole folder."""
        with self._writing():
            self._db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value))

    # --- the plan -----------------------------------------------------------------------------------------------------

    def plan(self, units: Iterable[tuple[str, GivenUnit]]) -> int:
        """Replace the plan by (content key, unit) in the order of the input; returns how many.

        A unit keeps the file name that it had in an earlier run; of several of one name the first in order gets the bare one.
        """
        with self._writing():
            self._db.execute("BEGIN")
            self._db.execute("DELETE FROM plan")
            self._db.execute("DELETE FROM stem")
            rows = (
                (seq, key, u.name, u.place, u.form.value, u.body, u.digest, u.unit_type) for seq, (key, u) in enumerate(units, 1)
            )
            insert = "INSERT INTO plan (seq, key, name, place, form, body, digest, unit_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            try:
                self._db.executemany(insert, ([_storable(c) for c in row] for row in rows))
                self._db.execute(
                    "UPDATE plan SET same_as = (SELECT MIN(seq) FROM plan AS p WHERE p.key = plan.key) "
                    "WHERE seq > (SELECT MIN(seq) FROM plan AS p WHERE p.key = plan.key)"
                )
                self._name_files()
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            return int(self._db.execute("SELECT COUNT(*) FROM plan").fetchone()[0])

    def _name_files(self) -> None:
        known = self._db.execute(
            "SELECT p.seq, p.key, p.name, u.stem FROM plan p JOIN unit u USING (key) WHERE p.same_as IS NULL ORDER BY p.seq"
        )
        for seq, key, name, stem in known.fetchall():
            if folded(stem).startswith(folded(safe_stem(name))):
                self._take(seq, key, stem)
        rest = self._db.execute("SELECT seq, key, name FROM plan WHERE same_as IS NULL AND stem = '' ORDER BY seq")
        counts: dict[str, int] = {}
        for seq, key, name in rest:
            base = safe_stem(name)
            n = counts.get(base, 1)
            while not self._take(seq, key, numbered(base, n)):
                n += 1
            if n > 1:
                counts[base] = n

    def _take(self, seq: int, key: str, stem: str) -> bool:
        taken = self._db.execute("INSERT OR IGNORE INTO stem VALUES (?, ?)", (folded(stem), key)).rowcount == 1
        if taken:
            self._db.execute("UPDATE plan SET stem = ? WHERE seq = ?", (stem, seq))
        return taken

    def counts(self) -> tuple[int, int]:
        """Units of the plan, and those among them that are alike to an earlier one."""
        total, same = self._db.execute("SELECT COUNT(*), COUNT(same_as) FROM plan").fetchone()
        return int(total), int(same)

    def waiting(self, *, suffixes: tuple[str, ...], only_failed: bool = False) -> array[int]:
        """Numbers of the units that are yet to be drafted, those of one type side by side.

        Done is what the journal says is done and whose files all stand in the folder: a lost file is made again. Numbers
        only, since a sorted list of whole units would grow with the input.
        """
        query = (
            "SELECT p.seq, p.stem, u.state, u.files FROM plan p LEFT JOIN unit u USING (key) WHERE p.same_as IS NULL "
            "ORDER BY p.unit_type, p.seq"
        )
        found = array("q")
        for seq, stem, state, files in self._db.execute(query):
            done = state == "done" and all(s in json.loads(files) and (self.folder / f"{stem}{s}").exists() for s in suffixes)
            if not done and (state == "failed" or not only_failed):
                found.append(seq)
        return found

    def planned(self, numbers: Iterable[int]) -> Iterator[Planned]:
        """Units of the plan by their numbers, one after another."""
        query = "SELECT key, stem, name, place, form, body, digest, unit_type FROM plan WHERE seq = ?"
        for seq in numbers:
            key, stem, name, place, form, body, digest, unit_type = self._db.execute(query, (seq,)).fetchone()
            yield Planned(seq, key, stem, GivenUnit(name, place, Form(form), body, digest, unit_type))

    # --- units and sections -------------------------------------------------------------------------------------------

    def started(self, planned: Planned) -> None:
        """Note that a unit is begun; what was written for it before stays known."""
        with self._writing():
            self._db.execute(
                "INSERT INTO unit (key, stem, state, changed) VALUES (?, ?, 'started', ?) ON CONFLICT (key) DO UPDATE SET "
                "state = 'started', stem = excluded.stem, changed = excluded.changed", (planned.key, planned.stem, time.time()),
            )

    def finished(self, planned: Planned, state: str, result: Mapping[str, Any], *, measures: str, files: Mapping[str, str]) -> None:
        """Note that a unit is done or failed, with what is known of it."""
        with self._writing():
            self._db.execute(
                "INSERT INTO unit VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET stem = excluded.stem, "
                "state = excluded.state, result = excluded.result, measures = excluded.measures, files = excluded.files, "
                "changed = excluded.changed",
                (planned.key, planned.stem, state, _storable(json.dumps(result, ensure_ascii=False)), _storable(measures),
                 json.dumps(files), time.time()),
            )

    def section(self, unit: str, n: int, heading: str, state: str) -> None:
        """Note that a section is begun or written."""
        with self._writing():
            self._db.execute(
                "INSERT INTO section VALUES (?, ?, ?, ?, ?) ON CONFLICT (unit, n) DO UPDATE SET heading = excluded.heading, "
                "state = excluded.state, changed = excluded.changed", (unit, n, _storable(heading), state, time.time()),
            )

    def written(self, stem: str) -> dict[str, set[str]]:
        """What was written under a stem so far: suffix -> hashes of contents."""
        found: dict[str, set[str]] = {}
        for (files,) in self._db.execute("SELECT files FROM unit WHERE stem = ?", (stem,)):
            for suffix, digest in json.loads(files).items():
                found.setdefault(suffix, set()).add(digest)
        return found

    def entries(self, state: str = "") -> Iterator[Entry]:
        """Every planned unit in the order of the input, or those in a state."""
        rows = self._db.execute(
            "SELECT p.seq, p.name, p.place, p.unit_type, COALESCE(o.stem, p.stem), u.state, u.result, u.measures, u.files, p.same_as "
            "FROM plan p LEFT JOIN unit u USING (key) LEFT JOIN plan o ON o.seq = p.same_as "
            f"{'WHERE u.state = ? ' if state else ''}ORDER BY p.seq", (state,) if state else (),
        )
        while batch := rows.fetchmany(64):
            for seq, name, place, kind, stem, state, result, measures, files, same_as in batch:
                known = state if same_as is None else "same"
                yield Entry(
                    seq, name, place, kind, stem, known or "waiting", json.loads(result or "{}"),
                    measures or "", json.loads(files or "{}"), same_as,
                )

    # --- answers of the model -----------------------------------------------------------------------------------------

    def asked(self, key: str, unit: str) -> None:
        """Note that a request of a unit is about to be sent."""
        insert = (
            "INSERT INTO answer (key, unit, state, changed) VALUES (?, ?, 'asked', ?) "
            "ON CONFLICT (key) DO UPDATE SET changed = excluded.changed WHERE state = 'asked'"
        )
        with self._writing():
            self._db.execute(insert, (key, unit, time.time()))

    def answered(self, key: str, unit: str, completion: Completion, cost: float) -> None:
        """Note an answer that is paid for."""
        u = completion.usage
        with self._writing():
            self._db.execute(
                "INSERT OR REPLACE INTO answer VALUES (?, ?, 'answered', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key, unit, _storable(completion.text), completion.finish, completion.model, u.prompt, u.completion, u.cached,
                 int(u.counted), cost, time.time()),
            )

    def answer(self, key: str) -> Completion | None:
        """The answer that is paid for already, its usage zero; or None."""
        row = self._db.execute("SELECT text, finish, model FROM answer WHERE key = ? AND state = 'answered'", (key,)).fetchone()
        return None if row is None else Completion(row[0], Usage(), row[1], row[2])

    def spent(self, unit: str = "") -> Spent:
        """What all runs in this folder have paid for: for one unit by its key, or for all."""
        prompt, completion, cached, uncounted, cost, n = self._db.execute(
            "SELECT COALESCE(SUM(prompt), 0), COALESCE(SUM(completion), 0), COALESCE(SUM(cached), 0), "
            "COALESCE(SUM(1 - counted), 0), COALESCE(SUM(cost), 0), COUNT(*) FROM answer WHERE state = 'answered'"
            + (" AND unit = ?" if unit else ""), (unit,) if unit else (),
        ).fetchone()
        return Spent(Usage(prompt, completion, cached, counted=not uncounted), cost, n)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with _explained(self.folder / NAME):
            yield


def _storable(value: Any) -> Any:  # noqa: ANN401 - whatever a column takes
    """Text without halves of surrogate pairs, which SQLite cannot hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        told = str(error)
        if "full" in told or "disk I/O" in told:
            raise ExportError("磁盘已满，日志写不进去", place=str(path), remedy="请清理磁盘后再运行一次，会接着做") from error
        if "not a database" in told or "malformed" in told:
            raise InputError("日志文件已损坏", place=str(path), remedy="请换一个输出文件夹") from error
        raise ExportError(f"日志写不了（{told}）", place=str(path), remedy="请检查输出文件夹的权限") from error
    except OSError as error:
        raise ExportError(f"输出文件夹不能用（{os_reason(error)}）", place=str(path.parent), remedy="请换一个位置") from error


def _locked(folder: Path) -> IO[bytes]:
    """An open file that one process at a time can hold; the system lets go of it when the process ends, however it ends."""
    file = (folder / ".kepudraft-batch.lock").open("ab")
    try:
        try:
            import fcntl
        except ImportError:  # Windows
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise InputError("另一个批量起草正在写这个文件夹", place=str(folder), remedy="请等它结束，或换一个输出文件夹") from error
    return file
