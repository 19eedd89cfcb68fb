"""The way to an endpoint: its address, and the client that keeps to it.

What comes from there is bounded in bytes before anything reads it: a body without end must not fill the memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from kepudraft.errors import MissingExtra, SettingsError
from kepudraft.llm.failures import Site

_NO_KEY = "not-needed"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LARGEST = 64 << 20  # bytes of one answer: many times the longest stream that a model may send


def checked_address(base_url: str) -> str:
    """The address as it is used and shown.

    Raises:
        SettingsError: It is none, or holds what may be secret.
    """
    remedy = "请写成 https://主机/v1 的样子，密钥放进环境变量"
    try:
        parts = urlsplit(base_url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or not base_url.strip().isprintable():
        raise SettingsError("服务地址不能用", place="base_url", remedy=remedy)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingsError("服务地址里不能有用户名、密码和问号后面的部分", place="base_url", remedy=remedy)
    at = f"[{host}]" if ":" in host else host
    path = parts.path.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    return f"{parts.scheme}://{at}{f':{port}' if port else ''}{path}"


def opened_client(site: Site, timeout_s: float) -> Any:  # noqa: ANN401 - its type would load openai with this module
    """A client of the openai package for one event loop.

    Raises:
        MissingExtra: openai is not installed.
        SettingsError: The environment's proxy or certificates cannot be used.
    """
    try:
        import openai
    except ImportError as error:
        raise MissingExtra("没有安装 openai", place="openai", remedy="请安装：pip install openai") from error
    local = urlsplit(site.place).hostname in _LOOPBACK
    try:
        # aiohttp takes a third less processor time a request, but knows no SOCKS proxies and no exceptions from proxies.
        kind = openai.DefaultAioHttpClient if local or not getproxies() else openai.DefaultAsyncHttpxClient
        # A proxy for the outside does not reach this machine, though the environment names it.
        http = kind(follow_redirects=False, trust_env=not local, event_hooks={"response": [_bound]})
        client = openai.AsyncOpenAI(
            base_url=site.place, api_key=site.secret.reveal() or _NO_KEY, timeout=timeout_s, max_retries=0, http_client=http,
        )
    except (ImportError, ValueError, OSError) as error:  # a proxy that cannot be used, a file of certificates that is missing
        remedy = "请检查环境变量 HTTPS_PROXY、ALL_PROXY、SSL_CERT_FILE"
        raise SettingsError(f"代理或证书的设置不能用（{type(error).__name__}）", place=site.place, remedy=remedy) from None
    # Who pays at OpenAI is nobody else's business; the library takes both from the environment.
    client.organization = client.project = None
    return client


async def _bound(response: Any) -> None:  # noqa: ANN401
    """Let no more than `_LARGEST` bytes of a response be read; the client calls this before it reads."""
    response.stream = _bounded(response.stream.__class__)(response.stream)


@cache
def _bounded(kind: type) -> Callable[[Any], Any]:
    """A class of streams around those of `kind` that end where there are too many bytes."""
    # The class that the client insists on, of httpx2 or of httpx: openai has changed from one to the other.
    base: Any = next(k for k in kind.__mro__ if k.__name__ == "AsyncByteStream")

    class Bounded(base):  # type: ignore[misc]
        def __init__(self, inner: Any) -> None:  # noqa: ANN401
            self._inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = _LARGEST
            async for content in self._inner:
                left -= len(content)
                if left < 0:
                    raise ValueError("endless response")
                yield content

        async def aclose(self) -> None:
            await self._inner.aclose()

    return Bounded
