"""A model from a GGUF file, inside this process, by llama.cpp (package xllamacpp, extra `local`).

The library answers in a thread and calls back for every piece; an answer that nobody waits for any more is stopped at
the next piece. It also opens a port for HTTP, which it cannot be kept from: on loopback, behind a key that nobody knows.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kepudraft.errors import MissingExtra, ModelUnavailable, SettingsError
from kepudraft.llm.answer import Answer
from kepudraft.llm.chat import ChatRequest, Completion, OnDelta
from kepudraft.llm.failures import Site, by_status, message_of
from kepudraft.llm.gguf import check_gguf, fingerprint
from kepudraft.llm.secret import Secret
from kepudraft.llm.wording import load_wording

_BATCH = 128  # tokens of a prompt read between two chances to stop
_QUIET = -1
_DONE = None

Chunk = dict[str, Any]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """How a model file is run.

    Attributes:
        context_tokens: Of prompt and answer together, for each request.
        threads: Of the processor; 0 for one a core.
        slots: Requests answered at a time; each keeps its own prefix cache.
        total_s: For one answer, waiting for a slot included.
    """

    context_tokens: int = 4096
    threads: int = 0
    slots: int = 2
    total_s: float = 1800.0


_DEFAULT = LocalOptions()


class LocalModel:
    """See `ChatModel`. The file is loaded when the first request comes, and let go by `aclose`.

    A seed repeats an answer only where the prefix cache and the other slot are in the same state: sums come out a hair
    different when a prompt is read in other portions. Where answers must repeat, a `CachedModel` around it makes them.

    Args:
        path: The GGUF file.
        options: How it is run.

    Raises:
        SettingsError: The file is missing, is no GGUF file, or is not whole.
        MissingExtra: xllamacpp is not installed.
    """

    takes_grammar = True

    def __init__(self, path: Path, options: LocalOptions = _DEFAULT) -> None:
        check_gguf(path)
        _library()
        self._path = path
        self._options = options
        self._name = f"{path.stem}@{fingerprint(path)}"
        self._site = Site(path.name, path.stem, Secret(""))
        self._loading = threading.Lock()
        self._server: Any = None
        self._threads = ThreadPoolExecutor(options.slots, thread_name_prefix="kepudraft-llm")

    @property
    def name(self) -> str:
        """Name and fingerprint of the file."""
        return self._name

    @property
    def context_tokens(self) -> int:
        """As the options say."""
        return self._options.context_tokens

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """Ask; see `ChatModel`.

        Raises:
            ModelError: See `ChatModel`.
            SettingsError: llama.cpp cannot load the file.
        """
        answer = Answer(request, place=self._site.place, on_delta=on_delta)
        try:
            async with asyncio.timeout(self._options.total_s):
                failure = await self._take(_body(request, request.grammar), answer)
                if failure is not None and request.grammar and load_wording().kind(failure) == "grammar":
                    # It narrows, it proves nothing: better an answer without it than none.
                    _log.warning("the grammar cannot be read; asking without it")
                    failure = await self._take(_body(request, ""), answer)
        except TimeoutError:
            raise ModelUnavailable(
                f"{self._options.total_s:.0f}秒内没有写完", place=self._site.place, remedy="请换一个小些的模型"
            ) from None
        if failure is not None:
            raise by_status(400, failure, {}, self._site)
        done = answer.completed()
        return Completion(done.text, done.usage, done.finish, self._path.stem)

    async def aclose(self) -> None:
        """Let the model go, after the answers that are being written."""
        await asyncio.to_thread(self._close)

    async def __aenter__(self) -> LocalModel:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _take(self, body: Chunk, answer: Answer) -> str | None:
        """Let the library answer, and take its pieces; what it complains of, or None."""
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[Chunk | None] = asyncio.Queue()
        stop = threading.Event()

        def hand_over(chunk: Chunk | None) -> bool:
            try:
                loop.call_soon_threadsafe(pieces.put_nowait, chunk)
            except RuntimeError:  # the loop has ended
                stop.set()
            return stop.is_set()

        running = loop.run_in_executor(self._threads, self._run, body, hand_over, stop)
        try:
            while (chunk := await pieces.get()) is not _DONE:
                if "error" in chunk:
                    return message_of(chunk)
                answer.take(chunk)
        finally:
            stop.set()
        await running
        return None

    def _run(self, body: Chunk, hand_over: Callable[[Chunk | None], bool], stop: threading.Event) -> None:
        """In a thread: have one request answered."""
        try:
            server = self._loaded()
            if not stop.is_set():
                server.handle_chat_completions(body, hand_over)
        finally:
            hand_over(_DONE)

    def _loaded(self) -> Any:  # noqa: ANN401 - the library has no types
        with self._loading:
            if self._server is None:
                self._server = _load(self._path, self._options)
            return self._server

    def _close(self) -> None:
        self._threads.shutdown(wait=True)
        with self._loading:
            self._server = None
        self._threads = ThreadPoolExecutor(self._options.slots, thread_name_prefix="kepudraft-llm")


def _body(request: ChatRequest, grammar: str) -> Chunk:
    body: Chunk = {
        "messages": [{"role": m.role, "content": m.content.encode("utf-8", "replace").decode()} for m in request.messages],
        "max_tokens": request.max_tokens, "temperature": request.temperature, "seed": request.seed, "cache_prompt": True,
        "stream": True, "stream_options": {"include_usage": True},
        "return_progress": True,  # so that a long prompt can be stopped too
    }
    return {**body, "grammar": grammar} if grammar else body


def _library() -> Any:  # noqa: ANN401
    try:
        import xllamacpp
    except ImportError as error:
        raise MissingExtra(
            "没有安装运行本地模型的 xllamacpp", place="xllamacpp", remedy="请安装：pip install \"kepudraft[local]\""
        ) from error
    return xllamacpp


def _load(path: Path, options: LocalOptions) -> Any:  # noqa: ANN401
    library = _library()
    params = library.CommonParams()
    params.model.path = str(path)
    params.n_parallel = options.slots
    params.n_ctx = options.context_tokens * options.slots
    params.n_batch = _BATCH
    params.warmup = False
    params.offline = True
    params.verbosity = _QUIET
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads or os.cpu_count() or 1
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [secrets.token_hex(16)]
    params.endpoint_slots = params.endpoint_props = params.ui = False
    try:
        return library.Server(params)
    except RuntimeError as error:
        remedy = "文件可能损坏、不全，或内存不够；请重新下载，换小些的模型，或减小上下文"
        raise SettingsError("模型文件装不进来", place=str(path), remedy=remedy) from error
