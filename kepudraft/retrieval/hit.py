"""What a search gives back; apart from the search, so that naming the type loads no numpy."""

from __future__ import annotations

from dataclasses import dataclass

from kepudraft.corpus import Excerpt


@dataclass(frozen=True, slots=True)
class Hit:
    """A found passage.

    Attributes:
        excerpt: The passage.
        score: Fused reciprocal rank, and the bonus of a preferred unit type; larger is better; comparable only among hits
            with the same `why` step.
        rank: From 1.
        why: In Chinese: its ranks in both lists, and how far the search was widened to find it.
    """

    excerpt: Excerpt
    score: float
    rank: int
    why: str


@dataclass(frozen=True, slots=True)
class OwnText:
    """The unit that asks, and the year it writes about: its own summary of that year must not be found."""

    unit: str
    year: int
