"""The batch API in rounds, against a server on loopback that lets requests expire, fails some and answers garbage."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from eval.loopback import Faults, InThread, Loopback
from kepudraft.batch.answers import Desk
from kepudraft.batch.budget import Budget
from kepudraft.batch.journal import Journal
from kepudraft.batch.limits import Gate, Limits
from kepudraft.batch.provider_batch import ProviderBatchModel
from kepudraft.errors import ModelError
from kepudraft.llm.chat import ChatRequest, Completion, Message
from kepudraft.llm.openai import Endpoint, OpenAIModel


def _model(url: str, folder: Path | None = None) -> ProviderBatchModel:
    endpoint = OpenAIModel("m", Endpoint(url))
    return ProviderBatchModel(endpoint.client, "m", "m@loopback", folder=folder, poll_s=0.05, quiet_s=0.05)


def _ask(n: int) -> ChatRequest:
    return ChatRequest((Message("user", f"第{n}段"),))


async def _unit(model: ProviderBatchModel, desk: Desk, n: int) -> list[str]:
    """Two sections after one another, as a unit asks for them."""
    own = desk.model(model, f"u{n}")
    return [(await own.complete(_ask(2 * n + i))).text for i in range(2)]


def _all(url: str, folder: Path, units: int) -> tuple[list[list[str]], int]:
    async def run() -> tuple[list[list[str]], int]:
        model = _model(url, folder)
        with Journal(folder) as journal:
            desk = Desk(journal, Gate(Limits(10_000), Budget(price=None, max_cost=None, max_tokens=None)))
            made = await asyncio.gather(*(_unit(model, desk, n) for n in range(units)))
        return list(made), model.rounds

    return asyncio.run(run())


def test_all_first_sections_are_one_round_and_all_second_ones_another(tmp_path: Path):
    server = Loopback()
    with InThread(server) as url:
        made, rounds = _all(url, tmp_path, 12)
    assert rounds == 2
    assert len({text for unit in made for text in unit}) > 1
    assert server.counts.record()["paid_twice"] == 0
    assert server.counts.record()["paid"] == 24
    assert json.loads((tmp_path / "provider-batches.json").read_text("utf-8")) == []


def test_what_expires_fails_or_comes_as_garbage_goes_into_the_next_round(tmp_path: Path):
    server = Loopback(Faults(failing=0.03, garbage=0.03, seed=1), expire_share=0.1)
    with InThread(server) as url:
        made, rounds = _all(url, tmp_path, 30)
    assert rounds > 2
    assert all(len(unit) == 2 and all(unit) for unit in made)
    assert server.counts.record()["paid_twice"] == 0


def test_a_round_that_was_out_when_the_run_was_killed_is_picked_up_by_the_next(tmp_path: Path):
    server = Loopback()
    server.batch_seconds = 0.6

    async def killed(url: str) -> None:
        model = _model(url, tmp_path)
        tasks = [asyncio.create_task(model.complete(_ask(n))) for n in range(5)]
        while not model.rounds or not (tmp_path / "provider-batches.json").exists():
            await asyncio.sleep(0.01)
        for task in (*tasks, model._sender):
            assert task is not None
            task.cancel()
        await asyncio.gather(*tasks, model._sender, return_exceptions=True)

    async def again(url: str) -> list[Completion]:
        model = _model(url, tmp_path)
        made = await asyncio.gather(*(model.complete(_ask(n)) for n in range(5)))
        assert model.rounds == 0
        return list(made)

    with InThread(server) as url:
        asyncio.run(killed(url))
        assert len(asyncio.run(again(url))) == 5
    assert server.counts.record()["paid"] == 5


def test_a_provider_without_batches_is_one_sentence(tmp_path: Path):
    async def run() -> None:
        model = _model("http://127.0.0.1:9/v1", tmp_path)
        await model.complete(_ask(1))

    with pytest.raises(ModelError, match="批量接口"):
        asyncio.run(run())
