"""One model at the server of the tests, asked once: what the tests of endpoints share."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from kepudraft.errors import (
    ModelError,
)
from kepudraft.llm.chat import ChatRequest, Completion, Message
from kepudraft.llm.openai import Endpoint, OpenAIModel
from tests.llm.server import Server

KEY = "sk-4f9c0e7ab15d42"
REQUEST = ChatRequest((Message("system", "写总结。"), Message("user", "讲座24场")), max_tokens=200, temperature=0.3, seed=7)


class Asked:
    """One model, its waits written down in place of waited."""

    def __init__(self, server: Server, **options) -> None:
        self.waits: list[float] = []
        self.pieces: list[str] = []
        endpoint = Endpoint(server.url, "THE_KEY", **{"timeout_s": 60.0, **options})
        self.model = OpenAIModel("m", endpoint, environ={"THE_KEY": KEY}, wait=self._wait)

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def __call__(self, request: ChatRequest = REQUEST) -> Completion:
        return asyncio.run(self.model.complete(request, on_delta=self.pieces.append))

    def fails(self, kind: type[ModelError], match: str) -> ModelError:
        with pytest.raises(kind, match=match) as caught:
            self()
        shown = "".join(traceback.format_exception(caught.value))
        assert KEY not in shown
        assert caught.value.place.startswith("http://127.0.0.1:")
        assert caught.value.remedy
        return caught.value
