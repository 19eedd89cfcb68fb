"""Keys, addresses and proxies: nothing is shown or sent where it does not belong."""

from __future__ import annotations

import asyncio
import json
import logging
import re

import pytest

from kepudraft.errors import (
    ModelUnavailable,
    RequestRejected,
    SettingsError,
)
from kepudraft.llm import connection
from kepudraft.llm.connection import checked_address
from kepudraft.llm.failures import Site
from kepudraft.llm.openai import Endpoint, OpenAIModel
from kepudraft.llm.secret import Secret
from tests.llm.asked import KEY, REQUEST
from tests.llm.server import TEXT, failed

# The key

def test_the_key_shows_itself_nowhere(server, asked, caplog):
    with caplog.at_level(logging.DEBUG):
        one = asked(failed(400, f"bad {KEY}"))
        one.fails(RequestRejected, "400")
        one()
    assert KEY not in caplog.text
    assert KEY not in repr(one.model) + repr(vars(one.model)) + one.model.name


@pytest.mark.parametrize(("name", "environ"), [
    ("THE_KEY", {}), ("THE_KEY", {"THE_KEY": "  "}), (KEY, {}), ("4f9c0e7ab15d42", {}), ("abcdef4f9c0e7ab15d42", {}),
    ("THE_KEY", {"THE_KEY": "我的密钥sk4f9c0e7ab15d42"}), ("THE_KEY", {"THE_KEY": "sk-4f9c0e7ab15d42\nx"}),
])
def test_a_key_that_is_missing_or_in_the_wrong_place_is_told_without_it(name, environ):
    with pytest.raises(SettingsError) as caught:
        OpenAIModel("m", Endpoint("http://127.0.0.1:9/v1", name), environ=environ)
    assert "4f9c0e7ab15d42" not in str(caught.value)
    assert "环境变量" in str(caught.value)


def test_no_key_is_sent_where_none_is_needed_and_its_need_is_told(server):
    model = OpenAIModel("m", Endpoint(server.url), environ={"OPENAI_API_KEY": KEY})
    asyncio.run(model.complete(REQUEST))
    assert KEY not in str(server.headers)
    server.script = [failed(401, "Unauthorized")]
    with pytest.raises(RequestRejected, match="api_key_env"):
        asyncio.run(model.complete(REQUEST))


def test_who_pays_at_openai_is_not_told_to_others(server, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-1")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "admin-1")
    asyncio.run(OpenAIModel("m", Endpoint(server.url)).complete(REQUEST))
    assert "org-1" not in str(server.headers)
    assert "proj-1" not in str(server.headers)
    assert "admin-1" not in str(server.headers)


def test_a_proxy_for_the_outside_is_not_used_for_this_machine(server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    assert asyncio.run(OpenAIModel("m", Endpoint(server.url)).complete(REQUEST)).text == TEXT


def test_a_proxy_that_cannot_be_used_is_told(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "nonsense://x")
    with pytest.raises(SettingsError, match="代理"):
        asyncio.run(OpenAIModel("m", Endpoint("http://192.0.2.1/v1")).complete(REQUEST))


@pytest.mark.parametrize(("proxies", "base_url", "quick"), [
    ({}, "https://h.example/v1", True),
    ({"all": "socks5://192.0.2.1:1"}, "https://h.example/v1", False),
    ({"https": "http://192.0.2.1:1", "no": "h.example"}, "https://h.example/v1", False),
    ({"all": "socks5://192.0.2.1:1"}, "http://localhost:1/v1", True),
])
def test_aiohttp_asks_where_no_proxy_is_set(monkeypatch, proxies, base_url, quick):
    import openai

    made = []
    monkeypatch.setattr(connection, "getproxies", lambda: proxies)
    plain = openai.DefaultAsyncHttpxClient
    for name in ("DefaultAioHttpClient", "DefaultAsyncHttpxClient"):
        monkeypatch.setattr(openai, name, lambda name=name, **_: made.append(name) or plain())
    connection.opened_client(Site(base_url, "m", Secret("", {})), 1.0)
    assert made == ["DefaultAioHttpClient" if quick else "DefaultAsyncHttpxClient"]


@pytest.mark.parametrize(("given", "used"), [
    ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
    ("https://h.example/v1/chat/completions", "https://h.example/v1"),
    (" http://[::1]:1/v1 ", "http://[::1]:1/v1"),
])
def test_an_address_is_cleaned(given, used):
    assert checked_address(given) == used


@pytest.mark.parametrize("given", [
    "", "h.example/v1", "ftp://h/v1", "http://", "http://h:port/v1", f"https://u:{KEY}@h/v1", f"https://h/v1?key={KEY}", "http://[::1/v1",
    "http://h/\x00",
])
def test_an_address_that_cannot_be_used_is_told_without_its_secrets(given):
    with pytest.raises(SettingsError, match="服务地址") as caught:
        checked_address(given)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(("lasting", "waits"), [(False, 0), (True, 3)])
def test_a_kept_connection_that_was_closed_meanwhile_costs_no_wait(lasting, waits):
    """The server answers as if it kept the connection, and hangs up at the next request on it; or at every later request."""
    answer = json.dumps({"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]}).encode()
    opened, waited = [], []

    async def serve(reader, writer):
        opened.append(writer)
        served = 0
        while head := await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(int(re.search(rb"(?i)content-length: *(\d+)", head)[1]))
            if served or (lasting and len(opened) > 1):
                break
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
            served += 1
        writer.close()

    async def wait(seconds):
        waited.append(seconds)

    async def asked():
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            async with OpenAIModel("m", Endpoint(address), wait=wait) as model:
                return [(await model.complete(REQUEST)).text for _ in range(2)]

    if lasting:
        with pytest.raises(ModelUnavailable, match="连接中断"):
            asyncio.run(asked())
    else:
        assert asyncio.run(asked()) == [TEXT, TEXT]
    assert len(waited) == waits
