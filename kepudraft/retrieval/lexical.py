"""BM25 over characters and their pairs: word segmentation gains nothing here and costs a dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from kepudraft.retrieval.encode import FloatArray


class LexicalIndex:
    """BM25 scores of texts, in memory.

    Args:
        texts: What is searched; at least one.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        import bm25s

        self._bm25 = bm25s.BM25()
        self._bm25.index([grams(text) for text in texts], show_progress=False)

    def scores(self, query: str) -> FloatArray:
        """Return a score for every text, 0 for one that shares nothing with the query; shape (texts,)."""
        return np.asarray(self._bm25.get_scores(grams(query)), np.float32)


def grams(text: str) -> list[str]:
    """Return the letters of a text one by one, then the pairs that stand side by side in it.

    Digits are left out: two texts that share a figure have nothing else in common, and only the wording is wanted.
    """
    letters = [character for character in text if character.isalpha()]
    pairs = [first + second for first, second in pairwise(text) if first.isalpha() and second.isalpha()]
    return letters + pairs


def ranked(scores: FloatArray, among: Sequence[int], k: int) -> list[int]:
    """Return at most k of the rows `among` with a score above 0, the best first, equals in order of rows."""
    rows = np.asarray(among, np.int64)
    rows = rows[scores[rows] > 0]
    return [int(row) for row in rows[np.lexsort((rows, -scores[rows]))][:k]]
