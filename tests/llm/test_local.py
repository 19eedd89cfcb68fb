"""A model from a file: files that are none, and the traffic with a library that stands in for llama.cpp.

With the real library and a real file, see test_real_model.py.
"""

from __future__ import annotations

import asyncio
import struct
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from kepudraft.errors import BadCompletion, MissingExtra, ModelUnavailable, RequestRejected, SettingsError
from kepudraft.llm.chat import ChatRequest, Message, Usage
from kepudraft.llm.gguf import check_gguf, fingerprint
from kepudraft.llm.local import LocalModel, LocalOptions
from tests.llm.server import TEXT, chunk, usage

REQUEST = ChatRequest((Message("user", "讲座\ud83d24场"),), max_tokens=200, seed=7)
CIRCLES = [chunk("讲座。")] * 20000


def gguf(*, data: int = 64, offset: int = 32, version: int = 3, magic: bytes = b"GGUF") -> bytes:
    """A small file of the right form: two entries, two tensors."""
    def string(text: bytes) -> bytes:
        return struct.pack("<Q", len(text)) + text

    head = magic + struct.pack("<IQQ", version, 2, 3)
    head += string(b"general.name") + struct.pack("<I", 8) + string(b"tiny")
    head += string(b"tokens") + struct.pack("<IIQ", 9, 8, 2) + string(b"a") + string(b"b")
    head += string(b"n") + struct.pack("<IIQ", 9, 4, 3) + bytes(12)
    for name, at in ((b"one", 0), (b"two", offset)):
        head += string(name) + struct.pack("<IQIQ", 1, 8, 0, at)
    return head + bytes(-len(head) % 32) + bytes(data)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "tiny-model.gguf"
    file.write_bytes(gguf())
    return file


class Library:
    """What xllamacpp is to us; `answers` says what it calls back, in order of requests."""

    def __init__(self) -> None:
        self.answers: list[object] = []
        self.bodies: list[dict] = []
        self.params: list[SimpleNamespace] = []
        self.called = 0
        self.most = self.now = 0
        self.ended = threading.Event()
        self._lock = threading.Lock()

    def CommonParams(self) -> SimpleNamespace:
        return SimpleNamespace(model=SimpleNamespace(), cpuparams=SimpleNamespace(), cpuparams_batch=SimpleNamespace())

    def Server(self, params: SimpleNamespace) -> Library:
        self.params.append(params)
        if self.answers and isinstance(self.answers[0], RuntimeError):
            raise self.answers.pop(0)
        return self

    def handle_chat_completions(self, body: dict, callback) -> None:
        with self._lock:
            self.bodies.append(body)
            answer = self.answers.pop(0) if self.answers else [chunk(TEXT), chunk(finish="stop"), usage()]
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            for piece in answer:
                self.called += 1
                time.sleep(0.001)
                if callback(piece):
                    break
        finally:
            self.now -= 1
            self.ended.set()


@pytest.fixture
def library(monkeypatch) -> Library:
    stand_in = Library()
    monkeypatch.setitem(sys.modules, "xllamacpp", stand_in)
    return stand_in


def ask(model: LocalModel, request: ChatRequest = REQUEST, on_delta=None):
    async def once():
        async with model:
            return await model.complete(request, on_delta=on_delta)

    return asyncio.run(once())


def test_an_answer_comes_in_pieces_with_its_cost(library, path):
    library.answers = [[
        {"choices": [{"delta": {"role": "assistant", "content": None}}], "prompt_progress": {"total": 9, "processed": 4}},
        chunk(TEXT[:5]), chunk(TEXT[5:]), chunk(finish="length"), usage(20, 9, prompt_tokens_details={"cached_tokens": 12}),
    ]]
    pieces: list[str] = []
    done = ask(LocalModel(path), on_delta=pieces.append)
    assert pieces == [TEXT[:5], TEXT[5:]]
    assert (done.text, done.usage, done.finish, done.model) == (TEXT, Usage(20, 9, 12), "length", "tiny-model")
    body = library.bodies[0]
    assert (body["max_tokens"], body["seed"], body["stream"]) == (200, 7, True)
    assert body["messages"] == [{"role": "user", "content": "讲座?24场"}]
    assert "grammar" not in body


def test_the_file_is_loaded_once_with_what_the_options_say(library, path):
    model = LocalModel(path, LocalOptions(context_tokens=2048, threads=3, slots=2))

    async def several():
        async with model:
            await asyncio.gather(*(model.complete(REQUEST) for _ in range(6)))

    assert library.params == []
    asyncio.run(several())
    (params,) = library.params
    assert (params.n_ctx, params.n_parallel, params.cpuparams.n_threads) == (4096, 2, 3)
    assert params.hostnames == ["127.0.0.1"]
    assert len(params.api_keys[0]) >= 32
    assert params.endpoint_slots is False
    assert library.most == 2
    assert model.takes_grammar
    assert model.context_tokens == 2048
    assert ask(model).text == TEXT, "after it was closed it is loaded anew"
    assert len(library.params) == 2


