"""Messages between the run and its worker processes: pickled, each behind its length, over the worker's own pipes.

Both ends are this program; nothing foreign is ever unpickled. A pipe and no shared memory, because the end of a process, also
of a killed one, is then the end of a file that the other side sees at once.
"""

from __future__ import annotations

import asyncio
import pickle
import struct
from collections.abc import Callable
from typing import IO, Any, NamedTuple

from kepudraft.batch.engine import Drafted, Shop
from kepudraft.batch.journal import Planned
from kepudraft.llm.chat import ChatRequest, Completion

_HEAD = struct.Struct(">I")
HEAD_BYTES = _HEAD.size


class Setup(NamedTuple):
    """To a worker, first: what to do."""

    shop: Shop


class Draft(NamedTuple):
    """To a worker: draft this unit; `known` are the hashes of what was written under its stem before."""

    planned: Planned
    known: dict[str, set[str]]


class Done(NamedTuple):
    """From a worker: what came of a unit; `error` is set where the run must stop for it."""

    seq: int
    drafted: Drafted | None
    error: BaseException | None = None


class SectionState(NamedTuple):
    """From a worker: a section is begun or written."""

    unit: str
    n: int
    heading: str
    state: str


class Ask(NamedTuple):
    """From a worker: a unit needs this answered."""

    number: int
    unit: str
    request: ChatRequest


class Answer(NamedTuple):
    """To a worker: the answer, which is in the journal by now; or why there is none."""

    number: int
    completion: Completion | None
    error: BaseException | None = None


def packed(message: Any) -> bytes:  # noqa: ANN401 - any of the above
    """A message as it goes over the pipe."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _HEAD.pack(len(body)) + body


def length(head: bytes) -> int:
    """Length of the message behind a head."""
    return int(_HEAD.unpack(head)[0])


def unpacked(body: bytes) -> Any:  # noqa: ANN401
    """The message."""
    return pickle.loads(body)


def received(pipe: IO[bytes]) -> Any:  # noqa: ANN401
    """The next message, or None at the end."""
    head = pipe.read(HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        return None
    body = pipe.read(length(head))
    return unpacked(body)


class Outbox:
    """Messages of one turn of the event loop, written together: when there is much to do, each writing wakes the other side.

    Args:
        write: Takes the bytes.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._held: list[bytes] = []
        self._due = False

    def send(self, message: Any, *, urgent: bool = True) -> None:  # noqa: ANN401
        """Send with this turn; one that is not urgent goes with the next that is."""
        self._held.append(packed(message))
        if urgent and not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        """Write what is held."""
        self._due = False
        if self._held:
            content = b"".join(self._held)
            self._held.clear()
            self._write(content)


def portable(error: BaseException) -> BaseException:
    """The error as it can be pickled: those of this package by their parts, any other by its text."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
