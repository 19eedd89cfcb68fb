"""What an endpoint does not take is left out and remembered."""

from __future__ import annotations

import dataclasses
import logging

import pytest

from kepudraft.errors import (
    RequestRejected,
)
from tests.llm.asked import KEY, REQUEST, Asked
from tests.llm.server import TEXT, Reply, failed

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
