"""A model behind any OpenAI-compatible endpoint.

Answers are always asked for as a stream, so that one without end can be cut. What an endpoint does not take is left out
and remembered (`quirks`); what passes is tried again here, with waits that the endpoint may set; all else is raised as a
`ModelError`. The key is never shown (`secret`), and a redirect is not followed.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from weakref import WeakKeyDictionary

from kepudraft.errors import BadCompletion, ModelError, RateLimited, RequestRejected
from kepudraft.llm.answer import Answer
from kepudraft.llm.chat import ChatRequest, Completion, OnDelta, Usage
from kepudraft.llm.connection import checked_address, opened_client
from kepudraft.llm.failures import Site, hung_up, passing, text_of, told
from kepudraft.llm.quirks import Quirks, refused_parameter
from kepudraft.llm.secret import Secret
from kepudraft.llm.wording import load_wording

Dialect = Literal["", "llama.cpp", "vllm", "guided"]
"""How a grammar is sent: not at all; llama.cpp's `grammar`; vLLM's `structured_outputs`; `guided_grammar` of vLLM before 0.12."""

_FIELDS: Mapping[str, str] = {"llama.cpp": "grammar", "vllm": "structured_outputs", "guided": "guided_grammar"}
_REFUSALS = (400, 404, 415, 422, 500, 501)
_END = object()
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how a model is asked.

    Attributes:
        base_url: Address up to and with `/v1`, or what the service has in its place.
        key_env: Environment variable that holds the key; "" for none.
        context_tokens: Of prompt and answer together.
        grammar: See `Dialect`.
        timeout_s: Without a sign of life; a slow machine may read a prompt for minutes.
        total_s: For one answer.
        tries: Including the first.
        longest_wait_s: Between tries; an endpoint that wants longer is not waited for.
        quirks: Folder in which is kept what endpoints do not take; None for nowhere.
    """

    base_url: str
    key_env: str = ""
    context_tokens: int = 8192
    grammar: Dialect = ""
    timeout_s: float = 120.0
    total_s: float = 900.0
    tries: int = 4
    longest_wait_s: float = 60.0
    quirks: Path | None = None


