"""A worker process: `python -m kepudraft.batch.worker`, driven by crew.py over its own standard input and output.

Offline it drafts one unit after another while threads write the files of the units before (waiting for the disk is most of
writing). With a model it drafts many at a time; what is to be asked it tells the run, which knows journal, limits and endpoint.
When the run ends, however it ends, standard input ends, and so does the worker.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import IO, Any

from kepudraft.batch.engine import Drafted, Shop, placed
from kepudraft.batch.unit import Made, StopRun, make, make_with_model
from kepudraft.batch.wire import (
    Answer,
    Ask,
    Done,
    Draft,
    Outbox,
    SectionState,
    Setup,
    packed,
    portable,
    received,
)
from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta

_WRITERS = 6
_NICE = 5  # with a model: the run's process waits for the endpoint and has little to do, but what it has must not wait for drafts


class _Line:
    """The way back to the run; several threads may use it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, message: Any) -> None:  # noqa: ANN401
        self.write(packed(message))

    def write(self, content: bytes) -> None:
        """Whole messages; where nobody reads them, the run is gone and there is nothing left to do."""
        try:
            with self._lock:
                self._pipe.write(content)
                self._pipe.flush()
        except BrokenPipeError:
            os._exit(0)


def main() -> None:
    """Work until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the run decides what it means
    source = os.fdopen(os.dup(0), "rb")
    line = _Line(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # nothing that prints may end up between the messages
    setup = received(source)
    if not isinstance(setup, Setup):
        return
    if setup.shop.source is None:
        _offline(setup.shop, source, line)
    else:
        asyncio.run(_with_model(setup.shop, source, line))
    sys.stderr.flush()
    os._exit(0)  # threads may still wait for a disk; what is unfinished is made again


def _offline(shop: Shop, source: IO[bytes], line: _Line) -> None:
    drafter = shop.drafter()
    room = threading.Semaphore(2 * _WRITERS)  # drafts that wait for the disk; more would only fill the memory

    def write(message: Draft, made: Made) -> None:
        try:
            line.send(Done(message.planned.seq, placed(made, shop.folder, message.planned.stem, message.known)))
        except BaseException as error:  # the run decides; a thread must not swallow it
            line.send(Done(message.planned.seq, None, portable(error)))
        finally:
            room.release()

    with ThreadPoolExecutor(_WRITERS) as writers:
        first = True
        while isinstance(message := received(source), Draft):
            made = make(message.planned.unit, drafter, shop.options)
            room.acquire()
            writers.submit(write, message, made)
            if first:
                _settle()
                first = False


def _settle() -> None:
    """What is loaded by now stays: the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


class _Remote:
    """The endpoint as seen by a unit: asks the run, which knows journal and limits."""

    def __init__(self, bench: _Bench, unit: str) -> None:
        self._bench, self._unit = bench, unit
        self.name = bench.endpoint.name
        self.context_tokens = bench.endpoint.context_tokens
        self.takes_grammar = bench.endpoint.takes_grammar

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        completion = await self._bench.ask(self._unit, request)
        if on_delta is not None:
            on_delta(completion.text)
        return completion


class _Bench:
    """What runs at the same time in one worker with a model."""

    def __init__(self, shop: Shop, line: _Line) -> None:
        assert shop.source is not None
        self.shop, self.outbox = shop, Outbox(line.write)
        self.endpoint: ChatModel = shop.source.open()
        self.drafter = shop.drafter()
        self.waiting: dict[int, asyncio.Future[Completion]] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self._number = 0

    def start(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def ask(self, unit: str, request: ChatRequest) -> Completion:
        self._number += 1
        number = self._number
        self.waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self.outbox.send(Ask(number, unit, request))
            return await self.waiting[number]
        finally:
            del self.waiting[number]

    def take(self, answer: Answer) -> None:
        future = self.waiting.get(answer.number)
        if future is None or future.done():
            return
        if answer.completion is not None:
            future.set_result(answer.completion)
        else:
            future.set_exception(answer.error or RuntimeError("no answer"))

    async def draft(self, message: Draft) -> None:
        planned, shop = message.planned, self.shop

        def section(n: int, heading: str, state: str) -> None:
            self.outbox.send(SectionState(planned.key, n, heading, state), urgent=False)

        try:
            drafter = replace(self.drafter, model=_Remote(self, planned.key))
            made = await make_with_model(planned.unit, drafter, shop.options, section)
            drafted: Drafted = await asyncio.to_thread(placed, made, shop.folder, planned.stem, message.known)
            self.outbox.send(Done(planned.seq, drafted))
        except (StopRun, Exception) as error:
            self.outbox.send(Done(planned.seq, None, portable(error)))


async def _with_model(shop: Shop, source: IO[bytes], line: _Line) -> None:
    if hasattr(os, "nice"):
        os.nice(_NICE)
    bench = _Bench(shop, line)
    _settle()
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[Any] = asyncio.Queue()

    def listen() -> None:
        while (message := received(source)) is not None:
            loop.call_soon_threadsafe(inbox.put_nowait, message)
        os._exit(0)  # the run is gone

    # A thread, because not every system has an event loop that reads from a pipe it was given.
    threading.Thread(target=listen, daemon=True).start()
    while True:
        message = await inbox.get()
        if isinstance(message, Draft):
            bench.start(bench.draft(message))
        elif isinstance(message, Answer):
            bench.take(message)


if __name__ == "__main__":
    main()
