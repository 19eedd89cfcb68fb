"""What models around another model have in common: whatever they do, it is the same model to whoever asks."""

from __future__ import annotations

from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta


class WrappedModel:
    """The same model; what stands around it is for a subclass to say, in `complete`.

    Args:
        model: Who is asked.
    """

    def __init__(self, model: ChatModel) -> None:
        self._model = model

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
        return await self._model.complete(request, on_delta=on_delta)
