"""What a service refuses or never ends is told once, with its remedy."""

from __future__ import annotations

import pytest

from kepudraft.errors import (
    BadCompletion,
    ContentRejected,
    RequestRejected,
)
from tests.llm.asked import KEY
from tests.llm.server import Reply, chunk, endless, failed, said, usage

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
