"""A session as a real process, fed line by line, timed, and killed."""

from __future__ import annotations

import os
import random
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kepudraft.session.log import open_log
from kepudraft.session.steps import PROMPTS
from kepudraft.session.work import Work

_ROOT = Path(__file__).resolve().parents[1]
_PROMPTS = tuple(p.encode() for p in (*PROMPTS.values(), "答复> "))
_PATIENCE_S = 60.0


class Process:
    """`kepudraft session` with pipes at both ends.

    Args:
        folder: Of the session.
        arguments: Further ones.
        home: Where it runs.
    """

    def __init__(self, folder: Path, *arguments: str, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kepudraft", "session", "--folder", str(folder), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=home,
            env={**os.environ, "PYTHONPATH": str(_ROOT), "COLUMNS": "80", "NO_COLOR": "1"},
        )
        self.shown = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    def wait_for_prompt(self) -> bool:
        """Read on until the next prompt; False if the process ended instead."""
        assert self._process.stdout is not None
        seen = b""
        until = time.monotonic() + _PATIENCE_S
        descriptor = self._process.stdout.fileno()
        while not seen.endswith(_PROMPTS):
            if not select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError(f"no prompt within {_PATIENCE_S} s; last seen: {seen[-300:].decode('utf-8', 'replace')}")
            piece = os.read(descriptor, 65536)
            if not piece:
                break
            seen += piece
        self.shown += seen.decode("utf-8", "replace")
        return seen.endswith(_PROMPTS)

    def send(self, line: str) -> None:
        """Type a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def answered(self, line: str) -> float:
        """Type a line and wait for the next prompt; seconds between."""
        start = time.perf_counter()
        self.send(line)
        self.wait_for_prompt()
        return time.perf_counter() - start

    def kill(self) -> None:
        """SIGKILL, and be done with it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue

    def end(self) -> int:
        """Ctrl-D; the exit code."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        while self.wait_for_prompt():
            continue
        return self._process.wait()


@dataclass(frozen=True, slots=True)
class Course:
    """What a session that nobody disturbs goes through.

    Attributes:
        opening: Arguments on the command line.
        lines: As typed.
        works: After every saved step, from the empty one on.
        after: For each line, the number of works that there are once it is answered; first that before any line.
        shown: All that was on the screen.
    """

    opening: tuple[str, ...]
    lines: tuple[str, ...]
    works: tuple[Work, ...]
    after: tuple[int, ...]
    shown: str


def course_of(lines: Sequence[str], folder: Path, *, home: Path, opening: Sequence[str] = ()) -> Course:
    """Run a session undisturbed."""
    after = []
    with Process(folder, *opening, home=home) as process:
        process.wait_for_prompt()
        after.append(_count(folder))
        for line in lines:
            process.answered(line)
            after.append(_count(folder))
        process.end()
        shown = process.shown
    with open_log(folder) as log:
        works = (*(w for _, w in log.state.past), log.state.work)
    return Course(tuple(opening), tuple(lines), works, tuple(after), shown)


@dataclass(frozen=True, slots=True)
class Kill:
    """One process killed: how many lines it had answered by then, and what was found afterwards; "" if nothing was lost."""

    answered: int
    lost: str


def killed_sessions(course: Course, kills: int, folder: Path, *, home: Path, seed: int) -> list[Kill]:
    """Kill processes at random moments, each going on where the one before was killed; a finished session is followed by a new one."""
    choose = random.Random(seed)
    done: list[Kill] = []
    session, at = 0, 0
    while len(done) < kills:
        place = folder / f"{seed}-{session}"
        at, lost = _one(course, place, at, choose, home=home)
        done.append(Kill(at, lost))
        if at >= len(course.lines):
            session, at = session + 1, 0
    return done


def _one(course: Course, place: Path, at: int, choose: random.Random, *, home: Path) -> tuple[int, str]:
    """Go on from line `at`, and be killed; the line to go on from, and what was lost."""
    resumed, before = (place / "events.jsonl").exists(), _count(place)
    with Process(place, *(["--resume"] if resumed else course.opening), home=home) as process:
        if choose.random() < 0.1:
            time.sleep(choose.uniform(0, 1.0))  # while it starts
            process.kill()
            return _found(course, place, at, at, before)
        process.wait_for_prompt()
        for _ in range(choose.randrange(4)):
            if at < len(course.lines):
                process.answered(course.lines[at])
                at += 1
        sent = min(at + 1, len(course.lines))
        if at < len(course.lines):
            process.send(course.lines[at])
            time.sleep(choose.expovariate(1 / 0.03))
        process.kill()
    return _found(course, place, at, sent, before)


def _found(course: Course, place: Path, answered: int, sent: int, before: int) -> tuple[int, str]:
    """Where the session stands on the disk: nowhere before the last answered line or where it was, nowhere behind the last one sent.

    The one before may have been killed between two steps of one line: its `before` works are more than that line's first.
    """
    if not (place / "events.jsonl").exists():
        return 0, "" if answered == 0 else "the log is gone"
    with open_log(place) as log:
        state = log.state
        is_new = log.is_new
    if is_new:
        return 0, "" if answered == 0 else f"{answered} answered lines are gone"
    counts = [n for n, work in enumerate(course.works, 1) if work == state.work]
    low, high = max(before, course.after[answered] if answered else 0), max(before, course.after[0], course.after[sent])
    fits = [n for n in counts if low <= n <= high]
    if not fits:
        return answered, f"after {answered} answered lines the work is that of step {counts or 'none'}, not of {low} to {high}"
    return max((n for n, count in enumerate(course.after[: sent + 1]) if count <= fits[-1]), default=0), ""


def _count(folder: Path) -> int:
    """Works on the disk, read without the lock: events that are steps, and the empty work."""
    try:
        return 1 + (folder / "events.jsonl").read_bytes().count(b'"kind":"step"')
    except FileNotFoundError:
        return 1
