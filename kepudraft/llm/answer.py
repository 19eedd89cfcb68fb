"""An answer as it comes in pieces, from an endpoint or from the library in this process: both speak OpenAI's chunks.

Nothing that comes is believed: a field of another type counts as absent, an answer without end is cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kepudraft.errors import BadCompletion, ContentRejected, MissingExtra, ModelError, ModelUnavailable
from kepudraft.llm.chat import ChatRequest, Completion, OnDelta, Usage
from kepudraft.llm.looping import LoopWatch, loops
from kepudraft.llm.thoughts import ThoughtFilter
from kepudraft.llm.wording import load_wording

_CHARS_PER_TOKEN = 8
"""More characters a token than this, over a whole answer, no vocabulary has for prose: the endpoint ignores `max_tokens`."""
_SLACK = 512  # characters
_THOUGHT_TOKENS = 16384
"""Tokens that an endpoint may spend on thoughts it sends apart, which not all count into `max_tokens`."""
_MOST_TOKENS = 1 << 31
_TURN = 4  # tokens that the marks around one message cost, about
_BLOCKED = ("content_filter", "sensitive", "refusal")
_BROKEN = ("network_error", "insufficient_system_resource", "error", "abort")
_SHOWN = 40


class Answer:
    """Collects the pieces of one answer, and makes a `Completion` of them.

    Args:
        request: What was asked.
        place: Who answers, for messages.
        on_delta: Called with each piece that the reader may see.

    Attributes:
        shown: True if `on_delta` was called.
        judged: True if the answer was read and is of no use, so that asking again would be waste.
    """

    def __init__(self, request: ChatRequest, *, place: str, on_delta: OnDelta | None) -> None:
        self._request = request
        self._place = place
        self._on_delta = on_delta
        self._filter = ThoughtFilter()
        self._watch, self._thought_watch = LoopWatch(), LoopWatch()
        self._raw = ""
        self._half = ""
        self._thoughts = 0
        self._usage: Usage | None = None
        self._finish = ""
        self._refusal = ""
        self._model = ""
        self.shown = False
        self.judged = False

    @property
    def begun(self) -> bool:
        """True if anything came that costs."""
        return bool(self._raw or self._thoughts or self._usage)

    def take(self, chunk: Mapping[str, Any]) -> None:
        """Take one chunk, of a stream or a whole answer.

        Raises:
            BadCompletion: The answer goes in circles, or is longer than was asked for.
        """
        if isinstance(chunk.get("model"), str):
            self._model = chunk["model"]
        self._usage = _usage(chunk) or self._usage
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return
        said = choice.get("delta") or choice.get("message")
        if isinstance(said, dict):
            self._take_thought(_text(said.get("reasoning_content")) or _text(said.get("reasoning")))
            self._refusal += _text(said.get("refusal"))
            self._take_text(_text(said.get("content")))
        self._finish = _text(choice.get("finish_reason")) or self._finish

    def completed(self) -> Completion:
        """The whole answer.

        Raises:
            ModelUnavailable: It broke off.
            ContentRejected: The service blocked it.
            BadCompletion: It has no text, or text that is no answer.
        """
        self._show(self._filter.finish())
        text = self._filter.text.strip()
        if self._refusal or self._finish in _BLOCKED:
            raise ContentRejected(
                "服务以内容审核为由没有回答", place=self._place, remedy="请换一个模型或服务，或不用模型起草"
            )
        if self._finish in _BROKEN or not (self._finish or self._usage):
            raise ModelUnavailable("回答到一半断了", place=self._place, remedy="请检查网络，稍后再试")
        if not text:
            raise self._empty()
        if loops(text):
            raise self._circles()
        if load_wording().declines(text):
            raise self._useless(f"模型不肯写，回答是“{text[:_SHOWN]}”", "请换一个模型，或不用模型起草")
        return Completion(text, self.usage(), "length" if self._finish == "length" else "stop", self._model)

    def usage(self) -> Usage:
        """What was spent so far, by the endpoint's word or our estimate."""
        if self._usage is not None:
            return self._usage
        asked = sum(_counted(message.content) + _TURN for message in self._request.messages)
        return Usage(asked, _counted(self._raw), counted=False)

    def _take_text(self, piece: str) -> None:
        piece, self._half = _joined(self._half + piece)
        if not piece:
            return
        self._raw += piece
        self._show(self._filter.feed(piece))
        if self._watch.feed(piece):
            raise self._circles()
        # Thoughts between tags count into `max_tokens` everywhere.
        if len(self._raw) > self._request.max_tokens * _CHARS_PER_TOKEN + _SLACK:
            raise self._endless()

    def _take_thought(self, piece: str) -> None:
        self._thoughts += len(piece)
        if self._thought_watch.feed(piece):
            raise self._circles()
        if self._thoughts > (self._request.max_tokens + _THOUGHT_TOKENS) * _CHARS_PER_TOKEN:
            raise self._endless()

    def _show(self, text: str) -> None:
        if text and self._on_delta is not None:
            self.shown = True
            self._on_delta(text)

    def _circles(self) -> ModelError:
        return self._useless("模型反复说同样的话，已经停下", "请换一个种子数（--seed）或换一个模型")

    def _endless(self) -> ModelError:
        limit = self._request.max_tokens
        return self._useless(f"回答远超过限定的{limit}个词元还不停，已经停下", "请换一个模型或服务")

    def _empty(self) -> ModelError:
        if self._filter.thought or self._thoughts:
            return self._useless("回答里只有思考过程，没有正文", "请换一个不带思考的模型，或关掉它的思考")
        return BadCompletion("回答是空的", place=self._place, remedy="请再试一次，或换一个模型")

    def _useless(self, what: str, remedy: str) -> ModelError:
        self.judged = True
        return BadCompletion(what, place=self._place, remedy=remedy)


def _joined(text: str) -> tuple[str, str]:
    """`text` with halves of characters put together, and a first half at its end that may still find its second."""
    half = text[-1:] if "\ud800" <= text[-1:] < "\udc00" else ""
    whole = text[: len(text) - len(half)]
    return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"), half


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(table: object, key: str) -> int:
    value = table.get(key) if isinstance(table, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS else 0


def _usage(chunk: Mapping[str, Any]) -> Usage | None:
    """Tokens by the endpoint's word; None if it says nothing."""
    told, timings = chunk.get("usage"), chunk.get("timings")
    prompt, completion = _number(told, "prompt_tokens"), _number(told, "completion_tokens")
    if not prompt and not completion:
        # llama.cpp: those of the prompt that were read, those of its cache, and those written.
        prompt = _number(timings, "prompt_n") + _number(timings, "cache_n")
        completion = _number(timings, "predicted_n")
    if not prompt and not completion:
        return None
    details = told.get("prompt_tokens_details") if isinstance(told, Mapping) else None
    cached = (
        _number(details, "cached_tokens")
        or _number(told, "prompt_cache_hit_tokens")  # DeepSeek
        or _number(told, "cached_tokens")  # Moonshot
        or _number(timings, "cache_n")
    )
    return Usage(prompt, completion, min(cached, prompt))


def _counted(text: str) -> int:
    """Tokens of `text`, about."""
    from kepudraft.tokens import count_tokens

    try:
        return count_tokens(text)
    except MissingExtra:
        return len(text)
