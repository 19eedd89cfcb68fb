"""What a run will cost, before it starts: the requests of a sample of units, counted, and held against all.

Each section's first request is made as the pipeline would make it and counted instead of sent. What a model answers is not
known: it is taken for as long as the section is to become, with a share for repairs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kepudraft.batch.budget import Price, prompt_tokens
from kepudraft.batch.engine import Shop
from kepudraft.batch.given import facts_of
from kepudraft.batch.journal import Journal
from kepudraft.errors import KepudraftError, ModelUnavailable
from kepudraft.facts.derive import with_derived
from kepudraft.llm.chat import ChatModel, ChatRequest, Completion, OnDelta, Usage

_SAMPLE = 40
_TOKENS_PER_CHAR = 0.7  # of Chinese prose
_REPAIRS = 1.25  # requests that are asked again, in the mean


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is to be expected.

    Attributes:
        units: Units to be drafted.
        sampled: Units that were looked at for it.
        requests: Requests in all.
        usage: Tokens in all.
        cost: Yuan in all, or None where no price is known.
    """

    units: int
    sampled: int
    requests: int
    usage: Usage
    cost: float | None


class _Stopped(ModelUnavailable):
    """The request is counted; nobody is to answer it."""


class _Counter:
    """A model that counts the first request of each section."""

    def __init__(self, like: ChatModel) -> None:
        self.name, self.context_tokens, self.takes_grammar = like.name, like.context_tokens, like.takes_grammar
        self.first: ChatRequest | None = None

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> Completion:
        self.first = self.first or request
        raise _Stopped("只估算，不发送")


def estimate(journal: Journal, numbers: Sequence[int], shop: Shop, model: ChatModel, price: Price | None) -> Estimate:
    """What drafting these units of the plan will take.

    Args:
        journal: With the plan.
        numbers: Which units.
        shop: What the drafts depend on.
        model: For its name and size; nothing is asked of it.
        price: For the cost.
    """
    step = max(1, len(numbers) // _SAMPLE)
    sample = [numbers[i] for i in range(0, len(numbers), step)][:_SAMPLE]
    prompt = completion = requests = looked_at = 0
    counter = _Counter(model)
    drafter = replace(shop.drafter(), model=counter)
    for planned in journal.planned(sample):
        try:
            sheet = with_derived(facts_of(planned.unit, shop.options.heading))
            outline = drafter.outline(sheet)
        except KepudraftError:
            looked_at += 1  # a unit that can't be read costs nothing
            continue
        looked_at += 1
        for section in outline.sections:
            counter.first = None
            with contextlib.suppress(KepudraftError):  # the counter never answers
                asyncio.run(drafter.write_section(section, sheet))
            if counter.first is not None:
                requests += 1
                prompt += prompt_tokens(counter.first)
                completion += min(counter.first.max_tokens, int(section.target_chars * _TOKENS_PER_CHAR) + 1)
    factor = _REPAIRS * len(numbers) / max(1, looked_at)
    usage = Usage(int(prompt * factor), int(completion * factor), counted=False)
    return Estimate(len(numbers), looked_at, int(requests * factor), usage, price.of(usage) if price else None)
