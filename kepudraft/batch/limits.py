"""How many requests go out and how fast: an endpoint's own limits, a shared cool-down, and a level that finds itself.

The level (requests in flight) grows by one for each round of answers and falls by three tenths when the endpoint says 429,
at most once a second: additive increase, multiplicative decrease. After a 429 nobody sends until the endpoint's own time
has passed, or a quarter of a second, doubled each time until an answer comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

from kepudraft.batch.budget import Budget
from kepudraft.batch.unit import StopRun
from kepudraft.errors import BadCompletion, ModelUnavailable, RateLimited
from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta, Usage
from kepudraft.llm.wrapped import WrappedModel

_WINDOW_S = 60.0
_CUT = 0.7
_CUT_EVERY_S = 1.0
_COOL_S = 0.25
_MAX_COOL_S = 60.0
_RATE_LIMITED_TRIES = 60  # a 429 costs nothing: it ends a unit only if the endpoint never lets it through
_UNAVAILABLE_TRIES = 6
_BAD_TRIES = 3
_DEAD_AFTER = 3  # requests that failed all their tries in a row: the network is gone, going on makes it no better


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint takes.

    Attributes:
        in_flight: Requests at a time, at most; the level starts there.
        requests_per_minute: None for no limit.
        tokens_per_minute: None for no limit; counted before sending by an upper estimate, then by what was used.
    """

    in_flight: int = 16
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


class Gate:
    """Lets requests out; shared by all that ask the same endpoint.

    Args:
        limits: What the endpoint takes.
        budget: The account of the run.
    """

    def __init__(self, limits: Limits, budget: Budget) -> None:
        self.budget = budget
        self.level = float(limits.in_flight)
        self.in_flight = 0
        self.stopped = ""
        self.limits = limits
        self._door: asyncio.Lock = asyncio.Lock()
        self._changed = asyncio.Event()
        self._sent: deque[list[float]] = deque()  # [when, tokens] of the last minute
        self._tokens_sent = 0.0
        self._cool_until = self._cut_at = 0.0
        self._streak = self._dead = 0

    def stop(self, why: str) -> None:
        """Let nothing out any more; what is in flight may finish."""
        self.stopped = self.stopped or why
        self._changed.set()

    @contextlib.asynccontextmanager
    async def pass_through(self, most: Usage) -> AsyncIterator[list[Usage]]:
        """Wait for one's turn; put the usage of the answer into the list, or nothing if none came.

        Raises:
            StopRun: Nothing goes out any more.
        """
        async with self._door:  # first come, first served
            while (wait := self._wait(most)) > 0:
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), wait)
            sent = [time.monotonic(), float(most.total)]
            self._sent.append(sent)
            self._tokens_sent += most.total
            self.in_flight += 1
            self.budget.hold(most)
        used: list[Usage] = []
        try:
            yield used
        finally:
            self.in_flight -= 1
            told = used[0] if used else None
            self.budget.settle(most, told)
            if told is not None and self.limits.tokens_per_minute:
                self._tokens_sent += told.total - sent[1]
                sent[1] = float(told.total)
            self._changed.set()

    def succeeded(self) -> None:
        """An answer came."""
        self._streak = self._dead = 0
        self.level = min(float(self.limits.in_flight), self.level + 1 / self.level)

    def rate_limited(self, retry_after: float | None) -> None:
        """The endpoint said 429: cool down, all of us."""
        now = time.monotonic()
        pause = retry_after if retry_after is not None else _COOL_S * 2 ** min(self._streak, 8)
        if now - self._cut_at >= _CUT_EVERY_S:
            self._streak += 1
            self._cut_at = now
            self.level = max(1.0, self.level * _CUT)
        self._cool_until = max(self._cool_until, now + min(pause, _MAX_COOL_S))

    def gave_up(self) -> None:
        """A request failed all its tries for want of a service."""
        self._dead += 1
        if self._dead >= _DEAD_AFTER:
            self.stop("模型服务连不上，已停下；恢复后再运行一次，会接着做")

    def _wait(self, most: Usage) -> float:
        """Seconds to wait before looking again; 0 to go."""
        if self.stopped:
            raise StopRun(self.stopped)
        now = time.monotonic()
        while self._sent and now - self._sent[0][0] >= _WINDOW_S:
            self._tokens_sent -= self._sent.popleft()[1]
        if now < self._cool_until:
            return self._cool_until - now
        if self.in_flight >= max(1, int(self.level)):
            return _WINDOW_S
        if not self.budget.allows(most):
            if not self.in_flight or not self.budget.ever_allows(most):
                self.stop("预算用完，已停下")
                raise StopRun(self.stopped)
            return _WINDOW_S
        limits = self.limits
        full = limits.requests_per_minute is not None and len(self._sent) >= limits.requests_per_minute
        heavy = limits.tokens_per_minute is not None and self._sent and self._tokens_sent + most.total > limits.tokens_per_minute
        return max(0.001, self._sent[0][0] + _WINDOW_S - now) if full or heavy else 0.0


class LimitedModel(WrappedModel):
    """The same model behind a gate; what fails for a while is asked again."""

    def __init__(self, model: ChatModel, gate: Gate) -> None:
        super().__init__(model)
        self._gate = gate

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        """See `ChatModel`.

        Raises:
            StopRun: The budget is used up, or the run was stopped.
        """
        gate = self._gate
        most = gate.budget.bound(request)
        if gate.limits.tokens_per_minute and not most.total:
            most = Usage(len(request.messages[-1].content) + sum(len(m.content) for m in request.messages[:-1]), request.max_tokens // 2)
        limited = unavailable = bad = 0
        while True:
            try:
                async with gate.pass_through(most) as used:
                    completion = await self._model.complete(request, on_delta=on_delta)
                    used.append(completion.usage)
                gate.succeeded()
                return completion
            except RateLimited as error:
                limited += 1
                gate.rate_limited(error.retry_after)
                if limited >= _RATE_LIMITED_TRIES:
                    raise
            except ModelUnavailable:
                unavailable += 1
                if unavailable >= _UNAVAILABLE_TRIES:
                    gate.gave_up()
                    raise
                await asyncio.sleep(min(0.2 * 2**unavailable, 10.0))
            except BadCompletion:
                bad += 1
                if bad >= _BAD_TRIES:
                    raise
