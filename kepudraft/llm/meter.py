"""Counts what a model is asked and what it costs, around any other model."""

from __future__ import annotations

from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta, Usage


class MeteredModel:
    """The same model, counted.

    Attributes:
        usage: Tokens of all answers so far.
        requests: Number of requests sent, failed ones too.
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.usage = Usage()
        self.requests = 0

    @property
    def name(self) -> str:
        """The inner model's."""
        return self._model.name

    @property
    def context_tokens(self) -> int:
        """The inner model's."""
        return self._model.context_tokens

    @property
    def takes_grammar(self) -> bool:
        """The inner model's."""
        return self._model.takes_grammar

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`."""
        self.requests += 1
        completion = await self._model.complete(request, on_delta=on_delta)
        self.usage += completion.usage
        return completion
