"""An OpenAI-compatible endpoint on loopback that answers, or misbehaves, as it is told: one `Reply` a request, in order."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

TEXT = "举办科普讲座24场，听众1380人次。"


@dataclass
class Reply:
    """What the server does with one request.

    Attributes:
        status: Of the answer.
        headers: Beyond Content-Type.
        body: Sent at once (JSON if not bytes), unless `events` are.
        events: Sent as a stream; text as it is, all else as JSON.
        done: The stream ends as it should; else its connection is cut.
        delay_s: Before the answer.
        gap_s: Before each event.
        kind: Content-Type.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: object = None
    events: Iterable[object] | None = None
    done: bool = True
    delay_s: float = 0.0
    gap_s: float = 0.0
    kind: str = ""


def chunk(content: str | None = None, *, finish: str | None = None, **delta: object) -> dict[str, Any]:
    said = {"content": content, **delta} if content is not None else dict(delta)
    return {
        "id": "c", "object": "chat.completion.chunk", "created": 1, "model": "served-model",
        "choices": [{"index": 0, "delta": said, "finish_reason": finish}],
    }


def usage(prompt: int = 20, completion: int = 10, **details: object) -> dict[str, Any]:
    told = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion, **details}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "served-model", "choices": [], "usage": told}


def said(*pieces: str, finish: str | None = "stop", last: Iterable[object] = (), **options: Any) -> Reply:
    """A stream of text."""
    end = [chunk(finish=finish)] if finish else []
    return Reply(events=[chunk("", role="assistant"), *map(chunk, pieces), *end, *last], **options)


def endless(piece: str, **options: Any) -> Reply:
    """A stream that says `piece` until nobody listens."""
    return Reply(events=iter(lambda: chunk(piece), None), **options)


def failed(status: int, message: str = "", *, param: str | None = None, code: object = None, **options: Any) -> Reply:
    """An error in OpenAI's form."""
    return Reply(status, body={"error": {"message": message, "type": "t", "param": param, "code": code}}, **options)


class Server(ThreadingHTTPServer):
    """Answers by `script`, one reply a request; when that is used up, with a good answer.

    Attributes:
        requests: Bodies of what was asked.
        headers: Of the same requests.
        gone: Set when a client hung up in the middle of a stream.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[Reply] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.gone = threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def next(self, body: dict[str, Any], headers: dict[str, str]) -> Reply:
        with self._lock:
            self.requests.append(body)
            self.headers.append(headers)
            return self.script.pop(0) if self.script else said(TEXT, last=[usage()])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error here."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = self.server.next(body, {name.lower(): value for name, value in self.headers.items()})
        time.sleep(reply.delay_s)
        try:
            self._stream(reply) if reply.events is not None else self._whole(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.server.gone.set()
            self.close_connection = True

    def do_GET(self) -> None:
        self._whole(self.server.next({}, {name.lower(): value for name, value in self.headers.items()}))

    def _head(self, reply: Reply, kind: str, **headers: str) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.kind or kind, **headers, **reply.headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _whole(self, reply: Reply) -> None:
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self._head(reply, "application/json", Content_Length=str(len(content)))
        self.wfile.write(content)

    def _stream(self, reply: Reply) -> None:
        self._head(reply, "text/event-stream", Transfer_Encoding="chunked")
        for event in reply.events or ():
            time.sleep(reply.gap_s)
            text = event if isinstance(event, str) else f"data: {json.dumps(event)}\n\n"
            self._chunk(text.encode())
        if not reply.done:
            self.close_connection = True
            return
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def serving() -> Iterator[Server]:
    """A server while the block runs."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def cut(text: str, size: int) -> list[str]:
    """`text` in pieces of `size` characters."""
    rest = iter(text)
    return ["".join(piece) for piece in iter(lambda: list(islice(rest, size)), [])]
