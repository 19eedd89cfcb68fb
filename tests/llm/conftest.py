from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kepudraft.llm import connection
from tests.llm.asked import Asked
from tests.llm.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(params=["aiohttp", "httpx"])
def asked(server, request, monkeypatch) -> Callable[..., Asked]:
    """A model with what the server will answer; by either of the HTTP libraries, which fail each in its own way."""
    if request.param == "httpx":
        # As where a proxy is set: what is not this machine then goes by httpx.
        monkeypatch.setattr(connection, "_LOOPBACK", ())
        monkeypatch.setattr(connection, "getproxies", lambda: {"ftp": "http://192.0.2.1:1"})
    return lambda *script, **options: (server.script.extend(script), Asked(server, **options))[1]