class OpenAIModel:
    """See `ChatModel`. One instance serves many requests at a time, and one event loop after another.

    Connections are closed by `aclose`, or when their event loop ends as `asyncio.run` ends it.

    Args:
        model: Its name at the endpoint.
        endpoint: Where it is.
        environ: Where the key is looked up; the process environment if None.
        wait: Waits some seconds between tries; tests pass their own.

    Raises:
        SettingsError: The address or the key cannot be used.
    """

    def __init__(
        self, model: str, endpoint: Endpoint, *, environ: Mapping[str, str] | None = None,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._model = model
        self._endpoint = endpoint
        address = checked_address(endpoint.base_url)
        self._site = Site(address, model, Secret(endpoint.key_env, environ))
        self._wait = wait
        self._quirks = Quirks(f"{address} {model}", endpoint.quirks)
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Any, AsyncGenerator[Any, None]]] = (
            WeakKeyDictionary()
        )

    @property
    def name(self) -> str:
        """Model and address."""
        return f"{self._model}@{self._site.place}"

    @property
    def model(self) -> str:
        """The model's name at the endpoint."""
        return self._model

    async def client(self) -> Any:  # noqa: ANN401 - its type would load openai with this module
        """The openai client of the running event loop, for what a service offers beside chat (files, batches).

        Raises:
            MissingExtra: openai is not installed.
        """
        return await self._client()

    @property
    def context_tokens(self) -> int:
        """As the endpoint's settings say."""
        return self._endpoint.context_tokens

    @property
    def takes_grammar(self) -> bool:
        """True if the endpoint has a way to take one, and has not refused it."""
        return bool(self._endpoint.grammar) and _FIELDS[self._endpoint.grammar] not in self._quirks

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """Ask, and ask again where that may help; see `ChatModel`.

        Pieces of a second try are not passed on once some of the first were: `Completion.text` is what counts.

        Raises:
            ModelError: After the last try.
            MissingExtra: openai is not installed.
        """
        spent = Usage()
        failures = 0
        without_grammar = renewed = False
        while True:
            answer = Answer(request, place=self._site.place, on_delta=on_delta)
            body = self._body(request, grammar=not without_grammar)
            try:
                completion = await self._ask(body, answer, renewed=renewed)
                return Completion(completion.text, spent + completion.usage, completion.finish, completion.model)
            except _Stale:
                renewed = True
            except _Refused as refused:
                if refused.parameter:
                    _log.info("%s does not take %s", self._site.place, refused.parameter)
                    self._quirks.add(refused.parameter)
                    continue
                # It narrows, it proves nothing: better an answer without it than none.
                _log.warning("%s cannot read the grammar; asking without it", self._site.place)
                without_grammar = True
            except ModelError as failure:
                failures += 1
                spent += answer.usage() if answer.begun else Usage()
                on_delta = None if answer.shown else on_delta
                if not passing(failure) and (answer.judged or not isinstance(failure, BadCompletion)):
                    raise
                await self._pause(failure, failures, request)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client[1].aclose()

    async def __aenter__(self) -> OpenAIModel:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _pause(self, failure: ModelError, failures: int, request: ChatRequest) -> None:
        """Wait before the next try, or raise `failure` if there is to be none."""
        if failures >= self._endpoint.tries:
            raise failure
        # Requests that failed together shall not come back together; the request decides, so that runs are alike.
        spread = 0.75 + int(request.key(self.name)[:4], 16) / 0xFFFF / 2
        seconds = 2.0 ** (failures - 1) * spread
        if isinstance(failure, RateLimited) and failure.retry_after is not None:
            seconds = failure.retry_after
        if seconds > self._endpoint.longest_wait_s:
            raise failure
        await self._wait(seconds)

    def _body(self, request: ChatRequest, *, grammar: bool) -> dict[str, Any]:
        """What is sent, without what this endpoint does not take."""
        length = "max_tokens" if "max_tokens" not in self._quirks else "max_completion_tokens"
        wanted: dict[str, Any] = {
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": request.temperature,
            "seed": request.seed,
            length: request.max_tokens,
        }
        body = {name: value for name, value in wanted.items() if name not in self._quirks}
        if "stream" not in body:
            body.pop("stream_options", None)
        if request.grammar and grammar and self.takes_grammar:
            field = _FIELDS[self._endpoint.grammar]
            body[field] = {"grammar": request.grammar} if field == "structured_outputs" else request.grammar
        body["messages"] = [{"role": m.role, "content": _sendable(m.content)} for m in request.messages]
        body["model"] = self._model
        return body

    async def _ask(self, body: dict[str, Any], answer: Answer, *, renewed: bool) -> Completion:
        """Send one request and read its answer; what other libraries raise ends here."""
        client = await self._client()
        import openai

        failure: Exception
        try:
            async with asyncio.timeout(self._endpoint.total_s):
                # Plain data both ways: the library's own method would fit body and chunks to its types, which takes longer
                # than all the rest of a request, and `Answer` believes no type.
                reply = await _read(client.post(
                    "/chat/completions", cast_to=object, body=body, stream="stream" in body, stream_cls=openai.AsyncStream[object]
                ))
                await self._take(reply, answer) if "stream" in body else answer.take(_checked(reply))
        except (openai.OpenAIError, TimeoutError, _Unreadable) as error:
            # A kept connection that the other side has closed meanwhile is no failure yet.
            stale = not renewed and not answer.begun and hung_up(error)
            failure = _Stale() if stale else self._refused(error, body) or told(error, self._site)
        else:
            return answer.completed()
        # Raised outside, so that what the endpoint said is not attached to it: it may hold the key.
        raise failure

    async def _take(self, stream: Any, answer: Answer) -> None:  # noqa: ANN401 - its type would load openai with this module
        try:
            kind = str(stream.response.headers.get("content-type", "")).lower()
            if "text/html" in kind:
                raise RequestRejected(
                    "回的是网页，不是模型的回答", place=self._site.place, remedy="请检查 --base-url：多以 /v1 结尾"
                )
            if "application/json" in kind:  # not every endpoint streams that is asked to
                answer.take(_whole(await _read(stream.response.aread()), stream.response.request))
                return
            while (chunk := await _read(anext(stream, _END))) is not _END:
                answer.take(_checked(chunk))
        finally:
            await stream.close()

    def _refused(self, error: Exception, body: Mapping[str, Any]) -> _Refused | None:
        """The parameter that the endpoint does not take, if that is what `error` says."""
        if getattr(error, "status_code", 0) not in _REFUSALS:
            return None
        text = text_of(error)
        kind = load_wording().kind(text)
        if kind == "grammar":
            return _Refused("") if body.keys() & _FIELDS.values() else None
        sent = {*body} - {"messages", "model"}
        name = "" if kind else refused_parameter(text, getattr(error, "param", None), sent)
        return _Refused(name) if name else None

    async def _client(self) -> Any:  # noqa: ANN401
        """The client of the running event loop: connections cannot move to another."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            keeper = self._keep(opened_client(self._site, self._endpoint.timeout_s), loop)
            self._clients[loop] = (await anext(keeper), keeper)
        return self._clients[loop][0]

    async def _keep(self, client: Any, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[Any, None]:  # noqa: ANN401
        """Hold a client open. An event loop closes its generators before it ends, and so the client."""
        try:
            yield client
        finally:
            self._clients.pop(loop, None)
            await client.close()


class _Refused(Exception):
    """The endpoint does not take a parameter; "" for the grammar of this request alone."""

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter


class _Stale(Exception):
    """The connection was closed before anything came: ask once more, by a new one."""


class _Unreadable(Exception):
    """What came is not of the form agreed on."""


async def _read(step: Awaitable[Any]) -> Any:  # noqa: ANN401
    """Await what the library reads; what it stumbles over is the endpoint's fault."""
    try:
        return await step
    except (ValueError, RecursionError, AttributeError) as error:
        _log.debug("unreadable answer: %s", type(error).__name__)
    raise _Unreadable


def _whole(content: bytes, request: Any) -> dict[str, Any]:  # noqa: ANN401
    """An answer that came at once; some services put an error into one with status 200."""
    import openai

    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise _Unreadable
    if body.get("error"):
        raise openai.APIError("error", request, body=body["error"])
    return body


def _checked(chunk: object) -> dict[str, Any]:
    """A chunk, or a whole answer."""
    if isinstance(chunk, dict):
        return chunk
    raise _Unreadable


def _sendable(text: str) -> str:
    """`text` without halves of characters, which no request can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")
