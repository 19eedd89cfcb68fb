"""An endpoint that misbehaves in every way met so far; each is handled as told, by a real server on loopback."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import logging
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from random import Random

import pytest

from kepudraft.errors import (
    BadCompletion,
    ContentRejected,
    KepudraftError,
    ModelError,
    ModelUnavailable,
    RateLimited,
    RequestRejected,
    SettingsError,
)
from kepudraft.llm.chat import ChatRequest, Completion, Message
from kepudraft.llm.connection import checked_address
from kepudraft.llm.openai import Endpoint, OpenAIModel
from tests.llm.server import TEXT, Reply, Server, chunk, cut, endless, failed, said, usage

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


@pytest.fixture
def asked(server) -> Callable[..., Asked]:
    return lambda *script, **options: (server.script.extend(script), Asked(server, **options))[1]


def test_an_answer_comes_in_pieces_with_its_cost(server, asked):
    end = usage(20, 10, prompt_tokens_details={"cached_tokens": 16})
    one = asked(said(*cut(TEXT, 3), last=[end]))
    done = one()
    assert done.text == "".join(one.pieces) == TEXT
    assert (done.usage.prompt, done.usage.completion, done.usage.cached, done.usage.counted) == (20, 10, 16, True)
    assert (done.finish, done.model) == ("stop", "served-model")
    body = server.requests[0]
    assert body["messages"] == [{"role": "system", "content": "写总结。"}, {"role": "user", "content": "讲座24场"}]
    assert (body["model"], body["max_tokens"], body["temperature"], body["seed"]) == ("m", 200, 0.3, 7)
    assert body["stream"] is True
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def test_a_cut_answer_says_so(asked):
    assert asked(said(TEXT, finish="length", last=[usage()]))().finish == "length"


def test_missing_usage_is_estimated(asked):
    spent = asked(said(TEXT))().usage
    assert not spent.counted
    assert 8 < spent.completion < 30
    assert spent.prompt > 5


@pytest.mark.parametrize("last", [
    {"usage": {"prompt_tokens": 30, "completion_tokens": 4, "prompt_cache_hit_tokens": 25}},
    {"usage": {"prompt_tokens": 30, "completion_tokens": 4, "cached_tokens": 25}},
    {"usage": None, "timings": {"cache_n": 25, "prompt_n": 5, "predicted_n": 4}},
])
def test_every_dialect_of_usage_is_read(asked, last):
    spent = asked(said(TEXT, last=[{**usage(), **last}]))().usage
    assert (spent.prompt, spent.completion, spent.cached, spent.counted) == (30, 4, 25, True)


@pytest.mark.parametrize("told", [
    {"prompt_tokens": "many", "completion_tokens": None}, {"prompt_tokens": -3, "completion_tokens": -1}, [1], 7, "x",
])
def test_usage_that_cannot_be_is_not_believed(asked, told):
    assert not asked(said(TEXT, last=[{**usage(), "usage": told}]))().usage.counted


# Thoughts

@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100])
def test_thoughts_are_kept_out_however_they_are_cut(asked, size):
    one = asked(said(*cut("<think>\n讲座有30场吧</think>\n\n" + TEXT, size)))
    assert one().text == "".join(one.pieces) == TEXT


def test_thoughts_that_never_end_are_no_answer(asked):
    one = asked(said("<think>", "想来想去"))
    one.fails(BadCompletion, "只有思考")
    assert one.pieces == []


def test_thoughts_sent_apart_are_no_answer_either(asked):
    asked(Reply(events=[chunk(reasoning_content="想"), chunk(finish="length")])).fails(BadCompletion, "只有思考")


def test_the_end_of_thoughts_begun_in_the_prompt_begins_the_answer(asked):
    assert asked(said("讲座有30场吧", "</think>", TEXT))().text == TEXT


def test_a_tag_that_is_none_stays(asked):
    assert asked(said("气温<", "30度", "<thin"))().text == "气温<30度<thin"


# What passes

def test_429_waits_as_long_as_it_says(server, asked):
    one = asked(failed(429, "slow down", headers={"Retry-After": "7"}))
    assert one().text == TEXT
    assert one.waits == [7.0]


def test_429_with_a_date_waits_until_then(asked):
    one = asked(failed(429, "slow down", headers={"Retry-After": formatdate(time.time() + 50, usegmt=True)}))
    one()
    assert 20 < one.waits[0] <= 50


@pytest.mark.parametrize("value", ["soon", "", "nan", "-5"])
def test_a_retry_after_that_is_none_does_no_harm(asked, value):
    one = asked(failed(429, "slow down", headers={"Retry-After": value}))
    assert one().text == TEXT
    assert 0 <= one.waits[0] < 2


def test_429_without_a_word_waits_longer_each_time_and_gives_up(server, asked):
    one = asked(*[failed(429, "slow down")] * 4)
    assert one.fails(RateLimited, "过于频繁").retry_after is None
    assert len(server.requests) == 4
    assert one.waits == sorted(one.waits)
    assert one.waits[2] > 3 * one.waits[0]


def test_429_that_wants_an_hour_is_told_at_once(server, asked):
    one = asked(failed(429, "quota per day", headers={"Retry-After": "3600"}))
    assert one.fails(RateLimited, "3600").retry_after == 3600
    server.script = [failed(429, "for ever", headers={"Retry-After": "9" * 400})]
    assert one.fails(RateLimited, "429").retry_after
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529, 408])
def test_a_failing_service_is_tried_again_and_told(server, asked, status):
    assert asked(failed(status, "boom"))().text == TEXT
    server.requests.clear()
    asked(*[failed(status, f"boom {KEY}")] * 4).fails(ModelUnavailable, f"{status}.*boom")
    assert len(server.requests) == 4


def test_a_silent_service_is_not_waited_for(server, asked):
    asked(*[Reply(delay_s=1)] * 2, timeout_s=0.1, tries=2).fails(ModelUnavailable, "限定时间")


def test_an_answer_that_trickles_for_ever_ends(asked):
    one = asked(endless("讲", gap_s=0.02), total_s=0.3, tries=1)
    one.fails(ModelUnavailable, "限定时间")


def test_nobody_there_is_told(server):
    one = Asked(server)
    server.shutdown()
    server.server_close()
    one.fails(ModelUnavailable, "连接不上")
    assert len(one.waits) == 3


@pytest.mark.parametrize("broken", [
    said("举办讲座", finish=None, done=False), said("举办讲座", finish=None), Reply(events=[], done=False),
    said("举办", finish="network_error"), said("举办", finish="insufficient_system_resource"),
    Reply(events=[chunk("举办"), {"error": {"message": "overloaded", "code": 503}}]),
])
def test_a_broken_stream_is_asked_for_again_and_never_taken_for_whole(server, asked, broken):
    one = asked(dataclasses.replace(broken, events=list(broken.events)))
    assert one().text == TEXT
    server.script.extend([dataclasses.replace(broken, events=list(broken.events)) for _ in range(4)])
    one.fails(ModelError, "断|空|503")


def test_pieces_of_a_second_try_are_not_mixed_into_the_first(asked):
    one = asked(said("举办讲座", finish=None, done=False))
    assert one().text == TEXT
    assert one.pieces == ["举办讲座"]


def test_tokens_of_a_broken_try_are_counted(asked):
    spent = asked(said(TEXT, finish=None, done=False), said(TEXT, last=[usage(20, 10)]))().usage
    assert spent.prompt > 20
    assert not spent.counted


@pytest.mark.parametrize("nothing", [
    said(""), said("  \n"), Reply(events=[]), Reply(body={}), Reply(body={"choices": []}), said(),
])
def test_an_empty_answer_is_asked_for_again_and_told(server, asked, nothing):
    kept = dataclasses.replace(nothing, events=None if nothing.events is None else list(nothing.events))
    assert asked(kept)().text == TEXT
    server.requests.clear()
    asked(*[kept] * 4).fails(ModelError, "空|断")
    assert len(server.requests) == 4


@pytest.mark.parametrize("wrong", [
    Reply(events=["data: {bad\n\n"]), Reply(body=b"{bad"), Reply(body=b"[1]"), Reply(body=b"\xff\xfe"),
    Reply(events=["data: null\n\n"]), Reply(events=["data: [1, 2]\n\n"]), Reply(events=["data: 5\n\n"]),
    Reply(events=['data: {"choices": 5}\n\n']), Reply(events=['data: {"choices": [null]}\n\n']),
    Reply(events=['data: {"choices": [{"delta": "x"}]}\n\n']), Reply(events=['data: {"choices": [{"delta": {"content": 7}}]}\n\n']),
    Reply(events=['data: {"choices": [{"delta": {"content": ["a"]}, "finish_reason": 3}], "usage": "x", "model": 1}\n\n']),
    Reply(events=["data: " + "[" * 5000 + "\n\n"]), Reply(events=["nothing at all\n\n"]), Reply(events=["data: \ud83d\n\n"]),
    Reply(body=b'{"choices": [{"message": {"content": "\\ud83d"}}]}'),
])
def test_wrong_json_is_asked_for_again_and_told(server, asked, wrong):
    if wrong.events is not None:
        wrong = dataclasses.replace(wrong, events=[e.encode("utf-8", "replace").decode() for e in wrong.events])
    one = asked(wrong)
    assert one().text == TEXT
    server.script.extend([wrong] * 4)
    one.fails(ModelError, "读不懂|空|断")


ODD = [None, True, -1, 3.5, "", "词", "\x00", [], [[]], {}, {"a": 1}, 10**400, "stop", float("nan")]


@pytest.mark.parametrize("seed", range(12))
def test_any_json_is_an_answer_or_an_error_of_ours(server, asked, seed):
    random = Random(seed)

    def odd(depth: int = 3) -> object:
        names = ["choices", "delta", "message", "content", "finish_reason", "usage", "prompt_tokens", "model", "timings", "cache_n",
                 "refusal", "reasoning_content", "prompt_tokens_details", "cached_tokens", "completion_tokens", "index", "x"]
        if not depth or random.random() < 0.2:
            return random.choice(ODD)
        if random.random() < 0.4:
            return [odd(depth - 1) for _ in range(random.randrange(3))]
        return {name: odd(depth - 1) for name in random.sample(names, 4)}

    for _ in range(8):
        events = [{"choices": odd(), "usage": odd(), "model": odd()}, {"choices": [odd(2)]}, {"choices": [{"delta": odd(2)}]}, odd()]
        server.script = [Reply(events=events) if random.random() < 0.7 else Reply(random.choice([200, 400, 500]), body=random.choice(events))]
        with suppress(ModelError):
            assert asked(tries=1)().text


# What does not pass

@pytest.mark.parametrize(("reply", "told"), [
    (failed(401, f"Incorrect API key provided: {KEY}."), "密钥不对.*THE_KEY"),
    (failed(401, "Incorrect API key provided: sk-4f9c0****5d42."), "密钥不对"),
    (failed(401, f"key {KEY[3:]} of {KEY[:9]}"), "密钥不对"),
    (failed(400, "Invalid API key", code="invalid_api_key"), "密钥不对"),
    (failed(402, "Insufficient Balance"), "余额.*充值"),
    (failed(429, "You exceeded your current quota", code="insufficient_quota"), "余额"),
    (failed(429, "您的账户已欠费，请充值后重试", code="1113"), "余额"),
    (failed(403, "The account is overdue", code="AccountOverdueError"), "余额"),
    (failed(403, "no access"), "没有权限.*“m”"),
    (failed(404, "The model `m` does not exist or you do not have access to it.", code="model_not_found"), "没有模型“m”"),
    (failed(404, 'model "m" not found, try pulling it first'), "没有模型“m”"),
    (failed(400, "Model Not Exist"), "没有模型“m”"),
    (failed(404, "Not Found"), "没有对话接口.*/v1"),
    (Reply(404, body={"detail": "Not Found"}), "没有对话接口"),
    (Reply(404, body=b"<!DOCTYPE html><html><body>404</body></html>", kind="text/html"), "没有对话接口.*网页"),
    (Reply(405, body=b""), "没有对话接口"),
    (Reply(body=b"<html>Welcome</html>", kind="text/html"), "网页"),
    (failed(413, "Request Entity Too Large"), "太长"),
    (failed(400, "This model's maximum context length is 4096 tokens.", code="context_length_exceeded"), "太长"),
    (Reply(400, body={"error": {"code": 400, "message": "the request exceeds the available context size",
                                "type": "exceed_context_size_error", "n_prompt_tokens": 9, "n_ctx": 4}}), "太长"),
    (failed(400, "'max_tokens' or 'max_completion_tokens' is too large: 9000."), "太长"),
    (failed(400, "Input data may contain inappropriate content.", code="data_inspection_failed"), "审核"),
    (failed(400, "系统检测到输入或生成内容可能包含敏感内容", code="1301"), "审核"),
    (said("举办", finish="content_filter"), "审核"),
    (Reply(events=[chunk(refusal="I'm sorry, I can't."), chunk(finish="stop")]), "审核"),
    (Reply(events=[{"error": {"message": "content exists risk", "code": 400}}]), "审核"),
    (Reply(200, body={"error": {"message": "Invalid API key", "code": 401}}), "密钥不对"),
    (Reply(302, body=b"", headers={"Location": "https://elsewhere.example/v1?key=1"}), "转到别处.*elsewhere.example/v1）"),
    (Reply(308, body=b""), "转到别处"),
    (failed(418, "I'm a teapot"), "418.*teapot"),
    (Reply(400, body=b"plain words"), "400.*plain words"),
    (Reply(422, body={"detail": [{"type": "missing", "loc": ["body", "input"], "msg": "Field required"}]}), "422"),
    (Reply(400, body=b"\xff\xfe\x00"), "400"),
])
def test_a_refusal_is_told_once_with_its_remedy(server, asked, reply, told):
    error = asked(reply).fails(RequestRejected, told)
    assert isinstance(error, ContentRejected) == (told in ("太长", "审核"))
    assert len(server.requests) == 1
    assert all(KEY[start : start + 7] not in str(error) for start in range(len(KEY) - 6))


def test_prose_that_declines_is_no_answer(server, asked):
    asked(said("很抱歉，", "我无法完成这个请求。")).fails(BadCompletion, "不肯写.*很抱歉")
    assert len(server.requests) == 1


@pytest.mark.parametrize("piece", ["讲", "举办讲座24场。", "二是组织科普大篷车进校园、进社区、进农村，受到群众欢迎；" * 2, "\n", "- \n"])
def test_a_model_that_repeats_itself_for_ever_is_stopped(server, asked, piece):
    one = asked(endless(piece))
    one.fails(BadCompletion, "反复|不停")
    assert len("".join(one.pieces)) < 3000
    assert len(server.requests) == 1
    assert server.gone.wait(60)


def test_thoughts_that_go_in_circles_are_stopped(server, asked):
    asked(Reply(events=iter(lambda: chunk(reasoning_content="再想想。"), None))).fails(BadCompletion, "反复")
    assert server.gone.wait(60)


def test_an_answer_without_end_is_stopped(server, asked):
    numbers = iter(range(10**9))
    asked(Reply(events=iter(lambda: chunk(f"第{next(numbers)}项，"), None))).fails(BadCompletion, "200个词元")
    assert server.gone.wait(60)


@pytest.mark.parametrize("kind", ["text/event-stream", "application/json", "text/plain"])
@pytest.mark.parametrize("status", [200, 400])
def test_a_body_without_end_does_not_fill_the_memory(server, asked, monkeypatch, kind, status):
    monkeypatch.setattr("kepudraft.llm.connection._LARGEST", 1 << 20)
    asked(Reply(status, events=iter(lambda: "data: " + "x" * 65536, None), kind=kind), tries=1).fails(BadCompletion, "读不懂")
    assert server.gone.wait(60)


def test_a_loop_within_the_limit_is_found_too(asked):
    asked(said("举办讲座，" * 40, finish="length", last=[usage()])).fails(BadCompletion, "反复")


# What an endpoint does not take

REFUSALS = [
    (failed(400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            param="max_tokens", code="unsupported_parameter"), "max_tokens"),
    (failed(400, "Unsupported value: 'temperature' does not support 0.3 with this model. Only the default (1) value is supported.",
            param="temperature", code="unsupported_value"), "temperature"),
    (failed(400, "Unrecognized request argument supplied: stream_options"), "stream_options"),
    (failed(400, "Unknown parameter: 'seed'.", code="unknown_parameter"), "seed"),
    (Reply(400, body={"object": "error", "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not"
           " permitted', 'input': {'temperature': 0.3, 'stream': True}}]", "type": "BadRequestError", "param": None, "code": 400}), "seed"),
    (Reply(422, body={"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted",
                                  "input": {"include_usage": True}}]}), "stream_options"),
    (failed(400, "Unsupported param: seed", code=400), "seed"),
    (failed(501, "stream is not implemented"), "stream"),
    (failed(400, "参数 temperature 不支持"), "temperature"),
]


@pytest.mark.parametrize(("reply", "name"), REFUSALS)
def test_what_an_endpoint_does_not_take_is_left_out_and_remembered(server, asked, tmp_path, reply, name):
    one = asked(reply, *([Reply(body={"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]})] if name == "stream" else []),
                quirks=tmp_path / "cache")
    assert one().text == TEXT
    first, second = server.requests
    assert name in first
    assert name not in second or second[name] is False
    if name == "max_tokens":
        assert second["max_completion_tokens"] == 200
    if name == "stream":
        assert not second.get("stream")
        assert "stream_options" not in second
    assert one.waits == []
    server.requests.clear()
    again = Asked(server, quirks=tmp_path / "cache")
    server.script = [Reply(body={"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]})] if name == "stream" else []
    assert again().text == TEXT
    assert len(server.requests) == 1
    assert not server.requests[0].get(name)
    kept = (tmp_path / "cache" / "endpoints.json").read_text("utf-8")
    assert name in kept
    assert KEY not in kept


def test_an_endpoint_that_takes_nothing_is_asked_with_the_bare_request(server, asked):
    names = ["stream_options", "temperature", "seed", "max_tokens", "max_completion_tokens"]
    one = asked(*[failed(400, f"Unsupported parameter: {name}", param=name) for name in names])
    assert one().text == TEXT
    assert set(server.requests[-1]) == {"model", "messages", "stream"}


def test_an_endpoint_that_refuses_what_was_not_sent_is_not_asked_for_ever(server, asked):
    asked(failed(400, "Unsupported parameter: 'logprobs'", param="logprobs")).fails(RequestRejected, "logprobs")
    assert len(server.requests) == 1


@pytest.mark.parametrize("kept", ["", "[]", "{bad", '{"x": 1}', "null", "\x00", '{"%s m": {"refused": 5, "since": 1}}', "[" * 9000])
def test_a_spoiled_memory_does_no_harm(server, asked, tmp_path, kept):
    (tmp_path / "endpoints.json").write_text(kept.replace("%s", server.url), "utf-8")
    assert asked(REFUSALS[0][0], quirks=tmp_path)().text == TEXT


def test_a_folder_that_cannot_be_written_does_no_harm(asked, tmp_path):
    (tmp_path / "file").write_text("x")
    assert asked(REFUSALS[0][0], quirks=tmp_path / "file")().text == TEXT


# Grammars

GRAMMAR = 'root ::= "讲座" [^0-9]*'
WITH_GRAMMAR = dataclasses.replace(REQUEST, grammar=GRAMMAR)


@pytest.mark.parametrize(("dialect", "sent"), [
    ("llama.cpp", {"grammar": GRAMMAR}), ("vllm", {"structured_outputs": {"grammar": GRAMMAR}}), ("guided", {"guided_grammar": GRAMMAR}),
])
def test_a_grammar_is_sent_in_the_dialect_of_the_endpoint(server, asked, dialect, sent):
    one = asked(grammar=dialect)
    assert one.model.takes_grammar
    one(WITH_GRAMMAR)
    one(REQUEST)
    assert {name: server.requests[0][name] for name in sent} == sent
    assert not set(sent) & set(server.requests[1])


def test_no_grammar_is_sent_where_none_is_taken(server, asked):
    one = asked()
    assert not one.model.takes_grammar
    one(WITH_GRAMMAR)
    assert "grammar" not in str(server.requests[0])


def test_an_endpoint_that_refuses_grammars_is_told_so_once(server, asked):
    one = asked(failed(400, "Unrecognized request argument supplied: grammar"), grammar="llama.cpp")
    assert one(WITH_GRAMMAR).text == TEXT
    assert not one.model.takes_grammar
    one(WITH_GRAMMAR)
    assert ["grammar" in body for body in server.requests] == [True, False, False]


@pytest.mark.parametrize("message", ["Failed to parse grammar", "Failed to initialize samplers: failed to parse grammar"])
def test_a_grammar_that_cannot_be_read_is_left_out_this_once(server, asked, message, caplog):
    one = asked(failed(400, message), grammar="llama.cpp")
    with caplog.at_level(logging.WARNING, "kepudraft"):
        assert one(WITH_GRAMMAR).text == TEXT
    assert "grammar" in caplog.text
    assert one.model.takes_grammar


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


# Concurrency

def test_many_at_a_time_and_one_loop_after_another(server, asked):
    one = asked(failed(429, "x"), failed(500, "y"))

    async def several() -> list[Completion]:
        return await asyncio.gather(*(one.model.complete(REQUEST) for _ in range(12)))

    for _ in range(2):
        assert [done.text for done in asyncio.run(several())] == [TEXT] * 12
    gc.collect()


def test_closing_and_asking_again(server):
    async def twice() -> None:
        async with OpenAIModel("m", Endpoint(server.url)) as model:
            await model.complete(REQUEST)
            await model.aclose()
            await model.complete(REQUEST)
        await model.aclose()

    asyncio.run(twice())


@pytest.mark.parametrize("reply", [endless("讲", gap_s=0.01), Reply(delay_s=0.5)])
def test_a_cancelled_call_hangs_up(server, asked, reply):
    one = asked(reply)

    async def begun() -> None:
        task = asyncio.create_task(one.model.complete(REQUEST))
        while not server.requests:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if reply.events is not None:
            assert await asyncio.to_thread(server.gone.wait, 60)
        assert (await one.model.complete(REQUEST)).text == TEXT

    asyncio.run(begun())
    assert one.waits == []


def test_what_the_listener_raises_comes_out_and_hangs_up(server, asked):
    one = asked(endless("讲座"))

    def listener(piece: str) -> None:
        raise ValueError(piece)

    with pytest.raises(ValueError, match="讲座"):
        asyncio.run(one.model.complete(REQUEST, on_delta=listener))
    assert server.gone.wait(60)
    assert len(server.requests) == 1


def test_half_a_character_in_the_prompt_is_sent_as_something_else(server, asked):
    asked()(ChatRequest((Message("user", "讲座\ud83d"),)))
    assert server.requests[0]["messages"][0]["content"] == "讲座?"


def test_halves_of_characters_are_put_together_or_replaced(asked):
    one = asked(said("气球\ud83c", "\udf88升起", "\ude00", "了"))
    assert one().text == "".join(one.pieces) == "气球🎈升起\ufffd了"


def test_every_error_is_of_ours(asked):
    assert issubclass(asked(failed(400)).fails(RequestRejected, "400").__class__, KepudraftError)
