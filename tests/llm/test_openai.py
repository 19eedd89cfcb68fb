"""An endpoint that misbehaves in every way met so far; each is handled as told, by a real server on loopback."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import time
from contextlib import suppress
from email.utils import formatdate
from random import Random

import pytest

from kepudraft.errors import (
    BadCompletion,
    KepudraftError,
    ModelError,
    ModelUnavailable,
    RateLimited,
    RequestRejected,
)
from kepudraft.llm.chat import ChatRequest, Completion, Message
from kepudraft.llm.openai import Endpoint, OpenAIModel
from tests.llm.asked import KEY, REQUEST, Asked
from tests.llm.server import TEXT, Reply, chunk, cut, endless, failed, said, usage


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
