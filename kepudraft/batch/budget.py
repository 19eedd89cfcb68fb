"""What a run may cost: prices as data, an upper bound for each request, and a hard stop that never overspends.

A request is let out only if what is spent, what is in flight at most and itself at most stay under the limit; so what
is in flight can always be finished. What earlier runs in the folder have spent counts.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from kepudraft.errors import InputError, RuleError
from kepudraft.llm.chat import ChatRequest, Usage
from kepudraft.tokens import count_tokens

PRICES = Path(__file__).with_name("prices.toml")
_MILLION = 1_000_000
_PER_MESSAGE = 8  # marks between turns
_OTHER_TOKENIZER = 1.15  # other models read a Chinese text in up to so many times Qwen's tokens
_BUDGET = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:元|块|RMB|CNY|¥|￥)?\s*", re.I)


@dataclass(frozen=True, slots=True)
class Price:
    """Yuan for a million tokens: read, read from the endpoint's cache, written."""

    prompt: float
    cached: float
    completion: float
    as_of: str = ""

    @property
    def free(self) -> bool:
        """True if nothing is charged, as for a model on one's own machine."""
        return not (self.prompt or self.cached or self.completion)

    def of(self, usage: Usage) -> float:
        """What an answer costs, in yuan."""
        fresh = max(0, usage.prompt - usage.cached)
        return (fresh * self.prompt + usage.cached * self.cached + usage.completion * self.completion) / _MILLION


def parse_budget(text: str) -> float:
    """Yuan of «50元», «50» or «12.5».

    Raises:
        InputError: It is no amount.
    """
    found = _BUDGET.fullmatch(text.replace(",", ""))
    if not found or float(found[1]) <= 0:
        raise InputError(f"预算“{text[:20]}”看不懂", place="--budget", remedy="请写成 50元")
    return float(found[1])


def price_of(model: str, path: Path = PRICES) -> Price | None:
    """The price of a model by the table; None where the table does not know it.

    Raises:
        RuleError: The table breaks its form.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["price"]
        for row in rows:
            if re.search(str(row["model"]), model, re.I):
                return Price(float(row["prompt"]), float(row["cached"]), float(row["completion"]), str(row["as_of"]))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, re.error) as error:
        raise RuleError(f"价格表格式不对（{error}）", place=str(path), remedy="每个 [[price]] 要有 model prompt cached completion as_of") from error
    return None


def prompt_tokens(request: ChatRequest) -> int:
    """Tokens that a model reads of a request, at most (an estimate for models with another tokeniser)."""
    return int(sum(count_tokens(m.content) + _PER_MESSAGE for m in request.messages) * _OTHER_TOKENIZER) + 1


class Budget:
    """The account of one output folder.

    Args:
        price: Of the model; None counts tokens only.
        max_cost: Yuan at most, or None.
        max_tokens: Tokens at most, or None.
        spent: By earlier runs: tokens and yuan.
    """

    def __init__(self, *, price: Price | None, max_cost: float | None, max_tokens: int | None, spent: tuple[int, float] = (0, 0.0)) -> None:
        self.price = price
        self._max_cost, self._max_tokens = max_cost, max_tokens
        self.tokens, self.cost = spent
        self._held_tokens, self._held_cost = 0, 0.0

    @property
    def limited(self) -> bool:
        """True if there is a limit at all."""
        return self._max_cost is not None or self._max_tokens is not None

    def bound(self, request: ChatRequest) -> Usage:
        """The most that a request can use; zero where nothing is limited, since counting costs time."""
        return Usage(prompt_tokens(request), request.max_tokens) if self.limited else Usage()

    def allows(self, most: Usage) -> bool:
        """True if a request may go out now."""
        return not self._exceeds(self.tokens + self._held_tokens, self.cost + self._held_cost, most)

    def ever_allows(self, most: Usage) -> bool:
        """False if it may not even when all that is in flight cost nothing."""
        return not self._exceeds(self.tokens, self.cost, most)

    def hold(self, most: Usage) -> None:
        """A request goes out."""
        self._held_tokens += most.total
        self._held_cost += self._price(most)

    def settle(self, most: Usage, used: Usage | None) -> float:
        """It came back (None: without an answer); returns what it has cost."""
        self._held_tokens -= most.total
        self._held_cost -= self._price(most)
        if used is None:
            return 0.0
        cost = self._price(used)
        self.tokens += used.total
        self.cost += cost
        return cost

    def _exceeds(self, tokens: int, cost: float, most: Usage) -> bool:
        over_cost = self._max_cost is not None and cost + self._price(most) > self._max_cost
        return over_cost or (self._max_tokens is not None and tokens + most.total > self._max_tokens)

    def _price(self, usage: Usage) -> float:
        return self.price.of(usage) if self.price else 0.0
