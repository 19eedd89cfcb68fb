"""Models around the journal: a request that was answered once is never sent again, in this run or after a killed one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from kepudraft.batch.budget import Budget
from kepudraft.batch.journal import Journal
from kepudraft.batch.limits import Gate, LimitedModel
from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta
from kepudraft.llm.wrapped import WrappedModel


@dataclass(slots=True)
class Desk:
    """What all units of a run share: the journal, the gate to the endpoint, and who is waiting for the same answer."""

    journal: Journal
    gate: Gate
    answers: int = 0
    asking: dict[str, asyncio.Task[Completion]] = field(default_factory=dict)

    @property
    def budget(self) -> Budget:
        """The account."""
        return self.gate.budget

    def model(self, endpoint: ChatModel, unit: str) -> JournaledModel:
        """The endpoint as one unit (by its key) may use it: journal, then limits, then a note in the journal, then the endpoint."""
        return JournaledModel(LimitedModel(_NotedModel(endpoint, self.journal, unit), self.gate), self, unit)


class _NotedModel(WrappedModel):
    """The same model; each request is noted right before it is sent, so that the journal tells what was in flight at a kill."""

    def __init__(self, model: ChatModel, journal: Journal, unit: str) -> None:
        super().__init__(model)
        self._journal, self._unit = journal, unit

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        self._journal.asked(request.key(self.name), self._unit)
        return await self._model.complete(request, on_delta=on_delta)


class JournaledModel(WrappedModel):
    """The same model, each answer kept before anyone sees it."""

    def __init__(self, model: ChatModel, desk: Desk, unit: str) -> None:
        super().__init__(model)
        self._desk = desk
        self._unit = unit

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`; two that ask the same at the same time wait for one answer."""
        key = request.key(self.name)
        known = self._desk.journal.answer(key)
        if known is None:
            task = self._desk.asking.get(key)
            if task is None:
                task = self._desk.asking[key] = asyncio.create_task(self._ask(key, request))
                task.add_done_callback(lambda _: self._desk.asking.pop(key, None))
            # Shielded: whoever stops waiting must not lose an answer that is paid for.
            known = await asyncio.shield(task)
        if on_delta is not None:
            on_delta(known.text)
        return known

    async def _ask(self, key: str, request: ChatRequest) -> Completion:
        desk = self._desk
        completion = await self._model.complete(request)
        price = desk.budget.price
        desk.journal.answered(key, self._unit, completion, price.of(completion.usage) if price else 0.0)
        desk.answers += 1
        return completion
