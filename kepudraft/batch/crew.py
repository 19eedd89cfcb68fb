"""The worker processes of a run: started, fed, listened to, and replaced when one dies.

They do what takes a processor's time: reading facts, composing, judging, rendering. What waits for an endpoint is done here, in the
run's own process, whose event loop nothing holds up: an answer that is there is seen at once, and the next request goes out.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections import Counter
from typing import Any

from kepudraft.batch.answers import Desk
from kepudraft.batch.engine import Drafted, Shop
from kepudraft.batch.journal import Planned
from kepudraft.batch.unit import StopRun, UnitResult
from kepudraft.batch.wire import (
    HEAD_BYTES,
    Answer,
    Ask,
    Done,
    Draft,
    Outbox,
    SectionState,
    Setup,
    length,
    portable,
    unpacked,
)
from kepudraft.errors import SetupError
from kepudraft.llm.chat import ChatModel

_AHEAD = 4  # units that an offline worker holds: one on the desk, the others so that it never waits
_DEATHS = 2  # workers that may die of one unit before the unit is blamed


class CrewEngine:
    """Drafts in worker processes, one for each core; the journal and the limits stay here.

    Args:
        shop: What to do.
        workers: How many processes.
        places: Units at a time with a model; offline each worker holds a few.
    """

    def __init__(self, shop: Shop, workers: int, places: int = 0) -> None:
        self.places = max(places, workers) if shop.source else workers * _AHEAD
        self._shop, self._count = shop, workers
        self._desk: Desk | None = None
        self._hands: list[_Hand] = []
        self._deaths: Counter[int] = Counter()

    async def open(self, desk: Desk) -> None:
        """See `Engine`."""
        self._desk = desk
        endpoint = self._shop.source.open() if self._shop.source else None
        self._hands = [_Hand(self._shop, desk, endpoint) for _ in range(self._count)]
        await asyncio.gather(*(hand.start() for hand in self._hands))

    async def draft(self, planned: Planned, seat: int) -> Drafted:
        """See `Engine`."""
        assert self._desk is not None  # opened
        hand = self._hands[seat % self._count]
        while True:
            try:
                return await hand.draft(planned, self._desk.journal.written(planned.stem))
            except _Died:
                if self._desk.gate.stopped:
                    raise StopRun(self._desk.gate.stopped) from None
                self._deaths[planned.seq] += 1
                if self._deaths[planned.seq] >= _DEATHS:
                    return Drafted(UnitResult(
                        error="起草这个单位的进程两次意外结束", place=planned.unit.place, 
                        remedy="多半是内存不够，请关闭别的程序后用 --only-failed 重试",
                    ))
                await hand.start()

    async def close(self) -> None:
        """See `Engine`."""
        await asyncio.gather(*(hand.close() for hand in self._hands))


class _Died(Exception):
    """The worker process is gone."""


class _Hand:
    """One worker process and what is under way in it."""

    def __init__(self, shop: Shop, desk: Desk, endpoint: ChatModel | None) -> None:
        self._shop, self._desk, self._endpoint = shop, desk, endpoint
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._drafts: dict[int, asyncio.Future[Drafted]] = {}
        self._answers: set[asyncio.Task[None]] = set()
        self._outbox = Outbox(self._write)
        self._starting = asyncio.Lock()
        self._starts = 0

    async def start(self) -> None:
        """Start the process unless it runs."""
        async with self._starting:
            if self._process is not None and self._process.returncode is None and self._reader and not self._reader.done():
                return
            self._starts += 1
            environ = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
            for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
                environ.setdefault(name, "1")  # the processes are the parallelism
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "kepudraft.batch.worker", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                env=environ,
            )
            self._send(Setup(self._shop))
            self._reader = asyncio.create_task(self._read(self._process))

    async def draft(self, planned: Planned, known: dict[str, set[str]]) -> Drafted:
        """Have a unit drafted.

        Raises:
            _Died: The process ended before it was done.
        """
        future = self._drafts[planned.seq] = asyncio.get_running_loop().create_future()
        try:
            self._send(Draft(planned, known))
            drafted: Drafted = await future
            return drafted
        finally:
            self._drafts.pop(planned.seq, None)

    async def close(self) -> None:
        """End the process by ending its input."""
        process = self._process
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reader:
            await self._reader

    def _send(self, message: Any) -> None:  # noqa: ANN401
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            raise _Died
        self._outbox.send(message)

    def _write(self, content: bytes) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(content)  # what a dead process misses, `_read` tells those who wait

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        try:
            while True:
                head = await process.stdout.readexactly(HEAD_BYTES)
                self._take(unpacked(await process.stdout.readexactly(length(head))))
        except asyncio.IncompleteReadError:
            await process.wait()
        for draft in self._drafts.values():
            if not draft.done():
                draft.set_exception(_Died())

    def _take(self, message: Any) -> None:  # noqa: ANN401
        if isinstance(message, Done):
            future = self._drafts.get(message.seq)
            if future is None or future.done():
                return
            if message.drafted is not None:
                future.set_result(message.drafted)
            else:
                future.set_exception(message.error or SetupError("起草进程没有给出结果"))
        elif isinstance(message, SectionState):
            self._desk.journal.section(*message)
        elif isinstance(message, Ask):
            task = asyncio.create_task(self._answer(message))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, ask: Ask) -> None:
        """Journal, then limits, then the endpoint. An answer is kept even if whoever asked for it is gone."""
        assert self._endpoint is not None
        start = self._starts
        try:
            answer = Answer(ask.number, await self._desk.model(self._endpoint, ask.unit).complete(ask.request))
        except (StopRun, Exception) as error:
            answer = Answer(ask.number, None, portable(error))
        if self._starts == start:
            with contextlib.suppress(_Died):  # whoever waits there is told by `_read`
                self._send(answer)
