"""How good a ranking is, and how sure a mean or a difference is: bootstrap over documents.

Queries of one document are not independent, so documents are drawn, not queries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

CUTOFF = 5
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Score:
    """How good one ranking is; each from 0 to 1."""

    ndcg: float
    recall: float
    mrr: float


def score(ranking: Sequence[int], relevant: Mapping[int, float]) -> Score:
    """Score one ranking.

    Args:
        ranking: Rows, the best first.
        relevant: Row -> gain; every other row has gain 0.
    """
    discounts = 1 / np.log2(np.arange(2, CUTOFF + 2))
    gains = [relevant.get(row, 0.0) for row in ranking[:CUTOFF]]
    ideal = sorted(relevant.values(), reverse=True)[:CUTOFF]
    best = float(np.dot(ideal, discounts[: len(ideal)]))
    first = next((rank for rank, row in enumerate(ranking, 1) if row in relevant), None)
    return Score(
        ndcg=float(np.dot(gains, discounts[: len(gains)])) / best if best else 0.0,
        recall=sum(gain > 0 for gain in gains) / min(CUTOFF, len(relevant)) if relevant else 0.0,
        mrr=1 / first if first else 0.0,
    )


def interval(docs: Sequence[str], values: Sequence[float], *, seed: int = 0) -> dict[str, float]:
    """Return mean and 95 % bootstrap interval over documents, rounded to four places.

    Given differences of two systems, query by query, it is the paired interval of their difference.
    """
    names = sorted(set(docs))
    places = {name: place for place, name in enumerate(names)}
    sums, counts = np.zeros(len(names)), np.zeros(len(names))
    for doc, value in zip(docs, values, strict=True):
        sums[places[doc]] += value
        counts[places[doc]] += 1
    drawn = np.random.default_rng(seed).integers(len(names), size=(RESAMPLES, len(names)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.percentile(means, [2.5, 97.5])
    return {"mean": round(float(np.mean(values)), 4), "low": round(float(low), 4), "high": round(float(high), 4)}
