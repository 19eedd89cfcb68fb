"""Several indexes of one encoder searched as one: that of the corpus, and that of the user's own exemplars.

Each keeps its own files, so that adding to one never touches the other; only the numbers of passages are common. They
follow the ids, so that of two equal passages the earlier id comes first. Where the user has an exemplar with the id of
a shipped one, only the user's is seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kepudraft.corpus import Excerpt
from kepudraft.retrieval.encode import EncoderId, FloatArray
from kepudraft.retrieval.index import ExemplarIndex
from kepudraft.retrieval.vectors import Nearest, Rows

Mask = NDArray[np.bool_]


class Shelf:
    """Passages of one or more indexes under common numbers.

    Args:
        indexes: At least one, all of one encoder; a later one hides exemplars of the same id in an earlier one.

    Raises:
        ValueError: They are of several encoders.
    """

    def __init__(self, indexes: Sequence[ExemplarIndex]) -> None:
        if len({index.fingerprint.encoder for index in indexes}) != 1:
            raise ValueError("indexes of several encoders cannot be searched as one")
        self._indexes = tuple(indexes)
        places = [(which, own) for which, index in enumerate(indexes) for own in _visible(indexes, which)]
        if len(indexes) > 1:
            places.sort(key=lambda place: _sort_key(indexes[place[0]].passages[place[1]]))
        self.passages: tuple[Excerpt, ...] = tuple(indexes[which].passages[own] for which, own in places)
        whiches, owns = np.array(places, np.int64).reshape(-1, 2).T
        # For each index: the common numbers of its visible passages, and their numbers in the index.
        self._numbers = [np.flatnonzero(whiches == which) for which in range(len(indexes))]
        self._owns = [owns[numbers] for numbers in self._numbers]
        self._whiches, self._own = whiches, owns

    def __len__(self) -> int:
        return len(self.passages)

    @property
    def encoder(self) -> EncoderId:
        """Whose vectors they are."""
        return self._indexes[0].fingerprint.encoder

    @property
    def digest(self) -> str:
        """A short name for what is searched: 16 hexadecimal digits."""
        digests = [index.fingerprint.digest for index in self._indexes]
        return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()[:16]

    def nearest(self, vector: FloatArray, k: int, among: Mask | None = None) -> Nearest:
        """Return the passages nearest to a vector; see `ExemplarIndex.search`."""
        if len(self._indexes) == 1:
            return self._indexes[0].search(vector, k, among)
        found = [self._nearest_in(which, vector, k, among) for which in range(len(self._indexes))]
        rows = np.concatenate([one.rows for one in found])
        scores = np.concatenate([one.scores for one in found])
        order = np.lexsort((rows, -scores))[:k]
        return Nearest(rows[order], scores[order])

    def vectors(self, numbers: Rows) -> FloatArray:
        """Return the vectors of passages, shape (len(numbers), dim)."""
        rows = np.empty((len(numbers), self.encoder.dim), np.float32)
        for which, index in enumerate(self._indexes):
            mine = self._whiches[numbers] == which
            if mine.any():
                rows[mine] = index.vectors(self._own[numbers[mine]])
        return rows

    def _nearest_in(self, which: int, vector: FloatArray, k: int, among: Mask | None) -> Nearest:
        index, numbers, owns = self._indexes[which], self._numbers[which], self._owns[which]
        allowed = np.zeros(len(index), np.bool_)
        allowed[owns if among is None else owns[among[numbers]]] = True
        found = index.search(vector, k, allowed)
        common = np.empty(len(index), np.int64)
        common[owns] = numbers
        return Nearest(common[found.rows], found.scores)


def _visible(indexes: Sequence[ExemplarIndex], which: int) -> list[int]:
    hidden = {passage.exemplar_id for index in indexes[which + 1 :] for passage in index.passages}
    return [own for own, passage in enumerate(indexes[which].passages) if passage.exemplar_id not in hidden]


def _sort_key(passage: Excerpt) -> tuple[str, int]:
    return passage.exemplar_id, int(passage.id.rpartition("#")[2])
