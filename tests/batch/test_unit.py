"""One unit with a model: its sections are written at a time, and what fails one of them ends the unit."""

from __future__ import annotations

import asyncio

import pytest

from eval.batch_units import json_units
from eval.loopback import echo_reply
from kepudraft.batch.given import GivenUnit, of_json
from kepudraft.batch.unit import DraftOptions, Made, StopRun, make_with_model
from kepudraft.errors import ModelUnavailable
from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta
from kepudraft.pipeline import Drafter

OPTIONS = DraftOptions((".md",), date=(2026, 1, 6))


class Held:
    """Answers in the order given, and nobody before `least` have asked."""

    name, context_tokens, takes_grammar = "held", 8192, False

    def __init__(self, least: int, *, backwards: bool = False, error: BaseException | None = None) -> None:
        self.least, self.backwards, self.error = least, backwards, error
        self.asked = self.answered = 0
        self._enough = asyncio.Event()

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        self.asked += 1
        mine = self.asked
        if self.asked >= self.least:
            self._enough.set()
        await self._enough.wait()
        await asyncio.sleep(0.002 * (40 - mine if self.backwards else mine))
        if self.error is not None and mine == 1:
            raise self.error
        self.answered += 1
        return Completion(echo_reply([{"content": request.messages[-1].content}]), model=self.name)


def _unit() -> GivenUnit:
    return of_json(next(json_units(1)), "u", place="第1行")


def _made(model: ChatModel, told: list[tuple[int, str]] | None = None) -> Made:
    def section(n: int, heading: str, state: str) -> None:
        if told is not None:
            told.append((n, state))

    return asyncio.run(make_with_model(_unit(), Drafter(model=model), OPTIONS, section))


def test_all_sections_ask_before_any_is_answered():
    told: list[tuple[int, str]] = []
    assert not _made(Held(3), told).result.error
    started = [n for n, state in told if state == "started"]
    assert started == sorted(started)
    assert [state for _, state in told[: len(started)]] == ["started"] * len(started)
    assert sorted(n for n, state in told if state == "written") == started


def test_the_order_of_answers_changes_nothing():
    assert _made(Held(1)).contents == _made(Held(3, backwards=True)).contents


def test_what_fails_one_section_fails_the_unit_and_the_others_ask_no_more():
    model = Held(3, error=ModelUnavailable("连接不上"))
    made = _made(model)
    assert made.result.error == "连接不上"
    assert not made.contents
    assert model.answered < model.asked


def test_a_stop_goes_through():
    with pytest.raises(StopRun):
        _made(Held(3, error=StopRun("预算用完")))
