from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from kepudraft.errors import ModelError, SettingsError
from kepudraft.retrieval import open_encoder
from kepudraft.retrieval.encode import Side
from kepudraft.retrieval.endpoint import Endpoint, EndpointEncoder


class Service(ThreadingHTTPServer):
    """An embeddings endpoint on loopback that answers as told: the length of each text, and 1."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses: list[int] = []
        self.delay_s = 0.0
        self.body: object = None
        self.requests: list[dict] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(request)
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        time.sleep(self.server.delay_s)
        texts = request["input"]
        data = [{"object": "embedding", "index": n, "embedding": [len(text), 1.0]} for n, text in enumerate(texts)]
        body = {"object": "list", "data": data[::-1], "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
        answer = body if self.server.body is None else self.server.body
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Retry-After-Ms", "1")
            self.end_headers()
            self.wfile.write(content)
        except BrokenPipeError:
            pass  # a client that did not wait

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def opened(service: Service, **options) -> EndpointEncoder:
    return EndpointEncoder("m", Endpoint(service.url, "key", **{"retries": 0, **options}))


def test_vectors_come_in_the_order_of_the_texts_in_batches(service):
    encoder = opened(service, batch=2)
    assert encoder.id.dim == 2
    rows = encoder.encode(["科普", "科", "", "科普讲座", "科普讲"], side=Side.PASSAGE)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(rows[:, 0] / rows[:, 1], [2, 1, 1, 4, 3], atol=1e-5)
    assert [len(request["input"]) for request in service.requests] == [1, 2, 2, 1]
    assert encoder.encode([], side=Side.QUERY).shape == (0, 2)


def test_services_of_one_model_name_are_told_apart(service):
    first = opened(service).id
    second = EndpointEncoder("m", Endpoint(service.url + "/other", "key", retries=0)).id
    assert first != second
    assert first.name == second.name == "openai:m"


@pytest.mark.parametrize("status", [429, 500])
def test_what_passes_is_tried_again(service, status):
    encoder = opened(service, retries=1)
    service.statuses = [status]
    assert encoder.encode(["科普"], side=Side.QUERY).shape == (1, 2)
    assert len(service.requests) == 3


@pytest.mark.parametrize(
    ("status", "told"), [(429, "频繁"), (500, "500"), (401, "OPENAI_API_KEY"), (404, "模型名称"), (400, "400")]
)
def test_a_refusal_is_told_in_chinese(service, status, told):
    encoder = opened(service)
    service.statuses = [status]
    with pytest.raises(ModelError, match=told) as caught:
        encoder.encode(["科普"], side=Side.QUERY)
    assert "模型 m" in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_silent_service_is_not_waited_for(service):
    encoder = opened(service, timeout_s=0.2)
    service.delay_s = 1.0
    start = time.monotonic()
    with pytest.raises(ModelError, match="限定时间"):
        encoder.encode(["科普"], side=Side.QUERY)
    assert time.monotonic() - start < 1.0


def one(vector: object, index: int = 0) -> dict:
    return {"object": "list", "model": "m", "data": [{"object": "embedding", "index": index, "embedding": vector}]}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"object": "list", "data": [], "model": "m"}, "读不懂|0个向量"),
        (one([1.0, 2.0, 3.0]), "长度不对"),
        (one([]), "长度不对"),
        (one([1.0, None]), "不是数字"),
        (one([1.0, "x"]), "不是数字"),
        (one([[1.0], [2.0]]), "长度不对"),
        (one([1.0, float("nan")]), "不是数字"),
        (one([1.0, 2.0], index=1), "向量"),
        (one(None), "不是数字|长度不对|读不懂"),
        ({"hello": 1}, "读不懂"),
        ([1], "读不懂"),
        (b"<html>not json</html>", "读不懂"),
        (b"{", "读不懂"),
    ],
)
def test_what_comes_back_is_not_believed(service, body, told):
    encoder = opened(service)
    service.body = body
    with pytest.raises(ModelError, match=told):
        encoder.encode(["科普"], side=Side.QUERY)


def test_nobody_there_is_told():
    with pytest.raises(ModelError, match="连接不上"):
        EndpointEncoder("m", Endpoint("http://127.0.0.1:9/v1", "key", retries=0))


def test_a_missing_key_is_told(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        open_encoder("openai:m")


def test_the_environment_names_the_service(service, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", service.url)
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    assert open_encoder("openai:m").id.name == "openai:m"
    assert service.requests[0]["model"] == "m"
