"""Counts what a model is asked and what it costs, around any other model."""

from __future__ import annotations

from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta, Usage
from kepudraft.llm.wrapped import WrappedModel


class MeteredModel(WrappedModel):
    """The same model, counted.

    Attributes:
        usage: Tokens of all answers so far.
        requests: Number of requests sent, failed ones too.
    """

    def __init__(self, model: ChatModel) -> None:
        super().__init__(model)
        self.usage = Usage()
        self.requests = 0

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`."""
        self.requests += 1
        completion = await self._model.complete(request, on_delta=on_delta)
        self.usage += completion.usage
        return completion
