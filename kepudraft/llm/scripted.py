"""Models that need no model: one that follows a script, for tests and trials. It ships, so that users can test their own code."""

from __future__ import annotations

from collections.abc import Callable

from kepudraft.llm.chat import ChatRequest, Completion, OnDelta

Reply = Callable[[ChatRequest], Completion | str]


class ScriptedModel:
    """Answers by a function of the request, and remembers what it was asked.

    Args:
        reply: Gives the text (or the whole completion) for a request; what it raises is raised.
        name: As which it appears in provenance.
        context_tokens: See `ChatModel`.
        takes_grammar: See `ChatModel`.
    """

    def __init__(
        self, reply: Reply, *, name: str = "scripted", context_tokens: int = 8192, takes_grammar: bool = False
    ) -> None:
        self._reply = reply
        self.name = name
        self.context_tokens = context_tokens
        self.takes_grammar = takes_grammar
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`."""
        self.requests.append(request)
        reply = self._reply(request)
        completion = Completion(reply, model=self.name) if isinstance(reply, str) else reply
        if on_delta is not None:
            on_delta(completion.text)
        return completion
