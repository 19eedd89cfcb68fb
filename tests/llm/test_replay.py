"""Recorded answers played back."""

from __future__ import annotations

import asyncio
import dataclasses
import json

import pytest

from kepudraft.errors import ModelError, SettingsError
from kepudraft.llm.chat import ChatRequest, Completion, Message, Usage
from kepudraft.llm.replay import RecordingModel, ReplayModel
from kepudraft.llm.scripted import ScriptedModel

REQUEST = ChatRequest((Message("system", "写。"), Message("user", "讲座24场")), grammar="root ::= [^0-9]*")


def recorded(path, **options) -> Completion:
    inner = ScriptedModel(lambda r: Completion(f"举办{r.messages[-1].content}。", Usage(9, 5, 4, False), "length", "who"), **options)
    return asyncio.run(RecordingModel(inner, path).complete(REQUEST))


def test_what_was_recorded_is_played_back_whole(tmp_path):
    path = tmp_path / "new" / "a.jsonl"
    first = recorded(path, name="m@x", context_tokens=4096, takes_grammar=True)
    replay, pieces = ReplayModel(path), []
    again = asyncio.run(replay.complete(REQUEST, on_delta=pieces.append))
    assert again == first
    assert pieces == [first.text]
    assert (replay.name, replay.context_tokens, replay.takes_grammar) == ("m@x", 4096, True)
    assert json.loads(path.read_text("utf-8"))["request"]["messages"][1]["content"] == "讲座24场"


def test_recordings_are_added_to(tmp_path):
    path = tmp_path / "a.jsonl"
    recorded(path)
    other = dataclasses.replace(REQUEST, seed=5)
    asyncio.run(RecordingModel(ScriptedModel(lambda _: "另一个"), path).complete(other))
    assert asyncio.run(ReplayModel(path).complete(other)).text == "另一个"
    assert asyncio.run(ReplayModel(path).complete(REQUEST)).text.startswith("举办")


def test_a_request_that_was_not_recorded_is_named(tmp_path):
    recorded(tmp_path / "a.jsonl")
    with pytest.raises(ModelError, match=r"没有这个请求.*讲座25场.*种子0") as caught:
        asyncio.run(ReplayModel(tmp_path / "a.jsonl").complete(ChatRequest((Message("user", "讲座25场"),))))
    assert "重新录制" in str(caught.value)


def test_a_line_that_was_never_finished_is_left_out(tmp_path, caplog):
    path = tmp_path / "a.jsonl"
    recorded(path)
    path.write_bytes(path.read_bytes() + b'{"key": "abc", "na')
    assert asyncio.run(ReplayModel(path).complete(REQUEST)).text.startswith("举办")
    assert "never finished" in caplog.text


@pytest.mark.parametrize(("content", "told"), [
    (b"", "没有回答"), (b"{}\n", "a.jsonl:1"), (b"\n\n[1]\n", "a.jsonl:3"), (b"{bad\n", "a.jsonl:1"), (b"\xff\n", "读不出来"),
    (b'{"completion": {"usage": 5}}\n', "a.jsonl:1"), (b"[" * 9000 + b"\n", "a.jsonl:1"),
])
def test_a_spoiled_recording_is_told_with_its_line(tmp_path, content, told):
    (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(SettingsError, match=told):
        ReplayModel(tmp_path / "a.jsonl")


def test_a_recording_of_two_models_is_refused(tmp_path):
    recorded(tmp_path / "a.jsonl", name="one")
    recorded(tmp_path / "a.jsonl", name="two")
    with pytest.raises(SettingsError, match=r"2个模型.*one、two"):
        ReplayModel(tmp_path / "a.jsonl")


def test_a_place_that_cannot_be_written_is_told_before_anything_is_asked(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match="写不了"):
        RecordingModel(ScriptedModel(lambda _: "x"), tmp_path / "file" / "a.jsonl")
    with pytest.raises(SettingsError, match="读不出来"):
        ReplayModel(tmp_path / "none.jsonl")
