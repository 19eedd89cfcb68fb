"""Variety among hits: maximal marginal relevance over the best candidates.

Vectors of one genre are all alike (0.9 and more), so likeness counts from the candidates' mean upwards: the mean is 0,
the same text is 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kepudraft.retrieval.encode import FloatArray

PER_EXEMPLAR = 2
"""At most so many passages of one exemplar."""
PENALTY = 0.1
"""What being the same text as a chosen one costs, where the best candidate's score is 1."""


def various(scores: Sequence[float], vectors: FloatArray, k: int, *, penalty: float = PENALTY) -> list[int]:
    """Return the places of k candidates in the order in which they are chosen.

    Args:
        scores: Of the candidates, the best first.
        vectors: Unit rows, shape (candidates, dim).
        k: At most so many.
        penalty: 0 keeps the order of the scores.
    """
    relevance = np.asarray(scores, np.float64) / max(scores, default=1.0)
    likeness = _likeness(vectors)
    nearest = np.zeros(len(scores))
    left = np.ones(len(scores), np.bool_)
    chosen: list[int] = []
    while left.any() and len(chosen) < k:
        worth = np.where(left, relevance - penalty * nearest, -np.inf)
        # The first of equals: candidates stand in the order of scores, then ids.
        best = int(np.argmax(worth))
        chosen.append(best)
        left[best] = False
        nearest = np.maximum(nearest, likeness[best])
    return chosen


def _likeness(vectors: FloatArray) -> FloatArray:
    cosines = vectors @ vectors.T
    others = ~np.eye(len(vectors), dtype=np.bool_)
    mean = float(cosines[others].mean()) if len(vectors) > 1 else 0.0
    scaled = (cosines - mean) / max(1e-6, 1 - mean)
    # Rounded, so that the last bits of a sum decide nothing.
    return np.asarray(np.clip(scaled, 0, 1).round(4), np.float32)
