"""Wires an encoder and the index over the shipped exemplars to the labelling of other people's texts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import numpy as np

from kepudraft.ingest.label import Neighbour
from kepudraft.retrieval import open_encoder
from kepudraft.retrieval.encode import Encoder, Side
from kepudraft.retrieval.index import ExemplarIndex

_NEAREST = 12
_HALVES_AFTER = 4
"""So many ranks on, a neighbour counts half."""


class CorpusNeighbours:
    """Labelled passages of an index near to texts.

    Args:
        index: Over exemplars with trusted roles.
        encoder: That made the index.
        without: Ids of exemplars that must not be asked.
    """

    def __init__(self, index: ExemplarIndex, encoder: Encoder, without: Collection[str] = ()) -> None:
        self._index = index
        self._encoder = encoder
        self._among = np.array([p.exemplar_id not in without for p in index.passages], np.bool_) if without else None

    def near(self, texts: Sequence[str]) -> Sequence[Sequence[Neighbour]]:
        """Return for each text the passages nearest to it, the nearest first."""
        rows = self._encoder.encode(list(texts), side=Side.PASSAGE)
        return [self._near(row) for row in rows]

    def _near(self, row: np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[Neighbour]:
        found = self._index.search(row, _NEAREST, self._among).rows
        passages = [self._index.passages[int(number)] for number in found]
        return [Neighbour(p.role, p.unit_type, 0.5 ** (rank / _HALVES_AFTER)) for rank, p in enumerate(passages)]


def open_neighbours(
    corpus: Path, *, cache: Path, encoder: str, notify: Callable[[str], None] | None = None, without: Collection[str] = ()
) -> CorpusNeighbours:
    """Open encoder and index over a corpus folder.

    Raises:
        CorpusError: The corpus is empty or wrong.
        SetupError: The encoder cannot be opened.
    """
    from kepudraft.retrieval.library import open_index

    opened = open_encoder(encoder)
    return CorpusNeighbours(open_index(corpus, opened, folder=cache, notify=notify).index, opened, without)
