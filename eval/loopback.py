"""An endpoint on this machine that speaks /v1/chat/completions and the batch API, misbehaves as told, and counts what it is paid for.

`python -m eval.loopback --delay 0.2` prints its port and serves until its standard input ends. GET /stats tells what it has seen.
An answer depends on the request alone, so that two runs against it can be compared. Faults are drawn from a seeded row.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import random
import re
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

from kepudraft.llm.chat import ChatModel

_TEXT = re.compile(r'name="([^"]*)"')
Reply = Callable[[list[dict[str, Any]]], str]


def default_reply(messages: list[dict[str, Any]]) -> str:
    """A text that depends on the messages alone and holds no figure."""
    digest = hashlib.sha256(json.dumps(messages, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    words = ("工作有序开展", "各项任务按计划推进", "活动面向公众", "服务贴近居民")
    return "，".join(words[int(c, 16) % len(words)] for c in digest[:3]) + "。"


_POINT = re.compile(r"^(\d+)\. (.+)$", re.M)


def echo_reply(messages: list[dict[str, Any]]) -> str:
    """The facts that a section's request lists, line by line: what the most obedient model would write."""
    points: dict[str, str] = {}
    for number, text in _POINT.findall(str(messages[-1]["content"])):
        points.setdefault(number, text)
    return "\n".join(f"{n}. {text}" for n, text in points.items()) or default_reply(messages)


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares of requests that go wrong, and how long an answer takes."""

    delay_s: float = 0.2
    jitter: float = 0.25
    limited: float = 0.0
    failing: float = 0.0
    cut: float = 0.0
    garbage: float = 0.0
    seed: int = 0


@dataclass(slots=True)
class Counts:
    """What the endpoint has seen."""

    requests: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    at_once: int = 0
    tokens: int = 0
    first: float = 0.0
    last: float = 0.0

    def record(self) -> dict[str, object]:
        """As JSON values; `paid_twice` counts requests that were answered whole more than once."""
        return {
            "requests": self.requests, "kinds": dict(self.kinds), "paid": sum(self.paid.values()), "distinct": len(self.paid),
            "paid_twice": sum(n - 1 for n in self.paid.values()), "most_at_once": self.most_at_once, "tokens": self.tokens,
            "at_once": self.at_once, "seconds": round(self.last - self.first, 4),
        }


class Loopback:
    """The server; `start` gives its port."""

    def __init__(self, faults: Faults = Faults(), reply: Reply = default_reply, *, expire_share: float = 0.0) -> None:
        self.faults, self.reply, self.counts = faults, reply, Counts()
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.expire_share = expire_share
        self.batch_seconds = 0.2
        self.keep: IO[bytes] | None = None
        self._random = random.Random(faults.seed)
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen on loopback; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=1 << 26)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close."""
        if self._server:
            self._server.close()
        mine = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        await asyncio.sleep(0)  # transports close behind their tasks

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                method, path, _ = line.decode("latin-1").split(" ", 2)
                headers: dict[str, str] = {}
                while (header := (await reader.readline()).decode("latin-1").strip()):
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                if not await self._answer(method, path, headers, body, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes, writer: asyncio.StreamWriter) -> bool:
        if path.endswith("/chat/completions"):
            return await self._chat(body, writer)
        if path == "/stats":
            return _send(writer, 200, json.dumps(self.counts.record()).encode())
        if path.endswith("/files") and method == "POST":
            file_id = f"file-{uuid.uuid4().hex[:12]}"
            self.files[file_id] = _upload(headers, body)
            return _send(writer, 200, json.dumps(_file(file_id, self.files[file_id])).encode())
        if (found := re.search(r"/files/([\w-]+)/content", path)) and found[1] in self.files:
            return _send(writer, 200, self.files[found[1]], kind="application/octet-stream")
        if path.endswith("/batches") and method == "POST":
            return _send(writer, 200, json.dumps(self._new_batch(json.loads(body))).encode())
        if (found := re.search(r"/batches/([\w-]+)$", path)) and found[1] in self.batches:
            return _send(writer, 200, json.dumps(self._batch(found[1])).encode())
        return _send(writer, 404, b'{"error": {"message": "not found"}}')

    async def _chat(self, body: bytes, writer: asyncio.StreamWriter) -> bool:
        counts, faults = self.counts, self.faults
        counts.requests += 1
        counts.at_once += 1
        counts.first = counts.first or time.monotonic()
        if self.keep is not None:
            self.keep.write(body + b"\n")
        counts.most_at_once = max(counts.most_at_once, counts.at_once)
        try:
            kind = self._kind()
            counts.kinds[kind] += 1
            if kind == "429":
                return _send(writer, 429, b'{"error": {"message": "slow down"}}', extra="Retry-After: 0.05\r\n")
            await asyncio.sleep(faults.delay_s * (1 + faults.jitter * (2 * self._random.random() - 1)))
            if kind == "500":
                return _send(writer, 500, b'{"error": {"message": "broken"}}')
            if kind == "garbage":
                return _send(writer, 200, b'<html>busy</html>')
            return await self._complete(json.loads(body), body, writer, cut=kind == "cut")
        finally:
            counts.at_once -= 1
            counts.last = time.monotonic()

    def _kind(self) -> str:
        draw, f = self._random.random(), self.faults
        for share, kind in ((f.limited, "429"), (f.failing, "500"), (f.cut, "cut"), (f.garbage, "garbage")):
            if draw < share:
                return kind
            draw -= share
        return "ok"

    async def _complete(self, request: dict[str, Any], body: bytes, writer: asyncio.StreamWriter, *, cut: bool) -> bool:
        text = self.reply(request["messages"])
        whole = _completion(request, text)
        if request.get("stream"):
            data = b"".join(b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n" for chunk in _chunks(whole, text))
            data += b"data: [DONE]\n\n"
            kind = "text/event-stream"
        else:
            data, kind = json.dumps(whole, ensure_ascii=False).encode(), "application/json"
        if cut:
            _send(writer, 200, data, kind=kind, only=len(data) // 2)
            await writer.drain()
            return False
        _send(writer, 200, data, kind=kind)
        await writer.drain()
        self.counts.paid[content_key(request)] += 1
        self.counts.tokens += whole["usage"]["total_tokens"]
        return True

    def _new_batch(self, asked: dict[str, Any]) -> dict[str, Any]:
        batch_id = f"batch_{uuid.uuid4().hex[:12]}"
        self.batches[batch_id] = {
            "id": batch_id, "object": "batch", "endpoint": asked["endpoint"], "input_file_id": asked["input_file_id"],
            "completion_window": asked["completion_window"], "status": "in_progress", "created_at": int(time.time()), "_at": time.monotonic(),
        }
        return _public(self.batches[batch_id])

    def _batch(self, batch_id: str) -> dict[str, Any]:
        batch = self.batches[batch_id]
        if batch["status"] == "in_progress" and time.monotonic() - batch["_at"] >= self.batch_seconds:
            self._finish_batch(batch)
        return _public(batch)

    def _finish_batch(self, batch: dict[str, Any]) -> None:
        """All lines answered, but a share expires, some fail with 500, and one answer is garbage."""
        done, failed, expired = [], [], 0
        for line in self.files[batch["input_file_id"]].splitlines():
            row = json.loads(line)
            request = row["body"]
            if self._random.random() < self.expire_share:
                expired += 1
                failed.append({"custom_id": row["custom_id"], "response": None, "error": {"code": "batch_expired", "message": "expired"}})
            elif self._random.random() < self.faults.failing:
                failed.append({"custom_id": row["custom_id"], "response": {"status_code": 500, "body": {}}, "error": None})
            elif self._random.random() < self.faults.garbage:
                done.append({"custom_id": row["custom_id"], "response": {"status_code": 200, "body": {"what": 1}}, "error": None})
            else:
                whole = _completion(request, self.reply(request["messages"]))
                self.counts.paid[content_key(request)] += 1
                self.counts.tokens += whole["usage"]["total_tokens"]
                done.append({"custom_id": row["custom_id"], "response": {"status_code": 200, "body": whole}, "error": None})
        self._random.shuffle(done)
        for key, rows in (("output_file_id", done), ("error_file_id", failed)):
            if rows:
                file_id = f"file-{uuid.uuid4().hex[:12]}"
                self.files[file_id] = "\n".join(json.dumps(r, ensure_ascii=False) for r in rows).encode()
                batch[key] = file_id
        batch["status"] = "expired" if expired else "completed"


def content_key(request: dict[str, Any]) -> str:
    """What makes two requests one: everything but the way the answer is sent."""
    body = {k: v for k, v in request.items() if k not in ("stream", "stream_options")}
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _completion(request: dict[str, Any], text: str) -> dict[str, Any]:
    prompt = sum(len(str(m["content"])) for m in request["messages"])
    usage = {"prompt_tokens": prompt, "completion_tokens": len(text), "total_tokens": prompt + len(text)}
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {
        "id": "chatcmpl-" + content_key(request)[:12], "object": "chat.completion", "created": 1, "model": request["model"],
        "choices": [choice], "usage": usage,
    }


def _chunks(whole: dict[str, Any], text: str) -> list[dict[str, Any]]:
    head = {k: whole[k] for k in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    third = max(1, len(text) // 3)
    pieces = [text[i : i + third] for i in range(0, len(text), third)]
    made: list[dict[str, Any]] = [
        {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": p}, "finish_reason": None}]} for p in pieces
    ]
    made.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    made.append({**head, "choices": [], "usage": whole["usage"]})
    return made


def _file(file_id: str, data: bytes) -> dict[str, Any]:
    return {"id": file_id, "object": "file", "bytes": len(data), "created_at": 1, "filename": "batch.jsonl", "purpose": "batch",
            "status": "processed"}


def _public(batch: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in batch.items() if not k.startswith("_")}


def _upload(headers: dict[str, str], body: bytes) -> bytes:
    """The file part of a multipart form."""
    boundary = b"--" + headers["content-type"].partition("boundary=")[2].strip('"').encode()
    for part in body.split(boundary):
        head, _, data = part.partition(b"\r\n\r\n")
        named = _TEXT.search(head.decode("latin-1"))
        if named and named[1] == "file":
            return data.removesuffix(b"\r\n")
    return b""


def _send(
    writer: asyncio.StreamWriter, status: int, body: bytes, *, kind: str = "application/json", extra: str = "", only: int | None = None
) -> bool:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    writer.write(head.encode() + (body if only is None else body[:only]))
    return True


def named_model(base_url: str) -> ChatModel:
    """The endpoint under a name without its port: what two runs against two servers make can then be compared byte by byte."""
    from kepudraft.llm.openai import Endpoint, OpenAIModel

    class Named(OpenAIModel):
        """The same model, called «loopback»."""

        @property
        def name(self) -> str:
            """Fixed."""
            return "loopback"

    return Named("m", Endpoint(base_url, tries=1))


class InThread:
    """A server in a thread of this process, for tests: `with InThread(Loopback()) as url`."""

    def __init__(self, server: Loopback) -> None:
        self.server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self.server.start(), self._loop).result(10)
        return f"http://127.0.0.1:{port}/v1"

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.server.stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def _main(faults: Faults, keep: str) -> None:
    server = Loopback(faults, echo_reply)
    server.keep = open(keep, "ab", buffering=0) if keep else None  # noqa: SIM115 - open as long as this process
    print(await server.start(), flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until whoever started this is gone


def main(argv: list[str]) -> int:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m eval.loopback")
    for name in ("delay", "jitter", "limited", "failing", "cut", "garbage"):
        parser.add_argument(f"--{name}", type=float, default=0.2 if name == "delay" else 0.25 if name == "jitter" else 0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", default="", help="file to which the requests are appended, a line each")
    a = parser.parse_args(argv)
    asyncio.run(_main(Faults(a.delay, a.jitter, a.limited, a.failing, a.cut, a.garbage, a.seed), a.keep))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
