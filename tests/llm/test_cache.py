"""The cache of answers: it saves requests, serves many processes, and never stands in the way of a draft."""

from __future__ import annotations

import asyncio
import dataclasses
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kepudraft.errors import ModelUnavailable
from kepudraft.llm.cache import CachedModel
from kepudraft.llm.chat import ChatRequest, Completion, Message, Usage
from kepudraft.llm.meter import MeteredModel
from kepudraft.llm.scripted import ScriptedModel
from tests.conftest import ROOT

REQUEST = ChatRequest((Message("user", "讲座24场"),))


def inner() -> ScriptedModel:
    return ScriptedModel(lambda r: Completion(f"举办{r.messages[0].content}，种子{r.seed}。", Usage(9, 5), "length", "who"))


def ask(model: CachedModel, request: ChatRequest = REQUEST, pieces: list[str] | None = None) -> Completion:
    return asyncio.run(model.complete(request, on_delta=None if pieces is None else pieces.append))


def test_the_same_request_costs_once(tmp_path):
    path = tmp_path / "new" / "answers.sqlite"
    script, pieces = inner(), []
    first = ask(CachedModel(script, path))
    again = ask(CachedModel(script, path), pieces=pieces)
    assert len(script.requests) == 1
    assert first.usage == Usage(9, 5)
    assert again == dataclasses.replace(first, usage=Usage())
    assert "".join(pieces) == first.text
    assert "讲座24场" not in path.read_bytes().decode("utf-8", "ignore").replace(first.text, "")


@pytest.mark.parametrize("change", [
    {"messages": (Message("user", "讲座25场"),)}, {"messages": (Message("system", "讲座24场"),)}, {"max_tokens": 9}, {"temperature": 0.9},
    {"seed": 1}, {"grammar": 'root ::= "x"'},
])
def test_everything_that_matters_is_part_of_the_key(tmp_path, change):
    script = inner()
    model = CachedModel(script, tmp_path / "a.sqlite")
    ask(model)
    ask(model, dataclasses.replace(REQUEST, **change))
    assert len(script.requests) == 2


def test_another_model_has_answers_of_its_own(tmp_path):
    other = ScriptedModel(lambda _: "别的", name="other")
    ask(CachedModel(inner(), tmp_path / "a.sqlite"))
    assert ask(CachedModel(other, tmp_path / "a.sqlite")).text == "别的"


def test_failures_are_not_kept(tmp_path):
    answers = [ModelUnavailable("断了"), "好"]

    def reply(_: ChatRequest) -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    model = CachedModel(ScriptedModel(reply), tmp_path / "a.sqlite")
    with pytest.raises(ModelUnavailable):
        ask(model)
    assert ask(model).text == "好"


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"this is no database at all" * 400)


def _torn(path: Path) -> None:
    asyncio.run(CachedModel(inner(), path).complete(REQUEST))
    with sqlite3.connect(path) as database:
        database.executemany("INSERT INTO answers_1 VALUES (?, ?, 'stop', '')", [(f"k{n}", "文" * 500) for n in range(200)])
    database.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_not_a_database, _torn])
def test_a_damaged_file_is_told_and_set_aside(tmp_path, damage):
    path, told, script = tmp_path / "a.sqlite", [], inner()
    damage(path)
    model = CachedModel(script, path, notify=told.append)
    assert ask(model).text.startswith("举办")
    assert any("已损坏" in message and "不受影响" in message for message in told)
    assert list(tmp_path.glob("a.sqlite.damaged-*"))
    ask(model)
    ask(model)
    assert len(script.requests) == 1, "the new file serves"


@pytest.mark.parametrize("block", ["folder", "parent", "schema", "locked"])
def test_a_file_that_cannot_be_used_is_told_once_and_does_without(tmp_path, block, monkeypatch):
    monkeypatch.setattr("kepudraft.llm.cache._BUSY_S", 0.05)
    path, told, script = tmp_path / "a.sqlite", [], inner()
    held = None
    if block == "folder":
        path.mkdir()
    elif block == "parent":
        (tmp_path / "file").write_text("x")
        path = tmp_path / "file" / "a.sqlite"
    else:
        held = sqlite3.connect(path, isolation_level=None)
        held.execute("CREATE TABLE answers_1 (other TEXT)" if block == "schema" else "BEGIN EXCLUSIVE")
    model = CachedModel(script, path, notify=told.append)
    assert [ask(model).text[:2] for _ in range(2)] == ["举办", "举办"]
    assert 1 <= len(told) <= 2
    assert "这次不用缓存" in told[0]
    if held is not None:
        held.close()


def test_spoiled_rows_are_asked_for_anew(tmp_path):
    path, script = tmp_path / "a.sqlite", inner()
    model = CachedModel(script, path)
    ask(model)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE answers_1 SET text = x'fffe'")
    database.close()
    assert ask(model).text.startswith("举办")
    assert len(script.requests) == 2


def test_many_processes_share_a_file(tmp_path):
    code = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from kepudraft.llm.cache import CachedModel\nfrom kepudraft.llm.chat import ChatRequest, Message\n"
        "from kepudraft.llm.scripted import ScriptedModel\n"
        "told = []\n"
        "model = CachedModel(ScriptedModel(lambda r: '答' + r.messages[0].content), Path(sys.argv[1]), notify=told.append)\n"
        "async def run():\n"
        "    for n in range(30):\n"
        "        await model.complete(ChatRequest((Message('user', str(n)),)))\n"
        "asyncio.run(run())\nprint(told)\n"
    )
    path = tmp_path / "a.sqlite"
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate(timeout=300)[0].strip() for process in running] == [b"[]"] * 4
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM answers_1").fetchone() == (30,)
    database.close()


def test_counted_around_a_cache_only_what_was_spent_counts(tmp_path):
    metered = MeteredModel(CachedModel(inner(), tmp_path / "a.sqlite"))

    async def twice() -> None:
        await metered.complete(REQUEST)
        await metered.complete(REQUEST)

    asyncio.run(twice())
    assert metered.usage == Usage(9, 5)
    assert metered.takes_grammar is False
    assert metered.context_tokens == 8192
