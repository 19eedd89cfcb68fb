"""The folder of a session: a lock, an append-only log of events, and for people the facts and the drafts' versions.

The log is the truth: an event is on the disk (fsync) before it is answered, so that a killed process loses nothing that was
answered. A last line cut off by a crash was never answered and is dropped. Facts and drafts are written from it, whole or not at all.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self

from kepudraft.errors import SessionError, os_reason
from kepudraft.export.atomic import shown
from kepudraft.llm.chat import Usage
from kepudraft.session.codec import patch, patched
from kepudraft.session.work import Work

LOG = "events.jsonl"
_LOCK = "lock"
_SCHEMA = "kepudraft.session/1"


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a log says.

    Attributes:
        work: As it is.
        past: What each undo goes back from and to: the step's name and the work before it, the latest last.
        future: The same for redo.
        model: Name of the model in use, or "".
        usage: Tokens of all answers.
        requests: Number of requests to models.
        exported: Path of the last file written, or "".
    """

    work: Work = field(default_factory=Work)
    past: tuple[tuple[str, Work], ...] = ()
    future: tuple[tuple[str, Work], ...] = ()
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    requests: int = 0
    exported: str = ""


class SessionLog:
    """An open, locked session folder.

    Attributes:
        folder: Its path.
        state: What the log says so far.
    """

    def __init__(self, folder: Path, file: IO[bytes], lock: IO[bytes], clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self.state = State()
        self._file = file
        self._lock = lock
        self._clock = clock
        self._count = 0
        self._good = 0  # bytes of the log that are whole events

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder free."""
        self._file.close()
        self._lock.close()

    @property
    def is_new(self) -> bool:
        """True if nothing has happened yet."""
        return self._count == 0

    def start_over(self) -> Path:
        """Put the old log aside under another name, for a new session; its new path.

        Raises:
            SessionError: It cannot be renamed.
        """
        log, n = self.folder / LOG, 1
        while (aside := self.folder / f"events-{n}.jsonl").exists():
            n += 1
        try:
            self._file.close()
            log.rename(aside)
            self._file = _open(log)
        except OSError as error:
            raise SessionError(f"旧会话挪不开（{os_reason(error)}）", place=shown(log), remedy="请用 --folder 另开一份") from error
        self.state, self._count, self._good = State(), 0, 0
        return aside

    def start(self, work: Work) -> None:
        """Save what a session begins with; nothing goes back behind it."""
        self._append({"kind": "start", "patch": patch(self.state.work, work)})

    def step(self, work: Work, said: str) -> None:
        """Save a step that can be undone.

        Raises:
            SessionError: It cannot be written; the state is as it was.
        """
        if work != self.state.work:
            self._append({"kind": "step", "said": said, "patch": patch(self.state.work, work)})

    def undo(self) -> str:
        """Go back one step; its name, "" if there is none."""
        if not self.state.past:
            return ""
        said = self.state.past[-1][0]
        self._append({"kind": "undo"})
        return said

    def redo(self) -> str:
        """Go forward again; the name of the step, "" if there is none."""
        if not self.state.future:
            return ""
        said = self.state.future[-1][0]
        self._append({"kind": "redo"})
        return said

    def note(self, kind: str, **values: object) -> None:
        """Save what undoing does not touch: `model` (name), `usage` (prompt, completion, cached, counted, requests), `export` (path)."""
        self._append({"kind": kind, **values})

    def load(self) -> None:
        """Read the log from its beginning.

        Raises:
            SessionError: A line that is not the last is no event.
        """
        lines = self._read().split(b"\n")
        tail = lines.pop()  # "" behind the last line break; anything else was cut off by a crash, before it was answered
        for n, line in enumerate(lines, 1):
            try:
                event = json.loads(line)
                if event["n"] != n:
                    raise ValueError("次序不对")
                self.state = follow(self.state, event)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError, IndexError) as error:
                if n == len(lines) and not tail:
                    break
                raise SessionError(
                    f"第{n}行读不通（{str(error)[:60]}），会话记录被改动或损坏", place=shown(self.folder / LOG),
                    remedy="请恢复备份；或删去这一行及以后各行再试，前面的内容不受影响",
                ) from error
            self._good += len(line) + 1
            self._count = n

    def _read(self) -> bytes:
        try:
            self._file.seek(0)
            return self._file.read()
        except OSError as error:
            raise SessionError(f"会话记录读不出来（{os_reason(error)}）", place=shown(self.folder / LOG), remedy="请检查磁盘") from error

    def _append(self, event: dict[str, Any]) -> None:
        event = {"n": self._count + 1, "at": self._clock().isoformat(timespec="seconds"), **event}
        if not self._count:
            event["schema"] = _SCHEMA
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
        # Read back as a later process will: what is in memory is what the log says.
        after = follow(self.state, json.loads(line))
        with _uninterrupted():
            self._write(line)
            self.state, self._good, self._count = after, self._good + len(line), self._count + 1
            self._for_people(event["kind"])

    def _write(self, line: bytes) -> None:
        try:
            self._file.truncate(self._good)
            self._file.seek(self._good)
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):  # what cannot be cut off now is cut off before the next event, or when it is read
                self._file.truncate(self._good)
            raise SessionError(
                f"这一步没有存下来（{os_reason(error)}），也没有生效", place=shown(self.folder), remedy="请清理磁盘或检查权限，再输入一次"
            ) from error
    def _for_people(self, kind: str) -> None:
        """The facts and this version of the draft as files to look at; they may fail, for the log has everything."""
        if kind not in ("step", "undo", "redo"):
            return
        work = self.state.work
        with suppress(OSError):
            if work.year and work.unit_type:
                from kepudraft.export.records import sheet_record

                _replace(self.folder / "facts.json", json.dumps(sheet_record(work.sheet), ensure_ascii=False, indent=1))
            if work.sections and (not self.state.past or self.state.past[-1][1].sections != work.sections):
                drafts = self.folder / "drafts"
                drafts.mkdir(exist_ok=True)
                text = "\n\n".join("\n".join(p.text for p in w.passages) for _, w in work.sections)
                _replace(drafts / f"{self._count:05d}.txt", text)


def follow(state: State, event: dict[str, Any]) -> State:
    """The state after an event.

    Raises:
        ValueError: It is no event.
    """
    kind = event["kind"]
    if kind == "step":
        work = patched(state.work, event["patch"])
        return replace(state, work=work, past=(*state.past, (str(event["said"]), state.work)), future=())
    if kind == "start":
        return replace(state, work=patched(state.work, event["patch"]))
    if kind == "undo":
        said, before = state.past[-1]
        return replace(state, work=before, past=state.past[:-1], future=(*state.future, (said, state.work)))
    if kind == "redo":
        said, after = state.future[-1]
        return replace(state, work=after, past=(*state.past, (said, state.work)), future=state.future[:-1])
    if kind == "model":
        return replace(state, model=str(event["name"]))
    if kind == "usage":
        used = Usage(int(event["prompt"]), int(event["completion"]), int(event["cached"]), bool(event["counted"]))
        return replace(state, usage=state.usage + used, requests=state.requests + int(event["requests"]))
    if kind == "export":
        return replace(state, exported=str(event["path"]))
    raise ValueError(f"没有“{kind!s:.20}”这种事件")


def open_log(folder: Path, *, clock: Callable[[], datetime] = datetime.now) -> SessionLog:
    """Open a session folder, made if it is not there, and hold it until it is closed or this process ends.

    Raises:
        SessionError: It cannot be written, is in use, or its log is damaged.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _open(folder / _LOCK)
    except OSError as error:
        raise SessionError(
            f"会话文件夹不能用（{os_reason(error)}）", place=shown(folder), remedy="请换到自己能写的文件夹里运行，或用 --folder 指定一个"
        ) from error
    if not _locked(lock):
        lock.seek(0)
        holder = lock.read(80).decode("utf-8", "replace").strip()
        lock.close()
        raise SessionError(
            f"另一个窗口正在用这份会话{f'（{shown(holder)}）' if holder else ''}", place=shown(folder),
            remedy="请先在那个窗口按 Ctrl-D 退出，或用 --folder 另开一份",
        )
    with suppress(OSError):
        lock.truncate(0)
        lock.seek(0)
        lock.write(f"进程 {os.getpid()}，{clock():%m月%d日 %H:%M} 打开".encode())
        lock.flush()
    try:
        opened = SessionLog(folder, _open(folder / LOG), lock, clock)
    except OSError as error:
        lock.close()
        raise SessionError(f"会话记录打不开（{os_reason(error)}）", place=shown(folder / LOG), remedy="请检查文件权限") from error
    try:
        opened.load()
    except SessionError:
        opened.close()
        raise
    return opened


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Put Ctrl-C off until the disk and the memory say the same."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    late: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: late.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if late:
        raise KeyboardInterrupt


def _open(path: Path) -> IO[bytes]:
    """Open for reading and writing, made if it is not there, never emptied."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)


def _locked(lock: IO[bytes]) -> bool:
    """Take the lock that the operating system gives free when its process ends, however it ends."""
    try:
        if os.name == "nt":
            import msvcrt

            lock.seek(1 << 30)  # a byte beyond the text, so that another process can read who holds it
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_text(text + "\n", encoding="utf-8", errors="replace")
    os.replace(beside, path)
