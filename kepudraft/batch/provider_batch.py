"""The OpenAI batch API as a model: requests are gathered, sent as a file, and answered hours later, at many providers for half.

All units wait side by side; when nobody asks anything new, what has gathered goes out as one round: first every section of
every unit, then all repairs, and so on. Requests that expire, fail or come back as garbage go into the next round. A round
that is out when the run ends is remembered in the folder and picked up by the next run: it is paid for.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kepudraft.batch.engine import ModelSource
from kepudraft.errors import BadCompletion, InputError, ModelUnavailable, RequestRejected
from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta, Usage

_QUIET_S = 0.5  # nobody has asked for so long: the round is complete
_POLL_S = 30.0
_MAX_LINES = 40_000  # providers take 50 000 requests a file
_MAX_BYTES = 90_000_000  # … and 100 MB
_ROUNDS = 5  # in which one request may fail before its unit is told
_ENDED = frozenset({"completed", "expired", "cancelled", "failed"})
_OPEN = "provider-batches.json"


@dataclass(slots=True)
class _Asked:
    """One request that waits, by its content key, and how often it went out."""

    request: ChatRequest
    future: asyncio.Future[Completion]
    rounds: int = 0


@dataclass(slots=True)
class ProviderBatchModel:
    """See the module.

    Attributes:
        client: Gives the `openai.AsyncOpenAI` of the running event loop.
        model: Name of the model at the provider.
        name: See `ChatModel`.
        context_tokens: See `ChatModel`.
        takes_grammar: See `ChatModel`.
        folder: Where rounds that are out are remembered; None to forget them.
        poll_s: Seconds between two looks at a round.
        quiet_s: Seconds without a new request after which a round goes out.
        window: How long the provider may take.
        notify: Told of each round, a Chinese sentence.
    """

    client: Callable[[], Awaitable[Any]]
    model: str
    name: str
    context_tokens: int = 32_768
    takes_grammar: bool = False
    folder: Path | None = None
    poll_s: float = _POLL_S
    quiet_s: float = _QUIET_S
    window: str = "24h"
    notify: Callable[[str], None] = lambda _: None
    rounds: int = 0
    _waiting: dict[str, _Asked] = field(default_factory=dict)
    _late: dict[str, Completion] = field(default_factory=dict)
    _asked_at: float = 0.0
    _sender: asyncio.Task[None] | None = None

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`; waits for the round that the request goes out with."""
        loop = asyncio.get_running_loop()
        key = request.key(self.name)
        if self._sender is None or self._sender.done():
            self._sender = loop.create_task(self._rounds())
        if key not in self._waiting:
            self._waiting[key] = _Asked(request, loop.create_future())
        self._asked_at = loop.time()
        completion = await self._waiting[key].future
        if on_delta is not None:
            on_delta(completion.text)
        return completion

    async def _rounds(self) -> None:
        """Send rounds until nobody waits."""
        try:
            for batch_id in self._remembered():
                await self._fetch(batch_id)
            while True:
                await self._quiet()
                self._answer_late()
                ready = [key for key, a in self._waiting.items() if not a.future.done()]
                if not ready:
                    return
                await self._round(self._fitting(ready))
        except Exception as error:
            failure = _told(error)
            for asked in self._waiting.values():
                if not asked.future.done():
                    asked.future.set_exception(failure)
            self._waiting.clear()

    async def _quiet(self) -> None:
        loop = asyncio.get_running_loop()
        while (left := self._asked_at + self.quiet_s - loop.time()) > 0:
            await asyncio.sleep(left)

    def _fitting(self, keys: list[str]) -> dict[str, bytes]:
        """As many lines as one file may hold."""
        lines: dict[str, bytes] = {}
        size = 0
        for key in keys[:_MAX_LINES]:
            lines[key] = json.dumps(self._line(key, self._waiting[key].request), ensure_ascii=False).encode() + b"\n"
            size += len(lines[key])
            if size > _MAX_BYTES:
                break
        return lines

    def _line(self, key: str, request: ChatRequest) -> dict[str, object]:
        body = {
            "model": self.model, "messages": [{"role": m.role, "content": m.content} for m in request.messages],
            "max_tokens": request.max_tokens, "temperature": request.temperature, "seed": request.seed,
        }
        return {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": body}

    async def _round(self, lines: dict[str, bytes]) -> None:
        self.rounds += 1
        self.notify(f"第{self.rounds}轮：{len(lines)}个请求交给批量接口")
        client = await self.client()
        file = await client.files.create(file=("kepudraft.jsonl", io.BytesIO(b"".join(lines.values()))), purpose="batch")
        batch = await client.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window=self.window
        )
        self._remember(batch.id, out=True)
        await self._fetch(batch.id)
        for key in lines:
            asked = self._waiting.get(key)
            if asked is None:
                continue
            asked.rounds += 1
            if asked.rounds >= _ROUNDS and not asked.future.done():
                asked.future.set_exception(RequestRejected(
                    f"批量接口{_ROUNDS}轮都没有给出可用的结果", remedy="请稍后用 --only-failed 重试，或不用批量接口"
                ))
                del self._waiting[key]

    async def _fetch(self, batch_id: str) -> None:
        """Wait for a round to end and hand out what it has brought; what it has not is left for the next."""
        client = await self.client()
        batch = await self._poll(lambda: client.batches.retrieve(batch_id))
        if batch.status == "failed":
            self._remember(batch_id, out=False)
            raise RequestRejected(f"批量接口拒绝了这一轮（{_reason(batch)}）", remedy="请检查模型名称、余额，以及服务商是否支持批量接口")
        if batch.output_file_id:
            content = await client.files.content(batch.output_file_id)
            for line in content.content.splitlines():
                self._take(line)
        self._remember(batch_id, out=False)

    async def _poll(self, look: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - openai's batch
        while True:
            batch = await look()
            if batch.status in _ENDED:
                return batch
            await asyncio.sleep(self.poll_s)

    def _take(self, line: bytes) -> None:
        """One answer to whoever waits for it; what can't be read waits for the next round."""
        try:
            row = json.loads(line)
            key, completion = str(row["custom_id"]), _completion(row["response"]["body"])
        except (ValueError, KeyError, TypeError, IndexError, BadCompletion):
            return
        asked = self._waiting.pop(key, None)
        if asked is None:
            self._late[key] = completion  # of a round of an earlier run: somebody will ask
        elif not asked.future.done():
            asked.future.set_result(completion)

    def _answer_late(self) -> None:
        for key in [k for k in self._waiting if k in self._late]:
            self._waiting.pop(key).future.set_result(self._late.pop(key))

    def _remembered(self) -> list[str]:
        if self.folder is None or not (self.folder / _OPEN).is_file():
            return []
        try:
            return [str(i) for i in json.loads((self.folder / _OPEN).read_text("utf-8"))]
        except (OSError, ValueError):
            return []

    def _remember(self, batch_id: str, *, out: bool) -> None:
        if self.folder is None:
            return
        from kepudraft.export.atomic import write_all

        known = [i for i in self._remembered() if i != batch_id] + ([batch_id] if out else [])
        write_all({self.folder / _OPEN: json.dumps(known).encode()})


def open_provider_batch(source: ModelSource, folder: Path, notify: Callable[[str], None] = lambda _: None) -> ProviderBatchModel:
    """The batch API of the provider behind a source.

    Raises:
        InputError: The source is no OpenAI-compatible endpoint.
    """
    endpoint: ChatModel = source.open()
    client, model = getattr(endpoint, "client", None), getattr(endpoint, "model", None)
    if not callable(client) or not isinstance(model, str):
        raise InputError("这个模型没有批量接口", place="--provider-batch", remedy="请用 OpenAI 兼容接口的模型，或去掉 --provider-batch")
    folder.mkdir(parents=True, exist_ok=True)
    return ProviderBatchModel(client, model, endpoint.name, endpoint.context_tokens, folder=folder, notify=notify)


def _completion(body: dict[str, Any]) -> Completion:
    choice = body["choices"][0]
    text = choice["message"]["content"]
    if not isinstance(text, str) or not text.strip():
        raise BadCompletion("没有文字")
    used = body.get("usage") or {}
    details = used.get("prompt_tokens_details") or {}
    usage = Usage(
        int(used.get("prompt_tokens", 0)), int(used.get("completion_tokens", 0)), int(details.get("cached_tokens") or 0), counted=bool(used)
    )
    return Completion(text, usage, str(choice.get("finish_reason") or "stop"), str(body.get("model", "")))


def _reason(batch: Any) -> str:  # noqa: ANN401
    errors = getattr(getattr(batch, "errors", None), "data", None) or []
    return str(getattr(errors[0], "message", "没有说明"))[:80] if errors else "没有说明"


def _told(error: Exception) -> Exception:
    if isinstance(error, RequestRejected | ModelUnavailable):
        return error
    return ModelUnavailable(f"批量接口出错（{type(error).__name__}）", remedy="请检查网络和接口地址后再运行一次，会接着等")
