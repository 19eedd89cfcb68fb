"""BM25 over characters and their pairs: word segmentation gains nothing here and costs a dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kepudraft.retrieval.encode import FloatArray
from kepudraft.retrieval.vectors import Rows


class LexicalIndex:
    """BM25 scores of texts, in memory.

    Args:
        texts: What is searched; at least one.
        digits: Whether figures count as words do.
    """

    def __init__(self, texts: Iterable[str], *, digits: bool = False) -> None:
        import bm25s

        self._digits = digits
        self._bm25 = bm25s.BM25()
        self._bm25.index([grams(text, digits=digits) for text in texts], show_progress=False)

    def scores(self, query: str) -> FloatArray:
        """Return a score for every text, 0 for one that shares nothing with the query; shape (texts,)."""
        return np.asarray(self._bm25.get_scores(grams(query, digits=self._digits)), np.float32)


def grams(text: str, *, digits: bool = False) -> list[str]:
    """Return the letters of a text one by one, then the pairs that stand side by side in it.

    Digits are left out unless asked for: two texts that share a figure have nothing else in common, and only the
    wording is wanted.
    """
    counts = str.isalnum if digits else str.isalpha
    letters = [character for character in text if counts(character)]
    pairs = [first + second for first, second in pairwise(text) if counts(first) and counts(second)]
    return letters + pairs


def ranked(scores: FloatArray, k: int, among: NDArray[np.bool_] | None = None) -> Rows:
    """Return at most k rows with a score above 0, the best first, equals in order of rows.

    Args:
        scores: Shape (texts,).
        k: At most so many.
        among: True for rows that may be found, shape (texts,); None for all.
    """
    rows = np.flatnonzero(scores > 0 if among is None else (scores > 0) & among)
    if len(rows) > k > 0:
        # Only those that can be among the k are put in order; equals of the last one are all kept until then.
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= least]
    return rows[np.lexsort((rows, -scores[rows]))][:k]
