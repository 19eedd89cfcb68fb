"""With the real llama.cpp and a real model: `pytest -m model tests/llm/test_real_model.py`.

The file is the one that KEPUDRAFT_TEST_MODEL names, else the first .gguf in ~/.cache/kepudraft/models.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kepudraft.errors import RequestRejected
from kepudraft.llm.chat import ChatRequest, Message
from kepudraft.llm.local import LocalModel, LocalOptions
from kepudraft.llm.openai import Endpoint, OpenAIModel

pytestmark = pytest.mark.model
# Read here: while tests run, the person's own folders are out of sight.
_NAMED = os.environ.get("KEPUDRAFT_TEST_MODEL")
_FOUND = [Path(_NAMED)] if _NAMED else sorted((Path.home() / ".cache" / "kepudraft" / "models").glob("*.gguf"))
KEY = "sk-real0badc0ffee"
SHARED = Message("system", "你为科普单位写工作总结，只写给出的事实，不写别的。" * 8)


def request(text: str, **options) -> ChatRequest:
    return ChatRequest((SHARED, Message("user", text)), **{"max_tokens": 24, "temperature": 0.3, "seed": 5, **options})


@pytest.fixture(scope="module")
def file() -> Path:
    if not _FOUND:
        pytest.fail("no model file: set KEPUDRAFT_TEST_MODEL")
    return _FOUND[0]


@pytest.fixture(scope="module")
def local(file: Path) -> Iterator[LocalModel]:
    model = LocalModel(file, LocalOptions(threads=1, context_tokens=1024))
    yield model
    asyncio.run(model.aclose())


@pytest.fixture(scope="module")
def address(file: Path) -> Iterator[str]:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel, params.warmup, params.verbosity = str(file), 1024, 1, False, -1
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [KEY]
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


def endpoint(address: str, key: str = KEY, **options) -> OpenAIModel:
    return OpenAIModel("any", Endpoint(address, "K", grammar="llama.cpp", **{"tries": 1, **options}), environ={"K": key})


@pytest.mark.parametrize("way", ["local", "http"])
def test_a_grammar_is_obeyed_and_prefixes_are_cached(way, local, address):
    model = local if way == "local" else endpoint(address)
    pieces: list[str] = []

    async def asked():
        first = await model.complete(request("讲座24场。请写一句。", grammar='root ::= "举办讲座" [^0-9]*'), on_delta=pieces.append)
        other = await model.complete(request("展览3个。请写一句。", grammar='root ::= "举办展览" [^0-9]*'))
        return first, other

    first, other = asyncio.run(asked())
    assert first.text.startswith("举办讲座")
    assert not any(char in "0123456789" for char in first.text)
    assert "".join(pieces).strip() == first.text
    assert other.text.startswith("举办展览")
    assert other.usage.counted
    assert other.usage.cached >= 0.7 * other.usage.prompt


@pytest.mark.parametrize("way", ["local", "http"])
def test_too_long_a_request_and_a_bad_grammar_are_handled(way, local, address):
    model = local if way == "local" else endpoint(address)
    with pytest.raises(RequestRejected, match="太长"):
        asyncio.run(model.complete(request("讲座" * 3000)))
    assert asyncio.run(model.complete(request("写两个字", grammar="root := (", max_tokens=4))).text


@pytest.mark.parametrize("way", ["local", "http"])
def test_a_cancelled_answer_frees_the_model(way, local, address):
    model = local if way == "local" else endpoint(address)

    async def cancelled() -> float:
        """Time until the next answer, in tokens of the one that was cancelled."""
        pieces: list[float] = []
        task = asyncio.create_task(
            model.complete(request("写一篇长文", max_tokens=600), on_delta=lambda _: pieces.append(time.monotonic()))
        )
        while len(pieces) < 9:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        begun = time.monotonic()
        await model.complete(request("写两个字", max_tokens=2))
        return (time.monotonic() - begun) / ((pieces[8] - pieces[0]) / 8)

    assert asyncio.run(cancelled()) < 300


def test_a_wrong_key_is_told(address):
    with pytest.raises(RequestRejected, match="密钥不对") as caught:
        asyncio.run(endpoint(address, "sk-wrong0badc0ffee").complete(request("x")))
    assert "wrong0badc0ffee" not in str(caught.value)