def test_a_model_in_circles_is_stopped(library, path):
    library.answers = [CIRCLES]
    with pytest.raises(BadCompletion, match="反复"):
        ask(LocalModel(path))
    assert library.called < len(CIRCLES)


def test_a_cancelled_call_stops_the_library(library, path):
    library.answers = [[chunk(f"第{n}项，") for n in range(5000)]]
    model = LocalModel(path)

    async def cancelled():
        seen = asyncio.Event()
        task = asyncio.create_task(model.complete(REQUEST, on_delta=lambda _: seen.set()))
        await seen.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(library.ended.wait, 60)
        await model.aclose()

    asyncio.run(cancelled())
    assert library.called < 5000


def test_what_takes_too_long_is_given_up(library, path):
    library.answers = [[chunk(f"第{n}项，") for n in range(5000)]]
    with pytest.raises(ModelUnavailable, match="没有写完"):
        ask(LocalModel(path, LocalOptions(total_s=0.05)))


@pytest.mark.parametrize(("answer", "kind", "told"), [
    ([{"error": {"code": 400, "message": "request (9 tokens) exceeds the available context size (4 tokens)"}}], RequestRejected, "太长"),
    ([{"error": {"code": 500, "message": "boom"}}], RequestRejected, "boom"),
    ([{"error": "odd"}], RequestRejected, "odd"),
    ([chunk(finish="stop"), usage()], BadCompletion, "空"),
    ([], ModelUnavailable, "断"),
    ([chunk("讲座")], ModelUnavailable, "断"),
    ([chunk("抱歉，我不能"), chunk(finish="stop")], BadCompletion, "不肯写"),
])
def test_what_the_library_complains_of_is_told(library, path, answer, kind, told):
    library.answers = [answer]
    with pytest.raises(kind, match=told) as caught:
        ask(LocalModel(path))
    assert caught.value.place == "tiny-model.gguf"


def test_a_grammar_that_cannot_be_read_is_left_out(library, path):
    library.answers = [[{"error": {"code": 400, "message": "Failed to initialize samplers: failed to parse grammar"}}]]
    assert ask(LocalModel(path), ChatRequest((Message("user", "x"),), grammar="root := (")).text == TEXT
    assert ["grammar" in body for body in library.bodies] == [True, False]


def test_what_the_listener_raises_comes_out(library, path):
    library.answers = [CIRCLES]

    def listener(piece: str) -> None:
        raise KeyError(piece)

    with pytest.raises(KeyError):
        ask(LocalModel(path), on_delta=listener)
    assert library.ended.wait(60)


def test_a_file_that_the_library_cannot_load_is_told_each_time(library, path):
    library.answers = [RuntimeError("Failed to init server"), RuntimeError("Failed to init server")]
    model = LocalModel(path)
    for _ in range(2):
        with pytest.raises(SettingsError, match="装不进来"):
            ask(model)


def test_a_missing_library_is_told(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtra, match=r"pip install .*kepudraft\[local\]"):
        LocalModel(path)


@pytest.mark.parametrize(("content", "told"), [
    (b"", "不是 GGUF"), (b"GGU", "不是 GGUF"), (b"<html>not found</html>", "不是 GGUF"), (gguf(magic=b"ggml"), "不是 GGUF"),
    (b"GGUF", "损坏"), (b"GGUF\x03\x00\x00\x00garbage", "损坏"), (gguf(version=9), "损坏"), (gguf()[:60], "损坏"), (gguf()[:150], "损坏"),
    (gguf(data=16), "不全"), (gguf(offset=1 << 40), "不全"), (gguf(data=32), "不全"),
    (b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 60), "损坏"), (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0), "损坏"),
    (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + struct.pack("<Q", 1 << 62), "损坏"),
    (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 1) + b"n" + struct.pack("<IIQ", 9, 8, 1 << 62), "损坏"),
    (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 1) + b"n" + struct.pack("<IIQ", 9, 4, 1 << 62), "损坏"),
    (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 1) + b"n" + struct.pack("<IIQ", 9, 9, 1), "损坏"),
    (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 1) + b"n" + struct.pack("<I", 77), "损坏"),
])
def test_a_file_that_is_no_whole_model_is_told_before_it_is_loaded(tmp_path, content, told):
    file = tmp_path / "bad.gguf"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=told):
        check_gguf(file)


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(SettingsError, match="没有这个模型文件"):
        LocalModel(tmp_path / "none.gguf")
    with pytest.raises(SettingsError, match="读不了"):
        LocalModel(tmp_path)


def test_a_whole_file_passes_and_its_name_tells_it_from_others(path, tmp_path):
    check_gguf(path)
    other = tmp_path / "other.gguf"
    other.write_bytes(gguf(data=65))
    assert fingerprint(path) != fingerprint(other)
    assert fingerprint(path) == fingerprint(path)
