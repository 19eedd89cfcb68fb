"""What is asked of a language model and what it answers: two values and one method.

A `ChatModel` is anything with `name` and `complete`. Endpoints, a local file, a cache, a journal and the scripted model of the
tests are all of this shape, so that each can stand around or in place of another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

OnDelta = Callable[[str], None]
"""Called with each piece of text as it comes. It is for watching only: what counts is `Completion.text`, which may differ where a
broken try was followed by another."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request.

    Attributes:
        messages: In order; the part that requests share stands first, so that an endpoint's prefix cache serves it.
        max_tokens: Length of the answer at most, in tokens.
        temperature: 0 for the likeliest words.
        seed: For endpoints that can repeat themselves.
        grammar: GBNF that the answer must follow, or "". Endpoints that know no grammars ignore it: it narrows, it proves nothing.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 1024
    temperature: float = 0.3
    seed: int = 0
    grammar: str = ""

    def key(self, model: str) -> str:
        """SHA-256 (hex) over everything that the answer of `model` depends on: what a cache or a journal files it under."""
        body = [model, [[m.role, m.content] for m in self.messages], self.max_tokens, self.temperature, self.seed, self.grammar]
        return hashlib.sha256(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer; `cached` are those of the prompt that the endpoint took from its prefix cache.

    `counted` is False where the endpoint told nothing and the numbers are our own estimate.
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    counted: bool = True

    @property
    def total(self) -> int:
        """Tokens read and written."""
        return self.prompt + self.completion

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt + other.prompt, self.completion + other.completion, self.cached + other.cached,
            self.counted and other.counted,
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer.

    Attributes:
        text: What the model wrote, without thoughts (`<think>`).
        usage: What it cost; zero for an answer from a cache.
        finish: "stop", or "length" where the answer was cut at `max_tokens`.
        model: Who answered, by the endpoint's own word.
    """

    text: str
    usage: Usage = Usage()
    finish: str = "stop"
    model: str = ""


class ChatModel(Protocol):
    """The port."""

    @property
    def name(self) -> str:
        """Identifies model and endpoint: part of every content key and of a draft's provenance."""
        ...

    @property
    def context_tokens(self) -> int:
        """How many tokens prompt and answer may have together."""
        ...

    @property
    def takes_grammar(self) -> bool:
        """True if `ChatRequest.grammar` is obeyed."""
        ...

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """Ask once.

        Raises:
            ModelError: One of its kinds: unavailable, rate limited, rejected, or an answer that cannot be used.
        """
        ...
