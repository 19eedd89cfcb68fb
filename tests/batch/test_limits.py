"""Journal, limits and budget around a model: nothing is paid twice, nothing is overspent, an endpoint's word is kept."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from kepudraft.batch.answers import Desk
from kepudraft.batch.budget import Budget, Price, parse_budget, price_of
from kepudraft.batch.journal import Journal
from kepudraft.batch.limits import Gate, Limits
from kepudraft.batch.unit import StopRun
from kepudraft.errors import BadCompletion, InputError, ModelUnavailable, RateLimited, RequestRejected, RuleError
from kepudraft.llm.chat import ChatRequest, Completion, Message, OnDelta, Usage

FREE = Budget(price=None, max_cost=None, max_tokens=None)


class Endpoint:
    """Answers after a moment, or fails as told for each attempt at a request."""

    name, context_tokens, takes_grammar = "endpoint", 8192, False

    def __init__(self, *failures: Exception, delay_s: float = 0.0, usage: Usage | None = None) -> None:
        self.failures, self.delay_s, self.usage = list(failures), delay_s, usage or Usage(100, 10)
        self.paid: Counter[str] = Counter()
        self.sent: list[float] = []
        self.now = self.most = 0

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        self.sent.append(time.monotonic())
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(self.delay_s)
            if self.failures:
                raise self.failures.pop(0)
            self.paid[request.messages[-1].content] += 1
            return Completion(f"答{request.messages[-1].content}", self.usage)
        finally:
            self.now -= 1


def ask(text: str, max_tokens: int = 50) -> ChatRequest:
    return ChatRequest((Message("user", text),), max_tokens=max_tokens)


def _desk(folder: Path, limits: Limits | None = None, budget: Budget = FREE) -> Desk:
    return Desk(Journal(folder), Gate(limits or Limits(), budget))


def test_what_was_answered_is_never_asked_again_not_by_a_second_run_either(tmp_path: Path):
    endpoint = Endpoint(delay_s=0.01)

    async def run() -> list[Completion]:
        desk = _desk(tmp_path)
        try:
            made = await asyncio.gather(*(desk.model(endpoint, f"u{n % 3}").complete(ask(f"{n % 5}")) for n in range(20)))
            return [*made, await desk.model(endpoint, "u9").complete(ask("1"))]
        finally:
            desk.journal.close()

    first, second = asyncio.run(run()), asyncio.run(run())
    assert {c.text for c in first} == {f"答{n}" for n in range(5)}
    assert [c.text for c in first] == [c.text for c in second]
    assert set(endpoint.paid.values()) == {1}
    assert len(endpoint.paid) == 5
    with Journal(tmp_path, reading=True) as journal:
        assert journal.spent().usage.total == 5 * 110


def test_whoever_stops_waiting_does_not_lose_the_answer(tmp_path: Path):
    endpoint = Endpoint(delay_s=0.1)

    async def run() -> Completion | None:
        desk = _desk(tmp_path)
        task = asyncio.create_task(desk.model(endpoint, "u").complete(ask("1")))
        await asyncio.sleep(0.03)
        task.cancel()
        await asyncio.gather(task, *desk.asking.values(), return_exceptions=True)
        known = desk.journal.answer(ask("1").key("endpoint"))
        desk.journal.close()
        return known

    known = asyncio.run(run())
    assert known is not None
    assert known.text == "答1"


@pytest.mark.parametrize("failure", [RateLimited("慢", retry_after=0.01), ModelUnavailable("断"), BadCompletion("乱")])
def test_what_fails_for_a_while_is_asked_again(tmp_path: Path, failure: Exception):
    endpoint = Endpoint(failure)

    async def run() -> Completion:
        desk = _desk(tmp_path)
        try:
            return await desk.model(endpoint, "u").complete(ask("1"))
        finally:
            desk.journal.close()

    assert asyncio.run(run()).text == "答1"
    assert len(endpoint.sent) == 2


def test_what_is_refused_is_not_asked_again(tmp_path: Path):
    endpoint = Endpoint(RequestRejected("没有这个模型"))

    async def run() -> None:
        desk = _desk(tmp_path)
        try:
            await desk.model(endpoint, "u").complete(ask("1"))
        finally:
            desk.journal.close()

    with pytest.raises(RequestRejected):
        asyncio.run(run())
    assert len(endpoint.sent) == 1


def test_a_429_cools_all_down_and_lowers_the_level(tmp_path: Path):
    endpoint = Endpoint(RateLimited("慢", retry_after=0.3), delay_s=0.001)

    async def run() -> float:
        desk = _desk(tmp_path, Limits(in_flight=8))
        models = [desk.model(endpoint, "u").complete(ask(str(n))) for n in range(30)]
        await asyncio.gather(*models)
        desk.journal.close()
        return desk.gate.level

    level = asyncio.run(run())
    gaps = [b - a for a, b in zip(endpoint.sent, endpoint.sent[1:], strict=False)]
    assert max(gaps) >= 0.25  # nobody sent while the endpoint cooled down
    assert endpoint.most <= 8
    assert 5 < level <= 8  # lowered once, and grown again with each answer


def test_no_more_at_a_time_than_allowed_and_no_more_a_minute(tmp_path: Path):
    endpoint = Endpoint(delay_s=0.01)

    async def run() -> int:
        desk = _desk(tmp_path, Limits(in_flight=3, requests_per_minute=7))
        tasks = [asyncio.create_task(desk.model(endpoint, "u").complete(ask(str(n)))) for n in range(12)]
        await asyncio.sleep(0.4)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for asking in list(desk.asking.values()):
            asking.cancel()
        await asyncio.gather(*desk.asking.values(), return_exceptions=True)
        desk.journal.close()
        return len(endpoint.sent)

    assert asyncio.run(run()) == 7
    assert endpoint.most == 3


@pytest.mark.parametrize("in_flight", [1, 16])
def test_the_budget_is_never_overspent_and_counts_what_was_spent_before(tmp_path: Path, in_flight: int):
    endpoint = Endpoint(delay_s=0.002, usage=Usage(10, 50))
    price = Price(1_000_000, 1_000_000, 1_000_000)  # one yuan a token

    async def run(limit: float) -> tuple[int, float]:
        journal = Journal(tmp_path)
        spent = journal.spent()
        budget = Budget(price=price, max_cost=limit, max_tokens=None, spent=(spent.usage.total, spent.cost))
        desk = Desk(journal, Gate(Limits(in_flight=in_flight), budget))
        found = await asyncio.gather(*(desk.model(endpoint, "u").complete(ask(str(n))) for n in range(40)), return_exceptions=True)
        journal.close()
        return sum(isinstance(f, Completion) for f in found), budget.cost

    done, cost = asyncio.run(run(620.0))
    assert cost <= 620
    assert done >= 8  # all that surely fits
    done, cost = asyncio.run(run(1240.0))  # the earlier answers are there, the earlier cost counts
    assert 620 < cost <= 1240
    assert done >= 16
    assert set(endpoint.paid.values()) == {1}


def test_a_dead_network_stops_the_run_instead_of_failing_every_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from kepudraft.batch import limits

    monkeypatch.setattr(limits, "_UNAVAILABLE_TRIES", 1)
    endpoint = Endpoint(*(ModelUnavailable("断") for _ in range(100)))

    async def run() -> list[object]:
        desk = _desk(tmp_path, Limits(in_flight=1))
        found = await asyncio.gather(*(desk.model(endpoint, "u").complete(ask(str(n))) for n in range(20)), return_exceptions=True)
        desk.journal.close()
        return list(found)

    found = asyncio.run(run())
    assert sum(isinstance(f, ModelUnavailable) for f in found) == 3
    assert sum(isinstance(f, StopRun) for f in found) == 17


@pytest.mark.parametrize(("text", "yuan"), [("50元", 50), ("12.5", 12.5), ("1,000元", 1000), (" 3 块", 3)])
def test_budgets_as_people_write_them(text: str, yuan: float):
    assert parse_budget(text) == yuan


@pytest.mark.parametrize("text", ["", "五十", "-3", "0", "50美元"])
def test_what_is_no_budget_is_refused(text: str):
    with pytest.raises(InputError, match="50元"):
        parse_budget(text)


def test_prices_are_data_and_checked(tmp_path: Path):
    known = price_of("deepseek-chat@api.example")
    assert known is not None
    assert known.as_of
    assert known.of(Usage(1_000_000, 0, cached=1_000_000)) == known.cached
    assert price_of("no such model") is None
    broken = tmp_path / "prices.toml"
    broken.write_text('[[price]]\nmodel = "x"\n', encoding="utf-8")
    with pytest.raises(RuleError, match="价格表"):
        price_of("x", broken)
